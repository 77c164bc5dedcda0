package lower

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/report"
)

// patternNames says under which name an operation is counted.
var patternNames = map[op]string{
	opLock: "Lock", opRLock: "RLock", opTryLock: "TryLock", opTryRLock: "TryLock", opLoad: "atomic", opStore: "atomic", opUpdate: "atomic",
	opCondWait: "Cond.Wait", opRunOnce: "Once", opOnceFunc: "Once", opRunKeyed: "singleflight", opGo: "WaitGroup.Go", opGoErr: "errgroup.Go", opAfter: "AfterFunc",
}

// patterns counts, by file, what the package does with concurrency.
func (p *pkg) patterns() []report.FilePattern {
	byFile := map[string]map[string]int{}
	for _, x := range p.funcs {
		file := p.pass.Fset.Position(x.f.Pos()).Filename
		count := func(name string) {
			if name == "" || file == "" {
				return
			}
			if byFile[file] == nil {
				byFile[file] = map[string]int{}
			}
			byFile[file][name]++
		}
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				switch in := in.(type) {
				case *ssa.Go:
					count("go")
				case *ssa.Select:
					count("select")
				case *ssa.MakeChan:
					count("chan")
				case *ssa.Call:
					if f := in.Call.StaticCallee(); f != nil && strings.HasPrefix(fullName(f), "(*sync.Map).") {
						count("sync.Map")
						continue
					}
					count(patternNames[p.opOf(&in.Call)])
				}
			}
		}
	}
	var out []report.FilePattern
	for file, n := range byFile {
		out = append(out, report.FilePattern{File: file, Patterns: n})
	}
	slices.SortFunc(out, func(a, b report.FilePattern) int { return cmp.Compare(a.File, b.File) })
	return out
}
