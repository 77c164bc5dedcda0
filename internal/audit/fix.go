package audit

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/internal/fix/pyparse"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/pyscan"
	"github.com/toctou-lint/toctou/pyscan/pyfix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
	"github.com/toctou-lint/toctou/report"
)

// fixer makes the sessions of a language.
type fixer struct {
	language string
	session  func(Request, func(*report.Finding) bool) (*fix.Session, error)
}

// fixers are the languages of a request that there are fixes for.
func fixers(req Request) []fixer {
	all := []fixer{{walk.Python, FixSession}, {walk.Go, GoFixSession}}
	return slices.DeleteFunc(all, func(f fixer) bool { return len(req.Languages) > 0 && !slices.Contains(req.Languages, f.language) })
}

// FixSession prepares a run that fixes the wanted findings of a request in Python files, and checks
// each change by scanning all of them again.
func FixSession(req Request, wanted func(*report.Finding) bool) (*fix.Session, error) {
	root, err := walk.Root(req.Paths)
	if err != nil {
		return nil, err
	}
	req.Languages, req.Progress, req.Remedies = []string{walk.Python}, nil, false
	req.Cache = cmp.Or(req.Cache, &pyscan.Cache{})
	given := req.Overlay
	abs := func(file string) string { return filepath.Join(root, filepath.FromSlash(file)) }
	bases := &classes{req: req, found: map[string]class{}}
	asOpen := req.Config.Latent == verdict.LatentAsOpen
	s := &fix.Session{}
	*s = fix.Session{
		Read: func(file string) ([]byte, error) {
			if text, ok := given[abs(file)]; ok {
				return text, nil
			}
			return walk.Read(abs(file), MaxSize+1)
		},
		Scan: func(ctx context.Context, changed map[string][]byte) ([]report.Finding, error) {
			r := req
			r.Overlay = map[string][]byte{}
			maps.Copy(r.Overlay, given)
			for file, text := range changed {
				r.Overlay[abs(file)] = text
			}
			a, err := Run(ctx, r)
			if err != nil {
				return nil, err
			}
			return a.Findings, nil
		},
		Propose: func(_ string, text []byte, findings []report.Finding, attempt int) []fix.Fix {
			return proposePython(text, findings, pyfix.Options{Latent: asOpen, Base: bases.find, Store: bases.store(root, s.Text), Plain: attempt > 0})
		},
		Parses: pyparse.Parses,
		Wanted: func(f *report.Finding) bool {
			return f.Language == walk.Python && f.Suppressed == nil && wanted(f)
		},
		Harmless: func(f *report.Finding) bool {
			switch f.Rule {
			case "uselesslock": // a lock that closes latent windows only is never contended, and is there on purpose
				return asOpen && f.Severity == report.Low
			case "undrainedtasks": // what is left of an untracked task whose owner has no shutdown to wait in
				return f.Confidence == report.Doubtful
			}
			return false
		},
	}
	return s, nil
}

// proposePython proposes fixes for the findings of one file.
func proposePython(text []byte, findings []report.Finding, opt pyfix.Options) []fix.Fix {
	refuse := func(why string) []fix.Fix {
		out := make([]fix.Fix, len(findings))
		for i := range out {
			out[i] = fix.Fix{Fingerprint: findings[i].Fingerprint, Rule: findings[i].Rule, File: findings[i].File, Line: findings[i].Line, Reason: why}
		}
		return out
	}
	if len(text) > MaxSize {
		return refuse("the file is too large")
	}
	tree, err := syntax.Parse(text)
	if err != nil {
		return refuse(err.Error())
	}
	if !bytes.Equal(tree.Src, text) {
		return refuse("the file is not in UTF-8 with usual line ends: its positions cannot be relied on")
	}
	return pyfix.Propose(tree, findings, opt)
}

// classes finds classes of the project by name, as far as the name is unique.
type classes struct {
	req   Request
	texts []source // all Python files with classes, once somebody has asked
	found map[string]class
}

type source struct {
	abs  string
	text []byte
}

type class struct {
	abs  string // of its file
	tree *syntax.Tree
	node syntax.ID
}

func (c *classes) find(name string) (*syntax.Tree, syntax.ID) {
	k := c.named(name)
	return k.tree, k.node
}

func (c *classes) named(name string) class {
	if k, ok := c.found[name]; ok {
		return k
	}
	k := class{node: syntax.Nil}
	for _, s := range c.all() {
		if !bytes.Contains(s.text, []byte("class "+name)) {
			continue
		}
		tree, err := syntax.Parse(s.text)
		if err != nil {
			continue
		}
		if node := pyfix.BaseClass(tree, name); node != syntax.Nil {
			if k.tree != nil {
				k = class{node: syntax.Nil} // two of that name
				break
			}
			k = class{s.abs, tree, node}
		}
	}
	c.found[name] = k
	return k
}

// all reads the Python files of the project that have classes.
func (c *classes) all() []source {
	if c.texts != nil {
		return c.texts
	}
	c.texts = []source{}
	found, err := walk.Walk(context.Background(), c.req.Paths, walk.Options{Exclude: excluder(c.req.Config), Virtual: c.req.Virtual})
	if err != nil {
		return c.texts
	}
	for _, f := range found.Files {
		if f.Language != walk.Python {
			continue
		}
		if text, err := walk.Read(f.Abs, MaxSize+1); err == nil && len(text) <= MaxSize && bytes.Contains(text, []byte("class ")) {
			c.texts = append(c.texts, source{f.Abs, text})
		}
	}
	return c.texts
}

// store finds the class of a store that can be changed along with those who use it: one that no other
// class of the project is derived from, in its file as it is now.
func (c *classes) store(root string, now func(string) ([]byte, error)) func(string) (string, *syntax.Tree) {
	return func(name string) (string, *syntax.Tree) {
		k := c.named(name)
		file, err := filepath.Rel(root, k.abs)
		if k.tree == nil || err != nil {
			return "", nil
		}
		heir := regexp.MustCompile(`\bclass\s+\w+[^:\n]*[(,.\s]` + regexp.QuoteMeta(name) + `\b`)
		if slices.ContainsFunc(c.all(), func(s source) bool { return heir.Match(s.text) }) {
			return "", nil
		}
		file = filepath.ToSlash(file)
		text, err := now(file)
		if err != nil {
			return "", nil
		}
		tree, err := syntax.Parse(text)
		if err != nil || len(tree.Damaged()) > 0 || !bytes.Equal(tree.Src, text) {
			return "", nil
		}
		return file, tree
	}
}

// remedyScans bounds how often a project is scanned for the fixes of its audit.
const remedyScans = 10

// AddRemedies gives those findings of an audit that are wanted their fix as code, where there is one
// that was checked. The audit is that of the request.
func AddRemedies(ctx context.Context, req Request, a *report.Audit, wanted func(*report.Finding) bool) error {
	for _, l := range fixers(req) {
		if !slices.ContainsFunc(a.Findings, func(f report.Finding) bool { return f.Language == l.language && wanted(&f) }) {
			continue
		}
		s, err := l.session(req, wanted)
		if err != nil {
			return err
		}
		s.Found, s.Scans = a.Findings, remedyScans
		if l.language == walk.Go {
			s.Found = req.proposed // the audit's own are without edits
		}
		out, err := s.Run(ctx)
		if err != nil {
			return err
		}
		attach(s, out, a)
	}
	return nil
}

// attach gives the findings of an audit those fixes that were made to the files as they are.
func attach(s *fix.Session, out *fix.Outcome, a *report.Audit) {
	byPrint := map[string]*fix.Result{}
	for i := range out.Results {
		byPrint[out.Results[i].Fix.Fingerprint] = &out.Results[i]
	}
	for i := range a.Findings {
		f := &a.Findings[i]
		if f.Remedy != nil || !s.Wanted(f) {
			continue
		}
		switch r := byPrint[f.Fingerprint]; {
		case r == nil: // another fix has taken it away
			f.Unfixed = "the fixes of other findings take it away"
		case !r.Applied:
			f.Unfixed = r.Why
		default:
			f.Remedy = remedy(&r.Fix, r.Base)
			if !r.Original {
				f.Remedy.Title += ", after the edits for other findings in this file"
				f.Remedy.Edits = nil // they do not fit the file as it is
			}
		}
	}
	for i := range a.Findings {
		f := &a.Findings[i]
		if f.Remedy != nil || byPrint[f.Fingerprint] != nil || !s.Wanted(f) {
			continue
		}
		if by := closer(a, f, byPrint); by != nil {
			why := fmt.Sprintf("the edit for line %d closes this one, too: %s", by.Line, byPrint[by.Fingerprint].Fix.Title)
			f.Unfixed, f.Remedy = "", &report.Remedy{Title: why, File: by.Remedy.File, Line: by.Remedy.Line, Code: by.Remedy.Code, Added: by.Remedy.Added, Why: by.Remedy.Why}
		}
	}
}

// closer is the finding on the same place in the same file whose fix has taken another one away.
func closer(a *report.Audit, f *report.Finding, byPrint map[string]*fix.Result) *report.Finding {
	var found *report.Finding
	for i := range a.Findings {
		by := &a.Findings[i]
		if by.Group == "" || by.Group != f.Group || by.File != f.File || by.Remedy == nil || byPrint[by.Fingerprint] == nil || by.Window == nil {
			continue
		}
		if found != nil {
			return nil // it cannot be told which
		}
		found = by
	}
	return found
}
