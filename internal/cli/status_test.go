//go:build linux

package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pty is a terminal: what is written to it, and the end at which a person would sit.
func pty(t *testing.T) (terminal, person *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here: ", err)
	}
	t.Cleanup(func() { _ = person.Close() })
	fd := int(person.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here: ", err)
	}
	t.Cleanup(func() { _ = terminal.Close() })
	return terminal, person
}

// shown is everything that reaches the person while do runs.
func shown(t *testing.T, do func(terminal *os.File)) string {
	t.Helper()
	terminal, person := pty(t)
	var seen strings.Builder
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(&seen, person) // ends with an error when the terminal is closed
	}()
	do(terminal)
	_ = terminal.Close()
	<-done
	return seen.String()
}

// TestStatusLine: a run of more than half a second says on a terminal how far it is, and takes the
// line away at the end; what is no terminal, or is told to be quiet, sees nothing of it.
func TestStatusLine(t *testing.T) {
	root, bin := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		filepath.Join(root, ".git"):  "gitdir: elsewhere\n",
		filepath.Join(root, "a.py"):  "x = 1\n",
		filepath.Join(bin, "git"):    "#!/bin/sh\nsleep 1.5\nexit 1\n", // a slow disk
		filepath.Join(bin, "stderr"): "",
	} {
		if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	run := func(stderr *os.File, args ...string) {
		t.Helper()
		var out strings.Builder
		began := time.Now()
		code := Run(t.Context(), append([]string{"check", "--no-cache", root}, args...), strings.NewReader(""), &out, stderr)
		if code != exitClean || out.String() != "no findings in 1 file\n" {
			t.Errorf("exits with %d: %q", code, out.String())
		}
		if took := time.Since(began); took < 2*statusDelay {
			t.Fatalf("took only %v", took)
		}
	}
	text := shown(t, func(terminal *os.File) { run(terminal) })
	if !strings.HasPrefix(text, "\r\x1b[Ktoctou: looking for files") || !strings.HasSuffix(text, "\r\x1b[K") {
		t.Errorf("the terminal shows %q", text)
	}
	if text := shown(t, func(terminal *os.File) { run(terminal, "--quiet") }); text != "" {
		t.Errorf("--quiet shows %q", text)
	}
	file, err := os.Create(filepath.Join(bin, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	run(file)
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file.Name()); err != nil || len(text) > 0 {
		t.Errorf("a file gets %q, %v", text, err)
	}
}

// TestStatusTellsHowFar: the line follows the run, and a short run draws none.
func TestStatusTellsHowFar(t *testing.T) {
	text := shown(t, func(terminal *os.File) {
		s := newStatus(terminal, true)
		s.progress(3, 40)
		s.progress(2, 40) // another worker, a little late
		time.Sleep(statusDelay + statusPeriod)
		s.progress(40, 40)
		time.Sleep(3 * statusPeriod)
		s.stop()
	})
	if !regexp.MustCompile("^(\r\x1b\\[Ktoctou: reading 3 of 40 files)+(\r\x1b\\[Ktoctou: analysing 40 files)+\r\x1b\\[K$").MatchString(text) {
		t.Errorf("the terminal shows %q", text)
	}
	if text := shown(t, func(terminal *os.File) { newStatus(terminal, true).stop() }); text != "" {
		t.Errorf("a short run shows %q", text)
	}
}
