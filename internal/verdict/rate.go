package verdict

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// Consequences, as in the rule pages.
const (
	DuplicateExecution = "duplicate-execution"
	LostWrite          = "lost-write"
	DuplicateResource  = "duplicate-resource"
	LostUpdate         = "lost-update"
	LimitExceeded      = "limit-exceeded"
	Clobbered          = "clobbered"
	Crash              = "crash"
	LostTask           = "lost-task"
	LostError          = "lost-error"
	StaleValue         = "stale-value"
	DuplicateWork      = "duplicate-work"
	NoProtection       = "no-protection"
	Deadlock           = "deadlock"
)

// severities of open windows, by consequence.
var severities = map[string]report.Severity{
	DuplicateExecution: report.Critical,
	LostWrite:          report.Critical,
	DuplicateResource:  report.High,
	LostUpdate:         report.High,
	LimitExceeded:      report.High,
	Clobbered:          report.High,
	Crash:              report.Medium,
	LostTask:           report.Medium,
	LostError:          report.Medium,
	StaleValue:         report.Medium,
	DuplicateWork:      report.Low,
	NoProtection:       report.High,
	Deadlock:           report.High,
}

var scale = []report.Severity{report.Info, report.Low, report.Medium, report.High, report.Critical}

// lower is the severity one step down.
func lower(s report.Severity) report.Severity {
	return scale[max(0, slices.Index(scale, s)-1)]
}

func severityOf(c *finding) report.Severity {
	if c.consequence == LostWrite && (c.window.Use&flow.UseControl == 0 || c.window.Fact != flow.FactAny) {
		// The branch asks only whether there is a record: what the write destroys was not tested.
		return report.Medium
	}
	return severities[c.consequence]
}

func consequenceOf(f *Func, place *flow.Place, w *flow.Window, e *flow.Event, by *writer) string {
	switch {
	case place.Kind == flow.Record && e.Effect == flow.EffectGrow:
		return LimitExceeded // of one row
	case place.Kind == flow.Record:
		return LostWrite
	case e.Effect == flow.EffectNone && place.Kind == flow.Container && w.Key != 0 && e.Flags&(flow.FlagIter|flow.FlagNeeds) == 0:
		return LostUpdate // what was taken out of one container comes back in another
	case e.Flags&flow.FlagOwn != 0:
		return Clobbered
	case e.Flags&flow.FlagIter != 0, e.Effect == flow.EffectNone, e.Effect == flow.EffectSignal:
		return Crash
	case w.Use&flow.UseData != 0 && w.State == flow.Open && !resets(e) && !renews(f, place, w, e):
		return LostUpdate
	case w.Ask == flow.AskSize && w.Key != 0 && !resets(e) && e.Effect != flow.EffectShrink:
		return LimitExceeded // the size was asked, and an element comes in
	case w.Deferred, e.Value == flow.ValueTask:
		return DuplicateExecution
	case resets(e) || e.Effect == flow.EffectShrink:
		if e.Flags&flow.FlagNeeds != 0 && (by == nil || resets(by.e) || by.e.Effect == flow.EffectShrink) {
			return Crash
		}
		return Clobbered
	case e.Value == flow.ValueResource:
		return DuplicateResource
	case w.Ask == flow.AskSize && !((w.Fact == flow.FactFalse || w.Fact == flow.FactTrue) && e.Effect == flow.EffectSet && e.Key == 0), e.Flags&flow.FlagUpdate != 0:
		return LimitExceeded
	case e.Value == flow.ValuePlain && f.Flow.Preempt && !memo(w, e):
		return Clobbered
	case e.Value == flow.ValuePlain, e.Flags&flow.FlagCallee != 0 && w.Key == 0 && place.Kind == flow.Variable && constant(e.Value) && e.Flags&flow.FlagGiven == 0:
		return DuplicateWork
	case e.Value == flow.ValueObject && w.Key != 0 && w.Use&flow.UseControl != 0:
		return Clobbered
	}
	return StaleValue
}

// constant says whether a written value is always the same: whoever writes it last changes nothing.
func constant(v flow.Value) bool {
	return v == flow.ValueTrue || v == flow.ValueFalse || v == flow.ValueNone
}

// beside says whether an act stands next to one on another place that was asked afresh after the expiry:
// the two are written together, and the other one's test decides for both.
func beside(f *Func, w *flow.Window) bool {
	if w.State != flow.Open || !w.Crossed || w.Deferred {
		return false
	}
	expiry := event(f.Flow, w.Expiry).Pos
	for i := range f.Result.Windows {
		o := &f.Result.Windows[i]
		if o.State != flow.Open && o.Use&flow.UseControl != 0 && o.Place != w.Place && o.Act.Block == w.Act.Block && o.Act.Index < w.Act.Index &&
			event(f.Flow, o.Check).Pos > expiry {
			return true
		}
	}
	return false
}

// memo says whether an act fills in plain data that was found missing: done twice, it does the
// same, if the data depends on the key alone. To set a constant is to change a state, not to fill a memo.
func memo(w *flow.Window, e *flow.Event) bool {
	return e.Flags&flow.FlagGiven == 0 && (w.Fact == flow.FactNone || w.Fact == flow.FactFalse) && (w.Key != 0 || len(e.Srcs) > 0)
}

// argument says whether the place belongs to an object that the caller passes, the receiver aside.
func argument(f *Func, place *flow.Place) bool {
	return place.Root == flow.RootParam && (f.Type == "" || place.Param != 0)
}

func (f *Func) given(param int) Given {
	if param < len(f.Given) {
		return f.Given[param]
	}
	return GivenUnknown
}

// internal says whether a method is meant for its own object only, by its name in Python.
func internal(f *Func) bool {
	name := f.Name[strings.LastIndexByte(f.Name, '.')+1:]
	return f.Type != "" && strings.HasPrefix(name, "_") && !strings.HasPrefix(name, "__")
}

// unchanged says whether what an act writes is what the check had read, as it was, wherever it comes from there.
func unchanged(f *Func, w *flow.Window) bool {
	check, act := event(f.Flow, w.Check), event(f.Flow, w.Act)
	if act.Flags&(flow.FlagUpdate|flow.FlagCallee) != 0 {
		return false
	}
	lets := map[flow.VarID][]*flow.Event{}
	for b := range f.Flow.Blocks {
		for i := range f.Flow.Blocks[b].Succs {
			if slices.ContainsFunc(f.Flow.Blocks[b].Succs[i].Tests, func(t flow.Test) bool { return t.Var == check.Dst }) {
				return false // whether it stays was asked
			}
		}
		for i := range f.Flow.Blocks[b].Events {
			if e := &f.Flow.Blocks[b].Events[i]; e.Op == flow.OpLet {
				lets[e.Dst] = append(lets[e.Dst], e)
			}
		}
	}
	type way struct {
		v    flow.VarID
		made bool
	}
	seen := map[way]bool{}
	var work []way
	for _, v := range act.Srcs {
		work = append(work, way{v, len(act.Srcs) > 1})
	}
	reached := false
	for len(work) > 0 {
		at := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[at] {
			continue
		}
		seen[at] = true
		if at.v == check.Dst {
			if at.made {
				return false
			}
			reached = true
		}
		for _, e := range lets[at.v] {
			for _, s := range e.Srcs {
				work = append(work, way{s, at.made || e.Flags&flow.FlagAlias == 0 || e.Flags&flow.FlagNot != 0})
			}
		}
	}
	return reached
}

// housekeeping says whether a function is called by its own object only, by its name or as far as is seen.
func (j *judge) housekeeping(fn int) bool {
	return internal(&j.p.Funcs[fn]) || j.p.Funcs[fn].Called
}

// oneByOne says whether all that are seen to call the two functions of a conflict hold one lock, of whomever: nobody is
// seen who does not.
func (j *judge) oneByOne(f *Func, c *finding) bool {
	switch {
	case len(f.Under) == 0:
		return false
	case c.conflict == nil || c.self:
		return true
	}
	g := &j.p.Funcs[c.conflict.fn]
	return slices.ContainsFunc(f.Under, func(lock string) bool {
		return slices.Contains(g.Under, lock) || slices.ContainsFunc(c.conflict.held, func(s lockSig) bool { return s.name == lock })
	})
}

// levels are the confidences, from the lowest.
var levels = []report.Confidence{report.Doubtful, report.Likely, report.Sure}

// owned says whether a place belongs to one task or goroutine, as far as its object or its author tells.
func (j *judge) owned(field string) bool { return j.p.Owned != nil && j.p.Owned(field) }

// confidence says how sure it is that two actors meet on one instance.
func (j *judge) confidence(f *Func, place *flow.Place, c *finding) report.Confidence {
	level := 1
	switch f.Overlap {
	case OverlapProven:
		level = 2
	case OverlapOwned, OverlapNone:
		level = 0
	}
	if c.conflict != nil && !c.self && level == 1 {
		if g := &j.p.Funcs[c.conflict.fn]; g.Overlap == OverlapProven && f.Entry != "" {
			level = 2
		}
	}
	if c.conflict != nil && !c.self && j.p.Funcs[c.conflict.fn].Overlap == OverlapOwned {
		level-- // the other is called by the owner, once
		if j.p.Funcs[c.conflict.fn].Start && resets(event(f.Flow, c.window.Act)) {
			level = 0 // and nobody starts an object while it is stopped, whoever stops it
		}
	}
	if c.conflict != nil && !c.self && j.p.Language == "python" {
		g := &j.p.Funcs[c.conflict.fn]
		if p := &g.Flow.Places[c.conflict.e.Place]; argument(g, p) && g.given(p.Param) == GivenUnknown && g.Overlap != OverlapProven {
			level-- // which objects the other is given is not known
		}
	}
	if j.owned(place.Field) {
		level = 0
	}
	if c.consequence == StaleValue && (c.window.Fact == flow.FactNotNone || c.window.Fact == flow.FactTrue) && c.conflict != nil && !resets(c.conflict.e) && fills(event(f.Flow, c.window.Act)) {
		level-- // what is there is renewed: the last one wins, and is as good
	}
	if e := event(f.Flow, c.window.Act); c.window.Fact == flow.FactAny && c.window.Use == flow.UseControl && (c.window.Deferred || e.Flags&flow.FlagCallee != 0 && e.Key == 0 && resets(e)) {
		level-- // the test does not ask for what the callee or the task takes away
	}
	if c.conflict != nil && !c.self && c.conflict.e.Value == flow.ValueTask && resets(event(f.Flow, c.window.Act)) && internal(f) && j.housekeeping(c.conflict.fn) {
		level-- // the object starts and stops its own task, as a rule from one place
	}
	// A record is everybody's, whoever owns the session; what a module keeps, it keeps for all.
	if argument(f, place) && place.Kind != flow.Record && f.given(place.Param) != GivenKept {
		// That a type is made for sharing says little of an object that is passed around: Go code that
		// shares it takes its lock, too.
		locks := j.p.Language == "go" && (f.ownsLock(c.window.CheckHeld, place) || f.ownsLock(c.window.Held, place))
		switch g := f.given(place.Param); {
		case g == GivenSiblings:
			level = 1
		case g == GivenUnknown || j.p.Language == "go" && !locks:
			level = 0
		case locks && (c.rule == "lostupdate" || event(f.Flow, c.window.Check).Flags&event(f.Flow, c.window.Act).Flags&flow.FlagCallee != 0):
			level = min(level, 1) // asked and told through methods that lock
		default:
			level--
		}
	}
	if check, act := event(f.Flow, c.window.Check), event(f.Flow, c.window.Act); j.p.Language == "go" && c.consequence == StaleValue && check.Flags&act.Flags&flow.FlagCallee != 0 && c.window.Key == 0 && !constant(act.Value) {
		level = 0 // a memo behind a getter and a setter: what is made twice is made once more, as a rule
	}
	if j.p.Language == "go" && c.self && configures.MatchString(f.own()) {
		level = 0 // a new configuration comes when the last one is in place, as a rule
	}
	if c.rule == "iterationrace" && c.self && closes.MatchString(f.Name) {
		level-- // an object is closed once, as a rule; nobody else changes what is visited
	}
	if c.rule == "lostupdate" && place.Kind == flow.Variable && unchanged(f, c.window) {
		level-- // what was there is put back, or stays where the caller gives nothing else
	}
	if j.p.Language == "python" {
		level -= btoi(j.unlikely(f, place, c) || j.oneByOne(f, c))
	}
	if c.window.Other || beside(f, c.window) || c.conflict != nil && c.conflict.e.Effect == flow.EffectModify {
		level--
	}
	return levels[max(0, level)]
}
