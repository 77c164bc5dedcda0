package syntax

import (
	"bytes"
	"iter"
	"slices"
)

// ID is the index of a node in Tree.Nodes. Nil is no node.
type ID = uint32

// Nil is returned where there is no node. Node 0 is the root.
const Nil ID = 1<<32 - 1

// Flags of a node.
type Flags uint32

const (
	Named   Flags = 1 << iota // a rule of the grammar, not a bare token
	Missing                   // inserted by the parser to go on: it has no text
)

// Node is one node. Its layout is shared with the C side.
type Node struct {
	Start, End uint32 // byte range in Tree.Src
	Parent     ID     // Nil for the root
	Next       ID     // one past the last descendant
	Kind       Kind
	Field      Field
	Flags      Flags
}

// Tree is one parsed file. It is never changed after Parse returns it and may be shared.
type Tree struct {
	// Src is the text that positions refer to: UTF-8 with lone carriage returns turned into line
	// feeds. For files in UTF-8 every offset in it is the offset in the file as it is on disk.
	Src []byte
	// Nodes are in preorder. Punctuation, keywords and comments are left out.
	Nodes []Node
	// Comments in source order; their Parent is the innermost node around them.
	Comments []Node
	// Lines holds the offset of the start of each line.
	Lines []uint32

	damaged bool
}

// Span is a byte range of Tree.Src.
type Span struct{ Start, End uint32 }

// Kind of node n; Other for Nil.
func (t *Tree) Kind(n ID) Kind {
	if n == Nil {
		return Other
	}
	return t.Nodes[n].Kind
}

// FirstChild of n, or Nil.
func (t *Tree) FirstChild(n ID) ID {
	if n != Nil && t.Nodes[n].Next > n+1 {
		return n + 1
	}
	return Nil
}

// NextSibling of n, or Nil.
func (t *Tree) NextSibling(n ID) ID {
	if n == Nil {
		return Nil
	}
	p, next := t.Nodes[n].Parent, t.Nodes[n].Next
	if p == Nil || next >= t.Nodes[p].Next {
		return Nil
	}
	return next
}

// Parent of n, or Nil.
func (t *Tree) Parent(n ID) ID {
	if n == Nil {
		return Nil
	}
	return t.Nodes[n].Parent
}

// ChildByField is the first child of n that is its field f, or Nil.
func (t *Tree) ChildByField(n ID, f Field) ID {
	if n == Nil {
		return Nil
	}
	for c, end := n+1, t.Nodes[n].Next; c < end; c = t.Nodes[c].Next {
		if t.Nodes[c].Field == f {
			return c
		}
	}
	return Nil
}

// ChildOfKind is the first child of n that is of kind k, or Nil.
func (t *Tree) ChildOfKind(n ID, k Kind) ID {
	if n == Nil {
		return Nil
	}
	for c, end := n+1, t.Nodes[n].Next; c < end; c = t.Nodes[c].Next {
		if t.Nodes[c].Kind == k {
			return c
		}
	}
	return Nil
}

// Children of n in source order.
func (t *Tree) Children(n ID) iter.Seq[ID] {
	return func(yield func(ID) bool) {
		if n == Nil {
			return
		}
		for c, end := n+1, t.Nodes[n].Next; c < end; c = t.Nodes[c].Next {
			if !yield(c) {
				return
			}
		}
	}
}

// Named children of n in source order: no tokens.
func (t *Tree) Named(n ID) iter.Seq[ID] {
	return func(yield func(ID) bool) {
		if n == Nil {
			return
		}
		for c, end := n+1, t.Nodes[n].Next; c < end; c = t.Nodes[c].Next {
			if t.Nodes[c].Flags&Named != 0 && !yield(c) {
				return
			}
		}
	}
}

// Text of n: a part of Src, not a copy.
func (t *Tree) Text(n ID) []byte {
	if n == Nil {
		return nil
	}
	return t.Src[t.Nodes[n].Start:t.Nodes[n].End]
}

// Damaged lists where the parser found errors and went on, outermost spans only.
func (t *Tree) Damaged() []Span {
	if !t.damaged {
		return nil
	}
	var spans []Span
	for i := ID(0); int(i) < len(t.Nodes); {
		n := &t.Nodes[i]
		if n.Kind == Error || n.Flags&Missing != 0 {
			spans = append(spans, Span{n.Start, n.End})
			i = n.Next
			continue
		}
		i++
	}
	return spans
}

// Position of an offset: line and column from 1, the column in bytes.
func (t *Tree) Position(offset uint32) (line, column int) {
	i, found := slices.BinarySearch(t.Lines, offset)
	if !found {
		i--
	}
	return i + 1, int(offset-t.Lines[i]) + 1
}

func lineStarts(src []byte) []uint32 {
	lines := make([]uint32, 1, bytes.Count(src, []byte{'\n'})+1)
	for i := 0; ; {
		j := bytes.IndexByte(src[i:], '\n')
		if j < 0 {
			return lines
		}
		i += j + 1
		lines = append(lines, uint32(i))
	}
}
