package flow

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// maxText bounds the tables of a function in text form, so that hostile input cannot ask for
// much memory.
const maxText = 1 << 20

// Parse reads the text form that Print writes. Lines that start with `#` and empty lines are
// skipped. Errors name the line.
func Parse(r io.Reader) (*Func, error) {
	p := &parser{f: NewBuilder("", false).Func(), vars: map[string]VarID{}}
	p.f.Blocks = nil
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, maxText)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		words, err := split(line)
		if err == nil {
			p.words = words
			err = p.line()
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, err
	}
	return p.f, p.validate()
}

type parser struct {
	f     *Func
	vars  map[string]VarID
	words []string
}

// split cuts a line into words; brackets and `@` begin words of their own.
func split(line string) ([]string, error) {
	var out []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if line[0] == '"' {
			q, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, fmt.Errorf("unfinished string %s", line)
			}
			s, err := strconv.Unquote(q)
			if err != nil {
				return nil, err
			}
			out = append(out, "\x00"+s)
			line = line[len(q):]
			continue
		}
		end := strings.IndexAny(line, " \t\"")
		if end < 0 {
			end = len(line)
		}
		out = append(out, line[:end])
		line = line[end:]
	}
	return out, nil
}

func (p *parser) more() bool { return len(p.words) > 0 }

// next takes a word; a quoted one keeps no mark of its quotes.
func (p *parser) next() string {
	if len(p.words) == 0 {
		return ""
	}
	w := p.words[0]
	p.words = p.words[1:]
	return strings.TrimPrefix(w, "\x00")
}

func (p *parser) peek() string {
	if len(p.words) == 0 {
		return ""
	}
	return p.words[0]
}

func (p *parser) accept(w string) bool {
	if p.peek() == w {
		p.words = p.words[1:]
		return true
	}
	return false
}

func (p *parser) enum(names []string, what string) (int, error) {
	w := p.next()
	if i := slices.Index(names, w); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("%q is no %s; want one of %s", w, what, strings.Join(names, ", "))
}

func (p *parser) number() (int, error) {
	w := p.next()
	n, err := strconv.Atoi(w)
	if err != nil || n < 0 || n > maxText {
		return 0, fmt.Errorf("%q is no number from 0 to %d", w, maxText)
	}
	return n, nil
}

func (p *parser) variable() VarID {
	quoted := strings.HasPrefix(p.peek(), "\x00")
	w := p.next()
	if !quoted && (w == "-" || w == "") {
		return 0
	}
	if v, ok := p.vars[w]; ok {
		return v
	}
	p.f.Vars = append(p.f.Vars, w)
	v := VarID(len(p.f.Vars) - 1)
	p.vars[w] = v
	return v
}

func (p *parser) line() error {
	f := p.f
	switch head := p.next(); head {
	case "func":
		f.Name = p.next()
		f.Preempt = p.accept("preempt")
	case "partial":
		f.Partial = p.next()
	case "param":
		v := p.variable()
		f.Params = append(f.Params, v)
		if p.accept("out") {
			f.Outs = append(f.Outs, v)
		}
	case "key":
		k := Key{Text: p.next(), Const: p.accept("const")}
		if p.accept("root") {
			k.Root = p.variable()
		}
		if p.accept("path") {
			k.Path = p.next()
		}
		f.Keys = append(f.Keys, k)
	case "place":
		return p.place()
	case "lock":
		return p.lock()
	case "entry":
		n, err := p.number()
		f.Entry = append(f.Entry, LockID(n))
		return err
	case "block":
		n, err := p.number()
		if err == nil && n != len(f.Blocks) {
			err = fmt.Errorf("block %d follows block %d", n, len(f.Blocks)-1)
		}
		f.Blocks = append(f.Blocks, Block{})
		return err
	case "->":
		return p.edge()
	default:
		return p.event(head)
	}
	return nil
}

func (p *parser) root() (RootKind, int, error) {
	r, err := p.enum(rootNames, "root")
	if err != nil || RootKind(r) != RootParam {
		return RootKind(r), 0, err
	}
	n, err := p.number()
	return RootParam, n, err
}

func (p *parser) place() (err error) {
	pl := Place{Path: p.next()}
	if pl.Root, pl.Param, err = p.root(); err != nil {
		return err
	}
	for p.more() {
		switch w := p.next(); w {
		case "field":
			pl.Field = p.next()
		case "type":
			pl.Type = p.next()
		default:
			i := slices.Index(kindNames, w)
			if i < 0 {
				return fmt.Errorf("%q is not known of a place", w)
			}
			pl.Kind = PlaceKind(i)
		}
	}
	p.f.Places = append(p.f.Places, pl)
	return nil
}

func (p *parser) lock() (err error) {
	l := Lock{Path: p.next()}
	if l.Root, l.Param, err = p.root(); err != nil {
		return err
	}
	for p.more() {
		switch w := p.peek(); {
		case w == "field":
			p.next()
			l.Field = p.next()
		case w == "read":
			l.Read = p.accept(w)
		case w == "reentrant":
			l.Reentrant = p.accept(w)
		case w == "local":
			l.Local = p.accept(w)
		case strings.HasPrefix(w, "["):
			if l.Key, err = p.key(); err != nil {
				return err
			}
		default:
			k, err := p.enum(lockNames, "kind of lock")
			if err != nil {
				return err
			}
			l.Kind = LockKind(k)
		}
	}
	p.f.Locks = append(p.f.Locks, l)
	return nil
}

func (p *parser) key() (KeyID, error) {
	if !strings.HasPrefix(p.peek(), "[") {
		return 0, nil
	}
	w := p.next()
	if w == "[any]" {
		return KeyAny, nil
	}
	n, err := strconv.Atoi(strings.Trim(w, "[]"))
	if err != nil || n <= 0 || n > maxText {
		return 0, fmt.Errorf("%q is no key; want [any] or [number]", w)
	}
	return KeyID(n), nil
}

func (p *parser) edge() error {
	if len(p.f.Blocks) == 0 {
		return fmt.Errorf("an edge outside a block")
	}
	to, err := p.number()
	e := Edge{To: BlockID(to), Except: p.accept("except"), Bears: p.accept("bears")}
	for err == nil && p.accept("if") {
		t := Test{Var: p.variable()}
		var n int
		n, err = p.enum(factNames, "fact")
		t.Fact = Fact(n)
		if p.accept("same") {
			t.Same = p.variable()
		}
		t.Is = p.accept("is")
		e.Tests = append(e.Tests, t)
	}
	b := &p.f.Blocks[len(p.f.Blocks)-1]
	b.Succs = append(b.Succs, e)
	return err
}

// validate makes sure that every id is in its table.
func (p *parser) validate() error {
	f := p.f
	if len(f.Blocks) == 0 {
		return fmt.Errorf("a function needs a block")
	}
	key := func(k KeyID) bool { return int(k) < len(f.Keys) }
	lock := func(l LockID) bool { return l > 0 && int(l) < len(f.Locks) }
	for _, l := range f.Entry {
		if !lock(l) {
			return fmt.Errorf("entry names lock %d, which is not declared", l)
		}
	}
	for i := range f.Blocks {
		for _, e := range f.Blocks[i].Succs {
			if int(e.To) >= len(f.Blocks) {
				return fmt.Errorf("block %d has an edge to block %d, which does not exist", i, e.To)
			}
		}
		for j := range f.Blocks[i].Events {
			e := &f.Blocks[i].Events[j]
			ok := key(e.Key)
			if e.Op == OpAcquire || e.Op == OpRelease {
				ok = ok && lock(e.Lock)
			}
			for _, l := range e.detail().Inner {
				ok = ok && lock(l)
			}
			if !ok {
				return fmt.Errorf("event %d of block %d names a key or lock that is not declared", j, i)
			}
		}
	}
	for _, l := range f.Locks {
		if !key(l.Key) {
			return fmt.Errorf("lock %q names key %d, which is not declared", l.Path, l.Key)
		}
	}
	return nil
}
