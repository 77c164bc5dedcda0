package pyscan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/database"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/report"
)

// bySource puts what files do with databases in order: pools, sessions, transactions and statements that are literals.
func bySource(uses []report.DatabaseUse) []report.DatabaseUse {
	slices.SortStableFunc(uses, func(a, b report.DatabaseUse) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Kind, b.Kind))
	})
	return slices.Compact(uses) // a finally body is lowered once for each way out
}

// databaseImports are the names that a file imports from libraries for databases, with the dotted names of what they are bound to.
func databaseImports(m *ir.Module) map[string]string {
	imported := map[string]string{}
	for i := range m.Imports {
		imp := &m.Imports[i]
		if imp.Level > 0 {
			continue
		}
		top, _, _ := strings.Cut(imp.Module, ".")
		switch {
		case !models.DatabaseLibrary(top):
			delete(imported, imp.Name)
		case imp.Symbol != "":
			imported[imp.Name] = imp.Module + "." + imp.Symbol
		case imp.Name == top:
			imported[imp.Name] = top
		default:
			imported[imp.Name] = imp.Module
		}
	}
	return imported
}

// databaseCall is what one call does to a database, "" if nothing is known of it.
func databaseCall(defs made, imported map[string]string, call *ir.Instr) database.Kind {
	callee := defs.get(call.A)
	if callee == nil {
		return ""
	}
	name, at := callee.Name, callee
	for at != nil && at.Op == ir.GetAttr {
		at = defs.get(at.A)
	}
	if at != nil && at.Op == ir.Load && imported[at.Name] != "" {
		parts := []string{imported[at.Name]}
		for p := callee; p != at; p = defs.get(p.A) {
			parts = append(parts, p.Name)
		}
		slices.Reverse(parts[1:])
		if kind := models.DatabaseCall(strings.Join(parts, ".")); kind != "" {
			return kind
		}
	}
	if callee.Op != ir.GetAttr {
		return ""
	}
	if len(call.Args) > 0 && models.TakesStatement(name) {
		if kind := database.Statement(sqlText(defs, call.Args[0].T)); kind != "" {
			return kind
		}
	}
	receiver := defs.get(callee.A)
	if receiver != nil && receiver.Op == ir.Call {
		receiver = defs.get(receiver.A) // select(…).with_for_update(), get_session().begin()
	}
	if receiver == nil {
		return ""
	}
	return models.DatabaseMethod(receiver.Name, name)
}

// sqlText is the literal text of a statement, also inside text(…).
func sqlText(defs made, t ir.Temp) string {
	d := defs.get(t)
	if d != nil && d.Op == ir.Call && len(d.Args) == 1 {
		d = defs.get(d.Args[0].T)
	}
	if d == nil || d.Op != ir.Const || len(d.Name) < 2 || d.Name[0] != '"' {
		return ""
	}
	return d.Name[1 : len(d.Name)-1]
}
