package ir_test

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/lower"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// fill gives every field of v, at any depth, a value that is not zero, so that a field that the
// encoding forgets is noticed.
func fill(v reflect.Value, r *rand.Rand, depth int) {
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field, r, depth)
		}
	case reflect.Slice:
		if depth > 5 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1+r.IntN(2), 4))
		for i := range v.Len() {
			fill(v.Index(i), r, depth+1)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), r, depth+1)
	case reflect.String:
		v.SetString(string(rune('a'+r.IntN(26))) + "é")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int8:
		v.SetInt(1 + r.Int64N(100))
	case reflect.Int, reflect.Int32:
		v.SetInt(1 + r.Int64N(1<<20))
	case reflect.Uint8:
		v.SetUint(1 + r.Uint64N(200))
	case reflect.Uint16, reflect.Uint32:
		v.SetUint(1 + r.Uint64N(1<<15))
	default:
		panic("fill: what is a " + v.Kind().String())
	}
}

func TestEncodeEveryField(t *testing.T) {
	for seed := range uint64(20) {
		var m ir.Module
		fill(reflect.ValueOf(&m).Elem(), rand.New(rand.NewPCG(seed, 1)), 0)
		got, err := ir.Decode(m.Encode(nil))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, &m) {
			t.Fatalf("decoded\n%+v\nwant\n%+v", got, m)
		}
	}
}

func modules(tb testing.TB) (list []*ir.Module) {
	tb.Helper()
	err := filepath.WalkDir("../../testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".py" {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if tree, err := syntax.Parse(src); err == nil {
			list = append(list, lower.Lower(tree, path))
		}
		return nil
	})
	if err != nil || len(list) == 0 {
		tb.Fatal(len(list), err)
	}
	return list
}

func TestEncodeFixtures(t *testing.T) {
	for _, m := range modules(t) {
		code := m.Encode(nil)
		got, err := ir.Decode(code)
		if err != nil {
			t.Fatalf("%s: %v", m.Path, err)
		}
		var a, b bytes.Buffer
		if err := errors.Join(ir.Print(&a, m), ir.Print(&b, got)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) || !bytes.Equal(got.Encode(nil), code) {
			t.Errorf("%s: differs after decoding", m.Path)
		}
	}
}

// FuzzDecode: no bytes make it panic, or take memory that they cannot fill.
func FuzzDecode(f *testing.F) {
	for _, m := range modules(f)[:8] {
		f.Add(m.Encode(nil))
	}
	f.Fuzz(func(t *testing.T, code []byte) {
		if m, err := ir.Decode(code); err == nil && m == nil {
			t.Error("neither a module nor an error")
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	var codes [][]byte
	size := 0
	for _, m := range modules(b) {
		codes = append(codes, m.Encode(nil))
		size += m.Size
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		for _, c := range codes {
			if _, err := ir.Decode(c); err != nil {
				b.Fatal(err)
			}
		}
	}
}
