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
	mu      sync.Mutex
	modules map[string][]cached // by path, the oldest first
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
	c.mu.Lock()
	defer c.mu.Unlock()
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
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.modules == nil {
		c.modules = map[string][]cached{}
	}
	list := c.modules[k.path]
	if len(list) == versions {
		list = list[1:]
	}
	c.modules[k.path] = append(slices.Clip(list), cached{k.text, m})
}
