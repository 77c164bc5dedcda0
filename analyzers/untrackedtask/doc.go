// Package untrackedtask defines an analyzer that finds goroutines that nobody waits for or stops.
//
// # Analyzer untrackedtask
//
// untrackedtask: report goroutines that nobody waits for or can stop, and whose failure matters
//
// A goroutine that does work whose failure matters, and that nobody waits for, can stop, or hears of,
// is cut off at shutdown and loses its error.
//
//	go h.log.Write(rec) // returns an error; nobody sees it, and nobody waits for it
//
// Start it through a WaitGroup or an errgroup that the owner waits for. The analyzer is narrow by
// default: it reports functions that return an error, and work that outlives the Close of its type.
package untrackedtask
