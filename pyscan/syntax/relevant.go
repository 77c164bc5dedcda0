package syntax

import "bytes"

// markers are the words without which a file can neither suspend, start a task nor run in a
// thread that it has not been handed.
var markers = [][]byte{
	[]byte("async"), []byte("await"), []byte("threading"), []byte("create_task"), []byte("fastapi"),
	[]byte("starlette"), []byte("executor"), []byte("anyio"), []byte("trio"),
}

// Relevant reports whether src mentions anything that makes it worth parsing for its own sake: one
// of the markers, or of the further words. A file that is not relevant may still define what a
// relevant file imports.
func Relevant(src []byte, words ...string) bool {
	if isUTF16(src) || bytes.IndexByte(src, 0) >= 0 {
		return true // rare, and the words may not be there as bytes: Parse reads it or says why not
	}
	if marked(src) {
		return true
	}
	for _, w := range words {
		if bytes.Contains(src, []byte(w)) {
			return true
		}
	}
	return false
}

// window is how many bytes marked looks at: no marker is shorter.
const window = 4

// skips tells, by the last two bytes of a window, how far it can be moved on so that it does not pass a marker: 0 if a marker
// may begin where it begins. One number stands for several pairs of bytes.
var skips = func() (t [1 << 12]uint8) {
	for i := range t {
		t[i] = window - 1
	}
	for _, m := range markers {
		for i := 1; i < window; i++ {
			at := &t[pair(m[i-1], m[i])]
			*at = min(*at, uint8(window-1-i))
		}
	}
	return t
}()

func pair(a, b byte) int { return (int(a)<<5 ^ int(b)) & (1<<12 - 1) }

// marked reports whether there is a marker in src. It looks for all of them at once.
func marked(src []byte) bool {
	for i := window - 1; i < len(src); {
		if skip := skips[pair(src[i-1], src[i])]; skip > 0 {
			i += int(skip)
			continue
		}
		rest := src[i-(window-1):]
		for _, m := range markers {
			if bytes.HasPrefix(rest, m) {
				return true
			}
		}
		i++
	}
	return false
}
