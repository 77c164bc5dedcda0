package render

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
)

func TestCIGoldens(t *testing.T) {
	golden(t, "platform.github.txt", must(t, GitHub, platform(), Options{}))
	golden(t, "platform.gitlab.json", must(t, GitLab, platform(), Options{}))
	golden(t, "platform.junit.xml", must(t, JUnit, platform(), Options{}))
	golden(t, "empty.junit.xml", must(t, JUnit, newAudit().Audit, Options{}))
}

// command is a workflow command as the runner takes it apart.
var command = regexp.MustCompile(`^::(error|warning|notice) file=([^:,]*),line=\d+,endLine=\d+,col=\d+(,endColumn=\d+)?,title=([^:,]*)::(.*)$`)

func TestGitHubCommandsCannotBeInjected(t *testing.T) {
	eachAttack(t, GitHub, func(t *testing.T, attack, got string) {
		t.Helper()
		list := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
		commands := list[:len(list)-1]
		if suppressed := 1; len(commands) != len(platform().Findings)-suppressed {
			t.Errorf("attack %q: %d commands", attack, len(commands))
		}
		for _, c := range commands {
			if !command.MatchString(c) {
				t.Errorf("attack %q: %q is no command of ours", attack, c)
			}
		}
		if last := list[len(list)-1]; strings.HasPrefix(last, "::") {
			t.Errorf("attack %q: the last line is a command: %q", attack, last)
		}
	})
}

// TestNoRunnerCommandInPlainOutput: what people print in a pipeline must not command the runner.
func TestNoRunnerCommandInPlainOutput(t *testing.T) {
	for _, name := range []string{"text", "lines", "github", "junit"} {
		for _, attack := range []string{"##[add-mask]x", "a ##[stop-commands]t", "::error::x", "word ::error::x " + strings.Repeat("word ::warning::x ", 40)} {
			for line := range strings.SplitSeq(must(t, renderers[name], hostile(attack, true), Options{Width: 40}), "\n") {
				if strings.Contains(line, "##[") {
					t.Errorf("%s: attack %q: %q", name, attack, line)
				}
				ours := name == "github" && command.MatchString(line)
				if strings.HasPrefix(strings.TrimSpace(line), "::") && !ours {
					t.Errorf("%s: attack %q: %q", name, attack, line)
				}
			}
		}
	}
}

func TestGitHubMarks(t *testing.T) {
	want := "::error file=platform/" + poolFile + ",line=45,endLine=45,col=9,endColumn=14,title=high[checkthenact]::`_pool` may have changed since it was checked%0A" +
		"- two callers both pass line 36; the second pool replaces the first, which is never closed (duplicate-resource)%0A" +
		"- `close_database_pool` also writes `_pool` (line 71)%0A" +
		"fix: hold one asyncio.Lock from 36 to 45, or re-check after the await%0Aopen window, high confidence\n1 finding in 1 file\n"
	if got := must(t, GitHub, pool(), Options{}); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestGitLabFingerprintsAreUnique(t *testing.T) {
	a := pool()
	a.Findings = append(a.Findings, a.Findings[0])
	var list []gitlabIssue
	if err := json.Unmarshal([]byte(must(t, GitLab, a, Options{})), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Fingerprint == list[1].Fingerprint {
		t.Errorf("%+v", list)
	}
	if err := json.Unmarshal([]byte(must(t, GitLab, newAudit().Audit, Options{})), &list); err != nil || len(list) != 0 {
		t.Errorf("an empty audit gives %v, %v", list, err)
	}
}

// elements is the sequence of XML elements of a document.
func elements(t *testing.T, text string) string {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(text))
	var names []string
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return strings.Join(names, " ")
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if s, ok := tok.(xml.StartElement); ok {
			names = append(names, s.Name.Local)
		}
	}
}

func TestJUnitIsXML(t *testing.T) {
	want := elements(t, must(t, JUnit, hostile("calm", true), Options{}))
	for _, s := range attacks {
		if got := elements(t, must(t, JUnit, hostile(s, true), Options{})); got != want {
			t.Errorf("attack %q: elements %s, want %s", s, got, want)
		}
	}
}

func TestJUnitCounts(t *testing.T) {
	a := platform()
	var doc struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
		Suites   []struct {
			Cases []struct {
				Failure *struct{} `xml:"failure"`
				Skipped *struct{} `xml:"skipped"`
				Error   *struct{} `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(must(t, JUnit, a, Options{})), &doc); err != nil {
		t.Fatal(err)
	}
	tests, failures, broken, skipped := 0, 0, 0, 0
	for _, s := range doc.Suites {
		for _, c := range s.Cases {
			tests++
			failures += b2i(c.Failure != nil)
			skipped += b2i(c.Skipped != nil)
			broken += b2i(c.Error != nil)
		}
	}
	if tests != doc.Tests || failures != doc.Failures || broken != doc.Errors || skipped != doc.Skipped {
		t.Errorf("counted %d %d %d %d, stated %+v", tests, failures, broken, skipped, doc)
	}
	if failures != 5 || skipped != 1 || broken != len(a.Unparsed) {
		t.Errorf("%d failures, %d skipped, %d errors", failures, skipped, broken)
	}
}
