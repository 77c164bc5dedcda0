package goscan

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// scope is the folder that is scanned, and which packages of it have been judged.
//
// Go vet hands dependencies to its tool for their facts alone, keeps what the tool printed of
// them, nothing, and repeats that when the package itself is asked for: the key under which it is
// kept does not tell the two apart (Go 1.26). So the tool says where it only gathered facts.
type scope struct {
	dir      string
	roots    []string          // of modules
	resolved map[string]string // folders without symbolic links
	facts    map[string]string // packages of this run of go vet of which only facts were gathered, and their folders
	done     map[string]bool   // packages that it judged, with or without their tests
}

func newScope(dir string, roots []string) *scope {
	s := &scope{resolved: map[string]string{}}
	s.dir = s.resolve(dir)
	for _, r := range roots {
		s.roots = append(s.roots, s.resolve(r))
	}
	s.begin()
	return s
}

// begin forgets the packages: another run of go vet begins.
func (s *scope) begin() { s.facts, s.done = map[string]string{}, map[string]bool{} }

func (s *scope) resolve(dir string) string {
	r, ok := s.resolved[dir]
	if !ok {
		var err error
		if r, err = filepath.EvalSymlinks(dir); err != nil {
			r = dir
		}
		s.resolved[dir] = r
	}
	return r
}

// holds says whether a file is in or below the folder that is scanned.
func (s *scope) holds(file string) bool { return within(s.dir, s.resolve(filepath.Dir(file))) }

func within(dir, path string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

func (s *scope) judged(pkg string) { s.done[plain(pkg)] = true }

func (s *scope) unjudged(pkg, file string) { s.facts[plain(pkg)] = s.resolve(filepath.Dir(file)) }

// plain is the package of a test variant, "p [p.test]".
func plain(pkg string) string {
	pkg, _, _ = strings.Cut(pkg, " ")
	return pkg
}

// longest is how long a list of packages may be on a command line.
const longest = 16 << 10

// missed lists patterns of the packages that "./..." in the folder at names, and that were not
// judged.
func (s *scope) missed(at string) []string {
	at = s.resolve(at)
	var out []string
	size := 0
	for _, pkg := range slices.Sorted(maps.Keys(s.facts)) {
		dir := s.facts[pkg]
		rel, err := filepath.Rel(at, dir)
		if s.done[pkg] || err != nil || !within(at, dir) || s.module(dir) != s.module(at) || slices.ContainsFunc(strings.Split(rel, string(filepath.Separator)), ignored) {
			continue
		}
		out = append(out, "./"+filepath.ToSlash(rel))
		size += len(rel) + len(" ./")
	}
	if size > longest {
		return everything
	}
	return out
}

// module is the root of the module that a folder belongs to.
func (s *scope) module(dir string) string {
	root := ""
	for _, r := range s.roots {
		if within(r, dir) && len(r) > len(root) {
			root = r
		}
	}
	return root
}

// ignored says whether "./..." passes over folders of that name.
func ignored(name string) bool {
	return name == "testdata" || name == "vendor" || name != "." && strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}
