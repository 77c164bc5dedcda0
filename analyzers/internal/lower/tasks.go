package lower

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
	"github.com/toctou-lint/toctou/internal/verdict"
)

// findTasks describes every goroutine that the package starts.
func (p *pkg) findTasks() {
	for i, x := range p.funcs {
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				switch in := in.(type) {
				case *ssa.Go:
					p.tasks = append(p.tasks, p.task(i, x, in))
				case *ssa.Call:
					if o := p.opOf(&in.Call); o == opGo || o == opGoErr {
						p.tasks = append(p.tasks, p.ownedTask(i, x, in))
					}
				}
			}
		}
	}
}

// harmless stands for whoever sees the error of a goroutine that has none.
const harmless = "it returns no error"

func (x *fn) targetName(v ssa.Value) string {
	if y, _ := x.p.funcValue(x, v); y != nil && y.f.Parent() == nil {
		return y.name
	}
	return "func literal"
}

// task says what becomes of one goroutine. Without evidence that its end or its failure matters,
// it is taken for owned: the rules are narrow on purpose.
func (p *pkg) task(i int, x *fn, in *ssa.Go) verdict.Task {
	c := &in.Call
	t := verdict.Task{Pos: flow.Pos(in.Pos()), Func: i, Target: "func literal", Keep: verdict.KeepOwner, Observed: true, Drained: true}
	y := p.local(c)
	if y == nil {
		if mc := x.closure(c.Value); mc != nil {
			y = p.funcOf(mc.Fn.(*ssa.Function))
		}
	}
	if y == nil {
		y = p.promoted(c.StaticCallee())
	}
	var sig *types.Signature
	switch {
	case c.IsInvoke():
		sig, t.Target = c.Signature(), c.Method.Name()
	case y != nil:
		sig = y.f.Signature
		if y.f.Parent() == nil {
			t.Target = y.name
			t.Related = []verdict.Related{{Pos: flow.Pos(y.f.Pos()), Label: "what it runs"}}
		}
	case c.StaticCallee() != nil:
		sig, t.Target = c.Signature(), displayName(c.StaticCallee())
		if f := c.StaticCallee(); f.Pkg == nil || p.isStd(f.Pkg.Pkg) {
			t.Keep, t.Why = verdict.KeepNobody, "the standard library's own"
			return t
		}
	default:
		t.Keep = verdict.KeepPassed
		return t
	}
	if p.vouched(x) {
		t.Keeper, t.Why = x.name, "the project names it as a tracker"
		t.Drain = t.Why
		return t
	}
	if p.exemptSpawner(x) {
		t.Keep, t.Why = verdict.KeepNobody, "started where the program itself starts"
		return t
	}
	if x.stuck(in) {
		t.Keep, t.Why = verdict.KeepLost, "it waits for ever to send on an unbuffered channel once the receiver has given up"
		t.Fix = "give the channel room for the one value, so that the send never waits"
		return t
	}
	tracked := x.passesOwner(c)
	if y != nil {
		y.rootless = y.backgrounds(c)
		tracked = tracked || p.isTracked(y, map[*fn]bool{}, 0)
		y.rootless = nil
	}
	if calleeName(c) == "Copy" {
		t.Keep, t.Why = verdict.KeepNobody, "it ends when either side is closed, which the other direction sees"
		return t
	}
	tracked = tracked || x.announced(in) || p.stoppedElsewhere(x, c) || p.runsStopped(y)
	if !returnsError(sig) {
		t.Observer = harmless
	}
	fails := returnsError(sig) && (y == nil && (c.StaticCallee() == nil || !p.knownToEnd(c.StaticCallee())) || y != nil && y.canFail(0)) && !p.waived(in.Pos())
	switch {
	case fails && tracked:
		t.Observed, t.Keeper, t.Why = false, "somebody waits for it", "the error that it returns is dropped by the go statement"
	case fails:
		t.Keep, t.Why = verdict.KeepLost, "the error that it returns is dropped by the go statement, and nothing waits for it"
	case tracked && y != nil && p.dropped(y) != nil:
		p.dropsError(&t, x, y)
	case tracked || y == nil:
		t.Drain = "a channel, context or wait group ends it"
	case p.outlives(x, y):
		t.Keep, t.Why = verdict.KeepLost, fmt.Sprintf("%s has a way to be closed, but that neither stops nor waits for it", typeShort(x.owner()))
		t.Brief = p.brief(y, map[*fn]bool{}, 0)
	default:
		t.Keep = verdict.KeepNobody
	}
	return t
}

// promoted is the method that a wrapper made for an embedded field calls, if it is one of the package.
func (p *pkg) promoted(f *ssa.Function) *fn {
	if f == nil || f.Pkg != nil {
		return nil
	}
	obj, ok := f.Object().(*types.Func)
	if !ok || obj.Pkg() != p.pass.Pkg {
		return nil
	}
	return p.funcOf(f.Prog.FuncValue(obj))
}

// waived says whether a comment at a go statement says that the error is dropped on purpose.
func (p *pkg) waived(pos token.Pos) bool {
	at := p.pass.Fset.Position(pos)
	for _, f := range p.pass.Files {
		if pos < f.FileStart || pos > f.FileEnd {
			continue
		}
		for _, g := range f.Comments {
			for _, c := range g.List {
				if line := p.pass.Fset.Position(c.Pos()).Line; (line == at.Line || line == at.Line-1) && strings.Contains(c.Text, "nolint") && strings.Contains(c.Text, "errcheck") {
					return true
				}
			}
		}
	}
	return false
}

// stoppedElsewhere says whether the goroutine runs a method of an object that can be closed, and
// the package closes that object: its variable or field.
func (p *pkg) stoppedElsewhere(x *fn, c *ssa.CallCommon) bool {
	recv := receiverOf(c)
	if recv == nil || !c.IsInvoke() && c.Signature().Recv() == nil || !hasMethod(recv.Type(), stoppers...) {
		return false
	}
	own := x.valueOf(recv)
	for _, y := range p.funcs {
		for _, b := range y.f.Blocks {
			for _, in := range b.Instrs {
				ci, ok := in.(ssa.CallInstruction)
				if !ok || !isCloser(calleeName(ci.Common())) {
					continue
				}
				o := receiverOf(ci.Common())
				if o == nil {
					continue
				}
				r := y.valueOf(o)
				if own.field != "" && r.field == own.field || y.sameVariable(o, x, recv) {
					return true
				}
			}
		}
	}
	return false
}

func isCloser(name string) bool { return slices.Contains(stoppers, name) }

// stoppers are the names of methods after which an object runs on no more.
var stoppers = append([]string{"GracefulStop", "Exit", "Kill"}, closers...)

// runsStopped says whether a function literal runs such a method.
func (p *pkg) runsStopped(y *fn) bool {
	if y == nil || y.f.Parent() == nil {
		return false
	}
	for _, b := range y.f.Blocks {
		for _, in := range b.Instrs {
			if c, ok := in.(*ssa.Call); ok && runsOn.MatchString(calleeName(&c.Call)) && p.stoppedElsewhere(y, &c.Call) {
				return true
			}
		}
	}
	return false
}

// runsOn are the names of methods that return when their object is closed.
var runsOn = pattern.New(`^(Serve|ListenAndServe|Run|Main|Start)`)

// sameVariable says whether v, in y or in a literal inside x, is x's value w.
func (x *fn) sameVariable(v ssa.Value, y *fn, w ssa.Value) bool {
	if x == y && v == w {
		return true
	}
	origin := func(z *fn, v ssa.Value) ssa.Value {
		if u, ok := v.(*ssa.UnOp); ok {
			v = u.X
		}
		if fv, ok := v.(*ssa.FreeVar); ok {
			_, v = z.capturedCell(fv)
		}
		return v
	}
	a, b := origin(x, v), origin(y, w)
	return a == b && a != nil
}

func typeShort(name string) string { return "`" + name[strings.LastIndexByte(name, '.')+1:] + "`" }

func (p *pkg) isStd(pkg *types.Package) bool {
	first, _, _ := strings.Cut(pkg.Path(), "/")
	own, _, _ := strings.Cut(p.pass.Pkg.Path(), "/")
	return !strings.Contains(first, ".") && first != own
}

// exemptSpawner: main, init and tests may start what they like.
func (p *pkg) exemptSpawner(x *fn) bool {
	for x.parent != nil {
		x = x.parent
	}
	if x.f.Name() == "main" && p.pass.Pkg.Name() == "main" || strings.HasPrefix(x.f.Name(), "init") && x.f.Signature.Recv() == nil {
		return true
	}
	return x.test
}

// passesOwner says whether the call hands over something that can end the goroutine or wait for it.
func (x *fn) passesOwner(c *ssa.CallCommon) bool {
	for _, a := range c.Args {
		switch {
		case isContext(a.Type()) && !isBackground(a) && !slices.Contains(x.rootless, a), isChan(a.Type()), typeName(a.Type()) == "sync.WaitGroup":
			return true
		}
	}
	return false
}

// backgrounds lists the parameters of x for which a call passes a context that nobody cancels.
func (x *fn) backgrounds(c *ssa.CallCommon) (out []ssa.Value) {
	for i, a := range c.Args {
		if i < len(x.f.Params) && isBackground(a) {
			out = append(out, x.f.Params[i])
		}
	}
	return out
}

// isBackground says whether nobody can cancel a context: one that ends by itself after a while has no
// owner either.
func isBackground(v ssa.Value) bool {
	for range maxDepth {
		if e, ok := v.(*ssa.Extract); ok && e.Index == 0 {
			v = e.Tuple
		}
		c, ok := v.(*ssa.Call)
		if !ok || c.Call.StaticCallee() == nil {
			return false
		}
		switch fullName(c.Call.StaticCallee()) {
		case "context.Background", "context.TODO", "context.WithoutCancel":
			return true
		case "context.WithTimeout", "context.WithTimeoutCause", "context.WithDeadline", "context.WithDeadlineCause", "context.WithValue":
			v = c.Call.Args[0]
		default:
			return false
		}
	}
	return false
}

// announced says whether the goroutine is announced before it is started: WaitGroup.Add, or an
// Add, Acquire or the like on a type of somebody's own.
func (x *fn) announced(in *ssa.Go) bool {
	for _, o := range in.Block().Instrs {
		if o == ssa.Instruction(in) {
			break
		}
		if c, ok := o.(*ssa.Call); ok {
			if x.p.opOf(&c.Call) == opWaitAdd {
				return true
			}
		}
	}
	return false
}

// owner is the type whose method starts the goroutine, "" for functions.
func (x *fn) owner() string {
	for x.parent != nil {
		x = x.parent
	}
	return x.recv
}
