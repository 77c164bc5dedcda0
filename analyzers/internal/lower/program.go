package lower

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
)

// pkg is the work on one package.
type pkg struct {
	pass        *analysis.Pass
	ssa         *ssa.Package
	funcs       []*fn
	byFunc      map[*ssa.Function]*fn
	ops         map[*ssa.Function]op
	methodOps   map[*types.Func]op // of interface methods
	pos         *positions
	imported    map[*types.Func]*known
	conds       map[string]string   // field of a condition → field of its lock
	flags       map[string][]string // field of a wait group or channel → flags that are set before it is waited for or closed
	fields      map[string]*fieldInfo
	tasks       []verdict.Task
	tables      map[string]bool // those that a text in the package declares to have no two rows alike; nil: not looked for yet
	joins       map[string]bool // channels that goroutines close when they end
	sharedTypes map[string]bool
	boxed       map[string]bool            // types that some interface holds
	confined    map[string]bool            // types that say they are not safe for concurrent use; nil: not known yet
	ownedFields map[string]bool            // fields that need no lock, by their comments; nil: not known yet
	published   map[string]map[string]bool // by channel, the fields that are written before it is closed
	written     map[string][]written       // who writes a field
	promises    []analysis.PackageFact     // what interfaces promise, here and below
}

func newPkg(pass *analysis.Pass) *pkg {
	p := &pkg{
		pass: pass, byFunc: map[*ssa.Function]*fn{}, ops: map[*ssa.Function]op{}, methodOps: map[*types.Func]op{}, imported: map[*types.Func]*known{}, conds: map[string]string{},
		flags: map[string][]string{}, fields: map[string]*fieldInfo{},
		joins: map[string]bool{}, sharedTypes: map[string]bool{},
		pos: &positions{fset: pass.Fset, index: map[verdict.Site]flow.Pos{}},
	}
	p.ssa = build(pass)
	for _, f := range sourceFuncs(pass, p.ssa) {
		x := newFn(p, f)
		x.test = strings.HasSuffix(pass.Fset.Position(f.Pos()).Filename, "_test.go")
		p.funcs = append(p.funcs, x)
		p.byFunc[f] = x
	}
	support := p.testSupport()
	for _, x := range p.funcs {
		x.parent = p.byFunc[x.f.Parent()]
		x.test = x.test || support || x.forTests()
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				if mc, ok := in.(*ssa.MakeClosure); ok {
					if y := p.funcOf(mc.Fn.(*ssa.Function)); y != nil {
						y.site = mc
					}
				}
			}
		}
	}
	p.findConds()
	p.link()
	p.findRuns()
	p.linkArguments()
	p.findInit()
	p.findStarting()
	p.inferEntry()
	p.findContracts()
	p.findThreads()
	p.findMany()
	p.findFlags()
	p.findFields()
	p.findSharedTypes()
	p.findClosed()
	p.findPublished()
	p.findDone()
	p.findReleases()
	return p
}

// findConds learns which lock belongs to which condition.
func (p *pkg) findConds() {
	for _, x := range p.funcs {
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				s, ok := in.(*ssa.Store)
				if !ok {
					continue
				}
				fa, ok := s.Addr.(*ssa.FieldAddr)
				if !ok {
					continue
				}
				if typeName(fa.X.Type()) == "sync.Cond" {
					if c, l := x.valueOf(fa.X), x.valueOf(s.Val); c.field != "" && l.field != "" {
						p.conds[c.field] = l.field
					}
				}
				if c, ok := s.Val.(*ssa.Call); ok && c.Call.StaticCallee() != nil && fullName(c.Call.StaticCallee()) == "sync.NewCond" {
					if r, l := x.valueOf(fa), x.valueOf(c.Call.Args[0]); r.field != "" && l.field != "" {
						p.conds[r.field] = l.field
					}
				}
			}
		}
	}
}

const outside = "outside"
