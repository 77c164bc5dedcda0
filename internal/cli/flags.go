package cli

import (
	"cmp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/rules"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/render"
)

// scanFlags are the flags of the commands that analyse. They win over the configuration.
type scanFlags struct {
	config, format, output string

	selected, ignored, exclude []string
	languages                  []string
	minSeverity, minConfidence string
	failOn                     string
	concurrency, latent        string

	diff, baseline, stdinName string
	strict, exitZero          bool
	filtered                  bool // only what the thresholds let through is shown
	remedies                  bool // fixes as code
	color                     string
	quiet, verbose            bool
	noCache                   bool
	jobs                      int
}

const latentAll = "all"

func (f *scanFlags) register(cmd *cobra.Command, format string) {
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.format, "format", "f", format, "output `FORMAT`: "+strings.Join(render.Formats(), ", "))
	fl.StringVarP(&f.output, "output", "o", "", "write to `FILE` instead of standard output, all of it or nothing")
	fl.StringVar(&f.config, "config", "", "read `FILE` instead of the nearest toctou.yml")
	fl.StringSliceVar(&f.languages, "lang", nil, "analyse only these `LANGUAGES`: python, go")
	fl.StringSliceVar(&f.selected, "select", nil, "run only these `RULES`")
	fl.StringSliceVar(&f.ignored, "ignore", nil, "do not run these `RULES`")
	fl.StringArrayVar(&f.exclude, "exclude", nil, "pass over files and folders that match `GLOB` (repeatable)")
	fl.StringVar(&f.minSeverity, "min-severity", "", "show findings of at least this `SEVERITY` (default low)")
	fl.StringVar(&f.minConfidence, "min-confidence", "", "show, and fail on, findings of at least this `CONFIDENCE` (default medium)")
	fl.StringVar(&f.concurrency, "concurrency", "", "`MODEL` of Python code: asyncio, preemptive (default asyncio)")
	fl.StringVar(&f.latent, "latent", "", "latent windows: `MODE` all shows every one; lowered, as-open, hidden rate them")
	fl.Lookup("latent").NoOptDefVal = latentAll
	fl.BoolVar(&f.strict, "strict", false, "exit with 3 if any file or function could not be analysed")
	fl.StringVar(&f.color, "color", "auto", "colour: `WHEN` is auto, always, never")
	fl.IntVarP(&f.jobs, "jobs", "j", 0, "`N` files worked on at a time (default: one per processor)")
	fl.BoolVar(&f.noCache, "no-cache", false, "neither use nor keep what earlier runs found")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no status line and no remarks on standard error")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "say on standard error which configuration is used and what was read")

	complete := func(name string, values ...string) {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	complete("format", render.Formats()...)
	complete("select", rules.Names()...)
	complete("ignore", rules.Names()...)
	complete("min-severity", severityNames...)
	complete("min-confidence", confidenceNames...)
	complete("concurrency", "asyncio", "preemptive")
	complete("latent", latentNames...)
	complete("color", colorNames...)
	complete("lang", languageNames...)
}

var (
	severityNames   = []string{"critical", "high", "medium", "low", "info"}
	confidenceNames = []string{"high", "medium", "low"}
	failOnNames     = append(slices.Clone(severityNames), "never")
	latentNames     = []string{latentAll, "lowered", "as-open", "hidden"}
	languageNames   = []string{walk.Python, walk.Go}
	colorNames      = []string{"auto", "always", "never"}
)

// checkValues checks the flags that take one of a few values.
func (f *scanFlags) checkValues() error {
	for _, c := range []struct {
		flag, value string
		known       []string
	}{
		{"format", f.format, render.Formats()},
		{"min-severity", f.minSeverity, severityNames},
		{"min-confidence", f.minConfidence, confidenceNames},
		{"fail-on", f.failOn, failOnNames},
		{"concurrency", f.concurrency, []string{"asyncio", "preemptive"}},
		{"latent", f.latent, latentNames},
		{"color", f.color, colorNames},
	} {
		if c.value != "" && !slices.Contains(c.known, c.value) {
			return usage("--%s: %q is none of %s", c.flag, c.value, strings.Join(c.known, ", "))
		}
	}
	for _, l := range f.languages {
		if !slices.Contains(languageNames, l) {
			return usage("--lang: %q is none of %s", l, strings.Join(languageNames, ", "))
		}
	}
	for _, g := range f.exclude {
		if !config.ValidGlob(g) {
			return usage("--exclude: %q is not a valid glob", g)
		}
	}
	if f.jobs < 0 {
		return usage("--jobs: %d is negative", f.jobs)
	}
	return nil
}

// prepareOutput finds out before the work whether the output can be written.
func (f *scanFlags) prepareOutput() error {
	if f.output == "" {
		return nil
	}
	return fail(exitUsage, checkOutput(f.output))
}

// settle finds the configuration for paths, lays the flags over it, and checks them.
func (f *scanFlags) settle(paths []string) (*config.Config, error) {
	if err := f.checkValues(); err != nil {
		return nil, err
	}
	for _, name := range slices.Concat(f.selected, f.ignored) {
		if _, ok := rules.Get(name); !ok {
			return nil, usage("there is no rule %q%s", name, config.Suggest(name, rules.Names()))
		}
	}
	if slices.Contains(paths, "") {
		return nil, usage("a path is empty; the current folder is called .")
	}
	root, err := walk.Root(paths)
	if err != nil {
		if slices.Contains(paths, "-") {
			return nil, usage("%w; standard input is read with --stdin-filename NAME", err)
		}
		if slices.Contains(latentNames, paths[len(paths)-1]) && f.latent == latentAll {
			return nil, usage("%w; did you mean --latent=%s?", err, paths[len(paths)-1])
		}
		return nil, fail(exitUsage, err)
	}
	var cfg *config.Config
	if f.config != "" {
		cfg, err = config.LoadFile(f.config)
	} else {
		cfg, err = config.Load(root)
	}
	if err != nil {
		return nil, fail(exitUsage, err)
	}
	if len(f.selected) > 0 {
		cfg.Select = f.selected
	}
	cfg.Ignore = append(cfg.Ignore, f.ignored...)
	if len(f.exclude) > 0 && cfg.Dir == "" {
		cfg.Dir = root
	}
	cfg.Exclude = append(cfg.Exclude, f.exclude...)
	cfg.Concurrency = cmp.Or(f.concurrency, cfg.Concurrency)
	if f.latent != latentAll {
		cfg.Latent = cmp.Or(f.latent, cfg.Latent)
	}
	cfg.Thresholds.Severity = cmp.Or(f.minSeverity, cfg.Thresholds.Severity)
	cfg.Thresholds.Confidence = cmp.Or(f.minConfidence, cfg.Thresholds.Confidence)
	cfg.Thresholds.FailOn = cmp.Or(f.failOn, cfg.Thresholds.FailOn)
	return cfg, nil
}

// skipsTests says whether nothing of what is found in tests can be shown: it is of low confidence.
func (f *scanFlags) skipsTests(cfg *config.Config) bool {
	least := audit.ConfidenceRank(display(cfg, f.latent).Confidence)
	return f.filtered && !f.strict && render.Brief(f.format) && least > audit.ConfidenceRank(report.Doubtful)
}

func display(cfg *config.Config, latent string) audit.Display {
	return audit.Display{
		Severity:   report.Severity(cfg.Thresholds.Severity),
		Confidence: report.Confidence(cfg.Thresholds.Confidence),
		Latent:     latent == latentAll,
	}
}
