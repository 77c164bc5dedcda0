// Package marks compares findings with the verdicts that fixtures carry as trailing comments.
//
//	self.pool = await dial()          # BAD: checkthenact
//	p.conns[addr] = c                 // BAD: checkthenact|lostupdate @pool
//
// A mark names a kind, a rule or alternatives, and optionally a group: all marks of a project with
// the same kind and @name stand for one defect. Several marks on one line are joined with ";".
//
//	BAD     one true defect: it must be reported
//	LATENT  atomic today: a latent finding is right, an open one a false alarm
//	LOW     harmless or unlikely: it may be reported, with low severity or low confidence
//	MAYBE   arguable, or a consequence of a marked defect: counts neither way
//	GAP     a true defect that is known to be missed: reporting it closes the gap
//
// The package is for tests: it runs no analysis and knows no rule.
package marks

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Kind is what a mark says about its line.
type Kind string

// The kinds of mark.
const (
	Bad    Kind = "BAD"
	Latent Kind = "LATENT"
	Low    Kind = "LOW"
	Maybe  Kind = "MAYBE"
	Gap    Kind = "GAP"
)

// Mark is one mark.
type Mark struct {
	Kind  Kind
	Rules []string // alternatives; the defect is counted under the first
	Group string   // "" if it stands alone
	File  string   // slash-separated
	Line  int      // 1-based
}

func (m Mark) String() string {
	s := fmt.Sprintf("%s:%d %s", m.File, m.Line, strings.Join(m.Rules, "|"))
	if m.Group != "" {
		s += " @" + m.Group
	}
	return s
}

// Unit is what is counted: one defect, or one place with another kind of verdict.
type Unit struct {
	Kind  Kind
	Rule  string // the first alternative of the first mark
	Marks []Mark // the places where a finding hits it
}

func (u Unit) String() string {
	s := u.Marks[0].String()
	if more := len(u.Marks) - 1; more > 0 {
		s += fmt.Sprintf(" (+%d lines)", more)
	}
	return s
}

const kinds = "BAD|LATENT|LOW|MAYBE|GAP"

var (
	// A comment counts only if nothing but marks is in it: prose may speak of marks.
	one     = `(` + kinds + `):\s*([a-z]+(?:\|[a-z]+)*)(?:\s+@(\w+))?`
	mark    = regexp.MustCompile(one)
	comment = regexp.MustCompile(`\s*(?:#|//)\s*(?:` + one + `)(?:\s*;\s*(?:` + one + `))*\s*$`)
	almost  = regexp.MustCompile(`(?:#|//)\s*(?:` + kinds + `)\b`)
)

// Parse returns the marks of a Python or Go file in order. A comment that starts like a mark and
// is none is an error: a misspelled mark must not turn a test off.
func Parse(file string, src []byte) ([]Mark, error) {
	var out []Mark
	n := 0
	for line := range strings.Lines(string(src)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		text := comment.FindString(line)
		if text == "" {
			if almost.MatchString(line) {
				return nil, fmt.Errorf("%s:%d: looks like a mark and is none; want KIND: rule|rule @group, KIND being one of %s", file, n, kinds)
			}
			continue
		}
		for _, m := range mark.FindAllStringSubmatch(text, -1) {
			out = append(out, Mark{Kind: Kind(m[1]), Rules: strings.Split(m[2], "|"), Group: m[3], File: path.Clean(file), Line: n})
		}
	}
	return out, nil
}

// Strip returns src without its marks; lines and the columns before a mark stay where they are.
func Strip(src []byte) []byte {
	var b strings.Builder
	for line := range strings.Lines(string(src)) {
		text := strings.TrimRight(line, "\r\n")
		b.WriteString(comment.ReplaceAllString(text, ""))
		b.WriteString(line[len(text):])
	}
	return []byte(b.String())
}

// Units joins the marks of one project that share a kind and a group. MAYBE marks stay apart.
func Units(list []Mark) []Unit {
	var out []Unit
	for _, m := range list {
		i := -1
		if m.Group != "" && m.Kind != Maybe {
			i = slices.IndexFunc(out, func(u Unit) bool { return u.Kind == m.Kind && u.Marks[0].Group == m.Group })
		}
		if i >= 0 {
			out[i].Marks = append(out[i].Marks, m)
		} else {
			out = append(out, Unit{Kind: m.Kind, Rule: m.Rules[0], Marks: []Mark{m}})
		}
	}
	return out
}
