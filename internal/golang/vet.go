package goscan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/analyzers"
	"github.com/toctou-lint/toctou/analyzers/vettool"
)

// diagnostic is what go vet -json prints of one, in brief.
type diagnostic struct {
	Message string `json:"message"`
}

// everything are the packages of a folder and those below it.
var everything = []string{"./..."}

// vet runs go vet with this binary as its tool. why says, if it is not empty, that vet could not
// load the packages, so that nothing was analysed.
func vet(ctx context.Context, dir string, opt Options, c *collector) (why string, err error) {
	c.scope.begin()
	if why, err := goVet(ctx, dir, opt, c, everything); why != "" || err != nil {
		return why, err
	}
	missed := c.scope.missed(dir)
	if len(missed) == 0 {
		return "", nil
	}
	opt.Flags = append(slices.Clip(opt.Flags), vettool.Whole)
	why, err = goVet(ctx, dir, opt, c, missed)
	if why != "" {
		c.skip(dir, why)
	}
	return "", err
}

// goVet runs go vet over some packages.
func goVet(ctx context.Context, dir string, opt Options, c *collector, patterns []string) (why string, err error) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return "", ErrNoGo
	}
	self := opt.Self
	if self == "" {
		if self, err = os.Executable(); err != nil {
			return "", fmt.Errorf("cannot find the path of this program, which go vet needs: %w", err)
		}
	}
	args := append([]string{"vet", "-vettool=" + self, "-json"}, analyzers.RichFlags()...)
	if c.overlay != nil {
		args = append(args, "-overlay="+c.overlay.file())
	}
	args = append(args, settings(opt)...)
	args = append(args, patterns...)
	cmd := exec.CommandContext(ctx, goTool, args...)
	cmd.Dir = dir
	cmd.Env = environment(opt.Env)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	runErr := cmd.Run()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	n, err := c.stream(&stdout)
	if err != nil {
		return "", err
	}
	m, err := c.stream(bytes.NewReader(onlyJSON(stderr.Bytes())))
	if err != nil {
		return "", err
	}
	var exit *exec.ExitError
	switch {
	case runErr == nil:
		c.broken(stderr.String())
		return "", nil
	case !errors.As(runErr, &exit):
		return "", fmt.Errorf("go vet: %w", runErr)
	case n+m == 0 && !strings.Contains("\n"+stderr.String(), "\n# "):
		text := strings.TrimSpace(stderr.String())
		if strings.Contains(text, "matched no packages") || strings.Contains(text, "no packages to vet") {
			return "", nil
		}
		if text == "" {
			text = runErr.Error()
		}
		return text, nil
	}
	c.broken(stderr.String())
	return "", nil
}

// onlyJSON drops the lines in which the go command names packages.
func onlyJSON(b []byte) []byte {
	if !bytes.Contains(b, []byte("{")) {
		return nil
	}
	var out bytes.Buffer
	depth := 0
	for line := range bytes.Lines(b) {
		if depth == 0 && !bytes.HasPrefix(line, []byte("{")) {
			continue
		}
		switch {
		case bytes.HasPrefix(line, []byte("{")):
			depth = 1
		case bytes.HasPrefix(line, []byte("}")):
			depth = 0
		}
		if bytes.HasPrefix(line, []byte("{}")) {
			depth = 0
		}
		out.Write(line)
	}
	return out.Bytes()
}

// stream reads concatenated objects {package: {analyzer: [diagnostic] | {"error": …}}}.
func (c *collector) stream(r io.Reader) (packages int, err error) {
	dec := json.NewDecoder(r)
	for {
		var tree map[string]map[string]json.RawMessage
		switch err := dec.Decode(&tree); {
		case errors.Is(err, io.EOF):
			return packages, nil
		case err != nil:
			return packages, fmt.Errorf("cannot read the output of go vet: %w", err)
		}
		for pkg, byAnalyzer := range tree {
			packages++
			for _, raw := range byAnalyzer {
				if err := c.diagnostics(pkg, raw); err != nil {
					return packages, err
				}
			}
		}
	}
}

func (c *collector) diagnostics(pkg string, raw json.RawMessage) error {
	var list []diagnostic
	if json.Unmarshal(raw, &list) != nil {
		var failed struct{ Error string }
		if json.Unmarshal(raw, &failed) == nil && failed.Error != "" {
			c.skip(pkg, failed.Error)
		}
		return nil
	}
	for _, d := range list {
		if err := c.message(pkg, d.Message); err != nil {
			return err
		}
	}
	return nil
}

var (
	vetError  = regexp.MustCompile(`(?m)^vet: (.+?\.go):\d+:\d+: (.+)$`)
	compError = regexp.MustCompile(`(?m)^(\S+?\.go):\d+(?::\d+)?: (.+)$`)
)

// broken lists the packages that do not type-check.
func (c *collector) broken(stderr string) {
	for _, re := range []*regexp.Regexp{vetError, compError} {
		for _, m := range re.FindAllStringSubmatch(stderr, -1) {
			c.skip(m[1], "its package does not type-check: "+m[2])
		}
	}
}
