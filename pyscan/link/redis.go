package link

import (
	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// isKeyValue says whether a receiver is a server of keys and values, by its type or name.
func (f *frame) isKeyValue(recv *value) bool {
	if recv == nil || recv.container() {
		return false
	}
	if c := classOf(recv); c != nil && !c.Opaque() && !c.Abstract {
		return false // a client of the project's own: it is followed
	}
	if t := recv.typ.Lib(); t != nil {
		return t.KeyValue
	}
	return models.KeyValueName(lastName(recv.text)) || recv.typ.Known() && models.KeyValueName(lastName(recv.typ.Text()))
}

// command is an access to what a key-value server keeps under one key.
func (f *frame) command(recv *value, name string, c *coroutine) *record {
	access := models.KeyValueMethod(name)
	if access == models.NoAccess || len(c.args) == 0 {
		return nil
	}
	rec := &record{place: f.storePlace(recv, ""), access: access, owner: recv.text, key: f.keyOf(c.args[0])}
	if (name == "hget" || name == "hset") && len(c.args) > 1 {
		rec.key = f.pairKey(c.args[0], c.args[1])
	}
	if access == models.Load {
		return rec
	}
	for _, n := range []string{"nx", "xx"} {
		if v := c.named.get(n); v != nil && v.konst != "False" {
			return nil // the server looks before it writes
		}
	}
	for _, a := range append(c.args[1:len(c.args):len(c.args)], named(c)...) {
		rec.srcs = append(rec.srcs, f.vars(a)...)
	}
	return rec
}

// pairKey is the key that two values make: a field of a hash.
func (f *frame) pairKey(a, b *value) flow.KeyID {
	if k, ok := f.compound("field", b, a); ok {
		return f.b.Key(k)
	}
	return f.keyOf(a)
}

// serverLock is a lock that a key-value server keeps under a name.
func (f *frame) serverLock(recv *value, c *coroutine) *value {
	v := f.put(value{typ: f.l.named("redis.asyncio.lock.Lock"), text: recv.text + ".lock"})
	p := flow.Place{Path: recv.text + ".locks", Root: flow.RootGlobal, Field: recv.text + ".locks"}
	if recv.at != nil {
		p.Path, p.Root, p.Param = recv.at.Path+".locks", recv.at.Root, recv.at.Param
		if recv.at.Field != "" {
			p.Field = recv.at.Field + ".locks"
		}
	}
	v.at, v.elem, v.key = &p, true, flow.KeyAny
	if len(c.args) > 0 {
		v.key = f.keyOf(c.args[0])
	}
	return v
}
