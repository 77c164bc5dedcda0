package link

import (
	"maps"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// shape says what the result of a function is, in the function's own terms.
type shape struct {
	typ      *project.Type
	at       *flow.Place
	elem     bool
	key      flow.Key
	hasKey   bool
	param    int // 1 + the parameter that it is, or 0
	fresh    bool
	newAt    flow.Pos
	class    flow.Value
	tasks    []*task
	part     map[*task]int32 // of a tuple: which part of it a task is
	coro     []*project.Func
	coroRecv *value
	fns      []*project.Func
	recv     *value
	none     bool        // may also be None
	mixed    bool        // several places
	perhaps  bool        // of a coroutine: another return gives no task, an argument may tell which
	view     *flow.Place // it looks through or copies this container
	live     bool
	viewTyp  *project.Type
	method   string
	row      *record     // it was loaded from a store
	index    *flow.Place // it is a position in this list
	member   *value      // it is a new list of what a container holds: one of its members
}

// joinShape adds one more returned value.
func (f *frame) joinShape(s *shape, v *value) *shape {
	if v == nil || v.konst == "None" {
		if s != nil {
			s.none = true
		}
		if s == nil {
			return nil
		}
		return s
	}
	n := shape{typ: v.typ, class: v.class, fresh: v.fresh, newAt: v.newAt, fns: v.fns, recv: v.recv}
	for _, t := range v.tasks {
		if t.made() {
			n.tasks = append(n.tasks, t)
		} else if t.param > 0 {
			n.param = t.param
		}
	}
	for i, p := range v.more().partial {
		if p == nil || v.typ == nil || v.typ.Name != "tuple" {
			break
		}
		for _, t := range p.tasks {
			if n.part == nil {
				n.part = map[*task]int32{}
			}
			n.part[t] = int32(i)
		}
	}
	if v.coro != nil && v.coro.kind == coroProject {
		n.coro, n.coroRecv = v.coro.fns, v.coro.recv
	}
	if v.row != nil && v.row.key >= 0 {
		n.row = v.row
		if k := v.row.key; k > 0 {
			n.key, n.hasKey = f.b.Func().Keys[k], true
		}
	}
	if list := v.more().index; list != nil {
		n.index = f.contents(list)
	}
	if v.at != nil && !v.fresh {
		n.at, n.elem = v.at, v.elem
		if v.elem && v.key > 0 {
			n.key, n.hasKey = f.b.Func().Keys[v.key], true
		}
	}
	if v.iter != nil {
		if p := f.base(v.iter); p != nil {
			n.view, n.live, n.viewTyp, n.method = p, v.live, v.iter.typ, v.method
			n.at = nil
		}
	}
	if v.fresh && v.items != nil && v.items.elem && v.items.at != nil && v.iter == nil {
		n.member = &value{typ: v.items.typ, at: v.items.at, elem: true, text: v.items.text}
	}
	if s == nil {
		first := n
		return &first
	}
	if s.member == nil {
		s.member = n.member
	}
	s.perhaps = s.perhaps || f.f.Async() && (len(s.tasks) == 0) != (len(n.tasks) == 0)
	s.tasks = append(s.tasks, n.tasks...)
	if s.part == nil {
		s.part = n.part
	} else {
		maps.Copy(s.part, n.part)
	}
	if s.at != nil && n.at != nil && (s.at.Path != n.at.Path || s.elem != n.elem) || (s.at == nil) != (n.at == nil) && !n.fresh && !s.fresh {
		s.mixed = true
	}
	if s.at == nil {
		s.at, s.elem, s.key, s.hasKey = n.at, n.elem, n.key, n.hasKey
	}
	if s.row == nil && n.row != nil {
		s.row, s.key, s.hasKey = n.row, n.key, n.hasKey
	}
	if s.typ == nil {
		s.typ = n.typ
	}
	s.fresh = s.fresh && n.fresh
	if s.class != n.class {
		s.class = flow.ValueUnknown
	}
	s.fns = slices.Concat(s.fns, n.fns)
	if s.coro == nil {
		s.coro, s.coroRecv = n.coro, n.coroRecv
	}
	return s
}

// fromShape gives the result of a call what the callee says about it, in the caller's terms.
func (f *frame) fromShape(out *value, s *shape, g *project.Func, args []*value, call flow.Call, pos flow.Pos) {
	if out.typ == nil || s.typ != nil && out.typ.Class == nil && s.typ.Name == out.typ.Name {
		out.typ = s.typ
	}
	if s.class != flow.ValueUnknown {
		out.class = s.class
	}
	out.fns, out.recv = s.fns, s.recv
	f.rowOf(out, s, g, args, call, pos)
	f.indexOf(out, s, args, pos)
	if s.param > 0 && s.param <= len(args) && args[s.param-1] != nil {
		a := args[s.param-1]
		for _, t := range a.tasks {
			if !slices.Contains(out.tasks, t) {
				out.tasks = append(out.tasks, t)
			}
		}
		out.at, out.elem, out.key, out.whole = a.at, a.elem, a.key, a.whole
		out.items, out.iter, out.live = a.items, a.iter, a.live
		return
	}
	if s.fresh {
		out.fresh = true
		out.newAt = pos
		if s.typ.Kind() == models.Lock || s.typ.Kind() == models.Semaphore || s.typ.Kind() == models.Condition {
			out.newAt = s.newAt
		}
	}
	for _, t := range s.tasks {
		if !t.kept() {
			n := f.returnedTask(t, pos, args)
			n.perhaps = n.perhaps || s.perhaps
			out.tasks = append(out.tasks, n)
			if i, ok := s.part[t]; ok {
				if out.more().parts == nil {
					out.edit().parts = map[int32][]*task{}
				}
				out.rare.parts[i] = append(out.rare.parts[i], n)
			}
		}
	}
	if s.member != nil {
		if p := f.rename(s.member.at, args); p != nil {
			out.items = f.put(value{typ: s.member.typ, at: p, elem: true, key: flow.KeyAny, whole: f.put(value{at: p}), text: s.member.text})
		}
	}
	if s.view != nil {
		if p := f.rename(s.view, args); p != nil {
			box := f.put(value{typ: s.viewTyp, at: p})
			if s.live {
				out.iter, out.live, out.method = box, true, s.method
			} else {
				out.iter, out.method = box, s.method
			}
			if box.container() {
				p.Kind = flow.Container
			}
		}
		return
	}
	if s.at == nil || s.mixed || out.kind() == models.Immutable {
		return
	}
	p := f.rename(s.at, args)
	if p == nil {
		return
	}
	out.at, out.elem, out.kept = p, s.elem, true
	if out.container() && !s.elem {
		p.Kind = flow.Container
	}
	if s.elem {
		out.key = f.renameKey(s, g.Params, call)
		out.whole = f.put(value{at: p})
	}
}

// indexOf makes the result of a call that has found a position in a list the position of what was found there.
func (f *frame) indexOf(out *value, s *shape, args []*value, pos flow.Pos) {
	if s.index == nil {
		return
	}
	if p := f.rename(s.index, args); p != nil && f.visible(p) && f.l.changes(p) {
		p.Kind = flow.Container
		spot := f.check(p, flow.AskSize, 0, pos, 0)
		out.edit().spot = spot
		out.also = append(out.also, spot)
	}
}

// rowOf makes the result of a call that has loaded a record such a record for the caller.
func (f *frame) rowOf(out *value, s *shape, g *project.Func, args []*value, call flow.Call, pos flow.Pos) {
	if s.row == nil || out.v == 0 {
		return
	}
	p := f.rename(&s.row.place, args)
	if p == nil {
		f.rowOfLocal(out, s, g, args, call, pos)
		return
	}
	owner := *p
	if s.row.place.Root == flow.RootParam {
		owner.Path = strings.TrimSuffix(owner.Path, ".record")
	} else {
		owner.Path = s.row.owner
	}
	row := &record{place: *p, access: models.Load, owner: owner.Path, answer: out.v}
	if s.hasKey {
		row.key = f.renameKey(s, g.Params, call)
	}
	out.row = row
	f.rows = append(f.rows, row)
}

// rowOfLocal is rowOf where the store is one that the caller has opened for itself: a session. The callee's answer
// cannot say which, so that the record is asked for here.
func (f *frame) rowOfLocal(out *value, s *shape, g *project.Func, args []*value, call flow.Call, pos flow.Pos) {
	at := &s.row.place
	if at.Param >= len(args) || args[at.Param] == nil || args[at.Param].text == "" {
		return
	}
	table := at.Path[strings.LastIndexByte(at.Path, '.')+1:]
	if table == "record" {
		table = ""
	}
	row := &record{place: f.storePlace(args[at.Param], table), access: models.Load, owner: args[at.Param].text}
	if s.hasKey {
		row.key = f.renameKey(s, g.Params, call)
	}
	row.answer = f.check(&row.place, flow.AskValue, row.key, pos, 0)
	out.also = append(out.also, row.answer)
	out.row = row
	f.rows = append(f.rows, row)
}

// rename names a callee's place as the caller does; nil if the caller cannot name it.
func (f *frame) rename(at *flow.Place, args []*value) *flow.Place {
	p := f.place(*at)
	if p.Root != flow.RootParam {
		return p
	}
	if p.Param >= len(args) || args[p.Param] == nil {
		return nil
	}
	b := f.base(args[p.Param])
	if b == nil {
		return nil
	}
	rest := ""
	if i := strings.IndexAny(p.Path, ".["); i >= 0 {
		rest = p.Path[i:]
	}
	p.Path, p.Root, p.Param = b.Path+rest, b.Root, b.Param
	if p.Field == "" && rest == "" {
		p.Field = b.Field
	}
	return p
}

func (f *frame) renameKey(s *shape, params []ir.Param, call flow.Call) flow.KeyID {
	if !s.hasKey {
		return flow.KeyAny
	}
	if s.key.Const {
		return f.b.Key(s.key)
	}
	name, _, _ := strings.Cut(s.key.Text, ".")
	for i, a := range call.Args {
		if i < len(params) && params[i].Name == name && a.HasKey {
			if a.Key.Const {
				return f.b.Key(a.Key)
			}
			return f.b.Key(flow.Key{Text: a.Key.Text + s.key.Path, Root: a.Key.Root, Path: a.Key.Path + s.key.Path})
		}
	}
	return flow.KeyAny
}
