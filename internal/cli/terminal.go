package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/term"
)

// isTerminal says whether a person is at the other end of a stream.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// terminalWidth is the number of columns of w, 0 if it is not a terminal.
func terminalWidth(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			return width
		}
	}
	return 0
}

// useColor decides about colour: the flag, then NO_COLOR, then whether a person is looking.
func useColor(mode string, w io.Writer) bool {
	switch mode {
	case "always":
		return true
	case "never":
		return false
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w)
}

// The status line appears when a run takes longer than a person waits without asking.
const (
	statusDelay  = 500 * time.Millisecond
	statusPeriod = 100 * time.Millisecond
)

// status is one line on a terminal that says how far a run has come.
type status struct {
	done, total atomic.Int64
	quit        chan struct{}
	wait        sync.WaitGroup
}

func newStatus(w io.Writer, show bool) *status {
	s := &status{quit: make(chan struct{})}
	if show {
		s.wait.Go(func() { s.draw(w) })
	}
	return s
}

func (s *status) progress(done, total int) {
	for {
		old := s.done.Load()
		if int64(done) <= old || s.done.CompareAndSwap(old, int64(done)) {
			break
		}
	}
	s.total.Store(int64(total))
}

// reached says how many files have been read.
func (s *status) reached() string {
	return fmt.Sprintf("%d of %d files", min(s.done.Load(), s.total.Load()), s.total.Load())
}

func (s *status) draw(w io.Writer) {
	timer := time.NewTimer(statusDelay)
	defer timer.Stop()
	drawn := false
	for {
		select {
		case <-s.quit:
			if drawn {
				fmt.Fprint(w, "\r\x1b[K")
			}
			return
		case <-timer.C:
			drawn = true
			text := "looking for files"
			if total := s.total.Load(); total > 0 {
				text = "reading " + s.reached()
				if s.done.Load() >= total {
					text = fmt.Sprintf("analysing %d files", total)
				}
			}
			fmt.Fprintf(w, "\r\x1b[Ktoctou: %s", text)
			timer.Reset(statusPeriod)
		}
	}
}

// stop removes the line.
func (s *status) stop() {
	close(s.quit)
	s.wait.Wait()
}
