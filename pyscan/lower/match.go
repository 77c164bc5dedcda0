package lower

import (
	"bytes"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// match lowers a match statement: case by case a test, the bindings, the guard, the body.
func (f *fn) match(n syntax.ID) {
	base := len(f.argv)
	var at = syntax.Nil
	for c := range f.t.Named(n) {
		if f.nodes[c].Field == syntax.FieldSubject {
			at = c
			f.argv = append(f.argv, ir.Arg{T: f.expr(c)})
		}
	}
	var subject ir.Temp
	switch len(f.argv) - base {
	case 0:
		subject = f.unknown(n)
	case 1:
		subject = f.argv[base].T
	default:
		subject = f.value(at, ir.Instr{Op: ir.Build, Name: "tuple", More: f.given(f.argv[base:])})
	}
	f.argv = f.argv[:base]

	after := f.newBlock()
	for c := range f.t.Named(f.t.ChildByField(n, syntax.FieldBody)) {
		if f.kind(c) != syntax.CaseClause {
			continue
		}
		if f.cur < 0 {
			f.here()
		}
		f.matchCase(c, subject, after)
	}
	f.jump(after)
	f.resume(after)
}

func (f *fn) matchCase(n syntax.ID, subject ir.Temp, after int) {
	var patterns []syntax.ID
	for c := range f.t.Named(n) {
		if f.kind(c) == syntax.CasePattern {
			patterns = append(patterns, c)
		}
	}
	if len(patterns) == 0 {
		return
	}
	body, next := f.newBlock(), f.newBlock()
	last := patterns[len(patterns)-1]
	comma := f.nodes[last].End
	sequence := len(patterns) > 1 || bytes.HasPrefix(bytes.TrimLeft(f.src[comma:f.nodes[n].End], " \t\\\r\n"), []byte(","))
	if !sequence && f.irrefutable(last) {
		f.jump(body)
	} else {
		base := len(f.argv)
		for _, p := range patterns {
			f.compared(p)
		}
		args := f.args.keep(f.argv[base:])
		f.argv = f.argv[:base]
		v := f.value(patterns[0], ir.Instr{Op: ir.Match, A: subject, More: f.more(ir.More{Args: args})})
		f.branch(patterns[0], v, body, next)
	}
	f.start(body)
	if sequence {
		f.elements(patterns, subject)
	} else {
		f.capture(last, subject)
	}
	if guard := f.first(f.t.ChildByField(n, syntax.FieldGuard)); guard != syntax.Nil {
		ok := f.newBlock()
		f.cond(guard, ok, next)
		f.resume(ok)
	}
	f.block(f.t.ChildByField(n, syntax.FieldConsequence))
	f.jump(after)
	f.resume(next)
}

// irrefutable reports whether a pattern is `_` or a bare name.
func (f *fn) irrefutable(p syntax.ID) bool {
	for f.kind(p) == syntax.CasePattern || f.kind(p) == syntax.TuplePattern {
		if f.t.ChildOfKind(p, syntax.Underscore) != syntax.Nil {
			return true
		}
		inner := f.first(p)
		if f.kind(p) == syntax.TuplePattern && !f.grouping(p, inner) {
			return false
		}
		p = inner
	}
	return f.name1(p) != syntax.Nil
}

// grouping reports whether tuple pattern p is inner in parentheses.
func (f *fn) grouping(p, inner syntax.ID) bool {
	return inner != syntax.Nil && f.t.NextSibling(inner) == syntax.Nil &&
		bytes.IndexByte(f.src[f.nodes[inner].End:f.nodes[p].End], ',') < 0
}

// name1 is the identifier of a dotted name without dots, or Nil.
func (f *fn) name1(p syntax.ID) syntax.ID {
	if f.kind(p) == syntax.DottedName {
		if id := f.first(p); id != syntax.Nil && f.t.NextSibling(id) == syntax.Nil {
			return id
		}
	}
	return syntax.Nil
}

// compared evaluates what pattern p compares with, onto argv.
func (f *fn) compared(p syntax.ID) {
	if !f.deeper() {
		return
	}
	defer func() { f.depth-- }()
	switch f.kind(p) {
	case syntax.String, syntax.ConcatenatedString, syntax.Integer, syntax.Float, syntax.True, syntax.False, syntax.None:
		f.argv = append(f.argv, ir.Arg{T: f.expr(p)})
	case syntax.ComplexPattern:
		f.argv = append(f.argv, ir.Arg{T: f.value(p, ir.Instr{Op: ir.Const, Name: f.name(p)})})
	case syntax.DottedName:
		if f.name1(p) == syntax.Nil {
			f.argv = append(f.argv, ir.Arg{T: f.dotted(p)})
		}
	case syntax.ClassPattern:
		for c := range f.t.Named(p) {
			if f.kind(c) == syntax.DottedName {
				f.argv = append(f.argv, ir.Arg{T: f.dotted(c)})
			} else {
				f.compared(c)
			}
		}
	case syntax.CasePattern:
		if f.t.ChildOfKind(p, syntax.Minus) != syntax.Nil {
			f.argv = append(f.argv, ir.Arg{T: f.value(p, ir.Instr{Op: ir.Const, Name: f.name(p)})})
			return
		}
		fallthrough
	default:
		for c := range f.t.Named(p) {
			f.compared(c)
		}
	}
}

// capture stores what pattern p binds; v is the value it has matched.
func (f *fn) capture(p syntax.ID, v ir.Temp) {
	if p == syntax.Nil || !f.deeper() {
		return
	}
	defer func() { f.depth-- }()
	switch f.kind(p) {
	case syntax.CasePattern:
		f.capture(f.first(p), v)
	case syntax.DottedName:
		if id := f.name1(p); id != syntax.Nil {
			f.storeName(id, f.name(id), v, nil)
		}
	case syntax.AsPattern:
		inner := f.first(p)
		f.capture(inner, v)
		if id := f.t.ChildOfKind(p, syntax.Identifier); id != syntax.Nil {
			f.storeName(id, f.name(id), v, nil)
		}
	case syntax.UnionPattern:
		f.capture(f.first(p), v) // all alternatives bind the same names
	case syntax.SplatPattern:
		if id := f.first(p); id != syntax.Nil {
			f.storeName(id, f.name(id), v, nil)
		}
	case syntax.TuplePattern:
		if inner := f.first(p); f.grouping(p, inner) {
			f.capture(inner, v)
			return
		}
		f.sequence(p, v)
	case syntax.ListPattern:
		f.sequence(p, v)
	case syntax.DictPattern:
		f.mapping(p, v)
	case syntax.ClassPattern:
		f.classPattern(p, v)
	}
}

func (f *fn) sequence(p syntax.ID, v ir.Temp) {
	var parts []syntax.ID
	for c := range f.t.Named(p) {
		parts = append(parts, c)
	}
	f.elements(parts, v)
}

func (f *fn) elements(parts []syntax.ID, v ir.Temp) {
	for i, c := range parts {
		if !f.binds(c) {
			continue
		}
		index := int32(i)
		if f.kind(f.first(c)) == syntax.SplatPattern {
			index = -1
		}
		f.capture(c, f.value(c, ir.Instr{Op: ir.Unpack, A: v, More: f.more(ir.More{Index: index})}))
	}
}

// binds reports whether anything below p can bind a name.
func (f *fn) binds(p syntax.ID) bool {
	for c, end := p, f.nodes[p].Next; c < end; c++ {
		if f.kind(c) == syntax.Identifier {
			return true
		}
	}
	return false
}

func (f *fn) mapping(p syntax.ID, v ir.Temp) {
	key := syntax.Nil
	for c := range f.t.Named(p) {
		switch {
		case f.nodes[c].Field == syntax.FieldKey:
			key = c
		case f.nodes[c].Field == syntax.FieldValue && key != syntax.Nil:
			if f.binds(c) {
				k := f.expr(key)
				f.capture(c, f.value(c, ir.Instr{Op: ir.GetItem, A: v, B: k}))
			}
		case f.kind(c) == syntax.SplatPattern:
			f.capture(c, f.value(c, ir.Instr{Op: ir.Unpack, A: v, More: f.more(ir.More{Index: -1})}))
		}
	}
}

func (f *fn) classPattern(p syntax.ID, v ir.Temp) {
	i := int32(0)
	for c := range f.t.Named(p) {
		if f.kind(c) != syntax.CasePattern {
			continue
		}
		if kw := f.first(c); f.kind(kw) == syntax.KeywordPattern {
			name := f.first(kw)
			for value := f.t.NextSibling(name); value != syntax.Nil; value = f.t.NextSibling(value) {
				if f.binds(value) {
					f.capture(value, f.value(c, ir.Instr{Op: ir.GetAttr, A: v, Name: f.name(name)}))
				}
			}
		} else if f.binds(c) {
			f.capture(c, f.value(c, ir.Instr{Op: ir.Unpack, A: v, More: f.more(ir.More{Index: i})}))
		}
		i++
	}
}
