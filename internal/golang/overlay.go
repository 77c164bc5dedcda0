package goscan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// overlay is a set of texts that stand in for files, in the form that the go command takes.
type overlay struct {
	dir   string            // holds the texts; removed by close
	names *strings.Replacer // gives the files their own names back, in JSON
	files map[string]string // the names of files, in JSON, by the folders that stand for them
}

// elsewhere matches the names of texts in any overlay. The go command keeps what vet printed by the
// content of the files: for a text that was analysed before it repeats the name that it had then.
var elsewhere = regexp.MustCompile(`[^"\s]*toctou-overlay-[0-9]+[/\\]+([0-9a-f]{16})[/\\]+[^"\s:/\\]+\.go`)

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
	o.files = map[string]string{}
	var names []string
	for file, text := range texts {
		sum := sha256.Sum256([]byte(file))
		folder := hex.EncodeToString(sum[:8])
		at := filepath.Join(dir, folder)
		stand := filepath.Join(at, filepath.Base(file)) // tests and platforms are told by the name
		if err := errors.Join(os.Mkdir(at, 0o700), os.WriteFile(stand, text, 0o600)); err != nil {
			return nil, errors.Join(fmt.Errorf("cannot lay out changed files for the go command: %w", err), o.close())
		}
		replace[file] = stand
		o.files[folder] = quoted(file)
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
	return elsewhere.ReplaceAllStringFunc(o.names.Replace(message), func(name string) string {
		if file, ok := o.files[elsewhere.FindStringSubmatch(name)[1]]; ok {
			return file
		}
		return name
	})
}
