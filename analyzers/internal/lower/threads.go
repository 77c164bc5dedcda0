package lower

import (
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
)

// findThreads finds, for every function, the goroutines that can run it.
func (p *pkg) findThreads() {
	for _, x := range p.funcs {
		obj := x.f.Object()
		if x.loop = x.loops(); x.loop {
			x.threads["loop of "+x.name] = true
			continue
		}
		switch {
		case isHandler(x.f.Signature):
			x.threads[outside], x.multi = true, true
			x.reach = "HTTP handler"
		case obj != nil && obj.Name() == "main" && p.pass.Pkg.Name() == "main", x.f.Name() == "init" || strings.HasPrefix(x.f.Name(), "init#"):
			x.threads["main"] = true
		case x.inTurn && !x.escape:
			x.threads["in turn "+x.recv] = true
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
				if c.spawned || x.loop {
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

// loopNames are the names of methods that are the one loop of an object.
var loopNames = pattern.New(`^(?i)(run|serve|loop|\w*loop)$`)

// loops says whether x is the loop of its object: by its name, and because it waits for channels, one of
// them its owner's word to stop, for as long as the object is there. Who starts it, starts it once; a loop that
// starts it for one object again and again makes a pool.
func (x *fn) loops() bool {
	if x.recv == "" || x.escape || !loopNames.MatchString(x.f.Name()) {
		return false
	}
	for v := range x.f.Signature.Params().Variables() {
		if !isContext(v.Type()) && !isChan(v.Type()) {
			return false
		}
	}
	for _, c := range x.called {
		if b := c.instr.Block(); inLoop(b) && (len(c.args) == 0 || c.args[0] == nil || !madeInLoop(c.args[0], b)) {
			return false
		}
		if c.caller.parent != nil && startedInLoop(c.caller) {
			return false
		}
	}
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			if s, ok := in.(*ssa.Select); ok && s.Blocking && inLoop(b) && slices.ContainsFunc(s.States, x.stops) {
				return true
			}
		}
	}
	return false
}

// madeInLoop says whether a value is another one in each round of a loop that goes through b.
func madeInLoop(v ssa.Value, b *ssa.BasicBlock) bool {
	in, ok := v.(ssa.Instruction)
	return ok && inLoop(in.Block()) && reachable(b, in.Block())
}

// startedInLoop says whether a function literal is called or started in a loop.
func startedInLoop(x *fn) bool {
	return slices.ContainsFunc(x.called, func(c callSite) bool { return inLoop(c.instr.Block()) })
}

// stops says whether a case of a select hears that the object, or a context, is done.
func (x *fn) stops(s *ssa.SelectState) bool {
	if s.Dir != types.RecvOnly {
		return false
	}
	if c, ok := s.Chan.(*ssa.Call); ok {
		return calleeName(&c.Call) == "Done"
	}
	r := x.valueOf(s.Chan)
	t, ok := types.Unalias(s.Chan.Type()).Underlying().(*types.Chan)
	if !ok || !r.named() {
		return false
	}
	e, ok := t.Elem().Underlying().(*types.Struct)
	return ok && e.NumFields() == 0
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

var opens = pattern.New(`(?i)^(init|open|new|restore|recover|replay|bootstrap)`)

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

// startedApart says whether a function literal, or one around it, may run beside the function that
// made it.
func (x *fn) startedApart() bool {
	for y := x; y != nil && y.parent != nil; y = y.parent {
		if y.escape {
			return true
		}
		for _, c := range y.called {
			if c.spawned {
				return true
			}
		}
	}
	return false
}
