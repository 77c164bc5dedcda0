// Close in two steps, under a lock or once.
package a06_ok

import "sync"

type Client struct {
	mu   sync.Mutex
	once sync.Once
	done chan struct{}
	quit chan struct{}
}

func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.done:
	default:
		close(c.done)
	}
}

func (c *Client) Quit() { c.once.Do(func() { close(c.quit) }) }
