// Package vettool lets the toctou binary serve as a tool of go vet and go fix.
//
// The go command talks to such a tool in three ways: -V=full asks for its version, -flags for its
// flags, and a file name that ends in .cfg describes one package to analyse. It does nothing else.
package vettool

import (
	"encoding/json"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/toctou-lint/toctou/analyzers"
	"github.com/toctou-lint/toctou/analyzers/internal/lower"
)

// Wanted says whether the go command runs this process as its vet tool, judging by the arguments
// without the program's name.
func Wanted(args []string) bool {
	if len(args) == 0 {
		return false
	}
	last := args[len(args)-1]
	return args[0] == "-V=full" || args[0] == "-flags" || strings.HasSuffix(last, ".cfg") && strings.HasPrefix(args[0], "-") || len(args) == 1 && strings.HasSuffix(last, ".cfg")
}

// Main serves the go command. It never returns.
func Main() {
	collectLate()
	lower.FactsOnly = factsOnly(os.Args[1:])
	unitchecker.Main(analyzers.Driver...)
}

// factsOnly says whether the package to be analysed is a dependency: then diagnostics are dropped.
func factsOnly(args []string) bool {
	if len(args) == 0 || !strings.HasSuffix(args[len(args)-1], ".cfg") {
		return false
	}
	data, err := os.ReadFile(args[len(args)-1]) //nolint:gosec // the go command names it; unitchecker reads it next
	var cfg struct{ VetxOnly bool }
	return err == nil && json.Unmarshal(data, &cfg) == nil && cfg.VetxOnly
}

// firstHeap is the size of the heap, in megabytes, at which memory is collected for the first time.
const firstHeap = 768

// collectLate puts the first garbage collection off. There is one process a package, and most need
// less memory than that in their whole life. What the user says in GOGC goes first.
func collectLate() {
	if os.Getenv("GOGC") != "" {
		return
	}
	const least = 4 // megabytes: where the runtime starts at 100 percent
	debug.SetGCPercent(100 * firstHeap / least)
	runtime.AddCleanup(new([64]byte), func(int) { debug.SetGCPercent(100) }, 0) // at the first collection
}
