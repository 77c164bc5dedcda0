package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/toctou-lint/toctou/report/render"
)

// maxAudit bounds a stored audit.
const maxAudit = 1 << 30

func (a *app) renderCommand() *cobra.Command {
	var f scanFlags
	cmd := &cobra.Command{
		Use:   "render AUDIT.json",
		Short: "Write a stored JSON audit in another format",
		Long: `render reads an audit or check in JSON (- for standard input) and writes it in another format. It
analyses nothing and needs no source: what is shown is what was found when the audit was made.`,
		Example: `  toctou audit . --format json -o audit.json
  toctou render audit.json --format markdown -o AUDIT.md`,
		Args: oneArg("a JSON audit (- for standard input)"),
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.format, "format", "f", "markdown", "output `FORMAT`: "+strings.Join(render.Formats(), ", "))
	fl.StringVarP(&f.output, "output", "o", "", "write to `FILE` instead of standard output, all of it or nothing")
	fl.StringVar(&f.baseline, "baseline", "", "compare with `FILE`, an earlier audit in JSON")
	fl.StringVar(&f.color, "color", "auto", "colour: `WHEN` is auto, always, never")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if err := f.checkValues(); err != nil {
			return err
		}
		if err := f.prepareOutput(); err != nil {
			return err
		}
		data, err := a.readInput(args[0], maxAudit)
		if err != nil {
			return fail(exitUsage, err)
		}
		au, err := render.Decode(bytes.NewReader(data))
		if err != nil {
			return usage("%s: %w", args[0], err)
		}
		opt, err := f.compared(au)
		if err != nil {
			return err
		}
		return fail(exitUsage, a.write(&f, au, opt))
	}
	return cmd
}

// readInput reads a file, or standard input for "-".
func (a *app) readInput(name string, limit int64) ([]byte, error) {
	in := a.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	} else {
		name = "standard input"
	}
	data, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, limit)
	}
	return data, nil
}
