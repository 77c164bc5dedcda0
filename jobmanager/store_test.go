package jobmanager_test

import (
	"path/filepath"
	"testing"

	"github.com/toctou-lint/toctou/jobmanager"
	"github.com/toctou-lint/toctou/jobmanager/storetest"
)

func TestMemoryConforms(t *testing.T) {
	storetest.Conform(t, func(*testing.T) jobmanager.Store { return storetest.NewMemory() })
}

func TestSQLiteConforms(t *testing.T) {
	storetest.Conform(t, func(t *testing.T) jobmanager.Store {
		t.Helper()
		return openSQLite(t)
	})
}

// openSQLite opens a fresh file whose name would break a careless DSN.
func openSQLite(tb testing.TB, pragmas ...string) *jobmanager.SQLiteStore {
	tb.Helper()
	store, err := jobmanager.OpenSQLite(tb.Context(), filepath.Join(tb.TempDir(), "a b?c=d%20#e.db"), pragmas...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := store.Close(); err != nil {
			tb.Error(err)
		}
	})
	return store
}
