package a03_bad

import (
	"errors"
	"fmt"
	"sync"
)

var errThere, errShut = errors.New("there"), errors.New("shut")

type page struct{ name, text string }

type ledger struct {
	mu    sync.Mutex
	pages map[string]*page
	shut  bool
}

// An error that is made only if there is one tells whether there is.
func (b *ledger) unused(name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.pages[name]; ok {
		return fmt.Errorf("%s: %w", name, errThere)
	}
	return nil
}

// A truth value beside an error.
func (b *ledger) vacant(name string) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.shut {
		return false, errShut
	}
	if _, ok := b.pages[name]; ok {
		return false, nil
	}
	return true, nil
}

// An error beside what was found.
func (b *ledger) page(name string) (*page, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p, ok := b.pages[name]; ok {
		return p, nil
	}
	return nil, errThere
}

func (b *ledger) put(p *page) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pages[p.name] = p
}

func (b *ledger) set(name string, p page) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pages[name] = &p
}

func (b *ledger) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shut = true
}

func (b *ledger) Write(name, text string) error {
	if err := b.unused(name); err != nil {
		return err
	}
	b.set(name, page{text: text}) // want `checkthenact`
	return nil
}

// What is put has the name that was asked for.
func (b *ledger) WriteNamed(name, text string) (bool, error) {
	ok, err := b.vacant(name)
	if err != nil || !ok {
		return false, err
	}
	b.put(&page{name: name, text: text}) // want `checkthenact`
	return true, nil
}

func (b *ledger) WriteFilled(name, text string) error {
	if _, err := b.page(name); err == nil {
		return errThere
	}
	p := &page{name: name}
	p.text = text
	b.put(p) // want `checkthenact`
	return nil
}

func (b *ledger) WriteHere(name, text string) error {
	b.mu.Lock()
	_, there := b.pages[name]
	b.mu.Unlock()
	if there {
		return errThere
	}
	p := &page{name: name, text: text}
	b.mu.Lock()
	b.pages[p.name] = p // want `checkthenact`
	b.mu.Unlock()
	return nil
}

// An error of a function that also acts says nothing of what was asked.
func (b *ledger) touch(name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pages[name] == nil {
		return errThere
	}
	b.pages[name].text += "."
	return nil
}

func (b *ledger) falseAlarmTouch(name string) error {
	if err := b.touch(name); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.pages, name)
	return nil
}
