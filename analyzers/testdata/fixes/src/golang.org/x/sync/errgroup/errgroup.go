// Package errgroup stands for the real one.
package errgroup

type Group struct{ _ int }

func (g *Group) Go(f func() error) { _ = f() }

func (g *Group) Wait() error { return nil }
