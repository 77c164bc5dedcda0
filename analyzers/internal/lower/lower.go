// Package lower turns Go packages into the events that package flow understands, judges what the
// engine finds, and owns all facts that cross packages.
//
// It is one shared analyzer: the rules require it and read its result. It builds the SSA form of
// a package only if the package can matter, and of that package alone: dependencies are known by
// their facts, and the standard library by the table in models.go.
//
// It reports nothing itself, and it reads no file but those of the pass.
package lower

import (
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"sync"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/report"
)

// Analyzer lowers a package. Its result is a *Result.
var Analyzer = &analysis.Analyzer{
	Name:       "toctoulower",
	Doc:        "lower a package to checks, expiries and acts; reports nothing by itself",
	Run:        run,
	ResultType: reflect.TypeFor[*Result](),
	FactTypes:  []analysis.Fact{new(Fact), new(Contracts)},
}

// FactsOnly says that nobody reads the result: the package is a dependency of those that are
// analysed, and all that counts are its facts.
var FactsOnly bool

// Result is what the rules read.
type Result struct {
	Pos     func(flow.Pos) verdict.Site
	program *verdict.Program
	once    sync.Once
	whole   func() // what is still to be done; nil if nothing is
	out     *verdict.Output
	pkg     *pkg
	shared  func() any
	sharing sync.Mutex
	failure string // why nothing was analysed
	file    string
}

// Output judges the package, once.
func (r *Result) Output() *verdict.Output {
	r.once.Do(func() {
		r.ready()
		if r.program == nil {
			r.out = &verdict.Output{}
			return
		}
		r.out = verdict.Judge(r.program, verdict.Options{})
	})
	return r.out
}

// Program is what the rules judge: nil if the package can't matter, or could not be lowered, and why
// it could not.
func (r *Result) Program() (p *verdict.Program, why string) {
	r.ready()
	return r.program, r.failure
}

// Share returns what compute returns, called once: the rules share what is dear to compute.
func (r *Result) Share(compute func() any) any {
	r.sharing.Lock()
	if r.shared == nil {
		r.shared = sync.OnceValue(compute)
	}
	f := r.shared
	r.sharing.Unlock()
	return f()
}

// Findings lists the findings of one rule.
func (r *Result) Findings(rule string) []report.Finding {
	var out []report.Finding
	for _, f := range r.Output().Findings {
		if f.Rule == rule {
			out = append(out, f)
		}
	}
	return out
}

// run lowers a package. Of one of another module it lowers what there may be facts about; the whole
// only if somebody reads the result.
func run(pass *analysis.Pass) (any, error) {
	res := &Result{}
	if !std(pass) {
		if c := contracts(pass); c != nil {
			pass.ExportPackageFact(c)
		}
	}
	if !foreign(pass) {
		if worthLowering(pass) {
			res.lower(pass, true, !FactsOnly)
		}
		return res, nil
	}
	if files := Essence(sources(pass)); files != nil {
		part := *pass
		part.Files = files
		res.lower(&part, true, false)
	}
	res.whole = sync.OnceFunc(func() {
		if !FactsOnly && worthLowering(pass) {
			res.lower(pass, false, true)
		}
	})
	return res, nil
}

// lower lowers a package for its facts, or to be judged, or both. Code under analysis must never stop a
// run: should the lowering panic, the result is empty and says so.
func (r *Result) lower(pass *analysis.Pass, facts, judge bool) {
	defer func() {
		if e := recover(); e != nil {
			r.program, r.pkg = nil, nil
			r.failure, r.file = fmt.Sprintf("internal error, please report: %v", e), pass.Fset.Position(pass.Files[0].FileStart).Filename
		}
	}()
	p := newPkg(pass)
	p.lowerAll()
	if facts {
		p.exportFacts()
		p.exportMethods()
	}
	if judge {
		r.pkg, r.Pos = p, p.pos.site
		r.program = p.program()
	}
}

// ready sees to it that what the result says is there.
func (r *Result) ready() {
	if r.whole != nil {
		r.whole()
	}
}

// Judge lowers and judges a package that is like the one of this result but for changes in its
// source, with the facts that were known here.
func (r *Result) Judge(pass *analysis.Pass) ([]report.Finding, error) {
	r.ready()
	if r.pkg == nil {
		return nil, errors.New("the package was not lowered")
	}
	again := *pass
	again.ImportObjectFact = r.pkg.pass.ImportObjectFact // those of this analyzer: others may not see them
	again.AllPackageFacts = func() []analysis.PackageFact { return r.pkg.promises }
	res := &Result{}
	if worthLowering(&again) {
		res.lower(&again, false, true)
	}
	if res.failure != "" {
		return nil, errors.New(res.failure)
	}
	return res.Output().Findings, nil
}

// lowerAll lowers the functions, callees before callers. A call back into a function that is not
// lowered yet, a recursion, is a call of unknown code.
func (p *pkg) lowerAll() {
	state := map[*fn]bool{}
	var visit func(x *fn, depth int)
	visit = func(x *fn, depth int) {
		if state[x] || depth > 1000 {
			return
		}
		state[x] = true
		for _, c := range x.calls {
			visit(c.callee, depth+1)
		}
		x.lower()
	}
	for _, x := range p.funcs {
		visit(x, 0)
	}
}

func (p *pkg) exportFacts() {
	for _, x := range p.funcs {
		obj, ok := x.f.Object().(*types.Func)
		if !ok || x.sum == nil || !obj.Exported() { // other packages cannot call it
			continue
		}
		sum, sites := outward(*x.sum, p.pos)
		f := &Fact{Summary: sum, Sites: sites, Runs: x.runs, Compares: x.compares(), Ends: x.onlyEnds()}
		if !f.empty() {
			p.pass.ExportObjectFact(obj, f)
		}
	}
}

// exportMethods says of the methods of the package's interfaces what the only type in it that implements
// them does: whoever calls them from elsewhere calls that, as a rule.
func (p *pkg) exportMethods() {
	scope := p.pass.Pkg.Scope()
	var concrete []*types.Named
	var ifaces []*types.Named
	for _, name := range scope.Names() {
		o, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || o.IsAlias() {
			continue
		}
		n, ok := o.Type().(*types.Named)
		switch {
		case !ok || n.TypeParams().Len() > 0:
		case types.IsInterface(n):
			if o.Exported() && n.Underlying().(*types.Interface).NumMethods() > 1 {
				ifaces = append(ifaces, n)
			}
		case n.NumMethods() > 1:
			concrete = append(concrete, n)
		}
	}
	for _, i := range ifaces {
		t := i.Underlying().(*types.Interface)
		var only *types.Named
		for _, c := range concrete {
			if types.Implements(types.NewPointer(c), t) {
				if only != nil {
					only = nil
					break
				}
				only = c
			}
		}
		if only == nil {
			continue
		}
		for m := range t.ExplicitMethods() {
			o, _, _ := types.LookupFieldOrMethod(types.NewPointer(only), false, m.Pkg(), m.Name())
			impl, ok := o.(*types.Func)
			if !ok || !m.Exported() {
				continue
			}
			x := p.funcOf(p.ssa.Prog.FuncValue(impl))
			if x == nil || x.sum == nil || x.test {
				continue
			}
			sum, sites := outward(*x.sum, p.pos)
			if f := (&Fact{Summary: sum, Sites: sites, Runs: x.runs}); !f.empty() {
				p.pass.ExportObjectFact(m, f)
			}
		}
	}
}

// program gives the lowered package the form that the verdicts need.
func (p *pkg) program() *verdict.Program {
	prog := &verdict.Program{Language: "go", Site: p.pos.site, Until: p.until(), Text: func(flow.Pos) string { return "" }}
	for _, x := range p.funcs {
		if x.flow == nil {
			continue
		}
		for i := range x.flow.Places {
			if x.flow.Places[i].Root == flow.RootLocal {
				x.flow.Places[i].Field = ""
			}
		}
		prog.Funcs = append(prog.Funcs, verdict.Func{
			Name: x.name, Type: x.recv, Pos: flow.Pos(x.f.Pos()), Flow: x.flow, Result: x.res, Given: x.given(),
			Context: verdict.Context{Init: x.isInit, Start: x.starting, Single: x.single, Overlap: x.overlap(), Entry: x.reach, Done: x.done, Undo: x.undo, Owner: x.ownerThread(), Mixed: x.mixed, Many: x.many, Apart: x.apart(), Plain: x.keepsPlain(), Lent: x.lent, Inline: x.inline(0)},
		})
	}
	p.findTasks()
	prog.Tasks = p.tasks
	prog.Locks = p.lockFacts()
	prog.Cleanups = p.cleanups()
	prog.Owned = p.ownedField
	plainProgram(prog)
	return prog
}

// given says which parameters, captured variables included, are objects that are made for several
// goroutines.
func (x *fn) given() []verdict.Given {
	out := make([]verdict.Given, len(x.params))
	for i, v := range x.params {
		t := types.Unalias(v.Type())
		fv, captured := v.(*ssa.FreeVar)
		if captured {
			t = deref(t)
		}
		if x.p.sharedType(t) {
			out[i] = verdict.GivenShared
			if captured && (x.isBody() || x.many) && x.capturesReceiver(fv) {
				out[i] = verdict.GivenKept
			}
		}
	}
	return out
}

// capturesReceiver says whether what a function literal captures is the receiver of the method that it stands in.
func (x *fn) capturesReceiver(fv *ssa.FreeVar) bool {
	owner, v := x.capturedCell(fv)
	if a, ok := v.(*ssa.Alloc); ok {
		v = owner.constant(a)
	}
	p, ok := v.(*ssa.Parameter)
	return ok && owner.f.Signature.Recv() != nil && owner.index[p] == 0
}

// ownerThread names the one goroutine that runs x.
func (x *fn) ownerThread() string {
	if !x.single {
		return ""
	}
	for t := range x.threads {
		return t
	}
	return ""
}

// Functions is the number of functions analysed.
func (r *Result) Functions() int {
	r.ready()
	if r.program == nil {
		return 0
	}
	return len(r.program.Funcs)
}

// Partial lists the functions that were analysed only in part.
func (r *Result) Partial() []report.Partial {
	r.ready()
	if r.failure != "" {
		return []report.Partial{{File: r.file, Line: 1, Reason: r.failure}}
	}
	if r.program == nil {
		return nil
	}
	var out []report.Partial
	for i := range r.program.Funcs {
		f := &r.program.Funcs[i]
		if f.Result.Partial != "" {
			at := r.Pos(f.Pos)
			out = append(out, report.Partial{File: at.File, Line: at.Line, Function: f.Name, Reason: f.Result.Partial})
		}
	}
	return out
}

// Patterns counts, by file, what the package does with concurrency.
func (r *Result) Patterns() []report.FilePattern {
	r.ready()
	if r.pkg == nil {
		return nil
	}
	return r.pkg.patterns()
}
