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

	// Base is the unit of the same code without its tests, if it has the last word about all of it: to link this one is less
	// work once that one is.
	Base *Unit

	code  []project.Source // what is linked first
	tests []project.Source // and on top of it
	opt   Options
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

	program *link.Program
}

// newUnit makes a unit of the sources of which rest tells those that are linked last. Unless there are none of these, they are all that
// it has the last word about.
func newUnit(sources []project.Source, rest func(project.Source) bool, texts map[string][sha256.Size]byte, opt Options) *Unit {
	u := &Unit{opt: opt}
	for _, s := range sources {
		u.Files = append(u.Files, s.IR.Path)
		if rest(s) {
			u.tests = append(u.tests, s)
		} else {
			u.code = append(u.code, s)
		}
	}
	own := u.tests
	if len(own) == 0 {
		own = u.code
	}
	for _, s := range own {
		u.Own = append(u.Own, s.IR.Path)
	}
	if opt.Cache != nil {
		h := sha256.New()
		for _, s := range sources {
			text := texts[s.IR.Path]
			add(h, s.IR.Path)
			add(h, s.Root)
			if u.Owns(s.IR.Path) {
				add(h, "own")
			}
			h.Write(text[:])
		}
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

// Link joins the files of the unit into one program. Units may be linked at the same time, but for one whose Base is being linked,
// or judged: what that came to may be handed on as base, and may not be used afterwards. The result is the same without it.
// It returns early with ctx.Err() when ctx is done.
func (u *Unit) Link(ctx context.Context, base *Linked) (*Linked, error) {
	program, err := u.linkCode(ctx, base)
	if err == nil && len(u.tests) > 0 {
		program, err = program.Extend(ctx, u.tests)
	}
	if err != nil {
		return nil, err
	}
	out := &Linked{Program: program.Program, program: program}
	for _, q := range program.Partial {
		at := verdict.Site{}
		if program.Site != nil {
			at = program.Site(q.Pos)
		}
		out.Partial = append(out.Partial, report.Partial{File: at.File, Line: at.Line, Function: q.Function, Reason: q.Reason})
	}
	return out, nil
}

func (u *Unit) linkCode(ctx context.Context, base *Linked) (*link.Program, error) {
	if base != nil && u.Base != nil {
		return base.program, nil
	}
	return link.Link(ctx, project.New(u.code, u.opt.Tables), link.Options{Preempt: u.opt.Preempt})
}
