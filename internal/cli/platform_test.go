package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
)

var updateAudits = flag.Bool("update-audits", false, "rewrite the golden audits of the platform")

const platforms = "../../testdata"

// auditOf runs `toctou audit` and returns what it prints.
func auditOf(t *testing.T, tree string, args ...string) []byte {
	t.Helper()
	t.Setenv("SOURCE_DATE_EPOCH", "1760054400") // 2025-10-10, the date of the source document
	var stdout, stderr bytes.Buffer
	args = append([]string{"audit", filepath.Join(platforms, tree)}, args...)
	if code := Run(context.Background(), args, strings.NewReader(""), &stdout, &stderr); code != 0 {
		t.Fatalf("toctou %s: exit %d\n%s", strings.Join(args, " "), code, stderr.String())
	}
	return stdout.Bytes()
}

// TestPlatformAudits holds the audits of both platforms, under both policies, to the goldens.
func TestPlatformAudits(t *testing.T) {
	for _, tree := range []string{"course-creator", "course-creator-fixed"} {
		for _, latent := range []string{"as-open", "lowered"} {
			for format, ext := range map[string]string{"markdown": "md", "json": "json"} {
				name := fmt.Sprintf("%s.%s.%s", tree, latent, ext)
				t.Run(name, func(t *testing.T) {
					got := auditOf(t, tree, "--format", format, "--latent="+latent)
					golden := filepath.Join(platforms, "audits", name)
					if *updateAudits {
						if err := os.WriteFile(golden, got, 0o600); err != nil {
							t.Fatal(err)
						}
					}
					want, err := os.ReadFile(golden)
					if err != nil || !bytes.Equal(got, want) {
						t.Errorf("%s differs (%v); read the difference, then: go test ./internal/cli -run PlatformAudits -update-audits", golden, err)
					}
				})
			}
		}
	}
}

// planted is a row of a platform's README: what has to be found there, or must not be.
var planted = regexp.MustCompile("^\\| `([^`]+):(\\d+)` \\|(.*)$")

// TestPlatformGroundTruth compares the audit of each platform with the tables of its README:
// every defect planted is found with its rule, window and consequence; nothing else is.
func TestPlatformGroundTruth(t *testing.T) {
	for _, tree := range []string{"course-creator", "course-creator-fixed"} {
		t.Run(tree, func(t *testing.T) {
			var a report.Audit
			if err := json.Unmarshal(auditOf(t, tree, "--format", "json"), &a); err != nil {
				t.Fatal(err)
			}
			found := map[string]report.Finding{}
			for _, f := range a.Findings {
				found[f.File+":"+strconv.Itoa(f.Line)] = f
			}
			readme, err := os.ReadFile(filepath.Join(platforms, tree, "README.md"))
			if err != nil {
				t.Fatal(err)
			}
			defects, innocents, section := 0, 0, ""
			for line := range strings.Lines(string(readme)) {
				if strings.HasPrefix(line, "## ") {
					section = strings.ToLower(line)
				}
				m := planted.FindStringSubmatch(strings.TrimSpace(line))
				if m == nil {
					continue
				}
				at := m[1] + ":" + m[2]
				f, ok := found[at]
				if strings.Contains(section, "innocent") || strings.Contains(section, "gone") || strings.Contains(section, "no weight") {
					innocents++
					if ok {
						t.Errorf("%s is reported: %s", at, f.Message)
					}
					continue
				}
				defects++
				cell := strings.Split(m[3], "|")
				rule, window, consequence := strings.TrimSpace(cell[2]), strings.TrimSpace(cell[3]), strings.TrimSpace(cell[4])
				state := "–"
				if f.Window != nil {
					state = *f.Window
				}
				if !ok || f.Rule != rule || state != window || !strings.HasPrefix(consequence, f.Consequence) && !strings.HasPrefix(consequence, "–") {
					t.Errorf("%s: want %s, %s, %s; found %v: %s, %s, %s", at, rule, window, consequence, ok, f.Rule, state, f.Consequence)
				}
				delete(found, at)
			}
			if defects == 0 || innocents == 0 {
				t.Fatalf("the README has %d defects and %d innocents", defects, innocents)
			}
			for at, f := range found {
				t.Errorf("%s is reported and in no table: %s: %s", at, f.Rule, f.Message)
			}
		})
	}
}
