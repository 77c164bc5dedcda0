package link

import (
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// maxChain bounds how many calls of a query that is put together step by step are followed.
const maxChain = 16

// query recognises an access by what is passed: a statement that was built, or a filter.
func (f *frame) query(recv *value, name string, c *coroutine) (rec *record, ok bool) {
	if c.in == nil || len(c.in.Args) == 0 {
		return nil, false
	}
	switch name {
	case "execute", "scalar", "scalars":
		if !f.isStore(recv) {
			return nil, false
		}
		rec = f.selected(recv, c.in.Args[0].T)
		return rec, rec != nil
	case "get_item", "put_item":
		if !f.isStore(recv) {
			return nil, false
		}
		return f.item(recv, name, c), true
	case "find_one", "update_one", "replace_one":
		filter := f.f.Def(c.in.Args[0].T)
		if filter == nil || filter.Op != ir.Build || filter.Name != "dict" {
			return nil, false
		}
		return f.document(recv, name, filter, c), true
	}
	return nil, false
}

// selected is the load of `select(Model).where(…)`, unless it asks for a lock.
func (f *frame) selected(recv *value, t ir.Temp) *record {
	for range maxChain {
		in := f.f.Def(t)
		if in == nil {
			return nil
		}
		if in.Op == ir.Load {
			t = f.boundOnce(in.Name)
			continue
		}
		if in.Op != ir.Call {
			return nil
		}
		callee := f.f.Def(in.A)
		switch {
		case callee == nil:
			return nil
		case callee.Name == "select" && len(in.Args) == 1:
			model := f.f.Def(in.Args[0].T)
			if model == nil || model.Op != ir.Load || f.isLocal(model.Name) {
				return nil // columns and sums are no record
			}
			return &record{place: f.storePlace(recv, strings.ToLower(model.Name)), access: models.Load, owner: recv.text}
		case callee.Op != ir.GetAttr || models.LockingName(callee.Name):
			return nil
		}
		t = callee.A
	}
	return nil
}

// worded is the statement in `text("…")`.
func (f *frame) worded(t ir.Temp) (string, bool) {
	in := f.f.Def(t)
	if in == nil || in.Op != ir.Call || len(in.Args) != 1 {
		return "", false
	}
	if callee := f.f.Def(in.A); callee == nil || callee.Name != "text" {
		return "", false
	}
	return literal(f.need(in.Args[0].T))
}

// boundOnce is what the only assignment to a local binds, or 0.
func (f *frame) boundOnce(name string) ir.Temp {
	var found ir.Temp
	for b := range f.f.Blocks {
		for i := range f.f.Blocks[b].Instrs {
			if in := &f.f.Blocks[b].Instrs[i]; in.Op == ir.Store && in.Name == name {
				if found != 0 {
					return 0
				}
				found = in.A
			}
		}
	}
	return found
}

// document is an access to one document of a collection by a filter that is written out. A write
// that asks for more than the key, or that lets the store compute the value, is left to it.
func (f *frame) document(recv *value, name string, filter *ir.Instr, c *coroutine) *record {
	rec := &record{place: f.storePlace(recv, ""), access: models.Load, owner: recv.text}
	if len(filter.Args) < 2 || filter.Args[1].Star != 0 {
		return nil
	}
	by := f.need(filter.Args[1].T)
	rec.key = f.keyOf(by)
	if in := f.f.Def(filter.Args[1].T); in != nil && in.Op == ir.GetItem && f.need(in.A).row != nil {
		rec.key = f.need(in.A).row.key // the identity of what was loaded
	}
	if name == "find_one" {
		return rec
	}
	rec.access = models.Write
	if len(filter.Args) > 2 || len(c.args) < 2 {
		return nil
	}
	if change := f.f.Def(c.in.Args[1].T); name == "update_one" && (change == nil || change.Op != ir.Build || len(change.Args) != 2 || f.need(change.Args[0].T).konst != `"$set"`) {
		return nil
	}
	for _, row := range f.rows {
		if row.owner == rec.owner && row.key == rec.key {
			rec.place = row.place
		}
	}
	rec.srcs = f.allVars(c.args[1:])
	return rec
}

// item is an access to one item of a table by named arguments. A put with a condition is left to the store.
func (f *frame) item(recv *value, name string, c *coroutine) *record {
	rec := &record{place: f.storePlace(recv, ""), access: models.Load, owner: recv.text}
	if name == "get_item" {
		return rec
	}
	item := c.named.get("Item")
	if item == nil || c.named.get("ConditionExpression") != nil {
		return nil
	}
	rec.access, rec.srcs = models.Write, f.vars(item)
	return rec
}

func (f *frame) allVars(vs []*value) []flow.VarID {
	var out []flow.VarID
	for _, v := range vs {
		out = append(out, f.vars(v)...)
	}
	return out
}

func (f *frame) isLocal(name string) bool {
	_, ok := f.local(name)
	return ok
}
