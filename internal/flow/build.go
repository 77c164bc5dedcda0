package flow

import "sync"

// Builder makes a Func: it interns places, keys and locks, so that equal ones get equal ids.
// The zero Builder is not usable; call NewBuilder.
type Builder struct {
	f      *Func
	cur    BlockID
	places map[string]PlaceID
	keys   map[Key]KeyID
	locks  map[lockIdent]LockID
	asked  []bool // by place, as far as any has been asked about
	text   []byte // of the path at work
}

// stock is memory that finished functions are kept in.
type stock struct {
	events chunk[Event]
	edges  chunk[Edge]
	blocks chunk[Block]
	places chunk[Place]
	keys   chunk[Key]
	locks  chunk[Lock]
	names  chunk[string]
	vars   chunk[VarID]
	funcs  chunk[Func]
}

var stocks shelf[stock]

type lockIdent struct {
	path string
	read bool
	key  KeyID
}

// builders are those that were finished: their memory is used again.
var builders = sync.Pool{New: func() any {
	return &Builder{
		f:      &Func{Places: make([]Place, 1), Keys: make([]Key, 1), Locks: make([]Lock, 1), Vars: make([]string, 1)},
		places: map[string]PlaceID{}, keys: map[Key]KeyID{}, locks: map[lockIdent]LockID{},
	}
}}

// NewBuilder starts a function with one empty entry block, which is the current one.
func NewBuilder(name string, preempt bool) *Builder {
	b := builders.Get().(*Builder)
	f := b.f
	f.Name, f.Preempt, f.Partial, f.Entry = name, preempt, "", nil
	f.Places, f.Keys, f.Locks, f.Vars = f.Places[:1], f.Keys[:1], f.Locks[:1], f.Vars[:1]
	f.Params, f.Blocks = f.Params[:0], f.Blocks[:0]
	b.places, b.keys, b.locks = cleared(b.places), cleared(b.keys), cleared(b.locks)
	b.asked = b.asked[:0]
	b.cur = b.Block()
	return b
}

// cleared is an empty map: m, unless it is so large that to clear it costs more than another one.
func cleared[K comparable, V any](m map[K]V) map[K]V {
	if len(m) > 64 {
		return map[K]V{}
	}
	clear(m)
	return m
}

// Func returns the function built so far. It shares memory with the builder.
func (b *Builder) Func() *Func { return b.f }

// Finish returns the function in memory of its own, of the exact size. The builder may not be used afterwards: its memory is
// used again.
func (b *Builder) Finish() *Func {
	done := stocks.take()
	defer stocks.give(done)
	f := &done.funcs.room(1)[0]
	*f = *b.f
	events, edges := 0, 0
	for i := range f.Blocks {
		events += len(f.Blocks[i].Events)
		edges += len(f.Blocks[i].Succs)
	}
	code, succs := done.events.room(events), done.edges.room(edges)
	f.Blocks = done.blocks.keep(f.Blocks)
	for i := range f.Blocks {
		bl := &f.Blocks[i]
		c, s := len(bl.Events), len(bl.Succs)
		copy(code, bl.Events)
		copy(succs, bl.Succs)
		bl.Events, bl.Succs = code[:c:c], succs[:s:s]
		code, succs = code[c:], succs[s:]
	}
	f.Places, f.Keys = done.places.keep(f.Places), done.keys.keep(f.Keys)
	f.Locks, f.Vars, f.Params = done.locks.keep(f.Locks), done.names.keep(f.Vars), done.vars.keep(f.Params)
	builders.Put(b)
	return f
}

// Var adds a variable.
func (b *Builder) Var(name string) VarID {
	b.f.Vars = append(b.f.Vars, name)
	return VarID(len(b.f.Vars) - 1)
}

// Param adds a parameter, which is a variable too.
func (b *Builder) Param(name string) VarID {
	v := b.Var(name)
	b.f.Params = append(b.f.Params, v)
	return v
}

// Place interns p by its Path. A later call may add what an earlier one did not know.
func (b *Builder) Place(p Place) PlaceID {
	if id, ok := b.places[p.Path]; ok {
		b.complete(id, &p)
		return id
	}
	return b.addPlace(&p)
}

// addPlace adds a place of which there is none yet.
func (b *Builder) addPlace(p *Place) PlaceID {
	id := PlaceID(len(b.f.Places))
	b.f.Places = append(b.f.Places, *p)
	b.places[p.Path] = id
	return id
}

// complete adds to a place what p knows and it does not.
func (b *Builder) complete(id PlaceID, p *Place) {
	old := &b.f.Places[id]
	if old.Field == "" {
		old.Field = p.Field
	}
	if old.Kind == Variable {
		old.Kind = p.Kind
	}
	if old.Type == "" {
		old.Type = p.Type
	}
	if old.Owner == "" {
		old.Owner = p.Owner
	}
}

// Key interns k by its root, path and, for a constant, its text.
func (b *Builder) Key(k Key) KeyID {
	ident := k
	if !k.Const {
		ident.Text = ""
	}
	if id, ok := b.keys[ident]; ok {
		if b.f.Keys[id].Text == "" { // it has got a name since
			b.f.Keys[id].Text = k.Text
		}
		return id
	}
	id := KeyID(len(b.f.Keys))
	b.f.Keys = append(b.f.Keys, k)
	b.keys[ident] = id
	return id
}

// Lock interns l by its path, mode and key.
func (b *Builder) Lock(l Lock) LockID {
	ident := lockIdent{l.Path, l.Read, l.Key}
	if id, ok := b.locks[ident]; ok {
		return id
	}
	id := LockID(len(b.f.Locks))
	b.f.Locks = append(b.f.Locks, l)
	b.locks[ident] = id
	return id
}

// Block adds an empty block; it does not become the current one.
func (b *Builder) Block() BlockID {
	n := len(b.f.Blocks)
	if n < cap(b.f.Blocks) {
		b.f.Blocks = b.f.Blocks[:n+1]
		bl := &b.f.Blocks[n]
		bl.Events, bl.Succs = bl.Events[:0], bl.Succs[:0] // of a function that was built before
	} else {
		b.f.Blocks = append(b.f.Blocks, Block{})
	}
	return BlockID(n)
}

// At makes id the current block.
func (b *Builder) At(id BlockID) { b.cur = id }

// Current returns the current block.
func (b *Builder) Current() BlockID { return b.cur }

// Emit adds an event to the current block.
func (b *Builder) Emit(e Event) Ref {
	if e.Op == OpCheck {
		b.MarkAsked(e.Place)
	}
	bl := &b.f.Blocks[b.cur]
	bl.Events = append(bl.Events, e)
	return Ref{b.cur, int32(len(bl.Events) - 1)}
}

// Asked says whether a check of the place has been emitted.
func (b *Builder) Asked(p PlaceID) bool { return int(p) < len(b.asked) && b.asked[p] }

// MarkAsked says that a check of the place has been put in elsewhere.
func (b *Builder) MarkAsked(p PlaceID) {
	for int(p) >= len(b.asked) {
		b.asked = append(b.asked, false)
	}
	b.asked[p] = true
}

// Edge adds an edge from one block to another.
func (b *Builder) Edge(from BlockID, e Edge) {
	b.f.Blocks[from].Succs = append(b.f.Blocks[from].Succs, e)
}

// Not is what holds if f does not.
func (f Fact) Not() Fact {
	switch f {
	case FactTrue:
		return FactFalse
	case FactFalse:
		return FactTrue
	case FactNone:
		return FactNotNone
	case FactNotNone:
		return FactNone
	}
	return FactAny
}
