package flow

import (
	"fmt"
	"strings"
	"testing"
)

// spell puts a summary into words, one line an entry.
func spell(s *Summary) string {
	var b strings.Builder
	fmt.Fprintf(&b, "suspends %s\n", []string{"never", "may", "must"}[s.Suspends])
	key := func(k Key, has bool) string {
		switch {
		case !has:
			return ""
		case k.Const:
			return "[" + k.Text + "]"
		case k.Root > 0:
			return fmt.Sprintf("[param %d%s]", k.Root-1, k.Path)
		}
		return "[any]"
	}
	for _, a := range s.Answers {
		fmt.Fprintf(&b, "answer %s %s%s %s %s", askNames[a.Ask], a.Place.Path, key(a.Key, a.HasKey), []string{"result", "normal", "out"}[a.Via], factNames[a.Fact])
		if a.Fresh {
			b.WriteString(" fresh")
		}
		b.WriteString("\n")
	}
	for _, a := range s.Acts {
		fmt.Fprintf(&b, "act %s %s %s%s", effectNames[a.Effect], valueNames[a.Value], a.Place.Path, key(a.Key, a.HasKey))
		if a.After {
			b.WriteString(" after")
		}
		if a.Rechecked {
			b.WriteString(" rechecked")
		}
		for _, l := range a.detail().Locks {
			b.WriteString(" lock " + l.Path)
		}
		for _, p := range a.Params {
			fmt.Fprintf(&b, " from %d", p)
		}
		b.WriteString("\n")
	}
	for _, l := range s.Acquires {
		b.WriteString("acquires " + l.Path + "\n")
	}
	for _, l := range s.Releases {
		b.WriteString("releases " + l.Path + "\n")
	}
	return b.String()
}

const (
	items = "param self\nparam key\nplace self.items param 0 field R.items container\nkey key root key path \"\"\nlock self.l param 0 field R.l task\n"
	has   = items + "block 0\n  check h has self.items [1] @1\n  return unknown h @2\n"
)

func TestSummary(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"a question", has, "suspends never\nanswer has self.items[param 1] result true fresh\n"},
		{"a negated question", items + "block 0\n  check h has self.items [1] @1\n  let n = h : alias not @1\n  return unknown n @2\n",
			"suspends never\nanswer has self.items[param 1] result false fresh\n"},
		{"a question, then a yield", items + "block 0\n  check h has self.items [1] @1\n  yield await @2\n  return unknown h @3\n",
			"suspends must\nanswer has self.items[param 1] result true\n"},
		{"constants chosen by a question", items + "block 0\n  check h has self.items [1] @1\n  -> 1 if h true\n  -> 2 if h false\nblock 1\n  return true @2\nblock 2\n  return false @3\n",
			"suspends never\nanswer has self.items[param 1] result true fresh\n"},
		{"a guard that raises", items + "block 0\n  check h has self.items [1] @1\n  -> 1 if h true\n  -> 2 if h false\nblock 1\nblock 2\n  return none @3\n",
			"suspends never\nanswer has self.items[param 1] normal false fresh\n"},
		{"an act", items + "block 0\n  act set unknown self.items [1] <- key @1\n  return none @2\n",
			"suspends never\nact set unknown self.items[param 1] from 1\n"},
		{"an act after a yield that is on one path only", items + "block 0\n  check h has self.items [1] @1\n  -> 1 if h true\n  -> 2 if h false\nblock 1\n  yield await @2\n  -> 2\nblock 2\n  act set unknown self.items [1] @3\n  return none @4\n",
			"suspends may\nact set unknown self.items[param 1] after\n"},
		{"an act under a lock, checked there", items + "block 0\n  acquire 1 : contended @1\n  check h has self.items [1] @2\n  -> 1 if h false\n  -> 2 if h true\nblock 1\n  act set unknown self.items [1] @3\n  -> 2\nblock 2\n  release 1 @4\n  return none @5\n",
			"suspends may\nact set unknown self.items[param 1] after rechecked lock self.l\n"},
		{"a lock that stays held", items + "block 0\n  acquire 1 @1\n  return none @2\n", "suspends never\nacquires self.l\n"},
		{"the caller's lock given back", items + "block 0\n  release 1 @1\n  return none @2\n", "suspends never\nreleases self.l\n"},
		{"nothing that a caller can name", "param self\nplace x local\nblock 0\n  check h value x @1\n  act set unknown x @2\n  return unknown h @3\n", "suspends never\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, err := Parse(strings.NewReader("func f\n" + tc.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := spell(&Analyze(f).Summary); got != tc.want {
				t.Errorf("got\n%swant\n%s", got, tc.want)
			}
		})
	}
}

// TestExpand: a check in one callee and an act in another make a window in their caller, if the
// caller suspends in between.
func TestExpand(t *testing.T) {
	parse := func(text string) *Summary {
		f, err := Parse(strings.NewReader("func f\n" + text))
		if err != nil {
			t.Fatal(err)
		}
		return &Analyze(f).Summary
	}
	put := parse(items + "block 0\n  act set object self.items [1] @7\n  return none @8\n")
	for _, tc := range []struct {
		name    string
		check   *Summary
		guard   bool
		suspend bool
		path    string // the receiver of the second call
		want    string
	}{
		{"through the result", parse(has), false, true, "self", "open control check@1 expiry@2 act@3 fact=false"},
		{"without a yield", parse(has), false, false, "self", "latent control check@1 act@3 fact=false"},
		{"another object", parse(has), false, true, "other", ""},
		{"through a guard that raises", parse(items + "block 0\n  check h has self.items [1] @1\n  -> 1 if h true\n  -> 2 if h false\nblock 1\nblock 2\n  return none @3\n"),
			true, true, "self", "open control check@1 expiry@2 act@3 fact=false"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := NewBuilder("caller", false)
			self, name, result := b.Param("self"), b.Param("name"), b.Var("r")
			args := func(path string) []Arg {
				return []Arg{
					{Place: Place{Path: path, Root: RootParam}, Var: self},
					{Var: name, Key: Key{Text: "name", Root: name}, HasKey: true},
				}
			}
			b.Expand(tc.check, Call{Pos: 1, Args: args("self"), Result: result})
			if !tc.guard {
				from, then, end := b.Current(), b.Block(), b.Block()
				b.Edge(from, Edge{To: then, Tests: []Test{{Var: result, Fact: FactFalse}}})
				b.Edge(from, Edge{To: end, Tests: []Test{{Var: result, Fact: FactTrue}}})
				b.At(then)
			}
			if tc.suspend {
				b.Emit(Event{Op: OpYield, Pos: 2})
			}
			b.Expand(put, Call{Pos: 3, Args: args(tc.path)})
			f := b.Func()
			res := Analyze(f)
			var got []string
			for i := range res.Windows {
				got = append(got, describe(f, res, &res.Windows[i]))
			}
			if strings.Join(got, "\n") != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
