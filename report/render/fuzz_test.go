package render

import (
	"bytes"
	"io"
	"testing"

	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/compare"
)

// FuzzStoredAudits renders whatever decodes: a stored audit may have been written by anybody.
func FuzzStoredAudits(f *testing.F) {
	for _, a := range []*report.Audit{platform(), repaired(), hostile(attacks[0], true), newAudit().Audit} {
		var b bytes.Buffer
		if err := JSON(&b, a, Options{}); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	old := platform()
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := Decode(bytes.NewReader(text))
		if err != nil {
			t.Skip()
		}
		o := Options{Width: 40, Color: true}
		old.Policy = a.Policy
		if r, err := compare.Compare(old, a); err == nil {
			o.Baseline = r
		}
		for _, format := range Formats() {
			if err := Render(io.Discard, format, a, o); err != nil {
				t.Errorf("%s: %v", format, err)
			}
		}
		if err := a.AddExcerpts(func(string) ([]byte, error) { return text, nil }); err != nil {
			t.Error(err)
		}
	})
}
