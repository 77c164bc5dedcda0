package lower

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
)

// dropped finds the call whose error a function literal drops that does nothing else: for a
// goroutine, `func() { w.run() }` is `w.run` with the error thrown away. What else a literal does
// with errors is for other tools, and closing things is not what a goroutine is for.
func (p *pkg) dropped(y *fn) *ssa.Call {
	lit, ok := y.f.Syntax().(*ast.FuncLit)
	if !ok {
		return nil
	}
	var only *ast.CallExpr
	for _, s := range lit.Body.List {
		if _, ok := s.(*ast.DeferStmt); ok {
			continue
		}
		e, ok := s.(*ast.ExprStmt)
		if !ok || only != nil {
			return nil
		}
		if only, ok = ast.Unparen(e.X).(*ast.CallExpr); !ok {
			return nil
		}
	}
	if only == nil {
		return nil
	}
	for _, b := range y.f.Blocks {
		for _, in := range b.Instrs {
			if c, ok := in.(*ssa.Call); ok && c.Pos() == only.Lparen && p.fails(&c.Call) && !p.waived(c.Pos()) {
				return c
			}
		}
	}
	return nil
}

// fails says whether a call is one of the project's own code that may return an error.
func (p *pkg) fails(c *ssa.CallCommon) bool {
	if !returnsError(c.Signature()) || isCloser(calleeName(c)) {
		return false
	}
	if y := p.local(c); y != nil {
		return y.canFail(0)
	}
	if c.IsInvoke() {
		return c.Method.Pkg() != nil && !p.isStd(c.Method.Pkg())
	}
	f := c.StaticCallee()
	return f != nil && f.Pkg != nil && !p.isStd(f.Pkg.Pkg) && !p.knownToEnd(f)
}

// knownToEnd says whether the error of another package's function tells only that a context is done.
func (p *pkg) knownToEnd(f *ssa.Function) bool {
	o, ok := f.Object().(*types.Func)
	if !ok {
		return false
	}
	k := p.factOf(o)
	return k != nil && k.fact.Ends
}

// ownedTask describes a goroutine that its owner waits for by the call that starts it, as
// WaitGroup.Go does.
func (p *pkg) ownedTask(i int, x *fn, in *ssa.Call) verdict.Task {
	run := last(in.Call.Args)
	t := verdict.Task{
		Pos: flow.Pos(in.Pos()), Func: i, Target: x.targetName(run), Keep: verdict.KeepOwner, Keeper: x.valueOf(in.Call.Args[0]).path,
		Observed: true, Observer: harmless, Drained: true, Drain: "who waits for its group",
	}
	if p.opOf(&in.Call) == opGoErr {
		t.Observer = t.Drain
	}
	y, _ := p.funcValue(x, run)
	switch {
	case y == nil:
	case p.opOf(&in.Call) == opGo:
		p.dropsError(&t, x, y)
	case y.canFail(0) && !p.exemptSpawner(x) && !p.waived(in.Pos()):
		if w := x.waitsBlindly(receiverOf(&in.Call)); w != nil {
			t.Observed, t.Observer, t.Why = false, "", "who waits for the group drops the error that it returns"
			t.Related = append(t.Related, verdict.Related{Pos: flow.Pos(w.Pos()), Label: "its error is dropped here"})
		}
	}
	return t
}

// waitsBlindly finds the wait for a group of x's own whose error is dropped, if every wait for it drops it.
func (x *fn) waitsBlindly(group ssa.Value) *ssa.Call {
	var blind *ssa.Call
	for _, r := range *group.Referrers() {
		switch r := r.(type) {
		case *ssa.Call:
			switch x.p.opOf(&r.Call) {
			case opGoErr:
			case opWait:
				if len(*r.Referrers()) > 0 || !x.isStatement(r) || x.p.waived(r.Pos()) {
					return nil
				}
				blind = r
			default:
				if receiverOf(&r.Call) != group || r.Call.StaticCallee() == nil || r.Call.StaticCallee().Name() != "SetLimit" {
					return nil
				}
			}
		case *ssa.DebugRef:
		default:
			return nil
		}
	}
	return blind
}

// isStatement says whether a call stands for itself: `_ = f()` says that the result is dropped on purpose.
func (x *fn) isStatement(c *ssa.Call) (alone bool) {
	if x.f.Syntax() == nil {
		return false
	}
	ast.Inspect(x.f.Syntax(), func(n ast.Node) bool {
		if s, ok := n.(*ast.ExprStmt); ok {
			if call, ok := ast.Unparen(s.X).(*ast.CallExpr); ok && call.Lparen == c.Pos() {
				alone = true
			}
		}
		return !alone
	})
	return alone
}

// dropsError makes t a goroutine whose error nobody sees, if the literal that it runs drops it.
func (p *pkg) dropsError(t *verdict.Task, x, y *fn) {
	c := p.dropped(y)
	if c == nil || p.exemptSpawner(x) {
		return
	}
	t.Observed, t.Observer, t.Why = false, "", "the function literal drops the error that its call returns"
	if t.Keeper == "" {
		t.Keeper = "somebody waits for it"
	}
	t.Related = append(t.Related, verdict.Related{Pos: flow.Pos(c.Pos()), Label: "its error is dropped here"})
}
