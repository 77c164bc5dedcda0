package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/toctou-lint/toctou/report"
)

// JSON writes the audit in its stored form: indented, keys in the order of the Go fields, absent
// lists empty rather than null. Long lists are written element by element. Characters that could
// act on a terminal are written as \u escapes, which changes nothing for a JSON reader.
func JSON(w io.Writer, a *report.Audit, _ Options) error {
	out := newOutput(w)
	v := reflect.ValueOf(*a)
	sep := "{\n"
	for i := range v.NumField() {
		name, omit := fieldName(v.Type().Field(i))
		field := v.Field(i)
		if omit && empty(field) {
			continue
		}
		out.print(sep, "  \"", name, "\": ")
		sep = ",\n"
		if err := writeJSON(out, field); err != nil {
			return fmt.Errorf("encode %s: %w", name, err)
		}
	}
	out.print("\n}\n")
	return out.close()
}

// writeJSON writes one top-level value, lists element by element.
func writeJSON(out *output, v reflect.Value) error {
	switch {
	case v.Kind() == reflect.Map && v.Len() == 0:
		out.print("{}")
		return nil
	case v.Kind() == reflect.Slice:
		return writeList(out, "  ", func(yield func(any) bool) {
			for i := range v.Len() {
				if !yield(v.Index(i).Interface()) {
					return
				}
			}
		})
	}
	text, err := indented(v.Interface(), "  ")
	out.print(text)
	return err
}

// indented is v as JSON, the lines after the first one indented by prefix and more.
func indented(v any, prefix string) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(prefix, "  ")
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return escapeHidden(strings.TrimSuffix(b.String(), "\n")), nil
}

// writeObject writes v as an indented object whose last key is a list that is written element by element.
func writeObject(out *output, v any, prefix, last string, list iter.Seq[any]) error {
	head, err := indented(v, prefix)
	if err != nil {
		return err
	}
	out.print(strings.TrimSuffix(head, "\n"+prefix+"}"), ",\n", prefix, "  \"", last, "\": ")
	if err := writeList(out, prefix+"  ", list); err != nil {
		return err
	}
	out.print("\n", prefix, "}")
	return nil
}

// writeList writes a list element by element; prefix is the indentation of the line it begins on.
func writeList(out *output, prefix string, list iter.Seq[any]) error {
	sep := "["
	for v := range list {
		text, err := indented(v, prefix+"  ")
		if err != nil {
			return err
		}
		out.print(sep, "\n", prefix, "  ", text)
		sep = ","
	}
	if sep == "[" {
		out.print("[]")
	} else {
		out.print("\n", prefix, "]")
	}
	return nil
}

// escapeHidden writes as \u escapes what JSON allows raw inside strings but a terminal would obey.
func escapeHidden(s string) string {
	var b strings.Builder
	done := 0
	for i, r := range s {
		if r == '\n' || !hidden(r) {
			continue
		}
		b.WriteString(s[done:i])
		done = i + utf8.RuneLen(r)
		if r > 0xffff {
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	if done == 0 {
		return s
	}
	return b.String() + s[done:]
}

func fieldName(f reflect.StructField) (name string, omit bool) {
	name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name, rest == "omitempty"
}

func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String:
		return v.Len() == 0
	}
	return v.IsZero()
}

// Decode reads an audit that JSON wrote. Unknown fields are ignored: a later version of the same
// schema may add some.
func Decode(r io.Reader) (*report.Audit, error) {
	dec := json.NewDecoder(r)
	var a report.Audit
	if err := dec.Decode(&a); err != nil {
		return nil, fmt.Errorf("not a JSON audit (write one with `toctou audit --format json`): %w", err)
	}
	if a.Schema == "" {
		return nil, errors.New("not a JSON audit (write one with `toctou audit --format json`): it names no schema")
	}
	if a.Schema != report.Schema {
		return nil, fmt.Errorf("audit has schema %q, this version reads %q: write it again with this version", a.Schema, report.Schema)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value: give one audit at a time")
	}
	return &a, nil
}
