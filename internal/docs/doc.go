// Package docs keeps the documentation true. It is tests only: links and anchors resolve, the
// commands shown are run and print what is shown, marked examples are reported, numbers are those
// of the code, and the tests that a document names exist.
//
// Where a document and the program differ, `go test ./internal/docs -update` rewrites the output
// shown; everything else is corrected by hand. The package exports nothing.
package docs
