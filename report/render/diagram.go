package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

// diagram is an interleaving laid out for drawing: a lane per actor, time downwards, the expiry of
// the answer as a band where the other actor comes in.
type diagram struct {
	Title  string
	Width  int
	Height int
	Lanes  []lane
	Boxes  []box
	Band   *band
}

type lane struct {
	Name    string
	X       int // the middle
	Top     int
	Bottom  int
	NameTop int
}

type box struct {
	X, Y, Width, Height int
	Lines               []textLine
	Kind                string // of the step at the same line: check, expiry, act
}

type textLine struct {
	X, Y  int
	Text  string
	Class string // "where", "what" or "state"
}

type band struct {
	Y, Width, Height int
	TextX, TextY     int
	Text             string
	Latent           bool
}

const (
	laneWidth  = 330
	laneGap    = 20
	lineHeight = 17
	boxPadding = 8
	boxGap     = 12
	bandHeight = 36
	headHeight = 34
	laneChars  = 44
	mostLanes  = 4
	mostTurns  = 40 // a longer story is told by the list beside the drawing
)

// newDiagram lays out the scenario of a finding; nil if there is none to draw.
func newDiagram(f *report.Finding) *diagram {
	var actors []string
	for _, t := range f.Scenario {
		if !slices.Contains(actors, t.Actor) {
			actors = append(actors, t.Actor)
		}
	}
	if len(actors) < 2 || len(actors) > mostLanes || len(f.Scenario) > mostTurns {
		return nil
	}
	d := &diagram{Title: "Interleaving of " + visible(strings.Join(actors, " and ")), Width: len(actors)*(laneWidth+laneGap) - laneGap}
	y := headHeight
	for i, t := range f.Scenario {
		if d.Band == nil && i > 0 && t.Actor != f.Scenario[0].Actor {
			d.Band = &band{Y: y, Width: d.Width - 2, Height: bandHeight - boxGap, TextX: d.Width / 2, TextY: y + bandHeight/2 - 2,
				Text: clip(expiryText(f), laneChars*len(actors)), Latent: isLatent(f)}
			y += bandHeight
		}
		again := slices.ContainsFunc(f.Scenario[:i], func(o report.Turn) bool { return o.File == t.File && o.Line == t.Line })
		b := newBox(f, t, again, slices.Index(actors, t.Actor)*(laneWidth+laneGap), y)
		d.Boxes = append(d.Boxes, b)
		y += b.Height + boxGap
	}
	d.Height = y
	for i, a := range actors {
		x := i*(laneWidth+laneGap) + laneWidth/2
		d.Lanes = append(d.Lanes, lane{Name: clip(visible(a), laneChars), X: x, Top: headHeight - 8, Bottom: y, NameTop: 18})
	}
	return d
}

func newBox(f *report.Finding, t report.Turn, again bool, x, y int) box {
	b := box{X: x, Y: y, Width: laneWidth, Kind: kindAt(f, t, again)}
	add := func(class, s string) {
		for _, line := range wrap(visible(s), laneChars) {
			b.Lines = append(b.Lines, textLine{X: x + boxPadding + 2, Class: class, Text: clip(line, laneChars)})
		}
	}
	if t.Line > 0 {
		where := fmt.Sprintf("line %d", t.Line)
		if t.File != "" && t.File != f.File {
			where = shorten(t.File, laneChars-8) + ":" + fmt.Sprint(t.Line)
		}
		add("where", where)
	}
	add("what", strings.ReplaceAll(t.Text, "`", ""))
	if t.State != "" {
		add("state", "→ "+strings.ReplaceAll(t.State, "`", ""))
	}
	for i := range b.Lines {
		b.Lines[i].Y = y + boxPadding + 12 + i*lineHeight
	}
	b.Height = 2*boxPadding + len(b.Lines)*lineHeight - 2
	return b
}

// kindAt is the kind of step that a turn takes: the one that is marked at its line. Of several there,
// the first turn takes the first, and those that come again to the line the last.
func kindAt(f *report.Finding, t report.Turn, again bool) string {
	kind := ""
	for _, s := range f.Steps {
		if s.Line != t.Line || s.File != or(t.File, f.File) || s.Kind == report.StepRelated {
			continue
		}
		if kind == "" || again {
			kind = s.Kind
		}
	}
	return kind
}

// expiryText says what happens to the answer where the other actor comes in.
func expiryText(f *report.Finding) string {
	for _, s := range f.Steps {
		if s.Kind == report.StepExpiry {
			return fmt.Sprintf("line %d: %s", s.Line, visible(strings.ReplaceAll(s.Label, "`", "")))
		}
	}
	if isLatent(f) {
		return "nothing suspends here today"
	}
	return "the answer has expired"
}

// clip cuts a text at a number of columns.
func clip(s string, columns int) string {
	if textWidth(s) <= columns {
		return s
	}
	return lay(s).slice(0, columns-1) + "…"
}

// shorten keeps the end of a path.
func shorten(s string, columns int) string {
	s = visible(s)
	w := textWidth(s)
	if w <= columns {
		return s
	}
	return "…" + lay(s).slice(w-columns+1, w)
}
