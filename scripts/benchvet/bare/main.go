// Command bare is a tool for go vet that does what the go command asks of any, and no more: it type-checks
// each package and writes down its types. Benchvet compares with it.
package main

import (
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"
)

func main() {
	unitchecker.Main(&analysis.Analyzer{
		Name: "nothing", Doc: "report nothing",
		Run: func(*analysis.Pass) (any, error) { return nil, nil },
	})
}
