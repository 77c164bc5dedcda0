// Package rule makes one analyzer of each rule: it reads what the shared lowering analyzer found
// and reports the findings of its rule, unless a comment in the source silences them.
//
// It decides nothing about races: that is done, once for all rules, before it runs.
package rule

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/toctou-lint/toctou/analyzers/internal/gofix"
	"github.com/toctou-lint/toctou/analyzers/internal/lower"
	"github.com/toctou-lint/toctou/report"
)

// RichPrefix starts the message of a diagnostic that carries a whole finding as JSON.
const RichPrefix = "toctou-finding: "

// page is the address of a rule's documentation.
const page = "https://github.com/toctou-lint/toctou/blob/main/internal/rules/"

// settings are the flags of one analyzer.
type settings struct {
	rich          bool
	tests         bool
	generated     bool
	fixes         bool
	minConfidence string
	minSeverity   string
}

// New makes the analyzer of a rule. Its doc is the rule's title and text.
func New(name, doc string) *analysis.Analyzer {
	s := &settings{}
	a := &analysis.Analyzer{
		Name:     name,
		Doc:      analysisDoc(doc, name),
		URL:      page + name + ".md",
		Requires: []*analysis.Analyzer{lower.Analyzer},
	}
	a.Flags.BoolVar(&s.rich, "rich", false, "put the whole finding into the message, as JSON, for toctou's own driver")
	a.Flags.BoolVar(&s.tests, "tests", false, "report in _test.go files, too")
	a.Flags.BoolVar(&s.fixes, "fixes", true, "suggest fixes where the driver applies them; each package with findings is analysed once more for that")
	lower.Tests = append(lower.Tests, &s.tests)
	a.Flags.BoolVar(&s.generated, "generated", false, "report in generated files, too")
	a.Flags.StringVar(&s.minConfidence, "confidence", "medium", "report findings of at least this confidence: low, medium, high")
	a.Flags.StringVar(&s.minSeverity, "severity", "low", "report findings of at least this severity: info, low, medium, high, critical")
	a.Run = func(pass *analysis.Pass) (any, error) { return nil, s.run(pass, name) }
	return a
}

// analysisDoc takes the part of a package comment that documents the analyzer.
func analysisDoc(source, name string) string {
	var b strings.Builder
	for line := range strings.Lines(source) {
		if line, ok := strings.CutPrefix(line, "//"); ok {
			b.WriteString(strings.TrimPrefix(line, " "))
		}
	}
	_, doc, _ := strings.Cut(b.String(), "# Analyzer "+name+"\n")
	return strings.TrimPrefix(strings.TrimSpace(doc), name+": ")
}

var confidences = []string{"low", "medium", "high"}
var levels = []string{"info", "low", "medium", "high", "critical"}

func (s *settings) run(pass *analysis.Pass, name string) error {
	if !slices.Contains(confidences, s.minConfidence) || !slices.Contains(levels, s.minSeverity) {
		return fmt.Errorf("-%s.confidence must be one of %s, and -%s.severity one of %s", name, strings.Join(confidences, ", "), name, strings.Join(levels, ", "))
	}
	res := pass.ResultOf[lower.Analyzer].(*lower.Result)
	findings := res.Findings(name)
	if len(findings) == 0 {
		return nil
	}
	files := byName(pass)
	for i := range findings {
		f := &findings[i]
		file := files[f.File]
		switch {
		case file == nil, !s.tests && strings.HasSuffix(f.File, "_test.go"), !s.generated && ast.IsGenerated(file):
			continue
		}
		if by := silenced(pass.Fset, file, name, f); by != nil {
			if !s.rich {
				continue
			}
			f.Suppressed = by
		}
		if !s.rich && (below(confidences, string(f.Confidence), s.minConfidence) || below(levels, string(f.Severity), s.minSeverity)) {
			continue
		}
		fix := &gofix.Proposal{}
		if f.Suppressed == nil && s.fixesWanted() {
			fix = fixes(pass, res).Fix(f)
		}
		s.report(pass, file, f, fix)
	}
	return nil
}

func byName(pass *analysis.Pass) map[string]*ast.File {
	files := map[string]*ast.File{}
	for _, f := range pass.Files {
		files[pass.Fset.Position(f.FileStart).Filename] = f
	}
	return files
}

// fixes are the proposals for a package, shared by all rules.
func fixes(pass *analysis.Pass, res *lower.Result) *gofix.Proposer {
	return res.Share(func() any {
		files := byName(pass)
		return gofix.New(pass, res.Judge, res.Output().Findings, res.Functions(), func(f *report.Finding) bool {
			file := files[f.File]
			return file != nil && silenced(pass.Fset, file, f.Rule, f) == nil
		})
	}).(*gofix.Proposer)
}

// fixesWanted says whether the driver can make anything of suggested fixes, which take another
// analysis of the package. The tool of go vet, which has both of these flags, applies them under -fix only.
func (s *settings) fixesWanted() bool {
	fix, asJSON := flag.Lookup("fix"), flag.Lookup("json")
	return s.fixes && (s.rich || fix == nil || asJSON == nil || fix.Value.String() != "false")
}

func below(scale []string, x, least string) bool {
	return slices.Index(scale, x) < slices.Index(scale, least)
}

// report hands one finding to the driver.
func (s *settings) report(pass *analysis.Pass, file *ast.File, f *report.Finding, fix *gofix.Proposal) {
	d := analysis.Diagnostic{
		Pos: posOf(pass.Fset, file, f.Line, f.Column), Category: f.Rule, URL: page + f.Rule + ".md",
	}
	if len(fix.Edits) > 0 {
		d.SuggestedFixes = []analysis.SuggestedFix{{Message: fix.Title, TextEdits: fix.Edits}}
	}
	if s.rich {
		f.Remedy, f.Unfixed = remedy(pass.Fset, f.File, fix), fix.Reason
		data, err := json.Marshal(f)
		if err != nil {
			return
		}
		d.Message = RichPrefix + string(data)
		pass.Report(d)
		return
	}
	d.Message = Message(f)
	for _, st := range f.Steps {
		for _, other := range pass.Files {
			if pass.Fset.Position(other.FileStart).Filename == st.File {
				d.Related = append(d.Related, analysis.RelatedInformation{Pos: posOf(pass.Fset, other, st.Line, st.Column), Message: st.Label})
			}
		}
	}
	pass.Report(d)
}

// remedy is a fix in the form of a report.
func remedy(fset *token.FileSet, file string, fix *gofix.Proposal) *report.Remedy {
	if len(fix.Edits) == 0 {
		return nil
	}
	r := &report.Remedy{Title: fix.Title, File: file, Why: fix.Why}
	for _, e := range fix.Edits {
		from, to := fset.Position(e.Pos), fset.Position(e.End)
		r.Edits = append(r.Edits, report.Edit{
			File: file, Line: from.Line, Column: from.Column, EndLine: to.Line, EndColumn: to.Column, NewText: string(e.NewText),
		})
	}
	return r
}

// Message says a finding in one line that needs nothing else: some drivers print only that.
func Message(f *report.Finding) string {
	var b strings.Builder
	b.WriteString(f.Message)
	var steps []string
	for _, st := range f.Steps {
		if st.Kind == report.StepAct && st.Line == f.Line && st.File == f.File {
			continue
		}
		where := fmt.Sprintf("line %d", st.Line)
		if st.File != f.File {
			where = fmt.Sprintf("%s:%d", filepath.Base(st.File), st.Line)
		}
		switch st.Kind {
		case report.StepCheck:
			steps = append(steps, "checked at "+where)
		case report.StepExpiry:
			steps = append(steps, "can change from "+where)
		case report.StepWriter:
			steps = append(steps, "also written at "+where)
		}
	}
	if len(steps) > 0 {
		b.WriteString(" (" + strings.Join(steps, ", ") + ")")
	}
	if len(f.Notes) > 0 {
		b.WriteString(": " + f.Notes[0])
	}
	b.WriteString(" [" + f.Rule + "]")
	return strings.Join(strings.Fields(b.String()), " ")
}

// posOf finds a line and column in a file.
func posOf(fset *token.FileSet, f *ast.File, line, col int) token.Pos {
	tf := fset.File(f.FileStart)
	if tf == nil || line < 1 || line > tf.LineCount() {
		return f.FileStart
	}
	p := tf.LineStart(line)
	if end := tf.Base() + tf.Size(); int(p)+col-1 <= end {
		p += token.Pos(cmp.Or(col, 1) - 1)
	}
	return p
}

// silenced finds the comment that silences a finding: `//toctou:ignore[rule] reason` or
// `//nolint:toctou`, on the line of the finding or on the line before it.
func silenced(fset *token.FileSet, file *ast.File, name string, f *report.Finding) *report.Suppression {
	for _, g := range file.Comments {
		for _, c := range g.List {
			at := fset.Position(c.Pos())
			if at.Line != f.Line && at.Line != f.Line-1 {
				continue
			}
			reason, ok := directive(c.Text, name)
			if !ok {
				continue
			}
			if at.Line == f.Line-1 && at.Column > 1 && codeBefore(fset, file, c) {
				continue // belongs to the code on its own line
			}
			return &report.Suppression{Reason: reason, File: f.File, Line: at.Line}
		}
	}
	return nil
}

// codeBefore says whether a statement starts on the line of c before it.
func codeBefore(fset *token.FileSet, file *ast.File, c *ast.Comment) bool {
	line := fset.Position(c.Pos()).Line
	found := false
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil || found || n.Pos() > c.Pos() {
			return false
		}
		switch n.(type) {
		case *ast.File, *ast.CommentGroup, *ast.Comment:
			return true
		}
		if fset.Position(n.End()).Line == line && n.End() <= c.Pos() {
			found = true
		}
		return !found
	})
	return found
}

// directive reads a suppression comment.
func directive(text, name string) (reason string, ok bool) {
	if rest, is := strings.CutPrefix(text, "//toctou:ignore"); is {
		if list, isList := strings.CutPrefix(rest, "["); isList {
			rules, after, closed := strings.Cut(list, "]")
			if !closed || !slices.ContainsFunc(strings.Split(rules, ","), func(r string) bool { return strings.TrimSpace(r) == name }) {
				return "", false
			}
			return strings.TrimSpace(after), true
		}
		return strings.TrimSpace(rest), rest == "" || rest[0] == ' '
	}
	rest, is := strings.CutPrefix(text, "//nolint")
	if !is {
		return "", false
	}
	list, reason, _ := strings.Cut(rest, "//")
	list = strings.TrimSpace(list)
	if list == "" {
		return strings.TrimSpace(reason), true
	}
	for l := range strings.SplitSeq(strings.TrimPrefix(list, ":"), ",") {
		switch strings.TrimSpace(l) {
		case "toctou", "all", name:
			return strings.TrimSpace(reason), true
		}
	}
	return "", false
}

// Everything makes an analyzer that reports the findings of all rules; each message ends in the
// rule's name. Drivers that take a single analyzer use it.
func Everything() *analysis.Analyzer {
	s := &settings{minConfidence: "medium", minSeverity: "low", fixes: true}
	return &analysis.Analyzer{
		Name: "toctou", Doc: "report check-then-act races and goroutines that nobody tracks", URL: page,
		Requires: []*analysis.Analyzer{lower.Analyzer},
		Run: func(pass *analysis.Pass) (any, error) {
			seen := map[string]bool{}
			for _, f := range pass.ResultOf[lower.Analyzer].(*lower.Result).Output().Findings {
				if !seen[f.Rule] {
					seen[f.Rule] = true
					if err := s.run(pass, f.Rule); err != nil {
						return nil, err
					}
				}
			}
			return nil, nil
		},
	}
}
