package pyscan

import (
	"crypto/sha256"
	"slices"
	"sync"

	"github.com/toctou-lint/toctou/pyscan/ir"
)

// Cache keeps what files came to in phase one, for scans of the same files with a few changed:
// the same name and text need not be parsed again. It may be used by several scans at once; nil
// keeps nothing. Nothing that it holds is changed by a scan. Of each file it keeps the last few texts.
type Cache struct {
	Packs Packs // where modules are kept from one run of the program to the next; nil: nowhere
	Once  bool  // there is one scan only: modules are kept in Packs, not in memory

	mu      sync.Mutex
	modules map[string][]cached // by path, the oldest first
	packs   map[string]*pack    // by folder
}

// Packs keeps one pack of modules for each folder of sources. It may be called from several
// goroutines.
type Packs interface {
	Load(folder string) []byte // nil if there is none
	Save(folder string, pack []byte)
}

// versions is how many texts of one file are kept.
const versions = 3

type cached struct {
	text   [sha256.Size]byte
	module *ir.Module
}

type cacheKey struct {
	path string
	text [sha256.Size]byte
}

func (c *Cache) get(k cacheKey) *ir.Module {
	if c == nil {
		return nil
	}
	if m := c.recent(k); m != nil || c.Packs == nil {
		return m
	}
	m := c.pack(k.path).module(k)
	if m != nil {
		c.keep(k, m)
	}
	return m
}

func (c *Cache) recent(k cacheKey) *ir.Module {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known(k)
}

// known is recent for who holds the lock.
func (c *Cache) known(k cacheKey) *ir.Module {
	for _, v := range c.modules[k.path] {
		if v.text == k.text {
			return v.module
		}
	}
	return nil
}

func (c *Cache) put(k cacheKey, m *ir.Module) {
	if c == nil {
		return
	}
	c.keep(k, m)
	if c.Packs != nil {
		c.pack(k.path).add(k, m)
	}
}

func (c *Cache) keep(k cacheKey, m *ir.Module) {
	if c.Once {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known(k) != nil {
		return // somebody else has kept it meanwhile
	}
	if c.modules == nil {
		c.modules = map[string][]cached{}
	}
	list := c.modules[k.path]
	if len(list) == versions {
		list = list[1:]
	}
	c.modules[k.path] = append(slices.Clip(list), cached{k.text, m})
}
