package link

import (
	"slices"
	"strconv"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// record is one access to a record of a store outside the process: a load, a write back, or a
// commit of what was loaded and changed.
type record struct {
	place   flow.Place
	key     flow.KeyID
	answer  flow.VarID // of a load: the check
	access  models.Access
	atomic  bool         // the store compares before it writes, or computes the value itself
	owner   string       // path of the store
	dirty   bool         // of a load: an attribute was assigned since
	changed flow.Pos     // and where
	srcs    []flow.VarID // what was written, or will be, is computed from
}

// isStore says whether a receiver is a store by its type or name.
func (f *frame) isStore(recv *value) bool {
	if recv.container() {
		return false
	}
	names := f.l.p.Tables
	if c := classOf(recv); c != nil {
		own := names.OwnType(c.Qual)
		if own != nil && own.Store || names.StoreName(c.Name) {
			return recv.at == nil || !f.f.Method() || recv.at.Path != f.f.Params[0].Name // what its own methods do is followed
		}
		if !c.Abstract {
			return false
		}
	}
	if t := recv.typ.Lib(); t != nil && t.Store {
		return true
	}
	if v := f.localName(recv); names.StoreName(v) {
		return true
	}
	return names.StoreName(lastName(recv.text)) || recv.typ.Known() && names.StoreName(lastName(recv.typ.Name))
}

// rowAmong is the record that one of the values is, or was read out of: what is made of it stands for it.
func rowAmong(vs []*value) *record {
	for _, v := range vs {
		switch {
		case v == nil:
		case v.row != nil:
			return v.row
		case v.more().from != nil:
			return v.rare.from
		}
	}
	return nil
}

// localName is the name of the local variable that holds the value, or "".
func (f *frame) localName(v *value) string {
	for ix, held := range f.env.vals {
		if held == v {
			return f.f.Locals[ix]
		}
	}
	return ""
}

// storeCall sees a method of a store that is not the project's: what it returns has to be awaited.
func (f *frame) storeCall(recv *value, name string, c *coroutine) (*value, bool) {
	if name == "lock" && f.isKeyValue(recv) {
		return f.serverLock(recv, c), true
	}
	if !f.isAwaited(c) {
		return nil, false
	}
	rec := f.recordOf(recv, name, c)
	if rec == nil {
		return nil, false
	}
	f.escape(c)
	c.kind, c.must, c.rec = coroUnknown, flow.May, rec
	return f.put(value{coro: c, text: c.text, typ: recv.typ.MethodResult(name)}), true
}

// recordOf recognises an access; nil if it is none.
func (f *frame) recordOf(recv *value, name string, c *coroutine) *record {
	if recv == nil {
		return nil
	}
	if len(c.args) > 0 {
		sql, ok := literal(c.args[0])
		if !ok && c.in != nil && len(c.in.Args) > 0 {
			sql, ok = f.worded(c.in.Args[0].T)
		}
		if ok && strings.ContainsAny(sql, " \n") {
			return f.statement(recv, sql, c)
		}
	}
	if rec, ok := f.query(recv, name, c); ok {
		return rec
	}
	if f.isKeyValue(recv) {
		return f.command(recv, name, c)
	}
	if rec := f.activeRecord(recv, name, c); rec != nil {
		return rec
	}
	if !f.isStore(recv) {
		return nil
	}
	access := models.StoreMethod(name)
	if access == models.NoAccess || access != models.Commit && len(c.args) == 0 {
		return nil
	}
	rec := &record{place: f.storePlace(recv, ""), access: access, owner: recv.text}
	switch access {
	case models.Load:
		if locks(c) {
			return nil // read with FOR UPDATE: nobody writes until the transaction ends
		}
		rec.key = f.keyOf(c.args[len(c.args)-1])
	case models.Write:
		rec.atomic = models.ComparesName(name)
		for _, a := range c.named {
			rec.atomic = rec.atomic || models.VersionName(a.name)
		}
		var row *record
		for _, a := range slices.Concat(c.args, named(c)) {
			rec.srcs = append(rec.srcs, f.vars(a)...)
			rec.atomic = rec.atomic || models.VersionName(lastName(a.text))
			if a.row != nil && a.row.owner == recv.text {
				row = a.row
			}
		}
		switch {
		case row != nil:
			rec.place, rec.key = row.place, row.key
			rec.srcs = append(rec.srcs, row.answer)
		case len(c.args) > 1 || len(c.named) > 0 || strings.HasPrefix(name, "mark_"):
			rec.key = f.keyOf(c.args[0])
		default:
			return nil // it writes something that was not loaded here
		}
	}
	return rec
}

// activeRecord is an access by a class of records, or its manager, and by a record that saves itself.
func (f *frame) activeRecord(recv *value, name string, c *coroutine) *record {
	if row := recv.row; row != nil && models.SavesItself(name) {
		if !row.dirty {
			return nil
		}
		srcs := row.srcs
		if c.named.get("update_fields") == nil {
			srcs = append(slices.Clip(srcs), row.answer) // the rest of the row is written back as it was read
		}
		return &record{place: row.place, key: row.key, access: models.Write, owner: row.owner, srcs: srcs}
	}
	if !models.ActiveLoad(name) || locks(c) || strings.Contains(recv.text, "for_update") {
		return nil
	}
	if !(strings.HasSuffix(recv.text, ".objects") || recv.itself() != nil && len(recv.ref.Class.External) > 0) {
		return nil
	}
	rec := &record{place: f.storePlace(recv, strings.ToLower(strings.TrimSuffix(recv.text, ".objects"))), access: models.Load, owner: recv.text}
	if len(c.args) == 1 && len(c.named) == 0 {
		rec.key = f.keyOf(c.args[0])
	} else if len(c.named) == 1 && len(c.args) == 0 {
		rec.key = f.keyOf(c.named[0].v)
	}
	return rec
}

// projectRecord recognises a method of a store class of the project, such as a DAO. A class that
// keeps its records in memory has been followed already.
func (f *frame) projectRecord(c *coroutine) *record {
	if c.recv == nil || len(c.fns) == 0 || !c.fns[0].Method() || !f.isStore(c.recv) {
		return nil
	}
	sum := f.l.fn(c.fns[0]).sum
	if sum != nil && (sum.Suspends == flow.Never || len(sum.Answers) > 0 || len(sum.Acts) > 0) {
		return nil
	}
	return f.recordOf(c.recv, c.fns[0].Name, c)
}

func named(c *coroutine) []*value {
	var out []*value
	for _, a := range c.named {
		out = append(out, a.v)
	}
	return out
}

// locks says whether a load asks the store to lock what it reads.
func locks(c *coroutine) bool {
	for _, a := range c.named {
		if models.LockingName(a.name) && a.v.konst != "False" && a.v.konst != "None" {
			return true
		}
	}
	return strings.Contains(c.text, "for_update")
}

// storePlace is the place that stands for the records of a store, or of one table of it.
func (f *frame) storePlace(recv *value, table string) flow.Place {
	p := flow.Place{Path: recv.text, Root: flow.RootLocal}
	if recv.at != nil {
		p = *recv.at
	}
	p.Kind = flow.Record
	field := p.Field
	if field == "" {
		field = recv.text
	}
	if table != "" {
		p.Path, p.Field = p.Path+"."+table, "table "+table
	} else {
		p.Path, p.Field = p.Path+".record", "records of "+field
	}
	return p
}

func literal(v *value) (string, bool) {
	if len(v.konst) < 2 || v.konst[0] != '"' {
		return "", false
	}
	return v.konst[1 : len(v.konst)-1], true
}

var (
	selectFrom = pattern.New(`(?is)^\s*select\b(.*)\bfrom\s+([\w."]+)(.*)$`)
	updateSet  = pattern.New(`(?is)^\s*update\s+([\w."]+)\s+set\b(.*?)\bwhere\b(.*)$`)
	assignment = pattern.New(`(?i)\b(\w+)\s*=\s*([^,]*)`)
	comparison = pattern.New(`(?i)(\w+)\s*=\s*\$(\d+)`)
)

// statement reads one SQL statement that is a literal: a SELECT of one table, or an UPDATE that
// writes what the caller has computed. An UPDATE that computes the value itself, or that asks for
// more than the key, is left to the database.
func (f *frame) statement(recv *value, sql string, c *coroutine) *record {
	switch {
	case begins(sql, "select"):
		m := selectFrom.FindStringSubmatch(sql)
		if m == nil || strings.Contains(strings.ToLower(m[3]), "for update") || strings.Contains(m[1], "(") {
			return nil
		}
		return &record{place: f.storePlace(recv, strings.ToLower(m[2])), key: f.sqlKey(m[3], c), access: models.Load, owner: recv.text}
	case !begins(sql, "update"):
		return nil
	}
	m := updateSet.FindStringSubmatch(sql)
	if m == nil || mentions(m[3], "and") {
		return nil
	}
	for _, a := range assignment.FindAllStringSubmatch(m[2], -1) {
		if mentions(a[2], a[1]) {
			return nil
		}
	}
	rec := &record{place: f.storePlace(recv, strings.ToLower(m[1])), key: f.sqlKey(m[3], c), access: models.Write, owner: recv.text}
	for _, a := range c.args[1:] {
		rec.srcs = append(rec.srcs, f.vars(a)...)
	}
	return rec
}

// begins says whether a statement begins with a word.
func begins(sql, word string) bool {
	sql = strings.TrimLeft(sql, " \t\n\f\r")
	return len(sql) >= len(word) && strings.EqualFold(sql[:len(word)], word)
}

// mentions says whether a word is among those of a text, however it is spelled.
func mentions(text, word string) bool {
	isWord := func(c rune) bool {
		return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	}
	for w := range strings.FieldsFuncSeq(text, func(c rune) bool { return !isWord(c) }) {
		if strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}

// sqlKey is the argument that a WHERE compares with, if that can be told; else the whole table.
func (f *frame) sqlKey(where string, c *coroutine) flow.KeyID {
	m := comparison.FindStringSubmatch(where)
	if m == nil {
		return 0
	}
	if n, err := strconv.Atoi(m[2]); err == nil && n > 0 && n < len(c.args) {
		return f.keyOf(c.args[n])
	}
	return 0
}

// commits writes what was loaded and changed through a store whose path begins so: a unit of work commits
// for its session, and so does the end of a transaction. What is wrong then stands where the change does.
func (f *frame) commits(path string) {
	for _, row := range f.rows {
		if row.dirty && strings.HasPrefix(row.owner, path) {
			f.act(&row.place, flow.EffectSet, row.key, f.put(value{also: row.srcs}), 0, row.changed, "")
		}
	}
}

// recordCall is the awaited access: the call is itself the suspension.
func (f *frame) recordCall(c *coroutine, pos flow.Pos) *value {
	f.yield(pos, flow.May, c.text)
	return f.recorded(c, f.put(value{text: c.text}), pos)
}

// recorded emits the check or act of an access whose suspension is over.
func (f *frame) recorded(c *coroutine, out *value, pos flow.Pos) *value {
	rec := c.rec
	switch rec.access {
	case models.Load:
		got := *rec
		got.answer = f.check(&rec.place, flow.AskValue, rec.key, pos, 0)
		v := f.like(out)
		v.also = f.vars(out)
		v.v, v.row = got.answer, &got
		f.rows = append(f.rows, &got)
		return v
	case models.Write:
		flags := flow.Flags(0)
		if rec.atomic {
			return out // the store refuses a write over a newer version
		}
		f.act(&rec.place, flow.EffectSet, rec.key, f.put(value{also: rec.srcs}), flags, pos, "")
	case models.Commit:
		for _, row := range f.rows {
			if row.dirty && row.owner == rec.owner {
				// Only what was assigned is written; the rest of the row stays as it is in the store.
				f.act(&row.place, flow.EffectSet, row.key, f.put(value{also: row.srcs}), 0, pos, "")
				row.dirty, row.srcs = false, nil
			}
		}
	}
	return out
}
