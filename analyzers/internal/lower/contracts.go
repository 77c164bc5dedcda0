package lower

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/toctou-lint/toctou/internal/pattern"
)

// Contracts is what other packages need to know of the interfaces of a package: for which of their
// methods a comment promises, or demands, that they are called one at a time.
type Contracts struct{ Interfaces []Contract }

// Contract names methods of one interface that are called one at a time.
type Contract struct {
	Interface string
	Methods   []string
}

// AFact marks Contracts as a fact.
func (*Contracts) AFact() {}

func (c *Contracts) String() string {
	var s strings.Builder
	s.WriteString("in turn")
	for _, i := range c.Interfaces {
		s.WriteString(" " + i.Interface + "(" + strings.Join(i.Methods, " ") + ")")
	}
	return s.String()
}

var (
	inTurn = pattern.New(`\b(called|invoked|run|executed)\b[^.;]{0,30}\b(serially|sequentially|one( call)? at a time|one after (the other|another)|(from|by|on) (the same|a single|one) (goroutine|go routine|thread))\b|` +
		`\bguaranteed to be (called|invoked) synchronously\b|\b(never|not|n't)( ever)?( be)? (called|invoked) (concurrently|in parallel|simultaneously)\b|\bcalls?( to [^.;]{0,30})? are serialized\b`)
	noTurn    = pattern.New(`\bnot (guaranteed|necessarily)\b|\bno guarantee\b`)
	turnWords = []string{"serial", "sequential", "at a time", "one after", "goroutine", "go routine", "thread", "synchronously", "concurrently", "parallel", "simultaneously"}
	allOfThem = pattern.New(`\b(methods?|callbacks?|calls|functions?|interface|implementations?|implementers?|implementors?)\b`)
	sentences = pattern.New(`[.;](\s+|$)`)
)

// contracts reads the comments of the interfaces that a package declares.
func contracts(pass *analysis.Pass) *Contracts {
	var out []Contract
	for doc, ts := range typeSpecs(sources(pass)) {
		if it, ok := ts.Type.(*ast.InterfaceType); ok {
			if m := promised(doc+"\n"+ts.Doc.Text(), it); len(m) > 0 {
				out = append(out, Contract{ts.Name.Name, m})
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return &Contracts{out}
}

// promised lists the methods of an interface that are called one at a time, by its comment or by their own.
func promised(doc string, it *ast.InterfaceType) []string {
	var all, out []string
	for _, m := range it.Methods.List {
		for _, n := range m.Names {
			all = append(all, n.Name)
			if promise(m.Doc.Text()) != "" {
				out = append(out, n.Name)
			}
		}
	}
	if s := promise(doc); s != "" {
		named := slices.DeleteFunc(slices.Clone(all), func(m string) bool {
			return !regexp.MustCompile(`\b` + strings.ToLower(m) + `\b`).MatchString(s)
		})
		if len(named) == 0 && allOfThem.MatchString(s) {
			named = all
		}
		out = append(out, named...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// promise is the sentence of a comment that says that something is called one at a time, in small letters.
func promise(text string) string {
	text = folded(text, turnWords)
	for _, s := range sentences.Split(text, -1) {
		if inTurn.MatchString(s) && !noTurn.MatchString(s) {
			return s
		}
	}
	return ""
}

// findContracts finds the methods of the package's types that are called one at a time, as an interface
// that they are there for promises: nobody calls them but through it, as a rule.
func (p *pkg) findContracts() {
	p.promises = p.pass.AllPackageFacts() // with those of this package
	if len(p.promises) == 0 {
		return
	}
	var concrete []*types.Named
	for _, name := range p.pass.Pkg.Scope().Names() {
		if o, ok := p.pass.Pkg.Scope().Lookup(name).(*types.TypeName); ok && !o.IsAlias() {
			if n, ok := o.Type().(*types.Named); ok && n.NumMethods() > 0 && n.TypeParams().Len() == 0 && !types.IsInterface(n) {
				concrete = append(concrete, n)
			}
		}
	}
	for _, f := range p.promises {
		known, ok := f.Fact.(*Contracts)
		if !ok {
			continue
		}
		for _, c := range known.Interfaces {
			o, ok := f.Package.Scope().Lookup(c.Interface).(*types.TypeName)
			if !ok {
				continue
			}
			it, ok := o.Type().Underlying().(*types.Interface)
			if !ok || it.NumMethods() == 0 {
				continue
			}
			for _, n := range concrete {
				if types.Implements(types.NewPointer(n), it) {
					p.takeTurns(n, c.Methods)
				}
			}
		}
	}
}

// takeTurns marks methods of a type as called one at a time.
func (p *pkg) takeTurns(n *types.Named, methods []string) {
	for m := range n.Methods() {
		if !slices.Contains(methods, m.Name()) {
			continue
		}
		if x := p.funcOf(p.ssa.Prog.FuncValue(m)); x != nil {
			x.inTurn = true
		}
	}
}
