package flow

import (
	"slices"
	"strconv"
	"strings"
)

// Call is one call of a function with a known summary.
type Call struct {
	Pos     Pos
	Args    []Arg   // by parameter index, the receiver first; missing ones are zero
	Result  VarID   // receives the result, or 0
	Results []VarID // receive the single results of several, where they are told apart; 0 where one is not
	Await   bool    // the caller waits for it here; false for a coroutine that somebody else runs
	Spawned bool    // a task was started with it: its acts are deferred
	AtOnce  bool    // of a spawned call: it runs at once, up to its first suspension
	Beside  bool    // what else depends on the same branch happens as often as the call: done twice, it is not done once
	Raise   BlockID // where its exceptions go, if HasExit; else they leave the function
	HasExit bool
}

// Arg is what the caller passes for one parameter.
type Arg struct {
	Place  Place // the place it denotes; Path "" if it denotes none
	Var    VarID // the variable, or 0
	Key    Key   // the value as a key, if HasKey
	HasKey bool
	Row    KeyID   // the key under which the record that it is was loaded, 0 if it is none
	From   []VarID // the variables that the value is made from
	Parts  []Part  // what is known of the fields of a new object
	Given  bool    // the value is the caller's own, or one of a kind: see FlagGiven
}

// Part is a field of a new object, and the value that it was given as a key.
type Part struct {
	Path string // ".Name"
	Key  Key
}

// Expand emits what a call with this summary does, in the caller's terms: the callee's acts
// before its first suspension, the suspension, the acts after it, then the answers it gives. A
// guard (an answer by normal return) ends the current block and starts a new one, which is then
// the current block.
func (b *Builder) Expand(s *Summary, call Call) {
	c := &call
	if c.Spawned {
		first := FlagDeferred
		if c.AtOnce {
			first = FlagEager
		}
		b.expandActs(s, c, func(a *SummaryAct) bool { return !a.After }, first)
		b.expandActs(s, c, func(a *SummaryAct) bool { return a.After }, FlagDeferred)
		return
	}
	if len(s.Releases) > 0 {
		b.expandActs(s, c, func(a *SummaryAct) bool { return !a.After && a.Early }, 0)
		for _, l := range s.Releases {
			if beyond(l, c) {
				continue
			}
			b.Emit(Event{Op: OpRelease, Lock: b.lockFor(l, c), Pos: c.Pos, Flags: FlagCallee})
		}
		b.expandActs(s, c, func(a *SummaryAct) bool { return !a.After && !a.Early }, 0)
	} else {
		b.expandActs(s, c, func(a *SummaryAct) bool { return !a.After }, 0)
	}
	var results []VarID
	var negated, computed bool
	var guards []Test
	var outs []outAnswer
	answers := func(fresh bool) {
		for i := range s.Answers {
			an := &s.Answers[i]
			if an.Fresh != fresh || an.Via == ViaResult && c.Result == 0 || an.Via == ViaOut && (an.Out >= len(c.Args) || c.Args[an.Out].Var == 0) || nowhere(an.Place.Path, an.Place.Root, an.Place.Param, c) {
				continue
			}
			e := Event{Op: OpCheck, Ask: an.Ask, Pos: c.Pos, Origin: an.Origin, Flags: FlagCallee, Dst: b.Var("")}
			e.Place, e.Key = b.placeFor(an.Place, c), b.keyFor(an.Key, an.HasKey, c)
			if !fresh {
				e.Flags |= FlagStale
			}
			if an.Taken {
				e.Flags |= FlagTaken
			}
			b.Emit(e)
			switch an.Via {
			case ViaOut:
				outs = append(outs, outAnswer{c.Args[an.Out].Var, e.Dst, an.Fact == FactFalse, an.Made})
			case ViaResult:
				if i := an.Out - 1; i >= 0 && i < len(c.Results) && c.Results[i] != 0 {
					outs = append(outs, outAnswer{c.Results[i], e.Dst, an.Fact == FactFalse, an.Made})
				}
				results = append(results, e.Dst)
				negated = an.Fact == FactFalse
				computed = an.Made && an.Fact == FactAny
			default:
				guards = append(guards, Test{Var: e.Dst, Fact: an.Fact})
			}
		}
	}
	answers(false)
	if c.Await && s.Suspends != Never {
		e := Event{Op: OpYield, Pos: c.Pos, Flags: FlagCallee, Text: s.Name}
		if s.Suspends == May {
			e.Flags |= FlagMaybe
		}
		b.Emit(e)
	}
	b.expandActs(s, c, func(a *SummaryAct) bool { return a.After }, 0)
	answers(true)
	for _, l := range s.Acquires {
		if beyond(l, c) {
			continue
		}
		b.Emit(Event{Op: OpAcquire, Lock: b.lockFor(l, c), Pos: c.Pos, Flags: FlagCallee})
	}
	if len(results) > 0 {
		e := Event{Op: OpLet, Dst: c.Result, Srcs: results, Pos: c.Pos}
		if len(results) == 1 && !computed {
			e.Flags = FlagAlias
			if negated {
				e.Flags |= FlagNot
			}
		}
		b.Emit(e)
	}
	b.assignOuts(outs, c.Pos)
	for _, g := range guards {
		from, next, exit := b.cur, b.Block(), c.Raise
		if !c.HasExit {
			exit = b.Block()
		}
		b.Edge(from, Edge{To: next, Tests: []Test{g}})
		b.Edge(from, Edge{To: exit, Tests: []Test{{Var: g.Var, Fact: g.Fact.Not()}}})
		b.cur = next
	}
}

// outAnswer is an answer that a callee has left in a variable of the caller's.
type outAnswer struct {
	to, from VarID
	negated  bool
	made     bool
}

// assignOuts gives each variable the answers that a callee has left in it.
func (b *Builder) assignOuts(outs []outAnswer, at Pos) {
	for i, o := range outs {
		if slices.ContainsFunc(outs[:i], func(p outAnswer) bool { return p.to == o.to }) {
			continue
		}
		e := Event{Op: OpLet, Dst: o.to, Pos: at}
		for _, p := range outs[i:] {
			if p.to == o.to {
				e.Srcs = append(e.Srcs, p.from)
			}
		}
		if len(e.Srcs) == 1 && !o.made {
			e.Flags = FlagAlias
			if o.negated {
				e.Flags |= FlagNot
			}
		}
		b.Emit(e)
	}
}

func (b *Builder) expandActs(s *Summary, c *Call, which func(*SummaryAct) bool, extra Flags) {
	var last *Place // several acts in a row are mostly on one place
	var place PlaceID
	for i := range s.Acts {
		a := &s.Acts[i]
		if !which(a) {
			continue
		}
		if a.Place != last {
			last, place = a.Place, -1
			if !nowhere(last.Path, last.Root, last.Param, c) {
				place = b.placeFor(last, c)
			}
		}
		if place < 0 {
			continue
		}
		e := Event{
			Op: OpAct, Effect: a.Effect, Value: a.Value, Flags: a.Flags | FlagCallee | extra,
			Place: place, Key: b.keyFor(a.Key, a.HasKey, c), Pos: c.Pos, Origin: a.Origin,
		}
		if len(a.Params) > 0 && !slices.ContainsFunc(a.Params, func(p int) bool { return p < len(c.Args) && c.Args[p].Given }) {
			e.Flags &^= FlagGiven
		}
		if i := int(a.Key.Root) - 1; a.Place.Kind == Record && a.HasKey && !a.Key.Const && i >= 0 && i < len(c.Args) && c.Args[i].Row != 0 {
			e.Key = c.Args[i].Row
		}
		if c.Beside && (a.Value == ValueTrue || a.Value == ValueFalse || a.Value == ValuePlain && len(a.Params) == 0) {
			e.Flags |= FlagGiven
		}
		if a.Rechecked {
			e.Flags |= FlagRechecked
		}
		if a.Resized {
			e.Flags |= FlagResized
		}
		if a.More != nil {
			e.More = b.detailFor(a.More, c)
		}
		if from := keyFrom(a, c.Args); len(from) > 0 {
			if e.More == nil {
				e.More = &Detail{}
			}
			e.More.Made = slices.Concat(from, e.More.Made)
		}
		for _, p := range a.Params {
			if p < len(c.Args) && c.Args[p].Var != 0 {
				e.Srcs = append(e.Srcs, c.Args[p].Var)
			}
		}
		b.Emit(e)
	}
}

// nowhere says whether the caller cannot name what a callee's path denotes: it hangs on a parameter
// that the caller passes no place for, so that nobody else can have it, or it has become too long.
func nowhere(path string, root RootKind, param int, c *Call) bool {
	return root == RootParam && (param >= len(c.Args) || c.Args[param].Place.Path == "" || tooLong(c.Args[param].Place.Path, path))
}

// beyond says whether a callee's lock is one that the caller cannot have in its hands: its path has
// become too long.
func beyond(l Lock, c *Call) bool {
	return l.Root == RootParam && l.Param < len(c.Args) && c.Args[l.Param].Place.Path != "" && tooLong(c.Args[l.Param].Place.Path, l.Path)
}

// maxSteps bounds the steps of an access path that calls have put together. Structures that
// contain their like would make longer and longer ones of recursive calls.
const maxSteps = 8

// maxNested bounds how deep elements of elements are followed: functions that call themselves for the
// members of what they are given would go deeper with every round.
const maxNested = 2

// tooLong says whether path, with its root replaced by base, has too many steps, or takes one for
// the third time.
func tooLong(base, path string) bool {
	if base != "" && strings.Count(base, "[")+strings.Count(path, "[") > maxNested {
		return true
	}
	switch n := strings.Count(base, ".") + strings.Count(path, "."); {
	case n <= 2:
		return false
	case n > maxSteps:
		return true
	}
	var memory [maxSteps]string
	all := stepsOf(path, memory[:0])
	own := len(all)
	all = stepsOf(base, all)
	for i := range own {
		times := 0
		for k := range all {
			if all[k] == all[i] {
				times++
			}
		}
		if times > 2 {
			return true
		}
	}
	return false
}

// stepsOf appends the steps of an access path to a list, without what selects an element.
func stepsOf(path string, list []string) []string {
	_, rest, more := strings.Cut(path, ".")
	for more {
		var step string
		step, rest, more = strings.Cut(rest, ".")
		if i := strings.IndexByte(step, '['); i >= 0 {
			step = step[:i]
		}
		list = append(list, step)
	}
	return list
}

// detailFor is what few acts have, in the caller's terms; nil if that is nothing.
func (b *Builder) detailFor(m *ActDetail, c *Call) *Detail {
	var d Detail
	for _, l := range m.Locks {
		if l.Field != "" && nowhere(l.Path, l.Root, l.Param, c) {
			l.Path, l.Root, l.Param = "("+l.Field+")", RootLocal, 0 // one, wherever it is taken
		}
		d.Inner = append(d.Inner, b.lockFor(l, c))
	}
	for _, p := range m.Made {
		if p >= len(c.Args) {
			continue
		}
		if v := c.Args[p].Var; v != 0 {
			d.Made = append(d.Made, v)
		}
		d.Made = append(d.Made, c.Args[p].From...)
	}
	for _, p := range m.Expects {
		if p < len(c.Args) && c.Args[p].Var != 0 {
			d.Expects = append(d.Expects, c.Args[p].Var)
		}
	}
	if len(d.Made)+len(d.Expects)+len(d.Inner) == 0 {
		return nil
	}
	return &d
}

// keyFrom lists what the key of a callee's act, which is a parameter of it, is computed from.
func keyFrom(a *SummaryAct, args []Arg) []VarID {
	if i := int(a.Key.Root) - 1; a.HasKey && !a.Key.Const && i >= 0 && i < len(args) {
		return args[i].From
	}
	return nil
}

// path rewrites a callee's access path for the caller. A parameter that the caller passes no
// place for becomes a path that no other call shares.
func (b *Builder) path(path string, root RootKind, param int, c *Call) (string, RootKind, int) {
	if root != RootParam {
		return path, root, 0
	}
	rest := beyondRoot(path)
	if param < len(c.Args) && c.Args[param].Place.Path != "" {
		p := &c.Args[param].Place
		return p.Path + rest, p.Root, p.Param
	}
	return "(" + strconv.Itoa(int(c.Pos)) + ":" + strconv.Itoa(param) + ")" + rest, RootLocal, 0
}

func (b *Builder) placeFor(from *Place, c *Call) PlaceID {
	p := *from
	if p.Root == RootParam && p.Param < len(c.Args) {
		// Mostly known already: look before the path is put together.
		if base := &c.Args[p.Param].Place; base.Path != "" {
			rest := beyondRoot(p.Path)
			b.text = append(append(b.text[:0], base.Path...), rest...)
			if base.Type != "" && strings.HasPrefix(rest, ".") && strings.IndexByte(rest[1:], '.') < 0 {
				p.Owner = base.Type // an inherited method: the object is the caller's, of a class of its own
			}
			if id, ok := b.places[string(b.text)]; ok {
				b.complete(id, &p)
				return id
			}
			p.Path, p.Root, p.Param = string(b.text), base.Root, base.Param
			return b.addPlace(&p)
		}
	}
	p.Path, p.Root, p.Param = b.path(p.Path, p.Root, p.Param, c)
	return b.Place(p)
}

// beyondRoot is an access path without the variable that it starts from.
func beyondRoot(path string) string {
	for i := range len(path) {
		if path[i] == '.' || path[i] == '[' {
			return path[i:]
		}
	}
	return ""
}

func (b *Builder) lockFor(l Lock, c *Call) LockID {
	l.Path, l.Root, l.Param = b.path(l.Path, l.Root, l.Param, c)
	if l.Key != 0 {
		l.Key = KeyAny // a key of the callee's; only its own table knows it
	}
	return b.Lock(l)
}

// keyFor maps a callee's key, whose Root is a parameter index plus one, to the caller's.
func (b *Builder) keyFor(k Key, has bool, c *Call) KeyID {
	switch {
	case !has:
		return 0
	case k.Const:
		return b.Key(k)
	}
	i := int(k.Root) - 1
	if i < 0 || i >= len(c.Args) || !c.Args[i].HasKey || c.Args[i].Key.Const && k.Path != "" {
		return KeyAny
	}
	if p := slices.IndexFunc(c.Args[i].Parts, func(p Part) bool { return p.Path == k.Path }); p >= 0 {
		return b.Key(c.Args[i].Parts[p].Key)
	}
	arg := &c.Args[i].Key
	if arg.Const {
		return b.Key(*arg)
	}
	text := arg.Text + k.Path
	if arg.Text == "" {
		text = k.Text // the caller has no words for it; the callee's will do
	}
	return b.Key(Key{Text: text, Root: arg.Root, Path: arg.Path + k.Path})
}
