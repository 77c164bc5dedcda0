package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

func at(file string, line int) string { return mdCell(fmt.Sprintf("%s:%d", file, line)) }

func (m *markdown) tasks() {
	if len(m.d.Tasks) == 0 {
		return
	}
	m.heading(2, "Background Work")
	g := m.d.taskGroups()
	left := ""
	if len(g.left) > 0 {
		left = fmt.Sprintf(" Left to themselves: %d.", len(g.left))
	}
	m.out.printf("%s. By design: %d. Handed on: %d.%s Reported above: %d.\n\n",
		count(len(m.d.Tasks), "task creation"), len(g.design), len(g.handed), left, len(g.reported))
	for _, part := range []struct {
		title, intro string
		list         []report.TaskUse
	}{
		{"By Design", "Somebody keeps each of these or waits for it, its error reaches somebody, and it does not outlive its owner.", g.design},
		{"Handed On", "The creator gives the task away; what becomes of it is up to the receiver.", g.handed},
		{"Left to Themselves", "Nobody was seen to keep, await or stop these, and nothing shows that anybody would have to: they end by themselves, or with the program.", g.left},
		{"Reported", "", g.reported},
	} {
		if len(part.list) == 0 {
			continue
		}
		m.heading(3, part.title)
		if part.intro != "" {
			m.out.print(part.intro, "\n\n")
		}
		m.taskTable(part.list)
	}
	m.rule()
}

// taskGroups are the task creations by what becomes of them.
type taskGroups struct{ design, handed, left, reported []report.TaskUse }

func (d *dossier) taskGroups() taskGroups {
	var g taskGroups
	for _, t := range d.Tasks {
		switch {
		case t.Rule != "":
			g.reported = append(g.reported, t)
		case t.Verdict == report.TaskLeft:
			g.left = append(g.left, t)
		case t.Drain == "" && t.Observer == "": // given to the caller, or to code that is not known
			g.handed = append(g.handed, t)
		default:
			g.design = append(g.design, t)
		}
	}
	return g
}

func (m *markdown) taskTable(list []report.TaskUse) {
	var rows [][]string
	for _, t := range list {
		v := mdText(t.Verdict)
		if t.Rule != "" {
			v += " (" + mdCell(t.Rule) + ")"
		}
		rows = append(rows, []string{at(t.File, t.Line), mdCell(t.Target), who(t.Keeper), who(t.Observer), who(t.Drain), v})
	}
	m.table([]string{"Created at", "Runs", "Kept by", "Error seen by", "Awaited or cancelled by", "Verdict"}, rows)
}

// who is a name in a cell; words stay words.
func who(s string) string {
	if s == "" {
		return "nobody"
	}
	if strings.HasPrefix(actorName(s), "`") {
		return mdCell(s)
	}
	return mdInline(s)
}

func (m *markdown) negatives() {
	list := m.d.Lookalikes()
	if len(list) == 0 {
		return
	}
	m.heading(2, "Look-Alikes That Are Safe")
	m.out.print("These look like a finding and are none; `toctou explain FILE:LINE` tells the same.\n\n")
	var rows [][]string
	for _, n := range list {
		rows = append(rows, []string{at(n.File, n.Line), mdCell(n.Function), mdCell(n.Place), mdText(n.Reason)})
	}
	m.table([]string{"Where", "Function", "Place", "Why it is safe"}, rows)
	m.rule()
}

func (m *markdown) suppressed() {
	if len(m.d.suppressed) == 0 {
		return
	}
	m.heading(2, "Suppressed With a Reason")
	var rows [][]string
	for _, f := range m.d.suppressed {
		rows = append(rows, []string{at(f.File, f.Line), mdCell(f.Rule), mdText(string(f.Severity)), mdText(f.Message), mdText(f.Suppressed.Reason)})
	}
	m.table([]string{"Where", "Rule", "Severity", "Finding", "Reason"}, rows)
	m.rule()
}

func (m *markdown) database() {
	if m.d.Database == nil {
		return
	}
	m.heading(2, "Database Transactions")
	db := m.d.DatabaseView()
	if len(db.Files) == 0 {
		m.out.print("No connection pool, session, transaction or statement was found in ", count(m.d.Counts["analysed"], "analysed file"), ".\n\n")
		m.rule()
		return
	}
	var rows [][]string
	for _, k := range db.Kinds {
		rows = append(rows, []string{mdText(k.Name), fmt.Sprint(k.Number), mdText(k.Detail)})
	}
	m.table([]string{"Found", "Number", "What it means"}, rows)
	if len(db.Absent) > 0 {
		m.out.print("**Not found**: ", strings.Join(db.Absent, ", "), "\n\n")
	}
	m.out.print("**Files**:\n\n")
	rows = nil
	for _, f := range db.Files {
		rows = append(rows, []string{mdCell(f.File), mdText(patternList(f.Kinds))})
	}
	m.table([]string{"File", "Uses"}, rows)
	if len(db.Notable) > 0 {
		m.out.print("**Where connections, sessions, transactions and row locks come from**:\n\n")
		rows = nil
		for _, u := range db.Notable {
			rows = append(rows, []string{at(u.File, u.Line), mdCell(u.Function), mdText(u.Kind)})
		}
		m.table([]string{"Where", "Function", "Kind"}, rows)
	}
	m.out.print("**Status**: ", m.ruleStatus("stalerecord", "a record is read, checked, and written back from a stale copy"), "\n\n")
	m.rule()
}

// ruleStatus says how many findings of a rule there are.
func (m *markdown) ruleStatus(rule, what string) string {
	n, worst := 0, report.Severity("")
	for _, f := range m.d.active {
		if f.Rule == rule {
			n++
			if worst == "" || gravity(f.Severity) < gravity(worst) {
				worst = f.Severity
			}
		}
	}
	if n == 0 {
		return "✅ no finding of " + mdCode(rule) + " (" + what + ")"
	}
	return warning(worst) + ": " + count(n, "finding") + " of " + mdCode(rule) + " (" + what + ")"
}

func (m *markdown) locks() {
	if len(m.d.Locks)+len(m.d.Patterns)+len(m.d.Threads) == 0 {
		return
	}
	m.heading(2, "Threading and Locks")
	for _, s := range threadingTexts(m.d) {
		m.out.print("- ", mdText(s), "\n")
	}
	m.out.print("\n")
	if len(m.d.Threads) > 0 {
		m.out.print("**What runs in other threads**:\n\n")
		var rows [][]string
		for _, t := range m.d.Threads {
			rows = append(rows, []string{who(t.Target), at(t.File, t.Line), or(mdCell(t.Function), "-"), mdInline(t.How)})
		}
		m.table([]string{"Function", "Where", "Handed over by", "How"}, rows)
	}
	if len(m.d.Locks) == 0 {
		m.out.print("**Locks**: none found\n\n")
	} else {
		var rows [][]string
		for _, l := range m.d.Locks {
			var guards []string
			for _, g := range l.Guards {
				guards = append(guards, mdCell(g))
			}
			held := fmt.Sprint(l.Holders)
			if lines := heldLines(l); lines != "" {
				held += ": lines " + mdInline(lines)
			}
			rows = append(rows, []string{
				mdCell(l.Name), mdCell(l.Kind), at(l.File, l.Line), or(strings.Join(guards, ", "), "no shared state that was recognised"),
				held, fmt.Sprint(l.Suspending),
			})
		}
		m.table([]string{"Lock", "Kind", "Where", "Guards", "Sections that hold it", "Of these, may suspend"}, rows)
	}
	m.rule()
}

func (m *markdown) patterns() {
	if len(m.d.Patterns) == 0 {
		return
	}
	m.heading(2, patternsTitle(m.d))
	marked := 0
	var rows [][]string
	for _, p := range m.d.Patterns {
		verdict := "✅"
		if p.Findings > 0 {
			marked++
			verdict = warning(p.Worst) + ": " + count(p.Findings, "finding")
		}
		rows = append(rows, []string{mdCell(p.File), verdict, mdInline(patternList(p.Patterns))})
	}
	m.table([]string{"File", "Verdict", "Uses"}, rows)
	m.out.printf("**Status**: %s reviewed, %d of them with findings\n\n", count(len(m.d.Patterns), "file"), marked)
	m.rule()
}

func (m *markdown) advice() {
	if len(m.d.Advice) == 0 {
		return
	}
	m.heading(2, "Recommendations")
	last := 0
	for _, r := range m.d.Advice {
		if r.Priority != last {
			last = r.Priority
			m.heading(3, mdText(priorityTitle(r)))
		}
		m.heading(4, mdInline(capital(r.Title)))
		m.out.print("**Action**: ", mdInline(sentence(r.Action)), "\n\n")
		if len(r.Files) > 0 {
			m.out.print("**Files**:\n\n")
			for _, f := range r.Files {
				m.out.print("- ", mdCode(f), "\n")
			}
			m.out.print("\n")
		}
		if r.Effort != "" {
			m.out.print("**Effort**: ", mdInline(r.Effort), "\n\n")
		}
		m.bullets("**Tests to write**:", r.Tests)
	}
	m.rule()
}

// priorityTitle is "Priority 1: critical findings".
func priorityTitle(r report.Recommendation) string {
	s := fmt.Sprintf("Priority %d", r.Priority)
	if r.Severity != "" {
		s += ": " + string(r.Severity) + " findings"
	}
	return s
}

func (m *markdown) scopes() {
	if len(m.d.Scopes) == 0 {
		return
	}
	m.heading(2, "Comparison of Scopes")
	head := []string{"Language", "Files", "Analysed"}
	for _, s := range m.d.grades() {
		head = append(head, capital(string(s)))
	}
	var rows [][]string
	for _, s := range m.d.Scopes {
		row := []string{mdText(languageName(s.Language)), fmt.Sprint(s.Files), "yes"}
		if !s.Analysed {
			row[2] = "**no**"
		}
		for _, sev := range m.d.grades() {
			row = append(row, scopeResult(m.d, s, sev))
		}
		rows = append(rows, row)
	}
	m.table(head, rows)
	m.rule()
}

// scopeResult says how many findings of a severity there are in a language.
func scopeResult(d *dossier, s report.Scope, sev report.Severity) string {
	if !s.Analysed {
		return "not analysed"
	}
	n := 0
	for _, f := range d.active {
		n += b2i(f.Language == s.Language && f.Severity == sev)
	}
	return fmt.Sprint(n)
}

// leftOut lists the files left out by the reason, some of each: there may be thousands.
func (m *markdown) leftOut() {
	const some = 20
	files := map[string][]string{}
	for _, s := range m.d.LeftOut {
		files[s.Reason] = append(files[s.Reason], s.File)
	}
	for _, reason := range slices.Sorted(maps.Keys(files)) {
		list := files[reason]
		m.out.printf("- %s: %s: ", mdInline(reason), count(len(list), "file"))
		for i, f := range list[:min(len(list), some)] {
			if i > 0 {
				m.out.print(", ")
			}
			m.out.print(mdCode(f))
		}
		if n := len(list) - some; n > 0 {
			m.out.printf(" and %d more", n)
		}
		m.out.print("\n")
	}
	m.out.print("\n")
}

func (m *markdown) validation() {
	m.heading(2, "Validation Evidence")
	switch n := len(m.d.Unparsed); {
	case n > 0:
		m.out.printf("**Parsing**: ⚠️ %s not parsed, see Limits\n\n", count(n, "file"))
	case m.d.Files == 0:
		m.out.print("**Parsing**: ⚠️ there was no file to read\n\n")
	default:
		m.out.printf("**Parsing**: ✅ %s read, all parsed\n\n", count(m.d.Files, "file"))
	}
	if len(m.d.Counts) > 0 {
		var rows [][]string
		for _, c := range m.d.CountRows() {
			rows = append(rows, []string{mdText(c.Label), fmt.Sprint(c.Number)})
		}
		m.table([]string{"Counted", "Number"}, rows)
	}
	if files := m.d.Rescanned(); len(files) > 0 {
		m.out.print("**Analysed again**, as findings of the baseline are fixed there:\n\n")
		for _, f := range files {
			m.out.print("- ", mdCode(f), "\n")
		}
		m.out.print("\n")
	}
	if len(m.d.Commands) > 0 {
		var lines []string
		for _, c := range m.d.Commands {
			lines = append(lines, visible(c))
		}
		fence := mdFence(lines)
		m.out.print("**To reproduce**:\n\n", fence, "bash\n", strings.Join(lines, "\n"), "\n", fence, "\n\n")
	}
	m.rule()
}

func (m *markdown) limits() {
	m.heading(2, "Limits")
	if len(m.d.Unparsed)+len(m.d.Partial) == 0 {
		m.out.print("No file failed to parse and no function was cut short. ")
	}
	m.out.print("What each rule does not see is told on its page: `toctou explain RULE`.\n\n")
	m.bullets("**Not seen by the analysis**:", m.d.Limits)
	if len(m.d.Unparsed) > 0 {
		m.heading(3, "Files Not Analysed")
		for _, s := range m.d.Unparsed {
			m.out.print("- ", mdCode(s.File), ": ", mdInline(s.Reason), "\n")
		}
		m.out.print("\n")
	}
	if len(m.d.LeftOut) > 0 {
		m.heading(3, "Files Left Out")
		m.out.print("These are not part of the program as it is built here; they are counted nowhere.\n\n")
		m.leftOut()
	}
	if len(m.d.Partial) > 0 {
		m.heading(3, "Functions Analysed in Part")
		for _, p := range m.d.Partial {
			m.out.print("- ", mdCode(fmt.Sprintf("%s:%d", p.File, p.Line)), " ", mdCode(p.Function), ": ", mdInline(p.Reason), "\n")
		}
		m.out.print("\n")
	}
	m.rule()
}

// policyText names the settings that change ratings.
func policyText(d *dossier) string {
	return fmt.Sprintf("latent windows %s; concurrency model %s", or(d.Policy.Latent, "not stated"), or(d.model(), "not stated"))
}

func (m *markdown) foot() {
	d := m.d
	rows := []string{"**Written by**: " + mdText(strings.TrimSpace(d.Tool.Name+" "+d.Tool.Version))}
	if d.Version != "" {
		rows = append(rows, "**Document Version**: "+mdInline(d.Version))
	}
	if d.Author != "" {
		rows = append(rows, "**Author**: "+mdInline(d.Author))
	}
	rows = append(rows,
		"**Policy**: "+mdInline(policyText(d)),
		"**Status**: "+m.status())
	m.out.print(strings.Join(rows, "\\\n"), "\n")
	if len(d.Settings) > 0 {
		var lines []string
		for _, s := range d.Settings {
			lines = append(lines, visible(s))
		}
		fence := mdFence(lines)
		m.out.print("\n**Configuration in force**:\n\n", fence, "yaml\n", strings.Join(lines, "\n"), "\n", fence, "\n")
	}
	if len(d.Related) > 0 {
		m.out.print("\n**Related Documents**:\n\n")
		for _, r := range d.Related {
			m.out.print("- ", mdCode(r), "\n")
		}
	}
}
