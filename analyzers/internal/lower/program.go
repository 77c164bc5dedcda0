package lower

import (
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
)

// pkg is the work on one package.
type pkg struct {
	pass        *analysis.Pass
	ssa         *ssa.Package
	funcs       []*fn
	byFunc      map[*ssa.Function]*fn
	ops         map[*ssa.Function]op
	pos         *positions
	imported    map[*types.Func]*known
	conds       map[string]string   // field of a condition → field of its lock
	flags       map[string][]string // field of a wait group or channel → flags that are set before it is waited for or closed
	fields      map[string]*fieldInfo
	tasks       []verdict.Task
	joins       map[string]bool // channels that goroutines close when they end
	sharedTypes map[string]bool
	boxed       map[string]bool // types that some interface holds
	confined    map[string]bool // types that say they are not safe for concurrent use; nil: not known yet
}

func newPkg(pass *analysis.Pass) *pkg {
	p := &pkg{
		pass: pass, byFunc: map[*ssa.Function]*fn{}, ops: map[*ssa.Function]op{}, imported: map[*types.Func]*known{}, conds: map[string]string{},
		flags: map[string][]string{}, fields: map[string]*fieldInfo{},
		joins: map[string]bool{}, sharedTypes: map[string]bool{},
		pos: &positions{fset: pass.Fset, index: map[verdict.Site]flow.Pos{}},
	}
	p.ssa = build(pass)
	for _, f := range sourceFuncs(pass, p.ssa) {
		x := newFn(p, f)
		x.test = strings.HasSuffix(pass.Fset.Position(f.Pos()).Filename, "_test.go")
		p.funcs = append(p.funcs, x)
		p.byFunc[f] = x
	}
	support := p.testSupport()
	for _, x := range p.funcs {
		x.parent = p.byFunc[x.f.Parent()]
		x.test = x.test || support || x.forTests()
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				if mc, ok := in.(*ssa.MakeClosure); ok {
					if y := p.funcOf(mc.Fn.(*ssa.Function)); y != nil {
						y.site = mc
					}
				}
			}
		}
	}
	p.findConds()
	p.link()
	p.findRuns()
	p.linkArguments()
	p.inferEntry()
	p.findThreads()
	p.findInit()
	p.findStarting()
	p.findFlags()
	p.findFields()
	p.findSharedTypes()
	p.findClosed()
	p.findDone()
	return p
}

// findConds learns which lock belongs to which condition.
func (p *pkg) findConds() {
	for _, x := range p.funcs {
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				s, ok := in.(*ssa.Store)
				if !ok {
					continue
				}
				fa, ok := s.Addr.(*ssa.FieldAddr)
				if !ok {
					continue
				}
				if typeName(fa.X.Type()) == "sync.Cond" {
					if c, l := x.valueOf(fa.X), x.valueOf(s.Val); c.field != "" && l.field != "" {
						p.conds[c.field] = l.field
					}
				}
				if c, ok := s.Val.(*ssa.Call); ok && c.Call.StaticCallee() != nil && fullName(c.Call.StaticCallee()) == "sync.NewCond" {
					if r, l := x.valueOf(fa), x.valueOf(c.Call.Args[0]); r.field != "" && l.field != "" {
						p.conds[r.field] = l.field
					}
				}
			}
		}
	}
}

// link finds the calls between functions of the package, and those that are used as values.
func (p *pkg) link() {
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
				var ops [12]*ssa.Value
				for _, o := range in.Operands(ops[:0]) {
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
		return
	}
	// A method value or a thunk: the method behind it.
	if o, ok := f.Object().(*types.Func); ok {
		if y := p.funcOf(p.ssa.Prog.FuncValue(o)); y != nil {
			y.escape = true
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
	if o, ok := f.Object().(*types.Func); ok && f.Synthetic != "" { // a method value: the receiver is bound
		if y := p.funcOf(p.ssa.Prog.FuncValue(o)); y != nil && y.f.Signature.Recv() != nil {
			return y, mc.Bindings
		}
	}
	return nil, nil
}

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
	for _, r := range runs {
		if r.Param >= len(c.Args) {
			continue
		}
		v := c.Args[r.Param]
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

// linkArguments adds the calls that run a function argument.
func (p *pkg) linkArguments() {
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
					if p.handedOverOnce(r.fn) {
						r.fn.escape = false
					}
				}
			}
		}
	}
}

// handedOverOnce says whether a function literal is used as an argument in one call and nowhere
// else.
func (p *pkg) handedOverOnce(y *fn) bool {
	if y.site == nil {
		return false
	}
	n := 0
	var count func(v ssa.Value, depth int)
	count = func(v ssa.Value, depth int) {
		if v.Referrers() == nil || depth > 4 {
			n += 2
			return
		}
		for _, r := range *v.Referrers() {
			switch r := r.(type) {
			case ssa.CallInstruction:
				n++
			case *ssa.ChangeType:
				count(r, depth+1)
			case *ssa.DebugRef:
			default:
				n += 2
			}
		}
	}
	count(y.site, 0)
	return n == 1
}

// inferEntry finds the locks that every caller holds.
func (p *pkg) inferEntry() {
	eligible := map[*fn]bool{}
	for _, x := range p.funcs {
		if c := x.contractLocks(); c != nil {
			x.entry, x.contract = c, true
		}
		obj := x.f.Object()
		private := obj == nil || !obj.Exported()
		private = private || p.hidden(x)
		if obj != nil && (obj.Name() == "init" || obj.Name() == "main") {
			private = false
		}
		eligible[x] = private && !x.escape && len(x.called) > 0 && !x.contract
	}
	for _, x := range p.funcs {
		x.net = x.netEffects()
	}
	known := map[*fn]bool{}
	for round := range 6 {
		changed := false
		heldAt := map[ssa.Instruction]lockState{}
		for _, x := range p.funcs {
			if len(x.calls) == 0 {
				continue
			}
			x.visit(func(in ssa.Instruction, held lockState) {
				if len(held) == 0 {
					return
				}
				switch in := in.(type) {
				case *ssa.Call:
					heldAt[in] = held
				case *ssa.RunDefers:
					for _, d := range x.deferred() {
						if _, ok := heldAt[d]; !ok {
							heldAt[d] = x.heldAtDefer(d, held)
						}
					}
				}
			})
		}
		for _, x := range p.funcs {
			if !eligible[x] {
				continue
			}
			var meet lockState
			first, bare, some := true, false, false
			alone := !slices.ContainsFunc(x.called, func(c callSite) bool { return !c.unshared(x) })
			for _, c := range x.called {
				if eligible[c.caller] && !known[c.caller] && round < 3 && c.caller != x {
					continue // not known yet
				}
				if c.caller == x || !alone && c.unshared(x) {
					continue
				}
				var s lockState
				if !c.spawned {
					for _, l := range heldAt[c.instr] {
						s = s.with(c.caller.toCallee(l, x, c.args))
					}
					for _, l := range c.held {
						s = s.with(c.caller.toCallee(l, x, c.args))
					}
				}
				bare, some = bare || len(s) == 0, some || len(s) > 0
				if first {
					meet, first = s, false
				} else {
					meet = meetByField(meet, s)
				}
			}
			x.mixed = bare && some || bare && slices.ContainsFunc(x.called, func(c callSite) bool {
				return c.caller.mixed && !c.spawned && len(heldAt[c.instr]) == 0 && !c.unshared(x)
			})
			if first {
				continue
			}
			if !known[x] || len(meet) != len(x.entry) {
				changed = true
			}
			known[x], x.entry = true, meet
		}
		if !changed && round > 0 {
			break
		}
	}
	p.findMaybe()
	for _, x := range p.funcs {
		x.net = x.netEffects()
		x.mixed = x.mixed || x.escape && x.f.Parent() != nil
	}
}

// hidden says whether x is an exported method of a type that is not, and that no interface in the
// package holds: then all its callers are known.
func (p *pkg) hidden(x *fn) bool {
	r := x.f.Signature.Recv()
	if r == nil {
		return false
	}
	n, ok := types.Unalias(deref(r.Type())).(*types.Named)
	if !ok || n.Obj().Exported() {
		return false
	}
	if p.boxed == nil {
		p.boxed = map[string]bool{}
		for _, y := range p.funcs {
			for _, b := range y.f.Blocks {
				for _, in := range b.Instrs {
					if mi, ok := in.(*ssa.MakeInterface); ok {
						p.boxed[typeName(mi.X.Type())] = true
					}
				}
			}
		}
	}
	return !p.boxed[typeName(r.Type())]
}

// findMaybe marks the functions that are called where a lock is held on some ways only: as a rule the
// same condition decides about the lock and about the call. So it is for what they call.
func (p *pkg) findMaybe() {
	bare := map[ssa.Instruction]bool{}
	var work []*fn
	mark := func(c *callSite) {
		if !c.spawned && !c.callee.contract && !c.callee.mixed {
			c.callee.mixed = true
			work = append(work, c.callee)
		}
	}
	for _, x := range p.funcs {
		if len(x.calls) == 0 {
			continue
		}
		must, may := x.locksets(), x.mayLocksets()
		at := map[ssa.Instruction]bool{}
		for _, b := range x.f.Blocks {
			s, m := must[b.Index], may[b.Index]
			for _, in := range b.Instrs {
				bare[in] = len(s) == 0
				at[in] = len(s) == 0 && len(m) > 0
				s, m = x.step(s, in), x.step(m, in)
			}
		}
		for _, c := range x.calls {
			if at[c.instr] {
				mark(&c)
			}
		}
	}
	for len(work) > 0 {
		x := work[len(work)-1]
		work = work[:len(work)-1]
		for _, c := range x.calls {
			if bare[c.instr] && len(c.callee.called) == 1 {
				mark(&c)
			}
		}
	}
}

// unshared says whether the call is made on an object that nobody else knows yet: then no lock is
// needed, whatever the other callers hold.
func (c *callSite) unshared(callee *fn) bool {
	if callee.recv == "" || c.spawned || len(c.args) == 0 || c.args[0] == nil {
		return false
	}
	r := c.caller.valueOf(c.args[0])
	return r.fresh() || c.caller.isInit && r.root == flow.RootParam && r.param == 0
}

// heldAtDefer is what is held when deferred call d runs: those deferred later ran before it.
func (x *fn) heldAtDefer(d *ssa.Defer, held lockState) lockState {
	for _, o := range x.deferred() {
		if o == d {
			break
		}
		for _, l := range x.callEffects(&o.Call).releases {
			held = held.without(l)
		}
	}
	return held
}

// meetByField keeps the locks that both sets hold, under the name of the first; what one of them
// holds for reading only is held for reading.
func meetByField(a, b lockState) lockState {
	var out lockState
	for _, l := range a {
		for _, o := range b {
			if o.Path == l.Path || l.Field != "" && o.Field == l.Field {
				l.Read = l.Read || o.Read
				out = append(out, l)
				break
			}
		}
	}
	return out
}

// inLoop says whether a block can run again.
func inLoop(b *ssa.BasicBlock) bool { return reachable(b, b) }

// reachable says whether to can run after from.
func reachable(from, to *ssa.BasicBlock) bool {
	seen := map[*ssa.BasicBlock]bool{}
	stack := slices.Clone(from.Succs)
	for len(stack) > 0 {
		c := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if c == to {
			return true
		}
		if !seen[c] {
			seen[c] = true
			stack = append(stack, c.Succs...)
		}
	}
	return false
}

const outside = "outside"

// findThreads finds, for every function, the goroutines that can run it.
func (p *pkg) findThreads() {
	for _, x := range p.funcs {
		obj := x.f.Object()
		switch {
		case isHandler(x.f.Signature):
			x.threads[outside], x.multi = true, true
			x.reach = "HTTP handler"
		case obj != nil && obj.Name() == "main" && p.pass.Pkg.Name() == "main", x.f.Name() == "init" || strings.HasPrefix(x.f.Name(), "init#"):
			x.threads["main"] = true
		case x.escape, obj != nil && (obj.Exported() || len(x.called) == 0):
			x.threads[outside] = true
		}
		for _, c := range x.called {
			if c.spawned {
				x.threads["go@"+strconv.Itoa(int(c.instr.Pos()))] = true
				if inLoop(c.instr.Block()) {
					x.multi = true
					x.reach = "goroutines started in a loop in " + c.caller.name
				} else if x.reach == "" {
					x.reach = "goroutine started in " + c.caller.name
				}
			}
		}
	}
	for range len(p.funcs) + 1 {
		changed := false
		for _, x := range p.funcs {
			for _, c := range x.called {
				if c.spawned {
					continue
				}
				for t := range c.caller.threads {
					if !x.threads[t] {
						x.threads[t], changed = true, true
					}
				}
				if c.caller.multi && !x.multi {
					x.multi, changed = true, true
				}
				if x.reach == "" && c.caller.reach != "" {
					x.reach = c.caller.reach
				}
			}
		}
		if !changed {
			break
		}
	}
	for _, x := range p.funcs {
		x.single = len(x.threads) == 1 && !x.threads[outside] && !x.multi
	}
}

func isHandler(sig *types.Signature) bool {
	p := sig.Params()
	for v := range p.Variables() {
		if typeName(v.Type()) == "net/http.ResponseWriter" {
			return true
		}
	}
	return false
}

var opens = regexp.MustCompile(`(?i)^(init|open|new|restore|recover|replay|bootstrap)`)

// findStarting finds functions that only those call who open an object, by their names: whoever
// else is to use it waits until they have returned.
func (p *pkg) findStarting() {
	for range 4 {
		for _, x := range p.funcs {
			obj := x.f.Object()
			if x.starting || x.escape || len(x.called) == 0 || obj != nil && obj.Exported() {
				continue
			}
			x.starting = !slices.ContainsFunc(x.called, func(c callSite) bool {
				return c.spawned || !c.unshared(x) && !c.caller.isInit && !c.caller.starting && !opens.MatchString(c.caller.f.Name())
			})
		}
	}
}

// findInit finds functions that only see objects which nobody else knows yet.
func (p *pkg) findInit() {
	for range 4 {
		changed := false
		for _, x := range p.funcs {
			if x.isInit {
				continue
			}
			obj := x.f.Object()
			if x.test {
				x.isInit, changed = true, true
				continue
			}
			if x.f.Name() == "init" || strings.HasPrefix(x.f.Name(), "init#") {
				x.isInit, changed = true, true
				continue
			}
			if x.escape || len(x.called) == 0 || obj != nil && obj.Exported() || len(x.params) == 0 {
				continue
			}
			all := true
			for _, c := range x.called {
				if c.spawned || len(c.args) == 0 || c.args[0] == nil {
					all = false
					break
				}
				r := c.caller.valueOf(c.args[0])
				if !(r.fresh() && x.recv != "" || c.caller.isInit && (r.root == flow.RootParam && r.param == 0 && x.recv != "" || c.caller.f.Signature.Recv() == nil)) {
					all = false
					break
				}
			}
			if all {
				x.isInit, changed = true, true
			}
		}
		if !changed {
			return
		}
	}
}
