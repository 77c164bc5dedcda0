package database

import "testing"

func TestStatement(t *testing.T) {
	for sql, want := range map[string]Kind{
		"SELECT * FROM jobs WHERE id = $1":                                        Read,
		"WITH due AS (SELECT 1) SELECT * FROM due":                                Read,
		"SELECT * FROM jobs WHERE id = $1 FOR UPDATE":                             RowLock,
		"select * from jobs\n  where id = %s\n  for no key update":                RowLock,
		"INSERT INTO jobs (id) VALUES ($1)":                                       Write,
		"INSERT INTO jobs (id) VALUES ($1) ON CONFLICT DO NOTHING":                Conditional,
		"UPDATE jobs SET status = $2 WHERE id = $1":                               Write,
		"UPDATE jobs SET status = $2 WHERE id = $1 RETURNING id":                  Write,
		"UPDATE parts SET n = $3 WHERE entity_id = $1 AND entity_type = $2":       Write,
		"UPDATE jobs SET status = 'running' WHERE id = $1 AND status = 'pending'": Conditional,
		"UPDATE users SET hash = $3 WHERE id = $1 AND hash = $2":                  Conditional,
		"UPDATE courses SET title = $3, version = version + 1 WHERE id = $1":      Computed,
		"UPDATE courses SET title = $3 WHERE id = $1 AND version = $2":            Conditional,
		"UPDATE jobs SET status = 'failed'":                                       Write,
		"DELETE FROM sessions WHERE token = $1":                                   Write,
		"DELETE FROM sessions WHERE expires_at < $1":                              Conditional,
		"BEGIN IMMEDIATE":             Transaction,
		"commit":                      Commit,
		"ROLLBACK":                    Rollback,
		"CREATE TABLE jobs (id text)": "",
		"":                            "",
		"nothing that is SQL":         "",
		"update":                      Write,
	} {
		if got := Statement(sql); got != want {
			t.Errorf("%q is %q, want %q", sql, got, want)
		}
	}
}

func TestEveryKindHasADetail(t *testing.T) {
	for _, k := range []Kind{Pool, Connection, Session, Transaction, Commit, Rollback, RowLock, Conditional, Computed, Write, Read} {
		if k.Detail() == "" {
			t.Errorf("nothing says what %q means", k)
		}
	}
}
