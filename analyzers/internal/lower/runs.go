package lower

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// runArg is a function that a call runs or starts: one of its arguments.
type runArg struct {
	fn   *fn
	args []ssa.Value // by parameter of fn; nil entries are not known
	run  Run
	op   op
}

// runArgs lists the functions of the package that a call hands over to be run.
func (p *pkg) runArgs(x *fn, c *ssa.CallCommon) []runArg {
	o := p.opOf(c)
	var runs []Run
	switch o {
	case opRunOnce, opRunKeyed, opRun, opElems, opGo, opGoErr, opAfter, opOnceFunc:
		for i := range c.Args {
			runs = append(runs, Run{Param: i, Spawns: o == opGo || o == opGoErr || o == opAfter, Sees: o == opGoErr})
		}
		if o == opRunOnce || o == opRunKeyed {
			l := x.onceLock(c)
			for i := range runs {
				runs[i].Locks = []flow.Lock{l}
			}
		}
		if o == opOnceFunc {
			for i := range runs {
				runs[i].Locks = []flow.Lock{{Path: "(once)", Root: flow.RootNone, Kind: flow.LockThread}}
			}
		}
	default:
		if y := p.local(c); y != nil {
			args := x.callArgs(c)
			for _, r := range y.runs {
				r.Locks = x.fromSummaries(r.Locks, args)
				runs = append(runs, r)
			}
		} else if f := c.StaticCallee(); f != nil {
			if obj, ok := f.Object().(*types.Func); ok {
				if k := p.factOf(obj); k != nil {
					for _, r := range k.fact.Runs {
						r.Locks = x.fromSummaries(r.Locks, c.Args)
						runs = append(runs, r)
					}
				}
			}
		}
	}
	var out []runArg
	args := x.callArgs(c)
	for _, r := range runs {
		if r.Param >= len(args) {
			continue
		}
		v := args[r.Param]
		if _, ok := types.Unalias(v.Type()).Underlying().(*types.Signature); !ok {
			continue
		}
		y, bound := p.funcValue(x, v)
		if y == nil {
			continue
		}
		args := make([]ssa.Value, len(y.params))
		if y.site != nil && len(bound) == len(y.f.FreeVars) {
			copy(args[len(y.f.Params):], bound)
		} else {
			copy(args, bound)
		}
		out = append(out, runArg{y, args, r, o})
	}
	return out
}

// onceLock is what sync.Once and singleflight are to the functions that they run: a lock that guards
// no data by itself, and therefore has no name of its own elsewhere.
func (x *fn) onceLock(c *ssa.CallCommon) flow.Lock {
	l := x.lockOf(receiverOf(c), false)
	l.Field = ""
	return l
}

func (x *fn) fromSummaries(locks []flow.Lock, args []ssa.Value) []flow.Lock {
	var out []flow.Lock
	for _, l := range locks {
		out = append(out, x.fromSummary(l, args))
	}
	return out
}

// findRuns learns which functions run or start their function arguments, bottom-up through two
// levels of helpers.
func (p *pkg) findRuns() {
	for range 3 {
		for _, x := range p.funcs {
			x.net = x.netEffects()
			if !x.takesFunc() {
				continue
			}
			x.runs = x.runs[:0]
			x.visit(func(in ssa.Instruction, held lockState) {
				ci, ok := in.(ssa.CallInstruction)
				if !ok {
					return
				}
				c := ci.Common()
				_, spawned := in.(*ssa.Go)
				add := func(v ssa.Value, r Run) {
					if i, ok := x.paramBehind(v); ok && !slices.ContainsFunc(x.runs, func(o Run) bool { return o.Param == i }) {
						r.Param = i
						if !r.Spawns && !spawned {
							for _, l := range held {
								if outerRoot(l) {
									r.Locks = append(r.Locks, l)
								}
							}
						}
						r.Spawns = r.Spawns || spawned
						x.runs = append(x.runs, r)
					}
				}
				if !c.IsInvoke() {
					if _, ok := in.(*ssa.Defer); !ok {
						add(c.Value, Run{Sees: x.looksAt(in)})
					}
				}
				switch o := p.opOf(c); o {
				case opGo, opGoErr:
					add(c.Args[len(c.Args)-1], Run{Spawns: true, Sees: o == opGoErr})
				case opRunOnce, opRunKeyed:
					add(c.Args[len(c.Args)-1], Run{Locks: []flow.Lock{x.onceLock(c)}})
				}
				callee := p.local(c)
				if callee == nil {
					if mc := x.closure(c.Value); mc != nil {
						callee = p.funcOf(mc.Fn.(*ssa.Function))
					}
				}
				if callee != nil && callee != x {
					args := x.callArgs(c)
					for _, r := range callee.runs {
						if r.Param < len(args) {
							add(args[r.Param], Run{Spawns: r.Spawns, Sees: r.Sees, Locks: x.fromSummaries(r.Locks, args)})
						}
					}
				}
			})
		}
	}
}

// takesFunc says whether x is given anything that it may run.
func (x *fn) takesFunc() bool {
	return slices.ContainsFunc(x.params, func(v ssa.Value) bool {
		switch t := types.Unalias(deref(v.Type())).(type) {
		case *types.TypeParam:
			return true
		default:
			_, ok := deref(t.Underlying()).Underlying().(*types.Signature)
			return ok
		}
	})
}

// looksAt says whether the result of a call is used.
func (x *fn) looksAt(in ssa.Instruction) bool {
	v, ok := in.(ssa.Value)
	return ok && v.Referrers() != nil && len(*v.Referrers()) > 0
}

// paramBehind finds the parameter that v is, through variables that never change.
func (x *fn) paramBehind(v ssa.Value) (int, bool) {
	for range maxDepth {
		if i, ok := x.index[v]; ok {
			return i, true
		}
		switch w := v.(type) {
		case *ssa.UnOp:
			if w.Op == token.MUL {
				v = w.X
				continue
			}
		case *ssa.Alloc:
			if c := x.constant(w); c != nil {
				v = c
				continue
			}
		case *ssa.ChangeType:
			v = w.X
			continue
		}
		return 0, false
	}
	return 0, false
}

// linkArguments adds the calls that run a function argument. A function that is a value nowhere else has
// no other callers.
func (p *pkg) linkArguments() {
	handed := map[*fn]int{}
	for _, x := range p.funcs {
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				ci, ok := in.(ssa.CallInstruction)
				if !ok {
					continue
				}
				for _, r := range p.runArgs(x, ci.Common()) {
					_, spawned := in.(*ssa.Go)
					p.addCall(callSite{caller: x, callee: r.fn, instr: in, args: r.args, spawned: spawned || r.run.Spawns, held: r.run.Locks})
					if usedOnce(ci.Common().Args[r.run.Param], 0) {
						handed[r.fn]++
					}
				}
			}
		}
	}
	for x, n := range handed {
		if n == x.valued {
			x.escape = false
		}
	}
}

// usedOnce says whether a function value is an argument of one call, and goes nowhere else.
func usedOnce(v ssa.Value, depth int) bool {
	if c, ok := v.(*ssa.ChangeType); ok && depth < 4 {
		return usedOnce(c.X, depth+1) && len(*c.Referrers()) == 1
	}
	if _, ok := v.(*ssa.Function); ok {
		return true // each mention is a use of its own
	}
	mc, ok := v.(*ssa.MakeClosure)
	if !ok {
		return false
	}
	n := 0
	for _, r := range *mc.Referrers() {
		switch r.(type) {
		case ssa.CallInstruction, *ssa.ChangeType:
			n++
		case *ssa.DebugRef:
		default:
			return false
		}
	}
	return n == 1
}
