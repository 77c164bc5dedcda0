package jobmanager_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/toctou-lint/toctou/jobmanager"
	"github.com/toctou-lint/toctou/jobmanager/storetest"
)

const (
	modelCapacity   = 3
	modelRetryLimit = 2
	modelLease      = time.Minute

	// The timeout is no whole number of seconds, so that it does not coincide with a poll: of two things that happen
	// at one moment, the model would not know which is first.
	modelTimeout = 5*time.Minute + modelTick
	modelTick    = 250 * time.Millisecond
)

// model is the sequential specification: a job manager in which nothing happens at once.
type model struct {
	jobs map[string]*modelJob
	now  time.Duration // since the start of the test
}

type modelJob struct {
	id                         string
	status                     jobmanager.Status
	priority                   jobmanager.Priority
	created, notBefore, ending time.Duration // ending: when the attempt times out, or when the job ended
	attempts                   int
	dead                       bool // running on record only: its process crashed
	lease                      time.Duration
}

func (m *model) with(status jobmanager.Status) []*modelJob {
	var found []*modelJob
	for _, j := range m.jobs {
		if j.status == status {
			found = append(found, j)
		}
	}
	slices.SortFunc(found, func(a, b *modelJob) int {
		return cmp.Or(cmp.Compare(b.priority, a.priority), cmp.Compare(a.created, b.created), cmp.Compare(a.id, b.id))
	})
	return found
}

// alive returns the jobs that really run.
func (m *model) alive() []*modelJob {
	return slices.DeleteFunc(m.with(jobmanager.Running), func(j *modelJob) bool { return j.dead })
}

// settle does what is to be done at this moment: it takes over abandoned jobs, which is found out once a second, ends
// attempts whose time is over, and starts due jobs.
func (m *model) settle() {
	for _, j := range m.with(jobmanager.Running) {
		switch {
		case !j.dead && m.now >= j.ending:
			j.status = jobmanager.Failed
		case j.dead && m.now >= j.lease && m.now%time.Second == 0:
			j.dead = false
			if j.status = jobmanager.Pending; j.attempts > modelRetryLimit {
				m.end(j, jobmanager.Failed)
			}
		}
	}
	for _, j := range m.with(jobmanager.Pending) {
		if j.notBefore <= m.now && len(m.alive()) < modelCapacity {
			j.status, j.attempts, j.ending = jobmanager.Running, j.attempts+1, m.now+modelTimeout
		}
	}
}

func (m *model) end(j *modelJob, status jobmanager.Status) {
	j.status, j.ending, j.dead = status, m.now, false
}

// crash leaves what ran with the lease that it renewed last.
func (m *model) crash() {
	for _, j := range m.alive() {
		claimed := j.ending - modelTimeout
		beats := (m.now - claimed) / (modelLease / 3)
		j.dead, j.lease = true, claimed+time.Duration(int64(beats)*int64(modelLease/3))+modelLease
	}
}

// system is the manager under test, on a store that outlives it.
type system struct {
	t       *testing.T
	memory  *storetest.Memory
	process *dying
	manager *jobmanager.Manager
	work    *work
}

func (s *system) start() {
	s.process = mortal(s.memory)
	s.manager = start(s.t, s.process, s.work.handle, jobmanager.Options{
		Capacity: modelCapacity, RetryLimit: modelRetryLimit, Timeout: modelTimeout, Lease: modelLease, Poll: time.Second,
	})
}

// TestModel plays random operations against the manager and the model, and compares them after each. Time is that of
// the bubble: it moves only when the test sleeps, and then everything that is due happens.
func TestModel(t *testing.T) {
	seeds := 150
	if testing.Short() {
		seeds = 20
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) { playModel(t, uint64(seed)) })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func playModel(t *testing.T, seed uint64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 0))
	s := &system{t: t, memory: storetest.NewMemory(), work: newWork()}
	s.start()
	m := &model{jobs: make(map[string]*modelJob)}
	var history []string
	for range 120 {
		synctest.Wait()
		history = append(history, step(t, rng, s, m))
		synctest.Wait()
		m.settle()
		compare(t, s, m)
		if t.Failed() {
			t.Fatalf("after %q", history)
		}
	}
	if err := shutdown(t, s.manager, 0); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	s.work.check(t, modelCapacity)
}

// step does one random operation to both and returns what it was.
func step(t *testing.T, rng *rand.Rand, s *system, m *model) string {
	t.Helper()
	ctx := t.Context()
	some := func() *modelJob { // mostly one that exists
		ids := slices.Sorted(maps.Keys(m.jobs))
		if len(ids) == 0 || rng.IntN(20) == 0 {
			return &modelJob{id: "nobody"}
		}
		return m.jobs[ids[rng.IntN(len(ids))]]
	}
	expect := func(operation string, got, want error) string {
		t.Helper()
		if !errors.Is(got, want) {
			t.Errorf("%s: %v, want %v", operation, got, want)
		}
		return operation
	}
	switch n := rng.IntN(100); {
	case n < 25:
		j := &modelJob{
			id: fmt.Sprintf("j%02d", rng.IntN(60)), status: jobmanager.Pending, created: m.now,
			priority: jobmanager.Priority(rng.IntN(4) - 1),
		}
		req := jobmanager.Request{ID: j.id, ContentType: "quiz", Priority: j.priority}
		if rng.IntN(4) == 0 {
			j.notBefore = m.now + time.Duration(1+rng.IntN(300))*time.Second
			req.NotBefore = time.Now().Add(j.notBefore - m.now)
		}
		_, err := s.manager.Create(ctx, req)
		if m.jobs[j.id] != nil {
			return expect("create again "+j.id, err, jobmanager.ErrExists)
		}
		m.jobs[j.id] = j
		return expect("create "+j.id, err, nil)

	case n < 45: // a handler returns
		running := m.alive()
		if len(running) == 0 {
			return "nothing to end"
		}
		j := running[rng.IntN(len(running))]
		if rng.IntN(2) == 0 {
			s.work.end(j.id, nil)
			m.end(j, jobmanager.Completed)
			return "complete " + j.id
		}
		s.work.end(j.id, errors.New("no model"))
		m.end(j, jobmanager.Failed)
		return "fail " + j.id

	case n < 57:
		j := some()
		err := s.manager.Cancel(ctx, j.id, "")
		switch j.status {
		case "":
			return expect("cancel nobody", err, jobmanager.ErrNotFound)
		case jobmanager.Pending, jobmanager.Running:
			m.end(j, jobmanager.Cancelled)
			return expect("cancel "+j.id, err, nil)
		default:
			return expect("cancel too late "+j.id, err, jobmanager.ErrTransition)
		}

	case n < 67:
		j := some()
		err := s.manager.Retry(ctx, j.id)
		switch {
		case j.status == "":
			return expect("retry nobody", err, jobmanager.ErrNotFound)
		case j.status != jobmanager.Failed:
			return expect("retry no failure "+j.id, err, jobmanager.ErrTransition)
		case j.attempts > modelRetryLimit:
			return expect("retry too often "+j.id, err, jobmanager.ErrRetryLimit)
		}
		j.status = jobmanager.Pending
		return expect("retry "+j.id, err, nil)

	case n < 72:
		var failed []*modelJob
		for _, j := range m.with(jobmanager.Failed) {
			if j.attempts <= modelRetryLimit {
				failed = append(failed, j)
			}
		}
		if free := modelCapacity - len(m.alive()); 0 < free && free < len(failed) {
			return "not to retry all failed: which are first to find a slot is not determined"
		}
		for _, j := range failed {
			j.status = jobmanager.Pending
		}
		got, err := s.manager.RetryFailed(ctx)
		if got != len(failed) {
			t.Errorf("RetryFailed = %d, want %d", got, len(failed))
		}
		return expect("retry failed", err, nil)

	case n < 80:
		j := some()
		err := s.manager.Queue(ctx, j.id)
		switch j.status {
		case "":
			return expect("queue nobody", err, jobmanager.ErrNotFound)
		case jobmanager.Pending:
			j.notBefore = min(j.notBefore, m.now)
			return expect("queue "+j.id, err, nil)
		default:
			return expect("queue no pending "+j.id, err, jobmanager.ErrTransition)
		}

	case n < 90:
		seconds := 1 + rng.IntN(90)
		if rng.IntN(5) == 0 {
			seconds += int(modelTimeout.Seconds())
		}
		for range seconds * int(time.Second/modelTick) {
			time.Sleep(modelTick)
			synctest.Wait()
			m.now += modelTick
			m.settle()
		}
		return fmt.Sprintf("%d seconds", seconds)

	case n < 94:
		age := time.Duration(rng.IntN(600)) * time.Second
		want := 0
		for id, j := range m.jobs {
			if j.status.Finished() && j.ending < m.now-age {
				delete(m.jobs, id)
				want++
			}
		}
		got, err := s.manager.CleanUp(ctx, age)
		if got != want {
			t.Errorf("CleanUp(%v) = %d, want %d", age, got, want)
		}
		return expect("clean up", err, nil)

	case n < 97:
		err := shutdown(t, s.manager, 0)
		for _, j := range m.alive() {
			j.status, j.attempts = jobmanager.Pending, j.attempts-1
		}
		s.start()
		if err != nil {
			return expect("restart", err, context.DeadlineExceeded)
		}
		return "restart"

	default:
		s.process.dead.Store(true)
		if err := shutdown(t, s.manager, 0); err != nil {
			expect("crash", err, context.DeadlineExceeded)
		}
		s.start()
		m.crash()
		return "crash"
	}
}

// compare holds the store and what really runs against the model.
func compare(t *testing.T, s *system, m *model) {
	t.Helper()
	counts := make(map[jobmanager.Status]int)
	for id, want := range m.jobs {
		counts[want.status]++
		got, err := s.memory.Get(t.Context(), id)
		if err != nil || got.Status != want.status || got.Attempts != want.attempts {
			t.Errorf("job %s is %s after %d attempts, %v; the model says %s after %d", id, got.Status, got.Attempts, err,
				want.status, want.attempts)
		}
		if want.status.Finished() && got.FinishedAt.IsZero() {
			t.Errorf("job %s is %s, but has no time of its end", id, got.Status)
		}
	}
	stats, err := s.manager.Statistics(t.Context())
	if err != nil || !maps.Equal(stats.ByStatus, counts) || stats.Active != len(m.alive()) {
		t.Errorf("statistics: %+v, %v; the model says %v, of which %d here", stats, err, counts, len(m.alive()))
	}
	var alive []string
	for _, j := range m.alive() {
		alive = append(alive, j.id)
	}
	slices.Sort(alive)
	if got := s.work.now(); !slices.Equal(got, alive) {
		t.Errorf("%v are running; the model says %v", got, alive)
	}
}
