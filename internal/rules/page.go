package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The form of a page:
//
//	---
//	title: state checked, then acted on after it may have changed
//	topic: windows              (windows, tasks, locks, notices)
//	order: 2                    (place within the topic; optional)
//	languages: python, go
//	consequences: duplicate-execution, duplicate-resource   (worst first)
//	severity: critical          (of the worst consequence)
//	cwe: 367, 362               (optional)
//	since: 0.1
//	---
//	# NAME
//
//	One sentence: what the rule reports.
//
//	## Why it hurts             (with the interleaving as a table)
//	## Python                   (one per language that it covers: before and after)
//	## Go
//	## What counts
//	## When it is silent
//	## Known false alarms
//	## Known missed alarms
//	## How to suppress
//
// in this order, nothing missing (a page under the topic notices needs no section). A fenced code
// block whose info string is the language and a verdict is a test:
//
//	```python bad     findings at exactly the lines that end in `# BAD: NAME` (Go: `// BAD: NAME`)
//	```python good    no finding
//	```python gap     a false or missed alarm that is known; the text says which
//
// Each such block is a file of its own and has to be complete.

var sections = []string{
	"Why it hurts", "Python", "Go", "What counts", "When it is silent",
	"Known false alarms", "Known missed alarms", "How to suppress",
}

// languageSections are the sections that stand for a language.
var languageSections = map[string]string{"Python": "python", "Go": "go"}

func parse(text string) (Rule, error) {
	var r Rule
	rest, ok := strings.CutPrefix(text, "---\n")
	if !ok {
		return r, fmt.Errorf("no front matter: the first line must be ---")
	}
	front, body, ok := strings.Cut(rest, "\n---\n")
	if !ok {
		return r, fmt.Errorf("front matter does not end: a line --- is missing")
	}
	for i, line := range strings.Split(front, "\n") {
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			return r, fmt.Errorf("line %d: %q is not `key: value`", i+2, line)
		}
		if err := r.set(strings.TrimSpace(key), strings.TrimSpace(value)); err != nil {
			return r, fmt.Errorf("line %d: %w", i+2, err)
		}
	}
	r.Page = strings.TrimLeft(body, "\n")
	heading, after, _ := strings.Cut(r.Page, "\n")
	if r.Name, ok = strings.CutPrefix(heading, "# "); !ok {
		return r, fmt.Errorf("the first line after the front matter must be `# NAME`, not %q", heading)
	}
	r.Summary, _, _ = strings.Cut(strings.TrimLeft(after, "\n"), "\n\n")
	r.Summary = strings.Join(strings.Fields(r.Summary), " ")
	r.Examples = examples(text)
	return r, r.complete()
}

func (r *Rule) set(key, value string) error {
	var err error
	switch key {
	case "title":
		r.Title = value
	case "topic":
		r.Topic = Topic(value)
	case "order":
		r.Order, err = strconv.Atoi(value)
	case "languages":
		r.Languages = list(value)
	case "consequences":
		r.Consequences = list(value)
	case "severity":
		r.Severity = value
	case "cwe":
		for _, v := range list(value) {
			n, err := strconv.Atoi(v)
			if err != nil {
				return fmt.Errorf("cwe: %q is not a number", v)
			}
			r.CWE = append(r.CWE, n)
		}
	case "since":
		r.Since = value
	default:
		return fmt.Errorf("unknown key %q", key)
	}
	return err
}

func (r *Rule) complete() error {
	for what, value := range map[string]string{"title": r.Title, "severity": r.Severity, "since": r.Since, "summary": r.Summary} {
		if value == "" {
			return fmt.Errorf("%s is missing", what)
		}
	}
	if !slices.Contains(topics, r.Topic) {
		return fmt.Errorf("topic %q is none of %v", r.Topic, topics)
	}
	if len(r.Languages) == 0 {
		return fmt.Errorf("languages is missing")
	}
	if r.Topic == Notices {
		return nil
	}
	if len(r.Consequences) == 0 {
		return fmt.Errorf("consequences is missing")
	}
	var want []string
	for _, s := range sections {
		if lang, ok := languageSections[s]; !ok || slices.Contains(r.Languages, lang) {
			want = append(want, s)
		}
	}
	if got := headings(r.Page); !slices.Equal(got, want) {
		return fmt.Errorf("sections are %q, want %q", got, want)
	}
	for _, e := range r.Examples {
		marked := strings.Contains(e.Code, "BAD: "+r.Name)
		if marked != (e.Verdict == Bad) && e.Verdict != Gap {
			return fmt.Errorf("line %d: a %s example, but lines marked `BAD: %s`: %t", e.Line, e.Verdict, r.Name, marked)
		}
	}
	return nil
}

func headings(page string) []string {
	var out []string
	fenced := false
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if title, ok := strings.CutPrefix(line, "## "); ok && !fenced {
			out = append(out, strings.TrimSpace(title))
		}
	}
	return out
}

func examples(text string) []Example {
	var out []Example
	var cur *Example
	fenced := false
	n := 0
	for line := range strings.Lines(text) {
		n++
		info, fence := strings.CutPrefix(strings.TrimRight(line, "\n"), "```")
		switch {
		case fence && fenced:
			fenced = false
			if cur != nil {
				out, cur = append(out, *cur), nil
			}
		case fence:
			fenced = true
			if words := strings.Fields(info); len(words) == 2 {
				cur = &Example{Language: words[0], Verdict: Verdict(words[1]), Line: n + 1}
			}
		case cur != nil:
			cur.Code += line
		}
	}
	return out
}

func list(value string) []string {
	var out []string
	for v := range strings.SplitSeq(value, ",") {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}
