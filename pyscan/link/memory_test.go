package link

import (
	"reflect"
	"testing"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// TestMover fills every field that can refer to the memory of a frame: what is moved refers to it no more.
func TestMover(t *testing.T) {
	old := map[any]bool{}
	var fill func(at reflect.Value)
	fill = func(at reflect.Value) {
		for _, f := range reflect.VisibleFields(at.Type()) {
			field := reflect.NewAt(f.Type, at.FieldByIndex(f.Index).Addr().UnsafePointer()).Elem()
			switch field.Interface().(type) {
			case *value, *coroutine, *flow.Place, *project.Ref:
				field.Set(reflect.New(f.Type.Elem()))
				old[field.Interface()] = true
			case *rare:
				field.Set(reflect.ValueOf(&rare{}))
				fill(field.Elem())
			case *search:
				field.Set(reflect.ValueOf(&search{}))
				fill(field.Elem())
			case []*value:
				v := &value{}
				old[v] = true
				field.Set(reflect.ValueOf([]*value{v}))
			case namedArgs:
				v := &value{}
				old[v] = true
				field.Set(reflect.ValueOf(namedArgs{{"n", v}}))
			}
		}
	}
	var look func(at reflect.Value, where string)
	look = func(at reflect.Value, where string) {
		for _, f := range reflect.VisibleFields(at.Type()) {
			field := reflect.NewAt(f.Type, at.FieldByIndex(f.Index).Addr().UnsafePointer()).Elem()
			here := where + "." + f.Name
			switch x := field.Interface().(type) {
			case *value, *coroutine, *flow.Place, *project.Ref:
				if old[x] {
					t.Errorf("%s is where it was", here)
				}
			case *rare, *search:
				if !field.IsNil() {
					look(field.Elem(), here)
				}
			case []*value:
				for _, v := range x {
					if old[v] {
						t.Errorf("an element of %s is where it was", here)
					}
				}
			case namedArgs:
				for _, a := range x {
					if old[a.v] {
						t.Errorf("an element of %s is where it was", here)
					}
				}
			}
		}
	}
	v := &value{coro: &coroutine{}}
	fill(reflect.ValueOf(v).Elem())
	c := &coroutine{}
	fill(reflect.ValueOf(c).Elem())
	v.coro = c
	d := mover{}
	moved := d.value(v)
	if moved == v || moved.coro == c {
		t.Fatal("nothing has moved")
	}
	look(reflect.ValueOf(moved).Elem(), "value")
	look(reflect.ValueOf(moved.coro).Elem(), "coroutine")
}
