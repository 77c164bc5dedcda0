// Package collector sets Go's garbage collector for a run that ends soon: it begins late, so that
// small projects hardly meet it, and lets large heaps grow less than by default.
//
// It changes settings of the whole process, so only a program that does nothing else may use it.
package collector

import (
	"os"
	"runtime/debug"
	"sync"
)

const (
	percent = 40        // a heap may grow by this much until it is collected again
	floor   = 192 << 20 // bytes that count as used from the start and never are: pages that nobody touches take no memory
)

var ballast []byte

// Tune sets the collector, once. Who sets GOGC or GOMEMLIMIT knows better.
var Tune = sync.OnceFunc(func() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	ballast = make([]byte, floor)
	debug.SetGCPercent(percent)
})
