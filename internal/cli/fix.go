package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/internal/rules"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/report"
)

// fixFlags are the flags of fix.
type fixFlags struct {
	scanFlags
	rules                []string
	write, unsafe, dirty bool
	scans                int
}

// maxScans bounds how often fix scans the files again. What it takes grows with the number of changes
// that turn out wrong, not with the number of files.
const maxScans = 100

func (a *app) fixCommand() *cobra.Command {
	var f fixFlags
	cmd := &cobra.Command{
		Use:   "fix [PATH...]",
		Short: "Show, or write, the code that closes what check reports",
		Long: `fix proposes changes for what check reports and shows them as a diff; --write makes them. A change
is shown only if the result parses, Go also type-checks, and all files, scanned again, no longer
have the finding and no new one. What is withheld is listed with the reason.

Exit codes:
  0  nothing to fix; with --write: all that can be fixed was written
  1  there are changes to be made; with --write: some file was not written
  2  usage or configuration error
  3  nothing could be analysed`,
		Example: `  toctou fix .                       what would change
  toctou fix services --write
  toctou fix . --select untrackedtask`,
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.BoolVarP(&f.write, "write", "w", false, "make the changes, each file all of it or nothing")
	fl.BoolVar(&f.unsafe, "unsafe", false, "also make changes that alter behaviour beyond closing a window")
	fl.BoolVar(&f.dirty, "allow-dirty", false, "also write files with uncommitted changes")
	fl.IntVar(&f.scans, "max-scans", 0, "scan the files at most `N` times to check changes (default 100 for each language)")
	fl.StringSliceVar(&f.rules, "select", nil, "fix only what these `RULES` report")
	fl.StringSliceVar(&f.languages, "lang", nil, "fix only these `LANGUAGES`: python, go")
	fl.StringVar(&f.config, "config", "", "read `FILE` instead of the nearest toctou.yml")
	fl.StringArrayVar(&f.exclude, "exclude", nil, "pass over files and folders that match `GLOB` (repeatable)")
	fl.StringVar(&f.minSeverity, "min-severity", "", "fix findings of at least this `SEVERITY` (default low)")
	fl.StringVar(&f.minConfidence, "min-confidence", "", "fix findings of at least this `CONFIDENCE` (default medium)")
	fl.StringVar(&f.latent, "latent", "", "latent windows: `MODE` as-open closes them too")
	fl.IntVarP(&f.jobs, "jobs", "j", 0, "`N` files worked on at a time (default: one per processor)")
	fl.BoolVar(&f.noCache, "no-cache", false, "neither use nor keep what earlier runs found")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no list of what was done on standard error")
	_ = cmd.RegisterFlagCompletionFunc("select", cobra.FixedCompletions(rules.Names(), cobra.ShellCompDirectiveNoFileComp))
	cmd.RunE = func(cmd *cobra.Command, paths []string) error {
		if len(paths) == 0 {
			paths = []string{"."}
		}
		return a.fix(cmd.Context(), &f, paths)
	}
	return cmd
}

func (a *app) fix(ctx context.Context, f *fixFlags, paths []string) error {
	if f.scans < 0 {
		return usage("--max-scans is %d; it is a number of scans", f.scans)
	}
	cfg, err := f.settle(paths)
	if err != nil {
		return err
	}
	for _, name := range f.rules {
		if _, ok := rules.Get(name); !ok {
			return usage("there is no rule %q%s", name, config.Suggest(name, rules.Names()))
		}
	}
	req := audit.Request{Paths: paths, Config: cfg, Version: version(), Jobs: f.jobs, Languages: f.languages, Store: f.store()}
	defer trim(req.Store)
	au, err := a.run(ctx, &f.scanFlags, req)
	if err != nil {
		return err
	}
	if audit.Nothing(au) {
		a.conclude(&f.scanFlags, paths, au, false)
		return nil
	}
	d := display(cfg, f.latent)
	out, err := audit.Fix(ctx, req, func(x *report.Finding) bool {
		latent := x.Window != nil && *x.Window == report.WindowLatent
		return d.Shows(x) && (len(f.rules) == 0 || slices.Contains(f.rules, x.Rule)) && (!latent || cfg.Latent == verdict.LatentAsOpen)
	}, f.unsafe, cmp.Or(f.scans, maxScans))
	if err != nil {
		return fail(exitUsage, err)
	}
	root, err := walk.Root(paths)
	if err != nil {
		return fail(exitUsage, err)
	}
	return a.concludeFix(ctx, f, root, out)
}

// concludeFix shows or writes the changes and says what became of each finding.
func (a *app) concludeFix(ctx context.Context, f *fixFlags, root string, out *fix.Outcome) error {
	kept := map[string]string{} // files that were not written, and why
	for _, c := range out.Changes {
		if !f.write {
			if _, err := fmt.Fprint(a.stdout, fix.Diff(c.File, c.Before, c.After)); err != nil {
				return fail(exitUsage, err)
			}
			continue
		}
		if err := f.writeChange(ctx, filepath.Join(root, filepath.FromSlash(c.File)), c); err != nil {
			if !errors.Is(err, fix.ErrDirty) && !errors.Is(err, fix.ErrChanged) && ctx.Err() != nil {
				return err
			}
			kept[c.File] = err.Error()
		}
	}
	if !f.quiet {
		fmt.Fprint(a.stderr, fixSummary(out.Results, kept, f.write))
	}
	a.code = exitClean
	if !f.write && len(out.Changes) > 0 || len(kept) > 0 {
		a.code = exitFindings
	}
	return nil
}

func (f *fixFlags) writeChange(ctx context.Context, file string, c fix.Change) error {
	if !f.dirty {
		if err := fix.Clean(ctx, file); err != nil {
			return err
		}
	}
	return fix.Write(file, c.Before, c.After)
}

// fixSummary lists what was done and what was withheld, and counts.
func fixSummary(results []fix.Result, kept map[string]string, written bool) string {
	var b strings.Builder
	done, withheld := 0, 0
	for _, r := range results {
		why := r.Why
		if r.Applied {
			why = kept[r.Fix.File]
		}
		if r.Applied && why == "" {
			done++
			fmt.Fprintf(&b, "%s:%d: %s: %s\n", r.Fix.File, r.Fix.Line, r.Fix.Rule, r.Fix.Title)
			continue
		}
		withheld++
		fmt.Fprintf(&b, "%s:%d: %s: withheld: %s\n", r.Fix.File, r.Fix.Line, r.Fix.Rule, why)
	}
	verb := "can be fixed (--write does it)"
	if written {
		verb = "fixed"
	}
	switch {
	case done+withheld == 0:
		b.WriteString("nothing to fix\n")
	default:
		fmt.Fprintf(&b, "%d %s, %d withheld\n", done, verb, withheld)
	}
	return b.String()
}
