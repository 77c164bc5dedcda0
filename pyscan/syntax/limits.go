package syntax

import (
	"fmt"
	"slices"
	"time"
)

// Limits bound what one file may cost. The zero value means the defaults.
type Limits struct {
	MaxSize int           // bytes; 2 MiB if 0, 256 MiB at most
	Timeout time.Duration // of the parser; 10 s if 0
}

const (
	defaultMaxSize = 2 << 20
	defaultTimeout = 10 * time.Second
	// Offsets are 32 bits wide, and a tree takes some 27 times its source while it is made.
	hardMaxSize = 256 << 20
)

// Parse is Limits{}.Parse.
func Parse(src []byte) (*Tree, error) { return Limits{}.Parse(src) }

// Parse reads one file. It may be called from several goroutines. The tree may share memory with
// src, which must not be changed afterwards. An error means that there is no tree at all: too
// large, not text, or in an encoding we do not read.
func (l Limits) Parse(src []byte) (*Tree, error) {
	var out *Tree
	err := l.With(src, func(t *Tree) {
		t.Nodes, t.Comments = slices.Clone(t.Nodes), slices.Clone(t.Comments)
		out = t
	})
	return out, err
}

// With is Parse for those who need the nodes and comments of the tree only while use runs: it does not copy
// them out of the parser's memory.
func (l Limits) With(src []byte, use func(*Tree)) error {
	text, timeout, err := l.text(src)
	if err != nil {
		return err
	}
	return parse(text, timeout, func(t *Tree) {
		t.Src, t.Lines = text, lineStarts(text)
		use(t)
	})
}

// Sound says whether a file can be parsed without errors in it. It fails where Parse does, and costs
// less: it makes no tree in Go memory.
func (l Limits) Sound(src []byte) (bool, error) {
	text, timeout, err := l.text(src)
	if err != nil {
		return false, err
	}
	return sound(text, timeout)
}

// text is a file as the parser takes it, and how long that may work on it.
func (l Limits) text(src []byte) ([]byte, time.Duration, error) {
	limit := l.MaxSize
	if limit <= 0 {
		limit = defaultMaxSize
	}
	limit = min(limit, hardMaxSize)
	if len(src) > limit {
		return nil, 0, fmt.Errorf("%w: %d bytes, the limit is %d; exclude it or raise the limit", ErrTooLarge, len(src), limit)
	}
	text, err := decode(src)
	if err != nil {
		return nil, 0, err
	}
	timeout := l.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	return text, timeout, nil
}
