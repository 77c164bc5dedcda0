package verdict

import (
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// story is the interleaving as numbered turns of two actors, each with what is true after it. What
// it says follows from the events of the window and of the writer.
func (x *words) story() {
	c := x.c
	turn := func(actor string, p flow.Pos, text, state string) {
		at := x.j.p.Site(p)
		c.scenario = append(c.scenario, report.Turn{Actor: actor, Text: text, State: state, File: at.File, Line: at.Line})
	}
	start := fmt.Sprintf("runs %s and %s", code(x.f.Name), x.finds())
	turn("A", x.check.Pos, start, "")
	if c.latent {
		turn("A", x.act.Pos, "acts on it in the same step: "+x.deed()+"; nothing suspends in between", x.after("A", x.f.Flow, x.act)+"; as the code stands, nobody could run between the two")
		turn("B", x.check.Pos, "would have to run between the two: only with an await added there, or in a second thread", "then: "+happens[c.consequence])
		return
	}
	if x.w.Deferred {
		x.deferred(turn, start)
		return
	}
	if x.w.Crossed {
		turn("A", event(x.f.Flow, x.w.Expiry).Pos, x.pause(), x.unchanged())
	}
	switch {
	case ownChange(x.f, x.w):
	case x.again():
		turn("B", x.check.Pos, strings.Replace(start, " and ", " too, and ", 1), x.both())
		turn("B", x.act.Pos, x.deed(), x.after("B", x.f.Flow, x.act))
	default:
		g := &x.j.p.Funcs[c.conflict.fn]
		turn("B", c.conflict.e.Pos, fmt.Sprintf("runs %s: %s", code(g.Name), deed(g.Flow, c.conflict.e)), x.after("B", g.Flow, c.conflict.e)+"; "+x.stale())
	}
	turn("A", x.act.Pos, x.deed()+", without asking again", x.outcome())
}

// again says whether the other actor is a second run of the same function: it does the act itself, or
// calls the same helper for it.
func (x *words) again() bool {
	c := x.c
	return c.conflict == nil || c.self || x.act.Flags&flow.FlagCallee != 0 && c.conflict.e.Pos == x.act.Origin
}

// deferred tells of an act that a task does which was started between check and act.
func (x *words) deferred(turn func(actor string, p flow.Pos, text, state string), start string) {
	starts := "starts the task that will act, and goes on"
	turn("A", x.act.Pos, starts, "the task has not run yet: "+x.unchanged())
	if !x.again() {
		e, g := x.c.conflict.e, &x.j.p.Funcs[x.c.conflict.fn]
		turn("B", e.Pos, fmt.Sprintf("runs %s: %s", code(g.Name), deed(g.Flow, e)), x.after("B", g.Flow, e)+"; "+x.stale())
	} else {
		turn("B", x.check.Pos, strings.Replace(start, " and ", " too, and ", 1), x.both())
		turn("B", x.act.Pos, starts, "two such tasks are about to run")
	}
	at := x.act.Pos
	if x.act.Origin != 0 {
		at = x.act.Origin
	}
	turn("A", at, "runs its task, which "+x.deed()+", without asking again", happens[x.c.consequence])
}

// finds is what the check tells, as what an actor does.
func (x *words) finds() string {
	know := x.learned()
	switch {
	case x.w.Ask == flow.AskIter:
		return "begins to iterate " + strings.TrimPrefix(know, "the contents of ")
	case x.settled():
		return "finds that " + know
	case x.f.Flow.Places[x.w.Place].Kind == flow.Record:
		return "reads " + x.thing
	}
	return "reads " + strings.TrimPrefix(know, "the value of ")
}

// settled says whether the check told a fact, and not just a value.
func (x *words) settled() bool {
	switch x.w.Ask {
	case flow.AskIter:
		return false
	case flow.AskSize:
		return x.w.Fact == flow.FactFalse || x.w.Fact == flow.FactTrue
	}
	return x.w.Fact != flow.FactAny
}

// unchanged is what is true while A waits and nobody else has run.
func (x *words) unchanged() string {
	if x.settled() {
		return strings.Replace(x.learned(), " is ", " is still ", 1)
	}
	return strings.TrimPrefix(strings.TrimPrefix(x.learned(), "what is in "), "the value of ") + " is still as A read it"
}

// both is what is true once B has asked as well.
func (x *words) both() string {
	if x.settled() {
		return "A and B both go by: " + x.learned()
	}
	return "A and B go by the same " + x.kindOfAnswer()
}

func (x *words) kindOfAnswer() string {
	switch {
	case x.f.Flow.Places[x.w.Place].Kind == flow.Record:
		return "copy of the record"
	case x.w.Ask == flow.AskSize:
		return "size"
	case x.w.Ask == flow.AskIter:
		return "contents"
	}
	return "value"
}

// stale is what A believes after B has made it wrong.
func (x *words) stale() string {
	if x.settled() {
		return "A still goes by: " + x.learned()
	}
	return "A still goes by the " + x.kindOfAnswer() + " from before"
}

func (x *words) deed() string { return deed(x.f.Flow, x.act) }

// deed says in words what an act does.
func deed(f *flow.Func, e *flow.Event) string {
	t := named(f, e.Place, e.Key)
	switch e.Effect {
	case flow.EffectSet:
		switch e.Value {
		case flow.ValueNone, flow.ValueFalse:
			return "resets " + t
		case flow.ValueTask:
			return "starts a task and stores it in " + t
		case flow.ValueResource:
			return "stores a new resource in " + t
		case flow.ValueEmpty:
			return "replaces " + t + " by an empty one"
		}
		return "writes " + t
	case flow.EffectDel:
		return "removes " + t
	case flow.EffectGrow:
		return "adds to " + t
	case flow.EffectShrink:
		return "takes an element from " + t
	case flow.EffectClear:
		return "empties " + t
	case flow.EffectSignal:
		return "completes or closes " + t
	case flow.EffectModify:
		return "changes " + t
	}
	if e.Flags&flow.FlagIter != 0 {
		return "takes the next element of " + t
	}
	return "uses " + t
}

// after is what is true of a place once an actor has acted on it.
func (x *words) after(actor string, f *flow.Func, e *flow.Event) string {
	t := named(f, e.Place, e.Key)
	switch e.Effect {
	case flow.EffectSet:
		switch e.Value {
		case flow.ValueNone:
			return t + " is " + x.none
		case flow.ValueTrue:
			return t + " is set"
		case flow.ValueFalse:
			return t + " is not set"
		case flow.ValueTask:
			return fmt.Sprintf("%s is the task that %s started", t, actor)
		case flow.ValueResource:
			return fmt.Sprintf("%s is the resource that %s made", t, actor)
		case flow.ValueEmpty:
			return t + " is empty"
		}
		return fmt.Sprintf("%s is as %s wrote it", t, actor)
	case flow.EffectDel:
		return t + " is gone"
	case flow.EffectGrow:
		return fmt.Sprintf("%s has what %s added", t, actor)
	case flow.EffectShrink:
		return t + " has one element less"
	case flow.EffectClear:
		return t + " is empty"
	case flow.EffectSignal:
		return t + " is completed or closed"
	case flow.EffectModify:
		return fmt.Sprintf("%s is as %s changed it", t, actor)
	}
	return fmt.Sprintf("%s has used %s", actor, t)
}

// outcome is what is true at the end.
func (x *words) outcome() string {
	c, a := x.c, x.after("A", x.f.Flow, x.act)
	alike := x.again()
	switch c.consequence {
	case DuplicateExecution:
		if alike {
			return a + "; B's runs on, and nobody has its handle"
		}
	case LostWrite:
		return a + "; what B had written is gone"
	case LostUpdate:
		return a + "; B's change is gone"
	case DuplicateResource:
		if alike || c.conflict.e.Value == flow.ValueResource {
			return a + "; B's is still open, and nobody will close it"
		}
	case LimitExceeded:
		if alike {
			return fmt.Sprintf("both are past line %d: one more than the limit allows", x.j.line(x.check.Pos))
		}
		return fmt.Sprintf("A is past line %d by a number that is not true any more", x.j.line(x.check.Pos))
	case Crash:
		if !alike && x.act.Effect == flow.EffectNone {
			return "it fails: " + x.after("B", x.j.p.Funcs[c.conflict.fn].Flow, c.conflict.e)
		}
		return "it fails: " + happens[Crash]
	case DuplicateWork:
		if alike {
			return a + ", the same as B's: the work was done twice"
		}
	case Clobbered, StaleValue:
		if !alike && resets(c.conflict.e) && !resets(x.act) {
			return a + ", although B had taken it away"
		}
		if resets(x.act) {
			return a + ", and with it what B had put there"
		}
		return a + "; what B had put there is gone"
	}
	return a + "; " + x.meanwhile()
}

// happens says, for each consequence, what two runs of one function bring about.
var happens = map[string]string{
	DuplicateExecution: "the work is started twice; the first handle is lost",
	LostWrite:          "the later write restores what the earlier one had changed",
	DuplicateResource:  "the second one replaces the first, which is never closed",
	LostUpdate:         "one of the two changes is lost",
	LimitExceeded:      "both pass, and the limit is exceeded",
	Clobbered:          "a newer value is overwritten or removed",
	Crash:              "what the act relies on is gone",
	StaleValue:         "the value is computed twice and the last one wins",
	DuplicateWork:      "the same value is computed twice",
}

// meanwhile says what becomes of it if another function has run in between.
func (x *words) meanwhile() string {
	b := x.c.conflict.e
	switch x.c.consequence {
	case DuplicateExecution:
		if b.Value != flow.ValueTask {
			return "the work is started on an answer that is wrong by then"
		}
	case DuplicateResource:
		if b.Value != flow.ValueResource {
			return "a resource is made on an answer that is wrong by then"
		}
	case LostWrite, LostUpdate:
		return "its change is lost"
	case LimitExceeded:
		return "the limit was checked against a number that is not true any more"
	case Clobbered, StaleValue:
		switch {
		case resets(b) && !resets(x.act):
			return "what it takes away comes back"
		case resets(x.act):
			return "the newer value that it puts there is removed"
		}
		return "the newer value that it puts there is overwritten"
	case Crash:
		return "what the act relies on is gone, and it fails"
	}
	return happens[x.c.consequence]
}
