package collector

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// TestTune: the heap may grow by the slack and a share of what is alive, whatever that is.
func TestTune(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	t.Cleanup(func() { debug.SetGCPercent(100) })
	Tune()
	alive := make([]byte, 64<<20)
	for deadline := time.Now().Add(10 * time.Second); ; {
		runtime.GC()
		set := debug.SetGCPercent(100)
		debug.SetGCPercent(set)
		if want := percent(64 << 20); set <= want && set > want/2 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("with 64 MiB alive the heap may grow by %d percent, want about %d", set, want)
		}
		time.Sleep(time.Millisecond)
	}
	runtime.KeepAlive(alive)
}
