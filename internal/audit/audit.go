// Package audit assembles an audit: it finds the files, runs the front ends and the judge over
// them, applies suppressions, and gathers what renderers need.
//
// It is the one place that knows the order of these steps. It analyses nothing itself, prints
// nothing, and reads no file outside the given paths.
package audit

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/toctou-lint/toctou/internal/cache"
	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/rules"
	"github.com/toctou-lint/toctou/internal/suppress"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/pyscan"
	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/advise"
)

// MaxSize is the size from which a file is no longer taken for source code.
const MaxSize = 2 << 20

// Request says what to audit and how.
type Request struct {
	Paths     []string
	Config    *config.Config
	Version   string
	Command   string // as the user gave it, told as the way to reproduce the audit
	Jobs      int
	Languages []string              // the only ones that are analysed; all if empty
	Overlay   map[string][]byte     // text by absolute path, in place of the file's own
	Virtual   string                // a file that need not exist, in place of Paths; its text is in Overlay
	SkipTests bool                  // only parse Python tests: fewer findings of low confidence, no other change; see pyscan
	Brief     bool                  // findings, and what could not be analysed, are all that is asked for: Python is not taken stock of
	Remedies  bool                  // give findings their fix as code, each checked by scanning again
	Progress  func(done, total int) // called while files are read, from any goroutine; may be nil
	Cache     *pyscan.Cache         // of other runs over the same files; nil: none
	Store     *cache.Store          // of other runs of the program; nil: none
	proposals bool                  // leave the edits that the Go analysers propose with their findings, unchecked
	proposed  []report.Finding      // findings of the same request with those edits; nil: not known
}

// ScanError is a front end that cannot work at all.
type ScanError struct {
	Language string
	Err      error
}

func (e *ScanError) Error() string { return e.Language + ": " + e.Err.Error() }
func (e *ScanError) Unwrap() error { return e.Err }

// Run makes the audit. It returns early with ctx.Err() when ctx is done; files that cannot be
// analysed are in the audit and are no error.
func Run(ctx context.Context, req Request) (*report.Audit, error) {
	cfg := req.Config
	if identity() == "" {
		req.Store = nil
	}
	if req.Remedies || req.Store != nil {
		req.Cache = cmp.Or(req.Cache, &pyscan.Cache{Once: !req.Remedies})
	}
	found, err := walk.Walk(ctx, req.Paths, walk.Options{Exclude: excluder(cfg), Virtual: req.Virtual})
	if err != nil {
		return nil, err
	}
	date, err := today()
	if err != nil {
		return nil, err
	}
	if req.Store != nil && req.Cache.Packs == nil {
		req.Cache.Packs = packs{req.Store, found.Root}
	}
	tree := newTree(found, req)
	services := services(found.Root, tree.files, cfg)

	a := &report.Audit{
		Schema:    report.Schema,
		Tool:      report.Tool{Name: "toctou", Version: req.Version},
		Title:     cfg.Title,
		Project:   projectName(found.Root),
		Author:    cfg.Author,
		Version:   cfg.Document,
		Settings:  settings(cfg),
		Related:   cfg.Related,
		Date:      date,
		Root:      shownRoot(req.Paths, found.Root),
		Languages: []string{},
		Policy:    report.Policy{Latent: cfg.Latent, Concurrency: cfg.Concurrency},
		Counts:    map[string]int{},
		Services:  services,
		Findings:  []report.Finding{},
		Unparsed:  append([]report.Skipped{}, found.Skipped...),
		Partial:   []report.Partial{},
		Commands:  []string{cmp.Or(req.Command, "toctou audit "+shownRoot(req.Paths, found.Root))},
	}
	disabled := Disabled(cfg)
	var comments []suppress.Comment
	count := counter(req.Progress)
	for _, fe := range frontends {
		files := tree.of(fe.language)
		if len(files) == 0 || len(req.Languages) > 0 && !slices.Contains(req.Languages, fe.language) {
			continue
		}
		if fe.scan == nil {
			a.Scopes = append(a.Scopes, report.Scope{Language: fe.language, Files: len(files)})
			continue
		}
		store := req.Store
		if fe.language != walk.Python {
			store = nil
		}
		in := scope{files: files, tree: tree, services: services, cfg: cfg, jobs: req.Jobs, cache: req.Cache, tests: !req.SkipTests, brief: req.Brief, fixes: req.Remedies || req.proposals, read: count(len(files))}
		res, err := judge(ctx, fe.scan, in, disabled, store)
		if err != nil {
			return nil, cmp.Or(ctx.Err(), error(&ScanError{fe.language, err}))
		}
		if !res.Missing {
			a.Languages = append(a.Languages, fe.language)
		}
		a.Scopes = append(a.Scopes, report.Scope{Language: fe.language, Files: len(files) - len(res.LeftOut), Analysed: !res.Missing})
		comments = append(comments, res.Comments...)
		take(a, res, disabled)
	}
	a.Services = slices.DeleteFunc(a.Services, func(s report.Service) bool { return s.Files <= 0 }) // all of them left out
	for _, other := range slices.Sorted(maps.Keys(found.Other)) {
		a.Scopes = append(a.Scopes, report.Scope{Language: other, Files: found.Other[other]})
	}
	a.Limits = limits(a)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	finish(a, tree, cfg, comments, disabled)
	if req.proposals {
		return a, nil
	}
	req.proposed = slices.Clone(a.Findings)
	for i := range a.Findings {
		a.Findings[i].Remedy = nil // until it was checked
	}
	if req.Remedies {
		if err := AddRemedies(ctx, req, a, func(*report.Finding) bool { return true }); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// take adds what one front end and the judge found.
func take(a *report.Audit, res *judged, disabled map[string]bool) {
	out := res.Output
	a.Files += res.Files
	a.Frameworks = append(a.Frameworks, res.Frameworks...)
	a.Unparsed = append(append(a.Unparsed, res.Skipped...), res.Unread...)
	a.LeftOut = append(a.LeftOut, res.LeftOut...)
	for _, f := range res.LeftOut {
		if i := serviceOf(a.Services, f.File); i >= 0 {
			a.Services[i].Files--
		}
	}
	a.Partial = append(a.Partial, res.Partial...)
	a.Patterns = append(a.Patterns, res.Patterns...)
	if a.Database == nil {
		a.Database = &[]report.DatabaseUse{}
	}
	*a.Database = append(*a.Database, res.Databases...)
	for _, f := range out.Findings {
		if !disabled[f.Rule] {
			a.Findings = append(a.Findings, f)
		}
	}
	a.Findings = append(a.Findings, res.Atomic...)
	a.Negatives = append(a.Negatives, out.Negatives...)
	a.Tasks = append(a.Tasks, out.Tasks...)
	a.Locks = append(a.Locks, out.Locks...)
	a.Threads = append(a.Threads, out.Threads...)
	a.Counts["files"] += res.Files
	a.Counts["prefiltered"] += res.Irrelevant
	a.Counts["skipped"] += len(res.Skipped)
	if res.Aside > 0 {
		a.Counts["aside"] += res.Aside
	}
	a.Counts["functions"] += res.Functions
}

// finish applies the project's settings and comments, and gathers counts and source lines.
func finish(a *report.Audit, t *tree, cfg *config.Config, comments []suppress.Comment, disabled map[string]bool) {
	a.Findings = configured(a.Findings, t, cfg)
	suppress.Sort(comments)
	notices := suppress.Apply(a.Findings, comments, suppress.Options{
		Known:   func(rule string) bool { _, ok := rules.Get(rule); return ok },
		Suggest: func(rule string) string { return config.Suggest(rule, rules.Names()) },
		Active:  func(rule string) bool { return !disabled[rule] },
		Source:  t.text,
	})
	if !disabled[suppress.Rule] {
		a.Findings = append(a.Findings, configured(notices, t, cfg)...)
	}
	slices.SortStableFunc(a.Findings, func(x, y report.Finding) int {
		return cmp.Or(strings.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line),
			cmp.Compare(x.Column, y.Column), strings.Compare(x.Rule, y.Rule))
	})
	slices.SortFunc(a.Unparsed, func(x, y report.Skipped) int {
		return cmp.Or(strings.Compare(x.File, y.File), strings.Compare(x.Reason, y.Reason))
	})
	slices.Sort(a.Frameworks)
	a.Frameworks = slices.Compact(a.Frameworks)
	for i := range a.Findings {
		if a.Findings[i].Suppressed != nil {
			a.Counts["suppressed"]++
		}
	}
	a.Counts["analysed"] = max(0, a.Files-a.Counts["prefiltered"]-a.Counts["aside"]-a.Counts["skipped"])
	ratePatterns(a)
	a.Advice = advise.Recommend(a)
	// A file that has gone since it was read loses its excerpts, nothing else.
	_ = a.AddExcerpts(func(file string) ([]byte, error) { return t.read(file) })
}

// configured applies the severities and exceptions that the configuration gives to paths.
func configured(findings []report.Finding, t *tree, cfg *config.Config) []report.Finding {
	out := findings[:0]
	for _, f := range findings {
		ignored, severity := cfg.RuleAt(t.abs(f.File), f.Rule)
		if ignored {
			continue
		}
		f.Severity = cmp.Or(report.Severity(severity), f.Severity)
		out = append(out, f)
	}
	return out
}

// ratePatterns tells each file's patterns what was found in the file.
func ratePatterns(a *report.Audit) {
	at := map[string]int{}
	for i, p := range a.Patterns {
		at[p.File] = i
	}
	for _, f := range a.Findings {
		i, ok := at[f.File]
		if !ok || f.Suppressed != nil {
			continue
		}
		p := &a.Patterns[i]
		p.Findings++
		if p.Worst == "" || Rank(f.Severity) > Rank(p.Worst) {
			p.Worst = f.Severity
		}
	}
}

// Disabled returns the rules that do not run.
func Disabled(cfg *config.Config) map[string]bool {
	off := map[string]bool{}
	for _, name := range rules.Names() {
		off[name] = len(cfg.Select) > 0 && !slices.Contains(cfg.Select, name) || slices.Contains(cfg.Ignore, name)
	}
	return off
}

func excluder(cfg *config.Config) func(string) bool {
	if len(cfg.Exclude) == 0 {
		return nil
	}
	return cfg.Excluded
}

// counter counts reads over all front ends.
func counter(progress func(done, total int)) func(more int) func() {
	if progress == nil {
		return func(int) func() { return func() {} }
	}
	var done, total atomic.Int64
	return func(more int) func() {
		total.Add(int64(more))
		return func() { progress(int(done.Add(1)), int(total.Load())) }
	}
}

// today is the date of the audit; SOURCE_DATE_EPOCH makes it reproducible.
func today() (string, error) {
	now := time.Now()
	if v := os.Getenv("SOURCE_DATE_EPOCH"); v != "" {
		seconds, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return "", fmt.Errorf("SOURCE_DATE_EPOCH is %q; it must be a number of seconds", v)
		}
		now = time.Unix(seconds, 0)
	}
	return now.UTC().Format(time.DateOnly), nil
}

// shownRoot is the root as the user would write it.
func shownRoot(paths []string, root string) string {
	if slices.ContainsFunc(paths, filepath.IsAbs) {
		return filepath.ToSlash(root)
	}
	wd, err := os.Getwd()
	if err != nil {
		return filepath.ToSlash(root)
	}
	rel, err := filepath.Rel(wd, root)
	if err != nil {
		return filepath.ToSlash(root)
	}
	return filepath.ToSlash(rel)
}
