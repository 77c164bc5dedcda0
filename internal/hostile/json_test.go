package hostile

import (
	"encoding/json"
	"testing"

	"github.com/toctou-lint/toctou/report"
)

func decode(t *testing.T, text string) *report.Audit {
	t.Helper()
	au := new(report.Audit)
	if err := json.Unmarshal([]byte(text), au); err != nil {
		t.Fatalf("%v in %.500s", err, text)
	}
	return au
}
