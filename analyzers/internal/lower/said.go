package lower

import (
	"go/ast"
	"go/types"
	"iter"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/pattern"
)

// What names and comments say about who runs a function. It is taken at its word: an author who
// writes it down has thought about it.
var (
	testNames   = pattern.New(`For(Tests?|Testing)$|ForTest[A-Z]|^(Test|Fake|Mock)[A-Z]`)
	testWords   = pattern.New(`(?i)\bfor (unit |internal )?test(s|ing)?\b( purposes)?( only)?\b|\b(test(s|ing)?|tests?) only\b|\bonly (be )?(used |called )?(in|by|for|from) (unit )?test(s|ing)?\b|\bused in tests\b|\bend of the test\b`)
	testFolders = pattern.New(`(^|/)(test|test[a-ce-z][a-z]*|(integration|functional|acceptance|system|e2e)[-_]?tests?|fakes?|mocks?)(/|$)`)

	oneRuns = pattern.New(`(?i)\b(invoked|called|runs?|executed|accessed|used)\b[^.;]{0,40}\b(from|by|in|on|within)\b[^.;]{0,50}(\b(single|same|one|main|only)\b[^.;]{0,20}\b(goroutine|go routine|thread)\b|\w*(Loop\b|-loop\b|\bloop's\b))|\b(from|by|in) the same (goroutine|go routine|thread)\b`)
	manyRun = pattern.New(`(?i)\b(various|multiple|several|different|many|any|concurrently|other|separate)\b`)
	noLock  = pattern.New(`(?i)\bno need to (re-?)?check\b[^.;]{0,60}\b(again|twice)\b|\bsafe to (read|access|use|write|call)\b|\b(no need|not need|n't need|needn't|not necessary|not required)\b[^.;]{0,30}\block(s|ed|ing)?\b|\b(lock|mutex)\b[^.;]{0,15}\bnot (needed|required|necessary)\b`)
	waived  = pattern.New(`(?i)\b(benign|harmless|acceptable|tolerable) (data )?rac(e|es|y)\b|\brac(e|es|y)\b.{0,80}\b(is|are|be|it's|that's) (\w+ly )?(allowed|harmless|benign|fine|ok|okay|acceptable|tolerated|intended|by design)\b`)
	notSafe = pattern.New(`(?i)\b(not|isn't|n't|never)\b[^.;]{0,30}\b(thread|goroutine|concurrency)[- ]?safe\b|\b(not|isn't)\b[^.;]{0,20}\bsafe\b[^.;]{0,20}\b(concurrent|several|multiple)|\bmust not be (called|used) (until|before|after|concurrently|while)\b|\bnot be called concurrently\b|\bno concurrent (\w+ )?(calls?|use)\b|\bexternal(ly)? synchroni[sz](ed|ation)\b|\bsingle[- ]producer\b`)
)

// Words of which every text has one that the expressions above match; most comments have none, and
// to look for words is many times cheaper.
var (
	runWords  = []string{"goroutine", "go routine", "thread", "loop", "safe", "concurrent", "must not be", "synchroni", "producer"}
	bodyWords = []string{"need", "not necessary", "not required", "safe to", "lock", "mutex", "rac"}
)

// folded is the text of a comment in one line and in small letters, or empty if it has none of the words.
func folded(text string, words []string) string {
	text = strings.ReplaceAll(strings.ToLower(text), "\n", " ")
	if !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) }) {
		return ""
	}
	return text
}

// docOf is the comment of a declared function, or of the one around a function literal.
func (x *fn) docOf() string {
	for x.parent != nil {
		x = x.parent
	}
	d, ok := x.f.Syntax().(*ast.FuncDecl)
	if !ok || d.Doc == nil {
		return ""
	}
	return d.Doc.Text()
}

// forTests says whether a function is there for tests, wherever it stands.
func (x *fn) forTests() bool {
	top := x
	for top.parent != nil {
		top = top.parent
	}
	if testNames.MatchString(top.f.Name()) {
		return true
	}
	return testWords.MatchString(strings.ReplaceAll(top.docOf(), "\n", " "))
}

// testSupport says whether a whole package is there for tests.
func (p *pkg) testSupport() bool {
	if name := p.pass.Pkg.Name(); len(name) > len("test") && strings.HasSuffix(name, "test") {
		return true // as httptest and iotest are
	}
	for _, f := range p.pass.Files {
		if testWords.MatchString(strings.ReplaceAll(f.Doc.Text(), "\n", " ")) {
			return true
		}
	}
	path := p.pass.Pkg.Path()
	if m := p.pass.Module; m != nil && m.Path != "" {
		rel := strings.Trim(strings.TrimPrefix(path, m.Path), "/")
		return testFolders.MatchString(rel) || slices.Contains(strings.Split(m.Path, "/")[1:], "tests")
	}
	_, rest, _ := strings.Cut(path, "/")
	return testFolders.MatchString(rest)
}

// confined says whether a comment, of the function or of its type, promises that one goroutine at a
// time runs it, or asks that of the caller; or that of all who call it.
func (x *fn) confined() bool { return x.saysConfined() || x.calledConfined(0) }

func (x *fn) saysConfined() bool {
	text := folded(x.docOf(), runWords)
	if text != "" && (oneRuns.MatchString(text) && !manyRun.MatchString(text) || notSafe.MatchString(text)) {
		return true
	}
	return x.p.confinedTypes()[x.owner()] || x.excused()
}

// calledConfined says whether all who call x on an object of theirs are methods of the same type that are
// confined by what their comments say.
func (x *fn) calledConfined(depth int) bool {
	if o := x.f.Object(); o == nil || o.Exported() || x.escape || len(x.called) == 0 || x.recv == "" || depth > 3 {
		return false
	}
	for _, c := range x.called {
		y := c.caller
		if y == x {
			continue
		}
		text := folded(y.docOf(), runWords)
		if c.spawned || y.recv != x.recv || !(text != "" && notSafe.MatchString(text)) && !y.calledConfined(depth+1) {
			return false
		}
	}
	return true
}

// excused says whether a comment in the body says why an access needs no lock, or that a race there
// is meant to be.
func (x *fn) excused() bool {
	body := x.f.Syntax()
	if body == nil {
		return false
	}
	for _, f := range x.p.pass.Files {
		if body.Pos() < f.FileStart || body.Pos() > f.FileEnd {
			continue
		}
		for _, g := range f.Comments {
			if g.Pos() < body.Pos() || g.End() > body.End() {
				continue
			}
			if text := folded(g.Text(), bodyWords); text != "" && (noLock.MatchString(text) || waived.MatchString(text)) {
				return true
			}
		}
	}
	return false
}

// confinedTypes lists the types whose comments say that they are not safe for concurrent use.
func (p *pkg) confinedTypes() map[string]bool {
	if p.confined != nil {
		return p.confined
	}
	p.confined = map[string]bool{}
	for doc, ts := range typeSpecs(p.pass.Files) {
		if text := folded(doc+ts.Doc.Text(), runWords); text != "" && notSafe.MatchString(text) {
			if obj, ok := p.pass.TypesInfo.Defs[ts.Name].(*types.TypeName); ok {
				p.confined[typeName(obj.Type())] = true
			}
		}
	}
	return p.confined
}

// typeSpecs are the types that files declare at their top, each with the comment of the declaration that it is part of.
func typeSpecs(files []*ast.File) iter.Seq2[string, *ast.TypeSpec] {
	return func(yield func(string, *ast.TypeSpec) bool) {
		for _, file := range files {
			for _, d := range file.Decls {
				g, ok := d.(*ast.GenDecl)
				if !ok {
					continue
				}
				for _, s := range g.Specs {
					if ts, ok := s.(*ast.TypeSpec); ok && !yield(g.Doc.Text(), ts) {
						return
					}
				}
			}
		}
	}
}
