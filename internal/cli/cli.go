// Package cli is the command line: flags and configuration in, an audit made, a rendering out.
//
// It decides what is asked and where the answer goes, and turns outcomes into exit codes. It
// analyses nothing and words no finding.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes, the same for every command and format.
const (
	exitClean       = 0   // nothing at the threshold
	exitFindings    = 1   // findings at the threshold
	exitUsage       = 2   // usage or configuration error
	exitNothing     = 3   // nothing could be analysed; with --strict: something could not
	exitInterrupted = 130 // Ctrl-C, as shells have it
)

// app is one run of the program.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	code           int // the exit code of a command that ran to its end
}

// failure is an error with its exit code.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func fail(code int, err error) error {
	if err == nil {
		return nil
	}
	return &failure{code, err}
}

// Run runs the command that args name and returns the exit code. When ctx is done it returns at
// once and leaves no partial output behind.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{stdin: stdin, stdout: stdout, stderr: stderr}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return a.code
	case ctx.Err() != nil:
		if errors.Is(err, ctx.Err()) {
			err = errors.New("stopped")
		}
		fmt.Fprintf(stderr, "toctou: %v\n", err)
		return exitInterrupted
	}
	f, ok := errors.AsType[*failure](err)
	if !ok { // cobra's own: flags and arguments
		fmt.Fprintf(stderr, "toctou: %s\nRun '%s --help' for usage.\n", usageText(err), cmd.CommandPath())
		return exitUsage
	}
	fmt.Fprintf(stderr, "toctou: %v\n", f.err)
	return f.code
}

// usageText puts cobra's suggestions on one line.
func usageText(err error) string {
	text, hint, ok := strings.Cut(err.Error(), "\n\nDid you mean this?\n")
	if ok {
		return text + "; did you mean " + strings.Join(strings.Fields(hint), " or ") + "?"
	}
	if text, _, ok := strings.Cut(text, ": strconv."); ok {
		return text + ": it is no number"
	}
	return text
}

// noArgs is for commands that take none.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if !cmd.HasAvailableSubCommands() {
		return fmt.Errorf("%s takes no arguments, but was given %q", own(cmd), args[0])
	}
	hint := ""
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return fmt.Errorf("unknown command %q for %q%s", args[0], cmd.CommandPath(), hint)
}

// oneArg is for commands that take exactly one, what.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return fmt.Errorf("%s needs %s", own(cmd), what)
		case len(args) > 1:
			return fmt.Errorf("%s takes one argument, %s, but was given %d", own(cmd), what, len(args))
		}
		return nil
	}
}

// own is a command without the name of the program.
func own(cmd *cobra.Command) string {
	_, name, _ := strings.Cut(cmd.CommandPath(), " ")
	return name
}

const about = `toctou finds state that was checked, then acted on after someone else had the chance to
change it, and tasks that nobody tracks, in Python (asyncio, anyio, trio, threads) and Go.`

const exitCodes = `Exit codes, the same for every format:
  0  nothing at the threshold
  1  findings at the threshold (--fail-on, --min-confidence)
  2  usage or configuration error
  3  nothing could be analysed; with --strict: something could not`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "toctou",
		Short: "Find async TOCTOU races and untracked tasks",
		Long:  about + "\n\n" + exitCodes,
		Example: `  toctou check .                     what is wrong here, as drawings of the source
  toctou audit services -o AUDIT.md  the whole audit as a document
  toctou explain checkthenact        what a rule means and when it is silent`,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.AddGroup(
		&cobra.Group{ID: "find", Title: "Find:"},
		&cobra.Group{ID: "understand", Title: "Understand:"},
		&cobra.Group{ID: "more", Title: "More:"},
	)
	group := func(id string, cmds ...*cobra.Command) {
		for _, c := range cmds {
			c.GroupID = id
			root.AddCommand(c)
		}
	}
	group("find", a.checkCommand(), a.auditCommand(), a.fixCommand(), a.renderCommand())
	group("understand", a.explainCommand(), a.rulesCommand())
	group("more", a.configCommand(), a.lspCommand(), a.debugCommand(), a.versionCommand())
	root.SetHelpCommand(helpCommand())
	root.SetHelpCommandGroupID("more")
	root.SetCompletionCommandGroupID("more")
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		c.SuggestionsMinimumDistance = 2
		if c.Name() == "completion" { // an unknown shell is a mistake, not a question
			c.Args = noArgs
			c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
	return root
}

// helpCommand is `toctou help COMMAND`, for which an unknown command is a mistake.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			if c, _, err := cmd.Root().Find(args); err == nil {
				for _, sub := range c.Commands() {
					if sub.IsAvailableCommand() {
						names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return fmt.Errorf("there is no command %q", strings.Join(args, " "))
			}
			c.InitDefaultHelpFlag()
			return c.Help()
		},
	}
}

// usage is an error in how the program was called.
func usage(format string, args ...any) error {
	return fail(exitUsage, fmt.Errorf(format, args...))
}
