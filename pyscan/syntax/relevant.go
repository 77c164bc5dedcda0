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
	for _, m := range markers {
		if bytes.Contains(src, m) {
			return true
		}
	}
	for _, w := range words {
		if bytes.Contains(src, []byte(w)) {
			return true
		}
	}
	return false
}
