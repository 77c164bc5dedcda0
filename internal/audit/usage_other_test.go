//go:build !unix

package audit_test

import "time"

var started = time.Now()

// processorTime is the time that has passed: good enough on an idle machine with one core.
func processorTime() time.Duration { return time.Since(started) }

// maxResident is not known here.
func maxResident() int64 { return 0 }
