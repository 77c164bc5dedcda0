// Package blindremoval defines an analyzer that finds clean-ups that remove what is not theirs.
//
// # Analyzer blindremoval
//
// blindremoval: report removals at the end of a task or connection that do not check whose entry they remove
//
// A goroutine that ends takes its entry out of a table. If a newer one has replaced the entry in the
// meantime, the newer one's entry is removed, while it still runs.
//
//	func (g *Gateway) serve(id string, l Link) {
//		l.Serve()
//		g.mu.Lock()
//		delete(g.links, id) // may be the link of a device that has reconnected
//		g.mu.Unlock()
//	}
//
// Remove the entry only if it is still the same: `if g.links[id] == l { delete(g.links, id) }`.
package blindremoval
