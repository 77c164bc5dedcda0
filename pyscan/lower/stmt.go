package lower

import (
	"slices"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// block lowers the statements of a block node.
func (f *fn) block(n syntax.ID) {
	if n == syntax.Nil {
		return
	}
	f.suite(n)
}

func (f *fn) suite(n syntax.ID) {
	if f.depth++; f.depth > maxDepth {
		f.cut("statements nested too deeply")
	} else {
		for c, end := n+1, f.nodes[n].Next; c < end; c = f.nodes[c].Next {
			f.stmt(c)
		}
	}
	f.depth--
}

func (f *fn) stmt(n syntax.ID) {
	switch f.kind(n) {
	case syntax.ExpressionStatement:
		f.expressionStatement(n)
	case syntax.IfStatement:
		f.ifs(n)
	case syntax.WhileStatement:
		f.while(n)
	case syntax.ForStatement:
		f.loop(n)
	case syntax.TryStatement:
		f.try(n)
	case syntax.WithStatement:
		f.with(n)
	case syntax.MatchStatement:
		f.match(n)
	case syntax.FunctionDefinition, syntax.ClassDefinition, syntax.DecoratedDefinition:
		f.define(n)
	case syntax.ReturnStatement:
		var v ir.Temp
		if e := f.first(n); e != syntax.Nil {
			v = f.expr(e)
		}
		f.unwind(0)
		f.leave(n, v)
	case syntax.RaiseStatement:
		for e := range f.t.Named(n) {
			f.expr(e)
		}
		f.here()
		f.raise(n)
	case syntax.BreakStatement, syntax.ContinueStatement:
		f.breaks(n)
	case syntax.AssertStatement:
		f.assert(n)
	case syntax.DeleteStatement:
		for e := range f.t.Named(n) {
			f.del(e)
		}
	case syntax.GlobalStatement:
		for e := range f.t.Named(n) {
			f.out.Globals = append(f.out.Globals, f.name(e))
		}
	case syntax.NonlocalStatement:
		for e := range f.t.Named(n) {
			f.out.Nonlocals = append(f.out.Nonlocals, f.name(e))
		}
	case syntax.ImportStatement, syntax.ImportFromStatement, syntax.FutureImportStatement:
		f.imports(n)
	case syntax.TypeAliasStatement:
		f.alias(n)
	case syntax.PrintStatement, syntax.ExecStatement:
		for e := range f.t.Named(n) {
			if f.kind(e) == syntax.Chevron {
				e = f.first(e)
			}
			if e != syntax.Nil {
				f.expr(e)
			}
		}
	case syntax.Error, syntax.Block:
		f.suite(n) // whatever whole statements are in there
	}
}

func (f *fn) expressionStatement(n syntax.ID) {
	for e := range f.t.Named(n) {
		switch f.kind(e) {
		case syntax.Assignment:
			f.assign(e)
		case syntax.AugmentedAssignment:
			f.augment(e)
		case syntax.String, syntax.ConcatenatedString:
			if f.t.ChildOfKind(e, syntax.Interpolation) != syntax.Nil {
				f.expr(e)
			} // else a docstring, or a comment by another name
		default:
			f.discard(e)
		}
	}
}

// discard lowers an expression whose value nobody uses.
func (f *fn) discard(n syntax.ID) {
	switch f.kind(n) {
	case syntax.ParenthesizedExpression:
		if e := f.first(n); e != syntax.Nil && f.deeper() {
			f.discard(e)
			f.depth--
		}
		return
	case syntax.BooleanOperator:
		left, right := f.t.ChildByField(n, syntax.FieldLeft), f.t.ChildByField(n, syntax.FieldRight)
		if left == syntax.Nil || right == syntax.Nil || !f.deeper() {
			return
		}
		rest, after := f.newBlock(), f.newBlock()
		if f.isOr(n) {
			f.cond(left, after, rest)
		} else {
			f.cond(left, rest, after)
		}
		f.resume(rest)
		f.discard(right)
		f.jump(after)
		f.resume(after)
		f.depth--
		return
	case syntax.ConditionalExpression:
		yes, test, no := f.three(n)
		if no == syntax.Nil || !f.deeper() {
			return
		}
		a, b, after := f.newBlock(), f.newBlock(), f.newBlock()
		f.cond(test, a, b)
		f.resume(a)
		f.discard(yes)
		f.jump(after)
		f.resume(b)
		f.discard(no)
		f.jump(after)
		f.resume(after)
		f.depth--
		return
	}
	f.expr(n)
	if b := f.here(); b.first < len(f.instrs) {
		f.instrs[len(f.instrs)-1].Last = true
	}
}

func (f *fn) ifs(n syntax.ID) {
	after := f.newBlock()
	arm := func(n syntax.ID) {
		yes, no := f.newBlock(), f.newBlock()
		f.condOr(n, f.t.ChildByField(n, syntax.FieldCondition), yes, no)
		f.resume(yes)
		f.block(f.t.ChildByField(n, syntax.FieldConsequence))
		f.jump(after)
		f.resume(no)
	}
	arm(n)
	for c := range f.t.Named(n) {
		switch f.kind(c) {
		case syntax.ElifClause:
			arm(c)
		case syntax.ElseClause:
			f.block(f.t.ChildByField(c, syntax.FieldBody))
		}
	}
	f.jump(after)
	f.resume(after)
}

// condOr is cond for a condition that damage may have taken away.
func (f *fn) condOr(n, test syntax.ID, yes, no int) {
	if test == syntax.Nil {
		f.branch(n, f.unknown(n), yes, no)
		return
	}
	f.cond(test, yes, no)
}

func (f *fn) while(n syntax.ID) {
	head, body, no, after := f.newBlock(), f.newBlock(), f.newBlock(), f.newBlock()
	f.here()
	f.jump(head)
	f.start(head)
	f.condOr(n, f.t.ChildByField(n, syntax.FieldCondition), body, no)
	f.push(frame{kind: loopFrame, onBreak: after, onNext: head}, f.exc)
	f.resume(body)
	f.block(f.t.ChildByField(n, syntax.FieldBody))
	f.jump(head)
	f.pop()
	f.resume(no)
	f.block(f.t.ChildByField(f.t.ChildByField(n, syntax.FieldAlternative), syntax.FieldBody))
	f.jump(after)
	f.resume(after)
}

func (f *fn) loop(n syntax.ID) {
	over := f.t.ChildByField(n, syntax.FieldRight)
	if over == syntax.Nil {
		over = n
	}
	async := f.hasAsync(n)
	it := f.iterator(over, async, f.exprOr(n, over))
	head, body, done, after := f.newBlock(), f.newBlock(), f.newBlock(), f.newBlock()
	f.jump(head)
	f.start(head)
	elem := f.next(over, it, async, body, done)
	f.push(frame{kind: loopFrame, onBreak: after, onNext: head}, f.exc)
	f.start(body)
	f.store(f.t.ChildByField(n, syntax.FieldLeft), elem)
	f.block(f.t.ChildByField(n, syntax.FieldBody))
	f.jump(head)
	f.pop()
	f.start(done)
	f.block(f.t.ChildByField(f.t.ChildByField(n, syntax.FieldAlternative), syntax.FieldBody))
	f.jump(after)
	f.resume(after)
}

func (f *fn) exprOr(n, e syntax.ID) ir.Temp {
	if e == syntax.Nil || e == n {
		return f.unknown(n)
	}
	return f.expr(e)
}

func (f *fn) iterator(n syntax.ID, async bool, v ir.Temp) ir.Temp {
	op := ir.Iter
	if async {
		op = ir.AIter
	}
	return f.value(n, ir.Instr{Op: op, A: v})
}

func (f *fn) breaks(n syntax.ID) {
	for i, fr := range slices.Backward(f.frames) {

		if fr.kind != loopFrame {
			continue
		}
		f.unwind(i + 1)
		f.here()
		if f.kind(n) == syntax.BreakStatement {
			f.jump(fr.onBreak)
		} else {
			f.jump(fr.onNext)
		}
		return
	}
}

func (f *fn) assert(n syntax.ID) {
	test := f.first(n)
	ok, fail := f.newBlock(), f.newBlock()
	f.condOr(n, test, ok, fail)
	f.resume(fail)
	if f.cur >= 0 {
		if message := f.t.NextSibling(test); message != syntax.Nil {
			f.expr(message)
		}
		f.raise(n)
	}
	f.resume(ok)
}

func (f *fn) del(n syntax.ID) {
	switch f.kind(n) {
	case syntax.Identifier:
		name := f.resolve(f.name(n))
		f.emit(n, ir.Instr{Op: ir.Delete, Name: name})
		f.bind(name)
	case syntax.Attribute:
		a := f.exprOr(n, f.t.ChildByField(n, syntax.FieldObject))
		f.emit(n, ir.Instr{Op: ir.DelAttr, A: a, Name: f.name(f.t.ChildByField(n, syntax.FieldAttribute))})
	case syntax.Subscript:
		a, b := f.subscript(n)
		f.emit(n, ir.Instr{Op: ir.DelItem, A: a, B: b})
	default:
		if f.deeper() {
			for e := range f.t.Named(n) {
				f.del(e)
			}
			f.depth--
		}
	}
}

// alias is `type X = …`, or an assignment to an attribute of type(x), which the grammar takes for one.
func (f *fn) alias(n syntax.ID) {
	left := f.first(f.t.ChildByField(n, syntax.FieldLeft))
	right := f.first(f.t.ChildByField(n, syntax.FieldRight))
	switch f.kind(left) {
	case syntax.Identifier:
		t := parseType(f.t.Text(right), true)
		f.storeName(left, f.name(left), 0, &t)
	case syntax.GenericType:
		if name := f.first(left); f.kind(name) == syntax.Identifier {
			t := parseType(f.t.Text(right), true)
			f.storeName(name, f.name(name), 0, &t)
		}
	case syntax.Attribute, syntax.Subscript:
		if right == syntax.Nil {
			return
		}
		v := f.expr(right)
		typ := f.value(n, ir.Instr{Op: ir.Load, Name: "type"})
		f.storeTyped(left, v, typ, n)
	}
}

// storeTyped stores v into a target whose innermost object, in parentheses, is the argument of type().
func (f *fn) storeTyped(target syntax.ID, v, typ ir.Temp, n syntax.ID) {
	var path []syntax.ID
	e := target
	for f.kind(e) == syntax.Attribute || f.kind(e) == syntax.Subscript {
		path = append(path, e)
		e = f.first(e)
	}
	if e == syntax.Nil || len(path) > maxDepth {
		return
	}
	a := f.value(e, ir.Instr{Op: ir.Call, A: typ, More: f.given([]ir.Arg{{T: f.expr(e)}})})
	for i, p := range slices.Backward(path) {

		name, key := f.name(f.t.ChildByField(p, syntax.FieldAttribute)), f.t.ChildByField(p, syntax.FieldSubscript)
		in := ir.Instr{Op: ir.GetAttr, A: a, Name: name}
		if f.kind(p) == syntax.Subscript {
			in = ir.Instr{Op: ir.GetItem, A: a, B: f.exprOr(p, key)}
		}
		if i > 0 {
			a = f.value(p, in)
			continue
		}
		if in.Op == ir.GetItem {
			in.Op, in.More = ir.SetItem, f.more(ir.More{C: v})
		} else {
			in.Op, in.B = ir.SetAttr, v
		}
		f.emit(p, in).Pos = f.nodes[n].Start // `type` itself is outside the grammar's target
	}
}

func (f *fn) imports(n syntax.ID) {
	module, level := "", 0
	from := f.kind(n) != syntax.ImportStatement
	if from {
		module = "__future__"
	}
	if m := f.t.ChildByField(n, syntax.FieldModuleName); m != syntax.Nil {
		module = f.name(m)
		for level < len(module) && module[level] == '.' {
			level++
		}
		if f.kind(m) == syntax.RelativeImport {
			level = 0
			for _, c := range f.t.Text(f.t.ChildOfKind(m, syntax.ImportPrefix)) {
				if c == '.' {
					level++
				}
			}
			module = f.name(f.t.ChildOfKind(m, syntax.DottedName))
		}
	}
	add := func(at syntax.ID, bound, path string) {
		im := ir.Import{Name: bound, Module: module, Symbol: path, Level: level, Func: f.index, Pos: f.nodes[at].Start}
		if !from {
			im.Module, im.Symbol = path, ""
		}
		f.mod.Imports = append(f.mod.Imports, im)
		if bound != "*" {
			f.bind(bound)
		}
	}
	for c := range f.t.Named(n) {
		switch {
		case f.kind(c) == syntax.WildcardImport:
			add(c, "*", "*")
		case f.nodes[c].Field != syntax.FieldName:
		case f.kind(c) == syntax.AliasedImport:
			add(c, f.name(f.t.ChildByField(c, syntax.FieldAlias)), f.name(f.t.ChildByField(c, syntax.FieldName)))
		case from:
			add(c, f.name(c), f.name(c))
		default: // import a.b binds a
			add(c, f.name(f.first(c)), f.name(c))
		}
	}
}
