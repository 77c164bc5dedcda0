package marks

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Project is a fixture: one file, or a folder with the files below it.
type Project struct {
	Name  string
	Files []File // by path
	Marks []Mark
}

// File is a file of a project, without its marks.
type File struct {
	Path   string // slash-separated, relative to the file system that holds the projects
	Source []byte
}

// Projects reads the files ending in ext from fsys. Every entry of the top level that matches
// pattern (see [path.Match]) is a project of its own; a folder without such files is none.
func Projects(fsys fs.FS, pattern, ext string) ([]Project, error) {
	names, err := fs.Glob(fsys, pattern)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	slices.Sort(names)
	var out []Project
	for _, name := range names {
		p := Project{Name: name}
		err := fs.WalkDir(fsys, name, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(file) != ext {
				return err
			}
			return p.read(fsys, file)
		})
		if err != nil {
			return nil, err
		}
		if len(p.Files) > 0 {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no %s files under %q", ext, pattern)
	}
	return out, nil
}

func (p *Project) read(fsys fs.FS, file string) error {
	src, err := fs.ReadFile(fsys, file)
	if err != nil {
		return err
	}
	list, err := Parse(file, src)
	if err != nil {
		return err
	}
	p.Files = append(p.Files, File{Path: file, Source: Strip(src)})
	p.Marks = append(p.Marks, list...)
	return nil
}

// Title is the name of the project without its extension.
func (p Project) Title() string { return strings.TrimSuffix(p.Name, path.Ext(p.Name)) }

// Innocent tells whether nothing is to be reported in the project.
func (p Project) Innocent() bool {
	return !slices.ContainsFunc(p.Marks, func(m Mark) bool { return m.Kind != Maybe })
}
