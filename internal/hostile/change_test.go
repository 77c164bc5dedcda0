package hostile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/report/render"
)

// TestVanishing: files that go, shrink or become something else once they have been listed are
// reported, and take nothing else with them.
func TestVanishing(t *testing.T) {
	root := tree(t, map[string]string{"gone.py": sound, "replaced.py": sound, "shrunk.py": sound + strings.Repeat("# x\n", 10_000)})
	at := func(name string) string { return filepath.Join(root, name) }
	var once sync.Once
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	au, err := audit.Run(ctx, audit.Request{
		Paths: []string{root}, Config: (&config.Config{}).Defaults(), Jobs: 1,
		Progress: func(int, int) { // called before each read
			once.Do(func() {
				if err := os.Remove(at("gone.py")); err != nil {
					t.Error(err)
				}
				if err := os.Remove(at("replaced.py")); err != nil {
					t.Error(err)
				}
				if err := os.Mkdir(at("replaced.py"), 0o755); err != nil {
					t.Error(err)
				}
				if err := os.WriteFile(at("shrunk.py"), []byte("x"), 0o600); err != nil {
					t.Error(err)
				}
			})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantReason(t, au, "gone.py", "is gone")
	wantReason(t, au, "replaced.py", "is a folder")
	if got := findings(au, "sound.py"); len(got) != 1 {
		t.Errorf("the sound file has findings %q", got)
	}
}

// TestGoneAfterRead: a file that goes once it has been read loses its excerpts, not its findings.
func TestGoneAfterRead(t *testing.T) {
	const n = 10
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf("f%d.py", i)] = sound
	}
	root := tree(t, files)
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	au, err := audit.Run(ctx, audit.Request{
		Paths: []string{root}, Config: (&config.Config{}).Defaults(), Jobs: 1,
		Progress: func(done, total int) {
			if done < total {
				return
			}
			for name := range files { // all but the last one have been read
				if err := os.Remove(filepath.Join(root, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Error(err)
				}
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range au.Findings {
		if f.File != "sound.py" {
			found++
		}
	}
	if lost := len(au.Unparsed); found < n-1 || found+lost != n {
		t.Errorf("%d findings and %d listed files, want %d, at most one of them listed", found, lost, n)
	}
	for _, format := range render.Formats() {
		if err := render.Render(io.Discard, format, au, render.Options{}); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
}
