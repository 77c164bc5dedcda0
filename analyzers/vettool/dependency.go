package vettool

import (
	"bytes"
	"errors"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/gcexportdata"

	"github.com/toctou-lint/toctou/analyzers"
	"github.com/toctou-lint/toctou/analyzers/internal/lower"
)

// dependency writes down what importers need to know of a package of another module, its exported
// types and the facts about it, as unitchecker does, in a fraction of the time: functions are
// type-checked only where they can matter.
func (u *unit) dependency() error {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range u.GoFiles {
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	essence := lower.Essence(files)
	concerned := essence != nil
	if concerned {
		files = essence
	}
	imports := &importer{u, fset, map[string]*types.Package{}}
	cfg := types.Config{
		Importer: imports, Sizes: types.SizesFor("gc", build.Default.GOARCH), GoVersion: u.GoVersion, IgnoreFuncBodies: !concerned,
	}
	var info *types.Info
	if concerned {
		info = &types.Info{
			Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
			Implicits: map[ast.Node]types.Object{}, Instances: map[*ast.Ident]types.Instance{}, Scopes: map[ast.Node]*types.Scope{},
			Selections: map[*ast.SelectorExpr]*types.Selection{}, FileVersions: map[*ast.File]string{},
		}
	}
	var hard error
	cfg.Error = func(err error) {
		if e, ok := errors.AsType[types.Error](err); hard == nil && (!ok || !e.Soft) { // imports that only functions without bodies use are no error
			hard = err
		}
	}
	pkg, _ := cfg.Check(u.ImportPath, fset, files, info)
	if hard != nil {
		return hard
	}
	facts, err := u.readFacts(pkg)
	if err != nil {
		return err
	}
	_, err = lower.Analyzer.Run(&analysis.Pass{
		Analyzer: lower.Analyzer, Fset: fset, Files: files, Pkg: pkg, TypesInfo: info, TypesSizes: cfg.Sizes,
		ResultOf: map[*analysis.Analyzer]any{}, Report: func(analysis.Diagnostic) {}, ReadFile: os.ReadFile,
		Module:           &analysis.Module{Path: u.ModulePath, Version: u.ModuleVersion, GoVersion: u.GoVersion},
		ImportObjectFact: facts.about, ExportObjectFact: facts.add, AllPackageFacts: facts.ofPackages, ExportPackageFact: facts.addOfPackage,
	})
	if err != nil {
		return err
	}
	var exported bytes.Buffer
	if err := gcexportdata.Write(&exported, fset, pkg); err != nil {
		return err
	}
	said, err := facts.encode(func(path string) bool { return imports.loaded[path] != nil || path == u.ImportPath })
	if err != nil {
		return err
	}
	return writeVetx(u.VetxOutput, exported.Bytes()[1:], said) // without the letter that names the format
}

// idle says whether all analyzers are switched off.
func idle() bool {
	for _, a := range analyzers.Driver {
		if !slices.Contains(os.Args, "-"+a.Name+"=false") {
			return false
		}
	}
	return true
}
