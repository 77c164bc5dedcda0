package audit

import (
	"cmp"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/report"
)

// markers are the files that make a folder a service.
var markers = []string{"pyproject.toml", "requirements.txt", "Dockerfile", "main.py", "go.mod"}

// noService are folders that hold such files for other reasons.
var noService = map[string]bool{
	"docs": true, "doc": true, "test": true, "tests": true, "testdata": true, "examples": true,
	"scripts": true, ".github": true, "ci": true,
}

// services returns the deployable parts of the project, by name.
func services(root string, files []walk.File, cfg *config.Config) []report.Service {
	dirs := folders(files)
	var list []report.Service
	if len(cfg.Services) > 0 {
		list = configuredServices(root, dirs, cfg)
	} else {
		list = detectServices(root, dirs)
	}
	for _, f := range files {
		if i := serviceOf(list, f.Rel); i >= 0 {
			list[i].Files++
		}
	}
	list = slices.DeleteFunc(list, func(s report.Service) bool { return s.Files == 0 })
	slices.SortFunc(list, func(a, b report.Service) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Dir, b.Dir))
	})
	return list
}

// folders returns every folder that holds a file, at any depth below it; the root is ".".
func folders(files []walk.File) []string {
	seen := map[string]bool{".": true}
	for _, f := range files {
		for d := path.Dir(f.Rel); !seen[d] && d != "/"; d = path.Dir(d) {
			seen[d] = true
		}
	}
	out := make([]string, 0, len(seen))
	for d := range seen {
		out = append(out, d)
	}
	slices.Sort(out)
	return out
}

// detectServices finds the folders of services/*, and the outermost folders with a marker.
// The root is a service only if it has a marker.
func detectServices(root string, dirs []string) []report.Service {
	var list []report.Service
	for _, d := range dirs { // parents come before what they hold
		if d == "." || serviceOf(list, d+"/x") >= 0 || slices.ContainsFunc(strings.Split(d, "/"), func(e string) bool { return noService[e] }) {
			continue
		}
		if inServices(root, d) || (!isServices(root, d) && marked(root, d)) {
			list = append(list, report.Service{Name: path.Base(d), Dir: d})
		}
	}
	if marked(root, ".") {
		list = append(list, report.Service{Name: filepath.Base(root), Dir: "."})
	}
	return list
}

// inServices reports whether d is a folder of services/*.
func inServices(root, d string) bool {
	parent := path.Dir(d)
	if parent == "." {
		return filepath.Base(root) == "services" && isServices(root, ".")
	}
	return isServices(root, parent)
}

// isServices reports whether d is a folder called services that is no Python package and lies
// no deeper than one level: app/services is a layer of one service.
func isServices(root, d string) bool {
	if d != "." && (path.Base(d) != "services" || strings.Count(d, "/") > 1) {
		return false
	}
	if d == "." && filepath.Base(root) != "services" {
		return false
	}
	return !exists(root, d, "__init__.py")
}

func marked(root, d string) bool {
	return slices.ContainsFunc(markers, func(m string) bool { return exists(root, d, m) })
}

func exists(root, d, name string) bool {
	info, err := os.Lstat(filepath.Join(root, filepath.FromSlash(d), name))
	return err == nil && info.Mode().IsRegular()
}

// configuredServices resolves what the configuration names; its globs are relative to its file.
func configuredServices(root string, dirs []string, cfg *config.Config) []report.Service {
	base, err := filepath.Rel(cmp.Or(cfg.Dir, root), root)
	if err != nil {
		base = "."
	}
	base = filepath.ToSlash(base)
	var list []report.Service
	for _, s := range cfg.Services {
		glob := path.Clean(s.Dir)
		for _, d := range dirs {
			full := path.Join(base, d)
			if !doublestar.MatchUnvalidated(glob, full) || slices.ContainsFunc(list, func(o report.Service) bool { return o.Dir == d }) {
				continue
			}
			name := cmp.Or(s.Name, path.Base(full))
			if name == "." {
				name = filepath.Base(root)
			}
			list = append(list, report.Service{Name: name, Dir: d})
		}
	}
	return list
}

// serviceOf returns the index of the innermost service that holds the file, or -1.
func serviceOf(list []report.Service, file string) int {
	best := -1
	for i, s := range list {
		if (s.Dir == "." || within(file, s.Dir)) && (best < 0 || list[best].Dir == "." || len(s.Dir) > len(list[best].Dir) && s.Dir != ".") {
			best = i
		}
	}
	return best
}

// within says whether a file is below a folder.
func within(file, dir string) bool {
	return len(file) > len(dir) && file[len(dir)] == '/' && strings.HasPrefix(file, dir)
}

// importRoots returns, for each file, the folder that its absolute imports start from: its
// service's, or the src folder there. "" stands for the root and for not known.
func importRoots(root string, files []walk.File, list []report.Service) []string {
	out := make([]string, len(files))
	src := map[string]bool{}
	for i, f := range files {
		dir := "."
		if s := serviceOf(list, f.Rel); s >= 0 {
			dir = list[s].Dir
		}
		layout := path.Join(dir, "src")
		if strings.HasPrefix(f.Rel, layout+"/") {
			is, known := src[layout]
			if !known {
				is = !exists(root, layout, "__init__.py")
				src[layout] = is
			}
			if is {
				dir = layout
			}
		}
		if dir != "." {
			out[i] = dir
		}
	}
	return out
}
