package goscan

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
)

const inventorySource = `package app

import (
	"database/sql"
	"sync"
)

type repo struct {
	mu   sync.Mutex
	seen map[string]int
	all  sync.Map
	db   *sql.DB
}

func open() (*sql.DB, error) { return sql.Open("x", "y") }

func (r *repo) Note(k string) {
	r.mu.Lock()
	r.seen[k]++
	r.mu.Unlock()

	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.seen) > 100 {
		r.seen = map[string]int{}
	}
	r.all.Store(k, 1)
}

func (r *repo) Move(id int) error {
	tx, err := r.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.Exec("UPDATE t SET n = n + 1 WHERE id = $1", id); err != nil {
		return err
	}
	return tx.Commit()
}
`

// TestInventory: what a scan tells of databases, locks and patterns besides findings.
func TestInventory(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module app\n\ngo 1.24\n", "app.go": inventorySource})
	res, err := Scan(context.Background(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range res.Databases {
		got = append(got, fmt.Sprintf("%s:%d %s %s", filepath.Base(d.File), d.Line, d.Function, d.Kind))
	}
	for _, l := range res.Locks {
		got = append(got, fmt.Sprintf("%s guards %v, held %d", l.Name, l.Guards, l.Holders))
		for _, s := range l.Sections {
			got = append(got, fmt.Sprintf("%s %d-%d", s.Function, s.Line, s.EndLine))
		}
	}
	for _, p := range res.Patterns {
		got = append(got, fmt.Sprint(p.Patterns))
	}
	want := []string{
		"app.go:15 open pool", "app.go:31 repo.Move transaction", "app.go:35 repo.Move rollback", "app.go:36 repo.Move computed write", "app.go:39 repo.Move commit",
		"r.mu guards [r.all r.seen], held 2", "repo.Note 18-20", "repo.Note 22-28",
		"map[Lock:2 sync.Map:1]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
