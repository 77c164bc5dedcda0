package marks

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/toctou-lint/toctou/report"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, line string
		want       []Mark
		fails      bool
	}{
		{name: "none", line: "x = 1"},
		{name: "python", line: "x = 1  # BAD: lostupdate", want: []Mark{{Bad, []string{"lostupdate"}, "", "f", 1}}},
		{name: "go", line: "x = 1 // LOW: uselesslock", want: []Mark{{Low, []string{"uselesslock"}, "", "f", 1}}},
		{name: "alternatives and group", line: "x  # GAP: checkthenact|lostupdate @pool",
			want: []Mark{{Gap, []string{"checkthenact", "lostupdate"}, "pool", "f", 1}}},
		{name: "joined", line: "x  # BAD: uselesslock @a; MAYBE: lostupdate",
			want: []Mark{{Bad, []string{"uselesslock"}, "a", "f", 1}, {Maybe, []string{"lostupdate"}, "", "f", 1}}},
		{name: "latent, carriage return", line: "x  # LATENT: checkthenact \r", want: []Mark{{Latent, []string{"checkthenact"}, "", "f", 1}}},
		{name: "prose about marks", line: "# a line with BAD: lostupdate is one defect"},
		{name: "colon missing", line: "x  # BAD lostupdate", fails: true},
		{name: "text behind it", line: "x  # BAD: lostupdate, really", fails: true},
		{name: "no rule", line: "x // MAYBE:", fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse("f", []byte(tt.line+"\n"))
			if (err != nil) != tt.fails || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Parse(%q) = %v, %v; want %v, failure %t", tt.line, got, err, tt.want, tt.fails)
			}
		})
	}
}

func TestStripKeepsLinesAndColumns(t *testing.T) {
	const src = "a = 1\nself.b = 2  # BAD: lostupdate\r\n# a remark\nlast  # GAP: lostupdate @x"
	const want = "a = 1\nself.b = 2\r\n# a remark\nlast"
	if got := string(Strip([]byte(src))); got != want {
		t.Errorf("Strip = %q, want %q", got, want)
	}
}

func TestUnits(t *testing.T) {
	list, err := Parse("f.py", []byte("a  # BAD: lostupdate @g\nb  # BAD: checkthenact\nc  # BAD: uselesslock|lostupdate @g\nd  # LOW: lostupdate @g\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := Units(list)
	if len(got) != 3 || got[0].Rule != "lostupdate" || len(got[0].Marks) != 2 || got[1].Rule != "checkthenact" || got[2].Kind != Low {
		t.Errorf("Units = %v", got)
	}
}

func TestProjects(t *testing.T) {
	fsys := fstest.MapFS{
		"a_bad.py":          {Data: []byte("x  # BAD: lostupdate\n")},
		"b_ok/one.py":       {Data: []byte("x\n")},
		"b_ok/sub/two.py":   {Data: []byte("y  # MAYBE: lostupdate\n")},
		"empty/README":      {Data: []byte("nothing")},
		"__pycache__/x.pyc": {Data: []byte{0}},
	}
	list, err := Projects(fsys, "*", ".py")
	if err != nil || len(list) != 2 {
		t.Fatalf("Projects = %v, %v", list, err)
	}
	if list[0].Title() != "a_bad" || list[0].Innocent() || string(list[0].Files[0].Source) != "x\n" {
		t.Errorf("first project = %+v", list[0])
	}
	if len(list[1].Files) != 2 || !list[1].Innocent() {
		t.Errorf("second project = %+v", list[1])
	}
	if _, err := Projects(fsys, "*", ".go"); err == nil {
		t.Error("no error although there are no such files")
	}
}

// TestCases reads the marks of a folder of case* folders, named by TOCTOU_CASES, and compares them
// with the findings of an analyser that is always right, and of one that is silent.
func TestCases(t *testing.T) {
	dir := os.Getenv("TOCTOU_CASES")
	if dir == "" {
		t.Skip("TOCTOU_CASES is not set: it names a folder with marked cases (case*/**.py or .go)")
	}
	ext := ".py"
	list, err := Projects(os.DirFS(dir), "case*", ext)
	if err != nil {
		ext = ".go"
		if list, err = Projects(os.DirFS(dir), "case*", ext); err != nil {
			t.Fatal(err)
		}
	}
	var right, silent Result
	defects := 0
	for _, p := range list {
		var findings []report.Finding
		for _, u := range Units(p.Marks) {
			f := finding(u.Rule, u.Marks[0].File, u.Marks[0].Line)
			switch u.Kind {
			case Bad:
				defects++
			case Latent:
				f.Window = new(report.WindowLatent)
			case Low:
				f.Severity = report.Low
			case Maybe, Gap:
				continue
			}
			findings = append(findings, f)
		}
		right.Add(Match(p.Marks, findings, Options{StrictLatent: true}))
		silent.Add(Match(p.Marks, nil, Options{}))
	}
	if _, all := right.Counts(); all.Hits != defects || all.Recall() != 1 || all.Precision() != 1 || defects == 0 {
		t.Errorf("all reported: %+v of %d defects", all, defects)
	}
	if _, all := silent.Counts(); all.Misses != defects || all.FalseAlarms != 0 {
		t.Errorf("nothing reported: %+v of %d defects", all, defects)
	}
	var b strings.Builder
	if err := right.WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d %s projects, %d defects\n%s", len(list), ext, defects, b.String())
}

func finding(rule, file string, line int) report.Finding {
	return report.Finding{Rule: rule, File: file, Line: line, Severity: report.High, Confidence: report.Likely, Window: new(report.WindowOpen)}
}
