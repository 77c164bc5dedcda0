package lower

import (
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
)

// madeFrom says whether v is the result of a call that is handed root, or a copy of it.
func madeFrom(v, root ssa.Value, depth int) bool {
	if v == root {
		return true
	}
	if depth > 4 {
		return false
	}
	switch w := v.(type) {
	case *ssa.Call:
		for _, a := range w.Call.Args {
			if madeFrom(a, root, depth+1) {
				return true
			}
		}
	case *ssa.Extract:
		return madeFrom(w.Tuple, root, depth+1)
	case *ssa.UnOp:
		return madeFrom(w.X, root, depth+1)
	case *ssa.Field:
		return madeFrom(w.X, root, depth+1)
	case *ssa.FieldAddr:
		return madeFrom(w.X, root, depth+1)
	case *ssa.MakeInterface:
		return madeFrom(w.X, root, depth+1)
	case *ssa.Alloc:
		for _, r := range *w.Referrers() {
			if fa, ok := r.(*ssa.FieldAddr); ok {
				for _, q := range *fa.Referrers() {
					if s, ok := q.(*ssa.Store); ok && s.Addr == ssa.Value(fa) && madeFrom(s.Val, root, depth+1) {
						return true
					}
				}
			}
		}
	}
	return false
}

// tableOf finds the table of locks that a mutex comes from.
func (x *fn) tableOf(v ssa.Value, depth int) (ref, bool) {
	if depth > 6 {
		return ref{}, false
	}
	switch w := v.(type) {
	case *ssa.Phi:
		for _, e := range w.Edges {
			if r, ok := x.tableOf(e, depth+1); ok {
				return r, true
			}
		}
	case *ssa.Extract:
		return x.tableOf(w.Tuple, depth+1)
	case *ssa.TypeAssert:
		if isMutex(deref(w.AssertedType)) {
			return x.tableOf(w.X, depth+1)
		}
	case *ssa.UnOp:
		if a, ok := w.X.(*ssa.Alloc); ok && w.Op == token.MUL {
			for _, r := range *a.Referrers() {
				if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(a) {
					if t, ok := x.tableOf(s.Val, depth+1); ok {
						return t, true
					}
				}
			}
		}
	case *ssa.Lookup:
		m, ok := w.X.Type().Underlying().(*types.Map)
		if r := x.valueOf(w.X); ok && r.named() && isMutex(deref(m.Elem())) {
			return r, true
		}
	case *ssa.Call:
		switch x.p.opOf(&w.Call) {
		case opElemLoad, opElemUpdate:
			if r := x.valueOf(receiverOf(&w.Call)); r.named() {
				return r, true
			}
		}
	}
	return ref{}, false
}

// lockFacts describes the locks of the package: where they are made, and what may be wrong.
func (p *pkg) lockFacts() []verdict.LockFact {
	var out []verdict.LockFact
	seen := map[string]bool{}
	for _, x := range p.funcs {
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				c, ok := in.(*ssa.Call)
				if !ok {
					continue
				}
				o := p.opOf(&c.Call)
				if o != opLock && o != opRLock {
					continue
				}
				recv := receiverOf(&c.Call)
				l := x.lockOf(recv, false)
				kind := "sync.Mutex"
				if t := typeName(recv.Type()); t != "" {
					kind = t
				}
				switch {
				case l.Local && !seen[l.Path+x.f.String()]:
					seen[l.Path+x.f.String()] = true
					name, at := recv.Name(), recv.Pos()
					switch v := recv.(type) {
					case *ssa.Alloc:
						if v.Comment != "" {
							name = v.Comment
						}
					case *ssa.FieldAddr:
						name, at = x.copiedLock(v).Name()+"."+fieldName(v), x.f.Pos()
					}
					out = append(out, verdict.LockFact{Name: name, Kind: kind, Pos: flow.Pos(at), PerCall: true, Suspend: true})
				case l.Field != "" && !seen[l.Field]:
					seen[l.Field] = true
					f := verdict.LockFact{Field: l.Field, Name: l.Path, Kind: kind, Pos: flow.Pos(c.Pos()), Suspend: true}
					if table, ok := strings.CutSuffix(l.Field, "[]"); ok {
						f.Name = table[strings.LastIndexByte(table, '/')+1:]
						f.Evicted = p.evictions(table)
					}
					out = append(out, f)
				}
			}
		}
	}
	return out
}

// evictions finds where an entry of a table of locks is removed without a look at who uses it.
func (p *pkg) evictions(table string) []flow.Pos {
	var out []flow.Pos
	for _, x := range p.funcs {
		if x.test {
			continue
		}
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				ci, ok := in.(ssa.CallInstruction)
				if !ok || !x.removal(in) {
					continue
				}
				c := ci.Common()
				if x.valueOf(c.Args[0]).field != table || x.asksFirst(b) {
					continue
				}
				out = append(out, flow.Pos(in.Pos()))
			}
		}
	}
	return out
}

// asksFirst says whether anything but the presence of the entry decides whether b runs.
func (x *fn) asksFirst(b *ssa.BasicBlock) bool {
	for d := b.Idom(); d != nil; d = d.Idom() {
		br, ok := d.Instrs[len(d.Instrs)-1].(*ssa.If)
		if !ok {
			continue
		}
		if e, ok := br.Cond.(*ssa.Extract); ok {
			if _, ok := e.Tuple.(*ssa.Lookup); ok {
				continue
			}
		}
		return true
	}
	return false
}
