package flow

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// FuzzText: no text makes Parse or Analyze panic, and what Parse accepts Print can write so that
// Parse accepts it again.
func FuzzText(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join(texts, "*.flow"))
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		fn, err := Parse(bytes.NewReader(src))
		if err != nil {
			return
		}
		Analyze(fn)
		var out bytes.Buffer
		if err := Print(&out, fn, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(&out); err != nil {
			t.Fatalf("%v in what Print wrote:\n%s", err, out.String())
		}
	})
}
