package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/rules"
)

func (a *app) explainCommand() *cobra.Command {
	var f scanFlags
	cmd := &cobra.Command{
		Use:   "explain RULE|FILE:LINE",
		Short: "Explain a rule, or why a line is reported or not",
		Long: `explain prints the page of a rule: why it matters, what counts, when it is silent.

For FILE:LINE it analyses the project around the file and says what is reported there and how it
can happen, or why what looks like a race there is none.`,
		Example: `  toctou explain checkthenact
  toctou explain services/jobs/manager.py:257`,
		Args:              oneArg("a RULE or FILE:LINE"),
		ValidArgsFunction: cobra.FixedCompletions(rules.Names(), cobra.ShellCompDirectiveDefault), // or a file
		RunE: func(cmd *cobra.Command, args []string) error {
			if file, line, ok := location(args[0]); ok {
				f.format = "text"
				return a.explainLine(cmd.Context(), &f, file, line)
			}
			return a.explainRule(args[0])
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.config, "config", "", "read `FILE` instead of the nearest toctou.yml")
	fl.StringVar(&f.concurrency, "concurrency", "", "`MODEL` of Python code: asyncio, preemptive (default asyncio)")
	fl.StringVar(&f.color, "color", "auto", "colour: `WHEN` is auto, always, never")
	return cmd
}

func (a *app) explainRule(name string) error {
	r, ok := rules.Get(name)
	if !ok {
		file, _, _ := strings.Cut(name, ":")
		if _, err := os.Stat(file); err == nil && name != "" {
			return usage("%s is a file: name a line of it, too, as in `toctou explain %s:12`", file, file)
		}
		return usage("there is no rule %q%s", name, config.Suggest(name, rules.Names()))
	}
	facts := []string{"severity: up to " + r.Severity, "languages: " + strings.Join(r.Languages, ", ")}
	for _, n := range r.CWE {
		facts = append(facts, fmt.Sprintf("CWE-%d", n))
	}
	facts = append(facts, "since "+r.Since)
	heading, body, _ := strings.Cut(r.Page, "\n")
	_, err := fmt.Fprintf(a.stdout, "%s: %s\n(%s)\n%s", heading, r.Title, strings.Join(facts, " · "), body)
	return fail(exitUsage, err)
}

func (a *app) rulesCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List the rules",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			write, ok := ruleLists[format]
			if !ok {
				return usage("--format: %q is none of text, json, markdown", format)
			}
			return fail(exitUsage, write(a.stdout, rules.All()))
		},
	}
	cmd.Flags().StringVarP(&format, "format", "f", "text", "output format: text, json, markdown")
	return cmd
}

var ruleLists = map[string]func(io.Writer, []rules.Rule) error{
	"text": func(w io.Writer, list []rules.Rule) error {
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, r := range list {
			fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", r.Name, r.Severity, strings.Join(r.Languages, ", "), r.Title)
		}
		return tw.Flush()
	},
	"json": func(w io.Writer, list []rules.Rule) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(list)
	},
	"markdown": func(w io.Writer, list []rules.Rule) error {
		var b strings.Builder
		b.WriteString("| rule | severity up to | languages | reports |\n|---|---|---|---|\n")
		for _, r := range list {
			fmt.Fprintf(&b, "| [`%s`](%s.md) | %s | %s | %s |\n", r.Name, r.Name, r.Severity, strings.Join(r.Languages, ", "), r.Title)
		}
		_, err := io.WriteString(w, b.String())
		return err
	},
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.stdout, "toctou %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return fail(exitUsage, err)
		},
	}
}

// Version is set by release builds; others take what the Go tool recorded.
var Version = ""

func version() string {
	if Version != "" {
		return Version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
