// Package fireandforget is broken: the generator starts to learn from what it made and forgets about it. A failure is
// seen by nobody, and Close does not wait.
package fireandforget

import (
	"context"
	"sync"
)

// Generator makes syllabuses.
type Generator struct {
	learn func(ctx context.Context, course string) error

	mu   sync.Mutex
	made map[string]string
}

// New returns a generator that learns by that function.
func New(learn func(ctx context.Context, course string) error) *Generator {
	return &Generator{learn: learn, made: make(map[string]string)}
}

// Generate makes the syllabus of a course and learns from it.
func (g *Generator) Generate(ctx context.Context, course string) string {
	syllabus := "syllabus of " + course
	g.mu.Lock()
	g.made[course] = syllabus
	g.mu.Unlock()
	go g.learn(context.WithoutCancel(ctx), course) // BAD: untrackedtask
	return syllabus
}

// Close ends the generator.
func (g *Generator) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.made)
}
