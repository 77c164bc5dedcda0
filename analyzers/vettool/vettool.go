// Package vettool lets the toctou binary serve as a tool of go vet and go fix.
//
// The go command talks to such a tool in three ways: -V=full asks for its version, -flags for its
// flags, and a file name that ends in .cfg describes one package to analyse. It does nothing else.
package vettool

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/toctou-lint/toctou/analyzers"
	"github.com/toctou-lint/toctou/analyzers/internal/lower"
	"github.com/toctou-lint/toctou/analyzers/internal/rule"
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

// Whole is the flag, besides those of analyzers.RichFlags, that asks for the findings of all packages,
// dependencies included. What the tool says of a package under it does not depend on which packages
// the go command was asked for.
const Whole = "-toctouinventory.whole"

// Main serves the go command. It never returns.
func Main() {
	collectLate()
	if n := len(os.Args) - 1; strings.HasSuffix(os.Args[n], ".cfg") {
		os.Args[n] = prepare(os.Args[n])
	}
	unitchecker.Main(analyzers.Driver...)
}

// prepare reads the configuration of a package and returns the name of the one to be used: a file
// beside it if something in it is to be different. What cannot be read is left to unitchecker.
func prepare(file string) string {
	data, err := os.ReadFile(file) //nolint:gosec // the go command names it
	if err != nil {
		return file
	}
	var cfg unit
	var all map[string]json.RawMessage
	if json.Unmarshal(data, &cfg) != nil || json.Unmarshal(data, &all) != nil {
		return file
	}
	changed := false
	put := func(field string, v any) {
		if text, err := json.Marshal(v); err == nil {
			all[field], changed = text, true
		}
	}
	if cfg.VetxOnly { // the package was not asked for: diagnostics are dropped, and all that counts are its facts
		if len(cfg.GoFiles) > 0 && cfg.ModulePath == "" && lower.Standard(cfg.ImportPath, cfg.GoFiles[0]) && cfg.typesOnly() == nil {
			os.Exit(0) // what it means is in a table: there are no facts about it
		}
		whole := set(Whole)
		lower.FactsOnly = !whole
		if len(cfg.GoFiles) > 0 && !whole && lower.Foreign(cfg.ModuleVersion, cfg.GoFiles[0]) && !idle() && cfg.dependency() == nil {
			os.Exit(0)
		}
		if whole || set(rule.InventoryFlag) { // the driver wants to know which packages were not judged
			put("VetxOnly", false)
		}
	}
	if files := withoutTests(cfg.GoFiles); len(files) < len(cfg.GoFiles) {
		if len(files) == 0 && writeVetx(cfg.VetxOutput, nil, nil) == nil {
			os.Exit(0) // an external test: nobody imports it
		}
		put("GoFiles", files)
	}
	beside := filepath.Join(filepath.Dir(file), "toctou.cfg")
	if !changed {
		return file
	}
	if data, err = json.Marshal(all); err != nil || os.WriteFile(beside, data, 0o600) != nil { //nolint:gosec // in the go command's own folder
		return file
	}
	return beside
}

// withoutTests leaves test files out, unless findings in them are asked for. Go vet hands them to
// every tool; to type-check them often takes longer than all the rest, and nothing in a test is
// evidence. What only they declare, only they use.
func withoutTests(files []string) []string {
	for _, a := range analyzers.All {
		if set("-" + a.Name + ".tests") {
			return files
		}
	}
	return slices.DeleteFunc(slices.Clone(files), func(f string) bool { return strings.HasSuffix(f, "_test.go") })
}

// set says whether a boolean flag is given, in the form in which the go command hands it on.
func set(name string) bool {
	return slices.Contains(os.Args, name) || slices.Contains(os.Args, name+"=true")
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
