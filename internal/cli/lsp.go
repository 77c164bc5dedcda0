package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/lsp"
	"github.com/toctou-lint/toctou/internal/rules"
	"github.com/toctou-lint/toctou/pyscan"
	"github.com/toctou-lint/toctou/report"
)

// lspDelay is how long the server waits for the next keystroke.
const lspDelay = 300 * time.Millisecond

func (a *app) lspCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "lsp",
		Short: "Serve an editor (Language Server Protocol, on standard input and output)",
		Long: `lsp shows findings while code is written: diagnostics with the places they speak of, the
interleaving on hovering, and code actions that apply a fix or start a suppression. Open files are
analysed as they are in the editor, together with the project around them.

The initialization option {"codeLens": true} also shows why what looks like a race is none.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if isTerminal(a.stdin) {
				fmt.Fprintln(a.stderr, "toctou: waiting for an editor on standard input; Ctrl-C ends")
			}
			e := editor{caches: map[string]*pyscan.Cache{}}
			return fail(exitUsage, lsp.Serve(cmd.Context(), stdio{a.stdin, a.stdout}, lsp.Options{
				Version: version(),
				Delay:   lspDelay,
				Project: func(file string) string { return config.ProjectRoot(filepath.Dir(file)) },
				Analyse: e.analyse,
				Fix:     e.fix,
				RuleURL: func(name string) string {
					if r, ok := rules.Get(name); ok {
						return r.URL()
					}
					return ""
				},
			}))
		},
	}
}

// editor is what a language server keeps between analyses.
type editor struct {
	mu     sync.Mutex
	caches map[string]*pyscan.Cache // by project
}

func (e *editor) request(project string, texts map[string][]byte) (audit.Request, error) {
	cfg, err := config.Load(project)
	if err != nil {
		return audit.Request{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.caches[project] == nil {
		e.caches[project] = &pyscan.Cache{}
	}
	return audit.Request{Paths: []string{project}, Config: cfg, Version: version(), Overlay: texts, Cache: e.caches[project]}, nil
}

func (e *editor) analyse(ctx context.Context, project string, texts map[string][]byte) (*lsp.Analysis, error) {
	req, err := e.request(project, texts)
	if err != nil {
		return nil, err
	}
	au, err := audit.Run(ctx, req)
	if err != nil {
		return nil, err
	}
	d := display(req.Config, "")
	return &lsp.Analysis{Audit: au, Shown: func(f *report.Finding) bool { return d.Shows(f) }}, nil
}

// fix adds the fixes of what is shown in open files.
func (e *editor) fix(ctx context.Context, project string, texts map[string][]byte, found *lsp.Analysis) (*lsp.Analysis, error) {
	req, err := e.request(project, texts)
	if err != nil {
		return nil, err
	}
	au := *found.Audit
	au.Findings = slices.Clone(au.Findings)
	err = audit.AddRemedies(ctx, req, &au, func(f *report.Finding) bool {
		_, open := texts[filepath.Join(project, filepath.FromSlash(f.File))]
		return open && found.Shown(f)
	})
	return &lsp.Analysis{Audit: &au, Shown: found.Shown}, err
}

// stdio is the stream of a server that talks over standard input and output.
type stdio struct {
	io.Reader
	io.Writer
}

func (s stdio) Close() error {
	if c, ok := s.Reader.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
