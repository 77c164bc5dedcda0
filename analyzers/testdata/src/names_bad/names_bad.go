// Package names_bad has findings about values that no parameter and no field names: they are called
// as the source calls them.
package names_bad

import (
	"net/url"
	"sync"
)

type link struct{ closed bool }

type pool struct {
	mu    sync.Mutex
	links map[string]*link
	sizes map[[2]int]*link
}

func hostOf(u *url.URL) string { return u.Scheme + u.Host }

// A key that a call makes.
func (p *pool) get(u *url.URL) *link {
	host := hostOf(u)
	p.mu.Lock()
	l, ok := p.links[host]
	p.mu.Unlock()
	if ok {
		return l
	}
	l = &link{}
	p.mu.Lock()
	p.links[host] = l // want `^.p.links\[host\]. may have changed .*checkthenact`
	p.mu.Unlock()
	return l
}

// A key that no variable holds is asked for twice: nothing says that it is the same.
func (p *pool) directly_ok(u *url.URL) bool {
	p.mu.Lock()
	_, ok := p.links[u.Redacted()]
	p.mu.Unlock()
	if ok {
		return false
	}
	p.mu.Lock()
	p.links[u.Redacted()] = &link{}
	p.mu.Unlock()
	return true
}

// A key that is an array, so that it has an address.
func (p *pool) size(at [2]int) *link {
	p.mu.Lock()
	n, ok := p.sizes[at]
	p.mu.Unlock()
	if ok {
		return n
	}
	p.mu.Lock()
	p.sizes[at] = &link{} // want `^.p.sizes\[at\]. may have changed .*checkthenact`
	p.mu.Unlock()
	return nil
}

// The key of a range.
func (p *pool) fill(from map[string]bool) {
	for host := range from {
		p.mu.Lock()
		_, ok := p.links[host]
		p.mu.Unlock()
		if !ok {
			p.mu.Lock()
			p.links[host] = &link{} // want `^.p.links\[host\]. may have changed .*checkthenact`
			p.mu.Unlock()
		}
	}
}
