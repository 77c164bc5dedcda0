package lower

import (
	"hash/maphash"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// names holds one copy of each name. It is asked with bytes of the source, for each identifier in it.
type names struct {
	list  []string
	slots []slot          // a power of two of them, at most half in use
	text  strings.Builder // what the last ones are cut from
}

type slot struct {
	hash uint32
	name int32 // an index into list, plus one; 0 for none
}

// maxNames is how many names are remembered from file to file.
const maxNames = 1 << 13

var seed = maphash.MakeSeed()

func (t *names) get(b []byte) string {
	if 2*len(t.list) >= len(t.slots) {
		t.grow()
	}
	h := uint32(maphash.Bytes(seed, b))
	for i := h; ; i++ {
		s := &t.slots[int(i)&(len(t.slots)-1)]
		if s.name == 0 {
			name := t.copy(b)
			t.list = append(t.list, name)
			*s = slot{h, int32(len(t.list))}
			return name
		}
		if s.hash == h && t.list[s.name-1] == string(b) {
			return t.list[s.name-1]
		}
	}
}

// copy makes a string of b. Many share one piece of memory.
func (t *names) copy(b []byte) string {
	const piece = 1 << 13
	if len(b) > piece/8 {
		return string(b)
	}
	if t.text.Cap()-t.text.Len() < len(b) {
		t.text = strings.Builder{}
		t.text.Grow(piece)
	}
	at := t.text.Len()
	t.text.Write(b)
	return t.text.String()[at:]
}

func (t *names) grow() {
	old := t.slots
	t.slots = make([]slot, max(512, 4*len(old)))
	for _, s := range old {
		if s.name != 0 {
			i := int(s.hash)
			for t.slots[i&(len(t.slots)-1)].name != 0 {
				i++
			}
			t.slots[i&(len(t.slots)-1)] = s
		}
	}
}

// forget makes room if there are too many to keep.
func (t *names) forget() {
	if len(t.list) > maxNames {
		*t = names{}
	}
}

const (
	maxTypes    = 1 << 11 // annotations that are remembered from file to file
	maxTypeText = 64      // bytes of the longest of them
)

// annotation is what the annotation n is reduced to. Most are written many times: what is returned is not to be changed.
func (l *lowerer) annotation(n syntax.ID) ir.TypeExpr {
	text := l.t.Text(n)
	if len(text) > maxTypeText {
		return parseType(text, true)
	}
	if t, ok := l.types[string(text)]; ok {
		return t
	}
	t := parseType(text, true)
	l.types[string(text)] = t
	return t
}

// slab is memory that lists are cut from, which modules keep.
type slab[T any] struct{ rest []T }

// take makes a list of n elements, with room for that many.
func (s *slab[T]) take(n int) []T {
	if n == 0 {
		return nil // whatever was taken before
	}
	const size = 512
	if n == 0 {
		return nil // whatever is left: the same file gives the same module
	}
	if n > len(s.rest) {
		if n > size/8 {
			return make([]T, 0, n)
		}
		s.rest = make([]T, size)
	}
	out := s.rest[:0:n]
	s.rest = s.rest[n:]
	return out
}

// one makes one element.
func (s *slab[T]) one() *T { return &s.take(1)[:1][0] }

// keep copies a list.
func (s *slab[T]) keep(list []T) []T {
	return append(s.take(len(list)), list...)
}
