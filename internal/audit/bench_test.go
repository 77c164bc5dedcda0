package audit_test

import (
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/collector"
	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// platform is the tree that the benchmarks copy, so often that there are as many files as they want.
const platform = "../../testdata/course-creator"

// copies is how many copies of the platform make the tree of BenchmarkCheck and BenchmarkAudit, copiesMany those of
// BenchmarkMemory's 10,000 files.
const (
	copies     = 10
	copiesMany = 106
)

// corpus is the tree to measure, the one that TOCTOU_CORPUS names or n copies of the platform, and its files that pass the prefilter.
func corpus(b *testing.B, n int) (root string, relevant []string, texts [][]byte) {
	b.Helper()
	collector.Tune() // as the program does
	root = os.Getenv("TOCTOU_CORPUS")
	if root == "" {
		root = b.TempDir()
		for i := range n {
			if err := os.CopyFS(filepath.Join(root, "platform"+strconv.Itoa(i)), os.DirFS(platform)); err != nil {
				b.Fatal(err)
			}
		}
	}
	found, err := walk.Walk(b.Context(), []string{root}, walk.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range found.Files {
		if text, err := os.ReadFile(f.Abs); err == nil && f.Language == walk.Python && syntax.Relevant(text) {
			relevant, texts = append(relevant, f.Abs), append(texts, text)
		}
	}
	return root, relevant, texts
}

func run(b *testing.B, root string, skipTests bool) (files, findings int) {
	b.Helper()
	cfg, err := config.Load(root)
	if err != nil {
		b.Fatal(err)
	}
	a, err := audit.Run(b.Context(), audit.Request{Paths: []string{root}, Config: cfg, Languages: []string{walk.Python}, SkipTests: skipTests, Brief: skipTests})
	if err != nil {
		b.Fatal(err)
	}
	if os.Getenv("TOCTOU_CORPUS") == "" && len(a.Partial)+len(a.Unparsed) > 0 {
		b.Fatalf("%d functions and %d files are partial", len(a.Partial), len(a.Unparsed))
	}
	return a.Files, len(a.Findings)
}

func parse(b *testing.B, texts [][]byte) {
	b.Helper()
	if err := syntax.ParseAlone(texts...); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkParseAlone is the floor: tree-sitter by itself, on one core, over the files that pass the prefilter.
func BenchmarkParseAlone(b *testing.B) {
	_, _, texts := corpus(b, copies)
	b.SetBytes(sizeOf(texts))
	for b.Loop() {
		parse(b, texts)
	}
}

// BenchmarkCheck is a whole run of check at its defaults: walk, read, parse, link, judge. Its ratio compares processor
// time with the parser's alone, so that neither further cores nor neighbours on the machine count.
func BenchmarkCheck(b *testing.B) { endToEnd(b, true, whole) }

// BenchmarkAudit is the same for audit, which analyses tests, too.
func BenchmarkAudit(b *testing.B) { endToEnd(b, false, whole) }

// BenchmarkModules is check without what it does across files: each file is a run of its own.
func BenchmarkModules(b *testing.B) { endToEnd(b, true, apart) }

// whole is one run over everything, apart one for each file that passes the prefilter.
func whole(root string, _ []string) []string     { return []string{root} }
func apart(_ string, relevant []string) []string { return relevant }

func endToEnd(b *testing.B, skipTests bool, split func(root string, relevant []string) []string) {
	b.Helper()
	root, relevant, texts := corpus(b, copies)
	runs := split(root, relevant)
	parse(b, texts) // warm: the first parser is made, the files are in the page cache
	peak := watchHeap()
	var files, findings int
	var used, floor time.Duration
	for b.Loop() {
		// The floor is taken in turn with the runs: what slows the machine down for a while slows down both.
		b.StopTimer()
		start := processorTime()
		parse(b, texts)
		floor += processorTime() - start
		b.StartTimer()
		start = processorTime()
		files, findings = 0, 0
		for _, path := range runs {
			n, found := run(b, path, skipTests)
			files, findings = files+n, findings+found
		}
		used += processorTime() - start
	}
	b.ReportAllocs()
	measured(b, files, findings, sizeOf(texts), peak())
	b.ReportMetric(float64(used)/float64(floor), "x-parse")
}

// BenchmarkMemory is a run over 10,000 files. Run it by itself: max-rss is the whole process's.
func BenchmarkMemory(b *testing.B) {
	root, _, texts := corpus(b, copiesMany)
	size := sizeOf(texts)
	runtime.GC()
	peak := watchHeap()
	var files, findings int
	for b.Loop() {
		files, findings = run(b, root, false)
	}
	measured(b, files, findings, size, peak())
	b.ReportMetric(float64(maxResident()>>20), "max-rss-MB")
}

func measured(b *testing.B, files, findings int, size int64, peak uint64) {
	b.Helper()
	seconds := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(float64(files)/seconds, "files/s")
	b.ReportMetric(float64(size)/1e6/seconds, "MB/s")
	b.ReportMetric(float64(findings), "findings")
	b.ReportMetric(float64(peak>>20), "peak-heap-MB")
}

func sizeOf(texts [][]byte) (n int64) {
	for _, t := range texts {
		n += int64(len(t))
	}
	return n
}

// watchHeap samples the heap until the function that it returns is called, which gives the peak.
func watchHeap() func() uint64 {
	stop := make(chan struct{})
	var peak uint64
	var wg sync.WaitGroup
	wg.Go(func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(sample)
			peak = max(peak, sample[0].Value.Uint64())
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	})
	return func() uint64 {
		close(stop)
		wg.Wait()
		return peak
	}
}
