package goscan

import (
	"context"
	"fmt"

	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/toctou-lint/toctou/analyzers"
)

// loading loads packages from source, with all that they import.
func loading(ctx context.Context, dir string, opt Options) *packages.Config {
	return &packages.Config{
		Context: ctx, Dir: dir, Env: environment(opt.Env), Tests: testsToo(opt.Flags), Overlay: opt.Overlay,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps | packages.NeedTypes |
			packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedTypesSizes | packages.NeedModule,
	}
}

// load analyses the packages in this process. It needs no build cache and tolerates imports that
// cannot be resolved, but it type-checks everything anew in every run.
func load(ctx context.Context, dir string, opt Options, c *collector) error {
	pkgs, err := packages.Load(loading(ctx, dir, opt), everything...)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		c.skip(dir, "its packages cannot be loaded: "+firstLine(err.Error()))
		return nil
	}
	var whole []*packages.Package
	for _, p := range pkgs {
		switch {
		case len(p.Errors) > 0:
			c.skip(p.PkgPath, "it cannot be loaded: "+firstLine(p.Errors[0].Msg))
		case p.IllTyped:
			c.skip(p.PkgPath, "a package that it imports does not type-check")
		default:
			whole = append(whole, p)
		}
	}
	if err := analyzers.SetRich(); err != nil {
		return err
	}
	if err := setFlags(settings(opt)); err != nil {
		return err
	}
	graph, err := checker.Analyze(analyzers.Driver, whole, nil)
	if err != nil {
		return fmt.Errorf("the analysers cannot run: %w", err)
	}
	for act := range graph.All() {
		if !act.IsRoot {
			continue
		}
		if act.Err != nil {
			c.skip(act.Package.PkgPath, act.Err.Error())
			continue
		}
		for _, d := range act.Diagnostics {
			if err := c.message(act.Package.ID, d.Message); err != nil {
				return err
			}
		}
	}
	return nil
}
