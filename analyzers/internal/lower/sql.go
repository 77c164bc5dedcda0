package lower

import (
	"database/sql"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
)

// statement is what a literal SQL text does to one table.
type statement struct {
	table string
	write bool
}

var (
	selectFrom = pattern.New(`(?is)^\s*select\b.*?\bfrom\s+"?([a-z_][\w.]*)"?`)
	updateSet  = pattern.New(`(?is)^\s*update\s+"?([a-z_][\w.]*)"?\s+set\b`)
	locking    = pattern.New(`\bfor (no key )?update\b|\bfor (key )?share\b|\block in share mode\b|\bupdlock\b`)
	joins      = pattern.New(`(?is)\bjoin\b|\bfrom\s+[\w.]+\s*,`)
)

// parseSQL reads a statement. One that locks the rows, or that writes only if they still are what
// they were (a condition beside the key), is no part of a race and gives nothing.
func parseSQL(text string) (statement, bool) {
	text = strings.Join(strings.Fields(text), " ")
	lower := strings.ToLower(text)
	if m := selectFrom.FindStringSubmatch(text); m != nil {
		ok := !locking.MatchString(lower) && !joins.MatchString(text)
		return statement{table: strings.ToLower(m[1])}, ok
	}
	if m := updateSet.FindStringSubmatch(text); m != nil {
		_, where, has := strings.Cut(lower, " where ")
		return statement{table: strings.ToLower(m[1]), write: true}, has && !strings.Contains(where, " and ")
	}
	return statement{}, false
}

// sqlMethods says at which argument, after the receiver, the text of a statement is.
var sqlMethods = map[string]int{
	"(*database/sql.DB).QueryRow": 0, "(*database/sql.DB).Query": 0, "(*database/sql.DB).Exec": 0,
	"(*database/sql.DB).QueryRowContext": 1, "(*database/sql.DB).QueryContext": 1, "(*database/sql.DB).ExecContext": 1,
	"(*database/sql.Conn).QueryRowContext": 1, "(*database/sql.Conn).QueryContext": 1, "(*database/sql.Conn).ExecContext": 1,
	"(*database/sql.Tx).QueryRow": 0, "(*database/sql.Tx).Query": 0, "(*database/sql.Tx).Exec": 0,
	"(*database/sql.Tx).QueryRowContext": 1, "(*database/sql.Tx).QueryContext": 1, "(*database/sql.Tx).ExecContext": 1,
}

// snapshot says whether a transaction, by the isolation that it was begun with, keeps what it has read
// from being changed. One whose beginning is not seen is given the benefit of the doubt; the default is
// READ COMMITTED, but for SQLite, where writers take turns.
func (x *fn) snapshot(tx ssa.Value, depth int) bool {
	for range maxDepth {
		switch w := tx.(type) {
		case *ssa.Extract:
			tx = w.Tuple
			continue
		case *ssa.UnOp:
			if a, ok := w.X.(*ssa.Alloc); ok && x.constant(a) != nil {
				tx = x.constant(a)
				continue
			}
		case *ssa.FreeVar:
			if owner, v := x.capturedCell(w); owner != x {
				if a, ok := v.(*ssa.Alloc); ok && owner.constant(a) != nil {
					v = owner.constant(a)
				}
				return owner.snapshot(v, depth)
			}
		case *ssa.Parameter:
			return depth > 3 || len(x.called) == 0 || slices.ContainsFunc(x.called, func(c callSite) bool {
				i := x.index[w]
				return i >= len(c.args) || c.args[i] == nil || c.caller.snapshot(c.args[i], depth+1)
			})
		case *ssa.Call:
			f := w.Call.StaticCallee()
			if f == nil || x.p.usesSQLite() {
				return true
			}
			switch fullName(f) {
			case "(*database/sql.DB).Begin":
				return false
			case "(*database/sql.DB).BeginTx", "(*database/sql.Conn).BeginTx":
				return !defaultIsolation(last(w.Call.Args))
			}
		}
		return true
	}
	return true
}

// defaultIsolation says whether transaction options leave the isolation at READ COMMITTED or at what
// the database does by default.
func defaultIsolation(opts ssa.Value) bool {
	switch o := opts.(type) {
	case *ssa.Const:
		return o.IsNil()
	case *ssa.Alloc:
		for _, r := range *o.Referrers() {
			fa, ok := r.(*ssa.FieldAddr)
			if !ok {
				continue
			}
			if s, ok := coreOf(deref(o.Type())); !ok || s.Field(fa.Field).Name() != "Isolation" {
				continue
			}
			for _, q := range *fa.Referrers() {
				if st, ok := q.(*ssa.Store); ok {
					k, isConst := st.Val.(*ssa.Const)
					if !isConst || k.Int64() > int64(sql.LevelReadCommitted) {
						return false
					}
				}
			}
		}
		return true
	}
	return false
}

// usesSQLite says whether the package imports a driver of SQLite.
func (p *pkg) usesSQLite() bool {
	return slices.ContainsFunc(p.pass.Pkg.Imports(), func(i *types.Package) bool { return strings.Contains(i.Path(), "sqlite") })
}

// query emits what a database/sql call does to a table.
func (x *body) query(c *ssa.CallCommon, result ssa.Value) bool {
	f := c.StaticCallee()
	if f == nil {
		return false
	}
	name := fullName(f)
	if name == "(*database/sql.Row).Scan" || name == "(*database/sql.Rows).Scan" {
		for _, dest := range elements(c.Args[1]) {
			if mi, ok := dest.(*ssa.MakeInterface); ok {
				dest = mi.X
			}
			if id := x.v(c.Args[0]); id != 0 && x.v(dest) != 0 {
				x.b.Emit(flow.Event{Op: flow.OpLet, Dst: x.v(dest), Srcs: []flow.VarID{id}, Pos: x.pos(x.in.Pos())})
			}
		}
		return false
	}
	at, ok := sqlMethods[name]
	if !ok || len(c.Args) < at+2 {
		return false
	}
	text, ok := c.Args[at+1].(*ssa.Const)
	if !ok || text.Value == nil || text.Value.Kind() != constant.String {
		return false
	}
	st, ok := parseSQL(constant.StringVal(text.Value))
	if !ok || strings.HasPrefix(name, "(*database/sql.Tx)") && x.snapshot(c.Args[0], 0) {
		return false
	}
	place := x.b.Place(flow.Place{Path: st.table, Field: "sql " + st.table, Root: flow.RootGlobal, Kind: flow.Record})
	e := flow.Event{Place: place, Key: flow.KeyAny, Pos: x.pos(x.in.Pos())}
	params := elements(last(c.Args))
	if len(params) > 0 {
		// The key is the last parameter of both, as a rule: WHERE comes last.
		e.Key = x.key(last(params))
	}
	if !st.write {
		if result == nil {
			return false
		}
		e.Op, e.Dst = flow.OpCheck, x.v(result)
		if res := results(result); res[0] != nil {
			e.Dst = x.v(res[0])
		}
		x.b.Emit(e)
		return true
	}
	e.Op, e.Effect = flow.OpAct, flow.EffectSet
	for _, p := range params {
		e.Srcs = append(e.Srcs, x.srcs(p)...)
	}
	x.b.Emit(e)
	return false
}

// elements lists the values of a variadic argument.
func elements(v ssa.Value) []ssa.Value {
	s, ok := v.(*ssa.Slice)
	if !ok {
		return nil
	}
	a, ok := s.X.(*ssa.Alloc)
	if !ok {
		return nil
	}
	var out []ssa.Value
	for _, r := range *a.Referrers() {
		if ia, ok := r.(*ssa.IndexAddr); ok {
			for _, q := range *ia.Referrers() {
				if st, ok := q.(*ssa.Store); ok && st.Addr == ssa.Value(ia) {
					out = append(out, st.Val)
				}
			}
		}
	}
	return out
}
