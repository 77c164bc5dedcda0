package audit_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/cache"
	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/walk"
)

// auditOf runs the audit of a tree and gives it in the form that users get.
func auditOf(t *testing.T, root string, store *cache.Store, change func(*audit.Request)) []byte {
	t.Helper()
	cfg, err := config.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	req := audit.Request{Paths: []string{root}, Config: cfg, Languages: []string{walk.Python}, Store: store}
	if change != nil {
		change(&req)
	}
	a, err := audit.Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(a, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func openStore(t *testing.T) (*cache.Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := cache.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func platformCopy(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(platform)); err != nil {
		t.Fatal(err)
	}
	return root
}

func pythonFiles(t *testing.T, root string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".py" {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// edit changes the tree in one of the ways in which trees change.
func edit(t *testing.T, root string, r *rand.Rand, round int) {
	t.Helper()
	files := pythonFiles(t, root)
	name := files[r.IntN(len(files))]
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	at := r.IntN(len(lines))
	switch r.IntN(8) {
	case 0: // all positions below move
		lines = slices.Insert(lines, at, []byte("# line "+strconv.Itoa(round)+"\n"))
	case 1:
		lines = slices.Delete(lines, at, min(at+3, len(lines)))
	case 2: // somebody new acts on what others check
		lines = append(lines, []byte("\n\nasync def added"+strconv.Itoa(round)+"(service):\n    if service._pool is None:\n        service._pool = await service.connect()\n"))
	case 3:
		lines = slices.Insert(lines, at, []byte("# toctou: ignore[checkthenact] because of round "+strconv.Itoa(round)+"\n"))
	case 4: // the same text under another name
		name = filepath.Join(filepath.Dir(name), "copied"+strconv.Itoa(round)+".py")
	case 5:
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		return
	case 6: // half-written
		lines = lines[:at]
	case 7:
		lines = slices.Insert(lines, 0, []byte("import asyncio\n"))
	}
	if err := os.WriteFile(name, bytes.Join(lines, nil), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestCacheChangesNothing: after any edit a run that recalls what it can tells the same as one that
// recalls nothing, and so does the run after it.
func TestCacheChangesNothing(t *testing.T) {
	rounds := 25
	if testing.Short() {
		rounds = 5
	}
	root := platformCopy(t)
	store, dir := openStore(t)
	r := rand.New(rand.NewPCG(7, 8))
	for round := range rounds {
		want := auditOf(t, root, nil, nil)
		for run := range 2 {
			if got := auditOf(t, root, store, nil); !bytes.Equal(got, want) {
				t.Fatalf("round %d, run %d: the cache changes the result", round, run)
			}
		}
		if round%5 == 4 {
			damage(t, dir, r)
		}
		edit(t, root, r, round)
	}
}

// damage spoils some entries of a cache.
func damage(t *testing.T, dir string, r *rand.Rand) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || r.IntN(3) > 0 {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || len(text) == 0 {
			return err
		}
		text[r.IntN(len(text))] ^= 0x20
		return os.WriteFile(path, text[:len(text)-r.IntN(2)], 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCacheKnowsSettings: what changes findings changes the key.
func TestCacheKnowsSettings(t *testing.T) {
	root := platformCopy(t)
	store, _ := openStore(t)
	for _, change := range []func(*audit.Request){
		nil,
		func(r *audit.Request) { r.Config.Latent = "hidden" },
		func(r *audit.Request) { r.Config.Concurrency = "preemptive" },
		func(r *audit.Request) { r.Config.Select = []string{"untrackedtask"} },
		func(r *audit.Request) { r.Config.Ignore = []string{"untrackedtask"} },
		func(r *audit.Request) { r.Config.Services = []config.Service{{Dir: "services"}} },
		func(r *audit.Request) { r.Config.Models.Trackers = []string{"create_task"} },
		func(r *audit.Request) { r.Config.Python = "3.12" },
	} {
		if got, want := auditOf(t, root, store, change), auditOf(t, root, nil, change); !bytes.Equal(got, want) {
			t.Error("another setting gets the result of an earlier one")
		}
	}
}

// TestCacheIsUsed: the second run neither parses nor links.
func TestCacheIsUsed(t *testing.T) {
	root := platformCopy(t)
	store, dir := openStore(t)
	auditOf(t, root, store, nil)
	before := entries(t, dir)
	if len(before) < 2 {
		t.Fatalf("%d entries after the first run", len(before))
	}
	auditOf(t, root, store, nil)
	if after := entries(t, dir); !slices.Equal(before, after) {
		t.Errorf("a run over an unchanged tree makes %d entries of %d", len(after), len(before))
	}
	for _, name := range pythonFiles(t, root) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte("async def")) {
			continue // its folder may have no pack yet
		}
		if err := os.WriteFile(name, append(text, "# edited\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
		break
	}
	auditOf(t, root, store, nil)
	// A pack in place of the old one, and two results: of the file's service, and of the whole. The
	// twelve other services were not linked again.
	if after := entries(t, dir); len(after) != len(before)+2 {
		t.Errorf("an edit of one file makes %d entries of %d, want two more", len(after), len(before))
	}
}

func entries(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			info, err := d.Info()
			if err != nil {
				return err
			}
			list = append(list, path+" "+info.ModTime().String())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
