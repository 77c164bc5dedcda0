package verdict

import (
	"cmp"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// Output is the judged program, in source order.
type Output struct {
	Findings  []report.Finding  // one per defect, groups and fingerprints set
	Negatives []report.Negative // look-alikes that are safe, and why
	Tasks     []report.TaskUse
	Locks     []report.LockUse
	Threads   []report.ThreadUse
}

// Judge applies gate (c), rates, words and groups what the engine found. It changes nothing in p.
// Time is linear in windows times writers of the same place.
func Judge(p *Program, opt Options) *Output {
	j := &judge{p: located(p), opt: opt, writers: map[string][]writer{}, guarded: map[string][]guarded{}}
	j.index()
	j.findSections()
	j.learnHabits()
	for i := range p.Funcs {
		j.windows(i)
	}
	j.pairs()
	j.halves()
	j.emptied()
	j.putBack()
	j.askedOnce()
	j.rung()
	j.removals()
	j.cleanups()
	j.guards()
	j.lockRules()
	j.unguarded()
	j.taskRules()
	j.undone()
	j.cutShort()
	return j.output()
}

// judge is the work on one program.
type judge struct {
	p       *Program
	opt     Options
	writers map[string][]writer // by program-wide place
	cases   []*finding
	negs    []report.Negative
	habits  map[string]*habit    // by place, Go only
	guarded map[string][]guarded // covered windows that survive a yield, by place
	doers   map[flow.Pos]doer    // by the position of an act
	acts    []actRef             // all acts, by function

	sections []section            // all acquisitions of locks
	takers   map[string][]section // of those locks that have one, by program-wide name
}

// guarded is a covered window.
type guarded struct {
	fn int
	w  *flow.Window
}

// writer is one direct act on a place.
type writer struct {
	fn   int
	ref  flow.Ref
	e    *flow.Event
	held []lockSig
	acc  *flow.Access
}

// lockSig is a lock identity that can be compared across functions.
type lockSig struct {
	name string
	read bool
}

// finding is a defect on its way to becoming a report.Finding.
type finding struct {
	rule        string
	fn          int
	window      *flow.Window // nil for rules about tasks and locks
	conflict    *writer      // who falsifies
	self        bool         // the conflict is a second run of the same function
	latent      bool
	consequence string
	severity    report.Severity
	confidence  report.Confidence
	pos         flow.Pos // primary
	field       string   // program-wide place
	place       string   // for people
	origin      flow.Pos // where the act really is
	check       flow.Pos
	steps       []step
	notes       []string
	message     string
	scenario    []report.Turn
	cause       string
	fix         string
	also        []string
	further     []int // lines of acts that notes name besides
}

type step struct {
	kind  string
	pos   flow.Pos
	fn    int
	label string
}

func (j *judge) sig(f *Func, l flow.LockID) lockSig {
	k := &f.Result.Locks[l]
	name := k.Field
	if name == "" {
		name = f.Flow.Name + "\x00" + k.Path
	}
	return lockSig{name, k.Read}
}

func (j *judge) sigs(f *Func, locks []flow.LockID) []lockSig {
	var out []lockSig
	for _, l := range locks {
		out = append(out, j.sig(f, l))
	}
	return out
}

// excludes says whether holders of a and of b keep each other out: they share a lock that at
// least one of them holds alone.
func excludes(a, b []lockSig) bool {
	for _, x := range a {
		for _, y := range b {
			if x.name == y.name && !(x.read && y.read) {
				return true
			}
		}
	}
	return false
}

func event(f *flow.Func, r flow.Ref) *flow.Event { return &f.Blocks[r.Block].Events[r.Index] }

// windows judges the windows of one function.
func (j *judge) windows(i int) {
	f := &j.p.Funcs[i]
	for k := range f.Result.Windows {
		w := &f.Result.Windows[k]
		place := &f.Flow.Places[w.Place]
		switch {
		case place.Field == "":
			continue
		case w.State == flow.Covered && j.strangersLock(f, w, place):
			open := *w
			open.State, open.Cover, open.Expiry, open.Crossed = flow.Open, nil, w.Check, true
			if c := j.judgeWindow(i, &open); c != nil {
				j.cases = append(j.cases, c)
			}
			continue
		case w.State == flow.Covered && !wrongKey(f, w):
			if c := j.besideLock(i, w); c != nil {
				j.cases = append(j.cases, c)
				continue
			}
			j.covered(i, w)
			continue
		case w.State == flow.Latent && !j.latentMatters(f, w):
			j.negative(i, w, "")
			continue
		case f.Init:
			j.negative(i, w, f.Name+" runs before the object is shared")
			continue
		case j.filledByImport(f, w):
			j.negative(i, w, "a module has called "+f.Name+" while it was imported, and nobody empties it since")
			continue
		case f.eitherWay(w):
			continue // a clean-up that runs on every way out
		case f.Flow.Preempt && w.Deferred && f.reserves(w):
			j.negative(i, w, "the goroutine is started only after something else was asked, and set in the same step")
			continue
		case f.oneFlight(w):
			j.negative(i, w, "the task is started only while none of its kind is kept")
			continue
		case j.inside(f, w):
			continue // the callee is judged for itself
		case f.missing(w):
			continue // the window of the test itself is judged
		case argument(f, place) && f.given(place.Param) == GivenFresh:
			j.negative(i, w, "every known caller passes an object that nobody else has")
			continue
		}
		c := j.judgeWindow(i, bared(w))
		if c == nil {
			j.negative(i, w, "nobody else writes it in a way that could make the answer wrong")
			continue
		}
		if c.latent && c.confidence == report.Doubtful {
			j.negative(i, w, "") // owned by one task, and atomic besides
			continue
		}
		j.cases = append(j.cases, c)
	}
}

// filledByImport says whether a variable that is filled where it is found empty has been filled before there
// were threads, and is never emptied again.
func (j *judge) filledByImport(f *Func, w *flow.Window) bool {
	place, act := &f.Flow.Places[w.Place], event(f.Flow, w.Act)
	return f.Import && place.Root == flow.RootGlobal && w.Key == 0 && act.Key == 0 && fills(act) && (w.Fact == flow.FactNone || w.Fact == flow.FactFalse) &&
		w.Use&flow.UseData == 0 && !slices.ContainsFunc(j.writers[place.Field], func(x writer) bool { return resets(x.e) && !j.p.Funcs[x.fn].Init })
}

// inside says whether one call does both check and act, on a place that the callee knows by itself:
// through its receiver, or as a global. What it does to an argument is judged here.
func (j *judge) inside(f *Func, w *flow.Window) bool {
	check, act := event(f.Flow, w.Check), event(f.Flow, w.Act)
	if check.Pos != act.Pos || check.Flags&act.Flags&flow.FlagCallee == 0 || act.Flags&flow.FlagIter != 0 {
		return false
	}
	x, ok := j.whoDoes(act.Origin)
	if !ok {
		return false
	}
	g := &j.p.Funcs[x.fn]
	return !argument(g, &g.Flow.Places[x.e.Place])
}

// latentMatters: a latent window is a finding only where the act starts a task, makes a resource
// or removes an entry.
func (j *judge) latentMatters(f *Func, w *flow.Window) bool {
	if j.opt.Latent == LatentHidden || w.Use&(flow.UseControl|flow.UseNeed) == 0 {
		return false
	}
	e := event(f.Flow, w.Act)
	switch {
	case event(f.Flow, w.Check).Flags&flow.FlagTested != 0:
		return false // the loop that took the snapshot is no test of ours
	case f.Flow.Places[w.Place].Kind == flow.Record, f.Flow.Places[w.Place].Kind == flow.Signal, e.Flags&flow.FlagIter != 0:
		return false
	case e.Value == flow.ValueTask || e.Value == flow.ValueResource:
		return true
	}
	return e.Effect == flow.EffectDel && e.Flags&flow.FlagNeeds != 0 && w.Key != 0 && !identified(f, w.Act)
}

// identified says whether an act is controlled by a test that the entry is still the one known.
func identified(f *Func, act flow.Ref) bool {
	for i := range f.Result.Accesses {
		if a := &f.Result.Accesses[i]; a.Ref == act {
			return a.Identity
		}
	}
	return false
}

// judgeWindow applies gate (c) to an open or latent window; nil if nobody falsifies the answer.
func (j *judge) judgeWindow(i int, w *flow.Window) *finding {
	f := &j.p.Funcs[i]
	e := event(f.Flow, w.Act)
	check := event(f.Flow, w.Check)
	place := &f.Flow.Places[w.Place]
	if j.p.Language == "go" && !j.disciplined(i, w, check, e, place) {
		return nil
	}
	if place.Kind == flow.Record && (w.State != flow.Open || w.Use&flow.UseData == 0 && w.Fact != flow.FactAny) {
		return nil // asked was only whether there is a record, and nothing that was read is written
	}
	if place.Kind == flow.Record && j.p.Language == "go" && w.Use&flow.UseData == 0 && e.Effect != flow.EffectGrow && check.Flags&flow.FlagCallee != 0 {
		return nil // which columns the callee has read, and whether those were asked, is not known
	}
	if w.State == flow.Open && (w.Version || answered(f.Flow, w)) {
		return nil
	}
	conflict, self, ok := j.conflict(i, w)
	if !ok {
		return nil
	}
	return j.found(i, w, conflict, self)
}

// found is the finding about a window whose answer somebody falsifies; nil if its rule is switched off.
func (j *judge) found(i int, w *flow.Window, conflict *writer, self bool) *finding {
	f := &j.p.Funcs[i]
	e := event(f.Flow, w.Act)
	check := event(f.Flow, w.Check)
	place := &f.Flow.Places[w.Place]
	c := &finding{
		fn: i, window: w, conflict: conflict, self: self, latent: w.State == flow.Latent,
		pos: e.Pos, origin: cmp.Or(e.Origin, e.Pos), check: cmp.Or(check.Origin, check.Pos), field: place.Field, place: place.Path,
	}
	c.rule = ruleOf(f, place, w, e)
	if c.rule == "iterationrace" && j.p.Language == "go" {
		c.rule = "checkthenact" // a header copied under the lock, visited after it
	}
	if j.opt.Disabled[c.rule] {
		return nil
	}
	c.consequence = consequenceOf(f, place, w, e, conflict)
	c.severity = severityOf(c)
	if c.latent && j.opt.Latent != LatentAsOpen {
		c.severity = lower(lower(c.severity))
		if w.Key == 0 && check.Key == 0 && place.Kind == flow.Variable {
			c.severity = lower(c.severity) // one flight at a time, by its handle: the idiom
		}
	}
	c.confidence = j.confidence(f, place, c)
	if j.p.Language == "go" && j.farFetched(f, w, check, e, place) {
		c.confidence = report.Doubtful
	}
	if j.p.Language == "go" && c.consequence == DuplicateWork {
		c.confidence = report.Doubtful // a memo that is filled twice hurts nobody
	}
	j.wordWindow(c)
	if w.State == flow.Open && len(w.Cover) > 0 {
		c.notes = append(c.notes, code(f.Result.Locks[w.Cover[0]].Path)+" keeps out only who has the same key")
	}
	return c
}

func ruleOf(f *Func, place *flow.Place, w *flow.Window, e *flow.Event) string {
	switch {
	case place.Kind == flow.Record && e.Effect == flow.EffectGrow:
		return "checkthenact"
	case place.Kind == flow.Record:
		return "stalerecord"
	case e.Flags&flow.FlagIter != 0:
		return "iterationrace"
	case w.Use&flow.UseData != 0 && w.State == flow.Open && !resets(e) && !renews(f, place, w, e):
		return "lostupdate"
	}
	return "checkthenact"
}

// renews says whether a value is replaced because a test of it said so, by something made from it that
// is no number or text: the test decides, and a token that is refreshed twice loses no part of itself.
func renews(f *Func, place *flow.Place, w *flow.Window, e *flow.Event) bool {
	if place.Kind != flow.Variable || w.Deferred || w.Key != 0 || e.Flags&flow.FlagUpdate != 0 ||
		e.Value != flow.ValueObject && e.Value != flow.ValueUnknown && e.Value != flow.ValueResource && e.Value != flow.ValueTask {
		return false
	}
	return slices.ContainsFunc(f.Result.Windows, func(o flow.Window) bool {
		return o.Act == w.Act && o.Place == w.Place && o.State == flow.Open && o.Use&flow.UseControl != 0
	})
}

// output drops what another finding already says, numbers groups and makes fingerprints.
func (j *judge) output() *Output {
	j.subsume()
	out := &Output{Negatives: j.negs}
	if !j.opt.Brief {
		out.Tasks, out.Locks, out.Threads = j.taskUses(), j.lockUses(), j.threadUses()
	}
	slices.SortStableFunc(j.cases, func(a, b *finding) int {
		sa, sb := j.p.Site(a.pos), j.p.Site(b.pos)
		return cmp.Or(cmp.Compare(sa.File, sb.File), cmp.Compare(sa.Line, sb.Line), cmp.Compare(sa.Col, sb.Col), cmp.Compare(a.rule, b.rule))
	})
	for _, c := range j.cases {
		if j.p.Funcs[c.fn].Test {
			c.confidence = report.Doubtful
		}
		out.Findings = append(out.Findings, j.finish(c))
	}
	identify(out.Findings)
	slices.SortStableFunc(out.Negatives, func(a, b report.Negative) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Place, b.Place),
			cmp.Compare(a.EndLine, b.EndLine), cmp.Compare(a.Reason, b.Reason))
	})
	out.Negatives = slices.Compact(out.Negatives)
	return out
}

func (j *judge) finish(c *finding) report.Finding {
	f := &j.p.Funcs[c.fn]
	site := j.p.Site(c.pos)
	out := report.Finding{
		Rule: c.rule, Language: j.p.Language, Severity: c.severity, Confidence: c.confidence, Consequence: c.consequence,
		File: site.File, Line: site.Line, Column: site.Col, EndLine: site.EndLine, EndColumn: site.EndCol,
		Function: f.Name, Place: plain(c.place), Message: c.message, Notes: c.notes, Scenario: c.scenario, Impact: j.impacts(c),
		RootCause: c.cause, Fix: c.fix, Also: c.also,
	}
	if c.window != nil {
		state := report.WindowOpen
		if c.latent {
			state = report.WindowLatent
		}
		out.Window = &state
	}
	switch {
	case strings.HasPrefix(c.field, "new@"): // a lock of one call: its position in the program moves with other files
		out.Group = hash("group", site.File, f.Name, c.place)
	case c.field != "":
		out.Group = hash("group", c.field)
	}
	for _, s := range c.steps {
		at := j.p.Site(s.pos)
		out.Steps = append(out.Steps, report.Step{
			Kind: s.kind, File: at.File, Line: at.Line, Column: at.Col, EndLine: at.EndLine, EndColumn: at.EndCol,
			Function: j.p.Funcs[s.fn].Name, Label: s.label,
		})
	}
	return out
}
