package rule

import (
	"encoding/json"

	"golang.org/x/tools/go/analysis"

	"github.com/toctou-lint/toctou/analyzers/internal/lower"
	"github.com/toctou-lint/toctou/report"
)

// InventoryPrefix starts the message of the one diagnostic per package that carries an Inventory.
const InventoryPrefix = "toctou-inventory: "

// Inventory is what the audit wants to know of a package besides its findings.
type Inventory struct {
	Files     []string             `json:"files"`
	Functions int                  `json:"functions"`
	Tasks     []report.TaskUse     `json:"tasks,omitempty"`
	Locks     []report.LockUse     `json:"locks,omitempty"`
	Negatives []report.Negative    `json:"negatives,omitempty"`
	Partial   []report.Partial     `json:"partial,omitempty"`
	Patterns  []report.FilePattern `json:"patterns,omitempty"`
	Databases []report.DatabaseUse `json:"databases,omitempty"`
}

var inventoryRich bool

// InventoryAnalyzer carries the inventory of a package to toctou's own driver. Without its flag
// -rich it does nothing.
var InventoryAnalyzer = func() *analysis.Analyzer {
	a := &analysis.Analyzer{
		Name:     "toctouinventory",
		Doc:      "carry tasks, locks and safe look-alikes to toctou's own driver; reports nothing by itself",
		Requires: []*analysis.Analyzer{lower.Analyzer},
		Run:      inventory,
	}
	a.Flags.BoolVar(&inventoryRich, "rich", false, "emit the inventory as one diagnostic per package")
	return a
}()

func inventory(pass *analysis.Pass) (any, error) {
	if !inventoryRich || len(pass.Files) == 0 {
		return nil, nil
	}
	res := pass.ResultOf[lower.Analyzer].(*lower.Result)
	inv := Inventory{Functions: res.Functions(), Partial: res.Partial(), Patterns: res.Patterns(), Databases: res.Databases()}
	for _, f := range pass.Files {
		inv.Files = append(inv.Files, pass.Fset.Position(f.FileStart).Filename)
	}
	out := res.Output()
	inv.Tasks, inv.Locks, inv.Negatives = out.Tasks, out.Locks, out.Negatives
	data, err := json.Marshal(inv)
	if err != nil {
		return nil, err
	}
	pass.Report(analysis.Diagnostic{Pos: pass.Files[0].FileStart, Message: InventoryPrefix + string(data)})
	return nil, nil
}
