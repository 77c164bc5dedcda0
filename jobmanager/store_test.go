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
	storetest.Conform(t, func(t *testing.T) jobmanager.Store { return openSQLite(t) })
}

// openSQLite opens a fresh file whose name would break a careless DSN.
func openSQLite(t testing.TB, pragmas ...string) *jobmanager.SQLiteStore {
	t.Helper()
	store, err := jobmanager.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "a b?c=d%20#e.db"), pragmas...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}
