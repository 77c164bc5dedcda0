// Rows read, checked, and written back without a condition on what was read.
package sql_bad

import "database/sql"

type repo struct{ db *sql.DB }

func (r *repo) Start(id int) error {
	var status string
	row := r.db.QueryRow("SELECT status FROM jobs WHERE id = $1", id)
	if err := row.Scan(&status); err != nil {
		return err
	}
	if status != "queued" {
		return nil
	}
	_, err := r.db.Exec("UPDATE jobs SET status = 'running' WHERE id = $1", id) // want `stalerecord`
	return err
}

// The update repeats the condition: silent.
func (r *repo) StartRight(id int) error {
	var status string
	if err := r.db.QueryRow("SELECT status FROM jobs WHERE id = $1", id).Scan(&status); err != nil || status != "queued" {
		return err
	}
	_, err := r.db.Exec("UPDATE jobs SET status = 'running' WHERE id = $1 AND status = 'queued'", id)
	return err
}

// Another table: silent.
func (r *repo) Log(id int) error {
	var status string
	if err := r.db.QueryRow("SELECT status FROM jobs WHERE id = $1", id).Scan(&status); err != nil || status != "queued" {
		return err
	}
	_, err := r.db.Exec("UPDATE audits SET seen = true WHERE id = $1", id)
	return err
}
