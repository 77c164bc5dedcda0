//go:build unix

package jobmanager_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx", for these tests only

	"github.com/toctou-lint/toctou/jobmanager"
	"github.com/toctou-lint/toctou/jobmanager/storetest"
)

// postgresDSN names a database to test with; its table jobs is dropped. Without it, a server of our own is started if
// its programs are installed.
const postgresDSN = "TOCTOU_PG_DSN"

func TestPostgreSQL(t *testing.T) {
	dsn := os.Getenv(postgresDSN)
	if dsn == "" {
		dsn = startPostgres(t)
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	open := func(t *testing.T) jobmanager.Store {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), "DROP TABLE IF EXISTS jobs"); err != nil {
			t.Fatal(err)
		}
		store, err := jobmanager.NewSQL(t.Context(), db, jobmanager.PostgreSQL)
		if err != nil {
			t.Fatal(err)
		}
		return store
	}
	t.Run("conforms", func(t *testing.T) { storetest.Conform(t, open) })
	t.Run("two managers", func(t *testing.T) { twoManagers(t, open(t)) })
}

// twoManagers lets two managers, as in two processes, run the jobs of one store: each job once.
func twoManagers(t *testing.T, store jobmanager.Store) {
	t.Helper()
	executed := make(chan string, 1000)
	var managers []*jobmanager.Manager
	for range 2 {
		managers = append(managers, start(t, store, func(_ context.Context, job jobmanager.Job, _ func(int, string)) (json.RawMessage, error) {
			executed <- job.ID
			return job.Parameters, nil
		}, jobmanager.Options{Poll: 20 * time.Millisecond}))
	}
	const jobs = 200
	errs := atOnce(jobs, func(i int) error {
		_, err := managers[i%2].Create(t.Context(), jobmanager.Request{
			ID: fmt.Sprint(i), ContentType: "quiz", Parameters: json.RawMessage(fmt.Sprintf(`{"n":%d}`, i)),
		})
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for range jobs {
		select {
		case id := <-executed:
			if seen[id] {
				t.Errorf("job %s was executed twice", id)
			}
			seen[id] = true
		case <-time.After(time.Minute):
			t.Fatalf("only %d jobs were executed", len(seen))
		}
	}
	for _, m := range managers {
		if err := shutdown(t, m, time.Minute); err != nil {
			t.Error(err)
		}
	}
	counts, err := store.Counts(t.Context())
	if err != nil || counts[jobmanager.Completed] != jobs {
		t.Errorf("counts: %v, %v", counts, err)
	}
	if s := status(t, managers[0], "7"); string(s.Result) != `{"n":7}` {
		t.Errorf("result: %s", s.Result)
	}
}

func TestSQLiteWithTwoManagers(t *testing.T) { twoManagers(t, openSQLite(t)) }

// startPostgres starts a server on a Unix socket in a temporary directory and returns its DSN.
func startPostgres(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"initdb", "pg_ctl", "postgres"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("PostgreSQL is not tested: there is no %s on the PATH; set %s to test with a server", program, postgresDSN)
		}
	}
	dir, err := os.MkdirTemp("", "pg") //nolint:usetesting // short: the path of a socket has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	credential := unprivileged(t, dir)
	run := func(name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	data, log := filepath.Join(dir, "data"), filepath.Join(dir, "log")
	run("initdb", "--pgdata", data, "--username", "jobs", "--auth", "trust", "--no-sync", "--encoding", "UTF8")
	run("pg_ctl", "start", "--pgdata", data, "--log", log, "--wait", "--options",
		fmt.Sprintf("-c listen_addresses='' -c unix_socket_directories='%s' -c fsync=off -c max_connections=400", dir))
	t.Cleanup(func() { run("pg_ctl", "stop", "--pgdata", data, "--mode", "immediate", "--wait") })
	return "host=" + dir + " user=jobs dbname=postgres sslmode=disable"
}

// unprivileged returns the identity to run the server under, which must not be root, and gives it the directory.
func unprivileged(t *testing.T, dir string) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(account.Uid)
		gid, gidErr := strconv.Atoi(account.Gid)
		if err := errors.Join(uidErr, gidErr, os.Chown(dir, uid, gid)); err != nil {
			t.Fatal(err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	t.Skip("PostgreSQL is not tested: it does not run as root, and there is no account postgres or nobody")
	return nil
}
