package goscan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/analyzers"
	"github.com/toctou-lint/toctou/report"
)

// collector gathers what the drivers deliver, each finding once: a package and its test variant
// both report the files that they share.
type collector struct {
	res       *Result
	seen      map[string]bool
	files     map[string]bool
	functions map[string]int // by package: the most of it and its test variants
	overlay   *overlay
	scope     *scope
}

func newCollector(dir string, roots []string) *collector {
	return &collector{
		res: &Result{Modules: roots}, seen: map[string]bool{}, files: map[string]bool{}, functions: map[string]int{}, scope: newScope(dir, roots),
	}
}

func (c *collector) skip(what, why string) {
	s := report.Skipped{File: c.overlay.original(what), Reason: strings.TrimSpace(c.overlay.original(why))}
	if !slices.Contains(c.res.Skipped, s) {
		c.res.Skipped = append(c.res.Skipped, s)
	}
}

// message takes one diagnostic message in its rich form. What it says of files outside the folder
// that is scanned does not count: the go command repeats what it keeps of dependencies, too, if
// they have been scanned before.
func (c *collector) message(pkg, text string) error {
	f, inv, err := analyzers.Decode(c.overlay.original(text))
	switch {
	case err != nil:
		return fmt.Errorf("the vet tool gave a finding that cannot be read: %w", err)
	case f != nil && c.scope.holds(f.File):
		id := fmt.Sprintf("%s\x00%s\x00%d\x00%d", f.Rule, f.File, f.Line, f.Column)
		if !c.seen[id] {
			c.seen[id] = true
			c.res.Findings = append(c.res.Findings, *f)
		}
	case inv != nil && slices.ContainsFunc(inv.Files, c.scope.holds):
		c.inventory(pkg, inv)
	}
	return nil
}

func (c *collector) inventory(pkg string, inv *analyzers.Inventory) {
	if inv.FactsOnly {
		c.scope.unjudged(pkg, inv.Files[0])
		return
	}
	c.scope.judged(pkg)

	r := c.res
	r.Tasks = fresh(c, r.Tasks, inv.Tasks, func(t *report.TaskUse) string { return t.File })
	r.Locks = fresh(c, r.Locks, inv.Locks, func(l *report.LockUse) string { return l.File })
	r.Negatives = fresh(c, r.Negatives, inv.Negatives, func(n *report.Negative) string { return n.File })
	r.Partial = fresh(c, r.Partial, inv.Partial, func(p *report.Partial) string { return p.File })
	r.Patterns = fresh(c, r.Patterns, inv.Patterns, func(p *report.FilePattern) string { return p.File })
	r.Databases = fresh(c, r.Databases, inv.Databases, func(d *report.DatabaseUse) string { return d.File })
	for _, f := range inv.Files {
		c.files[f] = true
	}
	c.functions[plain(pkg)] = max(c.functions[plain(pkg)], inv.Functions)
}

// fresh adds to list what is about files that no earlier package has told about.
func fresh[T any](c *collector, list, add []T, file func(*T) string) []T {
	for i := range add {
		if !c.files[file(&add[i])] {
			list = append(list, add[i])
		}
	}
	return list
}

func (c *collector) finish() *Result {
	r := c.res
	r.Files = len(c.files)
	for _, n := range c.functions {
		r.Functions += n
	}
	r.Analysed = slices.Sorted(maps.Keys(c.files))
	slices.SortStableFunc(r.Findings, func(a, b report.Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule, b.Rule))
	})
	slices.SortStableFunc(r.Tasks, func(a, b report.TaskUse) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	slices.SortStableFunc(r.Locks, func(a, b report.LockUse) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	slices.SortStableFunc(r.Negatives, func(a, b report.Negative) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	slices.SortStableFunc(r.Partial, func(a, b report.Partial) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	slices.SortStableFunc(r.Databases, func(a, b report.DatabaseUse) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	slices.SortStableFunc(r.Patterns, func(a, b report.FilePattern) int { return cmp.Compare(a.File, b.File) })
	return r
}
