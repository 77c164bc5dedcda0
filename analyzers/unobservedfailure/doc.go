// Package unobservedfailure defines an analyzer that finds goroutines whose error nobody sees.
//
// # Analyzer unobservedfailure
//
// unobservedfailure: report goroutines that somebody waits for but whose error is dropped
//
// Somebody waits until the goroutine is done, but the error that its function returns is dropped.
//
//	go c.run() // run closes c.done, and returns an error
//
// Send the error to whoever waits, keep it in a field that is read after the wait, or log it.
package unobservedfailure
