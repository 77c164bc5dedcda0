package analyzers

import (
	"encoding/json"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/toctou-lint/toctou/analyzers/internal/rule"
	"github.com/toctou-lint/toctou/report"
)

// Inventory is what the audit wants to know of a package besides its findings.
type Inventory = rule.Inventory

// Driver lists the analyzers that toctou's own driver runs: All, and one that carries the
// inventory. With the flags of RichFlags their diagnostics carry whole findings.
var Driver = append(append([]*analysis.Analyzer(nil), All...), rule.InventoryAnalyzer)

// RichFlags are the vet flags that make Driver's diagnostics carry whole findings.
func RichFlags() []string {
	var out []string
	for _, a := range Driver {
		out = append(out, "-"+a.Name+".rich")
	}
	return out
}

// SetRich sets the flags of RichFlags in this process, for drivers that run the analyzers in it.
func SetRich() error {
	for _, a := range Driver {
		if err := a.Flags.Set("rich", "true"); err != nil {
			return err
		}
	}
	return nil
}

// Decode reads a diagnostic made under RichFlags. Both results are nil if the message is not one.
func Decode(message string) (*report.Finding, *Inventory, error) {
	if data, ok := strings.CutPrefix(message, rule.RichPrefix); ok {
		f := new(report.Finding)
		return f, nil, json.Unmarshal([]byte(data), f)
	}
	if data, ok := strings.CutPrefix(message, rule.InventoryPrefix); ok {
		inv := new(Inventory)
		return nil, inv, json.Unmarshal([]byte(data), inv)
	}
	return nil, nil, nil
}
