package render

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

func or(s, otherwise string) string { return cmp.Or(s, otherwise) }

// languageNames are the languages as people write them.
var languageNames = map[string]string{
	"python": "Python", "go": "Go", "javascript": "JavaScript", "typescript": "TypeScript", "php": "PHP", "c#": "C#", "c++": "C++",
}

func languageName(s string) string { return or(languageNames[s], capital(s)) }

// heldLines are the sections of a lock, as many as fit.
func heldLines(l report.LockUse) string {
	var parts []string
	for _, s := range l.Sections[:min(len(l.Sections), shownSections)] {
		where := lineRange(s.Line, s.EndLine)
		if s.File != l.File {
			where = visible(s.File) + ":" + where
		}
		parts = append(parts, where)
	}
	if more := len(l.Sections) - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, ", ")
}

// shownSections is how many sections of a lock are named.
const shownSections = 12

// Lookalikes are the negatives but for those that speak of a reported place: what is said of it there
// is enough. Several on one line and place with one reason are one.
func (d *dossier) Lookalikes() []report.Negative {
	reported := make(map[string]bool)
	for _, f := range d.active {
		for _, s := range f.Steps {
			reported[report.ExcerptKey(s.File, s.Line)] = true
		}
	}
	var list []report.Negative
	for _, n := range d.Negatives {
		last := len(list) - 1
		switch {
		case reported[report.ExcerptKey(n.File, n.Line)]:
		case last >= 0 && list[last].File == n.File && list[last].Line == n.Line && list[last].Place == n.Place:
			list[last] = n // the longer stretch
		default:
			list = append(list, n)
		}
	}
	return list
}

// databaseKinds is the order in which uses of a database are told; others follow by name.
var databaseKinds = []string{
	"pool", "connection", "session", "transaction", "commit", "rollback", "row lock", "conditional write", "computed write", "write", "read",
}

// notableKinds are listed one by one; of the others the number tells enough.
var notableKinds = databaseKinds[:7]

type kindCount struct {
	Name, Detail string
	Number       int
}

type fileKinds struct {
	File  string
	Kinds map[string]int
}

// databaseView is what was found of databases, arranged for reading.
type databaseView struct {
	Kinds   []kindCount
	Absent  []string // known kinds that were not found
	Files   []fileKinds
	Notable []report.DatabaseUse
}

// DatabaseView arranges what was found of databases.
func (d *dossier) DatabaseView() databaseView {
	var v databaseView
	if d.Database == nil {
		return v
	}
	byKind := make(map[string]*kindCount)
	for _, u := range *d.Database {
		k := byKind[u.Kind]
		if k == nil {
			k = &kindCount{Name: u.Kind, Detail: u.Detail}
			byKind[u.Kind] = k
		}
		k.Number++
		if n := len(v.Files); n == 0 || v.Files[n-1].File != u.File {
			v.Files = append(v.Files, fileKinds{u.File, make(map[string]int)})
		}
		v.Files[len(v.Files)-1].Kinds[u.Kind]++
		if slices.Contains(notableKinds, u.Kind) {
			v.Notable = append(v.Notable, u)
		}
	}
	for _, name := range databaseKinds {
		if k := byKind[name]; k != nil {
			v.Kinds = append(v.Kinds, *k)
			delete(byKind, name)
		} else {
			v.Absent = append(v.Absent, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byKind)) {
		v.Kinds = append(v.Kinds, *byKind[name])
	}
	return v
}

// handedOver are the patterns by which Python code leaves the thread of its event loop.
var handedOver = []string{"to_thread", "run_in_executor", "run_coroutine_threadsafe", "ThreadPoolExecutor"}

// threadingTexts say what was found of threads, nothing if patterns were not gathered.
func threadingTexts(d *dossier) []string {
	var list []string
	threads, handed, files, goes := map[string]int{}, map[string]int{}, map[string]bool{}, map[string]int{}
	python := false
	for _, p := range d.Patterns {
		isGo := path.Ext(p.File) == ".go"
		python = python || !isGo
		for name, n := range p.Patterns {
			switch {
			case isGo:
				goes[name] += n
			case strings.HasPrefix(name, "threading."):
				threads[name] += n
			case slices.Contains(handedOver, name):
				handed[name] += n
				files[p.File] = true
			}
		}
	}
	if python {
		if len(threads) == 0 {
			list = append(list, "No thread and no thread lock is made: no use of `threading` was found.")
		} else {
			list = append(list, "Threads and thread locks are made: "+patternList(threads)+".")
		}
		if len(handed) > 0 {
			list = append(list, fmt.Sprintf("Work is handed to other threads in %s: %s.", count(len(files), "file"), patternList(handed)))
		}
		if len(d.Threads)+len(handed)+len(threads) == 0 {
			list = append(list, "No function was seen that runs in another thread than the event loop's.")
		}
	}
	if len(goes) > 0 {
		list = append(list, "Goroutines, locks and atomics of the Go code: "+patternList(goes)+".")
	}
	return list
}

// patternList is "await ×3, create_task ×1", the most frequent first.
func patternList(p map[string]int) string {
	names := slices.Sorted(maps.Keys(p))
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(p[b], p[a]) })
	for i, n := range names {
		names[i] = fmt.Sprintf("%s ×%d", n, p[n])
	}
	return strings.Join(names, ", ")
}

// grades are the severities that tables have a column for: those below low only if there are any.
func (d *dossier) grades() []report.Severity {
	if d.bySeverity(report.Info) > 0 {
		return severities
	}
	return severities[:4]
}

func patternsTitle(d *dossier) string {
	if slices.Equal(d.Languages, []string{"python"}) {
		return "asyncio Patterns Found"
	}
	return "Concurrency Patterns Found"
}

// countLabels say what is counted, in the order of telling.
var countLabels = []struct{ key, label string }{
	{"files", "files read"},
	{"analysed", "files analysed"},
	{"prefiltered", "files passed over: nothing in them suspends, starts a task or makes a thread"},
	{"skipped", "files that could not be analysed, in whole or in part"},
	{"functions", "functions analysed"},
	{"suppressed", "findings suppressed with a reason"},
}

type countRow struct {
	Label  string
	Number int
}

// CountRows are the counts of the audit with what they count.
func (d *dossier) CountRows() []countRow {
	var rows []countRow
	known := make(map[string]bool)
	for _, l := range countLabels {
		known[l.key] = true
		if n, ok := d.Counts[l.key]; ok {
			label := l.label
			if l.key == "prefiltered" && slices.Contains(d.Languages, "go") {
				label = "files passed over: tests of Go, and files in which nothing suspends, starts a task or makes a thread"
			}
			rows = append(rows, countRow{label, n})
		}
	}
	for _, k := range slices.Sorted(maps.Keys(d.Counts)) {
		if !known[k] {
			rows = append(rows, countRow{k, d.Counts[k]})
		}
	}
	return rows
}

// Rescanned are the files of the fixed findings.
func (d *dossier) Rescanned() []string {
	var files []string
	if c := d.opt.Baseline; c != nil {
		for _, x := range c.Fixed {
			if !slices.Contains(files, x.Finding.File) {
				files = append(files, x.Finding.File)
			}
		}
	}
	slices.Sort(files)
	return files
}
