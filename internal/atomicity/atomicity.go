// Package atomicity checks the promise of `toctou: atomic`: in the block that carries the comment
// nothing suspends, and no lock is released that was not taken there.
//
//	# toctou: atomic
//	if job.id not in self._running:
//	    self._running[job.id] = asyncio.create_task(self._run(job))
//
// On a line of its own the comment covers the lines below it up to the first blank line at the
// same indentation or the end of the block; at the end of a line that opens a block, it covers
// that block. The package reports broken promises and nothing else: it makes no code atomic and
// no finding go away.
package atomicity

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/suppress"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/report"
)

// Rule is the name under which broken promises are reported.
const Rule = "atomic"

// region is the lines that one comment covers.
type region struct {
	suppress.Directive
	from, to int // to < from: nothing
}

// breach is one event that breaks a promise.
type breach struct {
	site verdict.Site
	fn   string
	what string // "suspends: await load()"
	sure bool
}

// Check returns a finding for each comment whose promise is broken or covers nothing.
func Check(p *verdict.Program, comments []suppress.Comment, source func(file string) []byte) []report.Finding {
	regions := map[string][]region{}
	lines := map[string][]string{}
	for _, c := range comments {
		d, ok := suppress.Parse(c)
		if !ok || d.Verb != suppress.Atomic {
			continue
		}
		if _, ok := lines[c.File]; !ok {
			text := source(c.File)
			if text == nil {
				continue // gone since it was analysed
			}
			lines[c.File] = suppress.Split(text)
		}
		from, to := cover(lines[c.File], d)
		regions[c.File] = append(regions[c.File], region{d, from, to})
	}
	if len(regions) == 0 {
		return nil
	}
	found := map[string][][]breach{}
	for file, list := range regions {
		found[file] = make([][]breach, len(list))
	}
	for i := range p.Funcs {
		f := &p.Funcs[i]
		if f.Flow == nil {
			continue
		}
		file := p.Site(f.Pos).File
		for r, reg := range regions[file] {
			found[file][r] = append(found[file][r], breaches(p, f, reg)...)
		}
	}
	var out []report.Finding
	for file, list := range regions {
		for r, reg := range list {
			if f, broken := judge(p.Language, reg, found[file][r]); broken {
				out = append(out, f)
			}
		}
	}
	slices.SortFunc(out, func(a, b report.Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return out
}

// breaches returns what f does inside the region that it must not.
func breaches(p *verdict.Program, f *verdict.Func, reg region) []breach {
	inside := func(e *flow.Event) (verdict.Site, bool) {
		s := p.Site(e.Pos)
		return s, s.Line >= reg.from && s.Line <= reg.to
	}
	taken := map[flow.LockID]bool{}
	for b := range f.Flow.Blocks {
		for i := range f.Flow.Blocks[b].Events {
			e := &f.Flow.Blocks[b].Events[i]
			if _, in := inside(e); in && e.Op == flow.OpAcquire {
				taken[e.Lock] = true
			}
		}
	}
	var out []breach
	for b := range f.Flow.Blocks {
		for i := range f.Flow.Blocks[b].Events {
			e := &f.Flow.Blocks[b].Events[i]
			site, in := inside(e)
			if !in {
				continue
			}
			lock := ""
			if int(e.Lock) < len(f.Flow.Locks) {
				lock = f.Flow.Locks[e.Lock].Path
			}
			switch {
			case e.Op == flow.OpYield && e.Flags&flow.FlagMaybe != 0:
				out = append(out, breach{site, f.Name, "may suspend" + because(e.Text), false})
			case e.Op == flow.OpYield:
				out = append(out, breach{site, f.Name, "suspends" + because(e.Text), true})
			case e.Op == flow.OpAcquire && e.Flags&flow.FlagContended != 0:
				out = append(out, breach{site, f.Name, fmt.Sprintf("may wait for `%s`", lock), false})
			case e.Op == flow.OpRelease && !taken[e.Lock]:
				out = append(out, breach{site, f.Name, fmt.Sprintf("releases `%s`", lock), true})
			}
		}
	}
	return out
}

func because(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}

// judge words what was found in one region.
func judge(language string, reg region, list []breach) (report.Finding, bool) {
	if reg.to < reg.from {
		f := finding(language, reg, "a comment that says `toctou: atomic` covers no code")
		f.Severity = report.Low
		f.Fix = "put the comment above the statements that must stay together, or at the end of the line that opens their block"
		return f, true
	}
	if len(list) == 0 {
		return report.Finding{}, false
	}
	slices.SortFunc(list, func(a, b breach) int {
		return cmp.Or(cmp.Compare(a.site.Line, b.site.Line), cmp.Compare(a.site.Col, b.site.Col), strings.Compare(a.what, b.what))
	})
	list = slices.Compact(list)
	first := list[0]
	if i := slices.IndexFunc(list, func(b breach) bool { return b.sure }); i > 0 {
		first = list[i]
	}
	f := finding(language, reg, "a block that is marked atomic "+first.what)
	f.Function = first.fn
	f.Line, f.Column, f.EndLine, f.EndColumn = first.site.Line, first.site.Col, first.site.EndLine, first.site.EndCol
	if !first.sure {
		f.Confidence = report.Likely
	}
	f.Steps = append(f.Steps, report.Step{
		Kind: report.StepExpiry, File: reg.File, Line: f.Line, Column: f.Column, EndLine: f.EndLine, EndColumn: f.EndColumn,
		Function: first.fn, Label: "others run here",
	})
	f.Notes = []string{fmt.Sprintf("the comment in line %d states that nothing suspends and no lock is released in lines %d to %d", reg.Line, reg.from, reg.to)}
	if n := len(list) - 1; n > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("%d more places in the block do the same", n))
	}
	f.Fix = "move it out of the block, or, if the block need no longer be atomic, remove the comment"
	return f, true
}

func finding(language string, reg region, message string) report.Finding {
	end := reg.Column + reg.Length
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%d", Rule, reg.File, message, reg.to-reg.from))
	return report.Finding{
		Rule: Rule, Language: language, Severity: report.High, Confidence: report.Sure, Consequence: "broken-atomicity",
		File: reg.File, Line: reg.Line, Column: reg.Column, EndLine: reg.Line, EndColumn: end, Message: message,
		Steps: []report.Step{{
			Kind: report.StepRelated, File: reg.File, Line: reg.Line, Column: reg.Column, EndLine: reg.Line, EndColumn: end,
			Label: "said to be atomic",
		}},
		Fingerprint: hex.EncodeToString(sum[:16]),
	}
}
