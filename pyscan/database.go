package pyscan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/database"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
	"github.com/toctou-lint/toctou/report"
)

// databases lists what the files do with databases, in source order: pools, sessions, transactions
// and statements that are literals.
func databases(list []project.Source) []report.DatabaseUse {
	out := []report.DatabaseUse{}
	for _, s := range list {
		out = append(out, databaseUses(s.IR)...)
	}
	slices.SortStableFunc(out, func(a, b report.DatabaseUse) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Kind, b.Kind))
	})
	return slices.Compact(out) // a finally body is lowered once for each way out
}

func databaseUses(m *ir.Module) []report.DatabaseUse {
	imported := map[string]string{} // name → dotted name of what it is bound to
	for i := range m.Imports {
		imp := &m.Imports[i]
		switch {
		case imp.Level > 0:
		case imp.Symbol != "":
			imported[imp.Name] = imp.Module + "." + imp.Symbol
		default:
			top, _, _ := strings.Cut(imp.Module, ".")
			imported[imp.Name] = imp.Module
			if imp.Name == top {
				imported[imp.Name] = top
			}
		}
	}
	var out []report.DatabaseUse
	var defs made
	for f := range m.Funcs {
		fn := &m.Funcs[f]
		defs = defs.of(fn)
		for b := range fn.Blocks {
			for i := range fn.Blocks[b].Instrs {
				in := &fn.Blocks[b].Instrs[i]
				defs.add(in)
				if in.Op != ir.Call {
					continue
				}
				if kind := databaseCall(defs, imported, in); kind != "" {
					out = append(out, report.DatabaseUse{File: m.Path, Line: lineAt(m, in.Pos), Function: fn.Qual, Kind: string(kind), Detail: kind.Detail()})
				}
			}
		}
	}
	return out
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
