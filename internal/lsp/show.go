package lsp

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/toctou-lint/toctou/report"
)

// viewer turns the positions of an audit into those of the editor.
type viewer struct {
	folder string
	texts  map[string][]byte
	lines  map[string][]string
}

func newViewer(folder string, texts map[string][]byte) *viewer {
	return &viewer{folder, texts, map[string][]string{}}
}

// path returns the absolute path of a file of the audit.
func (v *viewer) path(rel string) string { return filepath.Join(v.folder, filepath.FromSlash(rel)) }

const maxRead = 2 << 20

// line returns a line of a file as it was analysed, "" if it is not at hand.
func (v *viewer) line(file string, n int) string {
	lines, ok := v.lines[file]
	if !ok {
		text, open := v.texts[file]
		if info, err := os.Stat(file); !open && err == nil && info.Mode().IsRegular() && info.Size() <= maxRead {
			text, _ = os.ReadFile(file) // without it columns are taken as they are
		}
		lines = strings.Split(strings.ReplaceAll(strings.ReplaceAll(string(text), "\r\n", "\n"), "\r", "\n"), "\n")
		v.lines[file] = lines
	}
	if n < 1 || n > len(lines) {
		return ""
	}
	return lines[n-1]
}

// position converts a 1-based line and byte column.
func (v *viewer) position(file string, line, column int) position {
	text := v.line(file, line)
	p := position{Line: max(line-1, 0)}
	if column-1 > len(text) {
		if text == "" {
			p.Character = max(column-1, 0)
			return p
		}
		column = len(text) + 1
	}
	p.Character = units(text[:max(column-1, 0)])
	return p
}

// units counts UTF-16 code units; each byte that is no UTF-8 counts as one.
func units(s string) int {
	n := 0
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		n++
		if r > 0xffff {
			n++
		}
		s = s[size:]
	}
	return n
}

func (v *viewer) rangeOf(file string, line, column, endLine, endColumn int) textRange {
	start := v.position(file, line, column)
	if endLine < line || endColumn == 0 {
		return textRange{start, v.position(file, line, len(v.line(file, line))+1)}
	}
	return textRange{start, v.position(file, endLine, endColumn)}
}

func (v *viewer) finding(f *report.Finding) textRange {
	return v.rangeOf(v.path(f.File), f.Line, f.Column, f.EndLine, f.EndColumn)
}

var severities = map[report.Severity]int{report.Critical: 1, report.High: 1, report.Medium: 2, report.Low: 3, report.Info: 4}

// diagnostics returns what is shown, by file.
func (s *server) diagnostics(a *Analysis, v *viewer) map[string][]diagnostic {
	out := map[string][]diagnostic{}
	for i := range a.Audit.Findings {
		f := &a.Audit.Findings[i]
		if f.Suppressed == nil && a.Shown(f) {
			file := v.path(f.File)
			out[file] = append(out[file], s.diagnostic(f, v))
		}
	}
	return out
}

func (s *server) diagnostic(f *report.Finding, v *viewer) diagnostic {
	d := diagnostic{
		Range:    v.finding(f),
		Severity: severities[f.Severity],
		Code:     f.Rule,
		Source:   "toctou",
		Message:  f.Message,
		Data:     f.Fingerprint,
	}
	if len(f.Notes) > 0 {
		d.Message += "\n" + f.Notes[0]
	}
	if url := s.opt.RuleURL(f.Rule); url != "" {
		d.CodeDescription = &codeDescription{url}
	}
	for _, st := range f.Steps {
		file := v.path(st.File)
		d.RelatedInformation = append(d.RelatedInformation, relatedInformation{
			Location: location{uriOf(file), v.rangeOf(file, st.Line, st.Column, st.EndLine, st.EndColumn)},
			Message:  st.Label,
		})
	}
	return d
}

// at returns the analysis of the project that holds the file, and a viewer for it.
func (s *server) at(file string) (*Analysis, *viewer) {
	p := s.projects[s.opt.Project(file)]
	if p == nil || p.latest == nil {
		return nil, nil
	}
	return p.latest, newViewer(s.opt.Project(file), p.texts)
}

// shownIn calls f for each finding that is shown in lines from..to (zero-based) of a file.
func shownIn(a *Analysis, v *viewer, file string, from, to int, f func(*report.Finding)) {
	for i := range a.Audit.Findings {
		g := &a.Audit.Findings[i]
		if g.Suppressed != nil || !a.Shown(g) || v.path(g.File) != file {
			continue
		}
		if g.Line-1 <= to && from <= max(g.Line, g.EndLine)-1 {
			f(g)
		}
	}
}

func (s *server) hover(raw *json.RawMessage) (any, error) {
	params, err := decode[hoverParams](raw)
	file, ok := fileOf(params.TextDocument.URI)
	if err != nil || !ok {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, v := s.at(file)
	if a == nil {
		return nil, nil
	}
	var out *hover
	shownIn(a, v, file, params.Position.Line, params.Position.Line, func(f *report.Finding) {
		r := v.finding(f)
		inside := r.Start.Line < params.Position.Line || r.Start.Character <= params.Position.Character
		if out == nil && inside && (r.End.Line > params.Position.Line || params.Position.Character <= r.End.Character) {
			out = &hover{Contents: markup{"markdown", story(f, s.opt.RuleURL(f.Rule))}, Range: &r}
		}
	})
	if out == nil {
		return nil, nil
	}
	return out, nil
}

// story is a finding as a text for people.
func story(f *report.Finding, url string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** (%s severity, %s confidence)\n\n", escape(f.Message), f.Severity, f.Confidence)
	for _, n := range f.Notes {
		b.WriteString("- " + escape(n) + "\n")
	}
	if len(f.Scenario) > 0 {
		b.WriteString("\nHow it happens:\n\n")
		for i, t := range f.Scenario {
			fmt.Fprintf(&b, "%d. **%s** %s", i+1, escape(t.Actor), escape(t.Text))
			if t.State != "" {
				b.WriteString(" → " + escape(t.State))
			}
			b.WriteString("\n")
		}
	}
	if f.Fix != "" {
		b.WriteString("\nFix: " + escape(f.Fix) + "\n")
	}
	if url != "" {
		fmt.Fprintf(&b, "\n[%s](%s)\n", f.Rule, url)
	}
	return b.String()
}

// markdownSigns are what code could use to reach beyond its place in a text. The backquotes of our
// own wording stay.
var markdownSigns = strings.NewReplacer("<", "&lt;", "[", `\[`, "]", `\]`, "!", `\!`, "\n", " ", "\r", " ")

func escape(s string) string { return markdownSigns.Replace(s) }

func (s *server) codeLenses(raw *json.RawMessage) (any, error) {
	params, err := decode[documentParams](raw)
	file, ok := fileOf(params.TextDocument.URI)
	if err != nil || !ok {
		return []codeLens{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []codeLens{}
	a, v := s.at(file)
	if a == nil || !s.lens {
		return out, nil
	}
	for _, n := range a.Audit.Negatives {
		if v.path(n.File) == file {
			at := v.position(file, n.Line, 1)
			out = append(out, codeLens{textRange{at, at}, command{Title: fmt.Sprintf("safe: %s", n.Reason)}})
		}
	}
	return out, nil
}
