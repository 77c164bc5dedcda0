package jobmanager_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/toctou-lint/toctou/jobmanager"
	"github.com/toctou-lint/toctou/jobmanager/storetest"
)

var benchStores = map[string]func(testing.TB) jobmanager.Store{
	"memory":        func(testing.TB) jobmanager.Store { return storetest.NewMemory() },
	"sqlite":        func(tb testing.TB) jobmanager.Store { tb.Helper(); return openSQLite(tb) },
	"sqlite-normal": func(tb testing.TB) jobmanager.Store { tb.Helper(); return openSQLite(tb, "synchronous(NORMAL)") },
}

// BenchmarkJobs measures whole jobs, from Create to the record of completion.
func BenchmarkJobs(b *testing.B) {
	for name, open := range benchStores {
		b.Run(name, func(b *testing.B) {
			var done sync.WaitGroup
			m := startBench(b, open(b), func(context.Context, jobmanager.Job, func(int, string)) (json.RawMessage, error) {
				done.Done()
				return nil, nil
			})
			done.Add(b.N)
			b.ResetTimer()
			for range b.N {
				if _, err := m.Create(b.Context(), jobmanager.Request{ContentType: "quiz"}); err != nil {
					b.Fatal(err)
				}
			}
			done.Wait()
			_ = shutdown(b, m, time.Minute)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
		})
	}
}

// BenchmarkClients measures what one of 1,000 clients at once waits for a Create and for a Cancel.
func BenchmarkClients(b *testing.B) {
	const clients = 1000
	for name, open := range benchStores {
		b.Run(name, func(b *testing.B) {
			m := startBench(b, open(b), func(ctx context.Context, _ jobmanager.Job, _ func(int, string)) (json.RawMessage, error) {
				<-ctx.Done()
				return nil, context.Cause(ctx)
			})
			var create, cancel [clients][]time.Duration
			b.ResetTimer()
			var all sync.WaitGroup
			for c := range clients {
				all.Go(func() {
					for i := range (b.N + clients - 1) / clients {
						id := fmt.Sprintf("%d-%d", c, i)
						start := time.Now()
						if _, err := m.Create(b.Context(), jobmanager.Request{ID: id, ContentType: "quiz"}); err != nil {
							b.Error(err)
						}
						created := time.Now()
						if err := m.Cancel(b.Context(), id, "benchmark"); err != nil {
							b.Error(err)
						}
						create[c] = append(create[c], created.Sub(start))
						cancel[c] = append(cancel[c], time.Since(created))
					}
				})
			}
			all.Wait()
			b.StopTimer()
			b.ReportMetric(p99(create[:]), "p99-create-ms")
			b.ReportMetric(p99(cancel[:]), "p99-cancel-ms")
			_ = shutdown(b, m, time.Minute)
		})
	}
}

func startBench(b *testing.B, store jobmanager.Store, handler jobmanager.Handler) *jobmanager.Manager {
	b.Helper()
	m, err := jobmanager.Start(b.Context(), store, map[string]jobmanager.Handler{"quiz": handler},
		jobmanager.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		b.Fatal(err)
	}
	return m
}

func p99(samples [][]time.Duration) float64 {
	all := slices.Concat(samples...)
	slices.Sort(all)
	return float64(all[len(all)*99/100].Microseconds()) / 1000
}
