package lower

import (
	"database/sql"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
)

// statement is what a literal SQL text does to one table.
type statement struct {
	table string
	write bool
	adds  bool // a row; else it changes those that there are
	key   int  // which argument selects the row, -1 if the text does not tell
}

var (
	selectFrom = pattern.New(`(?is)^\s*select\b.*?\bfrom\s+"?([a-z_][\w.]*)"?`)
	updateSet  = pattern.New(`(?is)^\s*update\s+"?([a-z_][\w.]*)"?\s+set\b`)
	insertInto = pattern.New(`(?is)^\s*insert\s+into\s+"?([a-z_][\w.]*)"?\s*\([^()]*\)\s*values\b`)
	settling   = pattern.New(`\bon conflict\b|\bon duplicate\b|\bwhere\b`)
	selected   = pattern.New(`(?i)^[\w."]+\s*=\s*(\?|\$\d+)(\s|$|;)`)
	locking    = pattern.New(`\bfor (no key )?update\b|\bfor (key )?share\b|\block in share mode\b|\bupdlock\b`)
	declared   = pattern.New(`create\s+(table|unique index)\s+(?:if not exists\s+)?(?:[\w."]+\s+on\s+)?"?([\w.]+)"?([^;]*)`)
	distinct   = pattern.New(`\bunique\b|\bprimary key\s*\(`)
	joins      = pattern.New(`(?is)\bjoin\b|\bfrom\s+[\w.]+\s*,`)
)

// parseSQL reads a statement. One that locks the rows, or that writes only if they still are what
// they were (a condition beside the key), is no part of a race and gives nothing.
func parseSQL(text string) (statement, bool) {
	text = strings.Join(strings.Fields(text), " ")
	lower := strings.ToLower(text)
	if m := selectFrom.FindStringSubmatch(text); m != nil {
		ok := !locking.MatchString(lower) && !joins.MatchString(text)
		return statement{table: strings.ToLower(m[1]), key: keyArgument(lower)}, ok
	}
	if m := updateSet.FindStringSubmatch(text); m != nil {
		_, where, has := strings.Cut(lower, " where ")
		return statement{table: strings.ToLower(m[1]), write: true, key: keyArgument(lower)}, has && !strings.Contains(where, " and ")
	}
	if m := insertInto.FindStringSubmatch(text); m != nil {
		return statement{table: strings.ToLower(m[1]), write: true, adds: true}, !settling.MatchString(lower)
	}
	return statement{}, false
}

// keyArgument is the number of the argument in a condition that one column equals it, -1 if there is no such or
// more than one condition.
func keyArgument(text string) int {
	before, where, ok := strings.Cut(text, " where ")
	if !ok || strings.Contains(where, " and ") || strings.Contains(where, " or ") {
		return -1
	}
	m := selected.FindStringSubmatch(where)
	switch {
	case m == nil:
		return -1
	case m[1] == "?":
		return strings.Count(before, "?")
	}
	n, err := strconv.Atoi(m[1][1:])
	if err != nil {
		return -1
	}
	return n - 1
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
		x.scanned(c)
		if result != nil && asksForRow(result) {
			x.let(result, c.Args[0])
		}
		return true
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
	if st.adds {
		if !x.p.unique(st.table) && !asksWhy(result) {
			x.inserts(e, params)
		}
		return false
	}
	at = len(params) - 1 // the key is the last parameter of both, as a rule: WHERE comes last
	if st.key >= 0 && st.key < len(params) {
		at = st.key
	}
	if at >= 0 {
		e.Key = x.key(params[at])
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
	for i, p := range params {
		if i != at || st.key < 0 {
			e.Srcs = append(e.Srcs, x.srcs(p)...)
		}
	}
	x.b.Emit(e)
	return false
}

// scanned gives the variables, and the objects whose fields they are, what a row holds.
func (x *body) scanned(c *ssa.CallCommon) {
	row := x.v(c.Args[0])
	if row == 0 {
		return
	}
	for _, dest := range elements(c.Args[1]) {
		if mi, ok := dest.(*ssa.MakeInterface); ok {
			dest = mi.X
		}
		if to := x.v(dest); to != 0 {
			x.b.Emit(flow.Event{Op: flow.OpLet, Dst: to, Srcs: []flow.VarID{row}, Pos: x.pos(x.in.Pos())})
		}
		if fa, ok := dest.(*ssa.FieldAddr); ok {
			if whole := x.v(base(fa)); whole != 0 {
				x.b.Emit(flow.Event{Op: flow.OpLet, Dst: whole, Srcs: []flow.VarID{whole, row}, Pos: x.pos(x.in.Pos())})
			}
		}
	}
}

// asksForRow says whether an error is asked for whether there was no row: any other tells of the connection.
func asksForRow(err ssa.Value) bool {
	if err.Referrers() == nil {
		return false
	}
	for _, r := range *err.Referrers() {
		switch r := r.(type) {
		case *ssa.Phi:
			if asksForRow(r) {
				return true
			}
		case *ssa.Call:
			if slices.ContainsFunc(r.Call.Args, isNoRows) {
				return true
			}
		case *ssa.BinOp:
			if isNoRows(r.X) || isNoRows(r.Y) {
				return true
			}
		}
	}
	return false
}

func isNoRows(v ssa.Value) bool {
	u, ok := v.(*ssa.UnOp)
	if !ok {
		return false
	}
	g, ok := u.X.(*ssa.Global)
	return ok && g.Name() == "ErrNoRows"
}

// maxInserted bounds the values of a row that are followed.
const maxInserted = 8

// inserts emits that a row is added, under each of its values: which of them tells it apart, the statement does not say.
func (x *body) inserts(e flow.Event, params []ssa.Value) {
	e.Op, e.Effect, e.Value = flow.OpAct, flow.EffectGrow, flow.ValueObject
	for _, p := range params[:min(len(params), maxInserted)] {
		if k := x.keyExpr(p); !k.Const && k.Root != 0 {
			e.Key = x.b.Key(k)
			x.b.Emit(e)
		}
	}
}

// asksWhy says whether the error of a statement is asked for more than whether there is one: whether the row was
// there already, as a rule.
func asksWhy(result ssa.Value) bool {
	if result == nil {
		return false
	}
	err := results(result)[1]
	return err != nil && err.Referrers() != nil && slices.ContainsFunc(*err.Referrers(), func(r ssa.Instruction) bool {
		c, ok := r.(*ssa.Call)
		return ok && (c.Call.IsInvoke() || c.Call.StaticCallee() == nil || !makesError[fullName(c.Call.StaticCallee())])
	})
}

// unique says whether a text of the package declares that a table has no two rows alike.
func (p *pkg) unique(table string) bool {
	if p.tables == nil {
		p.tables = map[string]bool{}
		for _, f := range p.pass.Files {
			ast.Inspect(f, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				for _, m := range declared.FindAllStringSubmatch(strings.ToLower(lit.Value), -1) {
					if strings.HasPrefix(m[1], "unique") || distinct.MatchString(m[3]) {
						p.tables[m[2]] = true
					}
				}
				return true
			})
		}
	}
	return p.tables[table]
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
