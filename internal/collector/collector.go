// Package collector sets Go's garbage collector for a run that ends soon: it begins late, so that
// small projects hardly meet it, and lets large heaps grow less than by default.
//
// It changes settings of the whole process, so only a program that does nothing else may use it.
package collector

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// A heap may grow by slack and a share of what is alive until it is collected again.
const (
	slack = 192 << 20 // bytes
	share = 25        // percent
	least = 4 << 20   // bytes that Go takes for alive before the first collection
)

// Tune sets the collector, once. Who sets GOGC or GOMEMLIMIT knows better.
func Tune() { tune() }

var tune = sync.OnceFunc(func() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(percent(least))
	afterEach(func() {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		debug.SetGCPercent(percent(live[0].Value.Uint64()))
	})
})

// percent is by how much a heap of which live bytes are alive may grow.
func percent(live uint64) int { return share + int(100*slack/max(live, least)) }

// afterEach runs do after each collection.
func afterEach(do func()) {
	type sentinel struct{ _ *byte } // with a pointer: small objects without any share their memory
	var again func(*sentinel)
	again = func(*sentinel) {
		do()
		runtime.SetFinalizer(&sentinel{}, again)
	}
	runtime.SetFinalizer(&sentinel{}, again)
}
