package lower

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
	"github.com/toctou-lint/toctou/internal/verdict"
)

// findClosed learns which channels goroutines close when they end: to receive from one is a join.
func (p *pkg) findClosed() {
	for _, x := range p.funcs {
		if !x.isBody() && (!x.single || strings.HasPrefix(x.ownerThread(), "in turn ")) {
			continue
		}
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				if ci, ok := in.(ssa.CallInstruction); ok {
					if bi, ok := ci.Common().Value.(*ssa.Builtin); ok && bi.Name() == "close" {
						if r := x.valueOf(ci.Common().Args[0]); r.named() {
							p.joins[r.field] = true
						}
					}
				}
			}
		}
	}
}

// ordered says whether a join with the goroutines that x waits for comes before the current
// instruction on every way.
func (x *body) ordered() bool {
	if x.joinSet == nil {
		x.joinSet = []ssa.Instruction{}
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				switch in := in.(type) {
				case *ssa.Call:
					if x.p.opOf(&in.Call) == opWait {
						x.joinSet = append(x.joinSet, in)
					}
				case *ssa.UnOp:
					if in.Op == token.ARROW && x.p.joins[x.valueOf(in.X).field] {
						x.joinSet = append(x.joinSet, in)
					}
				}
			}
		}
	}
	for _, j := range x.joinSet {
		if j.Block() == x.in.Block() {
			for _, in := range j.Block().Instrs {
				if in == j {
					return true
				}
				if in == x.in {
					break
				}
			}
		} else if j.Block().Dominates(x.in.Block()) {
			return true
		}
	}
	return false
}

// ownedTypes are the names of types whose objects one goroutine uses at a time.
var ownedTypes = pattern.New(`(?i)(conn|cursor|request|parser|decoder|encoder|reader|writer|iterator|builder|scanner|lexer|tokenizer|transaction|tx)$`)

// overlap is the evidence that two runs of x meet on one object.
func (x *fn) overlap() verdict.Overlap {
	if x.confined() {
		return verdict.OverlapOwned
	}
	if x.multi {
		return verdict.OverlapProven
	}
	recv := x.owner()
	if recv == "" {
		if slices.Contains(x.given(), verdict.GivenShared) {
			return verdict.OverlapProven
		}
		return verdict.OverlapAssumed
	}
	if x.p.sharedTypes[recv] {
		return verdict.OverlapProven
	}
	if ownedTypes.MatchString(recv) {
		return verdict.OverlapOwned
	}
	return verdict.OverlapAssumed
}

// findSharedTypes lists the types with fields that are accessed under a lock or atomically: they
// are made for several goroutines.
func (p *pkg) findSharedTypes() {
	for name, f := range p.fields {
		if f.guarded || f.atomic {
			if i := strings.LastIndexByte(name, '.'); i > 0 {
				p.sharedTypes[name[:i]] = true
			}
		}
	}
}

// sharedType says whether objects of the type are made for several goroutines: here, or in the package
// that declares it, whose methods take a lock of the object before they read or write it.
func (p *pkg) sharedType(t types.Type) bool {
	name := typeName(t)
	shared, ok := p.sharedTypes[name]
	if ok {
		return shared
	}
	if n, isNamed := types.Unalias(deref(t)).(*types.Named); isNamed && n.Obj().Pkg() != nil && n.Obj().Pkg() != p.pass.Pkg {
		for m := range n.Origin().Methods() {
			if k := p.factOf(m); k != nil && k.locksOwn(name) {
				shared = true
				break
			}
		}
	}
	p.sharedTypes[name] = shared
	return shared
}

// locksOwn says whether a method writes a field of its receiver under a lock of the same object.
func (k *known) locksOwn(name string) bool {
	own := func(field string) bool { return field[:max(0, strings.LastIndexByte(field, '.'))] == name }
	return slices.ContainsFunc(k.sum.Acts, func(a flow.SummaryAct) bool {
		return a.Place.Root == flow.RootParam && a.Place.Param == 0 && own(a.Place.Field) && a.More != nil && slices.ContainsFunc(a.More.Locks, func(l flow.Lock) bool { return own(l.Field) })
	})
}

// keepsPlain says whether x branches on a plain flag or number of its receiver and sets it, too, while
// nobody ever takes a lock for it.
func (x *fn) keepsPlain() bool {
	asked := map[string]bool{}
	set := map[string]bool{}
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			switch in := in.(type) {
			case *ssa.Store:
				if r := x.valueOf(in.Addr); x.plainState(r, in.Val.Type()) {
					set[r.field] = true
				}
			case *ssa.If:
				cond := in.Cond
				if n, ok := cond.(*ssa.UnOp); ok && n.Op == token.NOT {
					cond = n.X
				}
				if u, ok := cond.(*ssa.UnOp); ok && u.Op == token.MUL {
					if r := x.valueOf(u.X); x.plainState(r, u.Type()) {
						asked[r.field] = true
					}
				}
			}
		}
	}
	for f := range asked {
		if set[f] {
			return true
		}
	}
	return false
}

func (x *fn) plainState(r ref, t types.Type) bool {
	_, basic := types.Unalias(t).Underlying().(*types.Basic)
	return basic && r.named() && r.key == nil && r.root == flow.RootParam && r.param == 0 && x.recv != "" && !x.p.shared(r.field)
}

// apart says whether a goroutine that the package starts runs x, and others do so besides.
func (x *fn) apart() bool {
	own, others := 0, 0
	for t := range x.threads {
		if strings.HasPrefix(t, "go@") {
			own++
		} else {
			others++
		}
	}
	return own > 1 || own > 0 && others > 0
}

// findMany finds the functions that many goroutines certainly run at once on one object: handlers,
// goroutines started in a loop, and what these call on the object that they share.
func (p *pkg) findMany() {
	var work []*fn
	for _, x := range p.funcs {
		if x.many = x.manyRoot(); x.many {
			work = append(work, x)
		}
	}
	for len(work) > 0 {
		x := work[len(work)-1]
		work = work[:len(work)-1]
		for _, c := range x.calls {
			if y := c.callee; !c.spawned && !y.many && y.f.Signature.Recv() != nil && len(c.args) > 0 && c.args[0] != nil && x.sharesWithItself(c.args[0]) {
				y.many = true
				work = append(work, y)
			}
		}
	}
}

// sharesWithItself says whether an object belongs to what all activations of x have in common: its
// receiver, what a function literal has captured, or the package.
func (x *fn) sharesWithItself(v ssa.Value) bool {
	r := x.valueOf(v)
	switch {
	case r.key != nil || r.path == "":
		return false
	case r.root == flow.RootGlobal:
		return true
	case r.root != flow.RootParam || r.param >= len(x.params):
		return false
	}
	_, captured := x.params[r.param].(*ssa.FreeVar)
	return captured || r.param == 0 && x.f.Signature.Recv() != nil
}

// manyRoot says whether x itself is what many goroutines run at once on one object, not just
// something that they call: that may be on an object of their own.
func (x *fn) manyRoot() bool {
	if isHandler(x.f.Signature) && (x.f.Object() == nil || x.f.Object().Exported() || len(x.called) == 0) {
		return true
	}
	for _, c := range x.called {
		if c.spawned && inLoop(c.instr.Block()) {
			return true
		}
	}
	return false
}
