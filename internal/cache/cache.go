// Package cache keeps what earlier runs found out in the user's cache directory, each thing under
// the hash of all that it was made from.
//
// It is only ever a shortcut: an entry that is missing, damaged or of another version counts as
// not there, and a directory that cannot be written to means that nothing is kept. Several
// processes may use one directory at the same time. The package knows nothing of what it keeps.
package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// MaxBytes is what the directory may hold; entries that have not been used for longest go first.
	MaxBytes = 512 << 20
	maxEntry = 128 << 20 // a larger entry is not kept

	trimEvery = time.Hour        // how often a run looks at the size of the directory
	lockAge   = 10 * time.Minute // a lock that is older was left behind by a process that died
	freshen   = time.Hour        // an entry's time of use is noted this often
)

// magic begins every entry; it changes with the form of entries.
var magic = []byte("toctou cache 1\n")

// Key is the hash of all that an entry was made from.
type Key [sha256.Size]byte

// Hasher makes a Key from parts. The zero value is not usable; call NewHasher.
type Hasher struct{ h hash.Hash }

// NewHasher starts a key with the kind of entry, which keeps kinds apart.
func NewHasher(kind string) *Hasher {
	h := &Hasher{sha256.New()}
	h.Add([]byte(kind))
	return h
}

// Add adds one part. Parts do not run into each other.
func (h *Hasher) Add(part []byte) {
	var size [8]byte
	binary.LittleEndian.PutUint64(size[:], uint64(len(part)))
	h.h.Write(size[:])
	h.h.Write(part)
}

// Key is the key of what has been added.
func (h *Hasher) Key() (k Key) {
	h.h.Sum(k[:0])
	return k
}

// Store is a directory of entries. A nil Store keeps nothing.
type Store struct {
	dir     string
	limit   int64
	written atomic.Int64
}

// Open opens the store in dir, or in the user's cache directory if dir is empty. Nothing is
// created before something is kept.
func Open(dir string) (*Store, error) {
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("no cache directory: %w", err)
		}
		dir = filepath.Join(base, "toctou")
	}
	if !filepath.IsAbs(dir) {
		return nil, fmt.Errorf("cache directory %q is not absolute", dir)
	}
	return &Store{dir: dir, limit: MaxBytes}, nil
}

func (s *Store) file(k Key) string {
	name := hex.EncodeToString(k[:])
	return filepath.Join(s.dir, name[:2], name[2:])
}

// Get returns what was kept under the key, or nil.
func (s *Store) Get(k Key) []byte {
	if s == nil {
		return nil
	}
	name := s.file(k)
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxEntry {
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	data, ok := open(text)
	if !ok {
		_ = os.Remove(name) // damaged: the next run writes it anew
		return nil
	}
	if now := time.Now(); now.Sub(info.ModTime()) > freshen {
		_ = os.Chtimes(name, now, now) // fails on a directory that is only read
	}
	return data
}

// open takes the data out of an entry, if it is whole.
func open(text []byte) ([]byte, bool) {
	head := len(magic) + sha256.Size
	if len(text) < head || !bytes.HasPrefix(text, magic) {
		return nil, false
	}
	data := text[head:]
	sum := sha256.Sum256(data)
	return data, bytes.Equal(sum[:], text[len(magic):head])
}

// Put keeps data under the key. Readers see the old entry or the new one, never a part.
func (s *Store) Put(k Key, data []byte) error {
	if s == nil || len(data) > maxEntry {
		return nil
	}
	name := s.file(k)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "new-*")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	_, err = f.Write(slices.Concat(magic, sum[:]))
	if err == nil {
		_, err = f.Write(data)
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	s.written.Add(int64(len(data)))
	return nil
}

// Trim removes the entries that have not been used for longest until the directory holds no more
// than it may. It does nothing if nothing was kept, or if it was done a short while ago, or if
// another process is at it. Call it at the end of a run.
func (s *Store) Trim() error {
	if s == nil || s.written.Swap(0) == 0 {
		return nil
	}
	mark := filepath.Join(s.dir, "trimmed")
	if info, err := os.Stat(mark); err == nil && time.Since(info.ModTime()) < trimEvery {
		return nil
	}
	unlock, ok := s.lock()
	if !ok {
		return nil
	}
	defer unlock()
	err := s.trim()
	return errors.Join(err, os.WriteFile(mark, nil, 0o600))
}

// lock keeps other processes from trimming at the same time.
func (s *Store) lock() (unlock func(), ok bool) {
	name := filepath.Join(s.dir, "lock")
	if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > lockAge {
		_ = os.Remove(name)
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, false
	}
	return func() {
		_ = f.Close()
		_ = os.Remove(name)
	}, true
}

func (s *Store) trim() error {
	type entry struct {
		name string
		size int64
		used time.Time
	}
	var list []entry
	var total int64
	err := filepath.WalkDir(s.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Dir(name) == s.dir {
			return nil //nolint:nilerr // what has gone or cannot be read needs no trimming
		}
		if info, err := d.Info(); err == nil {
			list = append(list, entry{name, info.Size(), info.ModTime()})
			total += info.Size()
		}
		return nil
	})
	slices.SortFunc(list, func(a, b entry) int { return a.used.Compare(b.used) })
	for _, e := range list {
		if total <= s.limit {
			break
		}
		if os.Remove(e.name) == nil {
			total -= e.size
		}
	}
	return err
}
