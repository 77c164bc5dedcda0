package lower

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// lockOf names the lock that v is or points to. A lock that nothing names gets the path of its
// value: it covers within the function, and is told apart from no other lock elsewhere.
func (x *fn) lockOf(v ssa.Value, read bool) flow.Lock {
	if c, ok := v.(*ssa.Call); ok && c.Call.StaticCallee() != nil && strings.HasSuffix(fullName(c.Call.StaticCallee()), "RWMutex).RLocker") {
		return x.lockOf(c.Call.Args[0], true)
	}
	r := x.valueOf(v)
	if u, ok := v.(*ssa.UnOp); ok {
		if fa, ok := u.X.(*ssa.FieldAddr); ok && typeName(fa.X.Type()) == "sync.Cond" {
			if l, ok := x.condLock(fa.X); ok {
				return l
			}
		}
	}
	l := flow.Lock{Path: r.path, Field: r.field, Root: r.root, Param: r.param, Kind: flow.LockThread, Read: read}
	if l.Path == "" {
		l.Path = "(" + v.Name() + ")"
	}
	if r.key != nil {
		l.Path += "[" + x.keyText(r.key) + "]"
		if l.Field != "" {
			l.Field += "[]"
		}
	}
	if l.Field == "" || r.root == flow.RootNone || r.root == flow.RootCell {
		if t, ok := x.tableOf(v, 0); ok {
			l.Field = t.field + "[]"
		}
	}
	if l.Field == "" && r.path != "" && r.key == nil {
		// A type that is a lock or embeds one: sync.Locker, a lock passed by pointer.
		if t := typeName(v.Type()); t != "" && !strings.HasPrefix(t, "sync.") && r.root != flow.RootLocal {
			l.Field = t
		}
	}
	if a, ok := v.(*ssa.Alloc); ok && r.root == flow.RootLocal {
		l.Local = x.ownLock(a)
	}
	if l.Root == flow.RootLocal && !l.Local {
		l.Root = flow.RootNone
	}
	return l
}

// condLock names the lock of a condition, if the package says which one it is.
func (x *fn) condLock(cond ssa.Value) (flow.Lock, bool) {
	r := x.valueOf(cond)
	field, ok := x.p.conds[r.field]
	if !ok || r.field == "" {
		return flow.Lock{}, false
	}
	base := r.path[:strings.LastIndexByte(r.path, '.')+1]
	root := r.root
	if root == flow.RootLocal {
		root = flow.RootNone
	}
	return flow.Lock{Path: base + field[strings.LastIndexByte(field, '.')+1:], Field: field, Root: root, Param: r.param, Kind: flow.LockThread}, true
}

// ownLock says whether a mutex is a variable of this activation that nobody else can reach.
func (x *fn) ownLock(a *ssa.Alloc) bool {
	if !isMutex(deref(a.Type())) {
		return false
	}
	for _, r := range *a.Referrers() {
		switch r := r.(type) {
		case ssa.CallInstruction:
			if o := x.p.opOf(r.Common()); o < opLock || o > opTryRLock {
				return false
			}
		case *ssa.Store:
			if r.Addr != ssa.Value(a) {
				return false
			}
		case *ssa.DebugRef:
		default:
			return false
		}
	}
	return true
}

func isMutex(t types.Type) bool {
	switch typeName(t) {
	case "sync.Mutex", "sync.RWMutex":
		return true
	}
	return false
}

// opOf looks up the model of a callee, static or an interface method.
func (p *pkg) opOf(c *ssa.CallCommon) op {
	if c.IsInvoke() {
		return modelOf(c.Method.FullName())
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

// lockState is the set of locks that are held for certain, sorted by path.
type lockState []flow.Lock

func (s lockState) find(l flow.Lock) int {
	return slices.IndexFunc(s, func(o flow.Lock) bool { return o.Path == l.Path && o.Read == l.Read })
}

func (s lockState) with(l flow.Lock) lockState {
	if s.find(l) >= 0 {
		return s
	}
	return append(slices.Clip(s), l)
}

func (s lockState) without(l flow.Lock) lockState {
	if i := s.find(l); i >= 0 {
		return slices.Concat(s[:i], s[i+1:])
	}
	return s
}

func (s lockState) meet(o lockState) lockState {
	return slices.DeleteFunc(slices.Clone(s), func(l flow.Lock) bool { return o.find(l) < 0 })
}

// lockEffects is what a call or return does to the locks held.
type lockEffects struct {
	acquires, releases []flow.Lock
}

// effects says what one instruction does to the locks held, in x's terms. TryLock does
// it on one side of a later branch: see tryLock.
func (x *fn) effects(in ssa.Instruction) (e lockEffects) {
	switch in := in.(type) {
	case *ssa.Call:
		return x.callEffects(&in.Call)
	case *ssa.RunDefers:
		for _, d := range x.deferredAt(in) {
			ce := x.callEffects(&d.Call)
			e.releases = append(e.releases, ce.releases...)
			if d.Block().Dominates(in.Block()) {
				e.acquires = append(e.acquires, ce.acquires...)
			}
		}
	}
	return e
}

// deferredAt lists the deferred calls that can have been deferred by the time rd runs them.
func (x *fn) deferredAt(rd *ssa.RunDefers) []*ssa.Defer {
	all := x.deferred()
	if len(all) == 0 {
		return nil
	}
	if out, ok := x.defers[rd]; ok {
		return out
	}
	var out []*ssa.Defer
	for _, d := range all {
		if d.Block() == rd.Block() || d.Block().Dominates(rd.Block()) || reachable(d.Block(), rd.Block()) {
			out = append(out, d)
		}
	}
	if x.defers == nil {
		x.defers = map[*ssa.RunDefers][]*ssa.Defer{}
	}
	x.defers[rd] = out
	return out
}

// optional says whether a boolean that the caller passes decides whether b runs: what the function
// does there with a lock, it does for those callers who ask for it.
func (x *fn) optional(b *ssa.BasicBlock) bool {
	for d := b.Idom(); d != nil; b, d = d, d.Idom() {
		br, ok := d.Instrs[len(d.Instrs)-1].(*ssa.If)
		if !ok || len(b.Preds) != 1 {
			continue
		}
		cond := br.Cond
		for range maxDepth {
			u, ok := cond.(*ssa.UnOp)
			if !ok {
				break
			}
			if a, ok := u.X.(*ssa.Alloc); ok && u.Op == token.MUL {
				if cond = x.constant(a); cond == nil {
					break
				}
				continue
			}
			cond = u.X
		}
		if _, ok := x.index[cond]; ok {
			return true
		}
	}
	return false
}

// deferred lists the deferred calls in the order in which they run.
func (x *fn) deferred() []*ssa.Defer {
	if x.allDefers != nil {
		return x.allDefers
	}
	out := []*ssa.Defer{}
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			if d, ok := in.(*ssa.Defer); ok {
				out = append(out, d)
			}
		}
	}
	slices.Reverse(out)
	x.allDefers = out
	return out
}

func (x *fn) callEffects(c *ssa.CallCommon) (e lockEffects) {
	switch o := x.p.opOf(c); o {
	case opLock, opRLock:
		e.acquires = []flow.Lock{x.lockOf(receiverOf(c), o == opRLock)}
		return e
	case opUnlock, opRUnlock:
		e.releases = []flow.Lock{x.lockOf(receiverOf(c), o == opRUnlock)}
		return e
	}
	if c.IsInvoke() {
		return e
	}
	args := x.callArgs(c)
	if callee := x.p.local(c); callee != nil {
		for _, l := range callee.net.acquires {
			e.acquires = append(e.acquires, x.fromSummary(l, args))
		}
		for _, l := range callee.net.releases {
			e.releases = append(e.releases, x.fromSummary(l, args))
		}
		return e
	}
	if f := c.StaticCallee(); f != nil {
		if o, ok := f.Object().(*types.Func); ok {
			if k := x.p.factOf(o); k != nil {
				for _, l := range k.sum.Acquires {
					e.acquires = append(e.acquires, x.fromSummary(l, args))
				}
				for _, l := range k.sum.Releases {
					e.releases = append(e.releases, x.fromSummary(l, args))
				}
			}
		}
		return e
	}
	// The function that an earlier call returned: if that call took a lock, this gives it back.
	e.releases = x.unlocks(c.Value)
	return e
}

// unlocks lists the locks that calling v gives back: v is the result of a call that took them, or
// the method value of an Unlock.
func (x *fn) unlocks(v ssa.Value) []flow.Lock {
	for range maxDepth {
		switch w := v.(type) {
		case *ssa.Extract:
			v = w.Tuple
			continue
		case *ssa.UnOp:
			if a, ok := w.X.(*ssa.Alloc); ok {
				if c := x.constant(a); c != nil {
					v = c
					continue
				}
			}
		case *ssa.Call:
			return x.callEffects(&w.Call).acquires
		}
		return nil
	}
	return nil
}

// callArgs lists what a call passes, captured variables after the parameters.
func (x *fn) callArgs(c *ssa.CallCommon) []ssa.Value {
	if c.IsInvoke() {
		return slices.Concat([]ssa.Value{c.Value}, c.Args)
	}
	if mc := x.closure(c.Value); mc != nil {
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

// local finds the function of this package that a call runs, or nil.
func (p *pkg) local(c *ssa.CallCommon) *fn {
	if c.IsInvoke() {
		return nil
	}
	f := c.StaticCallee()
	if f == nil {
		return nil
	}
	return p.funcOf(f)
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

// fromSummary names a callee's lock in the caller's terms.
func (x *fn) fromSummary(l flow.Lock, args []ssa.Value) flow.Lock {
	if l.Root == flow.RootNone && !strings.HasPrefix(l.Path, "(callee)") {
		l.Path = "(callee) " + l.Path
	}
	if l.Root != flow.RootParam {
		return l
	}
	_, rest, dotted := strings.Cut(l.Path, ".")
	if dotted {
		rest = "." + rest
	}
	l.Key = 0
	if l.Param < len(args) && args[l.Param] != nil {
		if r := x.valueOf(args[l.Param]); r.path != "" {
			l.Path, l.Root, l.Param = r.path+rest, r.root, r.param
			if l.Root == flow.RootLocal {
				l.Root = flow.RootNone
			}
			return l
		}
	}
	l.Path, l.Root = "(callee)"+rest, flow.RootNone
	return l
}

// toCallee names a lock of the caller in the callee's terms; a lock that the callee cannot name
// keeps the caller's path, which no path of the callee equals.
func (x *fn) toCallee(l flow.Lock, callee *fn, args []ssa.Value) flow.Lock {
	if l.Root == flow.RootGlobal {
		return l
	}
	best, out := -1, l
	for i, a := range args {
		if a == nil || i >= len(callee.params) {
			continue
		}
		r := x.valueOf(a)
		if r.path == "" || r.key != nil || len(r.path) <= best || l.Path != r.path && !strings.HasPrefix(l.Path, r.path+".") {
			continue
		}
		best = len(r.path)
		out.Path, out.Root, out.Param = callee.names[callee.params[i]]+l.Path[best:], flow.RootParam, i
	}
	if best < 0 {
		out.Path, out.Root, out.Param = "(caller) "+l.Path, flow.RootNone, 0
	}
	return out
}

// locksets computes, for every block, the locks held at its start, given those held on entry.
func (x *fn) locksets() []lockState { return x.solveLocks(x.entry, lockState.meet) }

// mayLocksets computes the locks that may be held, on some way.
func (x *fn) mayLocksets() []lockState { return x.solveLocks(x.entry, lockState.union) }

func (s lockState) union(o lockState) lockState {
	for _, l := range o {
		s = s.with(l)
	}
	return s
}

func (x *fn) solveLocks(entry []flow.Lock, join func(a, b lockState) lockState) []lockState {
	in := make([]lockState, len(x.f.Blocks))
	seen := make([]bool, len(x.f.Blocks))
	if len(in) == 0 {
		return in
	}
	in[0], seen[0] = slices.Clone(lockState(entry)), true
	work := []*ssa.BasicBlock{x.f.Blocks[0]}
	for steps := 0; len(work) > 0 && steps < 64*len(in)+64; steps++ {
		b := work[0]
		work = work[1:]
		s := in[b.Index]
		for _, i := range b.Instrs {
			s = x.step(s, i)
		}
		for n, to := range b.Succs {
			out := s
			if l, ok := x.tryLock(b, n); ok {
				out = s.with(l)
			}
			switch {
			case !seen[to.Index]:
				seen[to.Index], in[to.Index] = true, out
			default:
				m := join(in[to.Index], out)
				if len(m) == len(in[to.Index]) {
					continue
				}
				in[to.Index] = m
			}
			work = append(work, to)
		}
	}
	return in
}

func (x *fn) step(s lockState, in ssa.Instruction) lockState {
	e := x.effects(in)
	before := s
	for _, l := range e.releases {
		s = s.without(l)
	}
	for _, l := range e.acquires {
		if before.find(l) >= 0 || lockState(e.releases).find(l) < 0 { // nobody gets back what he did not have
			s = s.with(l)
		}
	}
	return s
}

// tryLock names the lock that is held on the n-th way out of b because a TryLock succeeded.
func (x *fn) tryLock(b *ssa.BasicBlock, n int) (flow.Lock, bool) {
	if len(b.Instrs) == 0 {
		return flow.Lock{}, false
	}
	br, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	if !ok {
		return flow.Lock{}, false
	}
	cond, want := br.Cond, 0
	for {
		u, ok := cond.(*ssa.UnOp)
		if !ok || u.Op.String() != "!" {
			break
		}
		cond, want = u.X, 1-want
	}
	c, ok := cond.(*ssa.Call)
	if !ok || n != want {
		return flow.Lock{}, false
	}
	switch o := x.p.opOf(&c.Call); o {
	case opTryLock, opTryRLock:
		return x.lockOf(receiverOf(&c.Call), o == opTryRLock), true
	}
	return flow.Lock{}, false
}

// visit walks all instructions with the locks held before each.
func (x *fn) visit(do func(in ssa.Instruction, held lockState)) {
	at := x.locksets()
	for _, b := range x.f.Blocks {
		s := at[b.Index]
		for _, in := range b.Instrs {
			do(in, s)
			s = x.step(s, in)
		}
	}
}

// netEffects computes which locks a function holds when it returns, and which of its caller's it
// gives back.
func (x *fn) netEffects() lockEffects {
	var out lockEffects
	first := true
	var held lockState
	entry := lockState(x.entry)
	at := x.locksets()
	may := x.solveLocks(nil, lockState.union) // what x itself may have taken
	for _, b := range x.f.Blocks {
		s, m := at[b.Index], may[b.Index]
		for _, in := range b.Instrs {
			for _, l := range x.effects(in).releases {
				if m.find(l) < 0 && lockState(out.releases).find(l) < 0 && x.outers(l) && !x.optional(b) {
					out.releases = append(out.releases, l)
				}
			}
			s, m = x.step(s, in), x.step(m, in)
			if _, ok := in.(*ssa.Return); ok {
				if first {
					held, first = s, false
				} else {
					held = held.meet(s)
				}
			}
		}
	}
	for _, l := range held {
		if entry.find(l) < 0 && outerRoot(l) {
			out.acquires = append(out.acquires, l)
		}
	}
	if len(out.releases) > 0 {
		owed := x.owed(may)
		for _, l := range out.releases {
			if owed.find(l) < 0 {
				out.acquires = lockState(out.acquires).with(l) // the caller's: given back and taken again
			}
		}
	}
	return out
}

// owed computes the caller's locks that x may have given back and not taken again when it returns;
// own is what x itself may have taken, by block.
func (x *fn) owed(own []lockState) lockState {
	in := make([]lockState, len(x.f.Blocks))
	seen := make([]bool, len(x.f.Blocks))
	seen[0] = true
	work := []*ssa.BasicBlock{x.f.Blocks[0]}
	var out lockState
	for steps := 0; len(work) > 0 && steps < 64*len(in)+64; steps++ {
		b := work[0]
		work = work[1:]
		s, m := in[b.Index], own[b.Index]
		for _, i := range b.Instrs {
			e := x.effects(i)
			for _, l := range e.releases {
				if m.find(l) < 0 && !x.optional(b) {
					s = s.with(l)
				}
			}
			for _, l := range e.acquires {
				s = s.without(l)
			}
			m = x.step(m, i)
			if _, ok := i.(*ssa.Return); ok {
				out = out.union(s)
			}
		}
		for _, to := range b.Succs {
			u := in[to.Index].union(s)
			if seen[to.Index] && len(u) == len(in[to.Index]) {
				continue
			}
			seen[to.Index], in[to.Index] = true, u
			work = append(work, to)
		}
	}
	return out
}

// outers says whether a lock that x gives back can be one that its caller has taken: a variable of
// its own that its closures capture is not.
func (x *fn) outers(l flow.Lock) bool {
	return l.Root == flow.RootParam || l.Root == flow.RootGlobal || l.Root == flow.RootCell && x.f.Parent() != nil
}

func outerRoot(l flow.Lock) bool {
	return l.Root == flow.RootParam || l.Root == flow.RootGlobal || l.Root == flow.RootCell || l.Field != ""
}
