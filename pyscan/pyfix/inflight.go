package pyfix

import (
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
	"github.com/toctou-lint/toctou/report"
)

// share lets all who ask for a key wait for one future that loads it: one lock would make the loads
// of other keys wait too. It fits `if key not in self.x: self.x[key] = await load(key)` before
// `return self.x[key]`, where the load takes nothing but the key and what the object has: what
// belongs to the first caller may end with that caller.
func (p *proposal) share(check, act syntax.ID) error {
	place, _, keyed := strings.Cut(p.finding.Place, "[")
	cond, write := p.up(check, syntax.IfStatement), p.statement(act)
	fn := p.function(act)
	self := p.receiver(fn)
	if !keyed || !fills[p.finding.Consequence] || p.library() != "asyncio" || p.node(report.StepWriter) != syntax.Nil || p.threads() ||
		self == "" || !receivers[self] || self == "cls" || !p.isAsync(fn) || !strings.HasPrefix(place, self+".") || strings.Count(place, ".") != 1 ||
		cond == syntax.Nil || p.t.Parent(write) != p.body(cond) || !p.only(write) || !p.alone(write) || p.t.ChildByField(cond, syntax.FieldAlternative) != syntax.Nil {
		return errShape
	}
	left, await := p.t.ChildByField(p.first(write), syntax.FieldLeft), p.value(write)
	ret := p.t.NextSibling(cond)
	if p.t.Kind(left) != syntax.Subscript || p.t.Kind(await) != syntax.Await || p.t.Kind(p.first(await)) != syntax.Call || p.t.Kind(ret) != syntax.ReturnStatement || p.text(p.first(ret)) != p.text(left) {
		return errShape
	}
	key := p.text(p.t.ChildByField(left, syntax.FieldSubscript))
	if p.text(left) != place+"["+key+"]" || p.text(p.t.ChildByField(cond, syntax.FieldCondition)) != key+" not in "+place || !p.parameter(fn, key) || p.binds(p.body(fn), key) {
		return errShape
	}
	for n := await; n < p.t.Nodes[await].Next; n++ {
		if name := p.text(n); p.t.Kind(n) == syntax.Identifier && p.isVariable(n) && name != key && name != self && (p.parameter(fn, name) || p.binds(p.body(fn), name)) {
			return errShape
		}
	}
	attr := strings.Trim(strings.TrimPrefix(place, self+"."), "_")
	table, done := "_"+attr+"_loading", "_"+attr+"_loaded"
	class := p.classOf(fn)
	future := p.freeName(fn, "loading", "in_flight")
	if future == "" || p.mentionsAttribute(class, table) || p.mentionsAttribute(class, done) {
		return errShape
	}
	asyncio, edits := p.needModule("asyncio")
	made, err := p.newAttribute(class, strings.TrimPrefix(place, self+"."), table, "", "{}")
	if err != nil {
		return err
	}
	start, end, indent, err := p.lines(section{fn, write, write})
	if err != nil {
		return errShape
	}
	def, step := p.classIndent(class)
	body := []string{
		indent + future + " = " + self + "." + table + ".get(" + key + ")",
		indent + "if " + future + " is None:",
		indent + step + future + " = " + self + "." + table + "[" + key + "] = " + asyncio + ".ensure_future(" + p.text(p.first(await)) + ")" + p.trailing(write),
		indent + step + future + ".add_done_callback(lambda done: " + self + "." + done + "(" + key + ", done))",
		indent + "return await " + asyncio + ".shield(" + future + ")",
	}
	callback := []string{
		"",
		def + "def " + done + "(self, " + key + ", loading: " + asyncio + ".Future) -> None:",
		def + step + "del self." + table + "[" + key + "]",
		def + step + "if not loading.cancelled() and loading.exception() is None:",
		def + step + step + "self." + strings.TrimPrefix(place, self+".") + "[" + key + "] = loading.result()",
	}
	edits = append(append(edits, made...), p.appendTo(class, strings.Join(callback, "\n")+"\n"))
	p.fix.Title = fmt.Sprintf("let all who ask for the same key wait for one future in %s.%s", self, table)
	p.fix.Why = []string{
		"asking for the future and starting it is one step: nobody else can run in between",
		"a caller that is cancelled leaves the shielded load to the others",
		"loads of different keys do not wait for each other",
	}
	p.fix.Edits = append(edits, fix.Edit{Start: start, End: end, New: p.trimEnd(end, p.native(strings.Join(body, "\n")+"\n"))})
	return nil
}

// parameter says whether a function has a parameter of that name.
func (f *file) parameter(fn syntax.ID, name string) bool {
	for c := range f.t.Named(f.t.ChildByField(fn, syntax.FieldParameters)) {
		if k := f.t.Kind(c); k == syntax.Identifier && f.text(c) == name || k == syntax.TypedParameter && f.text(f.first(c)) == name ||
			(k == syntax.DefaultParameter || k == syntax.TypedDefaultParameter) && f.name(c) == name {
			return true
		}
	}
	return false
}
