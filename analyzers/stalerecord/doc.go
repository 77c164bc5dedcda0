// Package stalerecord defines an analyzer that finds records read, checked and written back without a version.
//
// # Analyzer stalerecord
//
// stalerecord: report SELECT, check, UPDATE on one table outside a transaction and without a condition on what was read
//
// A row that was read may have changed when it is written back: other processes write it, too.
//
//	row := db.QueryRow("SELECT status FROM jobs WHERE id = $1", id)
//	...
//	if status == "queued" {
//		db.Exec("UPDATE jobs SET status = 'running' WHERE id = $1", id)
//	}
//
// Put the condition into the update (`WHERE id = $1 AND status = 'queued'`), read with FOR UPDATE in a
// transaction, or compare a version column. The analyzer looks at literal SQL of database/sql.
package stalerecord
