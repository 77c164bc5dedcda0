package audit

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/toctou-lint/toctou/internal/atomicity"
	"github.com/toctou-lint/toctou/internal/cache"
	"github.com/toctou-lint/toctou/internal/suppress"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/report"
)

// judged is what one front end and the judge found: all that the rest of a run needs to know of
// the sources, in a form that can be kept.
type judged struct {
	part
	Missing    bool // nothing of the language could be read
	Files      int
	Irrelevant int
	Aside      int
	Unread     []report.Skipped
	LeftOut    []report.Skipped
	Skipped    []report.Skipped
	Patterns   []report.FilePattern
	Databases  []report.DatabaseUse
	Frameworks []string
	Comments   []suppress.Comment
}

// judge runs a front end and judges what it found, or recalls what an earlier run made of the same
// files and settings. Go has the cache of go vet: its packages depend on files outside the scope.
func judge(ctx context.Context, scan func(context.Context, scope) (*scanned, error), s scope, disabled map[string]bool, store *cache.Store) (*judged, error) {
	var key cache.Key
	if store != nil {
		var err error
		if key, err = s.key(ctx, disabled); err != nil {
			return nil, err
		}
		if out := recall[judged](store.Get(key)); out != nil && out.Output != nil {
			for range s.files {
				s.read()
			}
			return out, nil
		}
	}
	res, err := scan(ctx, s)
	if err != nil {
		return nil, err
	}
	out := &judged{
		Missing: res.missing, Files: res.files, Irrelevant: res.irrelevant, Aside: res.aside, Unread: res.unread, LeftOut: res.leftOut, Skipped: res.skipped, Patterns: res.patterns,
		Databases: res.databases, Frameworks: res.frameworks, Comments: res.comments,
	}
	parts, err := s.units(ctx, res, disabled, store)
	if err != nil {
		return nil, err
	}
	if res.output != nil {
		rest := &part{Output: res.output, Functions: res.functions, Partial: res.partial}
		if !disabled[atomicity.Rule] {
			rest.Atomic = atomicity.Check(res.program, res.comments, s.tree.text)
		}
		parts = append(parts, rest)
	}
	out.part = *join(parts)
	if store != nil && ctx.Err() == nil {
		keep(store, key, out)
	}
	return out, nil
}

// key is the hash of all that the findings depend on: the tool, the settings, and the name, import
// root and text of every file.
func (s *scope) key(ctx context.Context, disabled map[string]bool) (cache.Key, error) {
	h, err := s.hasher("findings", disabled)
	if err != nil {
		return cache.Key{}, err
	}
	h.Add(fmt.Append(nil, s.services))
	roots := importRoots(s.tree.root, s.files, s.services)
	for i, sum := range s.sums(ctx) {
		h.Add([]byte(s.files[i].Rel))
		h.Add([]byte(roots[i]))
		h.Add(sum[:])
	}
	return h.Key(), ctx.Err()
}

// hasher starts a key with the tool and the settings.
func (s *scope) hasher(kind string, disabled map[string]bool) (*cache.Hasher, error) {
	h := cache.NewHasher(kind)
	h.Add([]byte(identity()))
	settings, err := yaml.Marshal(s.cfg)
	if err != nil {
		return nil, err
	}
	h.Add(settings)
	h.Add(fmt.Append(nil, disabled, s.tests, s.brief)) // maps are printed in order
	return h, nil
}

// sums hashes the files, several at a time. A file that cannot be read counts by the reason.
func (s *scope) sums(ctx context.Context) [][sha256.Size]byte {
	out := make([][sha256.Size]byte, len(s.files))
	jobs := s.jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	var wg sync.WaitGroup
	for w := range min(jobs, len(s.files)) {
		wg.Go(func() {
			for i := w; i < len(s.files) && ctx.Err() == nil; i += jobs {
				text, err := s.tree.read(s.files[i].Rel)
				if err != nil {
					text = append([]byte("unreadable\x00"), err.Error()...)
				}
				out[i] = sha256.Sum256(text)
			}
		})
	}
	wg.Wait()
	return out
}

// identity tells this build of the tool from any other, by the size and time of the program's
// file; "" if it cannot, and then nothing may be recalled.
var identity = sync.OnceValue(func() string {
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(exe)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s %s/%s %d %d, modules %d", runtime.Version(), runtime.GOOS, runtime.GOARCH, info.Size(), info.ModTime().UnixNano(), ir.Format)
})

// keep puts a result under the key, in a form that recall reads.
func keep(store *cache.Store, key cache.Key, result any) {
	text, err := json.Marshal(result)
	if err != nil || bytes.Contains(text, []byte(`\ufffd`)) {
		return // a string that is no UTF-8, perhaps a file's name, would come back as another
	}
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		return
	}
	if _, err := w.Write(text); err != nil || w.Close() != nil {
		return
	}
	_ = store.Put(key, out.Bytes()) // a full or read-only disk costs time, not the result
}

// maxRecalled bounds what a kept result may unpack to.
const maxRecalled = 1 << 30

// recall reads what keep wrote; nil if there is nothing.
func recall[T any](data []byte) *T {
	if data == nil {
		return nil
	}
	var out T
	if json.NewDecoder(io.LimitReader(flate.NewReader(bytes.NewReader(data)), maxRecalled)).Decode(&out) != nil {
		return nil
	}
	return &out
}

// packs keeps modules under the absolute path of their folder.
type packs struct {
	store *cache.Store
	root  string
}

func (p packs) key(folder string) cache.Key {
	h := cache.NewHasher("modules")
	h.Add([]byte(identity()))
	h.Add([]byte(filepath.Join(p.root, filepath.FromSlash(folder))))
	return h.Key()
}

func (p packs) Load(folder string) []byte { return p.store.Get(p.key(folder)) }

func (p packs) Save(folder string, pack []byte) {
	_ = p.store.Put(p.key(folder), pack) // a full or read-only disk costs time, not the result
}
