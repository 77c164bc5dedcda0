package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/changed"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/compare"
	"github.com/toctou-lint/toctou/report/render"
)

// fromStdin makes standard input the one file that is analysed.
func (a *app) fromStdin(name string, req *audit.Request, paths []string) error {
	if len(paths) > 0 && !slices.Equal(paths, []string{"-"}) {
		return usage("--stdin-filename takes no paths but -")
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return fail(exitUsage, err)
	}
	text, err := io.ReadAll(io.LimitReader(a.stdin, audit.MaxSize+1))
	if err != nil {
		return usage("read standard input: %w", err)
	}
	req.Paths = []string{filepath.Dir(name)}
	req.Virtual = abs
	req.Overlay = map[string][]byte{abs: text}
	return nil
}

// narrow leaves only the findings that are new, in the sense of --diff and --baseline. It counts
// those that would be shown otherwise.
func (f *scanFlags) narrow(ctx context.Context, au *report.Audit, paths []string, shows func(*report.Finding) bool) (*report.Audit, error) {
	out := *au
	out.Counts = maps.Clone(au.Counts)
	visible := func() (n int) {
		for i := range out.Findings {
			if out.Findings[i].Suppressed == nil && shows(&out.Findings[i]) {
				n++
			}
		}
		return n
	}
	left := func(before int, name string) {
		if gone := before - visible(); gone > 0 {
			out.Counts[name] = gone
		}
	}
	if f.baseline != "" {
		old, err := readAudit(f.baseline)
		if err != nil {
			return nil, usage("--baseline: %w", err)
		}
		diff, err := compare.Compare(old, au)
		if err != nil {
			return nil, usage("--baseline %s: %w", f.baseline, err)
		}
		before := visible()
		out.Findings = []report.Finding{}
		for i := range au.Findings {
			if diff.State(&au.Findings[i]) != compare.Unchanged {
				out.Findings = append(out.Findings, au.Findings[i])
			}
		}
		left(before, "known")
	}
	if f.diff != "" {
		if len(paths) == 0 {
			paths = []string{"."}
		}
		root, err := walk.Root(paths)
		if err != nil {
			return nil, fail(exitUsage, err)
		}
		set, err := changed.Since(ctx, root, f.diff, func(file string) ([]byte, error) {
			return walk.Read(filepath.Join(root, filepath.FromSlash(file)), audit.MaxSize)
		})
		if err != nil {
			return nil, usage("--diff: %w", err)
		}
		before := visible()
		if out.Findings, err = set.Filter(out.Findings); err != nil {
			return nil, usage("--diff: %w", err)
		}
		left(before, "elsewhere")
	}
	return &out, nil
}

// compared prepares a rendering that tells what has changed since the baseline.
func (f *scanFlags) compared(au *report.Audit) (render.Options, error) {
	var opt render.Options
	if f.baseline == "" {
		return opt, nil
	}
	old, err := readAudit(f.baseline)
	if err != nil {
		return opt, usage("--baseline: %w", err)
	}
	if opt.Baseline, err = compare.Compare(old, au); err != nil {
		return opt, usage("--baseline %s: %w", f.baseline, err)
	}
	return opt, nil
}

func readAudit(file string) (*report.Audit, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	au, err := render.Decode(io.LimitReader(f, maxAudit))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return au, nil
}
