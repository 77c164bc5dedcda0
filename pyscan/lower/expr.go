package lower

import (
	"bytes"
	"slices"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// maxLiteral is the longest string constant that is kept.
const maxLiteral = 4096

// deeper goes one level down, and reports whether that is still within bounds; the caller comes
// up again by f.depth--.
func (f *fn) deeper() bool {
	if f.depth >= maxDepth {
		f.cut("expressions nested too deeply")
		return false
	}
	f.depth++
	return true
}

// unknown is a value that nothing is known about.
func (f *fn) unknown(n syntax.ID) ir.Temp { return f.value(n, ir.Instr{Op: ir.Binary}) }

// resolve gives the name that a variable has in the function: those of comprehensions are renamed.
func (f *fn) resolve(name string) string {
	for _, v := range slices.Backward(f.renames) {
		if v.from == name {
			return v.to
		}
	}
	return name
}

func (f *fn) expr(n syntax.ID) ir.Temp {
	if !f.deeper() {
		return f.unknown(n)
	}
	v := f.exprAt(n)
	f.depth--
	return v
}

func (f *fn) exprAt(n syntax.ID) ir.Temp {
	switch f.kind(n) {
	case syntax.Identifier:
		return f.value(n, ir.Instr{Op: ir.Load, Name: f.resolve(f.name(n))})
	case syntax.None, syntax.True, syntax.False, syntax.Integer, syntax.Float, syntax.Ellipsis:
		return f.value(n, ir.Instr{Op: ir.Const, Name: f.name(n)})
	case syntax.String, syntax.ConcatenatedString:
		return f.str(n)
	case syntax.Attribute:
		a := f.exprOr(n, f.t.ChildByField(n, syntax.FieldObject))
		return f.value(n, ir.Instr{Op: ir.GetAttr, A: a, Name: f.name(f.t.ChildByField(n, syntax.FieldAttribute))})
	case syntax.Call:
		fun := f.exprOr(n, f.t.ChildByField(n, syntax.FieldFunction))
		args := f.arguments(f.t.ChildByField(n, syntax.FieldArguments))
		return f.value(n, ir.Instr{Op: ir.Call, A: fun, More: f.more(ir.More{Args: args})})
	case syntax.Await:
		a := f.exprOr(n, f.first(n))
		return f.value(n, ir.Instr{Op: ir.Await, A: a})
	case syntax.Subscript:
		a, b := f.subscript(n)
		return f.value(n, ir.Instr{Op: ir.GetItem, A: a, B: b})
	case syntax.Slice:
		return f.value(n, ir.Instr{Op: ir.Slice, More: f.more(ir.More{Args: f.parts(n)}), Name: f.front(n)})
	case syntax.ParenthesizedExpression, syntax.Type, syntax.AsPattern, syntax.ListSplat, syntax.AsPatternTarget:
		return f.exprOr(n, f.first(n))
	case syntax.NamedExpression:
		v := f.exprOr(n, f.t.ChildByField(n, syntax.FieldValue))
		if name := f.t.ChildByField(n, syntax.FieldName); name != syntax.Nil {
			f.storeName(name, f.name(name), v, nil) // binds in the function, also from inside a comprehension
		}
		return v
	case syntax.BinaryOperator:
		a := f.exprOr(n, f.t.ChildByField(n, syntax.FieldLeft))
		b := f.exprOr(n, f.t.ChildByField(n, syntax.FieldRight))
		return f.value(n, ir.Instr{Op: ir.Binary, A: a, B: b, Name: f.name(f.t.ChildByField(n, syntax.FieldOperator))})
	case syntax.UnaryOperator:
		arg := f.t.ChildByField(n, syntax.FieldArgument)
		if k := f.kind(arg); k == syntax.Integer || k == syntax.Float {
			return f.value(n, ir.Instr{Op: ir.Const, Name: f.name(n)})
		}
		return f.value(n, ir.Instr{Op: ir.Binary, A: f.exprOr(n, arg), Name: f.name(f.t.ChildByField(n, syntax.FieldOperator))})
	case syntax.NotOperator:
		return f.value(n, ir.Instr{Op: ir.Not, A: f.exprOr(n, f.t.ChildByField(n, syntax.FieldArgument))})
	case syntax.ComparisonOperator:
		return f.comparison(n)
	case syntax.BooleanOperator:
		return f.boolean(n)
	case syntax.ConditionalExpression:
		return f.conditional(n)
	case syntax.List:
		return f.build(n, "list")
	case syntax.Set:
		return f.build(n, "set")
	case syntax.Tuple, syntax.ExpressionList, syntax.PatternList, syntax.TuplePattern, syntax.ListPattern:
		return f.build(n, "tuple")
	case syntax.Dictionary:
		return f.build(n, "dict")
	case syntax.ListComprehension:
		return f.comprehension(n, "list")
	case syntax.SetComprehension:
		return f.comprehension(n, "set")
	case syntax.DictionaryComprehension:
		return f.comprehension(n, "dict")
	case syntax.GeneratorExpression:
		return f.comprehension(n, "generator")
	case syntax.Lambda:
		return f.closure(n, nil)
	case syntax.Yield:
		return f.yield(n)
	case syntax.DottedName:
		return f.dotted(n)
	case syntax.Assignment: // damage, or Python of another day
		f.assign(n)
	case syntax.AugmentedAssignment:
		f.augment(n)
	}
	return f.unknown(n)
}

// front is ":0" for a slice that is the empty one before the first element, else "".
func (f *fn) front(n syntax.ID) string {
	if text := string(f.t.Text(n)); text == ":0" || text == "0:0" {
		return ":0"
	}
	return ""
}

func (f *fn) yield(n syntax.ID) ir.Temp {
	f.out.Kind |= ir.Generator
	var a ir.Temp
	if e := f.first(n); e != syntax.Nil {
		a = f.expr(e)
	}
	op := ir.Yield
	if f.t.ChildOfKind(n, syntax.From) != syntax.Nil {
		op = ir.YieldFrom
	}
	return f.value(n, ir.Instr{Op: op, A: a})
}

func (f *fn) dotted(n syntax.ID) ir.Temp {
	var v ir.Temp
	for c := range f.t.Named(n) {
		if v == 0 {
			v = f.value(n, ir.Instr{Op: ir.Load, Name: f.resolve(f.name(c))})
		} else {
			v = f.value(n, ir.Instr{Op: ir.GetAttr, A: v, Name: f.name(c)})
		}
	}
	return v
}

// arguments evaluates an argument list, or the generator that stands in for one.
func (f *fn) arguments(n syntax.ID) []ir.Arg {
	if f.kind(n) == syntax.GeneratorExpression {
		return f.args.keep([]ir.Arg{{T: f.expr(n)}})
	}
	return f.parts(n)
}

// parts evaluates the named children of n.
func (f *fn) parts(n syntax.ID) []ir.Arg {
	if n == syntax.Nil {
		return nil
	}
	base := len(f.argv)
	for c := range f.t.Named(n) {
		var a ir.Arg
		e := c
		switch f.kind(c) {
		case syntax.Error:
			continue
		case syntax.Pair:
			key := f.exprOr(c, f.t.ChildByField(c, syntax.FieldKey))
			f.argv = append(f.argv, ir.Arg{T: key})
			e = f.t.ChildByField(c, syntax.FieldValue)
		case syntax.KeywordArgument:
			a.Name = f.name(f.t.ChildByField(c, syntax.FieldName))
			e = f.t.ChildByField(c, syntax.FieldValue)
		case syntax.ListSplat, syntax.ListSplatPattern:
			a.Star, e = 1, f.first(c)
		case syntax.DictionarySplat, syntax.DictionarySplatPattern:
			a.Star, e = 2, f.first(c)
		}
		if e == syntax.Nil {
			a.T = f.unknown(c)
		} else {
			a.T = f.expr(e)
		}
		f.argv = append(f.argv, a)
	}
	args := f.args.keep(f.argv[base:])
	f.argv = f.argv[:base]
	return args
}

func (f *fn) build(n syntax.ID, what string) ir.Temp {
	return f.value(n, ir.Instr{Op: ir.Build, Name: what, More: f.more(ir.More{Args: f.parts(n)})})
}

// subscript evaluates the object and the key of d[k].
func (f *fn) subscript(n syntax.ID) (object, key ir.Temp) {
	object = f.exprOr(n, f.t.ChildByField(n, syntax.FieldValue))
	base := len(f.argv)
	var at = syntax.Nil
	for c := range f.t.Named(n) {
		if f.nodes[c].Field == syntax.FieldSubscript {
			at = c
			f.argv = append(f.argv, ir.Arg{T: f.expr(c)})
		}
	}
	switch len(f.argv) - base {
	case 0:
		key = f.unknown(n)
	case 1:
		key = f.argv[base].T
	default:
		key = f.value(at, ir.Instr{Op: ir.Build, Name: "tuple", More: f.given(f.argv[base:])})
	}
	f.argv = f.argv[:base]
	return object, key
}

// str lowers a string: a constant in canonical quotes where that is simple, else its parts.
func (f *fn) str(n syntax.ID) ir.Temp {
	if text, ok := f.plain(n); ok {
		return f.value(n, ir.Instr{Op: ir.Const, Name: f.intern(text)})
	}
	base := len(f.argv)
	// All interpolations below n, nested format specifiers included, in source order.
	for c, end := n+1, f.nodes[n].Next; c < end; {
		switch f.kind(c) {
		case syntax.Interpolation, syntax.FormatExpression:
			e := f.t.ChildByField(c, syntax.FieldExpression)
			if e == syntax.Nil {
				c = f.nodes[c].Next
				continue
			}
			f.argv = append(f.argv, ir.Arg{T: f.expr(e)})
			c = f.nodes[e].Next
		default:
			c++
		}
	}
	args := f.args.keep(f.argv[base:])
	f.argv = f.argv[:base]
	return f.value(n, ir.Instr{Op: ir.Build, Name: "str", More: f.more(ir.More{Args: args})})
}

// plain is the constant text of a string without interpolations, until the next one is asked for.
func (f *fn) plain(n syntax.ID) ([]byte, bool) {
	if f.nodes[n].End-f.nodes[n].Start > maxLiteral {
		return nil, false
	}
	f.small = append(f.small[:0], '"')
	for c, end := n, f.nodes[n].Next; c < end; c++ {
		switch f.kind(c) {
		case syntax.Interpolation, syntax.Error:
			return nil, false
		case syntax.StringStart:
			if p := bytes.TrimRight(f.t.Text(c), `"'`); len(p) > 0 && p[0]|0x20 != 'u' {
				// Bytes and raw strings are not the text that they look like.
				f.small = slices.Insert(f.small, len(f.small)-1, bytes.ToLower(p)...)
			}
		case syntax.StringContent:
			f.small = append(f.small, f.t.Text(c)...)
		}
	}
	f.small = append(f.small, '"')
	return f.small, true
}

var comparisons = map[string]ir.Op{
	"in": ir.In, "is": ir.Is, "==": ir.Eq, "!=": ir.NotEq, "<>": ir.NotEq,
	"<": ir.Order, "<=": ir.Order, ">": ir.Order, ">=": ir.Order,
}

// chain lowers `a < b < c`; between two comparisons, stop may leave.
func (f *fn) chain(n syntax.ID, stop func(v ir.Temp)) ir.Temp {
	var left, v ir.Temp
	var op ir.Op
	var name string
	for c := range f.t.Children(n) {
		nd := &f.nodes[c]
		if nd.Field == syntax.FieldOperators {
			text := f.t.Text(c)
			switch {
			case bytes.HasPrefix(text, []byte("not")):
				op, name = ir.NotIn, ""
			case len(text) > 2 && bytes.HasPrefix(text, []byte("is")):
				op, name = ir.IsNot, ""
			default:
				op, name = comparisons[string(text)], ""
				if op == ir.Order {
					name = f.name(c)
				}
			}
			continue
		}
		if nd.Flags&syntax.Named == 0 || nd.Kind == syntax.Error {
			continue
		}
		if left == 0 {
			left = f.expr(c)
			continue
		}
		if v != 0 {
			stop(v)
		}
		right := f.expr(c)
		if op == 0 {
			op = ir.Binary
		}
		v = f.value(n, ir.Instr{Op: op, A: left, B: right, Name: name})
		left = right
	}
	if v == 0 {
		return f.unknown(n)
	}
	return v
}

func (f *fn) comparison(n syntax.ID) ir.Temp {
	var result ir.Temp
	after := -1
	v := f.chain(n, func(v ir.Temp) {
		if after < 0 {
			after = f.newBlock()
			f.temps++
			result = f.temps
		}
		f.emit(n, ir.Instr{Op: ir.Move, Dst: result, A: v})
		next := f.newBlock()
		f.branch(n, v, next, after)
		f.start(next)
	})
	if after < 0 {
		return v
	}
	f.emit(n, ir.Instr{Op: ir.Move, Dst: result, A: v})
	f.jump(after)
	f.start(after)
	return result
}

func (f *fn) isOr(n syntax.ID) bool {
	return string(f.t.Text(f.t.ChildByField(n, syntax.FieldOperator))) == "or"
}

// boolean lowers `a and b` where its value is wanted.
func (f *fn) boolean(n syntax.ID) ir.Temp {
	left, right := f.t.ChildByField(n, syntax.FieldLeft), f.t.ChildByField(n, syntax.FieldRight)
	if left == syntax.Nil || right == syntax.Nil {
		return f.unknown(n)
	}
	a := f.expr(left)
	f.temps++
	result := f.temps
	f.emit(left, ir.Instr{Op: ir.Move, Dst: result, A: a})
	rest, after := f.newBlock(), f.newBlock()
	if f.isOr(n) {
		f.branch(left, a, after, rest)
	} else {
		f.branch(left, a, rest, after)
	}
	f.start(rest)
	b := f.expr(right)
	f.emit(right, ir.Instr{Op: ir.Move, Dst: result, A: b})
	f.jump(after)
	f.start(after)
	return result
}

// three are the parts of `yes if test else no`; no is Nil if any is missing.
func (f *fn) three(n syntax.ID) (yes, test, no syntax.ID) {
	part := [3]syntax.ID{syntax.Nil, syntax.Nil, syntax.Nil}
	i := 0
	for c := range f.t.Named(n) {
		if i < 3 && f.kind(c) != syntax.Error {
			part[i] = c
			i++
		}
	}
	return part[0], part[1], part[2]
}

func (f *fn) conditional(n syntax.ID) ir.Temp {
	yes, test, no := f.three(n)
	if no == syntax.Nil {
		return f.unknown(n)
	}
	a, b, after := f.newBlock(), f.newBlock(), f.newBlock()
	f.cond(test, a, b)
	f.temps++
	result := f.temps
	for _, arm := range []struct {
		block int
		at    syntax.ID
	}{{a, yes}, {b, no}} {
		f.resume(arm.block)
		if f.cur < 0 {
			continue // a constant condition never takes it
		}
		v := f.expr(arm.at)
		f.emit(arm.at, ir.Instr{Op: ir.Move, Dst: result, A: v})
		f.jump(after)
	}
	f.start(after)
	return result
}

// cond lowers n as a condition: control goes to yes or no.
func (f *fn) cond(n syntax.ID, yes, no int) {
	if !f.deeper() {
		f.branch(n, f.unknown(n), yes, no)
		return
	}
	defer func() { f.depth-- }()
	f.here()
	switch f.kind(n) {
	case syntax.True:
		f.jump(yes)
		return
	case syntax.False, syntax.None:
		f.jump(no)
		return
	case syntax.Integer:
		if text := f.t.Text(n); string(text) == "1" {
			f.jump(yes)
			return
		} else if string(text) == "0" {
			f.jump(no)
			return
		}
	case syntax.ParenthesizedExpression:
		if e := f.first(n); e != syntax.Nil {
			f.cond(e, yes, no)
			return
		}
	case syntax.NotOperator:
		if e := f.t.ChildByField(n, syntax.FieldArgument); e != syntax.Nil {
			f.cond(e, no, yes)
			return
		}
	case syntax.BooleanOperator:
		left, right := f.t.ChildByField(n, syntax.FieldLeft), f.t.ChildByField(n, syntax.FieldRight)
		if left == syntax.Nil || right == syntax.Nil {
			break
		}
		rest := f.newBlock()
		if f.isOr(n) {
			f.cond(left, yes, rest)
		} else {
			f.cond(left, rest, no)
		}
		f.resume(rest)
		if f.cur >= 0 {
			f.cond(right, yes, no)
		}
		return
	case syntax.ComparisonOperator:
		v := f.chain(n, func(v ir.Temp) {
			next := f.newBlock()
			f.branch(n, v, next, no)
			f.start(next)
		})
		f.branch(n, v, yes, no)
		return
	}
	f.branch(n, f.expr(n), yes, no)
}
