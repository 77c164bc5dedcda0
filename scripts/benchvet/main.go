//go:build unix

// Command benchvet measures what the Go analyzers cost: CPU time and peak memory of
// `go vet -vettool=toctou` over a module, with all analyzers on against all off.
//
//	go run ./scripts/benchvet [-n RUNS] [-leaf FILE] MODULE
//
// It is compared with three runs that find nothing: of a tool that does what go vet asks of any tool, to
// type-check all packages with their tests and write down their types; of toctou with all analyzers
// off, which leaves out the functions of the standard library; and of that without tests, as toctou does when
// its analyzers are on.
//
// The build cache is warm, vet's cache is empty: each run has a tool of its own that differs in
// nothing but its build ID. With -leaf, the same after a comment was added to that file, which is
// taken out again, against plain go vet; it should be of a package that few import. See
// docs/performance.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"

	"github.com/toctou-lint/toctou/analyzers"
)

func main() {
	runs := flag.Int("n", 3, "runs of each kind; the least CPU time of them counts")
	leaf := flag.String("leaf", "", "also measure a run after an edit of this `FILE` of the module")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := bench(flag.Arg(0), *leaf, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "benchvet:", err)
		os.Exit(1)
	}
}

func bench(module, leaf string, runs int) error {
	dir, err := os.MkdirTemp("", "benchvet-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bencher{module: module, dir: dir, out: os.Stdout}
	warm, err := b.tool(toctou)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "warming the build cache")
	if _, err := b.vet("-vettool="+warm, off()); err != nil {
		return err
	}
	kinds := []struct {
		name, pkg string
		flags     []string
		cost
	}{
		{name: "a tool without analyzers", pkg: bare},
		{name: "off", pkg: toctou, flags: off()},
		{name: "off, without tests", pkg: toctou, flags: off()[1:]},
		{name: "on", pkg: toctou},
	}
	for i := range runs {
		fmt.Fprintf(os.Stderr, "run %d of %d\n", i+1, runs)
		for j := range kinds {
			k := &kinds[j]
			tool, err := b.tool(k.pkg)
			if err != nil {
				return err
			}
			c, err := b.vet("-vettool="+tool, k.flags)
			if err != nil {
				return err
			}
			k.cost = k.least(c)
			fmt.Fprintf(os.Stderr, "%s: %s\n", k.name, c)
		}
	}
	fmt.Fprintf(b.out, "| analyzers | CPU time | peak memory of a process | on / this |\n|---|---|---|---|\n")
	on := kinds[len(kinds)-1].cpu.Seconds()
	for _, k := range kinds {
		fmt.Fprintf(b.out, "| %s | %s | %.2f |\n", k.name, k.cost, on/k.cpu.Seconds())
	}
	if leaf == "" {
		return nil
	}
	return b.edited(leaf, runs, warm)
}

// edited measures runs after an edit of one file.
func (b *bencher) edited(leaf string, runs int, tool string) error {
	if _, err := b.vet("", nil); err != nil {
		return err
	}
	if _, err := b.vet("-vettool="+tool, nil); err != nil {
		return err
	}
	var plain, ours cost
	for i := range runs {
		for _, tool := range []string{"", "-vettool=" + tool} {
			undo, err := b.edit(leaf, 2*i+min(len(tool), 1))
			if err != nil {
				return err
			}
			c, err := b.vet(tool, nil)
			switch err := errors.Join(err, undo()); {
			case err != nil:
				return err
			case tool == "":
				plain = plain.least(c)
			default:
				ours = ours.least(c)
			}
		}
	}
	fmt.Fprintf(b.out, "\nAfter an edit of %s:\n\n| | CPU time | peak memory of a process |\n|---|---|---|\n", filepath.Base(leaf))
	fmt.Fprintf(b.out, "| go vet | %s |\n| with the tool | %s |\n| ratio | %.2f | |\n", plain, ours, ours.cpu.Seconds()/plain.cpu.Seconds())
	return nil
}

// cost is what a run took.
type cost struct {
	cpu  time.Duration
	peak int64 // of one process, in bytes
}

func (c cost) least(d cost) cost {
	if c.cpu == 0 || d.cpu < c.cpu {
		return d
	}
	return c
}

func (c cost) String() string {
	return fmt.Sprintf("%.1f s | %.2f GB", c.cpu.Seconds(), float64(c.peak)/1e9)
}

type bencher struct {
	module, dir string
	out         io.Writer
	tools       int
}

// The tools that are measured.
const (
	toctou = "github.com/toctou-lint/toctou/cmd/toctou"
	bare   = "github.com/toctou-lint/toctou/scripts/benchvet/bare"
)

// tool builds a tool once more: its build ID, and so vet's cache, is a new one.
func (b *bencher) tool(pkg string) (string, error) {
	b.tools++
	path := filepath.Join(b.dir, fmt.Sprintf("tool%d", b.tools))
	id := fmt.Sprintf("bench-%d-%d", os.Getpid(), b.tools)
	out, err := exec.Command("go", "build", "-ldflags=-buildid="+id, "-o", path, pkg).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cannot build %s: %w\n%s", pkg, err, out)
	}
	return path, nil
}

// edit adds a comment to the end of a file and returns how to take it out again.
func (b *bencher) edit(leaf string, n int) (undo func() error, err error) {
	file := filepath.Join(b.module, filepath.FromSlash(leaf))
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	write := func(text []byte) error { return os.WriteFile(file, text, info.Mode()) } //nolint:gosec // the user names the file
	return func() error { return write(src) }, write(fmt.Appendf(slices.Clip(src), "\n// %s %d %d\n", b.dir, os.Getpid(), n))
}

// off are the flags that switch all analyzers off. The first asks for test files.
func off() []string {
	out := []string{"-" + analyzers.All[0].Name + ".tests"}
	for _, a := range analyzers.Driver {
		out = append(out, "-"+a.Name+"=false")
	}
	return out
}

// findings tells them from packages that cannot be loaded.
var findings = regexp.MustCompile(`(?m)^[^ :]+\.go:\d+:\d+: .*\[\w+\]$`)

// vet runs go vet over the module. Findings are no error.
func (b *bencher) vet(tool string, flags []string) (cost, error) {
	args := []string{"vet"}
	if tool != "" {
		args = append(args, tool)
	}
	cmd := exec.Command("go", append(append(args, flags...), "./...")...)
	cmd.Dir = b.module
	out, err := cmd.CombinedOutput()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || !findings.Match(out)) {
		return cost{}, fmt.Errorf("go vet: %w\n%s", err, out)
	}
	c := cost{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.peak = usage.Maxrss * 1024 // Linux counts in kilobytes
	}
	return c, nil
}
