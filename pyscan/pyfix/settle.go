package pyfix

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// takers are the functions that take a lock, and the code that runs under it: what is there
// already, and what the sections add.
func (f *file) takers(lock string, sections []section) (fns map[syntax.ID]bool, held []section) {
	fns = map[syntax.ID]bool{}
	for n := range f.t.Nodes {
		id := syntax.ID(n)
		switch f.t.Kind(id) {
		case syntax.WithStatement:
			if f.holds(id, lock) {
				fns[f.function(id)] = true
				body := f.body(id)
				held = append(held, section{f.function(id), body, body})
			}
		case syntax.Attribute:
			if text := f.text(id); strings.HasSuffix(text, ".acquire") && sameLock(strings.TrimSuffix(text, ".acquire"), lock) {
				fns[f.function(id)] = true
			}
		}
	}
	for _, s := range sections {
		fns[s.fn] = true
		held = append(held, s)
	}
	return fns, held
}

// safe says why a lock must not be held over sections: some path would take it twice, or wait
// under it for somebody who needs it.
func (f *file) safe(lock string, sections []section) error {
	fns, held := f.takers(lock, sections)
	inner, outer := map[string]bool{}, map[string]bool{}
	for _, s := range sections {
		already := f.underLock(s.first, lock)
		f.enclosing(s.first, func(with syntax.ID) {
			for _, m := range f.managers(with) {
				outer[f.text(m)] = true
			}
		})
		if already || f.has(s, func(n syntax.ID) bool { return f.t.Kind(n) == syntax.WithStatement && f.holds(n, lock) }) {
			return fmt.Errorf("%s holds %s there already", f.name(s.fn), lock)
		}
		if f.has(s, func(n syntax.ID) bool {
			name, ok := strings.CutSuffix(f.text(n), ".wait")
			return f.t.Kind(n) == syntax.Attribute && ok && outer[name]
		}) {
			return fmt.Errorf("%s waits there for a condition that %s is taken under: whoever wakes it would have to get past the next who waits", f.name(s.fn), lock)
		}
		f.nodes(s, func(n syntax.ID) bool {
			if f.t.Kind(n) == syntax.WithStatement {
				for _, m := range f.managers(n) {
					inner[f.text(m)] = true
				}
			}
			return true
		})
	}
	for _, m := range slices.Sorted(maps.Keys(inner)) {
		if outer[m] {
			return fmt.Errorf("%s and %s would be taken in both orders", lock, m)
		}
	}
	return f.reentrant(lock, fns, held)
}

// reentrant says which path would take a lock that it holds, or wait under it for another holder.
func (f *file) reentrant(lock string, fns map[syntax.ID]bool, held []section) error {
	for _, s := range held {
		for _, fn := range slices.Sorted(maps.Keys(f.reach(s.first, s.last))) {
			if fns[fn] {
				return fmt.Errorf("%s is called, or waited for, under %s and would take it again: the lock is not re-entrant", f.name(fn), lock)
			}
		}
	}
	for _, s := range held {
		if called := f.handsOn(s); called != "" {
			return fmt.Errorf("%s is awaited under %s and given the object itself: it may call what takes the lock again", called, lock)
		}
	}
	for _, s := range held {
		if !f.waits(s.first, f.t.Nodes[s.last].Next) {
			continue
		}
		if f.singleFlight(s) {
			return fmt.Errorf("%s waits, under the lock, for what another call of it provides", f.name(s.fn))
		}
		if f.wokenByTakers(s, fns) {
			return fmt.Errorf("%s waits, under the lock, for what another holder of it provides", f.name(s.fn))
		}
	}
	return nil
}

// wokenByTakers says whether another function wakes somebody under the lock, or may do so only once it has
// had it, itself or in what it calls.
func (f *file) wokenByTakers(s section, fns map[syntax.ID]bool) bool {
	for id := range f.t.Nodes {
		fn := syntax.ID(id)
		body := f.body(fn)
		if f.t.Kind(fn) != syntax.FunctionDefinition || fn == s.fn || !f.wakes(section{fn, body, body}) {
			continue
		}
		if fns[fn] {
			return true
		}
		for called := range f.reach(body, body) {
			if fns[called] {
				return true
			}
		}
	}
	return false
}

// handsOn is a function that is not in this file, awaited in a section or in what it calls, to which
// the object itself is passed: what it does with it cannot be told. "" if there is none.
func (f *file) handsOn(s section) string {
	type stretch struct{ from, to syntax.ID }
	work := []stretch{{s.first, f.t.Nodes[s.last].Next}}
	for fn := range f.reach(s.first, s.last) {
		work = append(work, stretch{f.body(fn), f.t.Nodes[fn].Next})
	}
	found := ""
	for _, w := range work {
		for n := w.from; n < w.to; n++ {
			call := f.first(n)
			self := f.receiver(f.methodAround(f.function(n)))
			if f.t.Kind(n) != syntax.Await || f.t.Kind(call) != syntax.Call || self == "" {
				continue
			}
			callee := f.t.ChildByField(call, syntax.FieldFunction)
			for arg := range f.t.Named(f.t.ChildByField(call, syntax.FieldArguments)) {
				if f.t.Kind(arg) == syntax.KeywordArgument {
					arg = f.t.ChildByField(arg, syntax.FieldValue)
				}
				if name := f.text(callee); f.t.Kind(arg) == syntax.Identifier && f.text(arg) == self && len(f.callees(callee, false)) == 0 && (found == "" || name < found) {
					found = name
				}
			}
		}
	}
	return found
}

// singleFlight says whether a section waits for something that it also provides: whoever comes
// first does the work and wakes the others, who would never get so far under a lock.
func (f *file) singleFlight(s section) bool {
	awaited, woken := map[string]bool{}, map[string]bool{}
	f.nodes(s, func(n syntax.ID) bool {
		fn := f.t.ChildByField(n, syntax.FieldFunction)
		switch f.t.Kind(n) {
		case syntax.Await:
			awaited[f.text(f.first(n))] = true
		case syntax.Call:
			object := f.text(f.t.ChildByField(fn, syntax.FieldObject))
			switch f.text(f.t.ChildByField(fn, syntax.FieldAttribute)) {
			case "wait", "get", "join":
				awaited[object] = awaited[object] || f.t.Kind(f.t.Parent(n)) == syntax.Await
			case "shield":
				awaited[f.text(f.first(f.t.ChildByField(n, syntax.FieldArguments)))] = true
			case "set", "set_result", "set_exception", "put", "put_nowait", "task_done":
				woken[object] = true
			}
		}
		return true
	})
	for object := range woken {
		if object != "" && awaited[object] {
			return true
		}
	}
	return false
}

// settle turns the plans of a file into edits. Plans for one lock are added one after the other
// as long as all of them together are safe.
func (f *file) settle(proposals []*proposal) {
	var locks []string
	accepted := map[string][]*proposal{}
	for _, p := range proposals {
		if p.plan == nil {
			continue
		}
		key := f.lockKey(p)
		var sections []section
		for _, q := range accepted[key] {
			sections = append(sections, q.plan.sections...)
		}
		merged, err := f.merge(append(sections, p.plan.sections...))
		if err == nil {
			err = f.safe(p.plan.lock, merged)
		}
		if err != nil {
			p.refuse(err)
			continue
		}
		if accepted[key] == nil {
			locks = append(locks, key)
		}
		accepted[key] = append(accepted[key], p)
	}
	for _, key := range locks {
		f.render(accepted[key])
	}
}

// lockKey tells the locks of different classes apart.
func (f *file) lockKey(p *proposal) string {
	if !strings.Contains(p.plan.lock, ".") {
		return p.plan.lock
	}
	return fmt.Sprint(f.classAround(p.plan.sections[0].fn), strings.SplitN(p.plan.lock, ".", 2)[1])
}

func (f *file) render(proposals []*proposal) {
	var all []section
	for _, p := range proposals {
		all = append(all, p.plan.sections...)
	}
	merged, err := f.merge(all)
	for _, p := range proposals {
		if err != nil {
			p.refuse(err)
			continue
		}
		if err := f.renderOne(p, merged, func(s section) bool { return allDouble(proposals, s, f) }); err != nil {
			p.refuse(err)
		}
	}
}

// allDouble says whether a section is to be double-checked: a plan that it is the own one of wants it,
// and none does not. A plan that has it as that of another writer wants the write under the lock, which
// it is.
func allDouble(proposals []*proposal, s section, f *file) bool {
	wanted := false
	for _, p := range proposals {
		for i, own := range p.plan.sections {
			if _, ok := f.within(own, []section{s}); ok && (own != s || i == 0 && !p.plan.double) {
				return false
			}
			wanted = wanted || own == s && i == 0
		}
	}
	return wanted
}

func (f *file) renderOne(p *proposal, merged []section, double func(section) bool) error {
	pl := p.plan
	edits := slices.Clone(pl.create)
	for i, s := range pl.sections {
		m, ok := f.within(s, merged)
		if !ok {
			return errors.New("the section cannot be laid together with others")
		}
		header := "async with " + pl.lock
		if pl.thread {
			header = "with " + pl.lock
		}
		var e fix.Edit
		var err error
		twice := m == s && double(s)
		if i == 0 {
			pl.double = twice
		}
		if twice {
			e, err = f.doubleChecked(s, header)
		} else {
			e, err = f.under(m, header)
		}
		if err != nil {
			return err
		}
		if !slices.Contains(edits, e) {
			edits = append(edits, e)
		}
	}
	p.fix.Edits = edits
	p.fix.Title = fmt.Sprintf("hold %s from check to act", pl.lock)
	p.fix.Why = []string{
		fmt.Sprintf("%s lets one task at a time through, and nobody releases it between check and act", pl.lock),
		"the check is made under the lock, so its answer still holds at the act",
	}
	if pl.thread {
		p.fix.Why[0] = fmt.Sprintf("%s lets one thread at a time through, and nothing is awaited under it", pl.lock)
	}
	if p.store {
		p.fix.Title = fmt.Sprintf("hold %s from read to write: it keeps out this process only, others need a conditional update", pl.lock)
		p.fix.Why = []string{
			fmt.Sprintf("%s lets one task of this process at a time read and write records", pl.lock),
			"other processes are kept out by the store alone: by a version column, WHERE on what was read, or FOR UPDATE",
		}
	}
	if pl.double {
		p.fix.Title = fmt.Sprintf("hold %s and check again under it", pl.lock)
		p.fix.Why = append(p.fix.Why, "whoever finds it there already takes no lock")
	}
	return nil
}

// doubleChecked keeps the check outside for the fast path and repeats it under the lock.
func (f *file) doubleChecked(s section, header string) (fix.Edit, error) {
	start, end, indent, err := f.lines(s)
	if err != nil {
		return fix.Edit{}, err
	}
	unit := f.unit(s.fn, f.body(s.fn))
	nl := f.newline()
	asks := s.first
	for f.t.Kind(asks) != syntax.IfStatement {
		asks = f.t.NextSibling(asks)
	}
	if asks != s.last { // a guard that returns: it stays outside, and comes first inside
		guard := f.span(start, f.lineEnd(f.end(asks)-1))
		return fix.Edit{Start: start, End: end, New: guard + indent + header + ":" + nl + f.indented(start, end, unit)}, nil
	}
	// The comments of the if line stay with the outer check; the body moves two steps in.
	head := f.lineStart(f.start(f.first(f.body(asks))))
	for head > start && f.isComment(f.lineStart(head-1)) {
		head = f.lineStart(head - 1)
	}
	at := f.lineStart(f.start(asks))
	reads, cond := string(f.t.Src[start:at]), string(f.t.Src[at:head])
	again := fix.Indent(cond, unit+unit, nil)
	body := f.indented(head, end, unit+unit)
	return fix.Edit{Start: start, End: end, New: reads + cond + indent + unit + header + ":" + nl + fix.Indent(reads, unit+unit, nil) + stripComment(again, nl) + body}, nil
}

func (f *file) isComment(at int) bool {
	return strings.HasPrefix(strings.TrimLeft(string(f.t.Src[at:f.lineEnd(at)]), " \t"), "#") && !f.inString(at)
}

// stripComment takes the comment off a copied condition of one line: it need not be said twice.
func stripComment(text, nl string) string {
	if strings.Count(text, "\n") != 1 || strings.ContainsAny(text, `"'`) {
		return text
	}
	if code, _, ok := strings.Cut(text, "#"); ok {
		return strings.TrimRight(code, " \t") + nl
	}
	return text
}
