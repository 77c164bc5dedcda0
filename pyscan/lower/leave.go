package lower

import (
	"fmt"
	"slices"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// try lowers a try statement. A finally body is written once for the normal way out, once for
// exceptions, and once for each early exit through it.
func (f *fn) try(n syntax.ID) {
	var handlers []syntax.ID
	var orelse, final = syntax.Nil, syntax.Nil
	for c := range f.t.Named(n) {
		switch f.kind(c) {
		case syntax.ExceptClause:
			handlers = append(handlers, c)
		case syntax.ElseClause:
			orelse = f.t.ChildByField(c, syntax.FieldBody)
		case syntax.FinallyClause:
			final = f.t.ChildOfKind(c, syntax.Block)
		}
	}
	f.here()
	after, landing := f.newBlock(), -1
	if final != syntax.Nil {
		landing = f.newBlock()
		f.push(frame{kind: finallyFrame, body: final}, []ir.Edge{{To: int32(landing), Kind: ir.Except}})
	}
	var edges []ir.Edge
	if len(handlers) > 0 {
		all := false
		for _, h := range handlers {
			names := f.classes(h)
			edges = append(edges, ir.Edge{To: int32(f.newBlock()), Kind: ir.Except, Names: names})
			if catchAll(names) {
				all = true
				break // nothing gets past it
			}
		}
		exc := slices.Clip(edges)
		if !all {
			exc = append(exc, f.exc...)
		}
		if len(exc) > maxEdges {
			exc = exc[:maxEdges]
			f.cut("too many exception handlers around one point")
		}
		f.push(frame{kind: handlersFrame}, exc)
	}
	f.split()
	f.block(f.t.ChildByField(n, syntax.FieldBody))
	if len(handlers) > 0 {
		f.pop()
	}
	f.split()
	f.block(orelse)
	join := f.newBlock()
	f.jump(join)
	for i, e := range edges {
		f.start(int(e.To))
		f.handler(handlers[i], e.Names)
		f.jump(join)
	}
	if final != syntax.Nil {
		f.pop()
	}
	f.resume(join)
	if final != syntax.Nil {
		if f.cur >= 0 {
			f.finally(final)
			f.jump(after)
		}
		f.start(landing)
		f.value(final, ir.Instr{Op: ir.Catch})
		f.finally(final)
		f.raise(final)
	} else {
		f.jump(after)
	}
	f.resume(after)
}

func (f *fn) handler(n syntax.ID, names []string) {
	args := make([]ir.Arg, len(names))
	for i, name := range names {
		args[i].Name = name
	}
	at := n
	value := f.t.ChildByField(n, syntax.FieldValue)
	if value != syntax.Nil {
		at = value
	}
	v := f.value(at, ir.Instr{Op: ir.Catch, More: f.given(args)})
	if f.kind(value) == syntax.AsPattern {
		f.store(f.first(f.t.ChildByField(value, syntax.FieldAlias)), v)
	}
	if alias := f.t.ChildByField(n, syntax.FieldAlias); alias != syntax.Nil {
		f.store(alias, v)
	}
	f.block(f.t.ChildOfKind(n, syntax.Block))
}

// classes names what an except clause catches; none means everything.
func (f *fn) classes(n syntax.ID) []string {
	var names []string
	var add func(e syntax.ID)
	add = func(e syntax.ID) {
		switch f.kind(e) {
		case syntax.AsPattern:
			if e = f.first(e); e != syntax.Nil {
				add(e)
			}
		case syntax.Tuple, syntax.ParenthesizedExpression:
			for c := range f.t.Named(e) {
				if k := f.kind(c); k == syntax.Tuple || k == syntax.ParenthesizedExpression {
					names = append(names, f.name(c)) // nested for no good reason
				} else {
					add(c)
				}
			}
		case syntax.ListSplat:
			names = append(names, f.name(f.first(e)))
		default:
			names = append(names, f.name(e))
		}
	}
	for c := range f.t.Named(n) {
		if f.nodes[c].Field == syntax.FieldValue {
			add(c)
		}
	}
	return names
}

// swallowing lists the callables, by last name, whose with block may end by an exception and
// still go on behind it.
var swallowing = map[string]bool{
	"suppress": true, "raises": true, "assertRaises": true, "assertRaisesRegex": true,
	"move_on_after": true, "move_on_at": true,
}

func (f *fn) swallows(n syntax.ID) bool {
	callee := f.t.ChildByField(n, syntax.FieldFunction)
	if f.kind(n) != syntax.Call {
		return false
	}
	if f.kind(callee) == syntax.Attribute {
		callee = f.t.ChildByField(callee, syntax.FieldAttribute)
	}
	return swallowing[string(f.t.Text(callee))]
}

// with lowers a with statement: an Exit on every way out, that of an exception included.
func (f *fn) with(n syntax.ID) {
	enter, exit := ir.Enter, ir.Exit
	if f.hasAsync(n) {
		enter, exit = ir.AEnter, ir.AExit
	}
	type entered struct {
		at       syntax.ID
		exit     ir.Instr
		landing  int
		swallows bool
	}
	var items []entered
	body := f.t.ChildByField(n, syntax.FieldBody)
	for c := range f.t.Named(f.t.ChildOfKind(n, syntax.WithClause)) {
		e := f.t.ChildByField(c, syntax.FieldValue)
		if e == syntax.Nil {
			continue
		}
		target := syntax.Nil
		for f.kind(e) == syntax.ParenthesizedExpression && f.kind(f.first(e)) == syntax.AsPattern {
			e = f.first(e)
		}
		if f.kind(e) == syntax.AsPattern {
			target = f.first(f.t.ChildByField(e, syntax.FieldAlias))
			e = f.first(e)
		}
		if e == syntax.Nil {
			continue
		}
		v := f.expr(e)
		f.groups++
		group := f.intern(fmt.Appendf(nil, "w%d", f.groups))
		got := f.value(e, ir.Instr{Op: enter, A: v, Name: group})
		if body != syntax.Nil {
			f.instrs[len(f.instrs)-1].End = f.nodes[body].End
		}
		it := entered{at: e, landing: f.newBlock(), swallows: f.swallows(e)}
		it.exit = ir.Instr{Op: exit, A: v, Name: group, Pos: f.nodes[e].Start, End: f.nodes[e].End, More: ir.None}
		f.push(frame{kind: withFrame, exit: it.exit}, []ir.Edge{{To: int32(it.landing), Kind: ir.Except}})
		f.split()
		if target != syntax.Nil {
			f.store(target, got)
		}
		items = append(items, it)
	}
	f.block(body)
	for i := len(items) - 1; i >= 0; i-- {
		it := &items[i]
		f.pop()
		after := f.newBlock()
		if f.cur >= 0 {
			f.split()
			f.instrs = append(f.instrs, it.exit)
			f.jump(after)
		}
		f.start(it.landing)
		f.instrs = append(f.instrs, it.exit)
		if it.swallows {
			rest := f.newBlock()
			b := f.here()
			b.pos, b.end = it.exit.Pos, it.exit.End
			f.branch(it.at, f.unknown(it.at), after, rest)
			f.start(rest)
		}
		f.raise(it.at)
		f.resume(after)
	}
}
