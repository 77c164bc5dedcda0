// Package advise turns findings into recommendations: what to do first, where, how long it takes,
// which tests to write.
//
// What it knows about rules and consequences is in two tables. It judges nothing: the order
// follows the severities that the audit holds, and each recommendation names the findings it settles.
package advise

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/toctou-lint/toctou/report"
)

// advice is what is recommended for a rule.
type advice struct {
	one     string // title for one finding; %s is the place or function
	many    string // title for several; %d is their number
	action  string // used when the finding brings no fix of its own
	minutes int    // for the first finding; each further one in the same recommendation takes a third of it
}

// byRule has one line per rule. The minutes are the documented effort: change and review, without
// the tests.
var byRule = map[string]advice{
	"checkthenact":      {"Close the window on %s", "Close %d windows between check and act", "Hold one lock from check to act, or check again after the last suspension", 30},
	"lostupdate":        {"Make the update of %s one step", "Make %d updates one step", "Read and write back without a suspension in between, or hold a lock across both", 30},
	"stalerecord":       {"Write %s back conditionally", "Write %d records back conditionally", "Make the store check the version or state in the write itself, or lock the row", 60},
	"iterationrace":     {"Iterate over a copy of %s", "Iterate over copies in %d places", "Iterate over a snapshot of the collection", 15},
	"untrackedtask":     {"Keep and end the task started in %s", "Keep and end %d tasks that nobody tracks", "Keep the handle, observe its error, and await or cancel it at shutdown", 15},
	"unobservedfailure": {"See the error of the task started in %s", "See the errors of %d tasks", "Add a callback or an await that handles the error", 15},
	"undrainedtasks":    {"End the background tasks of %s at shutdown", "End background tasks at shutdown in %d places", "Await or cancel the tasks on the shutdown path", 15},
	"overwrittentask":   {"End the earlier task before %s is overwritten", "End earlier tasks before they are overwritten in %d places", "Cancel and await the earlier task, or keep it", 15},
	"blindremoval":      {"Remove only one's own entry from %s", "Remove only one's own entry in %d places", "Compare the stored value with one's own before removing it", 15},
	"uselesslock":       {"Make the lock on %s guard something, or drop it", "Make %d locks guard something, or drop them", "Share one lock among all accesses of the place, or remove it", 15},
	"unevenguard":       {"Take the lock at every access of %s", "Take the lock at %d unguarded accesses", "Take the lock that guards the other accesses", 15},
	"threadlockawait":   {"Do not hold a thread lock across an await on %s", "Do not hold a thread lock across an await in %d places", "Use an asyncio lock, or release the thread lock before the await", 15},
	"atomic":            {"Make the block in %s atomic as it is marked", "Make %d blocks atomic as they are marked", "Move the suspension out of the block, or hold a lock across it", 30},
	"suppression":       {"Correct the suppression in %s", "Correct %d suppressions", "Name the rule and give a reason, or remove the comment", 5},
}

// inGo has the actions that are others in Go, where nothing suspends and there are no handles.
var inGo = map[string]string{
	"checkthenact":      "Hold one lock from check to act, or check again under the lock",
	"lostupdate":        "Read and write back under one lock, or with one atomic operation",
	"untrackedtask":     "Start it through a WaitGroup or errgroup that the owner's Close waits for",
	"unobservedfailure": "Handle the error in the goroutine, or start it through an errgroup",
}

// action is what is done about a finding that brings no fix of its own.
func action(f *report.Finding) string {
	if f.Language == "go" && inGo[f.Rule] != "" {
		return inGo[f.Rule]
	}
	return cmp.Or(byRule[f.Rule].action, anyRule.action)
}

var anyRule = advice{"Settle the finding in %s", "Settle %d findings", "Follow the rule's page", 30}

// proof is a test that would have shown a defect.
type proof struct {
	name string // what its name says, in snake case
	text string // what it does; %s is the function
}

// byConsequence has the test to write for each consequence.
var byConsequence = map[string]proof{
	"duplicate-execution": {"concurrent_calls_start_one_task", "call %s twice at once for one key; one task is started"},
	"lost-write":          {"keeps_a_concurrent_change", "change the record while %s is suspended; the change survives"},
	"duplicate-resource":  {"concurrent_calls_make_one_resource", "call %s twice at once; one resource is made, none leaks"},
	"lost-update":         {"concurrent_calls_lose_no_change", "call %s n times at once; all n changes are there"},
	"limit-exceeded":      {"concurrent_calls_stay_within_the_limit", "call %s more often at once than the limit allows; the limit holds"},
	"clobbered":           {"keeps_a_newer_entry", "replace the entry while %s is on its way; the new one survives"},
	"crash":               {"survives_a_concurrent_removal", "remove the entry while %s is suspended; no error is raised"},
	"lost-task":           {"task_ends_with_its_owner", "shut down while the task of %s runs; it is awaited or cancelled"},
	"lost-error":          {"failure_of_the_task_is_seen", "let the task of %s fail; the error is seen"},
	"stale-value":         {"concurrent_callers_get_one_value", "call %s twice at once; both callers get the value that is kept"},
	"duplicate-work":      {"concurrent_calls_do_the_work_once", "call %s twice at once; the work is done once"},
}

// test names and describes the test for a finding, "" if there is none for its consequence.
func test(f *report.Finding) string {
	p, ok := byConsequence[f.Consequence]
	if !ok {
		return ""
	}
	function := cmp.Or(f.Function, path.Base(f.File))
	name, text := "test_"+snake(function)+"_"+p.name, p.text
	if f.Language == "go" {
		if f.Rule == "unevenguard" {
			p = raceTest
		}
		name, text = "Test"+exported(function)+camel(p.name), between.Replace(p.text)
	}
	text = fmt.Sprintf(text, "`"+strings.ReplaceAll(function, "`", "'")+"`")
	if f.Window != nil && *f.Window == report.WindowLatent {
		text += " (it passes today, and fails once something suspends in between)"
	}
	return fmt.Sprintf("`%s`: %s", name, text)
}

// raceTest is the test for an access without the lock: the race detector sees it, if only it happens.
var raceTest = proof{"has_no_data_race", "call %s beside the functions that hold the lock, under `go test -race`; it reports nothing"}

// between says in terms of Go when the other one comes.
var between = strings.NewReplacer("is suspended", "is between check and act", "no error is raised", "it neither fails nor panics",
	"the task", "the goroutine", "one task", "one goroutine")

// exported is the last part of a function's name as part of a Go test's name.
func exported(function string) string {
	function, _, _ = strings.Cut(function, " ")
	function = function[strings.LastIndexByte(function, '.')+1:]
	if function == "" || strings.ContainsFunc(function, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return "Package"
	}
	first, size := utf8.DecodeRuneInString(function)
	return string(unicode.ToUpper(first)) + function[size:]
}

// snake is the last part of a function's name as words of a test's name.
func snake(function string) string {
	function, _, _ = strings.Cut(function, " ")
	function = function[strings.LastIndexByte(function, '.')+1:]
	var b strings.Builder
	for i, r := range function {
		upper := r >= 'A' && r <= 'Z'
		if upper && i > 0 && function[i-1] >= 'a' && function[i-1] <= 'z' {
			b.WriteByte('_')
		}
		switch {
		case upper:
			b.WriteRune(r + 'a' - 'A')
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0:
			b.WriteByte('_')
		}
	}
	return cmp.Or(strings.Trim(b.String(), "_"), "module")
}

// camel is a name in snake case as Go writes it.
func camel(name string) string {
	var b strings.Builder
	for w := range strings.SplitSeq(name, "_") {
		if w != "" {
			b.WriteString(strings.ToUpper(w[:1]) + w[1:])
		}
	}
	return b.String()
}

// single is how many recommendations a severity gets before the rest is gathered by rule.
const single = 10

// Recommend returns the recommendations for the findings that are not suppressed, the most urgent first.
func Recommend(a *report.Audit) []report.Recommendation {
	var list []report.Recommendation
	priority := 0
	for _, sev := range []report.Severity{report.Critical, report.High, report.Medium, report.Low} {
		found := merged(bundles(a, sev))
		if len(found) == 0 {
			continue
		}
		priority++
		for _, b := range found {
			list = append(list, b.recommendation(priority))
		}
	}
	return list
}

// bundle is findings of one rule that one change or one kind of change settles.
type bundle []*report.Finding

// bundles gathers the findings of a severity: on one place together; the less severe, and those
// beyond the first few, by rule.
func bundles(a *report.Audit, sev report.Severity) []bundle {
	var list []bundle
	at := make(map[string]int)
	for i := range a.Findings {
		f := &a.Findings[i]
		if f.Suppressed != nil || f.Severity != sev {
			continue
		}
		key := "rule " + f.Rule
		if (sev == report.Critical || sev == report.High) && len(list) < single {
			key = "group " + cmp.Or(f.Group, f.Fingerprint, fmt.Sprint(i))
			if _, known := at["rule "+f.Rule]; known {
				key = "rule " + f.Rule
			}
		} else if _, known := at["group "+f.Group]; known && f.Group != "" {
			key = "group " + f.Group
		}
		n, ok := at[key]
		if !ok {
			n = len(list)
			at[key] = n
			list = append(list, nil)
		}
		list[n] = append(list[n], f)
	}
	return list
}

// merged joins bundles of one rule in one file: they are one piece of work.
func merged(list []bundle) []bundle {
	at := make(map[[2]string]int)
	var out []bundle
	for _, b := range list {
		file := b[0].File
		if slices.ContainsFunc(b, func(f *report.Finding) bool { return f.File != file }) {
			out = append(out, b)
			continue
		}
		key := [2]string{b[0].Rule, file}
		if i, ok := at[key]; ok {
			out[i] = append(out[i], b...)
			continue
		}
		at[key] = len(out)
		out = append(out, b)
	}
	return out
}

// where says what the findings of a bundle have in common: the place, or else the file.
func (b bundle) where() string {
	one := func(value func(*report.Finding) string) bool {
		return !slices.ContainsFunc(b, func(f *report.Finding) bool { return value(f) != value(b[0]) || value(f) == "" })
	}
	if !one(func(f *report.Finding) string { return f.File }) {
		return ""
	}
	if one(func(f *report.Finding) string { return f.Place }) {
		return " (" + subject(b[0]) + ")"
	}
	return " (`" + strings.ReplaceAll(path.Base(b[0].File), "`", "'") + "`)"
}

func (b bundle) recommendation(priority int) report.Recommendation {
	first := b[0]
	known, ok := byRule[first.Rule]
	if !ok {
		known = anyRule
	}
	r := report.Recommendation{Priority: priority, Severity: first.Severity, Action: action(first), Effort: effort(known.minutes, len(b))}
	kinds := b.kinds()
	switch {
	case len(b) == 1:
		r.Title = fmt.Sprintf(known.one, subject(first))
	case len(kinds) > 1:
		r.Title = fmt.Sprintf(anyRule.many, len(b)) + b.where()
		var actions []string
		for _, f := range kinds {
			actions = append(actions, action(f))
		}
		r.Action = strings.Join(actions, ". ")
	default:
		r.Title = fmt.Sprintf(known.many, len(b)) + b.where()
	}
	if same := b.sameFix(); same != "" {
		r.Action = same
	}
	for _, f := range b {
		r.Findings = append(r.Findings, f.Fingerprint)
		if !slices.Contains(r.Files, f.File) {
			r.Files = append(r.Files, f.File)
		}
		if t := test(f); t != "" && len(r.Tests) < single && !slices.Contains(r.Tests, t) {
			r.Tests = append(r.Tests, t)
		}
	}
	slices.Sort(r.Files)
	return r
}

// kinds has one finding of each rule, the first one's first.
func (b bundle) kinds() []*report.Finding {
	var list []*report.Finding
	for _, f := range b {
		if !slices.ContainsFunc(list, func(o *report.Finding) bool { return o.Rule == f.Rule }) {
			list = append(list, f)
		}
	}
	return list
}

// subject names what a single finding is about.
func subject(f *report.Finding) string {
	place := strings.TrimSuffix(f.Place, ".record") // the records of a store
	return "`" + strings.ReplaceAll(cmp.Or(place, f.Function, path.Base(f.File)), "`", "'") + "`"
}

// sameFix is the fix of all findings, "" if they differ.
func (b bundle) sameFix() string {
	for _, f := range b {
		if f.Fix != b[0].Fix {
			return ""
		}
	}
	return b[0].Fix
}

// effort says how long n findings take, in round figures.
func effort(minutes, n int) string {
	total := minutes + (n-1)*minutes/3
	if total < 120 {
		return fmt.Sprintf("%d minutes", total)
	}
	return fmt.Sprintf("%d hours", (total+30)/60)
}
