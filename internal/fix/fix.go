// Package fix turns proposed edits into changed files: it merges the fixes of one file, shows
// them as a diff, and writes them so that a file is never half written.
//
// It knows no language and no rule. Whoever proposes a fix says whether it keeps behaviour; a
// Session tries it, lets the result be parsed and scanned again, and keeps it only if the finding
// is gone and none has come. Nothing is written but by Write.
package fix

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// Edit replaces the bytes from Start to End of a file by New.
type Edit struct {
	Start, End int
	New        string
	Late       bool // comes after other insertions at the same point: it ends what they are in
	// Sorted insertions at one point are lines of one block, such as imports: in order, with Lead once
	// before all of them and Tail once behind.
	Sorted     bool
	Lead, Tail string
}

// Text is what an edit puts in place when it is made alone.
func (e Edit) Text() string { return e.Lead + e.New + e.Tail }

// beside says whether two insertions are lines of one block.
func (e Edit) beside(o Edit) bool {
	return e.Sorted && o.Sorted && e.Start == o.Start && e.End == o.End && e.Lead == o.Lead && e.Tail == o.Tail
}

// Fix is what one finding would change: in its own file, and perhaps in others.
type Fix struct {
	Fingerprint string // of the finding
	Rule        string // of the finding
	File        string
	Line        int      // of the finding
	Title       string   // what it does, for people
	Why         []string // why it works
	Edits       []Edit
	Others      []Other // what has to change elsewhere, together with the file
	Unsafe      bool    // changes behaviour beyond closing the window
	Reason      string  // if there are no Edits: why no safe edit exists
}

// Other is the part of a fix in a file that its finding is not in.
type Other struct {
	File  string
	Text  []byte // what the edits are for
	Edits []Edit
}

// files calls visit for the edits of a fix in each file.
func (f *Fix) files(visit func(file string, edits []Edit)) {
	visit(f.File, f.Edits)
	for _, o := range f.Others {
		visit(o.File, o.Edits)
	}
}

// ErrOverlap says that two edits touch the same bytes.
var ErrOverlap = errors.New("edits overlap")

// Apply returns src with the edits made. Edits may come in any order; two identical ones count
// once, so that several fixes can ask for the same lock or import. Insertions at one point keep
// their order.
func Apply(src []byte, edits []Edit) ([]byte, error) {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b Edit) int {
		order := cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), late(a)-late(b), loose(a)-loose(b))
		if order == 0 && a.Sorted {
			order = cmp.Or(cmp.Compare(a.Lead, b.Lead), cmp.Compare(a.Tail, b.Tail), cmp.Compare(a.New, b.New))
		}
		return order
	})
	var once []Edit
	for _, e := range sorted {
		if !slices.Contains(once, e) {
			once = append(once, e)
		}
	}
	var out []byte
	at := 0
	for i, e := range once {
		if e.Start < at || e.End < e.Start || e.End > len(src) {
			return nil, fmt.Errorf("%w: bytes %d to %d", ErrOverlap, e.Start, e.End)
		}
		out = append(out, src[at:e.Start]...)
		if i == 0 || !e.beside(once[i-1]) {
			out = append(out, e.Lead...)
		}
		out = append(out, e.New...)
		if i == len(once)-1 || !e.beside(once[i+1]) {
			out = append(out, e.Tail...)
		}
		at = e.End
	}
	return append(out, src[at:]...), nil
}

func loose(e Edit) int {
	if e.Sorted {
		return 0
	}
	return 1
}

func late(e Edit) int {
	if e.Late {
		return 1
	}
	return 0
}

// Diff is the unified diff from old to changed; empty if they are equal.
func Diff(file string, old, changed []byte) string {
	if slices.Equal(old, changed) {
		return ""
	}
	edits := udiff.Lines(string(old), string(changed))
	d, err := udiff.ToUnifiedDiff("a/"+file, "b/"+file, string(old), edits, udiff.DefaultContextLines)
	if err != nil {
		return udiff.Unified("a/"+file, "b/"+file, string(old), string(changed))
	}
	shift := 0
	for _, h := range d.Hunks { // the library counts only some of the lines that earlier hunks add
		h.ToLine = h.FromLine + shift
		for _, l := range h.Lines {
			switch l.Kind {
			case udiff.Insert:
				shift++
			case udiff.Delete:
				shift--
			}
		}
	}
	return d.String()
}

// Indent puts prefix before every line of text that is not empty, but for lines whose start is
// listed in keep (the inside of strings that span lines).
func Indent(text, prefix string, keep func(offset int) bool) string {
	var b strings.Builder
	offset := 0
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" && (keep == nil || !keep(offset)) {
			b.WriteString(prefix)
		}
		b.WriteString(line)
		offset += len(line)
	}
	return b.String()
}
