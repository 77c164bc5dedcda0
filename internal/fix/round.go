package fix

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

// errScans ends a run that has used up its scans.
var errScans = errors.New("no scan is left")

// unit is a set of fixes that stand or fall together.
type unit []candidate

// round tries fixes: all of them in one scan, without those that turn out wrong until the rest
// holds; then those that others may have made wrong, by group and one by one, but for all files at
// once. A lock guards nothing until every writer takes it, so that fixes that close one window
// each often make no sense alone.
func (w *work) round(ctx context.Context, batch []candidate) error {
	r := &trial{work: w, start: w.findings, base: map[string][]byte{}, again: maps.Clone(w.changed), vain: map[string]bool{}}
	perFile := map[string]int{}
	var all []unit
	for _, c := range batch {
		perFile[c.fix.File]++
		all = append(all, unit{c})
	}
	err := r.settle(ctx, all)
	waves := r.waves(batch, perFile)
	for i := 0; i < len(waves) && err == nil; i++ {
		err = r.settle(ctx, r.without(waves[i]))
	}
	progress := map[string]bool{}
	for _, c := range r.held {
		again := false
		c.fix.files(func(file string, _ []Edit) { again = again || r.again[file] != nil })
		c.fix.Line = r.origin(&c.finding)
		w.applied = append(w.applied, Result{Fix: c.fix, Finding: c.finding, Proposed: true, Applied: true, Original: !again, Base: r.base[c.fix.File]})
		progress[c.fix.File] = true
	}
	for _, c := range batch {
		switch {
		case r.holds(c):
		case err != nil:
			id := named(&c.finding)
			w.refused[id] = cmp.Or(w.refused[id], "it was not checked: too many others had to be")
		default:
			w.tried[c.key] = true
		}
	}
	for _, c := range batch {
		if progress[c.fix.File] {
			w.attempt[c.fix.File] = 0
		}
	}
	return err
}

// trial is the work on one round. All edits are those of the texts at its beginning.
type trial struct {
	*work
	start []report.Finding
	base  map[string][]byte // texts at the beginning, once read
	again map[string][]byte // texts that were changed before
	held  []candidate
	vain  map[string]bool // fixes that do not take their finding away: others are not to blame
}

func (r *trial) holds(c candidate) bool {
	return slices.ContainsFunc(r.held, func(h candidate) bool { return h.key == c.key })
}

// without takes out of a wave what holds already.
func (r *trial) without(wave []unit) []unit {
	return slices.DeleteFunc(slices.Clone(wave), func(u unit) bool { return slices.ContainsFunc(u, r.holds) })
}

// waves are the further tries of fixes that were wrong among others of their file: one unit of
// each file in a wave.
func (r *trial) waves(batch []candidate, perFile map[string]int) [][]unit {
	units := map[string][]unit{}
	groups := map[string]unit{}
	for _, c := range batch {
		if g := c.finding.Group; g != "" && !r.holds(c) && !r.vain[c.key] {
			groups[c.fix.File+"\x00"+g] = append(groups[c.fix.File+"\x00"+g], c)
		}
	}
	for _, g := range slices.Sorted(maps.Keys(groups)) {
		if u := groups[g]; len(u) > 1 && len(u) < perFile[u[0].fix.File] {
			units[u[0].fix.File] = append(units[u[0].fix.File], u)
		}
	}
	for _, c := range batch {
		if file := c.fix.File; !r.holds(c) && !r.vain[c.key] && perFile[file] > 1 {
			units[file] = append(units[file], unit{c})
		}
	}
	var out [][]unit
	for _, file := range slices.Sorted(maps.Keys(units)) {
		for i, u := range units[file] {
			if i == len(out) {
				out = append(out, nil)
			}
			out[i] = append(out[i], u)
		}
	}
	return out
}

// settle adds units to what holds, leaving out those that are wrong until the rest is right.
func (r *trial) settle(ctx context.Context, units []unit) error {
	for len(units) > 0 {
		sum := slices.Clone(r.held)
		for _, u := range units {
			sum = append(sum, u...)
		}
		wrong := map[int]error{} // by unit
		changed, failed := r.apply(ctx, sum)
		if len(failed) > 0 {
			for i, u := range units {
				for _, c := range u {
					c.fix.files(func(file string, _ []Edit) {
						if err := failed[file]; err != nil {
							wrong[i] = err
						}
					})
				}
			}
			if len(wrong) == 0 { // a file that what holds needs has gone
				return errors.Join(slices.Collect(maps.Values(failed))...)
			}
		} else {
			if r.Scans > 0 && r.scans >= r.Scans {
				return errScans
			}
			r.scans++
			now, err := r.Scan(ctx, changed)
			if err = cmp.Or(ctx.Err(), err); err != nil {
				return err
			}
			lost := r.compare(now, units, wrong)
			switch {
			case len(wrong) == 0 && lost != nil && len(units) > 1: // one of them, it cannot be told which
				if err := r.settle(ctx, units[:len(units)/2]); err != nil {
					return err
				}
				return r.settle(ctx, units[len(units)/2:])
			case len(wrong) == 0 && lost != nil:
				wrong[0] = lost
			case len(wrong) == 0:
				r.findings, r.changed = now, changed
				for _, u := range units {
					r.held = append(r.held, u...)
				}
				return nil
			}
		}
		var rest []unit
		for i, u := range units {
			if wrong[i] == nil {
				rest = append(rest, u)
				continue
			}
			for _, c := range u {
				r.refused[named(&c.finding)] = wrong[i].Error()
			}
		}
		units = rest
	}
	return nil
}

// apply makes the edits of fixes and says which files they leave in disorder.
func (r *trial) apply(ctx context.Context, fixes []candidate) (changed map[string][]byte, failed map[string]error) {
	edits := map[string][]Edit{}
	for _, c := range fixes {
		c.fix.files(func(file string, more []Edit) { edits[file] = append(edits[file], more...) })
	}
	changed, failed = maps.Clone(r.again), map[string]error{}
	var changes []Change
	for _, file := range slices.Sorted(maps.Keys(edits)) {
		text, ok := r.base[file]
		if !ok {
			var err error
			if text, ok = r.again[file]; !ok {
				if text, err = r.Read(file); err != nil {
					failed[file] = err
					continue
				}
			}
			r.base[file] = text
		}
		after, err := Apply(text, edits[file])
		switch {
		case err != nil:
			failed[file] = errors.New("it touches the same lines as another fix")
		case bytes.Equal(after, text):
			failed[file] = errors.New("it changes nothing")
		default:
			changed[file] = after
			changes = append(changes, Change{file, text, after})
		}
	}
	for i, err := range r.Parses(ctx, changes) {
		if err != nil {
			failed[changes[i].File] = fmt.Errorf("the result does not parse: %w", err)
		}
	}
	return changed, failed
}

// compare finds the units that are to blame for what is wrong now: a finding that they were to
// take away, or one that has come. lost is a finding that has come from nowhere in particular.
func (r *trial) compare(now []report.Finding, units []unit, wrong map[int]error) (lost error) {
	before, after, gone := r.count(r.start), r.count(now), map[string]int{}
	for _, c := range r.held {
		gone[identity(&c.finding)]++
	}
	for _, u := range units {
		for _, c := range u {
			gone[identity(&c.finding)]++
		}
	}
	for i, u := range units {
		for _, c := range u {
			if id := identity(&c.finding); after[id] > before[id]-gone[id] {
				r.vain[c.key] = len(u) == 1
				wrong[i] = fmt.Errorf("the finding would still be there (tried: %s)", c.fix.Title)
			}
		}
	}
	for i := range now {
		f := &now[i]
		if id := identity(f); !r.counts(f) || after[id] <= before[id] || r.Harmless != nil && r.Harmless(f) {
			continue
		}
		come := fmt.Sprintf("another finding would come up: %s at line %d, %s", f.Rule, f.Line, f.Message)
		blamed := suspects(f, units)
		for _, k := range blamed {
			wrong[k] = cmp.Or(wrong[k], fmt.Errorf("%s (tried: %s)", come, units[k][0].fix.Title))
		}
		if len(blamed) == 0 {
			lost = errors.New(come + ", in " + f.File)
		}
	}
	return lost
}

// suspects are the units that may have brought up a finding: those that speak of its place or
// function, else those of its file.
func suspects(f *report.Finding, units []unit) []int {
	base, _, _ := strings.Cut(f.Place, "[")
	for _, match := range []func(g *report.Finding) bool{
		func(g *report.Finding) bool {
			place, _, _ := strings.Cut(g.Place, "[")
			return g.File == f.File && (place == base || g.Function == f.Function)
		},
		func(g *report.Finding) bool { return g.File == f.File },
	} {
		var out []int
		for i, u := range units {
			if slices.ContainsFunc(u, func(c candidate) bool { return match(&c.finding) }) {
				out = append(out, i)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// counts says whether a finding matters for the comparison: those that are silenced, or that the
// run does not want for being latent, do not.
func (w *work) counts(f *report.Finding) bool {
	return f.Suppressed == nil && (f.Window == nil || *f.Window != report.WindowLatent || w.Wanted(f))
}

func (w *work) count(findings []report.Finding) map[string]int {
	out := map[string]int{}
	for i := range findings {
		if f := &findings[i]; w.counts(f) {
			out[identity(f)]++
		}
	}
	return out
}
