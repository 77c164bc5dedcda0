package hostile

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/render"
)

// FuzzScan: whatever a Python file holds, it is analysed or listed, the audit can be written in
// every format, and a second scan gives the same.
func FuzzScan(f *testing.F) {
	shapes, err := filepath.Glob("../../testdata/python/shapes/*.py")
	if err != nil || len(shapes) == 0 {
		f.Fatal("no shapes")
	}
	for _, file := range shapes {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Setenv("SOURCE_DATE_EPOCH", "1760054400")
	dir := f.TempDir()
	cfg := (&config.Config{}).Defaults()
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<16 {
			return
		}
		scan := func() *report.Audit {
			file := filepath.Join(dir, "fuzz.py")
			au, err := audit.Run(context.Background(), audit.Request{Config: cfg, Virtual: file, Overlay: map[string][]byte{file: src}, Jobs: 1})
			if err != nil {
				t.Fatal(err)
			}
			return au
		}
		au := scan()
		for _, format := range render.Formats() {
			if err := render.Render(io.Discard, format, au, render.Options{}); err != nil {
				t.Errorf("%s: %v", format, err)
			}
		}
		var first, second bytes.Buffer
		if err := render.JSON(&first, au, render.Options{}); err != nil {
			t.Fatal(err)
		}
		if err := render.JSON(&second, scan(), render.Options{}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Error("two scans differ")
		}
	})
}
