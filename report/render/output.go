package render

import (
	"bufio"
	"fmt"
	"io"
)

// output is a buffered writer that remembers the first error, so that renderers need not.
type output struct{ w *bufio.Writer }

func newOutput(w io.Writer) *output { return &output{bufio.NewWriter(w)} }

func (o *output) print(parts ...string) {
	for _, s := range parts {
		_, _ = o.w.WriteString(s) // bufio keeps the error for close
	}
}

func (o *output) printf(format string, args ...any) { _, _ = fmt.Fprintf(o.w, format, args...) }

// close flushes and returns the first error of any write.
func (o *output) close() error { return o.w.Flush() }
