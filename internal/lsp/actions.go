package lsp

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

func (s *server) codeActions(raw *json.RawMessage) (any, error) {
	out := []codeAction{}
	params, err := decode[codeActionParams](raw)
	file, ok := fileOf(params.TextDocument.URI)
	if err != nil || !ok {
		return out, err
	}
	if only := params.Context.Only; len(only) > 0 && !slices.Contains(only, quickFix) {
		return out, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, v := s.at(file)
	if a == nil {
		return out, nil
	}
	shownIn(a, v, file, params.Range.Start.Line, params.Range.End.Line, func(f *report.Finding) {
		if edit, ok := s.remedy(f, v); ok {
			out = append(out, codeAction{f.Remedy.Title, quickFix, []diagnostic{s.diagnostic(f, v)}, edit})
		}
		if edit, ok := s.ignore(f, v); ok {
			out = append(out, codeAction{"Ignore " + f.Rule + " here, with a reason", quickFix, []diagnostic{s.diagnostic(f, v)}, edit})
		}
	})
	return out, nil
}

// current reports whether the editor still has the text that was analysed.
func (s *server) current(file string, v *viewer) bool {
	doc, open := s.docs[file]
	analysed, known := v.texts[file]
	return open == known && string(doc.text) == string(analysed)
}

// remedy returns the edit of a finding's fix, if it has one that still fits.
func (s *server) remedy(f *report.Finding, v *viewer) (*workspaceEdit, bool) {
	if f.Remedy == nil || len(f.Remedy.Edits) == 0 {
		return nil, false
	}
	out := &workspaceEdit{map[string][]textEdit{}}
	for _, e := range f.Remedy.Edits {
		file := v.path(e.File)
		if !s.current(file, v) {
			return nil, false
		}
		uri := uriOf(file)
		r := textRange{v.position(file, e.Line, e.Column), v.position(file, e.EndLine, e.EndColumn)}
		out.Changes[uri] = append(out.Changes[uri], textEdit{r, e.NewText})
	}
	return out, true
}

// ignore returns the edit that puts a suppression above the finding. It leaves the reason to the
// user: until one is written the suppression has no effect.
func (s *server) ignore(f *report.Finding, v *viewer) (*workspaceEdit, bool) {
	file := v.path(f.File)
	if f.Rule == "suppression" || f.Rule == "atomic" || !s.current(file, v) {
		return nil, false
	}
	line := v.line(file, f.Line)
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	sign := "# toctou: "
	if f.Language == "go" {
		sign = "//toctou:"
	}
	at := position{Line: f.Line - 1}
	text := indent + sign + "ignore[" + f.Rule + "] \n"
	return &workspaceEdit{map[string][]textEdit{uriOf(file): {{textRange{at, at}, text}}}}, true
}
