package gofix

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/toctou-lint/toctou/report"
)

// verify says what is wrong with proposals: nil if the edited package has their findings no more.
func (p *Proposer) verify(drafts []draft) error {
	for _, d := range drafts {
		if err := apply(d.site, d.prop.Edits); err != nil {
			return err
		}
	}
	texts, err := merged(drafts)
	if err != nil {
		return err
	}
	pass, err := p.edited(texts)
	if err != nil {
		return err
	}
	if p.budget == 0 {
		return errors.New("too many fixes were tried in this package: apply those offered, and run again")
	}
	p.budget--
	now, err := p.judge(pass)
	if err != nil {
		return err
	}
	left, gone := count(now), map[string]int{}
	tried := drafts[0].prop.Title
	for _, d := range drafts {
		gone[identity(d.site.f)]++
	}
	for id, n := range gone {
		if left[id] > p.before[id]-n {
			return fmt.Errorf("the finding would still be there (tried: %s)", tried)
		}
	}
	for i := range now {
		if id := identity(&now[i]); left[id] > p.before[id] && now[i].Confidence != report.Doubtful {
			return fmt.Errorf("another finding would come up: %s, %s (tried: %s)", now[i].Rule, now[i].Message, tried)
		}
	}
	return nil
}

// merged makes the edits of several proposals, by file.
func merged(drafts []draft) (map[*ast.File][]byte, error) {
	edits := map[*ast.File][]analysis.TextEdit{}
	sites := map[*ast.File]*site{}
	for _, d := range drafts {
		for _, e := range d.prop.Edits {
			same := func(x analysis.TextEdit) bool {
				return x.Pos == e.Pos && x.End == e.End && bytes.Equal(x.NewText, e.NewText)
			}
			if !slices.ContainsFunc(edits[d.site.file], same) { // an import that both need
				edits[d.site.file] = append(edits[d.site.file], e)
			}
		}
		sites[d.site.file] = d.site
	}
	out := map[*ast.File][]byte{}
	for file, list := range edits {
		text, err := spliced(sites[file], list)
		if err != nil {
			return nil, err
		}
		out[file] = text
	}
	return out, nil
}

// identity tells findings apart by what they are, not by where.
func identity(f *report.Finding) string {
	return fmt.Sprintf("%s\x00%s\x00%s\x00%s\x00%s", f.Rule, f.File, f.Function, f.Place, f.Consequence)
}

func count(all []report.Finding) map[string]int {
	out := map[string]int{}
	for i := range all {
		out[identity(&all[i])]++
	}
	return out
}

// spliced is the text of a file with edits made.
func spliced(s *site, edits []analysis.TextEdit) ([]byte, error) {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b analysis.TextEdit) int { return cmp.Compare(a.Pos, b.Pos) })
	var out []byte
	at := 0
	for _, e := range sorted {
		start, end := s.offset(e.Pos), s.offset(cmp.Or(e.End, e.Pos))
		if start < at || end < start || end > len(s.src) {
			return nil, errors.New("the edits overlap")
		}
		out = append(append(out, s.src[at:start]...), e.NewText...)
		at = end
	}
	return append(out, s.src[at:]...), nil
}

// apply makes the edits of one proposal in the text of the file, and says what is wrong with the
// result: a comment may not be lost, and what was laid out by gofmt stays so.
func apply(s *site, edits []analysis.TextEdit) error {
	out, err := spliced(s, edits)
	if err != nil {
		return err
	}
	if !sameComments(s.src, out) {
		return errors.New("a comment would be lost")
	}
	if tidy, err := format.Source(s.src); err == nil && bytes.Equal(tidy, s.src) {
		if tidy, err = format.Source(out); err != nil || !bytes.Equal(tidy, out) {
			return errors.New("the layout of the code leaves no place for the edit")
		}
	}
	return nil
}

// sameComments says whether all comments of a file are still there, in their order.
func sameComments(before, after []byte) bool {
	list := func(src []byte) []string {
		f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil
		}
		var out []string
		for _, g := range f.Comments {
			for _, c := range g.List {
				out = append(out, c.Text)
			}
		}
		return out
	}
	return slices.Equal(list(before), list(after))
}

// edited type-checks the package with new texts of some files, in a file set of its own.
func (p *Proposer) edited(texts map[*ast.File][]byte) (*analysis.Pass, error) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, f := range p.pass.Files {
		name := p.pass.Fset.File(f.FileStart).Name()
		src, changed := texts[f]
		if !changed {
			var err error
			if src, err = p.read(name); err != nil {
				return nil, err
			}
		}
		parsed, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, errors.New("the result would not parse")
		}
		files = append(files, parsed)
	}
	conf := types.Config{Importer: importer{p.pass.Pkg}, Sizes: p.pass.TypesSizes, GoVersion: p.pass.Pkg.GoVersion()}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes: map[ast.Node]*types.Scope{}, FileVersions: map[*ast.File]string{},
	}
	pkg, err := conf.Check(p.pass.Pkg.Path(), fset, files, info)
	if err != nil {
		return nil, fmt.Errorf("the result would not type-check: %w", err)
	}
	pass := *p.pass
	pass.Fset, pass.Files, pass.Pkg, pass.TypesInfo = fset, files, pkg, info
	pass.Report = func(analysis.Diagnostic) {}
	pass.ExportObjectFact = func(types.Object, analysis.Fact) {}
	pass.ExportPackageFact = func(analysis.Fact) {}
	return &pass, nil
}

// importer finds packages among those that a package imports, at any depth.
type importer struct{ from *types.Package }

// Import implements types.Importer.
func (m importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	seen := map[*types.Package]bool{}
	queue := slices.Clone(m.from.Imports())
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		if seen[p] {
			continue
		}
		seen[p] = true
		if p.Path() == path && p.Complete() {
			return p, nil
		}
		queue = append(queue, p.Imports()...)
	}
	return stub(path)
}

// stubs are packages of the standard library that fixes use and that the package may not know yet,
// reduced to what is used.
var stubs = map[string]string{
	"maps":   "package maps; func Clone[M ~map[K]V, K comparable, V any](m M) M { return m }",
	"slices": "package slices; func Clone[S ~[]E, E any](s S) S { return s }",
	"sync":   "package sync; type Once struct{ _ int }; func (*Once) Do(f func()) {}",
}

func stub(path string) (*types.Package, error) {
	src, ok := stubs[path]
	if !ok {
		return nil, fmt.Errorf("package %s is not at hand", path)
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path+".go", src, 0)
	if err != nil {
		return nil, err
	}
	return new(types.Config).Check(path, fset, []*ast.File{f}, nil)
}

// read returns the text of a file, as the driver has it; nogo lets analyzers read it themselves.
func (p *Proposer) read(name string) ([]byte, error) {
	read := p.pass.ReadFile
	if read == nil {
		read = os.ReadFile
	}
	src, err := read(name)
	if err != nil {
		return nil, errors.New("the source text cannot be read")
	}
	return src, nil
}
