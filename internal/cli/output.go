package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/toctou-lint/toctou/internal/rules"
	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/render"
)

// write renders to the output file, all of it or nothing, or to standard output.
func (a *app) write(f *scanFlags, au *report.Audit, opt render.Options) error {
	opt.Rules = ruleInfo()
	if f.output == "" || f.output == "-" {
		opt.Color = useColor(f.color, a.stdout)
		opt.Width = terminalWidth(a.stdout)
		return render.Render(a.stdout, f.format, au, opt)
	}
	opt.Color = f.color == "always"
	var buf bytes.Buffer
	if err := render.Render(&buf, f.format, au, opt); err != nil {
		return err
	}
	return writeFile(f.output, buf.Bytes())
}

// ruleInfo is what renderers say about rules.
func ruleInfo() map[string]render.RuleInfo {
	out := map[string]render.RuleInfo{}
	for _, r := range rules.All() {
		out[r.Name] = render.RuleInfo{Name: r.Name, Title: r.Title, Summary: r.Summary, Help: r.Page, URL: r.URL(), CWE: r.CWE}
	}
	return out
}

// checkOutput reports why a file cannot be written.
func checkOutput(file string) error {
	if file == "-" {
		return nil
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return fmt.Errorf("-o: %s is a folder", file)
	}
	dir := filepath.Dir(file)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("-o: there is no folder %s", dir)
	}
	if special(file) {
		return nil
	}
	tmp, err := os.CreateTemp(dir, temporary)
	if err != nil {
		return fmt.Errorf("-o: no file can be made in %s: %w", dir, errors.Unwrap(err))
	}
	return errors.Join(tmp.Close(), os.Remove(tmp.Name()))
}

// temporary are the names of files on their way to their place.
const temporary = ".toctou-*.tmp"

// special says whether there is something by that name that is no regular file.
func special(file string) bool {
	info, err := os.Stat(file)
	return err == nil && !info.Mode().IsRegular()
}

// writeFile writes a file all of it or nothing: a reader never sees a part, and a failed run
// leaves the old content. What is no regular file, such as /dev/stdout, is written directly.
func writeFile(file string, data []byte) (err error) {
	mode := os.FileMode(0o644)
	if special(file) {
		return os.WriteFile(file, data, mode)
	}
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
		if target, err := filepath.EvalSymlinks(file); err == nil {
			file = target
		}
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), temporary)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	if _, err := io.Copy(tmp, bytes.NewReader(data)); err != nil {
		return err
	}
	if err := tmp.Chmod(mode); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}
