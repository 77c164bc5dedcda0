package pyscan

import (
	"crypto/sha256"
	"encoding/binary"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/toctou-lint/toctou/pyscan/ir"
)

// pack is the encoded modules of one folder.
type pack struct {
	load    sync.Once
	mu      sync.Mutex
	entries map[string]packed // by file name
	changed bool
}

type packed struct {
	text [sha256.Size]byte
	code []byte
}

// pack returns the pack of the folder of a file.
func (c *Cache) pack(file string) *pack {
	folder := path.Dir(file)
	c.mu.Lock()
	p := c.packs[folder]
	if p == nil {
		if c.packs == nil {
			c.packs = map[string]*pack{}
		}
		p = &pack{}
		c.packs[folder] = p
	}
	c.mu.Unlock()
	p.load.Do(func() { p.entries = unpack(c.Packs.Load(folder)) })
	return p
}

func (p *pack) module(k cacheKey) *ir.Module {
	p.mu.Lock()
	e := p.entries[path.Base(k.path)]
	p.mu.Unlock()
	if e.code == nil || e.text != k.text {
		return nil
	}
	m, err := ir.Decode(e.code)
	if err != nil {
		return nil
	}
	m.Path = k.path
	return m
}

func (p *pack) add(k cacheKey, m *ir.Module) {
	code := m.Encode(nil)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.entries[path.Base(k.path)] = packed{k.text, code}
	p.changed = true
}

// save keeps the packs that have changed, and lets all of them go.
func (c *Cache) save() {
	if c == nil || c.Packs == nil {
		return
	}
	c.mu.Lock()
	packs := c.packs
	c.packs = nil
	c.mu.Unlock()
	for folder, p := range packs {
		if p.mu.Lock(); p.changed {
			c.Packs.Save(folder, p.encode())
		}
		p.mu.Unlock()
	}
}

func (p *pack) encode() []byte {
	names := make([]string, 0, len(p.entries))
	for name := range p.entries {
		names = append(names, name)
	}
	slices.SortFunc(names, strings.Compare)
	var out []byte
	for _, name := range names {
		e := p.entries[name]
		out = binary.AppendUvarint(out, uint64(len(name)))
		out = append(out, name...)
		out = append(out, e.text[:]...)
		out = binary.AppendUvarint(out, uint64(len(e.code)))
		out = append(out, e.code...)
	}
	return out
}

// unpack reads what encode wrote. What is damaged ends it.
func unpack(in []byte) map[string]packed {
	out := map[string]packed{}
	take := func(size uint64) []byte {
		if size > uint64(len(in)) {
			in = nil
			return nil
		}
		part := in[:size:size]
		in = in[size:]
		return part
	}
	length := func() uint64 {
		v, n := binary.Uvarint(in)
		if n <= 0 {
			in = nil
			return 0
		}
		in = in[n:]
		return v
	}
	for len(in) > 0 {
		var e packed
		name := string(take(length()))
		copy(e.text[:], take(sha256.Size))
		e.code = take(length())
		if len(e.code) > 0 {
			out[name] = e
		}
	}
	return out
}
