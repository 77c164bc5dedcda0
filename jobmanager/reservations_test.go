package jobmanager

import (
	"errors"
	"sync"
	"testing"
)

func TestReservationEndsByIdentity(t *testing.T) {
	s := newReservations(2)
	first, second := &run{}, &run{}
	if err := s.take("a", first); err != nil {
		t.Fatal(err)
	}
	s.release("a", first)
	if err := s.take("a", second); err != nil {
		t.Fatal(err)
	}
	s.release("a", first) // late, and once too often
	if s.of("a") != second || s.count() != 1 || len(s.slots) != 1 {
		t.Errorf("the first run ended the reservation of the second: %d left, %d slots taken", s.count(), len(s.slots))
	}
	if err := s.take("a", &run{}); !errors.Is(err, errActive) || len(s.slots) != 1 {
		t.Errorf("a job that runs: %v, %d slots taken", err, len(s.slots))
	}
	if err := s.take("b", &run{}); err != nil {
		t.Error(err)
	}
	if err := s.take("c", &run{}); !errors.Is(err, errFull) || s.of("c") != nil {
		t.Errorf("no free slot: %v", err)
	}
}

// TestReservationsUnderContention takes and releases on real threads; run it with -race.
func TestReservationsUnderContention(t *testing.T) {
	const capacity = 3
	s := newReservations(capacity)
	var all sync.WaitGroup
	var inside [2]sync.Mutex // one for each job: locked by who runs it
	for range 8 {
		all.Go(func() {
			for i := range 2000 {
				job := i % 2
				id, r := string(rune('a'+job)), &run{}
				if err := s.take(id, r); err != nil {
					continue
				}
				if !inside[job].TryLock() {
					t.Errorf("job %s runs twice", id)
				} else {
					inside[job].Unlock()
				}
				s.release(id, r)
			}
		})
	}
	all.Wait()
	if s.count() != 0 || len(s.slots) != 0 {
		t.Errorf("%d reservations and %d slots are left", s.count(), len(s.slots))
	}
}
