// Package pyscan is the Python front end: it reads files, lowers each to a small intermediate
// form, links them into one program, and runs the engine over every function.
//
// The work has two phases: per file (parse, lower; parallel, independent of every other file),
// which is Scan, and link (names, classes, calls, summaries bottom-up, lock contention), for each
// unit of files that belong together. Nothing under analysis
// is executed or imported, and no file is read but those it is given.
package pyscan

import (
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/report"
)

// Source is one file to scan.
type Source struct {
	Path string // slash-separated, relative to the root of the report
	Root string // the resolution root it belongs to (a service's folder), relative likewise; "" if not known
	// Read gives the text, which is neither changed nor kept. It may lie in *into, which Read may replace by a larger one: that memory is
	// for the next file, too. Read is called at most twice, possibly from another goroutine.
	Read func(into *[]byte) ([]byte, error)
}

// Options are the settings that change what the front end sees.
type Options struct {
	Jobs    int            // files worked on at a time; GOMAXPROCS if 0
	Preempt bool           // several loops or threads: nothing is atomic
	MaxSize int            // larger files are skipped and listed; 2 MiB if 0
	Tables  *models.Tables // what the project says of libraries and of its own code
	Cache   *Cache         // of earlier scans; nil: none

	Brief     bool // no patterns, databases and frameworks are asked for
	SkipTests bool // see aside.go: tests are set aside, but for what other code imports of them
}

// Result is what the front end found out.
type Result struct {
	Units      []*Unit          // by their first files; together they hold every file that matters
	Files      int              // files given
	Irrelevant int              // files that the prefilter passed over: nothing in them can matter
	Aside      int              // tests that were only parsed
	Skipped    []report.Skipped // files that could not be read or parsed, in whole or in part
	Patterns   []report.FilePattern
	Databases  []report.DatabaseUse
	Frameworks []string                // "FastAPI", "SQLAlchemy", …
	Comments   map[string][]ir.Comment // directives by file
}
