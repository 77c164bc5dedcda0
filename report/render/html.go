package render

import (
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"html/template"
	"io"
	"iter"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/compare"
)

var (
	//go:embed page/page.html
	pageTemplate string
	//go:embed page/page.css
	pageStyle string
	//go:embed page/page.js
	pageScript string
)

// policy allows the page its own style and script and nothing else: no network, no inline handlers.
var policy = sync.OnceValue(func() string {
	return fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", hashOf(pageStyle), hashOf(pageScript))
})

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

var pageParsed = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"prose":    prose,
		"visible":  visible,
		"count":    count,
		"severity": severityClass,
		"sentence": sentence,
		"patterns": patternList,
		"capital":  capital,
		"actor":    actorName,
		"language": languageName,
		"held":     heldLines,
		"range":    lineRange,
		"at":       func(file string, line int) template.HTML { return breakable(fmt.Sprintf("%s:%d", file, line)) },
		"file":     breakable,
	}).Parse(pageTemplate))
})

// HTML writes the audit as one page that needs nothing else: no network, no other file. It works
// without JavaScript; with it, findings can be filtered.
func HTML(w io.Writer, a *report.Audit, o Options) error {
	out := newOutput(w)
	p := &page{
		dossier: newDossier(a, o), Policy: policy(), colours: new(highlighter),
		Style: template.CSS(pageStyle), Script: template.JS(pageScript), //nolint:gosec // our own, embedded files
	}
	if err := pageParsed().Execute(out.w, p); err != nil {
		return err
	}
	return out.close()
}

// page is what the template shows. Its methods make the parts one by one, so that a large audit is
// never in memory as a page.
type page struct {
	*dossier
	Policy  string
	Style   template.CSS
	Script  template.JS
	colours *highlighter
}

func (p *page) PageTitle() string   { return visible(p.title()) }
func (p *page) Scope() string       { return visible(scopeText(p.dossier)) }
func (p *page) Sentences() []string { return summarySentences(p.dossier) }

func (p *page) Worst() report.Severity { return p.worst() }

// Status is the page's verdict in words.
func (p *page) Status() string {
	switch {
	case p.criticalFixed():
		return "ALL CRITICAL ISSUES FIXED: " + or(p.tally(), "no findings")
	case p.worst() != "":
		return strings.ToUpper(visible(string(p.worst()))) + ": " + p.tally()
	case p.nothing():
		return "NOTHING ANALYSED"
	case len(p.Unparsed) > 0:
		return "NO FINDINGS in what could be read; " + count(len(p.Unparsed), "file") + " not analysed"
	}
	return "NO FINDINGS"
}

// severityClass is the style of a severity, "" for a word that is none.
func severityClass(s report.Severity) string {
	if !slices.Contains(severities, s) {
		return ""
	}
	return "s-" + string(s)
}

// Many reports whether there are so many findings that the browser should lay out only what is seen.
func (p *page) Many() bool { return len(p.active) > 200 }

// card is a figure at the head of the page.
type card struct {
	Figure int
	Word   string
	Class  string
}

// Cards are the figures at the head of the page.
func (p *page) Cards() []card {
	var cards []card
	for _, s := range severities[:4] {
		cards = append(cards, card{p.bySeverity(s), string(s), severityClass(s)})
	}
	cards = append(cards, card{p.latentCount(), "latent", ""}, card{len(p.suppressed), "suppressed", ""})
	if c := p.opt.Baseline; c != nil {
		cards = append(cards, card{len(c.Added), "new", ""}, card{len(c.Fixed), "fixed", ""})
	}
	if n := len(p.Services()); n > 0 {
		cards = append(cards, card{n, "services", ""})
	}
	return append(cards, card{p.Files, "files", ""})
}

// serviceLine is a service as the page shows it.
type serviceLine struct {
	Name, Dir string
	Files     int
	Findings  int
	Worst     report.Severity
}

func (p *page) Services() []serviceLine {
	var list []serviceLine
	for _, r := range p.services() {
		list = append(list, serviceLine{r.Name, r.Dir, r.Files, r.findings, r.worst})
	}
	return list
}

// section is a part of the page with findings.
type section struct {
	ID, Title, Intro string
	list             []chapter
	page             *page
}

// Sections are the parts of the page with findings that have any.
func (p *page) Sections() []section {
	all := []section{
		{"grave", "Critical and High Findings", "", p.grave, p},
		{"latent", "Latent Windows", latentIntro, p.latent, p},
		{"medium", "Medium Priority", "", p.medium, p},
		{"low", "Low Priority", "", p.low, p},
	}
	return slices.DeleteFunc(all, func(s section) bool { return len(s.list) == 0 })
}

// Count is the number of chapters.
func (s section) Count() int { return len(s.list) }

// Contents are the findings that the table of contents names; none if they are so many that they
// would only hide the rest.
func (s section) Contents() []content {
	if s.page.Many() {
		return nil
	}
	var list []content
	for _, c := range s.list {
		f := c.head
		name := or(strings.TrimSuffix(f.Place, ".record"), or(f.Function[strings.LastIndexByte(f.Function, '.')+1:], f.Rule))
		list = append(list, content{c.number, f.Severity, name, fmt.Sprintf("%s:%d", path.Base(f.File), f.Line), f.Message})
	}
	return list
}

// content is a finding in the table of contents: the place, or else the function, and where it is.
type content struct {
	Number   int
	Severity report.Severity
	Name     string
	Where    string
	Message  string
}

// Chapters makes the chapters one by one.
func (s section) Chapters() iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for _, c := range s.list {
			e := s.page.entry(c.head)
			e.Number, e.members = c.number, slices.Concat([]*report.Finding{c.head}, c.more, c.same)
			for _, f := range c.same {
				from, to := span(f)
				e.Same = append(e.Same, samePlace{strings.ToLower(linesLabel(from, to)) + " " + lineRange(from, to), f.Message})
			}
			for _, f := range c.more {
				m := s.page.entry(f)
				m.Finding = without(f, c.head)
				e.More = append(e.More, m)
			}
			if !yield(e) {
				return
			}
		}
	}
}

// without is a finding without what the head of its chapter says in the same words.
func without(f, head *report.Finding) *report.Finding {
	g := *f
	if slices.Equal(f.Impact, head.Impact) {
		g.Impact = nil
	}
	if f.Fix == head.Fix {
		g.Fix = ""
	}
	if f.Unfixed == head.Unfixed {
		g.Unfixed = ""
	}
	if f.Remedy != nil && head.Remedy != nil && f.Remedy.Code == head.Remedy.Code {
		g.Remedy = &report.Remedy{Title: f.Remedy.Title}
	}
	return &g
}

// entry is a finding as the page shows it.
type entry struct {
	*report.Finding
	Number   int
	More     []entry
	Same     []samePlace
	Type     string
	Span     string
	OneLine  bool
	Further  []string // notes that the scenario does not tell
	WindowIs string
	State    string // new, unchanged or nothing
	Codes    []listing
	Diagram  *diagram
	FixCode  []listingLine // Kind is "new" for lines that the change adds
	members  []*report.Finding
	page     *page
}

// samePlace is a further place that the window of a chapter is about.
type samePlace struct{ Lines, Message string }

func (p *page) entry(f *report.Finding) entry {
	from, to := span(f)
	e := entry{
		Finding: f, Type: visible(p.kind(f)), Span: lineRange(from, to), OneLine: from == to, Further: furtherNotes(f), WindowIs: visible(p.windowText(f)),
		Codes: p.listings(f), Diagram: newDiagram(f), page: p,
	}
	if p.opt.Baseline != nil {
		e.State = string(p.opt.Baseline.State(f))
	}
	if f.Remedy != nil && f.Remedy.Code != "" {
		lines := strings.Split(strings.TrimRight(f.Remedy.Code, "\n"), "\n")
		for i, l := range p.colours.parts(f.Language, lines, func(i int) bool { return strings.TrimSpace(lines[i]) == "..." }) {
			e.FixCode = append(e.FixCode, listingLine{Number: i + 1, Code: l, Kind: map[bool]string{true: "new"}[slices.Contains(f.Remedy.Added, i+1)]})
		}
	}
	return e
}

// Sureness says what the confidence rests on.
func (e entry) Sureness() string { return confidenceText(e.Finding) }

// Help is the address of the rule's page, if it has one.
func (e entry) Help() string { return webAddress(e.page.opt.rule(e.Rule).URL) }

// distinct are the distinct values of the chapter's findings, for the filters.
func (e entry) distinct(values func(*report.Finding) []string) string {
	var list []string
	for _, f := range e.members {
		for _, v := range values(f) {
			if v = strings.ReplaceAll(v, " ", "_"); v != "" && !slices.Contains(list, v) {
				list = append(list, v)
			}
		}
	}
	return strings.Join(list, " ")
}

// Severities, Confidences, Rules, Services and States are what the filters compare with.
func (e entry) Severities() string {
	return e.distinct(func(f *report.Finding) []string { return []string{string(f.Severity)} })
}

func (e entry) Confidences() string {
	return e.distinct(func(f *report.Finding) []string { return []string{string(f.Confidence)} })
}

func (e entry) Rules() string {
	return e.distinct(func(f *report.Finding) []string { return []string{f.Rule} })
}

func (e entry) Services() string {
	return e.distinct(func(f *report.Finding) []string { return []string{e.page.serviceName(f)} })
}

func (e entry) States() string {
	return e.distinct(func(f *report.Finding) []string {
		states := []string{"no-window"}
		if f.Window != nil {
			states[0] = *f.Window
		}
		if b := e.page.opt.Baseline; b != nil {
			states = append(states, string(b.State(f)))
		}
		return states
	})
}

func (p *page) serviceName(f *report.Finding) string {
	if i := p.serviceOf(f.File); i >= 0 {
		return p.dossier.Services[i].Name
	}
	return ""
}

// filter is a choice that the page offers.
type filter struct {
	Name   string
	Label  string
	Values []string
}

// Filters are the choices that findings differ in.
func (p *page) Filters() []filter {
	states := []string{"open", "latent", "no-window"}
	if p.opt.Baseline != nil {
		states = append(states, string(compare.Added), string(compare.Unchanged))
	}
	all := []filter{
		{"severities", "Severity", p.values(words(severities), func(f *report.Finding) string { return string(f.Severity) })},
		{"services", "Service", p.values(nil, p.serviceName)},
		{"rules", "Rule", p.values(nil, func(f *report.Finding) string { return f.Rule })},
		{"confidences", "Confidence", p.values(words(confidences), func(f *report.Finding) string { return string(f.Confidence) })},
		{"states", "State", states},
	}
	return slices.DeleteFunc(all, func(f filter) bool { return len(f.Values) == 0 })
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}

// values are the distinct values of the findings, in the given order, others after it by name.
func (p *page) values(order []string, value func(*report.Finding) string) []string {
	seen := make(map[string]bool)
	var list []string
	for _, f := range p.active {
		if v := value(f); v != "" && !seen[v] {
			seen[v] = true
			list = append(list, v)
		}
	}
	rank := func(v string) int {
		if i := slices.Index(order, v); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortFunc(list, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b)) })
	return list
}

// Suppressed are the findings that are silenced with a reason.
func (p *page) Suppressed() []*report.Finding { return p.suppressed }

// Threading says what was found of threads.
func (p *page) Threading() []string { return threadingTexts(p.dossier) }

// Changes is the comparison with the baseline, nil if there is none.
func (p *page) Changes() *compare.Result { return p.opt.Baseline }

// PatternsTitle names the section of the patterns.
func (p *page) PatternsTitle() string { return patternsTitle(p.dossier) }

// ScopeResult says how many findings of a severity there are in a language.
func (p *page) ScopeResult(s report.Scope, sev report.Severity) string {
	return scopeResult(p.dossier, s, sev)
}

// Grades are the severities that tables have a column for.
func (p *page) Grades() []report.Severity { return p.grades() }

// PolicyText names the settings in force.
func (p *page) PolicyText() string { return policyText(p.dossier) }

// listing is a highlighted excerpt.
type listing struct {
	File  string // empty for the finding's own file
	Lines []listingLine
}

type listingLine struct {
	Number int // 0: lines are left out here
	Code   template.HTML
	Tags   []string
	Kind   string
}

func (p *page) listings(f *report.Finding) []listing { return p.listingsOf(f, p.codes(f)) }

func (p *page) listingsOf(f *report.Finding, codes []code) []listing {
	var list []listing
	for _, c := range codes {
		var l listing
		if c.file != f.File {
			l.File = visible(c.file)
		}
		var texts []string
		for _, line := range c.lines {
			texts = append(texts, line.text)
		}
		marked := p.colours.parts(f.Language, texts, func(i int) bool { return c.lines[i].number == 0 })
		for i, line := range c.lines {
			ll := listingLine{Number: line.number, Code: marked[i], Tags: line.tags}
			if len(line.kinds) > 0 {
				ll.Kind = line.kinds[len(line.kinds)-1]
			}
			l.Lines = append(l.Lines, ll)
		}
		list = append(list, l)
	}
	return list
}

// breakable is a path that may be broken behind its slashes.
func breakable(path string) template.HTML {
	return escaped(strings.ReplaceAll(html.EscapeString(visible(path)), "/", "/<wbr>"))
}

// prose is a text with its `code spans`, and names that look like code, as code; everything else is escaped.
func prose(s string) template.HTML {
	s = strings.TrimSpace(visible(s))
	var b strings.Builder
	plain := 0
	for i := 0; i < len(s); i++ {
		if n := codeSpan(s, i); n > 0 {
			b.WriteString(html.EscapeString(s[plain:i]))
			b.WriteString("<code>" + html.EscapeString(s[i+1:i+n-1]) + "</code>")
			i += n - 1
			plain = i + 1
		} else if n := identifier(s, i); n > 0 {
			b.WriteString(html.EscapeString(s[plain:i]))
			b.WriteString("<code>" + html.EscapeString(s[i:i+n]) + "</code>")
			i += n - 1
			plain = i + 1
		}
	}
	b.WriteString(html.EscapeString(s[plain:]))
	return escaped(b.String())
}
