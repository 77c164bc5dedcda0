package pyscan

import (
	"crypto/sha256"
	"sync"

	"github.com/toctou-lint/toctou/pyscan/ir"
)

// Cache keeps what files came to in phase one, for scans of the same files with a few changed:
// the same name and text need not be parsed again. It may be used by several scans at once; nil
// keeps nothing. Nothing that it holds is changed by a scan.
type Cache struct {
	Packs Packs // where modules are kept from one run of the program to the next; nil: nowhere

	mu      sync.Mutex
	modules map[cacheKey]*ir.Module
	packs   map[string]*pack // by folder
}

// Packs keeps one pack of modules for each folder of sources. It may be called from several
// goroutines.
type Packs interface {
	Load(folder string) []byte // nil if there is none
	Save(folder string, pack []byte)
}

type cacheKey struct {
	path string
	text [sha256.Size]byte
}

func (c *Cache) get(k cacheKey) *ir.Module {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	m := c.modules[k]
	c.mu.Unlock()
	if m != nil || c.Packs == nil {
		return m
	}
	m = c.pack(k.path).module(k)
	if m != nil {
		c.keep(k, m)
	}
	return m
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
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.modules == nil {
		c.modules = map[cacheKey]*ir.Module{}
	}
	c.modules[k] = m
}
