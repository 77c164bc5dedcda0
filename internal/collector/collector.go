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

// Tune sets the collector, once. Who sets GOGC or GOMEMLIMIT knows better.
func Tune() { ballast() }

// ballast keeps what it returns.
var ballast = sync.OnceValue(func() []byte {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	debug.SetGCPercent(percent)
	return make([]byte, floor)
})
