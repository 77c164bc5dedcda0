package vettool

import (
	"bytes"
	"cmp"
	"encoding/gob"
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/objectpath"

	"github.com/toctou-lint/toctou/analyzers/internal/lower"
)

// gobFact is the form in which unitchecker writes a fact down; gob goes by the names of the fields.
type gobFact struct {
	PkgPath string
	Object  objectpath.Path
	Fact    analysis.Fact
}

// object names what a fact is about; a package has no path.
type object struct {
	pkg  string
	path objectpath.Path
}

// facts are those about a package and about what it imports. They are looked up by name: most
// are only handed on.
type facts struct {
	pkg   *types.Package
	known map[object]analysis.Fact
	names objectpath.Encoder
}

// readFacts reads the facts that the imports of a package hand on.
func (u *unit) readFacts(pkg *types.Package) (*facts, error) {
	for _, fact := range lower.Analyzer.FactTypes {
		gob.Register(fact)
	}
	f := &facts{pkg: pkg, known: map[object]analysis.Fact{}}
	for _, imp := range pkg.Imports() {
		if imp == types.Unsafe {
			continue
		}
		_, data, err := readVetx(u.PackageVetx[imp.Path()])
		if err != nil {
			return nil, err
		}
		if len(data) == 0 {
			continue
		}
		var list []gobFact
		if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&list); err != nil {
			return nil, fmt.Errorf("facts of %s: %w", imp.Path(), err)
		}
		for _, g := range list {
			f.known[object{g.PkgPath, g.Object}] = g.Fact
		}
	}
	return f, nil
}

// about sets *into to the fact about an object, if there is one.
func (f *facts) about(o types.Object, into analysis.Fact) bool {
	fact, ok := f.known[f.name(o)].(*lower.Fact)
	if ok {
		*into.(*lower.Fact) = *fact
	}
	return ok
}

func (f *facts) add(o types.Object, fact analysis.Fact) {
	if n := f.name(o); n.path != "" {
		f.known[n] = fact
	}
}

// ofPackages lists the facts about packages as a whole.
func (f *facts) ofPackages() []analysis.PackageFact {
	var out []analysis.PackageFact
	for _, p := range append([]*types.Package{f.pkg}, f.pkg.Imports()...) {
		if fact, ok := f.known[object{pkg: p.Path()}]; ok {
			out = append(out, analysis.PackageFact{Package: p, Fact: fact})
		}
	}
	return out
}

func (f *facts) addOfPackage(fact analysis.Fact) { f.known[object{pkg: f.pkg.Path()}] = fact }

// name is the name of an object, without a path if other packages cannot name it.
func (f *facts) name(o types.Object) object {
	if o.Pkg() == nil {
		return object{}
	}
	path, err := f.names.For(o)
	if err != nil {
		return object{}
	}
	return object{o.Pkg().Path(), path}
}

// encode gives the facts the form in which importers read them: all about the package itself, and,
// of packages that they see through it, those about methods.
func (f *facts) encode(seen func(pkg string) bool) ([]byte, error) {
	var list []gobFact
	for _, o := range slices.SortedFunc(maps.Keys(f.known), func(a, b object) int {
		return cmp.Or(cmp.Compare(a.pkg, b.pkg), cmp.Compare(a.path, b.path))
	}) {
		if o.pkg == f.pkg.Path() || seen(o.pkg) && strings.Contains(string(o.path), ".") {
			list = append(list, gobFact{o.pkg, o.path, f.known[o]})
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	var out bytes.Buffer
	err := gob.NewEncoder(&out).Encode(list)
	return out.Bytes(), err
}
