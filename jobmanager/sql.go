package jobmanager

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Dialect is all in which the databases differ: the statements below are in the SQL that they share.
type Dialect struct {
	bind func(n int) string // the n-th placeholder
}

// The dialects. Both databases know ON CONFLICT DO NOTHING, and BIGINT and TEXT columns.
var (
	SQLite     = Dialect{bind: func(int) string { return "?" }}
	PostgreSQL = Dialect{bind: func(n int) string { return "$" + strconv.Itoa(n) }}
)

// rewrite replaces every ? of a statement by the placeholder of the dialect. The statements are our own and have no
// literals with a question mark.
func (d Dialect) rewrite(statement string) string {
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(statement, "?") {
		if n > 0 {
			b.WriteString(d.bind(n))
		}
		b.WriteString(part)
		n++
	}
	return b.String()
}

// The times are microseconds since 1970, 0 for none; a status is stored as its name.
const schema = `
CREATE TABLE IF NOT EXISTS jobs (
	id           TEXT   PRIMARY KEY,
	content_type TEXT   NOT NULL,
	course_id    TEXT   NOT NULL,
	parameters   TEXT   NOT NULL,
	priority     BIGINT NOT NULL,
	not_before   BIGINT NOT NULL,
	status       TEXT   NOT NULL,
	attempts     BIGINT NOT NULL,
	owner        TEXT   NOT NULL,
	lease_until  BIGINT NOT NULL,
	progress     BIGINT NOT NULL,
	note         TEXT   NOT NULL,
	result       TEXT   NOT NULL,
	error        TEXT   NOT NULL,
	created_at   BIGINT NOT NULL,
	started_at   BIGINT NOT NULL,
	finished_at  BIGINT NOT NULL,
	version      BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_queue ON jobs (status, priority DESC, created_at, id);`

// columns are the fields of a record in the order of values and scan; id comes first and version last.
var columns = []string{
	"id", "content_type", "course_id", "parameters", "priority", "not_before", "status", "attempts", "owner",
	"lease_until", "progress", "note", "result", "error", "created_at", "started_at", "finished_at", "version",
}

var (
	insertJob = "INSERT INTO jobs (" + strings.Join(columns, ", ") + ") VALUES (" +
		strings.Repeat("?, ", len(columns)-1) + "?) ON CONFLICT (id) DO NOTHING"
	selectJob = "SELECT " + strings.Join(columns, ", ") + " FROM jobs WHERE "

	// updateJob is the compare-and-set: the version is tested and raised by the one statement that writes.
	updateJob = "UPDATE jobs SET " + strings.Join(columns[1:], " = ?, ") + " = ? WHERE id = ? AND version = ?"
)

// SQLStore is a Store on database/sql. The caller owns the database and closes it after Shutdown.
type SQLStore struct {
	db      *sql.DB
	dialect Dialect
}

// NewSQL makes the table if there is none and returns the store on it.
func NewSQL(ctx context.Context, db *sql.DB, dialect Dialect) (*SQLStore, error) {
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, fmt.Errorf("create the jobs table: %w", err)
	}
	return &SQLStore{db: db, dialect: dialect}, nil
}

// Insert implements Store.
func (s *SQLStore) Insert(ctx context.Context, job Job) error {
	job.Version = 1
	n, err := s.exec(ctx, insertJob, values(job)...)
	if err == nil && n == 0 {
		return fmt.Errorf("job %s: %w", job.ID, ErrExists)
	}
	return err
}

// Get implements Store.
func (s *SQLStore) Get(ctx context.Context, id string) (Job, error) {
	jobs, err := s.query(ctx, "id = ?", id)
	if err == nil && len(jobs) == 0 {
		return Job{}, fmt.Errorf("job %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return Job{}, err
	}
	return jobs[0], nil
}

// CompareAndSet implements Store.
func (s *SQLStore) CompareAndSet(ctx context.Context, job Job) (Job, error) {
	read := job.Version
	job.Version++
	n, err := s.exec(ctx, updateJob, append(values(job)[1:], job.ID, read)...)
	if err == nil && n == 0 {
		err = fmt.Errorf("job %s: %w", job.ID, ErrConflict)
	}
	return job, err
}

// Due implements Store.
func (s *SQLStore) Due(ctx context.Context, now time.Time, limit int) ([]Job, error) {
	return s.query(ctx, "status = ? AND not_before <= ? ORDER BY priority DESC, created_at, id LIMIT ?",
		string(Pending), micros(now), limit)
}

// Expired implements Store.
func (s *SQLStore) Expired(ctx context.Context, now time.Time) ([]Job, error) {
	return s.query(ctx, "status = ? AND lease_until <= ?", string(Running), micros(now))
}

// Retryable implements Store.
func (s *SQLStore) Retryable(ctx context.Context, limit int) ([]Job, error) {
	return s.query(ctx, "status = ? AND attempts <= ?", string(Failed), limit)
}

// Counts implements Store.
func (s *SQLStore) Counts(ctx context.Context) (_ map[Status]int, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT status, COUNT(*) FROM jobs GROUP BY status")
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	counts := make(map[Status]int)
	for rows.Next() {
		var status Status
		var n int
		if err := rows.Scan(&status, &n); err != nil {
			return nil, fmt.Errorf("count jobs: %w", err)
		}
		counts[status] = n
	}
	return counts, rows.Err()
}

// DeleteFinished implements Store. One statement finds and removes, so a job that is retried meanwhile stays.
func (s *SQLStore) DeleteFinished(ctx context.Context, before time.Time) (int, error) {
	n, err := s.exec(ctx, "DELETE FROM jobs WHERE status IN (?, ?, ?) AND finished_at < ?",
		string(Completed), string(Failed), string(Cancelled), micros(before))
	return int(n), err
}

func (s *SQLStore) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	result, err := s.db.ExecContext(ctx, s.dialect.rewrite(statement), args...)
	if err != nil {
		return 0, fmt.Errorf("write to the jobs table: %w", err)
	}
	return result.RowsAffected()
}

func (s *SQLStore) query(ctx context.Context, where string, args ...any) (jobs []Job, err error) {
	rows, err := s.db.QueryContext(ctx, s.dialect.rewrite(selectJob+where), args...)
	if err != nil {
		return nil, fmt.Errorf("read the jobs table: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		job, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read the jobs table: %w", err)
		}
		jobs = append(jobs, job)
	}
	return jobs, rows.Err()
}

func values(j Job) []any {
	return []any{
		j.ID, j.ContentType, j.CourseID, string(j.Parameters), int(j.Priority), micros(j.NotBefore),
		string(j.Status), j.Attempts, j.Owner, micros(j.LeaseUntil), j.Progress, j.Note, string(j.Result), j.Error,
		micros(j.CreatedAt), micros(j.StartedAt), micros(j.FinishedAt), j.Version,
	}
}

func scan(rows *sql.Rows) (Job, error) {
	var j Job
	var notBefore, lease, created, started, finished int64
	var parameters, result string
	err := rows.Scan(&j.ID, &j.ContentType, &j.CourseID, &parameters, &j.Priority, &notBefore,
		&j.Status, &j.Attempts, &j.Owner, &lease, &j.Progress, &j.Note, &result, &j.Error,
		&created, &started, &finished, &j.Version)
	j.Parameters, j.Result = raw(parameters), raw(result)
	j.NotBefore, j.LeaseUntil = moment(notBefore), moment(lease)
	j.CreatedAt, j.StartedAt, j.FinishedAt = moment(created), moment(started), moment(finished)
	return j, err
}

// raw keeps "no value" the same on both ways: an empty column is a nil message.
func raw(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
