// Package goscan runs the Go analysers over the modules under a path and returns their findings
// as plain data.
//
// It prefers `go vet` with this very binary as the tool, for its cache; where vet cannot load the
// packages it loads them itself, and says so. It never changes a file, never runs code under
// analysis, and never fetches anything that the go command would not.
package goscan

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

// Drivers.
const (
	DriverAuto     = ""         // vet, and packages where vet cannot load
	DriverVet      = "vet"      // go vet -vettool
	DriverPackages = "packages" // load and analyse in this process
)

// Options are the settings of a scan.
type Options struct {
	Driver  string
	Self    string            // the binary that serves as vet tool: one whose main calls vettool.Main; os.Executable if empty
	Flags   []string          // analyser flags, "-checkthenact.tests" and the like
	Env     []string          // environment of the go command; os.Environ if nil
	Overlay map[string][]byte // text by absolute path, in place of the file's own
	Fixes   bool              // findings carry the edits that the analysers propose
}

func (o *Options) environ() []string {
	if o.Env == nil {
		return os.Environ()
	}
	return o.Env
}

// Result is what a scan found. File names are absolute.
type Result struct {
	Findings  []report.Finding // suppressed ones included, with Suppressed set; in source order, each once
	Files     int
	Analysed  []string // the files that were analysed, absolute
	Functions int
	Modules   []string         // directories, absolute
	Skipped   []report.Skipped // packages and modules that were not analysed, and why
	Notices   []string         // what the user should know about how the scan was done
	Tasks     []report.TaskUse
	Locks     []report.LockUse
	Negatives []report.Negative
	Partial   []report.Partial
	Patterns  []report.FilePattern
	Databases []report.DatabaseUse
}

// ErrNoGo means that the go command is not there.
var ErrNoGo = errors.New("the go command is not in PATH: install Go, or leave Go out with --lang python")

// Scan analyses the Go modules under dir: those whose go.mod is in or below it, or else the module
// that contains it. A tree without Go gives an empty result. What cannot be loaded is listed in
// Skipped; the error is for what stops the whole scan.
func Scan(ctx context.Context, dir string, opt Options) (res *Result, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	roots, err := modules(dir)
	if err != nil {
		return nil, err
	}
	c := newCollector(dir, roots)
	if c.overlay, err = newOverlay(opt.Overlay); err != nil {
		return nil, err
	}
	if c.overlay != nil {
		defer func() { err = errors.Join(err, c.overlay.close()) }()
	}
	for _, root := range roots {
		at := root
		if strings.HasPrefix(dir, root+string(filepath.Separator)) {
			at = dir
		}
		if err := scanModule(ctx, at, opt, c); err != nil {
			return nil, err
		}
	}
	return c.finish(), nil
}

func scanModule(ctx context.Context, dir string, opt Options, c *collector) error {
	if opt.Driver != DriverPackages {
		why, err := vet(ctx, dir, opt, c)
		if err == nil && strings.Contains(why, "go.work") { // a module that the workspace around it does not name
			opt.Env = append(slices.Clip(opt.environ()), "GOWORK=off")
			why, err = vet(ctx, dir, opt, c)
		}
		switch {
		case err != nil:
			return err
		case why == "":
			return nil
		case opt.Driver == DriverVet:
			c.skip(dir, why)
			return nil
		}
		c.res.Notices = append(c.res.Notices, fmt.Sprintf("go vet cannot load %s (%s): loading the packages without its cache", dir, firstLine(why)))
	}
	return load(ctx, dir, opt, c)
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

// skippedDirs are folders that hold no module of the project itself.
var skippedDirs = []string{"vendor", "testdata", "node_modules"}

// modules finds the modules under dir, or the one around it.
func modules(dir string) ([]string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	var roots []string
	goFiles := false
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			if d != nil && d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.IsDir() && path != dir && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") || slices.Contains(skippedDirs, d.Name())):
			return filepath.SkipDir
		case !d.IsDir() && d.Name() == "go.mod":
			roots = append(roots, filepath.Dir(path))
		case !d.IsDir() && strings.HasSuffix(path, ".go"):
			goFiles = true
		}
		return nil
	})
	if err != nil || slices.Contains(roots, dir) || !goFiles {
		return roots, err
	}
	for up := filepath.Dir(dir); ; up = filepath.Dir(up) {
		if _, err := os.Stat(filepath.Join(up, "go.mod")); err == nil {
			return append([]string{up}, roots...), nil
		}
		if up == filepath.Dir(up) {
			return roots, nil
		}
	}
}
