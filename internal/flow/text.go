package flow

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// The text form of a Func: a header, tables of what has no default, then blocks. It exists to
// test the engine without a front end and a front end without the engine. Words that hold
// anything but letters, digits and `._-$` are quoted as in Go. Keys and locks are named by their
// number, in order from 1: two may have one spelling. Flags follow a colon.
//
//	func "Pool.get" preempt
//	param self
//	param job
//	key job.id root job path .id
//	place self._pool param 0 field m.Pool._pool container
//	lock self._lock param 0 field m.Pool._lock task reentrant
//	entry 1
//	block 0
//	  check t value self._pool @36
//	  let ok = t : alias not
//	  act set resource self._pool [1] <- t : needs @45 origin 12
//	  yield "await load()" : maybe @45
//	  acquire 1 : contended @40
//	  release 1 @46
//	  return true t @47
//	  -> 1 if t none
//	  -> 2 except bears if t false same ok
//	  -> 3 if t any is
//	block 1
//	block 2
//	block 3

var (
	askNames    = []string{"value", "has", "size", "iter"}
	effectNames = []string{"none", "set", "del", "grow", "shrink", "clear", "modify", "signal"}
	valueNames  = []string{"unknown", "none", "true", "false", "plain", "resource", "task", "object", "empty"}
	factNames   = []string{"any", "true", "false", "none", "notnone"}
	rootNames   = []string{"none", "param", "global", "cell", "local"}
	kindNames   = []string{"variable", "container", "record", "signal"}
	lockNames   = []string{"task", "thread", "flag"}
	flagNames   = []string{"needs", "tested", "deferred", "rechecked", "alias", "contended", "maybe", "iter", "stale", "atomic", "callee", "update", "not", "new", "sync", "ordered", "anyway", "bare", "resized", "given", "signal", "taken", "own", "closed", "eager", "lent", "renewed", "kept"}
)

// names returns a distinct name for every variable.
func (f *Func) names() []string {
	uses := map[string]int{}
	for _, n := range f.Vars {
		uses[n]++
	}
	out := make([]string, len(f.Vars))
	for i, n := range f.Vars {
		if n == "" || uses[n] > 1 {
			n = n + "$" + strconv.Itoa(i)
		}
		out[i] = n
	}
	return out
}

func word(s string) string {
	if s == "" {
		return `""`
	}
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("._-$", c)) {
			return strconv.Quote(s)
		}
	}
	if s == "_" || s == "-" {
		return strconv.Quote(s)
	}
	return s
}

// Print writes f in its text form. where, if not nil, renders positions; Parse reads only the
// numbers that a nil where gives.
func Print(w io.Writer, f *Func, where func(Pos) string) error {
	out := bufio.NewWriter(w)
	p := printer{out, f, f.names(), where}
	p.header()
	for i := range f.Blocks {
		fmt.Fprintf(out, "block %d\n", i)
		for j := range f.Blocks[i].Events {
			p.event(&f.Blocks[i].Events[j])
		}
		for _, e := range f.Blocks[i].Succs {
			p.edge(e)
		}
	}
	return out.Flush()
}

type printer struct {
	*bufio.Writer
	f     *Func
	names []string
	where func(Pos) string
}

func (p printer) printf(format string, args ...any) { fmt.Fprintf(p.Writer, format, args...) }

func (p printer) header() {
	f := p.f
	p.printf("func %s", word(f.Name))
	if f.Preempt {
		p.printf(" preempt")
	}
	p.printf("\n")
	if f.Partial != "" {
		p.printf("partial %s\n", word(f.Partial))
	}
	for _, v := range f.Params {
		p.printf("param %s", word(p.names[v]))
		if slices.Contains(f.Outs, v) {
			p.printf(" out")
		}
		p.printf("\n")
	}
	for i := 1; i < len(f.Keys); i++ {
		k := f.Keys[i]
		p.printf("key %s", word(k.Text))
		if k.Const {
			p.printf(" const")
		} else {
			p.printf(" root %s path %s", word(p.name(k.Root)), word(k.Path))
		}
		p.printf("\n")
	}
	root := func(r RootKind, param int) {
		p.printf(" %s", rootNames[r])
		if r == RootParam {
			p.printf(" %d", param)
		}
	}
	for _, pl := range f.Places[min(1, len(f.Places)):] {
		p.printf("place %s", word(pl.Path))
		root(pl.Root, pl.Param)
		if pl.Field != "" {
			p.printf(" field %s", word(pl.Field))
		}
		if pl.Kind != Variable {
			p.printf(" %s", kindNames[pl.Kind])
		}
		if pl.Type != "" {
			p.printf(" type %s", word(pl.Type))
		}
		p.printf("\n")
	}
	for _, l := range f.Locks[min(1, len(f.Locks)):] {
		p.printf("lock %s", word(l.Path))
		root(l.Root, l.Param)
		if l.Field != "" {
			p.printf(" field %s", word(l.Field))
		}
		p.printf(" %s", lockNames[l.Kind])
		for _, x := range []struct {
			on   bool
			name string
		}{{l.Read, "read"}, {l.Reentrant, "reentrant"}, {l.Local, "local"}} {
			if x.on {
				p.printf(" %s", x.name)
			}
		}
		p.key(l.Key)
		p.printf("\n")
	}
	for _, l := range f.Entry {
		p.printf("entry %d\n", l)
	}
}

func (p printer) name(v VarID) string {
	if v <= 0 || int(v) >= len(p.names) {
		return "-"
	}
	return p.names[v]
}

func (p printer) key(k KeyID) {
	switch {
	case k < 0:
		p.printf(" [any]")
	case k > 0:
		p.printf(" [%d]", k)
	}
}

func (p printer) place(e *Event) {
	p.printf(" %s", word(p.f.Places[e.Place].Path))
	p.key(e.Key)
}

func (p printer) srcs(vars []VarID) {
	for _, v := range vars {
		p.printf(" %s", word(p.name(v)))
	}
}

func (p printer) event(e *Event) {
	switch e.Op {
	case OpCheck:
		p.printf("  check %s %s", word(p.name(e.Dst)), askNames[e.Ask])
		p.place(e)
	case OpLet:
		p.printf("  let %s =", word(p.name(e.Dst)))
		p.srcs(e.Srcs)
	case OpAct:
		p.printf("  act %s %s", effectNames[e.Effect], valueNames[e.Value])
		p.place(e)
		if len(e.Srcs) > 0 {
			p.printf(" <-")
			p.srcs(e.Srcs)
		}
	case OpYield:
		p.printf("  yield %s", word(e.Text))
	case OpAcquire, OpRelease:
		p.printf("  %s %d", map[Op]string{OpAcquire: "acquire", OpRelease: "release"}[e.Op], e.Lock)
	case OpReturn:
		p.printf("  return %s", valueNames[e.Value])
		p.srcs(e.Srcs)
	}
	if e.Flags != 0 {
		p.printf(" :")
		for i, n := range flagNames {
			if e.Flags&(1<<i) != 0 {
				p.printf(" %s", n)
			}
		}
	}
	for _, l := range e.detail().Inner {
		p.printf(" inner %d", l)
	}
	if e.Pos != 0 {
		p.printf(" @%s", p.pos(e.Pos))
	}
	if e.Origin != 0 {
		p.printf(" origin %s", p.pos(e.Origin))
	}
	if e.Op == OpAct && e.Text != "" {
		p.printf(" as %s", word(e.Text))
	}
	p.printf("\n")
}

func (p printer) pos(at Pos) string {
	if p.where != nil {
		return p.where(at)
	}
	return strconv.Itoa(int(at))
}

func (p printer) edge(e Edge) {
	p.printf("  -> %d", e.To)
	if e.Except {
		p.printf(" except")
	}
	if e.Bears {
		p.printf(" bears")
	}
	for _, t := range e.Tests {
		p.printf(" if %s %s", word(p.name(t.Var)), factNames[t.Fact])
		if t.Same != 0 {
			p.printf(" same %s", word(p.name(t.Same)))
		}
		if t.Is {
			p.printf(" is")
		}
	}
	p.printf("\n")
}
