package syntax

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/toctou-lint/toctou/internal/pattern"
)

// Reasons why a file is not parsed; Parse wraps them with what to do next.
var (
	ErrTooLarge = errors.New("file is too large")
	ErrBinary   = errors.New("file contains NUL bytes")
	ErrEncoding = errors.New("encoding is not supported")
	ErrTimeout  = errors.New("parsing took too long")
	ErrNoCgo    = errors.New("this binary was built without cgo and cannot read Python")
)

var utf8BOM = []byte("\xef\xbb\xbf")

func isUTF16(src []byte) bool {
	return bytes.HasPrefix(src, []byte{0xff, 0xfe}) || bytes.HasPrefix(src, []byte{0xfe, 0xff})
}

// cookie is PEP 263's declaration; only the first two lines may hold it.
var cookie = pattern.New(`^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)`)

// decode turns a file into UTF-8 that the parser can take. Files in UTF-8 keep every offset.
func decode(src []byte) ([]byte, error) {
	if isUTF16(src) {
		src = fromUTF16(src)
	} else if name := declared(src); name != "" && !bytes.HasPrefix(src, utf8BOM) {
		switch strings.NewReplacer("_", "-").Replace(strings.ToLower(name)) {
		case "utf-8", "utf8", "utf-8-sig", "utf-8-unix", "utf8-unix", "ascii", "us-ascii":
		case "latin-1", "latin1", "iso-8859-1", "iso8859-1", "iso-latin-1", "iso-8859-15", "iso8859-15", "latin-9":
			src = fromTable(src, nil)
		case "cp1252", "windows-1252", "1252":
			src = fromTable(src, &cp1252)
		default:
			return nil, fmt.Errorf("%w: %q is declared; save the file as UTF-8", ErrEncoding, name)
		}
	}
	if bytes.IndexByte(src, 0) >= 0 {
		return nil, fmt.Errorf("%w: it is no Python source, or UTF-16 without a byte order mark; save it as UTF-8", ErrBinary)
	}
	return repaired(src), nil
}

func declared(src []byte) string {
	src = bytes.TrimPrefix(src, utf8BOM)
	for range 2 {
		line, rest := src, []byte(nil)
		if i := bytes.IndexAny(src, "\r\n"); i >= 0 {
			line, rest = src[:i], src[i+1:]
			if src[i] == '\r' && len(rest) > 0 && rest[0] == '\n' {
				rest = rest[1:]
			}
		}
		if len(line) > 0 && bytes.IndexByte(line, '#') >= 0 {
			if m := cookie.FindSubmatch(line); m != nil {
				return string(m[1])
			}
		}
		if s := bytes.TrimLeft(line, " \t\f"); len(s) > 0 && s[0] != '#' {
			return "" // a first line of code rules out a cookie on the second
		}
		src = rest
	}
	return ""
}

func fromUTF16(src []byte) []byte {
	var order binary.ByteOrder = binary.LittleEndian
	if src[0] == 0xfe {
		order = binary.BigEndian
	}
	units := make([]uint16, 0, len(src)/2)
	for i := 2; i+1 < len(src); i += 2 {
		units = append(units, order.Uint16(src[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}

// cp1252 gives the characters 0x80 to 0x9f, where the encoding differs from Latin-1.
var cp1252 = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ',
}

func fromTable(src []byte, high *[32]rune) []byte {
	out := make([]byte, 0, len(src)+len(src)/8)
	for _, b := range src {
		switch {
		case b < 0x80:
			out = append(out, b)
		case high != nil && b < 0xa0:
			out = utf8.AppendRune(out, high[b-0x80])
		default:
			out = utf8.AppendRune(out, rune(b))
		}
	}
	return out
}

// repaired replaces, byte for byte, what the parser cannot take: a carriage return that ends a
// line by itself, and bytes that are no UTF-8. It copies only if there is any.
func repaired(src []byte) []byte {
	copied := false
	for i := 0; ; {
		j := bytes.IndexByte(src[i:], '\r')
		if j < 0 {
			break
		}
		i += j + 1
		if i < len(src) && src[i] == '\n' {
			continue
		}
		if !copied {
			src, copied = bytes.Clone(src), true
		}
		src[i-1] = '\n'
	}
	if utf8.Valid(src) {
		return src
	}
	if !copied {
		src = bytes.Clone(src)
	}
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && n == 1 {
			src[i] = '?'
		}
		i += n
	}
	return src
}
