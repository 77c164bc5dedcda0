package cache

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func keyOf(parts ...string) Key {
	h := NewHasher("test")
	for _, p := range parts {
		h.Add([]byte(p))
	}
	return h.Key()
}

func store(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestKeys(t *testing.T) {
	if keyOf("ab", "c") == keyOf("a", "bc") || keyOf("a") == keyOf("a", "") {
		t.Error("parts run into each other")
	}
	if NewHasher("x").Key() == NewHasher("y").Key() {
		t.Error("kinds are not kept apart")
	}
}

func TestPutGet(t *testing.T) {
	s := store(t)
	if got := s.Get(keyOf("a")); got != nil {
		t.Errorf("got %q from an empty store", got)
	}
	for _, data := range []string{"one", "two"} {
		if err := s.Put(keyOf("a"), []byte(data)); err != nil {
			t.Fatal(err)
		}
		if got := s.Get(keyOf("a")); string(got) != data {
			t.Errorf("got %q, want %q", got, data)
		}
	}
	if got := s.Get(keyOf("b")); got != nil {
		t.Errorf("another key gives %q", got)
	}
}

func TestNilStore(t *testing.T) {
	var s *Store
	if err := s.Put(keyOf("a"), []byte("x")); err != nil || s.Get(keyOf("a")) != nil || s.Trim() != nil {
		t.Error("a nil store keeps something")
	}
}

func TestDamage(t *testing.T) {
	data := bytes.Repeat([]byte("data "), 100)
	whole := func(text []byte) []byte { return text }
	cases := map[string]func([]byte) []byte{
		"empty":     func([]byte) []byte { return nil },
		"cut":       func(text []byte) []byte { return text[:len(text)/2] },
		"head only": func(text []byte) []byte { return text[:20] },
		"flipped":   func(text []byte) []byte { text[len(text)-3] ^= 1; return text },
		"sum":       func(text []byte) []byte { text[len(magic)] ^= 1; return text },
		"version":   func(text []byte) []byte { return append([]byte("toctou cache 0\n"), text[len(magic):]...) },
		"longer":    func(text []byte) []byte { return append(text, 0) },
		"whole":     whole,
	}
	for name, damage := range cases {
		t.Run(name, func(t *testing.T) {
			s := store(t)
			if err := s.Put(keyOf("a"), data); err != nil {
				t.Fatal(err)
			}
			file := s.file(keyOf("a"))
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, damage(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := s.Get(keyOf("a")); (got != nil) != (name == "whole") {
				t.Errorf("got %d bytes", len(got))
			}
		})
	}
}

func TestUnwritable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(filepath.Join(file, "below"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Put(keyOf("a"), []byte("x")) == nil {
		t.Error("no error where nothing can be kept")
	}
	if s.Get(keyOf("a")) != nil {
		t.Error("something is kept")
	}
}

// TestTrim: what has not been used for longest goes first, and only as much as is needed.
func TestTrim(t *testing.T) {
	s := store(t)
	s.limit = 5 * 1100
	for i := range 10 {
		k := keyOf(fmt.Sprint(i))
		if err := s.Put(k, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		used := time.Now().Add(time.Duration(i-20) * time.Hour)
		if err := os.Chtimes(s.file(k), used, used); err != nil {
			t.Fatal(err)
		}
	}
	if s.Get(keyOf("0")) == nil { // used again
		t.Fatal("lost before trimming")
	}
	if err := s.Trim(); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if got, want := s.Get(keyOf(fmt.Sprint(i))) != nil, i == 0 || i >= 6; got != want {
			t.Errorf("entry %d kept: %v, want %v", i, got, want)
		}
	}
	if err := s.Put(keyOf("x"), make([]byte, 6000)); err != nil {
		t.Fatal(err)
	}
	if err := s.Trim(); err != nil || s.Get(keyOf("9")) == nil {
		t.Errorf("trimmed again within the hour (%v)", err)
	}
}

func TestTrimLocked(t *testing.T) {
	s := store(t)
	s.limit = 1
	if err := s.Put(keyOf("a"), []byte("data")); err != nil {
		t.Fatal(err)
	}
	unlock, ok := s.lock()
	if !ok {
		t.Fatal("no lock")
	}
	if err := s.Trim(); err != nil || s.Get(keyOf("a")) == nil {
		t.Errorf("trimmed under another's lock (%v)", err)
	}
	unlock()
	old := time.Now().Add(-2 * lockAge)
	name := filepath.Join(s.dir, "lock")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(name, old, old); err != nil {
		t.Fatal(err)
	}
	if unlock, ok := s.lock(); !ok {
		t.Error("a lock that was left behind is honoured for ever")
	} else {
		unlock()
	}
}

// TestConcurrent: readers see whole entries whatever writers do.
func TestConcurrent(t *testing.T) {
	s := store(t)
	k := keyOf("a")
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for range 50 {
				if err := s.Put(k, bytes.Repeat([]byte{byte('a' + w)}, 5000)); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for range 50 {
				if got := s.Get(k); got != nil && (len(got) != 5000 || bytes.Count(got, got[:1]) != 5000) {
					t.Errorf("a part of an entry: %d bytes", len(got))
				}
			}
		})
	}
	wg.Wait()
}
