package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
	"github.com/toctou-lint/toctou/internal/verdict"
)

// A value that no field, parameter or variable names has its register for a name: nothing else
// tells two of them apart. People do not know registers. So its path carries both, marked, what the
// source calls it and the register, through summaries and facts, and plain leaves the first.
const mark = "\x01"

var registers = pattern.New(`\((?:new )?\x01([^\x01]*)\x01\w*\)`)

// plain is a text without registers.
func plain(s string) string {
	if !strings.Contains(s, mark) {
		return s
	}
	return registers.ReplaceAllString(s, "$1")
}

// register is what a path has for a value that only its register names. It does not depend on whether the
// package is judged, for nothing in a fact must.
func (x *fn) register(v ssa.Value) string {
	return mark + x.sourceName(v) + mark + v.Name()
}

// spelling is the expressions of a function by the position that SSA values have, and the variables
// that they are assigned to.
type spelling struct {
	exprs map[token.Pos]ast.Expr
	vars  map[spelled]string
}

type spelled struct {
	pos   token.Pos
	index int
}

// sourceName is what the source calls a value: the variable that it is assigned to, else the
// expression, shortened, else its type, or … for a plain number or text.
func (x *fn) sourceName(v ssa.Value) string {
	switch v := v.(type) {
	case *ssa.Alloc:
		if token.IsIdentifier(v.Comment) && !compilers[v.Comment] {
			return v.Comment
		}
	case *ssa.Parameter, *ssa.FreeVar:
		return v.Name()
	case *ssa.Phi:
		if token.IsIdentifier(v.Comment) && !compilers[v.Comment] {
			return v.Comment
		}
	}
	if x.spelling == nil {
		x.spelling = spellingOf(x.f.Syntax())
	}
	at := spelled{v.Pos(), 0}
	if e, ok := v.(*ssa.Extract); ok {
		at = spelled{e.Tuple.Pos(), e.Index}
		if n, ok := e.Tuple.(*ssa.Next); ok { // key and value follow whether there is one
			at = spelled{n.Iter.Pos(), e.Index - 1}
		}
	}
	if name := x.spelling.vars[at]; name != "" {
		return name
	}
	if e := x.spelling.exprs[at.pos]; e != nil {
		return short(e)
	}
	if _, basic := v.Type().Underlying().(*types.Basic); basic {
		return "…"
	}
	return types.TypeString(v.Type(), func(p *types.Package) string {
		if p == x.p.pass.Pkg {
			return ""
		}
		return p.Name()
	})
}

// compilers are the comments of variables that the compiler makes, and that are no variables of the source.
var compilers = map[string]bool{"rangeindex": true, "new": true, "complit": true, "makeslice": true, "varargs": true, "slicelit": true}

// short is an expression without the arguments of its calls.
func short(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		if len(e.Args) == 0 {
			return short(e.Fun) + "()"
		}
		return short(e.Fun) + "(…)"
	case *ast.SelectorExpr:
		return short(e.X) + "." + e.Sel.Name
	case *ast.CompositeLit:
		if e.Type == nil {
			return "{…}"
		}
		return types.ExprString(e.Type) + "{…}"
	case *ast.FuncLit:
		return "func literal"
	default:
		return types.ExprString(e)
	}
}

func spellingOf(n ast.Node) *spelling {
	s := &spelling{exprs: map[token.Pos]ast.Expr{}, vars: map[spelled]string{}}
	if n == nil {
		return s
	}
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncLit:
			return m == n
		case *ast.AssignStmt:
			s.assigned(m.Lhs, m.Rhs)
		case *ast.ValueSpec:
			lhs := make([]ast.Expr, len(m.Names))
			for i, id := range m.Names {
				lhs[i] = id
			}
			s.assigned(lhs, m.Values)
		case *ast.RangeStmt:
			for i, e := range []ast.Expr{m.Key, m.Value} {
				s.variable(spelled{m.For, i}, e)
			}
		case ast.Expr:
			if pos := valuePos(m); pos.IsValid() {
				s.exprs[pos] = m
			}
		}
		return true
	})
	return s
}

func (s *spelling) assigned(lhs, rhs []ast.Expr) {
	for i, e := range lhs {
		switch {
		case len(rhs) == len(lhs):
			s.variable(spelled{valuePos(rhs[i]), 0}, e)
		case len(rhs) == 1:
			s.variable(spelled{valuePos(rhs[0]), i}, e)
		}
	}
}

func (s *spelling) variable(at spelled, e ast.Expr) {
	if id, ok := e.(*ast.Ident); ok && id.Name != "_" && at.pos.IsValid() {
		s.vars[at] = id.Name
	}
}

// valuePos is the position that the SSA value of an expression has.
func valuePos(e ast.Expr) token.Pos {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		return e.Lparen
	case *ast.IndexExpr:
		return e.Lbrack
	case *ast.TypeAssertExpr:
		return e.Lparen
	case *ast.CompositeLit:
		return e.Lbrace
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return valuePos(e.X)
		}
		return e.OpPos
	case *ast.BinaryExpr:
		return e.OpPos
	}
	return token.NoPos
}

// plainProgram takes the registers out of what people read. Nothing tells places apart by their
// paths any more, once the engine has looked at the functions.
func plainProgram(p *verdict.Program) {
	for i := range p.Funcs {
		f, res := p.Funcs[i].Flow, p.Funcs[i].Result
		for j := range f.Places {
			f.Places[j].Path = plain(f.Places[j].Path)
		}
		for j := range f.Keys {
			f.Keys[j].Text = plain(f.Keys[j].Text)
		}
		for _, locks := range [][]flow.Lock{f.Locks, res.Locks} {
			for j := range locks {
				locks[j].Path = plain(locks[j].Path)
			}
		}
	}
	for i := range p.Tasks {
		t := &p.Tasks[i]
		t.Keeper, t.Observer, t.Drain = plain(t.Keeper), plain(t.Observer), plain(t.Drain)
	}
	for i := range p.Locks {
		p.Locks[i].Name = plain(p.Locks[i].Name)
	}
}
