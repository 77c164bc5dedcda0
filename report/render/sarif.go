package render

import (
	"fmt"
	"io"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

const (
	sarifSchema   = "https://json.schemastore.org/sarif-2.1.0.json"
	sarifVersion  = "2.1.0"
	informationAt = "https://github.com/toctou-lint/toctou"
	sourceRoot    = "%SRCROOT%"
	cweTaxonomy   = "CWE"
)

// SARIF writes the audit as a SARIF 2.1.0 log, one result at a time.
func SARIF(w io.Writer, a *report.Audit, o Options) error {
	s := &sarif{audit: a, opt: o, prefix: rootPrefix(a, o), rules: rulesOf(a, o), prints: make(map[string]int)}
	out := newOutput(w)
	out.print("{\n  \"$schema\": \"", sarifSchema, "\",\n  \"version\": \"", sarifVersion, "\",\n  \"runs\": [\n    ")
	if err := writeObject(out, s.run(), "    ", "results", s.results()); err != nil {
		return err
	}
	out.print("\n  ]\n}\n")
	return out.close()
}

// rootPrefix leads from the root of the repository to the root of the audit: formats that a forge
// reads need paths from there.
func rootPrefix(a *report.Audit, o Options) string {
	root := o.Root
	if root == "" {
		root = a.Root
	}
	root = strings.TrimSuffix(strings.TrimPrefix(root, "./"), "/")
	if root == "" || root == "." || root == ".." || strings.HasPrefix(root, "/") || strings.HasPrefix(root, "../") || strings.Contains(root, ":") {
		return ""
	}
	return root + "/"
}

// rulesOf returns the rules that a report describes: all that are known and all that findings name.
func rulesOf(a *report.Audit, o Options) []RuleInfo {
	names := make(map[string]bool)
	for n := range o.Rules {
		names[n] = true
	}
	for i := range a.Findings {
		names[a.Findings[i].Rule] = true
	}
	var list []RuleInfo
	for n := range names {
		list = append(list, o.rule(n))
	}
	slices.SortFunc(list, func(a, b RuleInfo) int { return strings.Compare(a.Name, b.Name) })
	return list
}

type sarif struct {
	audit  *report.Audit
	opt    Options
	prefix string
	rules  []RuleInfo
	prints map[string]int // fingerprints seen, to tell equal ones apart
}

// run is everything but the results.
func (s *sarif) run() sarifRun {
	weaknesses := s.weaknesses()
	r := sarifRun{
		Tool: sarifTool{Driver: sarifComponent{
			Name: visible(s.audit.Tool.Name), Version: visible(s.audit.Tool.Version), InformationURI: informationAt, Rules: []sarifRule{},
		}},
		Invocations:       []sarifInvocation{{ExecutionSuccessful: true, Notifications: s.notifications()}},
		AutomationDetails: &sarifAutomation{ID: "toctou/"},
		ColumnKind:        "utf16CodeUnits",
	}
	for _, info := range s.rules {
		r.Tool.Driver.Rules = append(r.Tool.Driver.Rules, s.rule(info, weaknesses))
	}
	if len(weaknesses) > 0 {
		taxa := make([]sarifTaxon, len(weaknesses))
		for i, n := range weaknesses {
			taxa[i] = sarifTaxon{ID: strconv.Itoa(n), HelpURI: fmt.Sprintf("https://cwe.mitre.org/data/definitions/%d.html", n)}
		}
		r.Taxonomies = []sarifComponent{{
			Name: cweTaxonomy, Organization: "MITRE", InformationURI: "https://cwe.mitre.org/",
			ShortDescription: &sarifText{Text: "Common Weakness Enumeration"}, Taxa: taxa,
		}}
		r.Tool.Driver.Taxonomies = []sarifReference{{Name: cweTaxonomy, Index: new(int)}}
	}
	return r
}

// weaknesses are the CWE numbers of all rules, sorted.
func (s *sarif) weaknesses() []int {
	var list []int
	for _, r := range s.rules {
		list = append(list, r.CWE...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (s *sarif) rule(info RuleInfo, weaknesses []int) sarifRule {
	title, summary := visible(info.Title), visible(info.Summary)
	if summary == "" {
		summary = title
	}
	help := info.Help
	if help == "" {
		help = summary
	}
	r := sarifRule{
		ID: visible(info.Name), ShortDescription: sarifText{Text: title}, FullDescription: sarifText{Text: summary},
		Help: sarifText{Text: lines(help), Markdown: lines(help)}, HelpURI: webAddress(info.URL),
		Properties: map[string]any{"tags": ruleTags(info)},
	}
	for _, n := range info.CWE {
		index := slices.Index(weaknesses, n)
		r.Relationships = append(r.Relationships, sarifRelationship{
			Target: sarifReference{ID: strconv.Itoa(n), Index: &index, Component: &sarifReference{Name: cweTaxonomy, Index: new(int)}},
			Kinds:  []string{"superset"},
		})
	}
	return r
}

func ruleTags(info RuleInfo) []string {
	tags := []string{"concurrency", "reliability"}
	for _, n := range info.CWE {
		tags = append(tags, fmt.Sprintf("external/cwe/cwe-%03d", n))
	}
	return tags
}

// lines is visible for text that keeps its lines.
func lines(s string) string {
	parts := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, p := range parts {
		parts[i] = visible(strings.ReplaceAll(p, "\t", "    "))
	}
	return strings.Join(parts, "\n")
}

// webAddress is an address if it is one of the web, else nothing.
func webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return u.String()
}

// notifications name what was not analysed.
func (s *sarif) notifications() []sarifNotification {
	var list []sarifNotification
	for _, u := range s.audit.Unparsed {
		list = append(list, sarifNotification{
			Level: "warning", Message: plain("not analysed: " + u.Reason),
			Locations: []sarifLocation{{Physical: &sarifPhysical{Artifact: s.artifact(u.File)}}},
		})
	}
	for _, p := range s.audit.Partial {
		list = append(list, sarifNotification{
			Level: "warning", Message: plain(p.Function + " analysed only in part: " + p.Reason),
			Locations: []sarifLocation{s.location(report.Step{File: p.File, Line: p.Line})},
		})
	}
	return list
}

func (s *sarif) results() iter.Seq[any] {
	return func(yield func(any) bool) {
		for i := range s.audit.Findings {
			if !yield(s.result(&s.audit.Findings[i])) {
				return
			}
		}
	}
}

// levels are the SARIF levels of the severities; what is not listed is a note.
var levels = map[report.Severity]string{report.Critical: "error", report.High: "error", report.Medium: "warning"}

// ranks are the SARIF ranks of the confidences.
var ranks = map[report.Confidence]float64{report.Sure: 90, report.Likely: 60, report.Doubtful: 30}

func levelOf(s report.Severity) string {
	if l, ok := levels[s]; ok {
		return l
	}
	return "note"
}

func (s *sarif) result(f *report.Finding) sarifResult {
	index, _ := slices.BinarySearchFunc(s.rules, f.Rule, func(r RuleInfo, name string) int { return strings.Compare(r.Name, name) })
	r := sarifResult{
		RuleID: visible(f.Rule), RuleIndex: index, Level: levelOf(f.Severity), Rank: ranks[f.Confidence], Message: s.message(f),
		Locations:    []sarifLocation{s.location(primary(f))},
		Fingerprints: s.fingerprints(f),
		Properties:   properties(f),
	}
	r.Locations[0].Physical.Context = s.context(f)
	if f.Function != "" {
		r.Locations[0].Logical = []sarifLogical{{FullyQualifiedName: visible(f.Function), Kind: "function"}}
	}
	for i, st := range f.Steps {
		l := s.location(st)
		l.ID = i + 1
		l.Message = plain(st.Label)
		r.Related = append(r.Related, l)
	}
	r.CodeFlows = s.flows(f)
	if f.Suppressed != nil {
		at := s.location(report.Step{File: f.Suppressed.File, Line: f.Suppressed.Line})
		r.Suppressions = []sarifSuppression{{Kind: "inSource", Justification: visible(f.Suppressed.Reason), Location: &at}}
	}
	if f.Remedy != nil && len(f.Remedy.Edits) > 0 {
		r.Fixes = []sarifFix{s.fix(f.Remedy)}
	}
	if s.opt.Baseline != nil {
		r.BaselineState = string(s.opt.Baseline.State(f))
	}
	return r
}

// primary is the finding's own place as a step.
func primary(f *report.Finding) report.Step {
	return report.Step{File: f.File, Line: f.Line, Column: f.Column, EndLine: f.EndLine, EndColumn: f.EndColumn, Function: f.Function}
}

// message says everything that a reader of a code scanning page needs: title, notes, fix.
func (s *sarif) message(f *report.Finding) *sarifMessage {
	parts := []string{visible(f.Message)}
	for _, n := range notes(f) {
		parts = append(parts, "- "+visible(n))
	}
	if f.Fix != "" {
		parts = append(parts, "", "Fix: "+visible(f.Fix))
	}
	return &sarifMessage{Text: noLinks(strings.Join(parts, "\n"))}
}

func plain(s string) *sarifMessage { return &sarifMessage{Text: noLinks(visible(s))} }

// noLinks breaks what SARIF viewers would take for an embedded link.
func noLinks(s string) string { return strings.ReplaceAll(s, "](", "] (") }

// fingerprints tell findings apart; several with one fingerprint are counted.
func (s *sarif) fingerprints(f *report.Finding) map[string]string {
	s.prints[f.Fingerprint]++
	mark := fmt.Sprintf("%s:%d", visible(f.Fingerprint), s.prints[f.Fingerprint])
	return map[string]string{"primaryLocationLineHash": mark, "toctou/v1": mark}
}

// properties are what SARIF has no word for.
func properties(f *report.Finding) map[string]any {
	p := map[string]any{"severity": string(f.Severity), "confidence": string(f.Confidence), "consequence": f.Consequence}
	if f.Window != nil {
		p["window"] = *f.Window
	}
	if f.Place != "" {
		p["place"] = f.Place
	}
	if f.Group != "" {
		p["group"] = f.Group
	}
	if len(f.Also) > 0 {
		p["also"] = f.Also
	}
	return p
}

// flows are the story as a path through the code and, where it is known, the interleaving as one
// thread per actor with a common order.
func (s *sarif) flows(f *report.Finding) []sarifCodeFlow {
	var flows []sarifCodeFlow
	var path []sarifFlowLocation
	for _, m := range marksOf(f) {
		if m.number == 0 {
			continue
		}
		l := s.location(m.Step)
		l.Message = plain(m.Label)
		path = append(path, sarifFlowLocation{Location: l, ExecutionOrder: m.number, Importance: importance(m.Kind)})
	}
	if len(path) > 0 {
		flows = append(flows, sarifCodeFlow{ThreadFlows: []sarifThreadFlow{{Locations: path}}})
	}
	var threads []sarifThreadFlow
	for i, t := range f.Scenario {
		if t.Line <= 0 || t.Actor == "" {
			continue
		}
		file := t.File
		if file == "" {
			file = f.File
		}
		l := s.location(report.Step{File: file, Line: t.Line})
		text := t.Actor + " " + t.Text
		if t.State != "" {
			text += " → " + t.State
		}
		l.Message = plain(text)
		id := visible(t.Actor)
		n := slices.IndexFunc(threads, func(t sarifThreadFlow) bool { return t.ID == id })
		if n < 0 {
			n = len(threads)
			threads = append(threads, sarifThreadFlow{ID: id})
		}
		threads[n].Locations = append(threads[n].Locations, sarifFlowLocation{Location: l, ExecutionOrder: i + 1})
	}
	if len(threads) > 0 {
		flows = append(flows, sarifCodeFlow{Message: &sarifMessage{Text: "the interleaving"}, ThreadFlows: threads})
	}
	return flows
}

func importance(kind string) string {
	if kind == report.StepAct {
		return "essential"
	}
	return "important"
}

func (s *sarif) fix(r *report.Remedy) sarifFix {
	fix := sarifFix{Description: plain(r.Title)}
	for _, e := range r.Edits {
		uri := s.artifact(e.File)
		i := slices.IndexFunc(fix.Changes, func(c sarifChange) bool { return c.Artifact == uri })
		if i < 0 {
			i = len(fix.Changes)
			fix.Changes = append(fix.Changes, sarifChange{Artifact: uri})
		}
		fix.Changes[i].Replacements = append(fix.Changes[i].Replacements, sarifReplacement{
			Deleted:  s.replaced(e),
			Inserted: sarifContent{Text: e.NewText},
		})
	}
	return fix
}

func (s *sarif) location(st report.Step) sarifLocation {
	return sarifLocation{Physical: &sarifPhysical{Artifact: s.artifact(st.File), Region: s.region(st)}}
}

func (s *sarif) artifact(file string) sarifArtifact {
	return sarifArtifact{URI: pathURI(s.prefix + file), BaseID: sourceRoot}
}

// context is the source around a finding, as far as it is stored.
func (s *sarif) context(f *report.Finding) *sarifContext {
	line := max(f.Line, 1)
	if !s.stored(f.File, line) {
		return nil
	}
	c := &sarifContext{StartLine: line, EndLine: line}
	var text []string
	for c.StartLine > max(line-codeMargin, 1) && s.stored(f.File, c.StartLine-1) {
		c.StartLine--
	}
	for c.EndLine < max(line, f.EndLine)+codeMargin && s.stored(f.File, c.EndLine+1) {
		c.EndLine++
	}
	for n := c.StartLine; n <= c.EndLine; n++ {
		text = append(text, s.audit.Excerpts[report.ExcerptKey(f.File, n)])
	}
	c.Snippet.Text = strings.Join(text, "\n") + "\n"
	return c
}

func (s *sarif) stored(file string, line int) bool {
	_, ok := s.audit.Excerpts[report.ExcerptKey(file, line)]
	return ok
}

// pathURI is a relative path as a relative reference. A colon in the first segment would read as a scheme.
func pathURI(file string) string {
	parts := strings.Split(file, "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(url.PathEscape(p), ":", "%3A")
	}
	return strings.Join(parts, "/")
}

// region counts columns in UTF-16 code units; where the source line is not stored, bytes stand for them.
func (s *sarif) region(st report.Step) *sarifRegion {
	line := max(st.Line, 1)
	r := &sarifRegion{StartLine: line, EndLine: max(st.EndLine, line)}
	r.StartColumn = utf16Column(s.audit, st.File, r.StartLine, st.Column)
	if st.EndColumn > 0 {
		r.EndColumn = utf16Column(s.audit, st.File, r.EndLine, st.EndColumn)
	}
	if r.EndColumn == 0 || r.EndLine == r.StartLine && r.EndColumn < r.StartColumn {
		r.EndLine, r.EndColumn = r.StartLine, r.StartColumn+1
	}
	return r
}

// replaced is the region of an edit; an insertion keeps its empty one.
func (s *sarif) replaced(e report.Edit) *sarifRegion {
	return &sarifRegion{
		StartLine: max(e.Line, 1), StartColumn: utf16Column(s.audit, e.File, e.Line, e.Column),
		EndLine: max(e.EndLine, e.Line, 1), EndColumn: utf16Column(s.audit, e.File, max(e.EndLine, e.Line), e.EndColumn),
	}
}
