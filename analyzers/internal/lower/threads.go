package lower

import (
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
)

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
