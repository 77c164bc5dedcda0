package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/flow"
	goscan "github.com/toctou-lint/toctou/internal/golang"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/pyscan"
)

func (a *app) debugCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "debug",
		Short: "Look inside the analysis",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "flow FILE",
		Short: "Print what the engine sees of a file, and the windows that it finds",
		Long: `flow prints every function of a Python or Go file as the events that the engine works on, each
followed by the windows found in it. A Go file is loaded with its package. A file that ends in .flow is
read as such events.`,
		Args: oneArg("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := os.Stat(args[0]); errors.Is(err, fs.ErrNotExist) {
				return usage("%s: no such file or folder", args[0])
			}
			switch filepath.Ext(args[0]) {
			case ".flow":
				return a.debugFlowText(args[0])
			case ".go":
				return a.debugFlowGo(cmd.Context(), args[0])
			}
			return a.debugFlow(cmd.Context(), args[0])
		},
	})
	return cmd
}

func (a *app) debugFlowText(file string) error {
	src, err := walk.Read(file, audit.MaxSize)
	if err != nil {
		return usage("%s %w", file, err)
	}
	f, err := flow.Parse(bytes.NewReader(src))
	if err != nil {
		return usage("%s: %w", file, err)
	}
	if err := flow.Print(a.stdout, f, nil); err != nil {
		return fail(exitUsage, err)
	}
	return fail(exitUsage, printWindows(a.stdout, f, flow.Analyze(f), nil))
}

func (a *app) debugFlow(ctx context.Context, file string) error {
	src, err := walk.Read(file, audit.MaxSize+1)
	if err != nil {
		return usage("%s %w", file, err)
	}
	name := filepath.ToSlash(filepath.Base(file))
	res, err := pyscan.Scan(ctx, []pyscan.Source{{Path: name, Read: func(*[]byte) ([]byte, error) { return src, nil }}}, pyscan.Options{})
	if err != nil {
		return fail(exitNothing, err)
	}
	for _, s := range res.Skipped {
		fmt.Fprintf(a.stderr, "toctou: %s: %s\n", s.File, s.Reason)
	}
	if res.Irrelevant > 0 {
		fmt.Fprintf(a.stderr, "toctou: %s holds none of the words that can matter\n", file)
	}
	for _, u := range res.Units {
		linked, err := u.Link(ctx, nil)
		if err != nil {
			return fail(exitNothing, err)
		}
		if err := a.printProgram(linked.Program, name); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) debugFlowGo(ctx context.Context, file string) error {
	if _, err := walk.Read(file, audit.MaxSize+1); err != nil {
		return usage("%s %w", file, err)
	}
	p, err := goscan.Program(ctx, file)
	if err != nil {
		return fail(exitNothing, fmt.Errorf("%s: %w", file, err))
	}
	if p == nil {
		fmt.Fprintf(a.stderr, "toctou: the package of %s holds nothing that can matter\n", file)
		return nil
	}
	file, err = filepath.Abs(file)
	if err != nil {
		return fail(exitUsage, err)
	}
	return a.printProgram(p, file)
}

// printProgram prints the functions of one file.
func (a *app) printProgram(p *verdict.Program, file string) error {
	where := func(pos flow.Pos) string {
		s := p.Site(pos)
		return fmt.Sprintf("%d:%d", s.Line, s.Col)
	}
	for i := range p.Funcs {
		if p.Site(p.Funcs[i].Pos).File != file {
			continue
		}
		if err := printFunc(a.stdout, &p.Funcs[i], where); err != nil {
			return fail(exitUsage, err)
		}
	}
	return nil
}

func printFunc(w io.Writer, f *verdict.Func, where func(flow.Pos) string) error {
	if f.Flow == nil {
		return nil
	}
	if err := flow.Print(w, f.Flow, where); err != nil {
		return err
	}
	res := f.Result
	if res == nil {
		res = flow.Analyze(f.Flow)
	}
	return printWindows(w, f.Flow, res, where)
}

var (
	stateNames = map[flow.State]string{flow.Open: "open", flow.Latent: "latent", flow.Covered: "covered"}
	useNames   = []struct {
		use  flow.Use
		name string
	}{{flow.UseControl, "control"}, {flow.UseData, "data"}, {flow.UseNeed, "need"}}
)

// printWindows prints windows as comments of the text form.
func printWindows(w io.Writer, f *flow.Func, res *flow.Result, where func(flow.Pos) string) error {
	if where == nil {
		where = func(p flow.Pos) string { return fmt.Sprintf("@%d", p) }
	}
	at := func(r flow.Ref) string {
		if int(r.Block) >= len(f.Blocks) || int(r.Index) >= len(f.Blocks[r.Block].Events) {
			return "?"
		}
		return where(f.Blocks[r.Block].Events[r.Index].Pos)
	}
	var b strings.Builder
	for _, win := range res.Windows {
		var uses []string
		for _, u := range useNames {
			if win.Use&u.use != 0 {
				uses = append(uses, u.name)
			}
		}
		fmt.Fprintf(&b, "# %s %s: check %s", stateNames[win.State], f.Places[win.Place].Path, at(win.Check))
		if win.State == flow.Open {
			fmt.Fprintf(&b, ", expires %s", at(win.Expiry))
		}
		fmt.Fprintf(&b, ", act %s, uses %s\n", at(win.Act), strings.Join(uses, "+"))
	}
	if res.Partial != "" {
		fmt.Fprintf(&b, "# analysed in part: %s\n", res.Partial)
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}
