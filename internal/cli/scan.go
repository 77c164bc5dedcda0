package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/collector"
	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/pyscan"
	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/render"
)

func (a *app) checkCommand() *cobra.Command {
	var f scanFlags
	cmd := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "Report what is wrong, for people and for CI",
		Long: `check analyses files and folders (the current one if none is named) and reports what it finds.

It shows findings of medium confidence and above. A latent window, in which nothing can suspend
today, is shown when its lowered severity is at least medium; --latent shows them all. Python
tests, whose findings are of low confidence, are only parsed unless they could be shown. Folders
are walked as git sees them: ignored files, virtual environments and caches are passed over.

` + exitCodes,
		Example: `  toctou check .
  toctou check services/api --format json -o findings.json
  toctou check . --min-confidence low --latent`,
	}
	f.register(cmd, "text")
	cmd.Flags().StringVar(&f.failOn, "fail-on", "", "exit with 1 from this `SEVERITY` on, or never (default medium)")
	cmd.Flags().BoolVar(&f.exitZero, "exit-zero", false, "exit with 0 even when there are findings")
	cmd.Flags().StringVar(&f.diff, "diff", "", "only findings whose window touches lines that differ from git revision `REV`")
	cmd.Flags().StringVar(&f.baseline, "baseline", "", "only findings that are not in `FILE`, an audit in JSON")
	cmd.Flags().StringVar(&f.stdinName, "stdin-filename", "", "analyse standard input as the file `NAME`")
	cmd.RunE = func(cmd *cobra.Command, paths []string) error {
		if os.Getenv("GITHUB_ACTIONS") == "true" && !cmd.Flags().Changed("format") && slices.Contains(render.Formats(), "github") {
			f.format = "github"
		}
		f.filtered = true
		return a.scan(cmd, &f, paths, func(au *report.Audit, cfg *config.Config) (*view, error) {
			d := display(cfg, f.latent)
			au, err := f.narrow(cmd.Context(), au, paths, d.Shows)
			if err != nil {
				return nil, err
			}
			shown := audit.Shown(au, d)
			return &view{audit: shown, failed: !f.exitZero && audit.Fails(shown, cfg.Thresholds)}, nil
		})
	}
	return cmd
}

func (a *app) auditCommand() *cobra.Command {
	var f scanFlags
	var noFixes bool
	var title string
	cmd := &cobra.Command{
		Use:   "audit [PATH...]",
		Short: "Write the whole audit as a document",
		Long: `audit analyses files and folders (the current one if none is named) and writes the whole audit:
every finding with its code, interleaving, impact and fix, the latent windows, what is safe by
design and why, the tasks and locks of the project, and what could not be analysed.

It exits with 0 whatever it finds, unless --fail-on asks otherwise. SOURCE_DATE_EPOCH sets the date.`,
		Example: `  toctou audit . -o AUDIT.md
  toctou audit services --format json -o audit.json
  toctou audit . --fail-on high`,
	}
	f.register(cmd, "markdown")
	cmd.Flags().StringVar(&f.failOn, "fail-on", "", "exit with 1 from this `SEVERITY` on (default: never)")
	cmd.Flags().StringVar(&f.baseline, "baseline", "", "also tell what has changed since `FILE`, an earlier audit in JSON")
	cmd.Flags().StringVar(&title, "title", "", "heading `TEXT` of the document (default: from the configuration, else the project's or folder's name)")
	cmd.Flags().BoolVar(&noFixes, "no-fixes", false, "leave out fixes as code: each is checked by another scan")
	cmd.RunE = func(cmd *cobra.Command, paths []string) error {
		f.remedies = !noFixes
		return a.scan(cmd, &f, paths, func(au *report.Audit, cfg *config.Config) (*view, error) {
			if title != "" {
				au.Title = title
			}
			opt, err := f.compared(au)
			return &view{au, opt, f.failOn != "" && audit.Fails(au, cfg.Thresholds)}, err
		})
	}
	return cmd
}

// presentation are the flags that change how a result is shown, not what it is.
var presentation = []string{"format", "output", "color", "quiet", "verbose", "jobs", "fail-on", "exit-zero", "strict", "no-cache"}

// asGiven is the command line without the flags of presentation, quoted for a shell.
func asGiven(cmd *cobra.Command, paths []string) string {
	words := []string{cmd.CommandPath()}
	cmd.Flags().Visit(func(fl *pflag.Flag) {
		if slices.Contains(presentation, fl.Name) {
			return
		}
		if list, ok := fl.Value.(pflag.SliceValue); ok {
			for _, v := range list.GetSlice() {
				words = append(words, quoted("--"+fl.Name+"="+v))
			}
			return
		}
		if fl.Value.Type() == "bool" && fl.Value.String() == "true" {
			words = append(words, "--"+fl.Name)
			return
		}
		words = append(words, quoted("--"+fl.Name+"="+fl.Value.String()))
	})
	for _, w := range paths {
		words = append(words, quoted(w))
	}
	return strings.Join(words, " ")
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./=:,+%@", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// view is what a command shows of an audit, and whether the findings make the run fail.
type view struct {
	audit  *report.Audit
	opt    render.Options
	failed bool
}

// scan makes the audit of paths and renders what look makes of it.
func (a *app) scan(cmd *cobra.Command, f *scanFlags, paths []string, look func(*report.Audit, *config.Config) (*view, error)) error {
	ctx := cmd.Context()
	req := audit.Request{Paths: paths, Command: asGiven(cmd, paths), Version: version(), Jobs: f.jobs, Languages: f.languages, Remedies: f.remedies, Store: f.store()}
	defer trim(req.Store)
	if len(paths) == 0 {
		req.Paths = []string{"."}
	}
	if f.stdinName != "" {
		if err := a.fromStdin(f.stdinName, &req, paths); err != nil {
			return err
		}
	}
	cfg, err := f.settle(req.Paths)
	if err != nil {
		return err
	}
	if err := f.prepareOutput(); err != nil {
		return err
	}
	if f.verbose && cfg.File != "" {
		fmt.Fprintf(a.stderr, "toctou: configuration from %s\n", cfg.File)
	}
	req.Config, req.Brief, req.SkipTests = cfg, f.filtered && render.Brief(f.format), f.skipsTests(cfg)
	au, err := a.run(ctx, f, req)
	if err != nil {
		return err
	}
	v, err := look(au, cfg)
	if err != nil {
		return err
	}
	v.opt.Root = fromRepository(req.Paths)
	if err := a.write(f, v.audit, v.opt); err != nil {
		return fail(exitUsage, err)
	}
	a.conclude(f, req.Paths, au, v.failed)
	return nil
}

// run makes the audit with a status line. It does not wait for an analysis that is slow to stop.
func (a *app) run(ctx context.Context, f *scanFlags, req audit.Request) (*report.Audit, error) {
	collector.Tune()
	st := newStatus(a.stderr, !f.quiet && isTerminal(a.stderr))
	req.Progress = st.progress
	type outcome struct {
		audit *report.Audit
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				err := fmt.Errorf("internal error: %v\nThis is a defect of toctou; please report it with the file that causes it:\n%s", r, debug.Stack())
				done <- outcome{err: fail(exitNothing, err)}
			}
		}()
		au, err := audit.Run(ctx, req)
		done <- outcome{au, err}
	}()
	defer st.stop()
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("stopped after reading %s; nothing was written", st.reached())
	case out := <-done:
		if out.err == nil {
			a.lacking(f, out.audit)
			return out.audit, nil
		}
		if _, ok := errors.AsType[*failure](out.err); ok {
			return nil, out.err
		}
		if _, ok := errors.AsType[*audit.ScanError](out.err); ok {
			return nil, fail(exitNothing, out.err)
		}
		return nil, fail(exitUsage, out.err)
	}
}

// lacking says how to get a program that can read what this one could not.
func (a *app) lacking(f *scanFlags, au *report.Audit) {
	python := func(s report.Scope) bool { return s.Language == walk.Python }
	if err := pyscan.Unavailable(); err != nil && !f.quiet && slices.ContainsFunc(au.Scopes, python) {
		fmt.Fprintf(a.stderr, "toctou: %v\n", err)
	}
}

// fromRepository leads from the root of the repository to the root of the audit; "" outside one.
func fromRepository(paths []string) string {
	root, err := walk.Root(paths)
	if err != nil {
		return ""
	}
	top, ok := config.RepositoryRoot(root)
	if !ok {
		return ""
	}
	rel, err := filepath.Rel(top, root)
	if err != nil {
		return ""
	}
	return filepath.ToSlash(rel)
}

// conclude sets the exit code and says on standard error what the rendering may not show.
func (a *app) conclude(f *scanFlags, paths []string, au *report.Audit, failed bool) {
	incomplete := len(au.Unparsed) + len(au.Partial)
	if f.verbose {
		aside := ""
		if n := au.Counts["aside"]; n > 0 {
			aside = fmt.Sprintf(", %d tests only parsed", n)
		}
		fmt.Fprintf(a.stderr, "toctou: %d files, %d of them passed over by the prefilter%s, %d functions\n",
			au.Files, au.Counts["prefiltered"], aside, au.Counts["functions"])
	}
	switch {
	case failed:
		a.code = exitFindings
	case audit.Nothing(au):
		a.code = exitNothing
		if !f.quiet {
			fmt.Fprintf(a.stderr, "toctou: nothing could be analysed: %s\n", whyNothing(paths, au))
		}
	case f.strict && incomplete > 0:
		a.code = exitNothing
		if !f.quiet {
			fmt.Fprintf(a.stderr, "toctou: --strict: %d could not be analysed\n", incomplete)
		}
	default:
		a.code = exitClean
	}
}

func whyNothing(paths []string, au *report.Audit) string {
	if n := len(au.Unparsed); n > 0 {
		return fmt.Sprintf("%s %s", au.Unparsed[0].File, au.Unparsed[0].Reason)
	}
	if len(au.LeftOut) > 0 {
		return fmt.Sprintf("%s: %s", au.LeftOut[0].File, au.LeftOut[0].Reason)
	}
	for _, s := range au.Scopes {
		if !s.Analysed {
			return fmt.Sprintf("there are only files in a language that this version does not read (%s)", s.Language)
		}
	}
	return "no Python or Go files under " + strings.Join(paths, ", ")
}
