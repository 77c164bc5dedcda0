package pyscan

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"

	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan/link"
	"github.com/toctou-lint/toctou/pyscan/project"
	"github.com/toctou-lint/toctou/report"
)

// Unit is a part of the sources that no import and no resolution root joins with another part: what
// is found in it depends on its own files and on nothing else.
type Unit struct {
	Files []string          // paths, sorted
	Own   []string          // of these, the ones about which this unit has the last word: all of them, or its tests
	Sum   [sha256.Size]byte // of names, roots and texts of the files; only with Options.Cache

	sources []project.Source
	opt     Options
}

// Owns says whether the unit has the last word about a file.
func (u *Unit) Owns(file string) bool {
	_, ok := slices.BinarySearch(u.Own, file)
	return ok
}

// Linked is a unit with its meaning.
type Linked struct {
	Program *verdict.Program
	Partial []report.Partial // functions that were cut off
}

func newUnit(sources []project.Source, own func(project.Source) bool, texts map[string][sha256.Size]byte, opt Options) *Unit {
	u := &Unit{sources: sources, opt: opt}
	h := sha256.New()
	for _, s := range sources {
		u.Files = append(u.Files, s.IR.Path)
		text := texts[s.IR.Path]
		add(h, s.IR.Path)
		add(h, s.Root)
		if own(s) {
			u.Own = append(u.Own, s.IR.Path)
			add(h, "own")
		}
		h.Write(text[:])
	}
	if opt.Cache != nil {
		h.Sum(u.Sum[:0])
	}
	return u
}

func add(h hash.Hash, part string) {
	var size [8]byte
	binary.LittleEndian.PutUint64(size[:], uint64(len(part)))
	h.Write(size[:])
	h.Write([]byte(part))
}

// Link joins the files of the unit into one program. Units may be linked at the same time. It
// returns early with ctx.Err() when ctx is done.
func (u *Unit) Link(ctx context.Context) (*Linked, error) {
	linked, err := link.Link(ctx, project.New(u.sources, u.opt.Tables), link.Options{Preempt: u.opt.Preempt})
	if err != nil {
		return nil, err
	}
	out := &Linked{Program: linked.Program}
	for _, q := range linked.Partial {
		at := verdict.Site{}
		if linked.Site != nil {
			at = linked.Site(q.Pos)
		}
		out.Partial = append(out.Partial, report.Partial{File: at.File, Line: at.Line, Function: q.Function, Reason: q.Reason})
	}
	return out, nil
}
