package compact_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/toctou-lint/toctou/analyzers/internal/compact"
)

type inner struct {
	Name string
	N    int8
	On   bool
}

type plain struct {
	List  []inner
	Flags uint32
	Names []string
	Big   int64
	One   inner
	Some  *inner
}

func TestRoundTrip(t *testing.T) {
	for _, in := range []plain{
		{},
		{Flags: 1<<32 - 1, Big: -1 << 63},
		{List: []inner{{}, {Name: "a", N: -3, On: true}, {Name: "a"}}, Names: []string{"b", "", "a", "b"}, One: inner{Name: "b", N: 127}, Some: &inner{Name: "a"}},
		{Some: &inner{}},
	} {
		data := compact.Append(nil, &in)
		var out plain
		if err := compact.Decode(data, &out); err != nil {
			t.Fatalf("%+v: %v", in, err)
		}
		if !reflect.DeepEqual(in, out) {
			t.Errorf("got %+v, want %+v", out, in)
		}
	}
}

// TestDamaged cuts and changes the data at every byte: what comes out is an error or some value,
// never a panic, and a cut is always seen.
func TestDamaged(t *testing.T) {
	in := plain{List: []inner{{Name: "name", N: 1}, {On: true}}, Names: []string{"x", "name"}, Big: 1 << 40, Some: &inner{N: 2}}
	data := compact.Append(nil, &in)
	for i := range data {
		var out plain
		if compact.Decode(data[:i], &out) == nil {
			t.Errorf("cut after %d bytes is not seen", i)
		}
		for _, x := range []byte{0, 1, 0x7f, 0xff} {
			changed := bytes.Clone(data)
			changed[i] = x
			var out plain
			_ = compact.Decode(changed, &out) // must not panic
		}
	}
	var out plain
	if compact.Decode(append(data, 0), &out) == nil {
		t.Error("more data than there should be is not seen")
	}
}

func TestUnknownType(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a type that cannot be encoded is taken in silence")
		}
	}()
	compact.Append(nil, &struct{ Same [2]inner }{[2]inner{{Name: "a"}}})
}
