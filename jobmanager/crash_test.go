package jobmanager_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/toctou-lint/toctou/jobmanager"
)

// crashDir is set for the child process of TestKillNine: the directory of its database and its logs.
const crashDir = "TOCTOU_JOBMANAGER_CRASH_DIR"

const (
	crashJobs  = 10_000
	crashKills = 8
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		if err := runVictim(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// runVictim creates those of the 10,000 jobs that there are not yet and runs all, until it is killed or all are done.
// What it knows to be true it writes to logs, one line for each fact, which survive it.
func runVictim(dir string) (err error) {
	created, err := openLog(dir, "created")
	if err != nil {
		return err
	}
	executed, err := openLog(dir, "executed")
	if err != nil {
		return err
	}
	ctx := context.Background()
	// The process is killed, not the machine: NORMAL is as durable here as FULL.
	store, err := jobmanager.OpenSQLite(ctx, filepath.Join(dir, "jobs.db"), "synchronous(NORMAL)")
	if err != nil {
		return err
	}
	handler := func(_ context.Context, job jobmanager.Job, _ func(int, string)) (json.RawMessage, error) {
		_, err := fmt.Fprintln(executed, job.ID)
		return nil, err
	}
	m, err := jobmanager.Start(ctx, store, map[string]jobmanager.Handler{"quiz": handler}, jobmanager.Options{
		Capacity: 4, Lease: time.Second, Poll: 100 * time.Millisecond, RetryLimit: 10 * crashKills,
	})
	if err != nil {
		return err
	}
	for i := range crashJobs {
		job, err := m.Create(ctx, jobmanager.Request{ID: fmt.Sprintf("job-%05d", i), ContentType: "quiz"})
		if errors.Is(err, jobmanager.ErrExists) {
			continue
		}
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(created, job.ID); err != nil {
			return err
		}
	}
	for {
		stats, err := m.Statistics(ctx)
		if err != nil {
			return err
		}
		if stats.ByStatus[jobmanager.Completed] == crashJobs {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.Join(m.Shutdown(ctx), store.Close(), created.Close(), executed.Close())
}

func openLog(dir, name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
}

// TestKillNine kills a process that creates and runs 10,000 jobs again and again with SIGKILL. No job whose creation was
// acknowledged may be lost, each must be executed (at least once), and each completion must be recorded exactly once:
// a trigger in the database counts them, so that the manager is not its own witness.
func TestKillNine(t *testing.T) {
	dir := t.TempDir()
	program := victim(t, dir)
	db := crashDatabase(t, dir)
	rng := rand.New(rand.NewPCG(9, 9))
	begin := time.Now()
	for kill := range crashKills {
		victim := startVictim(t, program, dir)
		// Kill it when it has made so much more progress, in the middle of something.
		goal := crashJobs * (kill + 1) / (crashKills + 1)
		for lines(t, dir, "executed") < goal {
			time.Sleep(time.Duration(1+rng.IntN(20)) * time.Millisecond)
			if time.Since(begin) > 5*time.Minute {
				t.Fatalf("no progress: %d executions before kill %d", lines(t, dir, "executed"), kill)
			}
		}
		if err := victim.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := victim.Wait(); err == nil {
			t.Fatal("the victim had ended before it was killed")
		}
	}
	if err := startVictim(t, program, dir).Wait(); err != nil {
		t.Fatalf("the last process: %v", err)
	}

	var all, completed, recorded, twice int
	err := db.QueryRowContext(t.Context(), `SELECT (SELECT COUNT(*) FROM jobs), (SELECT COUNT(*) FROM jobs WHERE status = 'completed'),
		(SELECT COUNT(*) FROM completions), (SELECT COUNT(*) FROM (SELECT 1 FROM completions GROUP BY id HAVING COUNT(*) > 1))`).
		Scan(&all, &completed, &recorded, &twice)
	if err != nil || all != crashJobs || completed != crashJobs || recorded != crashJobs || twice != 0 {
		t.Errorf("%d jobs, %d completed, %d completions recorded, %d of them twice, %v", all, completed, recorded, twice, err)
	}
	executions := make(map[string]int)
	for _, id := range readLines(t, dir, "executed") {
		executions[id]++
	}
	if len(executions) != crashJobs {
		t.Errorf("%d different jobs were executed", len(executions))
	}
	acknowledged := readLines(t, dir, "created")
	for _, id := range acknowledged {
		if executions[id] == 0 {
			t.Errorf("job %s was acknowledged and never executed", id)
		}
	}
	again := len(readLines(t, dir, "executed")) - crashJobs
	t.Logf("%d jobs, %d kills, %d executed again, %v", crashJobs, crashKills, again, time.Since(begin).Round(time.Millisecond))
	if again > crashKills*4 {
		t.Errorf("%d executions too many, more than ran at the %d kills", again, crashKills)
	}
}

// crashDatabase makes the database with a trigger that writes down each change of a record to completed.
func crashDatabase(t *testing.T, dir string) *sql.DB {
	t.Helper()
	path := filepath.Join(dir, "jobs.db")
	store, err := jobmanager.OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, statement := range []string{
		"CREATE TABLE completions (id TEXT NOT NULL)",
		`CREATE TRIGGER completion AFTER UPDATE ON jobs WHEN NEW.status = 'completed'
			BEGIN INSERT INTO completions VALUES (NEW.id); END`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// victim returns the program to kill: this test binary, or one without the race detector, under which an SQLite that
// was translated from C is some fifteen times slower. What is tested here is the order of writes, not of reads of memory.
func victim(t *testing.T, dir string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || !slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		return self
	}
	plain := filepath.Join(dir, "victim")
	if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-race=false", "-o", plain, ".").CombinedOutput(); err != nil {
		t.Fatalf("build without the race detector: %v\n%s", err, out)
	}
	return plain
}

func startVictim(t *testing.T, program, dir string) *exec.Cmd {
	t.Helper()
	victim := exec.CommandContext(t.Context(), program)
	victim.Env = append(os.Environ(), crashDir+"="+dir)
	victim.Stderr = t.Output()
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	return victim
}

func lines(t *testing.T, dir, name string) int {
	t.Helper()
	return len(readLines(t, dir, name))
}

// readLines returns the whole lines of a log; a process may have been killed within its last one.
func readLines(t *testing.T, dir, name string) (all []string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(f)
	for {
		line, err := r.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.TrimSuffix(line, "\n"))
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return all
}
