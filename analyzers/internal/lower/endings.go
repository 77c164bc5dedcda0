package lower

import (
	"go/token"
	"go/types"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
	"github.com/toctou-lint/toctou/internal/verdict"
)

// findDone marks the functions that run when a goroutine or a time-out ends: what they remove must
// be their own.
func (p *pkg) findDone() {
	for _, x := range p.funcs {
		if len(x.called) == 0 {
			continue
		}
		body, late := true, false
		for _, c := range x.called {
			switch {
			case c.spawned:
				if ci, ok := c.instr.(ssa.CallInstruction); ok && p.opOf(ci.Common()) == opAfter {
					late = true
				}
			case c.caller.isBody() && c.deferred():
				late = late || c.caller.worksFirst()
			case c.caller.f.Parent() != nil && c.caller.isBody() && !inLoop(c.instr.Block()):
			default:
				body = false
			}
		}
		x.done = body && (late || x.worksFirst()) && !x.comparesOrLoops()
	}
}

func (c callSite) deferred() bool {
	_, ok := c.instr.(*ssa.Defer)
	return ok
}

// isBody says whether x is only ever started as a goroutine.
func (x *fn) isBody() bool {
	for _, c := range x.called {
		if !c.spawned {
			return false
		}
	}
	return len(x.called) > 0
}

// removal says whether an instruction removes an element or clears a variable.
func (x *fn) removal(in ssa.Instruction) bool {
	switch in := in.(type) {
	case ssa.CallInstruction:
		if b, ok := in.Common().Value.(*ssa.Builtin); ok {
			return b.Name() == "delete"
		}
		return x.p.opOf(in.Common()) == opElemDelete
	case *ssa.Store:
		c, ok := in.Val.(*ssa.Const)
		return ok && c.IsNil() && x.valueOf(in.Addr).named()
	}
	return false
}

// worksFirst says whether x does something that takes time before it removes something.
func (x *fn) worksFirst() bool {
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			if x.removal(in) {
				return false
			}
			switch in := in.(type) {
			case *ssa.Select:
				return true
			case *ssa.UnOp:
				if in.Op == token.ARROW {
					return true
				}
			case ssa.CallInstruction:
				c := in.Common()
				if _, ok := c.Value.(*ssa.Builtin); ok || x.p.opOf(c) != opNone {
					continue
				}
				if d, ok := in.(*ssa.Defer); ok && d != nil {
					continue
				}
				return true
			}
		}
	}
	return false
}

// comparesOrLoops says whether what x removes is chosen by a loop, or after comparing two values:
// then it is not blind.
func (x *fn) comparesOrLoops() bool {
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			if !x.removal(in) {
				continue
			}
			if inLoop(b) || x.comparedBefore(b) || x.entryAsked(b) {
				return true
			}
			if ci, ok := in.(ssa.CallInstruction); ok && len(ci.Common().Args) > 1 {
				if owner, key := x.keyOrigin(ci.Common().Args[1]); key != nil && (identity(key.Type()) || !owner.keyRepeats(key, 0)) {
					return true // a key that was made for this run
				}
			}
		}
	}
	return false
}

// comparedBefore says whether a comparison of two values, neither constant, decides whether b runs.
func (x *fn) comparedBefore(b *ssa.BasicBlock) bool {
	for d := b.Idom(); d != nil; d = d.Idom() {
		br, ok := d.Instrs[len(d.Instrs)-1].(*ssa.If)
		if !ok {
			continue
		}
		switch c := br.Cond.(type) {
		case *ssa.BinOp:
			_, lc := c.X.(*ssa.Const)
			_, rc := c.Y.(*ssa.Const)
			if !lc && !rc && (c.Op == token.EQL || c.Op == token.NEQ) {
				return true
			}
		}
	}
	return false
}

// entryAsked says whether a flag of an object that x captures decides whether b runs: the entry itself
// says whether it has been taken away.
func (x *fn) entryAsked(b *ssa.BasicBlock) bool {
	for d := b.Idom(); d != nil; d = d.Idom() {
		br, ok := d.Instrs[len(d.Instrs)-1].(*ssa.If)
		if !ok {
			continue
		}
		cond := br.Cond
		if u, ok := cond.(*ssa.UnOp); ok && u.Op == token.NOT {
			cond = u.X
		}
		u, ok := cond.(*ssa.UnOp)
		if !ok {
			continue
		}
		fa, ok := u.X.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		if _, captured := base(fa.X).(*ssa.FreeVar); captured {
			return x.f.Signature.Recv() == nil && typeName(fa.X.Type()) != x.owner()
		}
		if l, ok := fa.X.(*ssa.UnOp); ok {
			if _, captured := l.X.(*ssa.FreeVar); captured && typeName(fa.X.Type()) != x.owner() {
				return true
			}
		}
	}
	return false
}

// madeHere are the beginnings of the names of functions that give a key that nobody else has.
var madeHere = pattern.New(`(?i)^(new|next|gen|rand|uuid|make|alloc)|id$`)

// identity says whether a value of the type is an object: a key that is the object itself is nobody else's.
func identity(t types.Type) bool {
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Chan, *types.Pointer:
		return true
	case *types.Interface:
		return u.NumMethods() > 0 && typeName(t) != "reflect.Type"
	}
	return false
}

// keyRepeats says whether another run of x can use the same key.
func (x *fn) keyRepeats(v ssa.Value, depth int) bool {
	if v == nil || depth > 6 {
		return true
	}
	switch w := v.(type) {
	case *ssa.Parameter, *ssa.FreeVar, *ssa.Const:
		return true
	case *ssa.Call:
		return !madeHere.MatchString(calleeName(&w.Call)) && x.p.opOf(&w.Call) != opUpdate && (w.Call.IsInvoke() || w.Call.StaticCallee() != nil)
	case *ssa.Field:
		return x.keyRepeats(w.X, depth+1)
	case *ssa.FieldAddr:
		return x.keyRepeats(w.X, depth+1)
	case *ssa.UnOp:
		return x.keyRepeats(w.X, depth+1)
	case *ssa.MakeInterface:
		return x.keyRepeats(w.X, depth+1)
	case *ssa.Convert:
		return x.keyRepeats(w.X, depth+1)
	case *ssa.Alloc:
		if c := x.cells[w]; c != nil && c.stores == 1 && c.value != nil {
			return x.keyRepeats(c.value, depth+1)
		}
	}
	return false
}

// cleanups finds functions that put an entry somewhere and take it away again at their end, with
// other work in between.
func (p *pkg) cleanups() []verdict.Cleanup {
	var out []verdict.Cleanup
	index := 0
	for _, x := range p.funcs {
		if x.flow == nil {
			continue
		}
		i := index
		index++
		if x.isInit || x.single {
			continue
		}
		deferred := map[flow.Pos]bool{}
		for _, d := range x.deferred() {
			deferred[flow.Pos(d.Pos())] = true
		}
		course := sync.OnceValue(x.course)
		accs := x.res.Accesses
		for k := range accs {
			e := &x.flow.Blocks[accs[k].Ref.Block].Events[accs[k].Ref.Index]
			if e.Op != flow.OpAct || e.Effect != flow.EffectDel || !deferred[e.Pos] && !accs[k].AfterPrev || accs[k].Identity || e.Flags&(flow.FlagRechecked|flow.FlagAtomic) != 0 || e.Key <= 0 {
				continue
			}
			if x.flow.Places[e.Place].Field == "" || x.comparedInside(e.Pos) {
				continue
			}
			for n := range accs {
				put := &x.flow.Blocks[accs[n].Ref.Block].Events[accs[n].Ref.Index]
				if put.Op != flow.OpAct || put.Effect != flow.EffectSet || put.Place != e.Place || put.Pos >= e.Pos || put.Value == flow.ValueNone ||
					accs[n].Guarded && x.askedBefore(accs[n].Ref) || put.Flags&(flow.FlagRechecked|flow.FlagAtomic|flow.FlagUpdate) != 0 {
					continue
				}
				if !deferred[e.Pos] && (e.Key != put.Key || !course().endsWork(put.Pos, e.Pos)) {
					continue
				}
				if x.sameKey(put.Key, e.Key) || x.namedAfter(put, e.Key) {
					out = append(out, verdict.Cleanup{Func: i, Put: accs[n].Ref, Removal: accs[k].Ref})
					break
				}
			}
		}
	}
	return out
}

// course is where the instructions of a function stand, by their positions. It is made once for all pairs that are asked about.
type course struct {
	x      *fn
	blocks map[flow.Pos]*ssa.BasicBlock
	works  []flow.Pos // calls of code that may take its time, without a lock; sorted
	seen   []bool     // by block: scratch
}

func (x *fn) course() *course {
	c := &course{x: x, blocks: map[flow.Pos]*ssa.BasicBlock{}, seen: make([]bool, len(x.f.Blocks))}
	x.visit(func(in ssa.Instruction, held lockState) {
		c.blocks[flow.Pos(in.Pos())] = in.Block()
		if call, plain := in.(*ssa.Call); plain && len(held) == 0 {
			if _, builtin := call.Call.Value.(*ssa.Builtin); !builtin && x.p.opOf(&call.Call) == opNone {
				c.works = append(c.works, flow.Pos(in.Pos()))
			}
		}
	})
	slices.Sort(c.works)
	return c
}

// endsWork says whether the function always comes from the instruction at put to the one at removal, and calls code that
// may take its time in between, without a lock.
func (c *course) endsWork(put, removal flow.Pos) bool {
	from, to := c.blocks[put], c.blocks[removal]
	if i, _ := slices.BinarySearch(c.works, put+1); i == len(c.works) || c.works[i] >= removal {
		return false
	}
	clear(c.seen)
	return from != nil && to != nil && !inLoop(to) && !c.leavesBefore(from, to)
}

// leavesBefore says whether a function can return on a way from one block that does not lead through another, or
// through one that was seen.
func (c *course) leavesBefore(from, to *ssa.BasicBlock) bool {
	if from == to || c.seen[from.Index] {
		return false
	}
	c.seen[from.Index] = true
	if _, ok := from.Instrs[len(from.Instrs)-1].(*ssa.Return); ok {
		return true
	}
	return slices.ContainsFunc(from.Succs, func(s *ssa.BasicBlock) bool { return c.leavesBefore(s, to) })
}

// askedBefore says whether an answer about the same place decides whether an act happens.
func (x *fn) askedBefore(act flow.Ref) bool {
	return slices.ContainsFunc(x.res.Windows, func(w flow.Window) bool { return w.Act == act && w.Use&flow.UseControl != 0 })
}

// comparedInside says whether the deferred function literal at pos compares before it removes.
func (x *fn) comparedInside(pos flow.Pos) bool {
	for _, d := range x.deferred() {
		if flow.Pos(d.Pos()) != pos {
			continue
		}
		callee := x.p.local(&d.Call)
		if callee == nil {
			if mc := x.closure(d.Call.Value); mc != nil {
				callee = x.p.funcOf(mc.Fn.(*ssa.Function))
			}
		}
		return callee != nil && callee.comparesOrLoops()
	}
	return false
}

// sameKey says whether two keys of a function are, or are made from, one value that another run
// can have, too.
func (x *fn) sameKey(a, b flow.KeyID) bool {
	if a <= 0 || b <= 0 {
		return false
	}
	ka, kb := x.flow.Keys[a], x.flow.Keys[b]
	if kb.Const {
		return a == b
	}
	va, vb := x.valueBehind(ka.Root), x.valueBehind(kb.Root)
	if vb == nil || kb.Path == "" && identity(vb.Type()) || !x.keyRepeats(vb, 0) {
		return false
	}
	return a == b || va != nil && madeFrom(va, vb, 0)
}

// namedAfter says whether a key is the name that the object which a call has made, and put under that name,
// keeps of its caller: `w := p.Replace(tenant)`, then w.Tenant.
func (x *fn) namedAfter(put *flow.Event, k flow.KeyID) bool {
	if put.Key <= 0 || k <= 0 {
		return false
	}
	given, kept := x.flow.Keys[put.Key], x.flow.Keys[k]
	call, ok := x.valueBehind(kept.Root).(*ssa.Call)
	if !ok || flow.Pos(call.Pos()) != put.Pos || given.Const || given.Path != "" || !strings.EqualFold(strings.TrimPrefix(kept.Path, "."), given.Text) {
		return false
	}
	v := x.valueBehind(given.Root)
	return v != nil && !identity(v.Type()) && x.keyRepeats(v, 0)
}

func (x *fn) valueBehind(id flow.VarID) ssa.Value {
	for v, k := range x.vars {
		if k == id {
			if _, isAlloc := v.(*ssa.Alloc); !isAlloc {
				return v
			}
		}
	}
	return nil
}

// keyOrigin finds the value behind a key, in the function that a literal captures it from.
func (x *fn) keyOrigin(v ssa.Value) (*fn, ssa.Value) {
	u, ok := v.(*ssa.UnOp)
	if !ok {
		return x, v
	}
	fv, ok := u.X.(*ssa.FreeVar)
	if !ok {
		return x, v
	}
	owner, val := x.capturedCell(fv)
	if a, ok := val.(*ssa.Alloc); ok {
		if c := owner.constant(a); c != nil {
			return owner, c
		}
		return owner, nil
	}
	return owner, val
}
