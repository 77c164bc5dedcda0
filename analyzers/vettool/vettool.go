// Package vettool lets the toctou binary serve as a tool of go vet and go fix.
//
// The go command talks to such a tool in three ways: -V=full asks for its version, -flags for its
// flags, and a file name that ends in .cfg describes one package to analyse. It does nothing else.
package vettool

import (
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/toctou-lint/toctou/analyzers"
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
func Main() { unitchecker.Main(analyzers.Driver...) }
