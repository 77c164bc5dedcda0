// A channel closed in two steps.
package closing

import "sync"

type Client struct {
	name string        // of the server
	quit chan struct{} // closed by Stop

	addr string
}

func (s *Client) Stop() {
	select {
	case <-s.quit:
		return
	default:
		close(s.quit) // want `checkthenact`
	}
}

type peers struct {
	mu  sync.Mutex
	all map[string]bool
}

func (p *peers) Add(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all[name] = true
}
