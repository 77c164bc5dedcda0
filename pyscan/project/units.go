package project

import (
	"path"
	"slices"
	"strings"
)

// Units splits sources into groups that can be linked each by itself, with the same result: files
// of one resolution root are together, and so are files of which one may import the other. The
// groups are in the order of their first files, the files of each in the order of their paths.
func Units(sources []Source) [][]Source {
	sources = slices.Clone(sources)
	slices.SortFunc(sources, func(a, b Source) int { return strings.Compare(a.IR.Path, b.IR.Path) })
	p := &Project{byName: map[string]*Module{}, byLast: map[string][]*Module{}}
	roots := map[string]int{}
	set := make(union, len(sources))
	for i, s := range sources {
		p.index(s)
		set[i] = i
		if first, ok := roots[s.Root]; ok {
			set.join(first, i)
		} else {
			roots[s.Root] = i
		}
	}
	if len(roots) < 2 {
		return [][]Source{sources}
	}
	for i, m := range p.Modules {
		with := func(t *Module) {
			if t != nil {
				set.join(i, t.ID)
			}
		}
		// A module that has the name of a folder around m decides how m can be imported.
		for dir := path.Dir(m.Path); dir != "." && dir != "/"; dir = path.Dir(dir) {
			with(p.at(dir))
		}
		for k := range m.Imports {
			imp := &m.Imports[k]
			with(p.find(m, imp.Module, imp.Level))
			if first, _, dotted := strings.Cut(imp.Module, "."); dotted && imp.Level == 0 {
				with(p.find(m, first, 0))
			}
			if imp.Symbol != "" && imp.Symbol != "*" {
				with(p.find(m, strings.TrimPrefix(imp.Module+"."+imp.Symbol, "."), imp.Level))
			}
		}
	}
	var out [][]Source
	at := map[int]int{} // the group of a representative
	for i, s := range sources {
		r := set.of(i)
		g, ok := at[r]
		if !ok {
			g = len(out)
			at[r] = g
			out = append(out, nil)
		}
		out[g] = append(out[g], s)
	}
	return out
}

// union holds disjoint sets of numbers: each leads to another of its set, the representative to itself.
type union []int

func (u union) of(i int) int {
	for u[i] != i {
		u[i] = u[u[i]]
		i = u[i]
	}
	return i
}

func (u union) join(i, j int) {
	if i, j = u.of(i), u.of(j); i != j {
		u[max(i, j)] = min(i, j)
	}
}
