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
	FactsOnly bool                 `json:"factsOnly,omitempty"` // the package was not judged; Files has one of its files, and nothing else is set
}

// InventoryFlag asks for the inventory.
const InventoryFlag = "-toctouinventory.rich"

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
	a.Flags.Bool("whole", false, "judge dependencies, too, whether they were asked for or not; for toctou's own driver")
	return a
}()

func inventory(pass *analysis.Pass) (any, error) {
	if !inventoryRich || len(pass.Files) == 0 {
		return nil, nil
	}
	if lower.FactsOnly {
		last := pass.Files[len(pass.Files)-1] // the first may be made by cgo
		return nil, reportInventory(pass, &Inventory{FactsOnly: true, Files: []string{pass.Fset.Position(last.FileStart).Filename}})
	}
	res := pass.ResultOf[lower.Analyzer].(*lower.Result)
	inv := Inventory{Functions: res.Functions(), Partial: res.Partial(), Patterns: res.Patterns(), Databases: res.Databases()}
	for _, f := range pass.Files {
		inv.Files = append(inv.Files, pass.Fset.Position(f.FileStart).Filename)
	}
	out := res.Output()
	inv.Tasks, inv.Locks, inv.Negatives = out.Tasks, out.Locks, out.Negatives
	return nil, reportInventory(pass, &inv)
}

func reportInventory(pass *analysis.Pass, inv *Inventory) error {
	data, err := json.Marshal(inv)
	if err != nil {
		return err
	}
	pass.Report(analysis.Diagnostic{Pos: pass.Files[0].FileStart, Message: InventoryPrefix + string(data)})
	return nil
}
