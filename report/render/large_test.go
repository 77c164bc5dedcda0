package render

import (
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/toctou-lint/toctou/report"
)

// large is an audit of n findings, each with its own file, excerpt, steps, scenario and notes.
func large(n int) *report.Audit {
	model := platform()
	a := newAudit().Audit
	a.Files, a.Services = n, model.Services
	for i := range n {
		f := model.Findings[i%len(model.Findings)]
		f.File = fmt.Sprintf("services/analytics/pkg%d/file%d.py", i%100, i)
		f.Fingerprint, f.Group, f.Suppressed = fmt.Sprintf("fp%d", i), "", nil
		f.Steps = append([]report.Step(nil), f.Steps...)
		for j := range f.Steps {
			old := f.Steps[j]
			f.Steps[j].File = f.File
			for l := old.Line - 2; l <= old.Line+2; l++ {
				if text, ok := model.Excerpts[report.ExcerptKey(old.File, l)]; ok {
					a.Excerpts[report.ExcerptKey(f.File, l)] = text
				}
			}
		}
		a.Findings = append(a.Findings, f)
	}
	return a
}

// gauge is a writer that watches the heap.
type gauge struct {
	written, sampled int
	peak             uint64
}

func (g *gauge) Write(p []byte) (int, error) {
	g.written += len(p)
	if g.written-g.sampled > 1<<20 {
		g.sampled = g.written
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		g.peak = max(g.peak, m.HeapAlloc)
	}
	return len(p), nil
}

// TestLargeAuditsAreStreamed: what a renderer holds besides the audit does not grow with the output.
func TestLargeAuditsAreStreamed(t *testing.T) {
	const bound = 64 << 20
	findings := 10000
	if testing.Short() || raceDetector {
		findings = 500
	}
	a := large(findings)
	for _, format := range Formats() {
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		var g gauge
		if err := Render(&g, format, a, Options{Rules: ruleInfo}); err != nil {
			t.Fatal(err)
		}
		held := int64(g.peak) - int64(before.HeapAlloc)
		if held > bound {
			t.Errorf("%s: %d MB held while %d MB were written", format, held>>20, g.written>>20)
		}
		t.Logf("%-8s %3d MB written, %3d MB held, audit %d MB", format, g.written>>20, max(held, 0)>>20, before.HeapAlloc>>20)
	}
}

func BenchmarkRender(b *testing.B) {
	a := large(10000)
	for _, format := range Formats() {
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := Render(io.Discard, format, a, Options{Rules: ruleInfo}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
