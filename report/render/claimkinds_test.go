package render

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fixedText are the lines that claim nothing about the code.
var fixedText = []*regexp.Regexp{
	re(``), re(`---`), re(`### (Issue Details|Vulnerable Code|The Problem|Root Cause|Recommended Fix|Additional Vulnerable Sections?|By Design|Reported|Handed On|New Since the Baseline)`),
	re(`\*\*(Race Condition Scenario|What runs in other threads|Impact|Notes|Why This Works|Services|Files|Tests to write|To reproduce|After|Related Documents|Configuration in force|Not seen by the analysis|Reported on this place now|Where connections, sessions, transactions and row locks come from|Analysed again\*\*, as findings of the baseline are fixed there|The audit says now)(\*\*)?:`),
	re(`\|(---\|)+`), re(`\| (#|Counted|Created at|File|Found|Function|Language|Lock|Where) \| ([A-Z][^|]* \| )*[A-Z][^|]* \|`),
	re(`(Nothing can suspend|Somebody keeps each of these|These look like a finding|The creator gives).*`),
	re(`(No file failed to parse and no function was cut short\. )?What each rule does not see is told on its page: .*`),
}

var claims = []claim{
	{"", re(`# (.*)`), func(r *reader, m []string) string {
		return first(boolean(r.now.hasText("title", m[1]), "no such title"))
	}},
	{"", re(`\*\*Date\*\*: (.*)\\`), func(r *reader, m []string) string { return boolean(r.now.hasText("date", m[1]), "no such date") }},
	{"", re(`\*\*Scope\*\*: (\w+) \((.*)\); concurrency model: (\w+)\\`), func(r *reader, m []string) string {
		for f := range strings.SplitSeq(m[2], ", ") {
			if !r.now.hasText("frameworks.*", f) {
				return "no framework " + f
			}
		}
		return first(boolean(r.now.hasText("languages.*", m[1]), "no language "+m[1]), boolean(r.now.hasText("policy.concurrency", m[3]), "another model"))
	}},
	{"", re(`\*\*Status\*\*: .*(CRITICAL|HIGH).*?: (.*)`), func(r *reader, m []string) string {
		if len(r.now.findings(object{"severity": strings.ToLower(m[1])})) == 0 {
			return "no finding is " + m[1]
		}
		return counts(r.now, m[2])
	}},
	{"Executive Summary", re("(.*) read (\\d+) files of (\\d+) services and analysed (\\d+) functions. It reports (\\d+) findings: (.*?)(?:; (\\d+) (?:are|is) of low confidence)?(?:; (\\d+) of the windows (?:are|is) latent)?. The gravest is in `(.*)`, line (\\d+): (.*)"), func(r *reader, m []string) string {
		return first(boolean(m[1] == fmt.Sprint(r.now.at("tool.name")[0], " ", r.now.at("tool.version")[0]), "another tool"),
			equal(m[2], int(r.now.at("files")[0].(float64))), equal(m[3], len(r.now.at("services.*"))), equal(m[4], int(r.now.at("counts.functions")[0].(float64))),
			equal(m[5], len(r.now.findings(nil))), counts(r.now, m[6]), equal(first(m[7], "0"), len(r.now.findings(object{"confidence": "low"}))), equal(first(m[8], "0"), len(r.now.findings(object{"window": "latent"}))),
			one(r.now.findings(object{"severity": "critical"}), object{"file": m[9], "line": m[10], "message": m[11]}))
	}},
	row("Executive Summary", 6, func(r *reader, c []string) string {
		want := where(c[2])
		want["message"], want["severity"], want["confidence"], want["window"] = c[1], severityIn(c[3]), c[4], nobody(c[5], "-")
		return one(r.now.findings(nil), want)
	}),
	{"Services Audited", re(`\*\*Total Services\*\*: (\d+)\\`), func(r *reader, m []string) string { return equal(m[1], len(r.now.at("services.*"))) }},
	{"Services Audited", re(`\*\*Files Scanned\*\*: (\d+)`), func(r *reader, m []string) string { return equal(m[1], int(r.now.at("files")[0].(float64))) }},
	{"Services Audited", re("\\d+\\. (.*) \\(`(.*)`, (\\d+) files\\)(?: .*: (\\d+) findings?)?"), func(r *reader, m []string) string {
		return first(one(r.now.list("services", nil), object{"name": m[1], "dir": m[2], "files": m[3]}), boolean(r.perService(m[1]) == first(m[4], "0"), "another number of findings"))
	}},

	// A finding.
	{"", re(`#{2,3} (?:(Critical|High) )?Finding \d+: (.*)`), func(r *reader, m []string) string {
		want := object{"message": m[2]}
		if m[1] != "" {
			want["severity"] = strings.ToLower(m[1])
		}
		e := r.found(want)
		r.head = r.current
		return e
	}},
	{"", re("\\*\\*File\\*\\*: `(.*)`\\\\"), func(r *reader, m []string) string {
		// The same message may be there in several files: the file settles which is meant.
		e := r.found(object{"message": r.current["message"], "file": m[1], "severity": r.current["severity"]})
		r.head = r.current
		return e
	}},
	{"", re(`\*\*Lines?\*\*: ([\d-]+)\\`), func(r *reader, m []string) string {
		return boolean(m[1] == spanOf(r.current), "the steps span "+spanOf(r.current))
	}},
	{"", re("\\*\\*Function\\*\\*: `(.*)`\\\\"), ofCurrent("function")},
	{"", re(`\*\*Severity\*\*: (.*)\\`), func(r *reader, m []string) string { return ofCurrent("severity")(r, []string{"", severityIn(m[1])}) }},
	{"", re("\\*\\*Type\\*\\*: .* \\(`(.*)`\\)\\\\?"), ofCurrent("rule")},
	{"", re(`\*\*Consequence\*\*: (.*)\\`), ofCurrent("consequence")},
	{"", re(`\*\*Confidence\*\*: (\w+)(?:: [^\\]*)?\\?`), ofCurrent("confidence")},
	{"", re(`\*\*Window\*\*: (open|latent): .*`), ofCurrent("window")},
	{"", re("\\*\\*Lines?\\*\\*: ([\\d-]+)(?: of `(.*)`)? · (.*) · confidence (\\w+)(?: · (\\w+) window)? · `(\\w+)`"), func(r *reader, m []string) string {
		for _, f := range r.now.findings(object{"group": r.current["group"], "severity": severityIn(m[3]), "confidence": m[4], "window": m[5], "rule": m[6]}) {
			if spanOf(f) == m[1] && (m[2] == "" || f["file"] == m[2]) {
				r.current, r.file, r.step = f, fmt.Sprint(f["file"]), 0
				return ""
			}
		}
		return "no such finding in the group"
	}},
	{"", re(`\*\*Issue\*\*: (.*)`), ofCurrent("message")},
	{"", re(`\*\*Fix\*\*: (.*)`), ofCurrent("fix")},
	{"", re(`\*\*Root Cause\*\*: (.*)`), ofCurrent("rootCause")},
	{"", re(`\*\*Recommended Fix\*\*: (.*)`), ofCurrent("fix")},
	{"", re(`(?:\*\*Fix\*\*: )?As code(?:, at the end of this chapter)?: (.*)`), ofCurrent("remedy.title")},
	{"", re(`\*\*No edit is offered\*\*: (.*)`), ofCurrent("unfixed")},
	{"", re("In `(.*)`:"), func(r *reader, m []string) string { r.file = m[1]; return "" }},
	{"", re("(\\d+)\\. \\*\\*(\\w)\\*\\* (.*?)(?: \\((?:line (\\d+)|`(.*):(\\d+)`)\\))?(?: → (.*))?"), func(r *reader, m []string) string {
		r.step++
		steps := at2(r.current, "scenario", "*")
		if len(steps) < r.step {
			return "no such step"
		}
		return first(equal(m[1], r.step), one([]object{steps[r.step-1].(object)}, object{"actor": m[2], "text": m[3], "line": first(m[4], m[6]), "state": m[7]}))
	}},
	{"Critical Finding", re(`- (.*)`), ofCurrent("impact.*", "notes.*", "remedy.why.*")},
	{"High Finding", re(`- (.*)`), ofCurrent("impact.*", "notes.*", "remedy.why.*")},
	{"Latent Windows", re(`- (.*)`), ofCurrent("impact.*", "notes.*", "remedy.why.*")},
	{"Medium Priority", re(`- (.*)`), ofCurrent("impact.*", "notes.*", "remedy.why.*")},
	{"Low Priority", re(`- (.*)`), ofCurrent("impact.*", "notes.*", "remedy.why.*")},
	{"Critical Finding", re(`([^#*|].*)`), ofCurrent("rootCause", "fix")},
	{"High Finding", re(`([^#*|].*)`), ofCurrent("rootCause", "fix")},

	// The inventories.
	{"Background Work", re(`(\d+) task creations. By design: (\d+). Handed on: (\d+). Reported above: (\d+).`), func(r *reader, m []string) string {
		reported := len(r.now.list("tasks", func(t object) bool { return t["rule"] != nil }))
		handed := len(r.now.list("tasks", func(t object) bool { return t["rule"] == nil && t["observer"] == nil && t["drain"] == nil }))
		all := len(r.now.at("tasks.*"))
		return first(equal(m[1], all), equal(m[2], all-handed-reported), equal(m[3], handed), equal(m[4], reported))
	}},
	row("Background Work", 6, func(r *reader, c []string) string {
		want := where(c[0])
		want["target"], want["keeper"], want["observer"], want["drain"] = c[1], nobody(c[2], "nobody"), nobody(c[3], "nobody"), nobody(c[4], "nobody")
		verdict, rule, _ := strings.Cut(strings.TrimSuffix(c[5], ")"), " (")
		want["verdict"], want["rule"] = verdict, rule
		return one(r.now.list("tasks", func(t object) bool { return (t["rule"] != nil) == (r.part == "Reported") }), want)
	}),
	row("Look-Alikes", 4, func(r *reader, c []string) string {
		want := where(c[0])
		want["function"], want["place"], want["reason"] = c[1], c[2], c[3]
		return one(r.now.list("negatives", nil), want)
	}),
	row("Database", 3, func(r *reader, c []string) string {
		if strings.HasPrefix(c[0], "`") {
			want := where(c[0])
			want["function"], want["kind"] = c[1], c[2]
			return one(r.now.list("database", nil), want)
		}
		return first(one(r.now.list("database", nil), object{"kind": c[0], "detail": c[2]}),
			equal(c[1], len(r.now.list("database", func(u object) bool { return u["kind"] == c[0] }))))
	}),
	row("Database", 2, func(r *reader, c []string) string {
		return uses(c[1], func(kind string) int {
			return len(r.now.list("database", func(u object) bool { return u["kind"] == kind && "`"+fmt.Sprint(u["file"])+"`" == c[0] }))
		})
	}),
	{"Database", re(`\*\*Not found\*\*: (.*)`), func(r *reader, m []string) string {
		for kind := range strings.SplitSeq(m[1], ", ") {
			if r.now.hasText("database.*.kind", kind) {
				return kind + " is there"
			}
		}
		return ""
	}},
	{"Database", re("\\*\\*Status\\*\\*: .*: (\\d+) findings? of `(.*)` .*"), func(r *reader, m []string) string {
		return equal(m[1], len(r.now.findings(object{"rule": m[2]})))
	}},
	{"Threading", re("- No thread and no thread lock is made: .*"), func(r *reader, _ []string) string {
		for _, p := range r.now.list("patterns", nil) {
			for name := range p["patterns"].(object) {
				if strings.HasPrefix(name, "threading.") {
					return "there is " + name
				}
			}
		}
		return ""
	}},
	{"Threading", re("- Work is handed to other threads in (\\d+) files: (.*)\\."), func(r *reader, m []string) string {
		names := times.FindAllStringSubmatch(m[2], -1)
		files := r.now.list("patterns", func(p object) bool {
			return slices.ContainsFunc(names, func(n []string) bool { return p["patterns"].(object)[n[1]] != nil })
		})
		return first(equal(m[1], len(files)), uses(m[2], func(name string) int { return r.now.patterns("", name) }))
	}},
	row("Threading", 6, func(r *reader, c []string) string {
		want := where(c[2])
		holders, lines, _ := strings.Cut(c[4], ": lines ")
		want["name"], want["kind"], want["holders"], want["suspending"] = c[0], c[1], holders, c[5]
		for _, l := range r.now.list("locks", func(l object) bool { return has(l, want) }) {
			guards := []string{}
			for _, g := range at2(l, "guards", "*") {
				guards = append(guards, "`"+fmt.Sprint(g)+"`")
			}
			sections := []string{}
			for _, s := range at2(l, "sections", "*") {
				sections = append(sections, fmt.Sprintf("%v-%v", s.(object)["line"], s.(object)["endLine"]))
			}
			if first(strings.Join(guards, ", "), "no shared state that was recognised") == c[3] && strings.Join(sections, ", ") == lines {
				return ""
			}
		}
		return "no such lock"
	}),
	row("Threading", 4, func(r *reader, c []string) string {
		want := where(c[1])
		want["target"], want["how"] = c[0], c[3]
		if c[2] != "-" {
			want["function"] = c[2]
		}
		return one(r.now.list("threads", nil), want)
	}),
	row("asyncio Patterns", 3, func(r *reader, c []string) string {
		file := strings.Trim(c[0], "`")
		number := "0"
		if m := regexp.MustCompile(`(\d+) findings?$`).FindStringSubmatch(c[1]); m != nil {
			number = m[1]
		}
		return first(equal(number, len(r.now.findings(object{"file": file}))), one(r.now.list("patterns", nil), object{"file": file, "worst": severityIn(c[1])}),
			uses(c[2], func(name string) int { return r.now.patterns(file, name) }))
	}),
	{"asyncio Patterns", re(`\*\*Status\*\*: (\d+) files reviewed, (\d+) of them with findings`), func(r *reader, m []string) string {
		return first(equal(m[1], len(r.now.at("patterns.*"))), equal(m[2], len(r.now.list("patterns", func(p object) bool { return p["findings"].(float64) > 0 }))))
	}},
	{"Recommendations", re(`### Priority (\d): (\w+) findings`), func(r *reader, m []string) string {
		return boolean(len(r.now.list("advice", func(a object) bool { return has(a, object{"priority": m[1], "severity": m[2]}) })) > 0, "no such priority")
	}},
	{"Recommendations", re(`#### (.*)`), func(r *reader, m []string) string { return r.advice(object{"title": m[1]}) }},
	{"Recommendations", re(`\*\*Action\*\*: (.*)`), ofCurrent("action")},
	{"Recommendations", re(`\*\*Effort\*\*: (.*)`), ofCurrent("effort")},
	{"Recommendations", re(`- (.*)`), ofCurrent("files.*", "tests.*")},
	row("Comparison", 7, func(r *reader, c []string) string {
		language := strings.ToLower(c[0])
		wrongs := []string{one(r.now.list("scopes", nil), object{"language": language, "files": c[1], "analysed": fmt.Sprint(c[2] == "yes")})}
		for i, sev := range []string{"critical", "high", "medium", "low"} {
			wrongs = append(wrongs, equal(c[3+i], len(r.now.findings(object{"language": language, "severity": sev}))))
		}
		return first(wrongs...)
	}),

	// The comparison with the baseline.
	{"Fixes Applied", re(`Against the baseline of (.*): (\d+) fixed, (\d+) new, (\d+) unchanged.`), func(r *reader, m []string) string {
		fixed, _ := strconv.Atoi(m[2])
		added, _ := strconv.Atoi(m[3])
		kept, _ := strconv.Atoi(m[4])
		return first(boolean(r.old.hasText("date", m[1]), "another date"), equal(strconv.Itoa(fixed+kept), len(r.old.findings(nil))),
			equal(strconv.Itoa(added+kept), len(r.now.findings(nil))))
	}},
	{"Fixes Applied", re(`### Fix \d+: (.*)`), func(r *reader, m []string) string {
		return one(r.now.fixed(r.old), object{"message": m[1]})
	}},
	{"Fixes Applied", re("\\*\\*Before\\*\\*: (.*) · (.*) · `(.*)`"), func(r *reader, m []string) string {
		r.inOld = true
		want := where(m[1])
		want["severity"], want["rule"] = severityIn(m[2]), m[3]
		if e := one(r.now.fixed(r.old), want); e != "" {
			return e
		}
		return r.found(want)
	}},
	{"Fixes Applied", re("`(.*)` was added \\((.*), line (\\d+)\\): held in (\\d+) sections?, of which (\\d+) may suspend."), func(r *reader, m []string) string {
		r.inOld = false
		if r.old.hasText("locks.*.name", m[1]) {
			return "the lock was there before"
		}
		return one(r.now.list("locks", nil), object{"name": m[1], "kind": m[2], "line": m[3], "holders": m[4], "suspending": m[5], "file": r.file})
	}},
	{"Fixes Applied", re("`(.*)` holds it at lines (\\d+)-(\\d+)."), func(r *reader, m []string) string {
		var sections []object
		for _, v := range r.now.at("locks.*.sections.*") {
			sections = append(sections, v.(object))
		}
		return one(sections, object{"function": m[1], "line": m[2], "endLine": m[3], "file": r.file})
	}},
	{"Fixes Applied", re("The task that runs `(.*)` \\(line (\\d+)\\) is (\\w+): kept by (.*), its error is seen by (.*), awaited or cancelled by (.*)."), func(r *reader, m []string) string {
		r.inOld = false
		return one(r.now.list("tasks", nil), object{"target": m[1], "line": m[2], "verdict": m[3], "keeper": m[4], "observer": m[5], "drain": m[6], "file": r.file})
	}},
	{"Fixes Applied", re("- (.*) (`[^`]*:\\d+`) (.*) \\(`(\\w+)`\\)"), func(r *reader, m []string) string {
		r.inOld = false
		want := where(m[2])
		want["severity"], want["message"], want["rule"] = severityIn(m[1]), m[3], m[4]
		return one(r.now.findings(nil), want)
	}},

	{"Validation", re(`\*\*Parsing\*\*: ✅ (\d+) files read, all parsed`), func(r *reader, m []string) string {
		return first(equal(m[1], int(r.now.at("files")[0].(float64))), equal("0", len(r.now.at("unparsed.*"))))
	}},
	row("Validation", 2, func(r *reader, c []string) string {
		key := map[string]string{"files read": "files", "files analysed": "analysed", "functions analysed": "functions"}[c[0]]
		if strings.HasPrefix(c[0], "files passed over") {
			key = "prefiltered"
		} else if strings.HasPrefix(c[0], "files that could not") {
			key = "skipped"
		}
		if key == "" {
			return "nothing is counted so"
		}
		return equal(c[1], int(r.now.at("counts." + key)[0].(float64)))
	}),
	{"Validation", re("- `(.*)`"), func(r *reader, m []string) string { return one(r.now.fixed(r.old), object{"file": m[1]}) }},
	{"Limits", re(`- (.*)`), func(r *reader, m []string) string { return boolean(r.now.hasText("limits.*", m[1]), "no such limit") }},
	{"Limits", re(`\*\*Written by\*\*: (\S+) (.*)\\`), func(r *reader, m []string) string {
		return boolean(r.now.hasText("tool.name", m[1]) && r.now.hasText("tool.version", m[2]), "another tool")
	}},
	{"Limits", re(`\*\*Document Version\*\*: (.*)\\`), func(r *reader, m []string) string {
		return boolean(r.now.hasText("documentVersion", m[1]), "another version")
	}},
	{"Limits", re(`\*\*Author\*\*: (.*)\\`), func(r *reader, m []string) string { return boolean(r.now.hasText("author", m[1]), "another author") }},
	{"Limits", re(`\*\*Policy\*\*: latent windows (.*); concurrency model (.*)\\`), func(r *reader, m []string) string {
		return boolean(r.now.hasText("policy.latent", m[1]) && r.now.hasText("policy.concurrency", m[2]), "another policy")
	}},
}
