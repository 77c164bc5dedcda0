// Package lower turns the syntax tree of one Python file into ir: functions as control-flow
// graphs of small operations, in Python's order of evaluation.
//
// It knows the language and no library. It resolves no name beyond the scopes that the grammar
// itself makes, and it looks at no other file. What it cannot follow within its bounds it cuts
// off and says so in Func.Cut.
package lower

import (
	"sync"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

const (
	maxDepth  = 1000   // nesting of expressions and statements that is followed
	maxCopied = 50_000 // nodes of finally bodies and exits of with blocks that a function lowers, copies included
	maxFile   = 10 * maxCopied
	maxEdges  = 32  // handlers around one point
	maxOwn    = 256 // variables of the comprehensions around one point
)

// Lower makes the module of a tree. The result keeps neither the nodes nor the source alive.
func Lower(t *syntax.Tree, path string) *ir.Module {
	l := &lowerer{
		t: t, nodes: t.Nodes, src: t.Src,
		mod: &ir.Module{Path: path, Size: len(t.Src), Lines: t.Lines},
	}
	l.mod.Funcs = make([]ir.Func, 0, bodies(t))
	for _, d := range t.Damaged() {
		l.mod.Damaged = append(l.mod.Damaged, ir.Span(d))
	}
	l.f = scratch.Get().(*fn)
	l.f.lowerer, l.kept = l, l.f.kept
	l.mod.Imports = l.imports
	defer l.f.release()
	l.addFunc(0, ir.Func{Name: "<module>", Kind: ir.ModuleBody, Parent: -1, Class: -1, Span: l.span(0)}, nil)
	// Nested functions wait in the queue: parents come before children, and one set of scratch
	// memory serves all.
	for i := 0; i < len(l.queue); i++ { //nolint:intrange // lowering adds to the queue
		l.f.lower(l.queue[i])
	}
	l.comments()
	l.imports, l.mod.Imports = l.mod.Imports, append([]ir.Import(nil), l.mod.Imports...)
	if len(l.mod.Funcs) < cap(l.mod.Funcs) {
		l.mod.Funcs = append(make([]ir.Func, 0, len(l.mod.Funcs)), l.mod.Funcs...) // without room to grow
	}
	return l.mod
}

// bodies is how many functions the file comes to, as a rule: the module, and what is defined in it.
func bodies(t *syntax.Tree) int {
	n := 1
	for i := range t.Nodes {
		switch t.Nodes[i].Kind {
		case syntax.FunctionDefinition, syntax.ClassDefinition, syntax.Lambda:
			n++
		}
	}
	return n
}

var scratch = sync.Pool{New: func() any {
	return &fn{kept: &kept{defs: map[syntax.ID]int32{}, types: map[string]ir.TypeExpr{}}}
}}

// kept is what a file leaves for the next one besides the scratch memory of its functions.
type kept struct {
	names   names
	types   map[string]ir.TypeExpr // annotations, by text
	defs    map[syntax.ID]int32    // functions and classes already met: a finally body is lowered more than once
	queue   []pending
	imports []ir.Import
	small   []byte // see lowered

	// What modules are made of is cut from larger pieces.
	args   slab[ir.Arg]
	params slab[ir.Param]
	strs   slab[string]
	instrs slab[ir.Instr]
	mores  slab[ir.More]
	blocks slab[ir.Block]
	edges  slab[ir.Edge]
}

// release gives the scratch memory to the next file, without what it points to.
func (f *fn) release() {
	const most = 1 << 14 // instructions
	if cap(f.instrs) > most || cap(f.blocks) > most || len(f.defs) > most || len(f.locals) > most {
		return
	}
	clear(f.instrs[:cap(f.instrs)])
	clear(f.blocks[:cap(f.blocks)])
	clear(f.frames[:cap(f.frames)])
	clear(f.argv[:cap(f.argv)])
	clear(f.bound[:cap(f.bound)])
	clear(f.formal[:cap(f.formal)])
	k := f.kept
	clear(k.defs)
	clear(k.queue)
	clear(k.imports)
	k.queue, k.imports = k.queue[:0], k.imports[:0]
	k.names.forget()
	if len(k.types) > maxTypes {
		clear(k.types)
	}
	*f = f.fresh()
	scratch.Put(f)
}

// fresh is f for another function: nothing but its memory.
func (f *fn) fresh() fn {
	clear(f.locals)
	return fn{
		kept: f.kept, instrs: f.instrs[:0], blocks: f.blocks[:0], frames: f.frames[:0], argv: f.argv[:0], formal: f.formal[:0],
		bound: f.bound[:0], locals: f.locals, order: f.order[:0], number: f.number[:0],
	}
}

// lowerer is what the functions of a file share.
type lowerer struct {
	t     *syntax.Tree
	nodes []syntax.Node
	src   []byte
	mod   *ir.Module
	*kept
	f *fn

	copied int // as fn.copied, of the whole file
}

// pending is a function whose body has not been lowered yet.
type pending struct {
	node    syntax.ID
	fn      int
	renames []rename
}

// rename gives a comprehension's variable a name of its own.
type rename struct{ from, to string }

func (l *lowerer) addFunc(n syntax.ID, f ir.Func, renames []rename) int32 {
	i := len(l.mod.Funcs)
	l.mod.Funcs = append(l.mod.Funcs, f)
	l.queue = append(l.queue, pending{n, i, renames})
	return int32(i)
}

func (l *lowerer) span(n syntax.ID) ir.Span {
	return ir.Span{Start: l.nodes[n].Start, End: l.nodes[n].End}
}

func (l *lowerer) kind(n syntax.ID) syntax.Kind { return l.t.Kind(n) }

// name is the text of n, one copy for all its occurrences.
func (l *lowerer) name(n syntax.ID) string {
	if n == syntax.Nil {
		return ""
	}
	return l.intern(l.src[l.nodes[n].Start:l.nodes[n].End])
}

func (l *lowerer) intern(b []byte) string { return l.names.get(b) }

// first named child of n, or Nil.
func (l *lowerer) first(n syntax.ID) syntax.ID {
	if n == syntax.Nil {
		return syntax.Nil
	}
	for c, end := n+1, l.nodes[n].Next; c < end; c = l.nodes[c].Next {
		if nd := &l.nodes[c]; nd.Flags&syntax.Named != 0 && nd.Kind != syntax.Error {
			return c
		}
	}
	return syntax.Nil
}

func (l *lowerer) hasAsync(n syntax.ID) bool {
	return l.t.ChildOfKind(n, syntax.Async) != syntax.Nil
}
