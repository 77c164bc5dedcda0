package lower

import (
	"fmt"
	"slices"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// comprehension lowers a comprehension or generator expression as the loops that it is. Its
// variables get a suffix, since they are not the function's. The container appears when the
// loops are done; its parts are those of the last round.
func (f *fn) comprehension(n syntax.ID, what string) ir.Temp {
	f.comps++
	suffix := fmt.Sprintf("@%d", f.comps)
	outer := len(f.renames)
	f.renames = f.renames[:outer:outer]

	after := -1      // where the outermost loop ends
	head := -1       // of the innermost loop
	dead := false    // a constant condition keeps every element out
	var over ir.Temp // the iterator, if nothing is awaited between the answers
	var filters []ir.Arg
	begun := len(f.instrs)
	for c := range f.t.Named(n) {
		switch f.kind(c) {
		case syntax.ForInClause:
			async := f.hasAsync(c)
			at := c
			var v ir.Temp
			base := len(f.argv)
			for e := range f.t.Named(c) {
				if f.nodes[e].Field == syntax.FieldRight {
					at = e
					f.argv = append(f.argv, ir.Arg{T: f.expr(e)})
				}
			}
			switch len(f.argv) - base {
			case 0:
				v = f.unknown(c)
			case 1:
				v = f.argv[base].T
			default:
				v = f.value(c, ir.Instr{Op: ir.Build, Name: "tuple", More: f.given(f.argv[base:])})
			}
			f.argv = f.argv[:base]
			it := f.iterator(at, async, v)
			if over == 0 && !async {
				over = it
			}
			left := f.t.ChildByField(c, syntax.FieldLeft)
			f.own(left, suffix)
			next, body, done := f.newBlock(), f.newBlock(), head
			if done < 0 {
				done = f.newBlock()
				after = done
			}
			f.jump(next)
			f.start(next)
			elem := f.next(at, it, async, body, done)
			f.start(body)
			f.store(left, elem)
			head = next
		case syntax.IfClause:
			if e := f.first(c); e != syntax.Nil && head >= 0 {
				body := f.newBlock()
				outer := f.filter
				f.filter = &filter{miss: head}
				f.cond(e, body, head)
				filters = append(filters, f.filter.conds...)
				f.filter = outer
				f.resume(body)
				dead = dead || f.cur < 0
			}
		}
	}
	outerFilter := f.filter
	f.filter = nil
	var parts []ir.Arg
	if body := f.t.ChildByField(n, syntax.FieldBody); f.kind(body) == syntax.Pair {
		parts = append(parts,
			ir.Arg{T: f.exprOr(body, f.t.ChildByField(body, syntax.FieldKey))},
			ir.Arg{T: f.exprOr(body, f.t.ChildByField(body, syntax.FieldValue))})
	} else if body != syntax.Nil {
		parts = append(parts, ir.Arg{T: f.expr(body)})
	}
	f.filter = outerFilter
	if head >= 0 {
		f.here()
		f.jump(head)
		f.start(after)
	}
	f.renames = f.renames[:outer]
	if dead {
		parts, filters = nil, nil
	}
	if slices.ContainsFunc(f.instrs[min(begun, len(f.instrs)):], func(in ir.Instr) bool { return in.Op == ir.Await }) {
		over, filters = 0, nil
	}
	return f.value(n, ir.Instr{Op: ir.Build, Name: what, A: over, More: f.given(append(parts, filters...))})
}

// filter collects the conditions under which a comprehension takes an element.
type filter struct {
	miss  int // the block where an element that is not taken goes
	conds []ir.Arg
}

// note adds a condition, named by which of its answers can keep an element out.
func (f *filter) note(v ir.Temp, yes, no int) {
	if f == nil {
		return
	}
	what := ir.FilterMaybe
	switch f.miss {
	case no:
		what = ir.FilterIf
	case yes:
		what = ir.FilterUnless
	}
	f.conds = append(f.conds, ir.Arg{Name: what, T: v})
}

// own gives the names bound by target a suffix.
func (f *fn) own(target syntax.ID, suffix string) {
	if target == syntax.Nil {
		return
	}
	for c, end := target, f.nodes[target].Next; c < end; {
		switch f.kind(c) {
		case syntax.Identifier:
			if len(f.renames) >= maxOwn {
				f.cut("too many comprehension variables")
				return
			}
			name := f.name(c)
			f.renames = append(f.renames, rename{name, f.intern([]byte(name + suffix))})
		case syntax.Attribute, syntax.Subscript:
			c = f.nodes[c].Next
			continue
		}
		c++
	}
}
