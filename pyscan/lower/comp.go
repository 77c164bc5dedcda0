package lower

import (
	"fmt"

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

	after := -1   // where the outermost loop ends
	head := -1    // of the innermost loop
	dead := false // a constant condition keeps every element out
	for c := range f.t.Named(n) {
		switch f.kind(c) {
		case syntax.ForInClause:
			async := f.hasAsync(c)
			over := c
			var v ir.Temp
			base := len(f.argv)
			for e := range f.t.Named(c) {
				if f.nodes[e].Field == syntax.FieldRight {
					over = e
					f.argv = append(f.argv, ir.Arg{T: f.expr(e)})
				}
			}
			switch len(f.argv) - base {
			case 0:
				v = f.unknown(c)
			case 1:
				v = f.argv[base].T
			default:
				v = f.value(c, ir.Instr{Op: ir.Build, Name: "tuple", Args: f.slab(f.argv[base:])})
			}
			f.argv = f.argv[:base]
			it := f.iterator(over, async, v)
			left := f.t.ChildByField(c, syntax.FieldLeft)
			f.own(left, suffix)
			next, body, done := f.newBlock(), f.newBlock(), head
			if done < 0 {
				done = f.newBlock()
				after = done
			}
			f.jump(next)
			f.start(next)
			elem := f.next(over, it, async, body, done)
			f.start(body)
			f.store(left, elem)
			head = next
		case syntax.IfClause:
			if e := f.first(c); e != syntax.Nil && head >= 0 {
				body := f.newBlock()
				f.cond(e, body, head)
				f.resume(body)
				dead = dead || f.cur < 0
			}
		}
	}
	var parts []ir.Arg
	if body := f.t.ChildByField(n, syntax.FieldBody); f.kind(body) == syntax.Pair {
		parts = append(parts,
			ir.Arg{T: f.exprOr(body, f.t.ChildByField(body, syntax.FieldKey))},
			ir.Arg{T: f.exprOr(body, f.t.ChildByField(body, syntax.FieldValue))})
	} else if body != syntax.Nil {
		parts = append(parts, ir.Arg{T: f.expr(body)})
	}
	if head >= 0 {
		f.here()
		f.jump(head)
		f.start(after)
	}
	f.renames = f.renames[:outer]
	if dead {
		parts = nil
	}
	return f.value(n, ir.Instr{Op: ir.Build, Name: what, Args: f.slab(parts)})
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
