package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
)

// worthLowering says whether anything in the package can matter: it locks, uses atomics, starts
// goroutines or answers HTTP requests, or calls something that we know a fact about. Most packages do none of it, and then
// no SSA is built for them.
func worthLowering(pass *analysis.Pass) bool {
	if std(pass) || len(sources(pass)) == 0 {
		return false
	}
	syncs, web, several := false, false, pass.Pkg.Name() == "main"
	for _, imp := range pass.Pkg.Imports() {
		switch path := imp.Path(); {
		case path == "sync", path == "sync/atomic":
			syncs = true
		case path == "net/http":
			web, several = true, true // handlers run beside each other
		case isRelevant(path):
			return true
		}
	}
	if syncs && several {
		return true
	}
	for _, f := range sources(pass) {
		found := false
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				found = true
			case *ast.FuncType:
				found = found || web && takesResponse(n)
			}
			return !found
		})
		if found {
			return true
		}
	}
	for _, obj := range pass.TypesInfo.Uses {
		fn, ok := obj.(*types.Func)
		if !ok || fn.Pkg() == nil || fn.Pkg() == pass.Pkg {
			continue
		}
		if syncs && shares(fn) || pass.ImportObjectFact(fn.Origin(), new(Fact)) {
			return true
		}
	}
	return false
}

// takesResponse says whether a function is handed an http.ResponseWriter, by the look of it.
func takesResponse(t *ast.FuncType) bool {
	return slices.ContainsFunc(t.Params.List, func(f *ast.Field) bool {
		s, ok := f.Type.(*ast.SelectorExpr)
		return ok && s.Sel.Name == "ResponseWriter"
	})
}

// shares says whether a package that uses fn means to share something: that it keeps a pool, or does
// something once, says nothing about anything else.
func shares(fn *types.Func) bool {
	switch modelOf(fn.Origin().FullName()) {
	case opNone, opOwned, opRun, opRunOnce, opOnceFunc:
		return false
	}
	return true
}

// Tests are the settings that ask for findings in test files: without one, the bodies of tests are
// not even looked at, for what they do is no evidence either.
var Tests []*bool

// sources lists the files whose functions are lowered.
func sources(pass *analysis.Pass) []*ast.File {
	if slices.ContainsFunc(Tests, func(b *bool) bool { return *b }) {
		return pass.Files
	}
	return slices.DeleteFunc(slices.Clone(pass.Files), func(f *ast.File) bool {
		return strings.HasSuffix(pass.Fset.Position(f.FileStart).Filename, "_test.go")
	})
}

// std says whether the package is of the standard library. What it means is in models.go.
func std(pass *analysis.Pass) bool {
	if pass.Module != nil && pass.Module.Path != "" && pass.Module.Path != "std" {
		return false
	}
	file := ""
	if len(pass.Files) > 0 {
		file = pass.Fset.File(pass.Files[0].FileStart).Name()
	}
	return Standard(strings.TrimSuffix(pass.Pkg.Path(), "_test"), file)
}

// Standard says whether a package that is known to be in no other module is of the standard library.
// It is told by its path and one of its files, if it has any.
func Standard(path, file string) bool {
	first, _, _ := strings.Cut(path, "/")
	switch {
	case strings.Contains(first, "."), path == "main":
		return false
	case file == "":
		return true
	}
	file, goroot := filepath.ToSlash(file), filepath.ToSlash(os.Getenv("GOROOT"))
	return strings.HasPrefix(file, "$GOROOT/") || strings.Contains(file, "/src/"+path+"/") && (goroot == "" || strings.HasPrefix(file, goroot+"/")) && !strings.Contains(file, "/testdata/")
}

// build makes the SSA form of the package under analysis. Its imports have no bodies.
func build(pass *analysis.Pass) *ssa.Package {
	prog := ssa.NewProgram(pass.Fset, 0)
	seen := map[*types.Package]bool{}
	var create func(list []*types.Package)
	create = func(list []*types.Package) {
		for _, p := range list {
			if !seen[p] {
				seen[p] = true
				prog.CreatePackage(p, nil, nil, true)
				create(p.Imports())
			}
		}
	}
	create(pass.Pkg.Imports())
	files := sources(pass)
	pkg := prog.CreatePackage(pass.Pkg, files, initialised(pass.TypesInfo, files), false)
	pkg.Build()
	return pkg
}

// initialised is info without the package variables of files that are left out: the initialiser of
// the package would look for them in vain.
func initialised(info *types.Info, files []*ast.File) *types.Info {
	inside := func(p token.Pos) bool {
		return slices.ContainsFunc(files, func(f *ast.File) bool { return f.FileStart <= p && p <= f.FileEnd })
	}
	out := *info
	out.InitOrder = slices.DeleteFunc(slices.Clone(info.InitOrder), func(i *types.Initializer) bool {
		return slices.ContainsFunc(i.Lhs, func(v *types.Var) bool { return !inside(v.Pos()) })
	})
	return &out
}

// sourceFuncs lists the functions of the package in source order, function literals after the
// function that holds them, the package initialiser last.
func sourceFuncs(pass *analysis.Pass, pkg *ssa.Package) []*ssa.Function {
	var out []*ssa.Function
	var add func(f *ssa.Function)
	add = func(f *ssa.Function) {
		if len(f.Blocks) == 0 {
			return
		}
		out = append(out, f)
		for _, anon := range f.AnonFuncs {
			add(anon)
		}
	}
	for _, file := range sources(pass) {
		for _, d := range file.Decls {
			d, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if obj, ok := pass.TypesInfo.Defs[d.Name].(*types.Func); ok {
				if f := pkg.Prog.FuncValue(obj); f != nil {
					add(f)
				}
			}
		}
	}
	if f := pkg.Func("init"); f != nil {
		add(f)
	}
	return out
}

// positions maps flow positions to places in the source. Those of the package under analysis are
// token.Pos; those that came with facts have the top bit set and index a table.
type positions struct {
	fset    *token.FileSet
	foreign []verdict.Site
	index   map[verdict.Site]flow.Pos
}

const foreignPos flow.Pos = 1 << 31

func (p *positions) intern(s verdict.Site) flow.Pos {
	if pos, ok := p.index[s]; ok {
		return pos
	}
	pos := foreignPos | flow.Pos(len(p.foreign))
	p.foreign = append(p.foreign, s)
	p.index[s] = pos
	return pos
}

func (p *positions) site(pos flow.Pos) verdict.Site {
	if pos == 0 {
		return verdict.Site{}
	}
	if pos&foreignPos != 0 {
		if i := int(pos &^ foreignPos); i < len(p.foreign) {
			return p.foreign[i]
		}
		return verdict.Site{}
	}
	at := p.fset.Position(token.Pos(pos))
	return verdict.Site{File: at.Filename, Line: at.Line, Col: at.Column, EndLine: at.Line, EndCol: at.Column + 1}
}
