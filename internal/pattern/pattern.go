// Package pattern holds regular expressions that are compiled when they are first used. Go vet runs a
// process for each package, and most of them need none of the patterns that the program knows.
package pattern

import (
	"regexp"
	"sync"
)

// Pattern is a regular expression.
type Pattern struct{ compiled func() *regexp.Regexp }

// New makes a pattern. It panics when the pattern is first used if the expression is none; a test of this package compiles
// every constant expression of the module.
func New(expr string) *Pattern {
	return &Pattern{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })}
}

// MatchString is regexp.Regexp.MatchString, and so are the other methods what they are there.
func (p *Pattern) MatchString(s string) bool { return p.compiled().MatchString(s) }

// FindSubmatch is described there.
func (p *Pattern) FindSubmatch(b []byte) [][]byte { return p.compiled().FindSubmatch(b) }

// FindStringSubmatch is described there.
func (p *Pattern) FindStringSubmatch(s string) []string { return p.compiled().FindStringSubmatch(s) }

// FindAllStringSubmatch is described there.
func (p *Pattern) FindAllStringSubmatch(s string, n int) [][]string {
	return p.compiled().FindAllStringSubmatch(s, n)
}

// ReplaceAllString is described there.
func (p *Pattern) ReplaceAllString(s, by string) string { return p.compiled().ReplaceAllString(s, by) }

// Split is described there.
func (p *Pattern) Split(s string, n int) []string { return p.compiled().Split(s, n) }
