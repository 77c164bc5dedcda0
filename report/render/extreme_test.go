package render

import (
	"io"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/toctou-lint/toctou/report"
)

// setInts sets every number of a value to n.
func setInts(v reflect.Value, n int64) {
	switch v.Kind() {
	case reflect.Int:
		v.SetInt(n)
	case reflect.Pointer:
		if !v.IsNil() {
			setInts(v.Elem(), n)
		}
	case reflect.Struct:
		for _, f := range v.Fields() {
			setInts(f, n)
		}
	case reflect.Slice:
		for i := range v.Len() {
			setInts(v.Index(i), n)
		}
	}
}

// TestExtremeNumbers: lines and columns come from outside and may be anything.
func TestExtremeNumbers(t *testing.T) {
	for _, n := range []int64{-1, 0, 1, math.MaxInt32, math.MaxInt64 - 1, math.MaxInt64, math.MinInt64, 1 << 40} {
		for name, set := range map[string]func(a *report.Audit){
			"all":   func(a *report.Audit) { setInts(reflect.ValueOf(a).Elem(), n) },
			"steps": func(a *report.Audit) { a.Findings[0].Steps[0].Line, a.Findings[2].Steps[1].Line = int(n), int(n) },
			"ends": func(a *report.Audit) {
				for i := range a.Findings {
					f := &a.Findings[i]
					f.EndLine, f.EndColumn = int(n), int(n)
					for j := range f.Steps {
						f.Steps[j].EndLine, f.Steps[j].EndColumn = int(n), int(n)
					}
				}
				for i := range a.Locks {
					a.Locks[i].Sections = []report.Section{{File: poolFile, Line: 1, EndLine: int(n)}, {File: poolFile, Line: int(n), EndLine: math.MaxInt}}
				}
			},
		} {
			for _, format := range append(Formats(), "excerpts") {
				a := platform()
				set(a)
				done := make(chan error, 1)
				go func() {
					if format == "excerpts" {
						done <- a.AddExcerpts(func(string) ([]byte, error) { return []byte("x\ny\n"), nil })
					} else {
						done <- Render(io.Discard, format, a, Options{Width: 80})
					}
				}()
				select {
				case err := <-done:
					if err != nil {
						t.Error(err)
					}
				case <-time.After(10 * time.Second):
					t.Fatalf("%s with %s = %d does not end", format, name, n)
				}
			}
		}
	}
}
