package audit

import (
	"context"
	"errors"
	"go/build"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/config"
	goscan "github.com/toctou-lint/toctou/internal/golang"
	"github.com/toctou-lint/toctou/internal/suppress"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/report"
)

// scanGo runs the Go analysers over the modules of the given paths and keeps what concerns the
// files that were found there. Without the go command the files are listed as not analysed.
func scanGo(ctx context.Context, s scope) (*scanned, error) {
	g := newGoFiles(s)
	out := &scanned{program: &verdict.Program{Language: walk.Go}, output: &verdict.Output{}}
	for range s.files {
		s.read()
	}
	for _, dir := range goFolders(s) {
		res, err := goscan.Scan(ctx, dir, goscan.Options{Flags: goFlags(s.cfg), Overlay: goOverlay(s), Fixes: s.fixes})
		if errors.Is(err, goscan.ErrNoGo) {
			for _, f := range s.files {
				out.unread = append(out.unread, report.Skipped{File: f.Rel, Reason: "is Go, and the go command is not in PATH"})
			}
			out.missing = true
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		g.take(out, res)
	}
	homeless(s, out)
	out.leftOut = g.leftOut(s)
	out.irrelevant = g.tests(s, append(slices.Clone(out.unread), out.leftOut...))
	out.files = len(g.seen) + out.irrelevant
	for _, f := range s.files {
		out.comments = append(out.comments, goComments(f.Rel, s.tree.text(f.Rel))...)
	}
	// The analysers honour comments by themselves, for go vet. Here all comments are judged by the
	// same code, except those that speak to golangci-lint.
	ours := map[[2]any]bool{}
	for _, c := range out.comments {
		ours[[2]any{c.File, c.Line}] = true
	}
	for i := range out.output.Findings {
		if f := &out.output.Findings[i]; f.Suppressed != nil && ours[[2]any{f.File, f.Suppressed.Line}] {
			f.Suppressed = nil
		}
	}
	return out, nil
}

// homeless lists the files that are in no module: the go command does not load them.
func homeless(s scope, out *scanned) {
	known := map[string]bool{} // folders, and whether there is a go.mod in them or above
	var inModule func(dir string) bool
	inModule = func(dir string) bool {
		in, ok := known[dir]
		if !ok {
			_, err := os.Stat(filepath.Join(dir, "go.mod"))
			in = err == nil || dir != filepath.Dir(dir) && inModule(filepath.Dir(dir))
			known[dir] = in
		}
		return in
	}
	for _, f := range s.files {
		if !inModule(filepath.Dir(f.Abs)) {
			out.unread = append(out.unread, report.Skipped{File: f.Rel, Reason: "is in no Go module: there is no go.mod in its folder or above"})
		}
	}
}

// leftOut lists the files that the go command does not take for part of the program: those of other
// platforms, and those in folders that it passes over. Files of packages that cannot be loaded are
// not among them; their packages are listed.
func (g *goFiles) leftOut(s scope) []report.Skipped {
	var out []report.Skipped
	here := build.Default
	for _, f := range s.files {
		if g.seen[f.Rel] {
			continue
		}
		if match, err := here.MatchFile(filepath.Dir(f.Abs), filepath.Base(f.Abs)); err == nil && !match {
			out = append(out, report.Skipped{File: f.Rel, Reason: "build constraints leave it out on " + here.GOOS + "/" + here.GOARCH})
		} else if ignoredByGo(f.Rel) {
			out = append(out, report.Skipped{File: f.Rel, Reason: "the go command passes such folders over"})
		}
	}
	return out
}

// tests counts the test files that were passed over: all but those that are listed with a reason.
func (g *goFiles) tests(s scope, listed []report.Skipped) int {
	told := map[string]bool{}
	for _, l := range listed {
		told[l.File] = true
	}
	n := 0
	for _, f := range s.files {
		if strings.HasSuffix(f.Rel, "_test.go") && !g.seen[f.Rel] && !told[f.Rel] {
			n++
		}
	}
	return n
}

// ignoredByGo says whether "./..." passes a folder of the path over.
func ignoredByGo(rel string) bool {
	dirs := strings.Split(rel, "/")
	return slices.ContainsFunc(dirs[:len(dirs)-1], func(d string) bool {
		return d == "testdata" || d == "vendor" || strings.HasPrefix(d, "_") || strings.HasPrefix(d, ".") && d != "." && d != ".."
	})
}

// goFlags hands the configuration to the analysers.
func goFlags(c *config.Config) []string {
	if len(c.Models.Trackers) == 0 {
		return nil
	}
	return []string{"-untrackedtask.trackers=" + strings.Join(c.Models.Trackers, ",")}
}

// goOverlay are the texts that stand in for Go files of the audit, by the names of those files.
func goOverlay(s scope) map[string][]byte {
	out := map[string][]byte{}
	for _, f := range s.files {
		text, ok := s.tree.overlay[f.Abs]
		if !ok {
			continue
		}
		out[f.Abs] = text
		if target, err := filepath.EvalSymlinks(f.Abs); err == nil {
			out[target] = text
		}
	}
	return out
}

// goFolders are the folders to scan: those given that hold Go files, and those of files given.
func goFolders(s scope) []string {
	var dirs []string
	for _, p := range s.tree.paths {
		if info, err := os.Stat(p); err == nil && !info.IsDir() {
			p = filepath.Dir(p)
		}
		holds := slices.ContainsFunc(s.files, func(f walk.File) bool {
			return strings.HasPrefix(f.Abs, strings.TrimSuffix(p, string(filepath.Separator))+string(filepath.Separator))
		})
		if holds && !slices.Contains(dirs, p) {
			dirs = append(dirs, p)
		}
	}
	return dirs
}

// goFiles translates between the absolute names of the scan and those of the audit.
type goFiles struct {
	rel  map[string]string
	root string
	text *strings.Replacer // takes the root out of texts
	seen map[string]bool   // files of the audit that were analysed
	said map[report.Skipped]bool
}

func newGoFiles(s scope) *goFiles {
	g := &goFiles{rel: map[string]string{}, root: s.tree.root, seen: map[string]bool{}, said: map[report.Skipped]bool{}}
	folders := []string{s.tree.root + string(filepath.Separator), ""}
	if target, err := filepath.EvalSymlinks(s.tree.root); err == nil && target != s.tree.root {
		folders = append(folders, target+string(filepath.Separator), "")
	}
	g.text = strings.NewReplacer(folders...)
	for _, f := range s.files {
		g.rel[f.Abs] = f.Rel
		if target, err := filepath.EvalSymlinks(f.Abs); err == nil {
			g.rel[target] = f.Rel
		}
	}
	return g
}

// name replaces an absolute name and reports whether it is one of the audit's files.
func (g *goFiles) name(file *string) bool {
	if rel, ok := g.rel[*file]; ok {
		*file = rel
		return true
	}
	if rel, err := filepath.Rel(g.root, *file); err == nil && filepath.IsAbs(*file) {
		*file = filepath.ToSlash(rel)
	}
	return false
}

// take adds one scan's results; what two scans have in common is added once.
func (g *goFiles) take(out *scanned, res *goscan.Result) {
	before := map[string]bool{}
	for f := range g.seen {
		before[f] = true
	}
	fresh := func(file *string) bool {
		ok := g.name(file) && !before[*file]
		if ok {
			g.seen[*file] = true
		}
		return ok
	}
	for _, f := range res.Analysed {
		fresh(&f)
	}
	first := len(out.output.Findings)
	for _, f := range res.Findings {
		if !fresh(&f.File) {
			continue
		}
		g.finding(&f)
		out.output.Findings = append(out.output.Findings, f)
	}
	verdict.Identify(out.output.Findings[first:])
	for _, t := range res.Tasks {
		if fresh(&t.File) {
			g.texts(&t.Target, &t.Keeper, &t.Observer, &t.Drain, &t.Verdict)
			out.output.Tasks = append(out.output.Tasks, t)
		}
	}
	for _, l := range res.Locks {
		if fresh(&l.File) {
			for i := range l.Sections {
				g.name(&l.Sections[i].File)
			}
			out.output.Locks = append(out.output.Locks, l)
		}
	}
	for _, n := range res.Negatives {
		if fresh(&n.File) {
			g.texts(&n.Reason)
			out.output.Negatives = append(out.output.Negatives, n)
		}
	}
	for _, p := range res.Partial {
		if fresh(&p.File) {
			out.partial = append(out.partial, p)
		}
	}
	for _, p := range res.Patterns {
		if fresh(&p.File) {
			out.patterns = append(out.patterns, p)
		}
	}
	for _, d := range res.Databases {
		if fresh(&d.File) {
			out.databases = append(out.databases, d)
		}
	}
	for _, s := range res.Skipped {
		g.name(&s.File)
		if !g.said[s] {
			g.said[s] = true
			out.unread = append(out.unread, s)
		}
	}
	out.functions += res.Functions
}

// finding translates the names inside a finding.
func (g *goFiles) finding(f *report.Finding) {
	for i := range f.Steps {
		g.name(&f.Steps[i].File)
		g.texts(&f.Steps[i].Label)
	}
	for i := range f.Scenario {
		g.name(&f.Scenario[i].File)
		g.texts(&f.Scenario[i].Text, &f.Scenario[i].State)
	}
	for _, list := range [][]string{f.Notes, f.Impact} {
		for i := range list {
			g.texts(&list[i])
		}
	}
	g.texts(&f.Message, &f.RootCause, &f.Fix)
	if f.Suppressed != nil {
		g.name(&f.Suppressed.File)
	}
	if f.Remedy != nil {
		g.name(&f.Remedy.File)
		for i := range f.Remedy.Edits {
			g.name(&f.Remedy.Edits[i].File)
		}
	}
}

// texts shortens the file names in texts.
func (g *goFiles) texts(list ...*string) {
	for _, s := range list {
		*s = g.text.Replace(*s)
	}
}

// goComments returns the comments of a Go file that speak to toctou.
func goComments(file string, src []byte) []suppress.Comment {
	if !strings.Contains(string(src), "toctou:") {
		return nil
	}
	fset := token.NewFileSet()
	tf := fset.AddFile(file, -1, len(src))
	var sc scanner.Scanner
	sc.Init(tf, src, nil, scanner.ScanComments)
	var out []suppress.Comment
	line := 0 // of the last token that is no comment
	for {
		pos, tok, text := sc.Scan()
		if tok == token.EOF {
			return out
		}
		at := fset.PositionFor(pos, false)
		if tok == token.COMMENT {
			if strings.HasPrefix(text, "//") && strings.Contains(text, "toctou:") {
				out = append(out, suppress.Comment{File: file, Line: at.Line, Column: at.Column, Own: line != at.Line, Text: strings.TrimRight(text, "\r")})
			}
			continue
		}
		if tok != token.SEMICOLON || text == ";" {
			line = fset.PositionFor(pos+token.Pos(max(len(text), 1)-1), false).Line
		}
	}
}
