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
	mu      sync.Mutex
	modules map[cacheKey]*ir.Module
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
	defer c.mu.Unlock()
	return c.modules[k]
}

func (c *Cache) put(k cacheKey, m *ir.Module) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.modules == nil {
		c.modules = map[cacheKey]*ir.Module{}
	}
	c.modules[k] = m
}
