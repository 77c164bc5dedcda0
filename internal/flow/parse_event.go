package flow

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func (p *parser) placeAndKey(e *Event) (err error) {
	path := p.next()
	i := slices.IndexFunc(p.f.Places, func(pl Place) bool { return pl.Path == path })
	if i <= 0 {
		return fmt.Errorf("place %q is not declared", path)
	}
	e.Place = PlaceID(i)
	e.Key, err = p.key()
	return err
}

func (p *parser) event(head string) (err error) {
	if len(p.f.Blocks) == 0 {
		return fmt.Errorf("%q outside a block", head)
	}
	var e Event
	var n int
	switch head {
	case "check":
		e.Op, e.Dst = OpCheck, p.variable()
		if n, err = p.enum(askNames, "question"); err == nil {
			e.Ask = Ask(n)
			err = p.placeAndKey(&e)
		}
	case "let":
		e.Op, e.Dst = OpLet, p.variable()
		p.accept("=")
		p.operands(&e)
	case "act":
		e.Op = OpAct
		if n, err = p.enum(effectNames, "effect"); err != nil {
			return err
		}
		e.Effect = Effect(n)
		if n, err = p.enum(valueNames, "value"); err != nil {
			return err
		}
		e.Value = Value(n)
		err = p.placeAndKey(&e)
		if p.accept("<-") {
			p.operands(&e)
		}
	case "yield":
		e.Op, e.Text = OpYield, p.next()
	case "acquire", "release":
		e.Op = map[string]Op{"acquire": OpAcquire, "release": OpRelease}[head]
		n, err = p.number()
		e.Lock = LockID(n)
	case "return":
		e.Op = OpReturn
		n, err = p.enum(valueNames, "value")
		e.Value = Value(n)
		p.operands(&e)
	default:
		return fmt.Errorf("%q begins no line", head)
	}
	if err == nil {
		err = p.tail(&e)
	}
	b := &p.f.Blocks[len(p.f.Blocks)-1]
	b.Events = append(b.Events, e)
	return err
}

func (p *parser) operands(e *Event) {
	for p.more() && !slices.Contains([]string{":", "inner", "origin", "as"}, p.peek()) && !strings.HasPrefix(p.peek(), "@") {
		e.Srcs = append(e.Srcs, p.variable())
	}
}

func (p *parser) tail(e *Event) error {
	if p.accept(":") {
		for i := slices.Index(flagNames, p.peek()); i >= 0; i = slices.Index(flagNames, p.peek()) {
			e.Flags |= 1 << i
			p.next()
		}
	}
	for p.more() {
		w := p.next()
		switch {
		case w == "inner":
			n, err := p.number()
			if err != nil {
				return err
			}
			if e.More == nil {
				e.More = &Detail{}
			}
			e.More.Inner = append(e.More.Inner, LockID(n))
		case w == "origin":
			n, err := p.number()
			if err != nil {
				return err
			}
			e.Origin = Pos(n)
		case w == "as":
			e.Text = p.next()
		case strings.HasPrefix(w, "@"):
			n, err := strconv.ParseUint(w[1:], 10, 32)
			if err != nil {
				return fmt.Errorf("%q is no position", w)
			}
			e.Pos = Pos(n)
		default:
			return fmt.Errorf("%q is not known here", w)
		}
	}
	return nil
}
