// Package walk finds the source files under the given paths.
//
// Inside a git work tree it asks git which files are not ignored; elsewhere it walks the tree.
// Virtual environments, dependencies and caches are passed over. Whatever cannot be read is
// listed with the reason and never stops the walk. The package follows no symbolic link out of
// the given paths, opens nothing but regular files, and executes nothing but git.
package walk

import (
	"bytes"
	"cmp"
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

// Languages of files.
const (
	Python = "python"
	Go     = "go"
)

// File is one source file.
type File struct {
	Abs      string // for reading
	Rel      string // slash-separated, relative to Result.Root
	Language string
}

// Result is what was found, in order of Rel.
type Result struct {
	Root    string // absolute: the folder that was given, or the nearest one common to all paths
	Files   []File
	Other   map[string]int // files in languages that no front end reads, by language
	Skipped []report.Skipped
}

// Options refine a walk.
type Options struct {
	Exclude func(abs string) bool // files and folders to pass over silently; nil: none
	NoGit   bool                  // walk the tree itself, even inside a git work tree
	Virtual string                // a file that need not exist: taken instead of all paths
}

// Walk finds the files under paths. A file that is named itself is taken whatever it is called,
// ignored or excluded. The error is about the paths themselves: one that does not exist, or ctx
// being done.
func Walk(ctx context.Context, paths []string, opt Options) (*Result, error) {
	if opt.Virtual != "" {
		abs, err := filepath.Abs(opt.Virtual)
		if err != nil {
			return nil, err
		}
		file := File{Abs: abs, Rel: filepath.Base(abs), Language: cmp.Or(language(abs), Python)}
		return &Result{Root: filepath.Dir(abs), Files: []File{file}}, nil
	}
	root, err := Root(paths)
	if err != nil {
		return nil, err
	}
	w := &walker{opt: opt, root: root, seen: map[string]bool{}, marks: map[string]bool{}, other: map[string]int{}}
	var dirs, files []string
	for _, p := range paths {
		abs, info, err := stat(p)
		if err != nil {
			return nil, err
		}
		if info.IsDir() {
			dirs = append(dirs, abs)
		} else {
			files = append(files, abs)
		}
	}
	for _, dir := range dirs {
		if target, err := filepath.EvalSymlinks(dir); err == nil {
			w.given = append(w.given, target)
		}
	}
	for _, f := range files {
		w.explicit(f)
	}
	for _, dir := range dirs {
		if err := w.tree(ctx, dir); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(w.files, func(a, b File) int { return strings.Compare(a.Rel, b.Rel) })
	slices.SortFunc(w.skipped, func(a, b report.Skipped) int {
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Reason, b.Reason))
	})
	return &Result{Root: root, Files: w.files, Other: w.other, Skipped: w.skipped}, nil
}

// Root returns the folder that results are relative to: the folder given, the folder of the
// file given, or the nearest one common to several paths.
func Root(paths []string) (string, error) {
	root := ""
	for _, p := range paths {
		abs, info, err := stat(p)
		if err != nil {
			return "", err
		}
		if !info.IsDir() {
			abs = filepath.Dir(abs)
		}
		if root == "" {
			root = abs
		}
		for !within(abs, root) {
			root = filepath.Dir(root)
		}
	}
	return root, nil
}

func stat(p string) (string, fs.FileInfo, error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", nil, err
	}
	info, err := os.Stat(abs)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, fmt.Errorf("%s: no such file or folder", p)
	}
	if err != nil {
		return "", nil, fmt.Errorf("%s: %s", p, reason(err))
	}
	return abs, info, nil
}

type walker struct {
	opt     Options
	root    string
	given   []string        // the folders given, symbolic links resolved
	seen    map[string]bool // absolute paths taken or listed
	marks   map[string]bool // folder → passed over, and everything below it
	files   []File
	other   map[string]int
	skipped []report.Skipped
}

func (w *walker) rel(abs string) string {
	rel, err := filepath.Rel(w.root, abs)
	if err != nil {
		rel = abs
	}
	return filepath.ToSlash(rel)
}

func (w *walker) add(abs, language string) {
	if !w.seen[abs] {
		w.seen[abs] = true
		w.files = append(w.files, File{Abs: abs, Rel: w.rel(abs), Language: language})
	}
}

func (w *walker) skip(abs, why string) {
	if !w.seen[abs] {
		w.seen[abs] = true
		w.skipped = append(w.skipped, report.Skipped{File: w.rel(abs), Reason: why})
	}
}

// explicit takes a file that was named: everything that is not Go by its name is Python.
func (w *walker) explicit(abs string) {
	info, err := os.Stat(abs)
	switch {
	case err != nil:
		w.skip(abs, reason(err))
	case !info.Mode().IsRegular():
		w.skip(abs, "is "+kind(info.Mode())+", not a regular file")
	default:
		w.add(abs, cmp.Or(language(abs), Python))
	}
}

// tree takes what is below dir.
func (w *walker) tree(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	target, err := filepath.EvalSymlinks(dir)
	if err != nil {
		w.skip(dir, reason(err))
		return nil
	}
	if !w.opt.NoGit {
		if names, ok := gitFiles(ctx, target); ok {
			return w.listed(ctx, dir, names)
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return filepath.WalkDir(target, func(p string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		abs := dir + strings.TrimPrefix(p, target)
		if err != nil {
			w.skip(abs, reason(err))
			return nil // WalkDir goes on with what it could read
		}
		if p == target {
			return nil
		}
		if d.IsDir() {
			if w.passedOver(abs) {
				return filepath.SkipDir
			}
			return nil
		}
		w.entry(abs, d.Type())
		return nil
	})
}

// listed takes the files that git names, relative to dir.
func (w *walker) listed(ctx context.Context, dir string, names []string) error {
	w.marks[dir] = false
	for _, name := range names {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		abs := filepath.Join(dir, filepath.FromSlash(name))
		if w.below(filepath.Dir(abs)) {
			continue
		}
		info, err := os.Lstat(abs)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			// in the index, but not in the work tree
		case err != nil:
			w.skip(abs, reason(err))
		case info.IsDir(): // a submodule or a repository of its own
			if !w.passedOver(abs) {
				if err := w.tree(ctx, abs); err != nil {
					return err
				}
			}
		default:
			w.entry(abs, info.Mode())
		}
	}
	return nil
}

// below reports whether dir or a folder above it, up to the folder given, is passed over.
func (w *walker) below(dir string) bool {
	if passed, ok := w.marks[dir]; ok {
		return passed
	}
	passed := w.below(filepath.Dir(dir)) || w.passedOver(dir)
	w.marks[dir] = passed
	return passed
}

// entry takes one entry of a folder that is not a folder.
func (w *walker) entry(abs string, mode fs.FileMode) {
	lang := language(abs)
	if w.opt.Exclude != nil && w.opt.Exclude(abs) {
		return
	}
	switch {
	case mode.IsRegular():
		if lang != "" {
			w.add(abs, lang)
		} else if o := others[filepath.Ext(abs)]; o != "" && !w.seen[abs] {
			w.seen[abs] = true
			w.other[o]++
		}
	case mode&fs.ModeSymlink != 0:
		w.link(abs, lang)
	case lang != "":
		w.skip(abs, "is "+kind(mode)+", not a regular file")
	}
}

// link lists a symbolic link unless what it leads to is met under its own name.
func (w *walker) link(abs, lang string) {
	target, err := filepath.EvalSymlinks(abs)
	if err != nil {
		if lang != "" {
			w.skip(abs, "is a symbolic link that leads nowhere or in a circle")
		}
		return
	}
	for _, g := range w.given {
		if within(target, g) {
			return
		}
	}
	info, err := os.Stat(target)
	if err == nil && (lang != "" || info.IsDir()) {
		w.skip(abs, "is a symbolic link that leads out of the scanned paths; name its target to have it analysed")
	}
}

// passedOver reports whether a folder holds nothing that its owner wrote.
func (w *walker) passedOver(dir string) bool {
	if foreign[filepath.Base(dir)] || w.opt.Exclude != nil && w.opt.Exclude(dir) {
		return true
	}
	info, err := os.Lstat(filepath.Join(dir, "pyvenv.cfg"))
	return err == nil && info.Mode().IsRegular()
}

// foreign are the names of folders that hold dependencies, caches or a repository's own data.
var foreign = map[string]bool{
	".git": true, ".hg": true, ".svn": true, ".bzr": true, ".jj": true,
	"node_modules": true, "bower_components": true, "site-packages": true, "dist-packages": true,
	"__pycache__": true, "__pypackages__": true, ".mypy_cache": true, ".pytest_cache": true,
	".ruff_cache": true, ".hypothesis": true, ".cache": true, ".ipynb_checkpoints": true,
	".tox": true, ".nox": true, ".eggs": true, ".pyenv": true, ".pants.d": true,
}

func language(name string) string {
	switch filepath.Ext(name) {
	case ".py", ".pyw":
		return Python
	case ".go":
		return Go
	}
	return ""
}

// others are languages that no front end reads: an audit says that they are there.
var others = map[string]string{
	".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript", ".ts": "typescript", ".tsx": "typescript", ".mts": "typescript",
	".java": "java", ".kt": "kotlin", ".kts": "kotlin", ".scala": "scala", ".cs": "c#", ".rs": "rust", ".rb": "ruby", ".php": "php", ".swift": "swift",
	".c": "c", ".cc": "c++", ".cpp": "c++", ".cxx": "c++", ".ex": "elixir", ".exs": "elixir", ".erl": "erlang", ".dart": "dart",
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	}
	return "a special file"
}

// reason is an error of the file system without the path, which stands beside it already.
func reason(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "is gone"
	case errors.Is(err, fs.ErrPermission):
		return "cannot be read: permission denied"
	}
	return "cannot be read: " + err.Error()
}

// within reports whether p is dir or below it.
func within(p, dir string) bool {
	if p == dir {
		return true
	}
	return strings.HasPrefix(p, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

// splitNul cuts the output of `git ls-files -z`.
func splitNul(out []byte) []string {
	var names []string
	for name := range bytes.SplitSeq(out, []byte{0}) {
		if len(name) > 0 {
			names = append(names, strings.TrimSuffix(string(name), "/"))
		}
	}
	return names
}
