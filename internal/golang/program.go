package goscan

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/toctou-lint/toctou/analyzers"
	"github.com/toctou-lint/toctou/internal/verdict"
)

// Program lowers the package of one Go file, for those who want to see its events; nil if the
// package holds nothing that can matter. It loads the package and what it imports from source.
func Program(ctx context.Context, file string) (*verdict.Program, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	cfg := loading(ctx, filepath.Dir(file), Options{})
	cfg.Tests = true // it may be one
	pkgs, err := packages.Load(cfg, "file="+file)
	if err != nil {
		return nil, fmt.Errorf("its package cannot be loaded: %s", firstLine(err.Error()))
	}
	at := slices.IndexFunc(pkgs, func(p *packages.Package) bool { return slices.Contains(p.CompiledGoFiles, file) })
	if at < 0 {
		return nil, errors.New("it is in no package: its build tags may leave it out, or no go.mod is above it")
	}
	pkg := pkgs[at]
	switch {
	case len(pkg.Errors) > 0:
		return nil, fmt.Errorf("its package cannot be loaded: %s", firstLine(pkg.Errors[0].Msg))
	case pkg.IllTyped:
		return nil, errors.New("a package that it imports does not type-check")
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{analyzers.Lowering}, []*packages.Package{pkg}, nil)
	if err != nil {
		return nil, fmt.Errorf("the analysers cannot run: %w", err)
	}
	root := graph.Roots[0]
	if root.Err != nil {
		return nil, root.Err
	}
	p, why := analyzers.Program(root.Result)
	if why != "" {
		return nil, errors.New(why)
	}
	return p, nil
}
