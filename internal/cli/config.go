package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/walk"
)

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show, start or describe the configuration",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "show [PATH]",
			Short: "Print the settings in force for a path, and where they come from",
			Args:  cobra.MaximumNArgs(1),
			RunE:  func(_ *cobra.Command, args []string) error { return a.configShow(append(args, ".")[0]) },
		},
		&cobra.Command{
			Use:   "init",
			Short: "Write a toctou.yml in which every setting is explained",
			Args:  noArgs,
			RunE:  func(*cobra.Command, []string) error { return a.configInit() },
		},
		&cobra.Command{
			Use:   "schema",
			Short: "Print the JSON Schema of toctou.yml, for editors",
			Args:  noArgs,
			RunE: func(*cobra.Command, []string) error {
				data, err := config.Schema()
				if err == nil {
					_, err = a.stdout.Write(data)
				}
				return fail(exitUsage, err)
			},
		},
	)
	return cmd
}

func (a *app) configShow(path string) error {
	root, err := walk.Root([]string{path})
	if err != nil {
		return fail(exitUsage, err)
	}
	cfg, err := config.Load(root)
	if err != nil {
		return fail(exitUsage, err)
	}
	data, err := cfg.YAML()
	if err != nil {
		return fail(exitUsage, err)
	}
	from := "no configuration file found; these are the defaults"
	if cfg.File != "" {
		from = "from " + cfg.File
	}
	_, err = fmt.Fprintf(a.stdout, "# %s\n%s", from, data)
	return fail(exitUsage, err)
}

func (a *app) configInit() error {
	name := config.FileNames[0]
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usage("%s exists already; `toctou config show` prints what is in force", name)
	}
	if err != nil {
		return fail(exitUsage, err)
	}
	_, err = f.Write(config.Template())
	if err = errors.Join(err, f.Close()); err != nil {
		return fail(exitUsage, err)
	}
	fmt.Fprintf(a.stderr, "toctou: wrote %s\n", name)
	return nil
}
