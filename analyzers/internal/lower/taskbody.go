package lower

import (
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
)

// lingers are the names of functions that may take as long as they like.
var lingers = pattern.New(`^(Accept|Serve|Listen|Read|Recv|Receive|Wait|Sleep|Copy|Run|Watch|Poll|Monitor|Loop|Write|Flush|Sync|Send|Save|Persist|Store|Do|Dial|Exec|Query)`)

// brief says whether a goroutine does one thing that ends by itself, in memory: no loop but over
// what is there, no wait, no input or output.
func (p *pkg) brief(y *fn, seen map[*fn]bool, depth int) bool {
	if seen[y] || depth > 2 {
		return true
	}
	seen[y] = true
	for _, b := range y.f.Blocks {
		if (strings.HasPrefix(b.Comment, "for.") || strings.HasPrefix(b.Comment, "rangechan.")) && inLoop(b) {
			return false
		}
		for _, in := range b.Instrs {
			ci, ok := in.(ssa.CallInstruction)
			if !ok {
				continue
			}
			c := ci.Common()
			if callee := p.local(c); callee != nil {
				if !p.brief(callee, seen, depth+1) {
					return false
				}
				continue
			}
			if p.opOf(c) == opNone && (lingers.MatchString(calleeName(c)) || y.asksPart(c)) {
				return false
			}
			if f := c.StaticCallee(); f != nil && f.Pkg != nil && slices.ContainsFunc(ioPackages, func(io string) bool {
				return f.Pkg.Pkg.Path() == io || strings.HasPrefix(f.Pkg.Pkg.Path(), io+"/")
			}) {
				return false
			}
		}
	}
	return true
}

// asksPart says whether an interface is called that is a field of one of the function's objects, and the call can
// fail: what is behind it is at work for longer, and its owner closes it.
func (x *fn) asksPart(c *ssa.CallCommon) bool {
	if !c.IsInvoke() || !returnsError(c.Signature()) || isCloser(calleeName(c)) {
		return false
	}
	r := x.valueOf(c.Value)
	return r.root == flow.RootParam && strings.Count(r.path, ".") == 1
}

// canFail says whether some return gives an error that is not nil.
func (x *fn) canFail(depth int) bool {
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			if r, ok := in.(*ssa.Return); ok && len(r.Results) > 0 {
				if x.mayBeError(r.Results[len(r.Results)-1], depth) {
					return true
				}
			}
		}
	}
	return false
}

// mayBeError says whether an error can be anything but nil: the results of this package's functions
// are followed.
func (x *fn) mayBeError(v ssa.Value, depth int) bool {
	switch v := v.(type) {
	case *ssa.UnOp:
		if a, ok := v.X.(*ssa.Alloc); ok && x.cells[a] != nil && x.cells[a].captured {
			return false // a deferred function literal looks at the named result
		} else if ok && depth <= 4 {
			return slices.ContainsFunc(*a.Referrers(), func(r ssa.Instruction) bool {
				s, stored := r.(*ssa.Store)
				_, loaded := r.(*ssa.UnOp)
				return stored && (s.Addr != v.X || x.mayBeError(s.Val, depth+1)) || !stored && !loaded
			})
		}
	case *ssa.Const:
		return v.Value != nil
	case *ssa.Phi:
		return depth > 4 || slices.ContainsFunc(v.Edges, func(e ssa.Value) bool { return x.mayBeError(e, depth+1) })
	case *ssa.Call:
		if done(&v.Call) {
			return false
		}
		y := x.p.local(&v.Call)
		return y == nil || depth > 4 || y.canFail(depth+1)
	}
	return true
}

// done says whether a call asks why a context has ended: to be stopped is no failure.
func done(c *ssa.CallCommon) bool {
	if c.IsInvoke() {
		return c.Method.FullName() == "(context.Context).Err"
	}
	f := c.StaticCallee()
	return f != nil && fullName(f) == "context.Cause"
}

// onlyEnds says whether x waits or loops, and its error tells at most that a context is done.
func (x *fn) onlyEnds() bool {
	if !returnsError(x.f.Signature) || x.canFail(0) {
		return false
	}
	for _, b := range x.f.Blocks {
		if inLoop(b) {
			return true
		}
		for _, in := range b.Instrs {
			if _, ok := in.(*ssa.Select); ok {
				return true
			}
		}
	}
	return false
}

// isTracked says whether the body of a goroutine shows that somebody waits for it or can stop it:
// it signals its end, or listens for one.
func (p *pkg) isTracked(y *fn, seen map[*fn]bool, depth int) bool {
	if seen[y] || depth > 3 {
		return false
	}
	seen[y] = true
	for _, b := range y.f.Blocks {
		for _, in := range b.Instrs {
			switch in := in.(type) {
			case *ssa.Send, *ssa.Select:
				return true
			case *ssa.UnOp:
				if in.Op == token.ARROW {
					return true
				}
			case ssa.CallInstruction:
				c := in.Common()
				if bi, ok := c.Value.(*ssa.Builtin); ok && bi.Name() == "close" {
					return true
				}
				if o := p.opOf(c); o == opWaitDone || o == opCondWait || o == opWait {
					return true
				}
				if y.passesOwner(c) {
					return true
				}
				switch name := calleeName(c); name {
				case "Done", "Accept", "AcceptTCP", "Broadcast", "Signal", "Release":
					return true
				}
				callee := p.local(c)
				if callee == nil && !c.IsInvoke() {
					if mc := y.closure(c.Value); mc != nil {
						callee = p.funcOf(mc.Fn.(*ssa.Function))
					}
				}
				if callee != nil && p.isTracked(callee, seen, depth+1) {
					return true
				}
				for _, r := range p.runArgs(y, c) {
					if p.isTracked(r.fn, seen, depth+1) {
						return true
					}
				}
			}
		}
	}
	return false
}

var closers = []string{"Close", "Stop", "Shutdown"}

// outlives says whether a goroutine that nobody waits for does work that matters, in a type that
// can be closed: it goes on after Close.
func (p *pkg) outlives(x, y *fn) bool {
	top := x
	for top.parent != nil {
		top = top.parent
	}
	recv := top.f.Signature.Recv()
	if recv == nil {
		return false
	}
	for _, c := range closers {
		if strings.Contains(strings.ToLower(top.f.Name()), strings.ToLower(c)) {
			return false
		}
	}
	return hasMethod(recv.Type(), closers...) && y.reaches(typeName(recv.Type())) && p.matters(y, map[*fn]bool{}, 0)
}

// reaches says whether y is handed an object of a type: what it does can concern the owner.
func (x *fn) reaches(name string) bool {
	for _, v := range x.params {
		if typeName(v.Type()) == name || typeName(deref(v.Type())) == name {
			return true
		}
	}
	return false
}

// ioPackages are packages whose functions do work that others see.
var ioPackages = []string{"os", "net", "io", "database/sql", "bufio", "os/exec"}

// matters says whether a body does I/O or changes shared state.
func (p *pkg) matters(y *fn, seen map[*fn]bool, depth int) bool {
	if seen[y] || depth > 2 {
		return false
	}
	seen[y] = true
	if y.sum != nil {
		for i := range y.sum.Acts {
			if a := &y.sum.Acts[i]; a.Effect != flow.EffectNone && a.Place.Field != "" {
				return true
			}
		}
	}
	for _, b := range y.f.Blocks {
		for _, in := range b.Instrs {
			ci, ok := in.(ssa.CallInstruction)
			if !ok {
				continue
			}
			c := ci.Common()
			if c.IsInvoke() {
				if returnsError(c.Signature()) {
					return true
				}
				continue
			}
			if callee := p.local(c); callee != nil {
				if p.matters(callee, seen, depth+1) {
					return true
				}
				continue
			}
			if f := c.StaticCallee(); f != nil && f.Pkg != nil {
				path := f.Pkg.Pkg.Path()
				for _, io := range ioPackages {
					if path == io || strings.HasPrefix(path, io+"/") {
						return true
					}
				}
			}
		}
	}
	return false
}
