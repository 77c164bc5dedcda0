package cli

import (
	"context"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/lsp"
	"github.com/toctou-lint/toctou/internal/rules"
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
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return fail(exitUsage, lsp.Serve(cmd.Context(), stdio{a.stdin, a.stdout}, lsp.Options{
				Version: version(),
				Delay:   lspDelay,
				Project: func(file string) string { return config.ProjectRoot(filepath.Dir(file)) },
				Analyse: analyseForEditor,
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

func analyseForEditor(ctx context.Context, project string, texts map[string][]byte) (*lsp.Analysis, error) {
	cfg, err := config.Load(project)
	if err != nil {
		return nil, err
	}
	au, err := audit.Run(ctx, audit.Request{Paths: []string{project}, Config: cfg, Version: version(), Overlay: texts})
	if err != nil {
		return nil, err
	}
	d := display(cfg, "")
	return &lsp.Analysis{Audit: au, Shown: func(f *report.Finding) bool { return d.Shows(f) }}, nil
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
