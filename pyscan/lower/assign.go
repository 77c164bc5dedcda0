package lower

import (
	"bytes"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// assign lowers an assignment: the value first, then the targets from left to right.
func (f *fn) assign(n syntax.ID) {
	type target struct {
		at  syntax.ID
		typ *ir.TypeExpr
	}
	var targets []target
	right := n
	for f.kind(right) == syntax.Assignment {
		t := target{at: f.t.ChildByField(right, syntax.FieldLeft)}
		if typ := f.t.ChildByField(right, syntax.FieldType); typ != syntax.Nil {
			e := f.annotation(typ)
			t.typ = &e
		}
		targets = append(targets, t)
		right = f.t.ChildByField(right, syntax.FieldRight)
	}
	if right == syntax.Nil { // x: T
		f.declare(targets[len(targets)-1].at, targets[len(targets)-1].typ)
		return
	}
	if len(targets) == 1 && (f.pairwise(targets[0].at, right) || f.unlessKept(targets[0].at, right, targets[0].typ)) {
		return
	}
	v := f.expr(right)
	for _, t := range targets {
		f.storeAs(t.at, v, t.typ)
	}
}

func (f *fn) declare(at syntax.ID, typ *ir.TypeExpr) {
	switch f.kind(at) {
	case syntax.Identifier:
		f.storeName(at, f.name(at), 0, typ)
	case syntax.Attribute:
		a := f.exprOr(at, f.t.ChildByField(at, syntax.FieldObject))
		f.emit(at, ir.Instr{Op: ir.SetAttr, A: a, Name: f.name(f.t.ChildByField(at, syntax.FieldAttribute)), More: f.more(ir.More{Type: typ})})
	}
}

// pairwise lowers `a, b = x, y` without a tuple in between; it reports whether it did.
func (f *fn) pairwise(left, right syntax.ID) bool {
	if k := f.kind(right); k != syntax.ExpressionList && k != syntax.Tuple {
		return false
	}
	if k := f.kind(left); k != syntax.PatternList && k != syntax.TuplePattern {
		return false
	}
	var targets, values []syntax.ID
	for c := range f.t.Named(left) {
		if f.kind(c) == syntax.ListSplatPattern {
			return false
		}
		targets = append(targets, c)
	}
	for c := range f.t.Named(right) {
		if k := f.kind(c); k == syntax.ListSplat || k == syntax.Error {
			return false
		}
		values = append(values, c)
	}
	if len(targets) != len(values) || len(targets) == 1 {
		return false
	}
	temps := make([]ir.Temp, len(values))
	for i, v := range values {
		temps[i] = f.expr(v)
	}
	for i, t := range targets {
		f.store(t, temps[i])
	}
	return true
}

// unlessKept lowers `x = x if test else y`, where the test asks for x, and the like, as what it does: `if not test:
// x = y`. It reports whether it did.
func (f *fn) unlessKept(target, right syntax.ID, typ *ir.TypeExpr) bool {
	for f.kind(right) == syntax.ParenthesizedExpression {
		right = f.first(right)
	}
	if right == syntax.Nil || f.kind(right) != syntax.ConditionalExpression || f.kind(target) != syntax.Attribute && f.kind(target) != syntax.Identifier {
		return false
	}
	yes, test, no := f.three(right)
	if no == syntax.Nil || !bytes.Contains(f.t.Text(test), f.t.Text(target)) {
		return false
	}
	same := func(n syntax.ID) bool { return bytes.Equal(f.t.Text(n), f.t.Text(target)) }
	value, set, after := no, f.newBlock(), f.newBlock()
	switch {
	case same(yes):
		f.cond(test, after, set)
	case same(no):
		value = yes
		f.cond(test, set, after)
	default:
		return false
	}
	f.resume(set)
	f.storeAs(target, f.expr(value), typ)
	f.jump(after)
	f.resume(after)
	return true
}

func (f *fn) store(target syntax.ID, v ir.Temp) { f.storeAs(target, v, nil) }

func (f *fn) storeName(at syntax.ID, name string, v ir.Temp, typ *ir.TypeExpr) {
	f.emit(at, ir.Instr{Op: ir.Store, Name: name, A: v, More: f.more(ir.More{Type: typ})})
	f.bind(name)
}

func (f *fn) storeAs(target syntax.ID, v ir.Temp, typ *ir.TypeExpr) {
	if target == syntax.Nil || !f.deeper() {
		return
	}
	defer func() { f.depth-- }()
	switch f.kind(target) {
	case syntax.Identifier:
		f.storeName(target, f.resolve(f.name(target)), v, typ)
	case syntax.Attribute:
		a := f.exprOr(target, f.t.ChildByField(target, syntax.FieldObject))
		f.emit(target, ir.Instr{Op: ir.SetAttr, A: a, B: v, Name: f.name(f.t.ChildByField(target, syntax.FieldAttribute)), More: f.more(ir.More{Type: typ})})
	case syntax.Subscript:
		a, b := f.subscript(target)
		f.emit(target, ir.Instr{Op: ir.SetItem, A: a, B: b, More: f.more(ir.More{C: v, Type: typ})})
	case syntax.ListSplatPattern, syntax.ListSplat:
		f.storeAs(f.first(target), v, typ)
	case syntax.ParenthesizedExpression:
		f.storeAs(f.first(target), v, typ)
	case syntax.TuplePattern:
		if e := f.first(target); e != syntax.Nil && f.t.NextSibling(e) == syntax.Nil &&
			!bytes.ContainsRune(f.src[f.nodes[e].End:f.nodes[target].End], ',') {
			f.storeAs(e, v, typ) // (a) = v
			return
		}
		f.unpack(target, v)
	case syntax.PatternList, syntax.ListPattern, syntax.Tuple, syntax.List, syntax.ExpressionList:
		f.unpack(target, v)
	}
}

func (f *fn) unpack(target syntax.ID, v ir.Temp) {
	// Python takes all parts before it stores the first one.
	var parts []ir.Temp
	i := int32(0)
	for c := range f.t.Named(target) {
		index := i
		if k := f.kind(c); k == syntax.ListSplatPattern || k == syntax.ListSplat {
			index = -1
		}
		parts = append(parts, f.value(c, ir.Instr{Op: ir.Unpack, A: v, More: f.more(ir.More{Index: index})}))
		i++
	}
	i = 0
	for c := range f.t.Named(target) {
		f.store(c, parts[i])
		i++
	}
}

// augment lowers `target op= value`: the target is read before the value is computed.
func (f *fn) augment(n syntax.ID) {
	target, right := f.t.ChildByField(n, syntax.FieldLeft), f.t.ChildByField(n, syntax.FieldRight)
	op := f.t.Text(f.t.ChildByField(n, syntax.FieldOperator))
	name := f.intern(bytes.TrimSuffix(op, []byte("=")))
	compute := func(old ir.Temp) ir.Temp {
		v := f.exprOr(n, right)
		return f.value(n, ir.Instr{Op: ir.Binary, A: old, B: v, Name: name})
	}
	switch f.kind(target) {
	case syntax.Identifier:
		id := f.resolve(f.name(target))
		old := f.value(target, ir.Instr{Op: ir.Load, Name: id, Aug: true})
		v := compute(old)
		f.emit(target, ir.Instr{Op: ir.Store, Name: id, A: v, Aug: true})
		f.bind(id)
	case syntax.Attribute:
		a := f.exprOr(target, f.t.ChildByField(target, syntax.FieldObject))
		id := f.name(f.t.ChildByField(target, syntax.FieldAttribute))
		old := f.value(target, ir.Instr{Op: ir.GetAttr, A: a, Name: id, Aug: true})
		v := compute(old)
		f.emit(target, ir.Instr{Op: ir.SetAttr, A: a, B: v, Name: id, Aug: true})
	case syntax.Subscript:
		a, b := f.subscript(target)
		old := f.value(target, ir.Instr{Op: ir.GetItem, A: a, B: b, Aug: true})
		v := compute(old)
		f.emit(target, ir.Instr{Op: ir.SetItem, A: a, B: b, Aug: true, More: f.more(ir.More{C: v})})
	default:
		f.exprOr(n, right)
	}
}
