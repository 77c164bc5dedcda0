// Package suppress applies the comments that silence findings on purpose.
//
// A directive names the rules and gives the reason:
//
//	# toctou: ignore[checkthenact] started once, before the server accepts
//	//toctou:ignore[checkthenact, unevenguard] callers hold the shard's lease
//
// It covers the statement on its line, or, on a comment line of its own, the statement below
// that block of comments. A directive that gives no reason, names no rule or an unknown one, or
// suppresses nothing, is itself a finding: a silent suppression outlives what it was for. The
// package hides nothing: a suppressed finding stays in the audit, with its reason.
package suppress

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

// Rule is the name under which directives are reported.
const Rule = "suppression"

// Comment is a comment that may hold a directive.
type Comment struct {
	File         string
	Line, Column int // 1-based, column in bytes
	Own          bool
	Text         string // with its comment sign
}

// Options tell what directives may speak of.
type Options struct {
	Known   func(rule string) bool   // rules that exist
	Suggest func(rule string) string // "; did you mean …?"
	Active  func(rule string) bool   // rules that ran: one that did not run cannot show a directive to be useless
	Source  func(file string) []byte // the text of a file, nil if it is not at hand
}

// Directive is a comment that speaks to toctou.
type Directive struct {
	Comment
	Verb   string // "ignore", …
	Rules  []string
	Listed bool // brackets are there
	Reason string
	Length int // of the directive in bytes, from Column
}

// Apply marks the findings that comments suppress, and returns the findings about the
// directives themselves.
func Apply(findings []report.Finding, comments []Comment, opt Options) []report.Finding {
	var notices []report.Finding
	byFile := map[string][]int{}
	for i := range findings {
		byFile[findings[i].File] = append(byFile[findings[i].File], i)
	}
	ordinal := map[string]int{}
	lines := map[string][]string{}
	for _, c := range comments {
		d, ok := Parse(c)
		if !ok || d.Verb == Atomic {
			continue
		}
		say := func(format string, args ...any) {
			notices = append(notices, notice(d, ordinal, fmt.Sprintf(format, args...)))
		}
		switch {
		case d.Verb != Ignore:
			say("`toctou: %s` is no directive; `ignore[rule] reason` is", d.Verb)
			continue
		case len(d.Rules) == 0:
			say("a suppression names no rule, so it has no effect")
			continue
		case d.Reason == "":
			say("a suppression of %s gives no reason, so it has no effect", strings.Join(d.Rules, ", "))
			continue
		}
		if _, ok := lines[d.File]; !ok {
			lines[d.File] = Split(opt.Source(d.File))
		}
		from, to := cover(lines[d.File], d)
		for _, rule := range d.Rules {
			if !opt.Known(rule) {
				say("a suppression names %q, which is no rule%s", rule, opt.Suggest(rule))
				continue
			}
			used := false
			for _, i := range byFile[d.File] {
				f := &findings[i]
				if f.Rule != rule || f.Line < from || f.Line > to {
					continue
				}
				used = true
				if f.Suppressed == nil {
					f.Suppressed = &report.Suppression{Reason: d.Reason, File: d.File, Line: d.Line}
				}
			}
			if !used && opt.Active(rule) {
				say("a suppression of %s suppresses nothing", rule)
			}
		}
	}
	return notices
}

// The verbs.
const (
	Ignore = "ignore"
	Atomic = "atomic"
)

// Parse reads the directive of a comment. A comment may hold other tools' words before it.
func Parse(c Comment) (Directive, bool) {
	d := Directive{Comment: c}
	sign := "#"
	if strings.HasPrefix(c.Text, "//") {
		sign = "//"
	} else if !strings.HasPrefix(c.Text, "#") {
		return d, false
	}
	at := 0
	for {
		rest := c.Text[at:]
		body := strings.TrimLeft(rest, sign+" \t")
		if text, ok := strings.CutPrefix(body, "toctou:"); ok {
			d.Column += at
			d.Length = len(strings.TrimRight(rest, " \t"))
			d.read(strings.TrimSpace(text))
			return d, d.Verb != ""
		}
		next := strings.Index(rest[len(rest)-len(body):], sign)
		if next < 0 {
			return d, false
		}
		at += len(rest) - len(body) + next
	}
}

// read takes `ignore[a, b] reason` apart.
func (d *Directive) read(text string) {
	end := strings.IndexFunc(text, func(r rune) bool { return (r < 'a' || r > 'z') && r != '-' && r != '_' })
	if end < 0 {
		end = len(text)
	}
	d.Verb, text = text[:end], strings.TrimLeft(text[end:], " \t")
	if inner, ok := strings.CutPrefix(text, "["); ok {
		var names string
		if names, text, ok = strings.Cut(inner, "]"); ok {
			d.Listed = true
			for name := range strings.SplitSeq(names, ",") {
				if name = strings.TrimSpace(name); name != "" && !slices.Contains(d.Rules, name) {
					d.Rules = append(d.Rules, name)
				}
			}
		}
	}
	d.Reason = strings.TrimSpace(strings.TrimLeft(text, " \t:-–—"))
}

func notice(d Directive, ordinal map[string]int, message string) report.Finding {
	id := strings.Join([]string{Rule, d.File, message, strings.Join(d.Rules, ",")}, "\x00")
	ordinal[id]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", id, ordinal[id]))
	language := "python"
	if strings.HasPrefix(d.Text, "//") {
		language = "go"
	}
	return report.Finding{
		Rule:        Rule,
		Language:    language,
		Severity:    report.Low,
		Confidence:  report.Sure,
		Consequence: "stale-suppression",
		File:        d.File,
		Line:        d.Line,
		Column:      d.Column,
		EndLine:     d.Line,
		EndColumn:   d.Column + d.Length,
		Message:     message,
		Steps: []report.Step{{
			Kind: report.StepRelated, File: d.File, Line: d.Line, Column: d.Column,
			EndLine: d.Line, EndColumn: d.Column + d.Length, Label: "this comment",
		}},
		Fix:         fix(message),
		Fingerprint: hex.EncodeToString(sum[:16]),
	}
}

// fix says what to do about a notice.
func fix(message string) string {
	if strings.HasSuffix(message, "suppresses nothing") {
		return "remove the comment, or move it to the line that the finding names"
	}
	return "write `toctou: ignore[rule] reason` with the names that `toctou rules` lists"
}

// Sort orders comments by file and position, the order in which Apply reports.
func Sort(comments []Comment) {
	slices.SortFunc(comments, func(a, b Comment) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
