package verdict

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// fn is one function of a test program: its flow text and when it runs.
type fn struct {
	text string
	Context
}

const (
	placeX   = "param self\nplace self.x param 0 field S.x\n"
	lockL    = "lock self.l param 0 field S.l task\n"
	lockM    = "lock self.m param 0 field S.m task\n"
	lazyInit = `block 0
  check t value self.x @1
  -> 1 if t none
  -> 2 if t notnone
block 1
  yield await @2
  act set %s self.x @3
  -> 2
block 2
  return unknown
`
	teardown = `block 0
  check t value self.x @1
  -> 1 if t notnone
  -> 2 if t none
block 1
  yield await @2
  act set none self.x @3
  -> 2
block 2
  return unknown
`
)

// program makes a Program in which position p of function i is line 100*i+p of one file.
func program(t *testing.T, fns ...fn) *Program {
	t.Helper()
	p := &Program{Language: "python", Text: func(flow.Pos) string { return "" }}
	p.Site = func(pos flow.Pos) Site { return Site{File: "a.py", Line: int(pos), Col: 1} }
	for i, f := range fns {
		parsed, err := flow.Parse(strings.NewReader(fmt.Sprintf("func f%d\n", i) + f.text))
		if err != nil {
			t.Fatalf("function %d: %v", i, err)
		}
		for b := range parsed.Blocks {
			for k := range parsed.Blocks[b].Events {
				parsed.Blocks[b].Events[k].Pos += flow.Pos(100 * i)
			}
		}
		p.Funcs = append(p.Funcs, Func{Name: parsed.Name, Type: "S", Flow: parsed, Result: flow.Analyze(parsed), Context: f.Context})
	}
	return p
}

func summary(out *Output) []string {
	var got []string
	for _, f := range out.Findings {
		state := "-"
		if f.Window != nil {
			state = *f.Window
		}
		got = append(got, fmt.Sprintf("%d %s %s %s %s %s", f.Line, f.Rule, state, f.Consequence, f.Severity, f.Confidence))
	}
	return got
}

func TestJudge(t *testing.T) {
	lazy := func(value string) string { return placeX + fmt.Sprintf(lazyInit, value) }
	writer := func(lock string) string {
		return placeX + lockL + lockM + "block 0\n" + lock + "\n  act set object self.x @1\n"
	}
	locked := placeX + lockL + lockM + `block 0
  acquire %d @1
  check n value self.x @2
  yield await @3
  act set unknown self.x <- n @4
  release %d @5
`
	for _, tc := range []struct {
		name string
		opt  Options
		fns  []fn
		want []string
	}{
		{name: "a second run of the same function", fns: []fn{{text: lazy("resource")}},
			want: []string{"3 checkthenact open duplicate-resource high medium"}},
		{name: "a task handle", fns: []fn{{text: lazy("task")}},
			want: []string{"3 checkthenact open duplicate-execution critical medium"}},
		{name: "plain data", fns: []fn{{text: lazy("plain")}},
			want: []string{"3 checkthenact open duplicate-work low medium"}},
		{name: "proven overlap", fns: []fn{{lazy("resource"), Context{Overlap: OverlapProven}}},
			want: []string{"3 checkthenact open duplicate-resource high high"}},
		{name: "owned by one task", fns: []fn{{lazy("resource"), Context{Overlap: OverlapOwned}}},
			want: []string{"3 checkthenact open duplicate-resource high low"}},
		{name: "one background loop, nobody else writes", fns: []fn{{lazy("resource"), Context{Single: true}}}},
		{name: "one background loop, another writer", fns: []fn{{lazy("resource"), Context{Single: true}}, {text: writer("")}},
			want: []string{"3 checkthenact open duplicate-resource high medium"}},
		{name: "the other writer only runs before the object is shared",
			fns: []fn{{lazy("resource"), Context{Single: true}}, {writer(""), Context{Init: true}}}},
		{name: "constructor", fns: []fn{{lazy("resource"), Context{Init: true}}}},
		{name: "teardown that nobody can undo", fns: []fn{{text: placeX + teardown}}},
		{name: "teardown while another method makes a new one", fns: []fn{{text: placeX + teardown}, {text: writer("")}},
			want: []string{"3 checkthenact open clobbered high medium"}},
		{name: "disabled", opt: Options{Disabled: map[string]bool{"checkthenact": true}}, fns: []fn{{text: lazy("resource")}}},
		{name: "one lock everywhere", fns: []fn{{text: fmt.Sprintf(locked, 1, 1)}, {text: fmt.Sprintf(locked, 1, 1)}}},
		{name: "two locks for one place", fns: []fn{{text: fmt.Sprintf(locked, 1, 1)}, {text: fmt.Sprintf(locked, 2, 2)}},
			want: []string{"1 uselesslock - no-protection high medium"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out := Judge(program(t, tc.fns...), tc.opt)
			if got := summary(out); !slices.Equal(got, tc.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(tc.want, "\n  "))
			}
			if len(tc.want) == 0 && len(tc.opt.Disabled) == 0 && len(out.Negatives) == 0 {
				t.Error("nothing says why it is safe")
			}
		})
	}
}

// TestLatent: one window under the three policies.
func TestLatent(t *testing.T) {
	text := placeX + strings.Replace(fmt.Sprintf(lazyInit, "task"), "  yield await @2\n", "", 1)
	for policy, want := range map[string][]string{
		"":            {"3 checkthenact latent duplicate-execution low medium"},
		LatentLowered: {"3 checkthenact latent duplicate-execution low medium"},
		LatentAsOpen:  {"3 checkthenact latent duplicate-execution critical medium"},
		LatentHidden:  nil,
	} {
		out := Judge(program(t, fn{text: text}), Options{Latent: policy})
		if got := summary(out); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", policy, got, want)
		}
	}
	plain := strings.Replace(text, "set task", "set object", 1)
	out := Judge(program(t, fn{text: plain}), Options{Latent: LatentAsOpen})
	if len(out.Findings) != 0 || len(out.Negatives) != 1 || out.Negatives[0].Reason != "nothing suspends between 1 and 3" {
		t.Errorf("a synchronous lazy value: %v %v", summary(out), out.Negatives)
	}
}

// TestFingerprint: moved lines keep it; another place does not.
func TestFingerprint(t *testing.T) {
	one := Judge(program(t, fn{text: placeX + fmt.Sprintf(lazyInit, "resource")}), Options{})
	moved := Judge(program(t, fn{text: placeX + strings.NewReplacer("@1", "@21", "@2\n", "@25\n", "@3", "@29").Replace(fmt.Sprintf(lazyInit, "resource"))}), Options{})
	other := Judge(program(t, fn{text: strings.ReplaceAll(placeX+fmt.Sprintf(lazyInit, "resource"), ".x", ".y")}), Options{})
	a, b, c := one.Findings[0].Fingerprint, moved.Findings[0].Fingerprint, other.Findings[0].Fingerprint
	if moved.Findings[0].Line != 29 || a != b || a == c {
		t.Errorf("fingerprints %s, %s, %s", a, b, c)
	}
}

// TestTasks: what becomes of a handle decides the rule.
func TestTasks(t *testing.T) {
	p := program(t, fn{text: placeX + "block 0\n"})
	all := []Task{
		{Pos: 1, Target: "lost()", Keep: KeepLost},
		{Pos: 2, Target: "short()", Keep: KeepLost, Short: true},
		{Pos: 3, Target: "unseen()", Keep: KeepStored, Keeper: "self._tasks"},
		{Pos: 4, Target: "undrained()", Keep: KeepStored, Keeper: "self._tasks", Observed: true, Owner: true},
		{Pos: 5, Target: "good()", Keep: KeepStored, Keeper: "self._tasks", Observed: true, Drained: true},
		{Pos: 6, Target: "awaited()", Keep: KeepAwaited},
		{Pos: 7, Target: "group()", Keep: KeepOwner, Observed: true},
		{Pos: 8, Target: "returned()", Keep: KeepReturned},
	}
	p.Tasks = all
	out := Judge(p, Options{})
	want := []string{
		"1 untrackedtask - lost-task medium medium",
		"2 untrackedtask - lost-task low medium",
		"3 unobservedfailure - lost-error medium medium",
		"4 undrainedtasks - lost-task medium medium",
	}
	if got := summary(out); !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
	if len(out.Tasks) != len(all) {
		t.Errorf("the inventory has %d of %d tasks", len(out.Tasks), len(all))
	}
	for _, f := range out.Findings {
		if f.Message == "" || len(f.Steps) == 0 || f.Fix == "" || len(f.Impact) == 0 || f.Severity == report.Critical {
			t.Errorf("incomplete: %+v", f)
		}
	}
}
