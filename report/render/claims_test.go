package render

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// This file holds the Markdown of the platforms to their JSON. It reads the JSON as plain values
// and shares no code with the renderer: each line of the document has to be recognised as a claim,
// and each claim has to resolve to something at a path of the JSON.

const audits = "../../testdata/audits"

type object = map[string]any

// source is an audit as plain JSON.
type source struct{ object }

func readSource(t *testing.T, name string) source {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(audits, name))
	if err != nil {
		t.Fatal(err)
	}
	var o object
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatal(err)
	}
	return source{o}
}

// at are the values at a path in which * stands for every element.
func at2(v any, path ...string) []any {
	if len(path) == 0 {
		return []any{v}
	}
	var out []any
	switch v := v.(type) {
	case object:
		if x, ok := v[path[0]]; ok {
			out = at2(x, path[1:]...)
		}
	case []any:
		if path[0] == "*" {
			for _, x := range v {
				out = append(out, at2(x, path[1:]...)...)
			}
		}
	}
	return out
}

func (s source) at(path string) []any { return at2(s.object, strings.Split(path, ".")...) }

// list are the objects of an array; only those that keep accepts.
func (s source) list(path string, keep func(object) bool) []object {
	var out []object
	for _, v := range s.at(path + ".*") {
		if o, ok := v.(object); ok && (keep == nil || keep(o)) {
			out = append(out, o)
		}
	}
	return out
}

// findings are those that are not suppressed and have the given values.
func (s source) findings(want object) []object {
	return s.list("findings", func(f object) bool { return f["suppressed"] == nil && has(f, want) })
}

// has says whether an object has the given values, texts compared without their markup.
func has(o, want object) bool {
	for k, v := range want {
		if plainText(o[k]) != plainText(v) {
			return false
		}
	}
	return true
}

var markup = strings.NewReplacer("\\\\", "\\", "\\", "", "`", "", "&lt;", "<", "&gt;", ">", "&amp;", "&")

// plainText is a value without the markup of Markdown, capital letter and full stop.
func plainText(v any) string {
	if v == nil {
		return ""
	}
	s := fmt.Sprint(v)
	if n, ok := v.(float64); ok {
		s = strconv.Itoa(int(n))
	}
	s = strings.TrimRight(strings.TrimSpace(markup.Replace(s)), ".")
	if s != "" {
		s = strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

func (s source) hasText(path, text string) bool {
	return slices.ContainsFunc(s.at(path), func(v any) bool { return plainText(v) == plainText(text) })
}

// claim is a kind of line and what it claims: resolve returns what is wrong, "" if nothing is.
type claim struct {
	section string // start of the second-level heading it stands under
	line    *regexp.Regexp
	resolve func(r *reader, m []string) string
}

// reader goes through the document.
type reader struct {
	now, old source
	section  string
	part     string // third-level heading
	head     object // the finding whose chapter it is
	current  object // the finding that is spoken of
	file     string // the file that excerpts are of
	inOld    bool   // what is quoted is of the baseline
	step     int
}

func (r *reader) audit() source {
	if r.inOld {
		return r.old
	}
	return r.now
}

func wrong(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func equal(got string, want int) string {
	if got != strconv.Itoa(want) {
		return wrong("says %s, the JSON has %d", got, want)
	}
	return ""
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

var tally = regexp.MustCompile(`(\d+) (critical|high|medium|low|info)`)

// counts resolves "3 critical, 11 high" to findings.*.severity.
func counts(s source, text string) string {
	said := 0
	for _, m := range tally.FindAllStringSubmatch(text, -1) {
		if e := equal(m[1], len(s.findings(object{"severity": m[2]}))); e != "" {
			return m[2] + " " + e
		}
		n, _ := strconv.Atoi(m[1])
		said += n
	}
	return equal(strconv.Itoa(said), len(s.findings(nil)))
}

var severityWord = regexp.MustCompile(`\*\*(CRITICAL|HIGH|MEDIUM|LOW|INFO)\*\*`)

func severityIn(s string) string {
	m := severityWord.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	return strings.ToLower(m[1])
}

var fileLine = regexp.MustCompile("^`(.+):(\\d+)`$")

func where(cell string) object {
	m := fileLine.FindStringSubmatch(cell)
	if m == nil {
		return object{"file": "?"}
	}
	return object{"file": m[1], "line": m[2]}
}

// one wants some object of a list to have the values.
func one(list []object, want object) string {
	if slices.ContainsFunc(list, func(o object) bool { return has(o, want) }) {
		return ""
	}
	return wrong("no object of the JSON has %v", want)
}

// nobody is the word for an empty cell.
func nobody(cell, word string) string {
	if cell == word {
		return ""
	}
	return cell
}

// found makes the finding with these values the one that is spoken of.
func (r *reader) found(want object) string {
	list := r.audit().findings(want)
	if len(list) == 0 {
		return wrong("no finding has %v", want)
	}
	r.current, r.file, r.step = list[0], fmt.Sprint(list[0]["file"]), 0
	return ""
}

// ofCurrent wants a text of the current finding.
func ofCurrent(keys ...string) func(*reader, []string) string {
	return func(r *reader, m []string) string {
		for _, k := range keys {
			for _, v := range at2(r.current, strings.Split(k, ".")...) {
				if plainText(v) == plainText(m[1]) {
					return ""
				}
			}
		}
		return wrong("%q is not at %v of the finding", m[1], keys)
	}
}

func re(s string) *regexp.Regexp { return regexp.MustCompile("^" + s + "$") }

func (r *reader) perService(name string) string {
	services := r.now.list("services", nil)
	n := 0
	for _, f := range r.now.findings(nil) {
		best := object{"dir": ""}
		for _, s := range services {
			if dir := fmt.Sprint(s["dir"]); strings.HasPrefix(fmt.Sprint(f["file"]), dir+"/") && len(dir) > len(fmt.Sprint(best["dir"])) {
				best = s
			}
		}
		if best["name"] == name {
			n++
		}
	}
	return strconv.Itoa(n)
}

// spanOf is the line or lines of a finding.
func spanOf(f object) string {
	from, to := f["line"].(float64), f["line"].(float64)
	if e, ok := f["endLine"].(float64); ok {
		to = max(to, e)
	}
	for _, v := range at2(f, "steps", "*") {
		s := v.(object)
		if s["file"] != f["file"] || s["kind"] == "writer" || s["kind"] == "related" {
			continue
		}
		from, to = min(from, s["line"].(float64)), max(to, s["line"].(float64))
		if e, ok := s["endLine"].(float64); ok {
			to = max(to, e)
		}
	}
	if from == to {
		return fmt.Sprint(from)
	}
	return fmt.Sprintf("%v-%v", from, to)
}

func cells(line string) []string {
	parts := strings.Split(strings.Trim(line, "|"), " | ")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// row is a claim about a table row with n cells.
func row(section string, n int, resolve func(r *reader, c []string) string) claim {
	return claim{section, re(`\|.*\|`), func(r *reader, m []string) string {
		c := cells(m[0])
		if strings.HasPrefix(m[0], "|---") || len(c) != n {
			return "-"
		}
		return resolve(r, c)
	}}
}

// sum adds up a pattern's counts over the files that match.
func (s source) patterns(file, name string) int {
	n := 0
	for _, p := range s.list("patterns", nil) {
		if file == "" || p["file"] == file {
			for k, v := range p["patterns"].(object) {
				if k == name {
					n += int(v.(float64))
				}
			}
		}
	}
	return n
}

var times = regexp.MustCompile("`?([\\w. ]+?)`? ×(\\d+)")

// uses resolves "await ×3, gather ×1" by a function that counts.
func uses(text string, number func(name string) int) string {
	rest := times.ReplaceAllStringFunc(text, func(s string) string {
		m := times.FindStringSubmatch(s)
		if e := equal(m[2], number(strings.TrimSpace(m[1]))); e != "" {
			return s + e
		}
		return ""
	})
	if strings.Trim(rest, ", ") != "" {
		return wrong("does not resolve: %s", rest)
	}
	return ""
}

func (s source) fixed(old source) []object {
	var gone []object
	for _, f := range old.findings(nil) {
		if len(s.findings(object{"fingerprint": f["fingerprint"]})) == 0 {
			gone = append(gone, f)
		}
	}
	return gone
}

func boolean(ok bool, otherwise string) string {
	if ok {
		return ""
	}
	return otherwise
}

func (r *reader) advice(want object) string {
	list := r.now.list("advice", func(o object) bool { return has(o, want) })
	if len(list) == 0 {
		return "no such recommendation"
	}
	r.current = list[0]
	return ""
}

// resolve looks for a claim that a line makes and holds it to the JSON.
func (r *reader) resolve(line string) string {
	if r.section == "Limits" && strings.HasPrefix(line, "- `") && r.now.hasText("related.*", strings.TrimPrefix(line, "- ")) {
		return ""
	}
	for _, f := range fixedText {
		if f.MatchString(line) {
			return ""
		}
	}
	last := "nothing is known of lines like this"
	for _, c := range claims {
		if !strings.HasPrefix(r.section, c.section) {
			continue
		}
		if m := c.line.FindStringSubmatch(line); m != nil {
			switch e := c.resolve(r, m); e {
			case "":
				return ""
			case "-":
			default:
				last = e
			}
		}
	}
	return last
}

var numbered = regexp.MustCompile(`^ *(\d+)(?:  (.*?)(?:  # ← [A-Z, ]+)?)?$`)

// quoted resolves a line of code: to a source line, a line of the fix, a command or a setting.
func (r *reader) quoted(line string) string {
	if strings.TrimSpace(line) == "…" {
		return ""
	}
	a := r.audit()
	for _, path := range []string{"commands.*", "settings.*"} {
		if slices.Contains(a.at(path), any(line)) {
			return ""
		}
	}
	for _, v := range at2(r.current, "remedy", "code") {
		added := at2(r.current, "remedy", "added", "*")
		for i, l := range strings.Split(fmt.Sprint(v), "\n") {
			if slices.Contains(added, any(float64(i+1))) {
				l += "  # ← NEW"
			}
			if l == line {
				return ""
			}
		}
	}
	m := numbered.FindStringSubmatch(line)
	if m == nil {
		return "is no line of the fix"
	}
	text, ok := a.at("excerpts")[0].(object)[r.file+":"+m[1]]
	if !ok || strings.TrimRight(fmt.Sprint(text), " ") != strings.TrimRight(m[2], " ") {
		return wrong("is not line %s of %s: %q", m[1], r.file, text)
	}
	return ""
}

// TestEveryClaimResolves reads the documents of both platforms line by line.
func TestEveryClaimResolves(t *testing.T) {
	for _, name := range []string{"course-creator", "course-creator-fixed"} {
		t.Run(name, func(t *testing.T) {
			r := &reader{now: readSource(t, name+".as-open.json"), old: readSource(t, "course-creator.as-open.json")}
			text, err := os.ReadFile(filepath.Join(audits, name+".as-open.md"))
			if err != nil {
				t.Fatal(err)
			}
			fence, resolved := "", 0
			for i, line := range strings.Split(string(text), "\n") {
				e := ""
				switch {
				case fence != "" && line == fence:
					fence = ""
				case fence != "":
					e = r.quoted(line)
				case strings.HasPrefix(line, "```"):
					fence = strings.TrimRight(line, "abcdefghijklmnopqrstuvwxyz")
				default:
					if title, ok := strings.CutPrefix(line, "## "); ok {
						r.section, r.part, r.inOld = title, "", false
						if !strings.Contains(title, "Finding") {
							continue
						}
					}
					if title, ok := strings.CutPrefix(line, "### "); ok {
						r.part = title
					}
					if strings.HasSuffix(line, " Root Cause") || strings.HasPrefix(line, "**Root Cause") || strings.Contains(line, "Recommended Fix") {
						r.current = r.head // after the additional sections
					}
					e = r.resolve(line)
				}
				if e != "" {
					t.Errorf("line %d: %s\n%s", i+1, e, line)
				} else if line != "" {
					resolved++
				}
			}
			if resolved < 500 {
				t.Errorf("only %d lines were resolved", resolved)
			}
		})
	}
}

// TestClaimsAreChecked: a document that says something else than the JSON does not resolve.
func TestClaimsAreChecked(t *testing.T) {
	r := &reader{now: readSource(t, "course-creator-fixed.as-open.json"), old: readSource(t, "course-creator.as-open.json")}
	for _, c := range []struct{ section, line string }{
		{"Executive Summary", "toctou (devel) read 96 files of 13 services and analysed 322 functions. It reports 17 findings: 2 critical, 11 high, 2 medium and 2 low."},
		{"Services Audited", "1. analytics (`services/analytics`, 8 files)"},
		{"Services Audited", "2. content-management (`services/content-management`, 10 files) ⚠️ **HIGH**: 5 findings"},
		{"Background Work", "15 task creations. By design: 12. Handed on: 0. Reported above: 2."},
		{"Database Transactions", "**Not found**: pool"},
		{"Threading and Locks", "- Work is handed to other threads in 7 files: `to_thread` ×14."},
		{"Recommendations", "### Priority 1: low findings"},
		{"Threading and Locks", "| `verify_password` | `services/user-management/user_management/application/authentication_service.py:52` | `AuthenticationService.logout` | `asyncio.to_thread` |"},
		{"Fixes Applied", "Against the baseline of 2025-10-10: 4 fixed, 2 new, 15 unchanged."},
		{"Fixes Applied", "`self._graphs_lock` was added (asyncio.Lock, line 24): held in 2 sections, of which 2 may suspend."},
		{"Validation Evidence", "| files analysed | 95 |"},
		{"Limits", "- Nothing is out of sight."},
		{"Comparison of Scopes", "| Python | 95 | yes | 3 | 11 | 2 | 2 |"},
		{"Some Section", "A sentence that the renderer never writes."},
	} {
		r.section, r.file = c.section, ""
		if r.resolve(c.line) == "" {
			t.Errorf("resolves, and is not so: %s", c.line)
		}
	}
}
