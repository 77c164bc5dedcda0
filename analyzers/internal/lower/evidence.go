package lower

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"sort"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
)

var contractWords = pattern.New(`(?i)\b(callers?|called|must|should|lock|mutex|mu|with)\b[^.;]{0,60}\b(hold|holds|holding|held|locked)\b|\+checklocks:`)

// contractLocks are the locks that a function's name or comment says its caller holds.
func (x *fn) contractLocks() []flow.Lock {
	obj, _ := x.f.Object().(*types.Func)
	if obj == nil {
		return nil
	}
	name := obj.Name()
	said := strings.HasSuffix(name, "Locked") || strings.HasSuffix(name, "LockHeld") || strings.HasSuffix(name, "WithLock") ||
		strings.HasSuffix(name, "NoLock") || strings.HasPrefix(strings.ToLower(name), "unsafe")
	if d, ok := x.f.Syntax().(*ast.FuncDecl); ok && !said {
		said = asksForLock(d.Doc) || asksForLock(x.p.firstComment(d.Body))
	}
	if !said {
		return nil
	}
	var out []flow.Lock
	for i, v := range x.params {
		if i > 1 {
			break
		}
		s, ok := types.Unalias(deref(v.Type())).Underlying().(*types.Struct)
		tn := typeName(v.Type())
		if !ok || tn == "" {
			continue
		}
		for field := range s.Fields() {
			if t := deref(field.Type()); isMutex(t) || typeName(t) == "sync.Locker" {
				out = append(out, flow.Lock{Path: x.names[v] + "." + field.Name(), Field: tn + "." + field.Name(), Root: flow.RootParam, Param: i, Kind: flow.LockThread})
			}
		}
	}
	if len(out) == 0 {
		out = append(out, flow.Lock{Path: "(the caller's lock)", Root: flow.RootNone, Kind: flow.LockThread})
	}
	return out
}

// asksForLock says whether a comment says that a lock is held where a function is called.
func asksForLock(c *ast.CommentGroup) bool {
	if c == nil {
		return false
	}
	var text strings.Builder
	for _, l := range c.List {
		text.WriteString(strings.TrimLeft(l.Text, "/* ") + " ")
	}
	t := text.String()
	return contractWords.MatchString(t) && !strings.Contains(t, "not hold") && !strings.Contains(t, "not be held") && !strings.Contains(t, "without")
}

// firstComment is the comment with which a body begins, apart from what the first statement does: one
// that an empty line follows.
func (p *pkg) firstComment(body *ast.BlockStmt) *ast.CommentGroup {
	if body == nil || len(body.List) == 0 {
		return nil
	}
	for _, f := range p.pass.Files {
		if body.Pos() < f.FileStart || body.Pos() > f.FileEnd {
			continue
		}
		i := sort.Search(len(f.Comments), func(i int) bool { return f.Comments[i].Pos() > body.Pos() })
		if i < len(f.Comments) && f.Comments[i].End() < body.List[0].Pos() {
			line := p.pass.Fset.Position
			if c := f.Comments[i]; line(c.Pos()).Line == line(body.Pos()).Line+1 && line(c.End()).Line+1 < line(body.List[0].Pos()).Line {
				return c
			}
		}
	}
	return nil
}

// fieldInfo is the evidence about one field or variable of the program.
type fieldInfo struct {
	guarded bool            // some access holds a lock that others can name
	atomic  bool            // some access is atomic, or the type is made for sharing
	threads map[string]bool // goroutines that write it
	multi   bool            // written by code that several goroutines run at once
	readers map[string]bool
	inPlace bool // elements of the slice are replaced or moved
}

func (p *pkg) fieldOf(name string) *fieldInfo {
	f := p.fields[name]
	if f == nil {
		f = &fieldInfo{threads: map[string]bool{}, readers: map[string]bool{}}
		p.fields[name] = f
	}
	return f
}

// shared says whether there is evidence that several goroutines reach a field: it is accessed
// under a lock or atomically, or written by more than one goroutine.
func (p *pkg) shared(field string) bool {
	f, ok := p.fields[field]
	if ok && strings.Contains(field, "@") { // a local variable: only goroutines make it shared
		return f.multi || len(f.threads) > 1
	}
	return ok && (f.guarded || f.atomic || f.multi || len(f.threads) > 1)
}

// touch is one access of a place, as the evidence needs it.
type touch struct {
	ref    ref
	write  bool
	atomic bool
}

// touches says what an instruction reads or writes, if it does.
func (x *fn) touches(in ssa.Instruction) (touch, bool) {
	switch in := in.(type) {
	case *ssa.UnOp:
		if in.Op == token.MUL {
			return touch{ref: x.valueOf(in.X)}, true
		}
	case *ssa.Store:
		return touch{ref: x.valueOf(in.Addr), write: true}, true
	case *ssa.MapUpdate:
		return touch{ref: x.whole(x.valueOf(in.Map)), write: true}, true
	case *ssa.Lookup:
		return touch{ref: x.whole(x.valueOf(in.X))}, true
	case *ssa.Range:
		return touch{ref: x.valueOf(in.X)}, true
	case ssa.CallInstruction:
		c := in.Common()
		if b, ok := c.Value.(*ssa.Builtin); ok {
			switch b.Name() {
			case "delete", "clear":
				return touch{ref: x.whole(x.valueOf(c.Args[0])), write: true}, true
			case "close":
				return touch{ref: x.valueOf(c.Args[0]), write: true, atomic: true}, true
			}
			return touch{}, false
		}
		o := x.p.opOf(c)
		switch o {
		case opLoad:
			return touch{ref: x.pointee(receiverOf(c), x.valueOf(receiverOf(c))), atomic: true}, true
		case opStore, opUpdate:
			return touch{ref: x.pointee(receiverOf(c), x.valueOf(receiverOf(c))), write: true, atomic: true}, true
		case opElemLoad, opElemHas, opElemStore, opElemDelete, opElemUpdate, opElems, opElemClear, opElemTouch, opElemSize:
			own := selfLocking(c)
			return touch{ref: x.valueOf(receiverOf(c)), write: o != opElemLoad && o != opElemHas && o != opElems && o != opElemSize, atomic: own}, true
		}
	}
	return touch{}, false
}

// selfLocking says whether the receiver of a modelled call locks by itself.
func selfLocking(c *ssa.CallCommon) bool {
	r := receiverOf(c)
	if r == nil {
		return false
	}
	if f := c.StaticCallee(); f != nil && f.Pkg != nil && f.Pkg.Pkg.Path() == "container/heap" {
		return false
	}
	t := typeName(r.Type())
	return !strings.Contains(t, "simplelru.") && !strings.HasPrefix(t, "container/list.") && !strings.HasSuffix(t, "groupcache/lru.Cache")
}

// findFields gathers the evidence about fields.
func (p *pkg) findFields() {
	for _, x := range p.funcs {
		if x.isInit {
			continue
		}
		x.visit(func(in ssa.Instruction, held lockState) {
			t, ok := x.touches(in)
			if !ok || t.ref.field == "" || t.ref.fresh() {
				return
			}
			f := p.fieldOf(t.ref.field)
			f.atomic = f.atomic || t.atomic
			f.inPlace = f.inPlace || t.write && t.ref.key != nil || x.shifts(in)
			f.guarded = f.guarded || slices.ContainsFunc(held, func(l flow.Lock) bool { return l.Field != "" && !l.Local && l.Field != t.ref.field })
			if !t.write {
				return
			}
			if own := x.cellOwner(t.ref); own != nil {
				if s, ok := in.(*ssa.Store); ok && own == x && x.firstValue(s) {
					return
				}
				// Each activation has a variable of its own: what counts is who else it is handed to.
				for id := range x.threads {
					if own.threads[id] {
						id = "owner"
					}
					f.threads[id] = true
				}
				f.multi = f.multi || x != own && own.sharedByLoop(x, t.ref.field)
				return
			}
			for id := range x.threads {
				f.threads[id] = true
			}
			f.multi = f.multi || x.multi
		})
	}
}

// sharedByLoop says whether goroutines that run y, started in a loop of x, share the variable: one that
// each round makes anew is nobody else's.
func (x *fn) sharedByLoop(y *fn, field string) bool {
	var at *ssa.BasicBlock
	for a := range x.cells {
		if r := x.cellRef(a); r.field == field {
			at = a.Block()
		}
	}
	for _, c := range y.called {
		if !c.spawned || !inLoop(c.instr.Block()) {
			continue
		}
		if c.caller != x || at == nil || comesBack(c.instr.Block(), at) {
			return true
		}
	}
	return false
}

// firstValue says whether a store gives a captured variable its value before any function literal
// captures it.
func (x *fn) firstValue(s *ssa.Store) bool {
	a, ok := s.Addr.(*ssa.Alloc)
	if !ok || a.Block() != s.Block() {
		return false
	}
	for _, r := range *a.Referrers() {
		mc, ok := r.(*ssa.MakeClosure)
		if ok && mc.Block() == s.Block() && slices.Index(s.Block().Instrs, ssa.Instruction(mc)) < slices.Index(s.Block().Instrs, ssa.Instruction(s)) {
			return false
		}
	}
	return true
}

// cellOwner finds the function that a captured variable belongs to; nil for other places.
func (x *fn) cellOwner(r ref) *fn {
	if r.root != flow.RootCell {
		return nil
	}
	for y := x; y != nil; y = y.parent {
		if strings.HasPrefix(r.field, y.f.String()+".") {
			return y
		}
	}
	return nil
}

// shifts says whether an instruction moves the elements of a slice, or leaves their room to what is
// appended next: `a = append(a[:i], a[j:]...)`, `a = a[:0]`.
func (x *fn) shifts(in ssa.Instruction) bool {
	s, ok := in.(*ssa.Store)
	if !ok {
		return false
	}
	switch v := s.Val.(type) {
	case *ssa.Slice:
		return v.High != nil && v.Max == nil && x.valueOf(v.X).path == x.valueOf(s.Addr).path
	case *ssa.Call:
		b, ok := v.Call.Value.(*ssa.Builtin)
		if !ok || b.Name() != "append" {
			return false
		}
		part, ok := v.Call.Args[0].(*ssa.Slice)
		return ok && part.High != nil
	}
	return false
}

// findFlags pairs wait groups, channels and containers with the flags that say that they are about to
// be waited for, closed or emptied: who passes the flag's check and then adds or sends relies on it.
func (p *pkg) findFlags() {
	for _, x := range p.funcs {
		if x.isInit {
			continue
		}
		var flags, ends []ref
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				switch in := in.(type) {
				case *ssa.Store:
					r := x.valueOf(in.Addr)
					switch {
					case !r.named() || r.key != nil:
					case truthy(in.Val):
						flags = append(flags, r)
					case kindOf(in.Val.Type()) == flow.Container && empties(in.Val):
						ends = append(ends, r)
					}
				case ssa.CallInstruction:
					c := in.Common()
					if b, ok := c.Value.(*ssa.Builtin); ok && b.Name() == "close" {
						ends = append(ends, x.valueOf(c.Args[0]))
						continue
					}
					if b, ok := c.Value.(*ssa.Builtin); ok && (b.Name() == "clear" || b.Name() == "delete" && inLoop(in.Block())) {
						ends = append(ends, x.whole(x.valueOf(c.Args[0])))
						continue
					}
					switch p.opOf(c) {
					case opStore, opUpdate:
						if r := x.valueOf(receiverOf(c)); r.named() && len(c.Args) > 1 && truthy(c.Args[len(c.Args)-1]) {
							flags = append(flags, r)
						}
					case opWait:
						ends = append(ends, x.valueOf(receiverOf(c)))
					}
				}
			}
		}
		for _, e := range ends {
			for _, f := range flags {
				if e.named() && owner(e) == owner(f) && !slices.Contains(p.flags[e.field], f.field) {
					p.flags[e.field] = append(p.flags[e.field], f.field)
				}
			}
		}
	}
}

// empties says whether a container is replaced by one without elements.
func empties(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Const:
		return v.IsNil()
	case *ssa.MakeMap:
		return true
	}
	return false
}

// owner is the path of the object that a field belongs to.
func owner(r ref) string {
	if i := strings.LastIndexByte(r.path, '.'); i >= 0 {
		return r.path[:i]
	}
	return ""
}

func truthy(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil {
		return false
	}
	switch c.Value.Kind() {
	case constant.Bool:
		return constant.BoolVal(c.Value)
	case constant.Int:
		return constant.Sign(c.Value) != 0
	}
	return false
}
