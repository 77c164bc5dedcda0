package jobmanager_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/toctou-lint/toctou/jobmanager"
	"github.com/toctou-lint/toctou/jobmanager/storetest"
)

// TestInterleavings lets two managers and eight clients loose on a few jobs in one store whose calls take random times
// before and after they take effect. Whatever the order, the journal of the store must be that of a legal history.
func TestInterleavings(t *testing.T) {
	seeds := 400
	if testing.Short() {
		seeds = 50
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) { interleave(t, uint64(seed)) })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// dice is a random source for many goroutines.
type dice struct {
	mu  sync.Mutex
	rng *rand.Rand
}

func (d *dice) roll(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rng.IntN(n)
}

func interleave(t *testing.T, seed uint64) {
	t.Helper()
	d := &dice{rng: rand.New(rand.NewPCG(seed, 1))}
	store := &storetest.Seam{Store: storetest.NewMemory(), Around: func() error {
		time.Sleep(time.Duration(d.roll(20_000)) * time.Microsecond)
		return nil
	}}
	works := []*work{newWork(), newWork()}
	everywhere := newWork()
	var managers []*jobmanager.Manager
	for _, w := range works {
		managers = append(managers, start(t, store, func(ctx context.Context, job jobmanager.Job, _ func(int, string)) (json.RawMessage, error) {
			here, there := w.begin(job.ID), everywhere.begin(job.ID)
			defer everywhere.finish(job.ID, there)
			defer w.finish(job.ID, here)
			select {
			case <-time.After(time.Duration(d.roll(100_000)) * time.Microsecond):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			if d.roll(2) == 0 {
				return nil, errors.New("no model")
			}
			return nil, nil
		}, jobmanager.Options{Capacity: 2, Lease: 3 * time.Second, Poll: 100 * time.Millisecond, Timeout: 90 * time.Millisecond}))
	}

	var mu sync.Mutex
	cancels := make(map[string]int)
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for range 12 {
				m, id := managers[d.roll(2)], fmt.Sprint(d.roll(4))
				var err error
				switch d.roll(6) {
				case 0, 1:
					req := jobmanager.Request{ID: id, ContentType: "quiz", NotBefore: time.Now().Add(time.Duration(d.roll(300)) * time.Millisecond)}
					_, err = m.Create(t.Context(), req)
				case 2:
					err = m.Queue(t.Context(), id)
				case 3:
					_, err = m.ProcessQueue(t.Context())
				case 4:
					err = m.Retry(t.Context(), id)
				case 5:
					if d.roll(3) > 0 {
						continue // few cancels: they end the game of a job
					}
					if err = m.Cancel(t.Context(), id, ""); err == nil {
						mu.Lock()
						cancels[id]++
						mu.Unlock()
					}
				}
				if err != nil && !errors.Is(err, jobmanager.ErrExists) && !errors.Is(err, jobmanager.ErrNotFound) &&
					!errors.Is(err, jobmanager.ErrTransition) && !errors.Is(err, jobmanager.ErrRetryLimit) {
					t.Errorf("job %s: %v", id, err)
				}
			}
		})
	}
	clients.Wait()
	for i, m := range managers {
		// The second one has no patience: what it runs is given back.
		if err := shutdown(t, m, time.Duration(1-i)*time.Minute); err != nil && i == 0 {
			t.Error(err)
		}
	}
	for _, w := range works {
		w.check(t, 2)
		if still := w.now(); len(still) > 0 {
			t.Errorf("still running after shutdown: %v", still)
		}
	}
	everywhere.check(t, 4)
	checkJournal(t, store.Journal(), everywhere.starts(), cancels)
}

// legalChange is the life of a job, written down once more; "queue" and a heartbeat change the record only.
var legalChange = map[[2]jobmanager.Status]bool{
	{jobmanager.Pending, jobmanager.Pending}:   true,
	{jobmanager.Pending, jobmanager.Running}:   true,
	{jobmanager.Pending, jobmanager.Cancelled}: true,
	{jobmanager.Running, jobmanager.Running}:   true,
	{jobmanager.Running, jobmanager.Pending}:   true,
	{jobmanager.Running, jobmanager.Completed}: true,
	{jobmanager.Running, jobmanager.Failed}:    true,
	{jobmanager.Running, jobmanager.Cancelled}: true,
	{jobmanager.Failed, jobmanager.Pending}:    true,
}

func checkJournal(t *testing.T, journal []storetest.Change, starts []string, cancels map[string]int) {
	t.Helper()
	type tally struct {
		status                        jobmanager.Status
		version                       int64
		claims, completions, cancels  int
		executions, successfulCancels int
	}
	tallies := make(map[string]*tally)
	of := func(id string) *tally {
		if tallies[id] == nil {
			tallies[id] = &tally{status: jobmanager.Pending, version: 1}
		}
		return tallies[id]
	}
	for _, c := range journal {
		j := of(c.ID)
		if c.From != j.status || c.Version != j.version+1 || !legalChange[[2]jobmanager.Status{c.From, c.To}] {
			t.Errorf("job %s was %s at version %d and went from %s to %s at version %d", c.ID, j.status, j.version, c.From, c.To, c.Version)
		}
		j.status, j.version = c.To, c.Version
		switch {
		case c.To == jobmanager.Completed:
			j.completions++
		case c.To == jobmanager.Cancelled:
			j.cancels++
		case c.To == jobmanager.Running && c.From == jobmanager.Pending:
			j.claims++
		}
	}
	for _, id := range starts {
		of(id).executions++
	}
	for id, n := range cancels {
		of(id).successfulCancels = n
	}
	for id, j := range tallies {
		if j.executions != j.claims || j.completions > 1 || j.cancels != j.successfulCancels || j.status == jobmanager.Running {
			t.Errorf("job %s: %+v", id, *j)
		}
	}
}
