// Package compare tells what changed between two audits of one project: which findings are new,
// fixed or still there, and what protects the fixed ones now.
//
// Findings are matched by fingerprint, which survives moved lines; what is left, by rule, place and
// function, so that code that moves into a nested function takes its finding along. It claims no fix that it cannot
// know: what the later audit did not look at is neither fixed nor still there.
package compare

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

// Result is the difference of two audits. Suppressed findings count as absent, except that
// suppressing a finding does not fix it.
type Result struct {
	Old, New   *report.Audit
	Added      []*report.Finding // only in the new audit
	Fixed      []Fix
	Unchanged  []Pair
	Suppressed []Pair            // still there, silenced since
	Unknown    []*report.Finding // of the old audit, where the new one did not look
	Locks      []report.LockUse  // locks that the old audit does not have
	Lost       []report.LockUse  // locks that the new audit does not have
	byPrint    map[*report.Finding]State
}

// Pair is one finding in both audits.
type Pair struct{ Old, New *report.Finding }

// Fix is a finding of the old audit that is gone, and what the new audit has in its place.
type Fix struct {
	Finding *report.Finding  // as the old audit has it
	Locks   []Protection     // locks now held in the same function, or that guard the same place
	Tasks   []report.TaskUse // tasks of the same function that somebody keeps now
	Safe    []report.Negative
	Gone    bool // the new audit knows neither the file nor anything in it: the code may have been removed
}

// Protection is a lock and where it is held: in the function of a fixed finding, and elsewhere.
type Protection struct {
	Lock      report.LockUse
	Added     bool // the old audit does not have the lock
	Sections  []report.Section
	Elsewhere []report.Section // other sites of a lock that guards the finding's place
}

// State is the state of a finding of the new audit.
type State string

// States of findings.
const (
	Added     State = "new"
	Unchanged State = "unchanged"
)

// State returns the state of a finding of the new audit, "" for one that is suppressed.
func (r *Result) State(f *report.Finding) State { return r.byPrint[f] }

// Compare compares a baseline with a later audit. It refuses audits that mean different things by
// the same words: other rating policy, other concurrency model.
func Compare(old, now *report.Audit) (*Result, error) {
	if old.Schema != now.Schema {
		return nil, fmt.Errorf("the baseline has schema %q, this audit %q: write the baseline again with this version", old.Schema, now.Schema)
	}
	for _, p := range []struct{ what, key, old, now string }{
		{"rates latent windows as", "latent", old.Policy.Latent, now.Policy.Latent},
		{"assumes the concurrency model", "concurrency", old.Policy.Concurrency, now.Policy.Concurrency},
	} {
		if p.old != p.now {
			return nil, fmt.Errorf("the baseline %s %q, this audit %q: set `%s: %s`, or write the baseline again under the policy in force",
				p.what, p.old, p.now, p.key, p.old)
		}
	}
	r := &Result{Old: old, New: now, byPrint: make(map[*report.Finding]State)}
	r.match()
	r.Locks = locksOnlyIn(now, old)
	r.Lost = locksOnlyIn(old, now)
	return r, nil
}

// match pairs the findings; of several with one fingerprint the first goes with the first.
func (r *Result) match() {
	active := make(map[string][]*report.Finding)
	silenced := make(map[string][]*report.Finding)
	for i := range r.New.Findings {
		f := &r.New.Findings[i]
		if f.Suppressed != nil {
			silenced[f.Fingerprint] = append(silenced[f.Fingerprint], f)
			continue
		}
		active[f.Fingerprint] = append(active[f.Fingerprint], f)
		r.byPrint[f] = Added
	}
	take := func(m map[string][]*report.Finding, mark string) *report.Finding {
		list := m[mark]
		if len(list) == 0 {
			return nil
		}
		m[mark] = list[1:]
		return list[0]
	}
	var gone []*report.Finding
	for i := range r.Old.Findings {
		f := &r.Old.Findings[i]
		if f.Suppressed != nil {
			continue
		}
		if g := take(active, f.Fingerprint); g != nil {
			r.keep(f, g)
		} else if g := take(silenced, f.Fingerprint); g != nil {
			r.Suppressed = append(r.Suppressed, Pair{f, g})
		} else {
			gone = append(gone, f)
		}
	}
	moved := r.unmatched()
	view := newView(r)
	for _, f := range gone {
		if g := moved.take(f); g != nil {
			r.keep(f, g)
		} else if view.unseen(f) {
			r.Unknown = append(r.Unknown, f)
		} else {
			r.Fixed = append(r.Fixed, view.fix(f))
		}
	}
	for i := range r.New.Findings {
		if f := &r.New.Findings[i]; r.byPrint[f] == Added {
			r.Added = append(r.Added, f)
		}
	}
}

func (r *Result) keep(old, now *report.Finding) {
	r.byPrint[now] = Unchanged
	r.Unchanged = append(r.Unchanged, Pair{old, now})
}

// byPlace are the findings that no fingerprint has matched, by file, rule and place.
type byPlace map[[3]string][]*report.Finding

func placeOf(f *report.Finding) [3]string { return [3]string{f.File, f.Rule, f.Place} }

func (r *Result) unmatched() byPlace {
	m := byPlace{}
	for i := range r.New.Findings {
		if f := &r.New.Findings[i]; r.byPrint[f] == Added && f.Place != "" {
			m[placeOf(f)] = append(m[placeOf(f)], f)
		}
	}
	return m
}

// take returns, and forgets, the finding that f has become: the same defect on the same place, in a
// function inside the one that f was in, or around it.
func (m byPlace) take(f *report.Finding) *report.Finding {
	list := m[placeOf(f)]
	for i, g := range list {
		if g.Function != f.Function && (inside(g.Function, f.Function) || inside(f.Function, g.Function)) {
			m[placeOf(f)] = slices.Delete(slices.Clone(list), i, i+1)
			return g
		}
	}
	return nil
}

// inside reports whether a function is the other one or nested in it.
func inside(inner, outer string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && outer != "" && (rest == "" || rest[0] == '.' || rest[0] == ' ')
}

// view is what the new audit looked at, by file and function.
type view struct {
	r        *Result
	unparsed map[string]bool
	partial  map[string]bool
	files    map[string]bool // files that the new audit says anything about
	gone     []string        // folders of services that are no longer in the audit
	oldLocks map[string]bool
	tasks    map[string][]report.TaskUse
	safe     map[string][]report.Negative
}

func at(file, function string) string { return file + "\x00" + function }

func newView(r *Result) *view {
	v := &view{
		r: r, unparsed: make(map[string]bool), partial: make(map[string]bool), files: make(map[string]bool), oldLocks: make(map[string]bool),
		tasks: make(map[string][]report.TaskUse), safe: make(map[string][]report.Negative),
	}
	for _, u := range r.New.Unparsed {
		v.unparsed[u.File] = true
	}
	for _, p := range r.New.Partial {
		v.partial[at(p.File, p.Function)] = true
	}
	for _, s := range r.Old.Services {
		if !slices.ContainsFunc(r.New.Services, func(n report.Service) bool { return n.Dir == s.Dir }) {
			v.gone = append(v.gone, path.Clean(s.Dir))
		}
	}
	for _, l := range r.Old.Locks {
		v.oldLocks[lockID(l)] = true
	}
	for _, l := range r.New.Locks {
		v.files[l.File] = true
	}
	for _, t := range r.New.Tasks {
		v.files[t.File] = true
		if t.Rule == "" {
			v.tasks[at(t.File, t.Function)] = append(v.tasks[at(t.File, t.Function)], t)
		}
	}
	for _, n := range r.New.Negatives {
		v.files[n.File] = true
		v.safe[at(n.File, n.Function)] = append(v.safe[at(n.File, n.Function)], n)
	}
	for _, p := range r.New.Patterns {
		v.files[p.File] = true
	}
	for _, f := range r.New.Findings {
		v.files[f.File] = true
	}
	return v
}

// protections are the locks that are held in the function of a fixed finding, and those that
// guard its place.
func (v *view) protections(f *report.Finding) []Protection {
	var list []Protection
	place, _, _ := strings.Cut(f.Place, "[")
	for _, l := range v.r.New.Locks {
		p := Protection{Lock: l, Added: !v.oldLocks[lockID(l)]}
		for _, s := range l.Sections {
			if s.File == f.File && inside(s.Function, f.Function) {
				p.Sections = append(p.Sections, s)
			} else {
				p.Elsewhere = append(p.Elsewhere, s)
			}
		}
		guards := place != "" && l.File == f.File && slices.Contains(l.Guards, place)
		if !guards {
			p.Elsewhere = nil
		}
		if len(p.Sections) > 0 || guards && p.Added {
			list = append(list, p)
		}
	}
	return list
}

// unseen reports whether the new audit did not look at the finding's code.
func (v *view) unseen(f *report.Finding) bool {
	if v.unparsed[f.File] || v.partial[at(f.File, f.Function)] || !slices.Contains(v.r.New.Languages, f.Language) {
		return true
	}
	return slices.ContainsFunc(v.gone, func(dir string) bool { return strings.HasPrefix(f.File, dir+"/") })
}

// fix gathers what the new audit has in the function of a finding that is gone.
func (v *view) fix(f *report.Finding) Fix {
	k := at(f.File, f.Function)
	x := Fix{Finding: f, Gone: !v.files[f.File], Locks: v.protections(f)}
	if f.Window == nil {
		x.Tasks = v.tasks[k]
	}
	for _, n := range v.safe[k] {
		if f.Place != "" && n.Place == f.Place {
			x.Safe = append(x.Safe, n)
		}
	}
	return x
}

func lockID(l report.LockUse) string { return l.File + "\x00" + l.Name + "\x00" + l.Kind }

func locksOnlyIn(a, b *report.Audit) []report.LockUse {
	known := make(map[string]bool)
	for _, l := range b.Locks {
		known[lockID(l)] = true
	}
	var only []report.LockUse
	for _, l := range a.Locks {
		if !known[lockID(l)] {
			only = append(only, l)
		}
	}
	return only
}
