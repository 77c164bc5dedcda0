package lower

import (
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// maxDepth bounds how far an expression is followed.
const maxDepth = 24

// fn is what is known about one function of the package.
type fn struct {
	p      *pkg
	f      *ssa.Function
	name   string // for people
	recv   string // program-wide name of the receiver's type
	params []ssa.Value
	index  map[ssa.Value]int // of parameters and captured variables
	names  map[ssa.Value]string
	values map[ssa.Value]ref
	cells  map[*ssa.Alloc]*cell
	parent *fn

	filled map[*ssa.Alloc][]ssa.Instruction // who may write a variable; nil: anybody

	maker int8 // whether its result is always new: 0 not known yet, 1 yes, -1 no
	giver int8 // whether its result is an element of a map of the receiver's, likewise

	turns [][]turn // by block; nil: not listed yet
	tries bool     // there is a TryLock

	allDefers []*ssa.Defer // in the order in which they run; nil: not listed yet
	defers    map[*ssa.RunDefers][]*ssa.Defer
	test      bool             // in a test file
	site      *ssa.MakeClosure // where the closure is made, if in one place

	calls    []callSite // static calls of functions of this package
	called   []callSite // who calls this one
	escape   bool       // used as a value: there may be other callers
	valued   int        // in how many places
	entry    []flow.Lock
	net      lockEffects
	contract bool // entry comes from a comment or the name
	runs     []Run
	isInit   bool
	single   bool
	threads  map[string]bool
	multi    bool
	loop     bool   // the one loop of its object
	inTurn   bool   // an interface promises that it and the like are called one at a time
	many     bool   // many goroutines run it at once on one object
	reach    string // why others can reach it
	mixed    bool   // some callers hold locks, others do not, or they are not known
	lent     bool   // all callers in the package hold locks; there may be others
	starting bool   // called only while its object is opened
	done     bool   // the last thing that a goroutine does
	undo     bool   // takes away what the function that handed it out, or its object, has put there

	rootless []ssa.Value // contexts that nobody cancels, for the goroutine that is looked at

	handed map[string]int // results of methods that hand something out, by their text

	spelling *spelling // what the source calls values; nil: not known yet

	sum  *flow.Summary
	flow *flow.Func
	res  *flow.Result
	vars map[ssa.Value]flow.VarID
}

func newFn(p *pkg, f *ssa.Function) *fn {
	x := &fn{p: p, f: f, index: map[ssa.Value]int{}, names: map[ssa.Value]string{}, values: map[ssa.Value]ref{}, cells: map[*ssa.Alloc]*cell{}, threads: map[string]bool{}, handed: map[string]int{}}
	used := map[string]bool{}
	add := func(v ssa.Value) {
		name := v.Name()
		if strings.ContainsAny(name, ".$") {
			name = strings.NewReplacer(".", "", "$", "").Replace(name)
		}
		if name == "" || name == "_" || used[name] {
			name += "p" + strconv.Itoa(len(x.params))
		}
		used[name] = true
		x.index[v] = len(x.params)
		x.names[v] = name
		x.params = append(x.params, v)
	}
	for _, v := range f.Params {
		add(v)
	}
	for _, v := range f.FreeVars {
		add(v)
	}
	x.name = displayName(f)
	if f.Signature.Recv() != nil {
		x.recv = typeName(f.Signature.Recv().Type())
	}
	for _, b := range f.Blocks {
		for _, in := range b.Instrs {
			if a, ok := in.(*ssa.Alloc); ok {
				x.cells[a] = cellOf(a)
			}
		}
	}
	return x
}

func displayName(f *ssa.Function) string {
	if f.Parent() != nil {
		return displayName(f.Parent()) + " (func literal)"
	}
	if r := f.Signature.Recv(); r != nil {
		name := typeName(r.Type())
		return name[strings.LastIndexByte(name, '.')+1:] + "." + f.Name()
	}
	return f.Name()
}
