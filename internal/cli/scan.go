package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/rules"
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
today, is shown when its lowered severity is at least medium; --latent shows them all. Folders
are walked as git sees them: ignored files, virtual environments and caches are passed over.

` + exitCodes,
		Example: `  toctou check .
  toctou check services/api --format json -o findings.json
  toctou check . --min-confidence low --latent`,
	}
	f.register(cmd, "text")
	cmd.Flags().StringVar(&f.failOn, "fail-on", "", "exit with 1 from this `SEVERITY` on, or never (default medium)")
	cmd.Flags().BoolVar(&f.exitZero, "exit-zero", false, "exit with 0 even when there are findings")
	cmd.RunE = func(cmd *cobra.Command, paths []string) error {
		return a.scan(cmd.Context(), &f, paths, func(au *report.Audit, cfg *config.Config) (*report.Audit, bool) {
			return audit.Shown(au, display(cfg, f.latent)), !f.exitZero && audit.Fails(au, cfg.Thresholds)
		})
	}
	return cmd
}

func (a *app) auditCommand() *cobra.Command {
	var f scanFlags
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
	cmd.RunE = func(cmd *cobra.Command, paths []string) error {
		return a.scan(cmd.Context(), &f, paths, func(au *report.Audit, cfg *config.Config) (*report.Audit, bool) {
			return au, f.failOn != "" && audit.Fails(au, cfg.Thresholds)
		})
	}
	return cmd
}

// scan makes the audit of paths and renders what view makes of it. view also says whether the
// findings make the run fail.
func (a *app) scan(ctx context.Context, f *scanFlags, paths []string, view func(*report.Audit, *config.Config) (*report.Audit, bool)) error {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	cfg, err := f.settle(paths)
	if err != nil {
		return err
	}
	if err := f.prepareOutput(); err != nil {
		return err
	}
	if f.verbose && cfg.File != "" {
		fmt.Fprintf(a.stderr, "toctou: configuration from %s\n", cfg.File)
	}
	au, err := a.run(ctx, f, audit.Request{Paths: paths, Config: cfg, Version: version(), Jobs: f.jobs})
	if err != nil {
		return err
	}
	shown, failed := view(au, cfg)
	if err := a.write(f, shown); err != nil {
		return fail(exitUsage, err)
	}
	a.conclude(f, paths, au, failed)
	return nil
}

// run makes the audit with a status line. It does not wait for an analysis that is slow to stop.
func (a *app) run(ctx context.Context, f *scanFlags, req audit.Request) (*report.Audit, error) {
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
		if _, ok := errors.AsType[*failure](out.err); ok || out.err == nil {
			return out.audit, out.err
		}
		if _, ok := errors.AsType[*audit.ScanError](out.err); ok {
			return nil, fail(exitNothing, out.err)
		}
		return nil, fail(exitUsage, out.err)
	}
}

// conclude sets the exit code and says on standard error what the rendering may not show.
func (a *app) conclude(f *scanFlags, paths []string, au *report.Audit, failed bool) {
	incomplete := len(au.Unparsed) + len(au.Partial)
	if f.verbose {
		fmt.Fprintf(a.stderr, "toctou: %d files, %d of them passed over by the prefilter, %d functions\n",
			au.Files, au.Counts["prefiltered"], au.Counts["functions"])
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
	for _, s := range au.Scopes {
		if !s.Analysed {
			return fmt.Sprintf("there are only files in a language that this version does not read (%s)", s.Language)
		}
	}
	return "no Python files under " + strings.Join(paths, ", ")
}

// write renders to the output file, all of it or nothing, or to standard output.
func (a *app) write(f *scanFlags, au *report.Audit) error {
	opt := render.Options{Rules: ruleInfo()}
	if f.output == "" || f.output == "-" {
		opt.Color = useColor(f.color, a.stdout)
		opt.Width = terminalWidth(a.stdout)
		return render.Render(a.stdout, f.format, au, opt)
	}
	opt.Color = f.color == "always"
	var buf bytes.Buffer
	if err := render.Render(&buf, f.format, au, opt); err != nil {
		return err
	}
	return writeFile(f.output, buf.Bytes())
}

// ruleInfo is what renderers say about rules.
func ruleInfo() map[string]render.RuleInfo {
	out := map[string]render.RuleInfo{}
	for _, r := range rules.All() {
		out[r.Name] = render.RuleInfo{Name: r.Name, Title: r.Title, Summary: r.Summary, Help: r.Page, URL: r.URL(), CWE: r.CWE}
	}
	return out
}

// checkOutput reports why a file cannot be written.
func checkOutput(file string) error {
	if file == "-" {
		return nil
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return fmt.Errorf("-o: %s is a folder", file)
	}
	if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
		return fmt.Errorf("-o: there is no folder %s", filepath.Dir(file))
	}
	return nil
}

// writeFile writes a file all of it or nothing: a reader never sees a part, and a failed run
// leaves the old content. What is no regular file, such as /dev/stdout, is written directly.
func writeFile(file string, data []byte) (err error) {
	mode := os.FileMode(0o644)
	if info, err := os.Stat(file); err == nil {
		if !info.Mode().IsRegular() {
			return os.WriteFile(file, data, mode)
		}
		mode = info.Mode().Perm()
		if target, err := filepath.EvalSymlinks(file); err == nil {
			file = target
		}
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".toctou-*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	if _, err := io.Copy(tmp, bytes.NewReader(data)); err != nil {
		return err
	}
	if err := tmp.Chmod(mode); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}
