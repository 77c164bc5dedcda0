package render

import (
	"cmp"
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
	var reported, safe []report.TaskUse
	for _, t := range m.d.Tasks {
		if t.Rule != "" {
			reported = append(reported, t)
		} else {
			safe = append(safe, t)
		}
	}
	m.out.printf("Task creations found: %d. By design: %d. Reported above: %d.\n\n", len(m.d.Tasks), len(safe), len(reported))
	if len(safe) > 0 {
		m.heading(3, "By Design")
		m.taskTable(safe, "Why it is safe")
	}
	if len(reported) > 0 {
		m.heading(3, "Reported")
		m.taskTable(reported, "Verdict")
	}
	m.rule()
}

func (m *markdown) taskTable(list []report.TaskUse, verdict string) {
	var rows [][]string
	for _, t := range list {
		v := mdText(t.Verdict)
		if t.Rule != "" {
			v += " (" + mdCell(t.Rule) + ")"
		}
		rows = append(rows, []string{
			at(t.File, t.Line), mdCell(t.Target), or(mdCell(t.Keeper), "nobody"), or(mdCell(t.Observer), "nobody"), or(mdCell(t.Drain), "nobody"), v,
		})
	}
	m.table([]string{"Created at", "Runs", "Kept by", "Error seen by", "Awaited or cancelled by", verdict}, rows)
}

func or(s, otherwise string) string { return cmp.Or(s, otherwise) }

func (m *markdown) negatives() {
	if len(m.d.Negatives) == 0 {
		return
	}
	m.heading(2, "Look-Alikes That Are Safe")
	m.out.print("These look like a finding and are none; `toctou explain FILE:LINE` tells the same.\n\n")
	var rows [][]string
	for _, n := range m.d.Negatives {
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
	uses := *m.d.Database
	if len(uses) == 0 {
		m.out.print("No session, transaction or connection pool was found.\n\n")
	} else {
		var rows [][]string
		for _, u := range uses {
			rows = append(rows, []string{at(u.File, u.Line), mdCell(u.Function), mdText(u.Kind), mdText(u.Detail)})
		}
		m.table([]string{"Where", "Function", "Kind", "What it means"}, rows)
	}
	m.rule()
}

func (m *markdown) locks() {
	if len(m.d.Locks) == 0 && len(m.d.Patterns) == 0 {
		return
	}
	m.heading(2, "Threading and Locks")
	if t := threadingText(m.d); t != "" {
		m.out.print("**Threading**: ", mdInline(t), "\n\n")
	}
	if len(m.d.Locks) == 0 {
		m.out.print("**Locks**: none found.\n\n")
	} else {
		var rows [][]string
		for _, l := range m.d.Locks {
			var guards []string
			for _, g := range l.Guards {
				guards = append(guards, mdCell(g))
			}
			rows = append(rows, []string{
				mdCell(l.Name), mdCell(l.Kind), at(l.File, l.Line), or(strings.Join(guards, ", "), "nothing seen"),
				fmt.Sprint(l.Holders), fmt.Sprint(l.Suspending),
			})
		}
		m.table([]string{"Lock", "Kind", "Made at", "Guards", "Sections that hold it", "Of these, may suspend"}, rows)
	}
	m.rule()
}

// threadingText says what was found of the threading module, "" if patterns were not gathered.
func threadingText(d *dossier) string {
	if len(d.Patterns) == 0 {
		return ""
	}
	threads := make(map[string]int)
	for _, p := range d.Patterns {
		for name, n := range p.Patterns {
			if strings.HasPrefix(name, "threading.") {
				threads[name] += n
			}
		}
	}
	if len(threads) == 0 {
		return "no use of `threading` was found"
	}
	return patternList(threads)
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

func patternsTitle(d *dossier) string {
	if slices.Equal(d.Languages, []string{"python"}) {
		return "asyncio Patterns Found"
	}
	return "Concurrency Patterns Found"
}

func (m *markdown) patterns() {
	if len(m.d.Patterns) == 0 {
		return
	}
	m.heading(2, patternsTitle(m.d))
	marked := 0
	for i, p := range m.d.Patterns {
		m.out.printf("%d. %s", i+1, mdCode(p.File))
		if p.Findings > 0 {
			marked++
			m.out.printf(" %s: %s", warning(p.Worst), count(p.Findings, "finding"))
		}
		if len(p.Patterns) > 0 {
			m.out.print(" · ", mdInline(patternList(p.Patterns)))
		}
		m.out.print("\n")
	}
	m.out.printf("\n**Status**: %s reviewed, %d of them with findings\n\n", count(len(m.d.Patterns), "file"), marked)
	m.rule()
}

func (m *markdown) advice() {
	if len(m.d.Advice) == 0 {
		return
	}
	m.heading(2, "Recommendations")
	for _, r := range m.d.Advice {
		m.heading(3, fmt.Sprintf("Priority %d: %s", r.Priority, mdInline(r.Title)))
		m.out.print("**Action**: ", mdInline(r.Action), "\n\n")
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
		m.bullets("**Testing**:", r.Tests)
	}
	m.rule()
}

func (m *markdown) scopes() {
	if len(m.d.Scopes) == 0 {
		return
	}
	m.heading(2, "Comparison of Scopes")
	var rows [][]string
	for _, s := range m.d.Scopes {
		rows = append(rows, []string{mdText(s.Language), fmt.Sprint(s.Files), scopeResult(m.d, s)})
	}
	m.table([]string{"Language", "Files", "Result"}, rows)
	m.rule()
}

// scopeResult says what was found in a language.
func scopeResult(d *dossier, s report.Scope) string {
	if !s.Analysed {
		return "not analysed"
	}
	n := 0
	for _, f := range d.active {
		n += b2i(f.Language == s.Language)
	}
	return count(n, "finding")
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
		for _, k := range slices.Sorted(maps.Keys(m.d.Counts)) {
			rows = append(rows, []string{mdText(k), fmt.Sprint(m.d.Counts[k])})
		}
		m.table([]string{"Counted", "Number"}, rows)
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
	if len(m.d.Unparsed) > 0 {
		m.heading(3, "Files Not Analysed")
		for _, s := range m.d.Unparsed {
			m.out.print("- ", mdCode(s.File), ": ", mdInline(s.Reason), "\n")
		}
		m.out.print("\n")
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
	return fmt.Sprintf("latent windows %s; concurrency model %s", or(d.Policy.Latent, "not stated"), or(d.Policy.Concurrency, "not stated"))
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
	if len(d.Related) > 0 {
		m.out.print("\n**Related Documents**:\n\n")
		for _, r := range d.Related {
			m.out.print("- ", mdCode(r), "\n")
		}
	}
}
