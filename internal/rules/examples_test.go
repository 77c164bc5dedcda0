package rules_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"testing"

	"github.com/toctou-lint/toctou/internal/marks"
	"github.com/toctou-lint/toctou/internal/rules"
)

// TestGoExamplesParse keeps the Go blocks valid; the analysers' own tests run over them.
func TestGoExamplesParse(t *testing.T) {
	for _, rule := range rules.All() {
		for _, e := range rule.Examples {
			if e.Language != "go" {
				continue
			}
			if _, err := parser.ParseFile(token.NewFileSet(), fmt.Sprintf("%s.md from line %d", rule.Name, e.Line), e.Code, parser.SkipObjectResolution); err != nil {
				t.Error(err)
			}
			if _, err := marks.Parse(rule.Name+".go", []byte(e.Code)); err != nil {
				t.Error(err)
			}
		}
	}
}
