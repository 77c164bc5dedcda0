package jobmanager

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	_ "modernc.org/sqlite" // the driver "sqlite", without cgo
)

// OpenSQLite opens the database file at path, made if need be, and returns the store on it; close the store after
// Shutdown.
//
// A commit survives the death of the process. It survives a power cut too, since synchronous is FULL, which costs a
// sync of the disk for each. With the pragma "synchronous(NORMAL)" the last commits before a power cut may be lost, the
// file stays sound, and everything is about three times as fast.
func OpenSQLite(ctx context.Context, path string, pragmas ...string) (*SQLiteStore, error) {
	query := url.Values{"_pragma": append([]string{
		"busy_timeout(10000)", // another process may be writing
		"journal_mode(WAL)",   // readers and the writer do not wait for each other
		"synchronous(FULL)",
	}, pragmas...)}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+query.Encode())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	// SQLite has one writer at a time. With one connection its turns are taken in a fair queue here rather than by
	// polling a locked file.
	db.SetMaxOpenConns(1)
	store, err := NewSQL(ctx, db, SQLite)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return &SQLiteStore{store}, nil
}

// SQLiteStore is an SQLStore that owns its database file.
type SQLiteStore struct{ *SQLStore }

// Close closes the file.
func (s *SQLiteStore) Close() error { return s.db.Close() }
