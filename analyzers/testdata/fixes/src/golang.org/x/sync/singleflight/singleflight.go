// Package singleflight stands for the real one.
package singleflight

type Group struct{ _ int }

func (g *Group) Do(key string, fn func() (any, error)) (v any, err error, shared bool) {
	v, err = fn()
	return v, err, false
}
