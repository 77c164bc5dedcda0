package verdict

import "github.com/toctou-lint/toctou/report"

// impacts says what follows from the consequence of a finding, in terms of its place.
func (j *judge) impacts(c *finding) []string {
	language := j.p.Language
	it, task, lost := "the state", "task", "The task can be collected, or cut off at shutdown, before it is done"
	if c.place != "" {
		it = code(c.place)
	}
	if language == "go" {
		task, lost = "goroutine", "The goroutine is cut off when the program ends, or outlives what it works for"
	}
	switch c.consequence {
	case DuplicateExecution:
		return []string{"The same work runs twice, with every side effect it has",
			"The handle of the first " + task + " is lost from " + it + ": it can be neither cancelled nor waited for"}
	case LostWrite:
		return []string{"A change that was confirmed to its caller disappears from the store",
			"A state that the record had reached in between is undone: what is written is the copy from before, with this function's changes"}
	case DuplicateResource:
		return []string{"Two resources are made for " + it + " where one was meant; one of them is never closed",
			"Every collision leaks one more, for as long as the process runs"}
	case LostUpdate:
		return []string{"One of two concurrent changes to " + it + " is lost, without an error"}
	case LimitExceeded:
		return []string{"More get past the check of " + it + " than the limit allows"}
	case Clobbered:
		if c.window != nil && c.conflict != nil && resets(c.conflict.e) && !resets(event(j.p.Funcs[c.fn].Flow, c.window.Act)) {
			return []string{"What was taken out of " + it + " in between is put back",
				"Whoever took it out goes on as if it were gone"}
		}
		return []string{"A newer value of " + it + " is overwritten or removed by someone who meant the older one",
			"Whoever put the newer one there goes on as if it were still there"}
	case Crash:
		if language == "go" {
			return []string{"The operation on " + it + " fails, or panics, where its callers expect no error"}
		}
		return []string{"The operation on " + it + " raises an error that its callers do not expect"}
	case LostTask:
		return []string{lost, "Nobody can wait for it or cancel it"}
	case LostError:
		return []string{"When it fails, nobody learns of it"}
	case StaleValue:
		if c.rule == "unevenguard" {
			return []string{"What is read of " + it + " may be out of date, or half of it new and half of it old, while a holder of the lock changes it"}
		}
		return []string{it + " is computed more than once; callers can hold different values of it"}
	case DuplicateWork:
		return []string{it + " is computed more than once; the result is right all the same"}
	case NoProtection:
		if c.severity == report.Low {
			return []string{"None today: the sections are atomic with and without the lock"}
		}
		return []string{"The code looks guarded and is not: what the lock was meant to prevent can still happen"}
	case Deadlock:
		return []string{"The event loop can stop for good: the holder waits for a task that waits for the lock"}
	}
	return nil
}
