package lower

import (
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
		l.Path = "(" + x.register(v) + ")"
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
	if r.root == flow.RootLocal {
		switch w := v.(type) {
		case *ssa.Alloc:
			l.Local = x.ownLock(w)
		case *ssa.FieldAddr:
			l.Local = x.copiedLock(w) != nil
		}
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

// copiedLock finds the parameter that a mutex came with, by value: each call locks a copy of its own. It
// counts where what is changed meanwhile is not a copy.
func (x *fn) copiedLock(fa *ssa.FieldAddr) *ssa.Parameter {
	a, ok := fa.X.(*ssa.Alloc)
	if !ok || !isMutex(deref(fa.Type())) {
		return nil
	}
	p, ok := x.constant(a).(*ssa.Parameter)
	if !ok || !isAggregate(p.Type()) || x.cells[a].captured {
		return nil
	}
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			switch in := in.(type) {
			case *ssa.MapUpdate:
				return p
			case *ssa.Store:
				if _, local := base(in.Addr).(*ssa.Alloc); !local {
					return p
				}
			}
		}
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

func (s lockState) union(o lockState) lockState {
	for _, l := range o {
		s = s.with(l)
	}
	return s
}
