// Package fireandforget is broken: the generator starts to learn from what it made and forgets about it. A failure is
// seen by nobody, and Close does not wait.
package fireandforget

import (
	"context"
	"sync"
)

// Model learns from syllabuses.
type Model interface {
	Learn(ctx context.Context, course string) error
}

// Generator makes syllabuses.
type Generator struct {
	model Model

	mu   sync.Mutex
	made map[string]string
}

// New returns a generator that teaches model.
func New(model Model) *Generator { return &Generator{model: model, made: make(map[string]string)} }

// Generate makes the syllabus of a course and learns from it.
func (g *Generator) Generate(course string) string {
	syllabus := "syllabus of " + course
	g.mu.Lock()
	g.made[course] = syllabus
	g.mu.Unlock()
	go g.learn(course) // BAD: untrackedtask
	return syllabus
}

func (g *Generator) learn(course string) error { return g.model.Learn(context.Background(), course) }

// Close ends the generator.
func (g *Generator) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.made)
}
