package goscan

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// overlay is a set of texts that stand in for files, in the form that the go command takes.
type overlay struct {
	dir   string            // holds the texts; removed by close
	names *strings.Replacer // gives the files their own names back, in JSON
}

// newOverlay writes texts, by absolute file name, where the go command finds them. It is nil if
// there are none.
func newOverlay(texts map[string][]byte) (*overlay, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	dir, err := os.MkdirTemp("", "toctou-overlay-")
	if err != nil {
		return nil, fmt.Errorf("cannot lay out changed files for the go command: %w", err)
	}
	o := &overlay{dir: dir}
	// The go command names files with all links resolved.
	if resolved, err := filepath.EvalSymlinks(dir); err == nil {
		dir = resolved
	}
	replace := map[string]string{}
	var names []string
	for file, text := range texts {
		at := filepath.Join(dir, strconv.Itoa(len(replace)))
		stand := filepath.Join(at, filepath.Base(file)) // tests and platforms are told by the name
		if err := errors.Join(os.Mkdir(at, 0o700), os.WriteFile(stand, text, 0o600)); err != nil {
			return nil, errors.Join(fmt.Errorf("cannot lay out changed files for the go command: %w", err), o.close())
		}
		replace[file] = stand
		names = append(names, quoted(stand), quoted(file))
	}
	o.names = strings.NewReplacer(names...)
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, errors.Join(err, o.close())
	}
	if err := os.WriteFile(o.file(), data, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot lay out changed files for the go command: %w", err), o.close())
	}
	return o, nil
}

// quoted is a file name as it is inside a JSON string.
func quoted(name string) string {
	data, err := json.Marshal(name)
	if err != nil {
		return name
	}
	return strings.Trim(string(data), `"`)
}

func (o *overlay) file() string { return filepath.Join(o.dir, "overlay.json") }

func (o *overlay) close() error { return os.RemoveAll(o.dir) }

// original gives the files in a message their own names back.
func (o *overlay) original(message string) string {
	if o == nil {
		return message
	}
	return o.names.Replace(message)
}
