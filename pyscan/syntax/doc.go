// Package syntax reads Python source into a flat, immutable tree in Go memory.
//
// One call into C parses a file with tree-sitter and copies the tree out; nothing of the C side
// outlives it. The nodes of a Tree are a slice in preorder, so walking one is walking memory.
//
// The package gives no meaning to what it reads: it resolves no name and judges no code. It is
// not a syntax checker either: the grammar accepts more than Python does, and damage is reported
// as spans (Tree.Damaged), never as a failure. It is the only package of the project that needs
// cgo; without it, Parse returns ErrNoCgo.
package syntax
