// Package compact encodes plain data in few bytes: no type descriptions, small numbers in one byte,
// each text once. Only who has the very same type can read it; there are no versions.
//
// It knows structs, pointers that are fields of these, slices, texts, truth values and integers, which is what facts are made of.
package compact

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
)

// Append appends the encoding of *v to b. It panics on a type that it does not know.
func Append(b []byte, v any) []byte {
	e := encoder{buf: b, texts: map[string]uint64{"": 0}}
	e.value(reflect.ValueOf(v).Elem())
	return e.buf
}

type encoder struct {
	buf   []byte
	texts map[string]uint64
}

func (e *encoder) number(n uint64) { e.buf = binary.AppendUvarint(e.buf, n) }

func (e *encoder) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		e.fields(v)
	case reflect.Pointer: // of a field, where nil is left out
		e.value(v.Elem())
	case reflect.Slice:
		e.number(uint64(v.Len()))
		for i := range v.Len() {
			e.value(v.Index(i))
		}
	case reflect.String:
		e.text(v.String())
	case reflect.Bool:
		n := uint64(0)
		if v.Bool() {
			n = 1
		}
		e.number(n)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.buf = binary.AppendVarint(e.buf, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		e.number(v.Uint())
	default:
		panic(fmt.Sprintf("compact: cannot encode %s", v.Type()))
	}
}

// fields writes the fields that are not zero, each after its number, and 0 at the end.
func (e *encoder) fields(v reflect.Value) {
	for i := range v.NumField() {
		if f := v.Field(i); !empty(f) {
			e.number(uint64(i) + 1)
			e.value(f)
		}
	}
	e.number(0)
}

func empty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice {
		return v.Len() == 0
	}
	return v.IsZero()
}

// text writes the number of a text that was there before, or the next number and the text.
func (e *encoder) text(s string) {
	n, ok := e.texts[s]
	if !ok {
		n = uint64(len(e.texts))
		e.texts[s] = n
	}
	e.number(n)
	if !ok {
		e.number(uint64(len(s)))
		e.buf = append(e.buf, s...)
	}
}

// errDamaged says that data is not what Append made of the same type.
var errDamaged = errors.New("damaged data")

// Decode sets *v, which must be zero, to what Append encoded.
func Decode(data []byte, v any) error {
	d := decoder{rest: data, texts: []string{""}}
	d.value(reflect.ValueOf(v).Elem())
	if d.bad || len(d.rest) > 0 {
		return errDamaged
	}
	return nil
}

type decoder struct {
	rest  []byte
	texts []string
	bad   bool
}

func (d *decoder) number() uint64 {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 {
		d.bad, d.rest = true, nil
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

func (d *decoder) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for !d.bad {
			i := d.number()
			if i == 0 {
				return
			}
			if i > uint64(v.NumField()) {
				d.bad = true
				return
			}
			d.value(v.Field(int(i) - 1))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(v.Elem())
	case reflect.Slice:
		n := d.number()
		if n > uint64(len(d.rest)) { // each element takes a byte at least
			d.bad = true
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), int(n), int(n)))
		for i := 0; i < v.Len() && !d.bad; i++ {
			d.value(v.Index(i))
		}
	case reflect.String:
		v.SetString(d.text())
	case reflect.Bool:
		v.SetBool(d.number() != 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, size := binary.Varint(d.rest)
		if size <= 0 || v.OverflowInt(n) {
			d.bad = true
			return
		}
		d.rest = d.rest[size:]
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n := d.number()
		if v.OverflowUint(n) {
			d.bad = true
			return
		}
		v.SetUint(n)
	default:
		panic(fmt.Sprintf("compact: cannot decode %s", v.Type()))
	}
}

func (d *decoder) text() string {
	n := d.number()
	switch {
	case n < uint64(len(d.texts)):
		return d.texts[n]
	case n > uint64(len(d.texts)):
		d.bad = true
		return ""
	}
	size := d.number()
	if size > uint64(len(d.rest)) {
		d.bad = true
		return ""
	}
	s := string(d.rest[:size])
	d.rest = d.rest[size:]
	d.texts = append(d.texts, s)
	return s
}
