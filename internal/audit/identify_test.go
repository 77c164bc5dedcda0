package audit

import (
	"path/filepath"
	"strings"
	"testing"

	goscan "github.com/toctou-lint/toctou/internal/golang"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/report"
)

// A baseline made in one checkout holds in another: where a project lies is in no fingerprint.
func TestFingerprintsDoNotDependOnTheFolder(t *testing.T) {
	var prints []string
	for _, root := range []string{filepath.FromSlash("/home/ann/pool"), filepath.FromSlash("/builds/7/pool")} {
		abs := filepath.Join(root, "pool.go")
		g := &goFiles{root: root, rel: map[string]string{abs: "pool.go"}, seen: map[string]bool{}, said: map[report.Skipped]bool{}, text: strings.NewReplacer()}
		out := &scanned{output: &verdict.Output{}}
		g.take(out, &goscan.Result{Analysed: []string{abs}, Findings: []report.Finding{{Rule: "checkthenact", File: abs, Function: "Pool.Get", Place: "p.idle", Fingerprint: root}}})
		if len(out.output.Findings) != 1 {
			t.Fatalf("%d findings", len(out.output.Findings))
		}
		prints = append(prints, out.output.Findings[0].Fingerprint)
	}
	if prints[0] != prints[1] {
		t.Errorf("two folders, two fingerprints: %v", prints)
	}
}
