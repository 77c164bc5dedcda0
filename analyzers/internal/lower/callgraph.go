package lower

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// callSite is a call of a function of the package.
type callSite struct {
	caller, callee *fn
	instr          ssa.Instruction
	common         *ssa.CallCommon
	args           []ssa.Value // with captured variables after the parameters; nil entries are unknown
	held           []flow.Lock
	spawned        bool
}

// link finds the calls between functions of the package, and those that are used as values.
func (p *pkg) link() {
	var ops []*ssa.Value
	for _, x := range p.funcs {
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				var callee ssa.Value
				if ci, ok := in.(ssa.CallInstruction); ok {
					c := ci.Common()
					if !c.IsInvoke() {
						callee = c.Value
					}
					if y := p.local(c); y != nil {
						_, spawned := in.(*ssa.Go)
						p.addCall(callSite{caller: x, callee: y, instr: in, common: c, args: x.callArgs(c), spawned: spawned})
					} else if mc := x.closure(callee); mc != nil {
						if y := p.funcOf(mc.Fn.(*ssa.Function)); y != nil {
							_, spawned := in.(*ssa.Go)
							p.addCall(callSite{caller: x, callee: y, instr: in, common: c, args: x.callArgs(c), spawned: spawned})
						}
					}
				}
				ops = in.Operands(ops[:0])
				for _, o := range ops {
					if f, ok := (*o).(*ssa.Function); ok && *o != callee {
						if _, isClosure := in.(*ssa.MakeClosure); !isClosure {
							p.markEscape(f)
						}
					}
				}
				if mc, ok := in.(*ssa.MakeClosure); ok && !p.onlyCalled(x, mc) {
					p.markEscape(mc.Fn.(*ssa.Function))
				}
			}
		}
	}
}

func (p *pkg) addCall(c callSite) {
	if c.caller.test && !c.callee.test {
		return // what tests do, with or without locks, is no evidence
	}
	c.caller.calls = append(c.caller.calls, c)
	c.callee.called = append(c.callee.called, c)
}

func (p *pkg) markEscape(f *ssa.Function) {
	if y := p.funcOf(f); y != nil {
		y.escape = true
		y.valued++
		return
	}
	// A method value or a thunk: the method behind it.
	if o, ok := f.Object().(*types.Func); ok {
		if y := p.funcOf(p.ssa.Prog.FuncValue(o)); y != nil {
			y.escape = true
			y.valued++
		}
	}
}

// onlyCalled says whether a function literal is only ever called, deferred or started, here.
func (p *pkg) onlyCalled(x *fn, mc *ssa.MakeClosure) bool {
	ok := true
	var visit func(v ssa.Value, depth int)
	visit = func(v ssa.Value, depth int) {
		if v.Referrers() == nil || depth > 4 {
			return
		}
		for _, r := range *v.Referrers() {
			switch r := r.(type) {
			case ssa.CallInstruction:
				if r.Common().Value != v {
					ok = false
				}
			case *ssa.Store:
				a, isCell := r.Addr.(*ssa.Alloc)
				if !isCell || x.constant(a) == nil {
					ok = false
					return
				}
				for _, q := range *a.Referrers() {
					switch q := q.(type) {
					case *ssa.UnOp:
						visit(q, depth+1)
					case *ssa.MakeClosure:
						ok = false
					}
				}
			case *ssa.DebugRef:
			default:
				ok = false
			}
		}
	}
	visit(mc, 0)
	return ok
}

// funcValue finds the function of the package that v is, and what it captures.
func (p *pkg) funcValue(x *fn, v ssa.Value) (*fn, []ssa.Value) {
	switch w := v.(type) {
	case *ssa.Function:
		return p.funcOf(w), nil
	case *ssa.ChangeType:
		return p.funcValue(x, w.X)
	case *ssa.MakeInterface:
		return p.funcValue(x, w.X)
	}
	mc := x.closure(v)
	if mc == nil {
		return nil, nil
	}
	f := mc.Fn.(*ssa.Function)
	if y := p.funcOf(f); y != nil {
		return y, mc.Bindings
	}
	if y := p.bound(f); y != nil {
		return y, mc.Bindings
	}
	return nil, nil
}

// bound finds the method behind a method value, whose receiver is bound.
func (p *pkg) bound(f *ssa.Function) *fn {
	o, ok := f.Object().(*types.Func)
	if !ok || f.Synthetic == "" || len(f.FreeVars) != 1 {
		return nil
	}
	if y := p.funcOf(p.ssa.Prog.FuncValue(o)); y != nil && y.f.Signature.Recv() != nil {
		return y
	}
	return nil
}

// local finds the function of this package that a call runs, or nil.
func (p *pkg) local(c *ssa.CallCommon) *fn {
	if c.IsInvoke() {
		return nil
	}
	f := c.StaticCallee()
	if f == nil {
		return nil
	}
	if y := p.funcOf(f); y != nil {
		return y
	}
	return p.bound(f)
}

// funcOf finds what is known of f: generic functions by their origin, method values and thunks by
// the method behind them.
func (p *pkg) funcOf(f *ssa.Function) *fn {
	if f == nil {
		return nil
	}
	if x, ok := p.byFunc[f]; ok {
		return x
	}
	if o := f.Origin(); o != nil {
		if x, ok := p.byFunc[o]; ok {
			return x
		}
	}
	return nil
}

// callArgs lists what a call passes: a bound receiver first, captured variables after the parameters.
func (x *fn) callArgs(c *ssa.CallCommon) []ssa.Value {
	if c.IsInvoke() {
		return slices.Concat([]ssa.Value{c.Value}, c.Args)
	}
	if mc := x.closure(c.Value); mc != nil {
		if x.p.bound(mc.Fn.(*ssa.Function)) != nil {
			return slices.Concat(mc.Bindings, c.Args)
		}
		return slices.Concat(c.Args, mc.Bindings)
	}
	return c.Args
}

// closure finds the function literal that v is, through a variable that never changes.
func (x *fn) closure(v ssa.Value) *ssa.MakeClosure {
	for range maxDepth {
		switch w := v.(type) {
		case *ssa.MakeClosure:
			return w
		case *ssa.ChangeType:
			v = w.X
			continue
		case *ssa.UnOp:
			if a, ok := w.X.(*ssa.Alloc); ok {
				if c := x.constant(a); c != nil {
					v = c
					continue
				}
			}
		}
		return nil
	}
	return nil
}

// opOf looks up the model of a callee, static or an interface method.
func (p *pkg) opOf(c *ssa.CallCommon) op {
	if c.IsInvoke() {
		o, ok := p.methodOps[c.Method]
		if !ok {
			o = modelOf(c.Method.FullName())
			p.methodOps[c.Method] = o
		}
		return o
	}
	if f := c.StaticCallee(); f != nil {
		if o, ok := p.ops[f]; ok {
			return o
		}
		o := modelOf(fullName(f))
		p.ops[f] = o
		return o
	}
	return opNone
}

func receiverOf(c *ssa.CallCommon) ssa.Value {
	if c.IsInvoke() {
		return c.Value
	}
	if len(c.Args) > 0 {
		return c.Args[0]
	}
	return nil
}
