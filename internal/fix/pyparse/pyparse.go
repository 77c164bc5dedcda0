// Package pyparse checks that a changed Python file still is Python: by the parser of this project,
// and by the newest Python at hand, which parses the text on its standard input and runs none of it.
//
// It changes nothing and reads no file.
package pyparse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// Parses says for each changed text why it is no longer Python. The newest Python in PATH is asked
// too, if there is one; it parses the texts and runs none of them. A file that this Python did not
// understand before the change is left to the parser of this project.
func Parses(ctx context.Context, changes []fix.Change) []error {
	out := make([]error, len(changes))
	var texts [][]byte
	var of []int
	for i, c := range changes {
		if out[i] = parse(c.After); out[i] == nil {
			texts, of = append(texts, c.After), append(of, i)
		}
	}
	python := newestPython()
	if python == "" {
		return out
	}
	var doubtful [][]byte
	var errs []error
	var ofDoubt []int
	for i, err := range ask(ctx, python, texts) {
		if err != nil {
			doubtful, errs, ofDoubt = append(doubtful, changes[of[i]].Before), append(errs, err), append(ofDoubt, of[i])
		}
	}
	for i, err := range ask(ctx, python, doubtful) {
		if err == nil {
			out[ofDoubt[i]] = errs[i]
		}
	}
	return out
}

func parse(text []byte) error {
	tree, err := syntax.Parse(text)
	if err != nil {
		return err
	}
	if d := tree.Damaged(); len(d) > 0 {
		line, _ := tree.Position(d[0].Start)
		return fmt.Errorf("syntax error at line %d", line)
	}
	return nil
}

// newestPython is the path of the newest python3, "" if there is none.
var newestPython = sync.OnceValue(func() string {
	for minor := 20; minor >= 8; minor-- {
		if path, err := exec.LookPath(fmt.Sprintf("python3.%d", minor)); err == nil {
			return path
		}
	}
	path, err := exec.LookPath("python3")
	if err != nil {
		return ""
	}
	return path
})

// parseOnly is the whole program that runs: it reads source texts, each after its length on a line
// of its own, and parses them. For each it prints a line: what is wrong, or nothing.
const parseOnly = `import ast, sys, warnings
warnings.simplefilter("ignore")
stream = sys.stdin.buffer
for size in iter(stream.readline, b""):
    try:
        ast.parse(stream.read(int(size)))
        print(flush=True)
    except Exception as error:
        print(type(error).__name__ + ":", ascii(str(error))[1:-1] or "?", flush=True)
`

// ask lets Python parse texts. A Python that does not start, or gives no answer, is no judge.
func ask(ctx context.Context, python string, texts [][]byte) []error {
	out := make([]error, len(texts))
	if len(texts) == 0 {
		return out
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var in bytes.Buffer
	for _, text := range texts {
		fmt.Fprintln(&in, len(text))
		in.Write(text)
	}
	cmd := exec.CommandContext(ctx, python, "-I", "-S", "-c", parseOnly) // -I -S: no site packages, no environment, no current folder
	cmd.Stdin = &in
	cmd.WaitDelay = time.Second
	answer, _ := cmd.Output()
	for i, line := range strings.Split(strings.TrimSuffix(string(answer), "\n"), "\n") {
		if line = strings.TrimSpace(line); line != "" && i < len(out) {
			out[i] = errors.New(line)
		}
	}
	return out
}
