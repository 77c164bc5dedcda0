package lower

import (
	"go/types"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/analyzers/internal/compact"
	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
)

// Fact is what other packages need to know of a function: its summary in terms of receiver and
// parameters, what it does with function arguments, and the goroutines it starts for them.
// Positions in it index Sites, from 1.
//
// A package hands on the facts about methods of all packages below it, and reads few of them: a
// fact stays in its encoded form until somebody asks what it says.
type Fact struct {
	Summary flow.Summary
	Sites   []verdict.Site
	Runs    []Run
	// Compares says that all the function returns is whether what it reads equals its argument.
	Compares bool
	// Ends says that the function waits or loops, and that its error, if any, tells only that a context is done.
	Ends bool

	encoded []byte // the fields above are not set yet
}

// said is the part of a fact that is encoded.
type said struct {
	Summary  flow.Summary
	Sites    []verdict.Site
	Runs     []Run
	Compares bool
	Ends     bool
}

// GobEncode encodes the fact in a form of its own, many times smaller than gob's.
func (f *Fact) GobEncode() ([]byte, error) {
	if f.encoded != nil {
		return f.encoded, nil
	}
	return compact.Append(nil, &said{f.Summary, f.Sites, f.Runs, f.Compares, f.Ends}), nil
}

// GobDecode keeps the encoded form for open.
func (f *Fact) GobDecode(data []byte) error {
	*f = Fact{encoded: slices.Clone(data)}
	return nil
}

// open decodes what is still encoded. A fact that cannot be read says nothing.
func (f *Fact) open() {
	if f.encoded == nil {
		return
	}
	var s said
	if err := compact.Decode(f.encoded, &s); err != nil || !s.placed() {
		s = said{}
	}
	*f = Fact{Summary: s.Summary, Sites: s.Sites, Runs: s.Runs, Compares: s.Compares, Ends: s.Ends}
}

// placed says whether all that is asked and done is about some place.
func (s *said) placed() bool {
	return !slices.ContainsFunc(s.Summary.Answers, func(a flow.Answer) bool { return a.Place == nil }) &&
		!slices.ContainsFunc(s.Summary.Acts, func(a flow.SummaryAct) bool { return a.Place == nil })
}

// AFact marks Fact as a fact.
func (*Fact) AFact() {}

func (f *Fact) String() string {
	f.open()
	var s strings.Builder
	s.WriteString("summary")
	for _, a := range f.Summary.Answers {
		s.WriteString(" asks " + a.Place.Path)
	}
	for _, a := range f.Summary.Acts {
		s.WriteString(" acts " + a.Place.Path)
	}
	for _, l := range f.Summary.Acquires {
		s.WriteString(" acquires " + l.Path)
	}
	for _, l := range f.Summary.Releases {
		s.WriteString(" releases " + l.Path)
	}
	for _, r := range f.Runs {
		if r.Spawns {
			s.WriteString(" tracks")
		} else {
			s.WriteString(" runs")
		}
	}
	if f.Ends {
		s.WriteString(" ends")
	}
	return s.String()
}

// Run says that a function runs one of its function arguments.
type Run struct {
	Param  int
	Spawns bool // as a goroutine that somebody waits for
	Sees   bool // and its error is looked at
	Locks  []flow.Lock
}

func (f *Fact) empty() bool {
	s := &f.Summary
	return len(s.Answers)+len(s.Acts)+len(s.Acquires)+len(s.Releases)+len(f.Runs) == 0 && !f.Ends
}

// outward gives a summary a form that makes sense in another package.
func outward(sum flow.Summary, pos *positions) (flow.Summary, []verdict.Site) {
	var sites []verdict.Site
	conv := func(p flow.Pos) flow.Pos {
		if p == 0 {
			return 0
		}
		sites = append(sites, pos.site(p))
		return flow.Pos(len(sites))
	}
	sum.Answers = append([]flow.Answer(nil), sum.Answers...)
	for i := range sum.Answers {
		sum.Answers[i].Origin = conv(sum.Answers[i].Origin)
	}
	sum.Acts = append([]flow.SummaryAct(nil), sum.Acts...)
	for i := range sum.Acts {
		sum.Acts[i].Origin = conv(sum.Acts[i].Origin)
	}
	return sum, sites
}

// inward is the reverse of outward.
func inward(f *Fact, pos *positions) *flow.Summary {
	sum := f.Summary
	conv := func(p flow.Pos) flow.Pos {
		if p == 0 || int(p) > len(f.Sites) {
			return 0
		}
		return pos.intern(f.Sites[p-1])
	}
	sum.Answers = append([]flow.Answer(nil), sum.Answers...)
	for i := range sum.Answers {
		sum.Answers[i].Origin = conv(sum.Answers[i].Origin)
	}
	sum.Acts = append([]flow.SummaryAct(nil), sum.Acts...)
	for i := range sum.Acts {
		sum.Acts[i].Origin = conv(sum.Acts[i].Origin)
	}
	return &sum
}

// factOf returns what another package said of fn, or nil.
func (p *pkg) factOf(fn *types.Func) *known {
	fn = fn.Origin()
	if k, ok := p.imported[fn]; ok {
		return k
	}
	var k *known
	fact := new(Fact)
	if fn.Pkg() != nil && fn.Pkg() != p.pass.Pkg && p.pass.ImportObjectFact(fn, fact) {
		fact.open()
		k = &known{sum: inward(fact, p.pos), fact: fact}
	}
	p.imported[fn] = k
	return k
}

// known is what is known of a callee.
type known struct {
	sum  *flow.Summary
	fact *Fact
}
