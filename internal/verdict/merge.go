package verdict

import (
	"cmp"
	"slices"

	"github.com/toctou-lint/toctou/report"
)

// Within leaves only what is about the files for which own is true.
func (o *Output) Within(own func(file string) bool) {
	o.Findings = slices.DeleteFunc(o.Findings, func(x report.Finding) bool { return !own(x.File) })
	o.Negatives = slices.DeleteFunc(o.Negatives, func(x report.Negative) bool { return !own(x.File) })
	o.Tasks = slices.DeleteFunc(o.Tasks, func(x report.TaskUse) bool { return !own(x.File) })
	o.Locks = slices.DeleteFunc(o.Locks, func(x report.LockUse) bool { return !own(x.File) })
	o.Threads = slices.DeleteFunc(o.Threads, func(x report.ThreadUse) bool { return !own(x.File) })
}

// Merge joins what was judged of programs that have no file in common.
func Merge(parts ...*Output) *Output {
	if len(parts) == 1 {
		return parts[0]
	}
	out := &Output{}
	for _, p := range parts {
		out.Findings = append(out.Findings, p.Findings...)
		out.Negatives = append(out.Negatives, p.Negatives...)
		out.Tasks = append(out.Tasks, p.Tasks...)
		out.Locks = append(out.Locks, p.Locks...)
		out.Threads = append(out.Threads, p.Threads...)
	}
	// Within a file all of it comes from one part, and is in order.
	slices.SortStableFunc(out.Findings, func(a, b report.Finding) int { return cmp.Compare(a.File, b.File) })
	slices.SortStableFunc(out.Negatives, func(a, b report.Negative) int { return cmp.Compare(a.File, b.File) })
	slices.SortStableFunc(out.Tasks, func(a, b report.TaskUse) int { return cmp.Compare(a.File, b.File) })
	slices.SortStableFunc(out.Locks, func(a, b report.LockUse) int { return cmp.Compare(a.File, b.File) })
	slices.SortStableFunc(out.Threads, func(a, b report.ThreadUse) int { return cmp.Compare(a.File, b.File) })
	return out
}
