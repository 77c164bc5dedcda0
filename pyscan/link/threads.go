package link

import (
	"cmp"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// handOver is a place where something is given to another thread to run.
type handOver struct {
	pos    flow.Pos
	target string // for people
	by     string // the call that does it, for people
	fns    []*project.Func
}

// handsOver notes that a call gives a function to another thread.
func (f *frame) handsOver(fun *value, c *coroutine) {
	h := handOver{pos: c.pos, by: cmp.Or(c.text, "a thread"), target: "a function that is not known"}
	if fun != nil {
		h.fns, h.target = fun.fns, cmp.Or(fun.text, h.target)
		if len(fun.fns) > 0 {
			h.target = name(fun.fns[0])
			if strings.HasSuffix(h.target, "<lambda>") {
				h.target = "a lambda"
			}
		}
	}
	f.threads = append(f.threads, h)
}

// threadFacts are the functions that run in other threads than the loop's: those that are handed
// over, each time they are, and those of the project that get there in another way.
func (l *linker) threadFacts(p *Program) {
	handed := map[*project.Func]bool{}
	for _, row := range l.fns {
		for _, fn := range row {
			for _, h := range fn.threads {
				p.Threads = append(p.Threads, verdict.Thread{Pos: h.pos, Target: h.target, By: name(fn.f), How: h.by})
				for _, g := range h.fns {
					handed[g] = true
				}
			}
		}
	}
	for _, row := range l.fns {
		for _, fn := range row {
			if !fn.preempt || l.opt.Preempt || handed[fn.f] || fn.f.Kind&ir.ModuleBody != 0 {
				continue
			}
			e := l.entries[fn.f]
			if e == nil {
				e = &entry{}
			}
			why := l.reason(fn, e, 0)
			if e.thread && e.text != "" {
				why = e.text + ", a plain function: the framework runs it in a thread"
			} else if by := caller(fn); by != "" {
				why = "called by `" + by + "`"
			}
			p.Threads = append(p.Threads, verdict.Thread{Pos: l.pos(fn.f, fn.f.NamePos), Target: name(fn.f), How: cmp.Or(why, "called from a thread")})
		}
	}
	slices.SortStableFunc(p.Threads, func(a, b verdict.Thread) int { return cmp.Compare(a.Pos, b.Pos) })
}

// caller is a caller that runs in a thread, "" if none does.
func caller(of *fn) string {
	for _, by := range of.callers {
		if by.preempt {
			return name(by.f)
		}
	}
	return ""
}

// threads are the functions that run in threads, and what they call. A coroutine that such a function
// runs has an event loop of its own there; if there is but one such thread, it has company only in
// its own loop.
func (l *linker) threads() map[*fn]bool {
	out := map[*fn]bool{}
	loops := map[*fn]bool{}           // they run in a loop of their own
	runs := map[*fn][]*project.Func{} // by function, what it runs in a loop of its own
	var work []*fn
	for f, e := range l.entries {
		if e.thread {
			fn := l.fn(f)
			out[fn] = true
			work = append(work, fn)
		}
		for _, by := range e.runBy {
			if o := l.entries[by]; o != nil && o.alone {
				continue
			}
			runs[l.fn(by)] = append(runs[l.fn(by)], f)
		}
	}
	add := func(t *fn, loop bool) {
		if !out[t] {
			out[t] = true
			loops[t] = loop
			work = append(work, t)
		}
	}
	for len(work) > 0 {
		fn := work[len(work)-1]
		work = work[:len(work)-1]
		for i := range fn.sites {
			s := &fn.sites[i]
			t := l.fn(s.callee)
			if (loops[fn] || s.callee.Kind&ir.Async == 0) && s.callee.Name != "__init__" && !s.own && sameReceiver(fn, t, s) {
				add(t, loops[fn])
			}
		}
		for _, g := range runs[fn] {
			add(l.fn(g), true)
		}
	}
	return out
}
