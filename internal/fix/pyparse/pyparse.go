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

	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// Parses says why a changed text is no longer Python. The newest Python in PATH is asked too, if
// there is one; it parses the text and runs none of it. A file that this Python did not understand
// before the change is left to the parser of this project.
func Parses(ctx context.Context, before, after []byte) error {
	tree, err := syntax.Parse(after)
	if err != nil {
		return err
	}
	if d := tree.Damaged(); len(d) > 0 {
		line, _ := tree.Position(d[0].Start)
		return fmt.Errorf("syntax error at line %d", line)
	}
	python := newestPython()
	if python == "" {
		return nil
	}
	if err := ask(ctx, python, after); err != nil && ask(ctx, python, before) == nil {
		return err
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

// parseOnly is the whole program that runs: it reads source text and parses it.
const parseOnly = "import ast, sys; ast.parse(sys.stdin.buffer.read())"

func ask(ctx context.Context, python string, text []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "-I", "-c", parseOnly) // -I: no site packages, no environment, no current folder
	cmd.Stdin = bytes.NewReader(text)
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if _, failed := errors.AsType[*exec.ExitError](err); failed && ctx.Err() == nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return errors.New(lines[len(lines)-1])
	}
	return ctx.Err() // a Python that does not start is no judge
}
