package flow

// State of a window.
type State uint8

const (
	Open    State = iota + 1 // somebody else can run between check and act
	Latent                   // nothing suspends between them: atomic on one event loop, today
	Covered                  // a lock is held from check to act
)

// Use says why the act depends on the answer. A window may have several.
type Use uint8

const (
	UseControl Use = 1 << iota // the act happens only because of the answer
	UseData                    // what is written is computed from the answer
	UseNeed                    // the act fails if the answer is no longer true
)

// Window is a check, an act on the same place, and what lies between them.
type Window struct {
	State     State
	Use       Use
	Place     PlaceID // the place acted on
	Key       KeyID
	Check     Ref
	Expiry    Ref  // where the answer expires; of a covered window, the first yield that the cover survives
	Crossed   bool // Expiry is meaningful
	Act       Ref
	Fact      Fact     // what the check had told on the way to the act; FactAny if unknown
	Ask       Ask      // what the check asked
	Cover     []LockID // held from check to act without a break
	Held      []LockID // held at the act
	CheckHeld []LockID // held at the check
	Rechecked bool     // Covered or Latent only because a later check replaced an expired one
	First     Ref      // with Rechecked: that expired check
	Deferred  bool     // the act is done by a task started in between
	Version   bool     // Open, but the act happens only if another place, read in the same section as the check, still holds what it did
	Other     bool     // Open, but a fresh check of another place, made after the expiry, controls the act
}

// Access is every check and act on a place, window or not: what gate (c) and the lock rules read.
type Access struct {
	Ref       Ref
	Guarded   bool // act: an earlier check of the same place dominates it
	Identity  bool // act: a test that the entry is still its own (identity) controls it
	AfterPrev bool // act: an earlier act on the same place dominates it
	around    *around
}

// around is what few accesses have.
type around struct {
	held     []LockID
	controls []Control
}

// Held are the locks that must be held here, Entry locks and callee's included.
func (a *Access) Held() []LockID {
	if a.around == nil {
		return nil
	}
	return a.around.held
}

// Controls are, of an act, the answers about other places that decide whether it happens.
func (a *Access) Controls() []Control {
	if a.around == nil {
		return nil
	}
	return a.around.controls
}

// Control is an answer about another place that decides whether an act happens.
type Control struct {
	Check   Ref
	Fact    Fact // what the check had told; FactAny if unknown
	Expired bool // at the act, nothing covered it any more
	Expiry  Ref  // where it expired, if it has
}

// Hold is a yield and the locks that may be held there.
type Hold struct {
	Ref   Ref
	Locks []LockID
}

// Result is what Analyze finds in one function.
type Result struct {
	Locks    []Lock   // Func.Locks, then the reservations (LockFlag) that the analysis found
	Windows  []Window // open, latent and covered, in source order of the act
	Accesses []Access // in source order; none of a Brief function
	Holds    []Hold   // yields (contended acquires included) with the locks that may be held
	Summary  Summary
	Partial  string // why the analysis was cut off, or ""
}

// Tri is never, may or must.
type Tri uint8

const (
	Never Tri = iota
	May
	Must
)

// Via says how an answer leaves a function.
type Via uint8

const (
	ViaResult Via = iota // the result is computed from it
	ViaNormal            // the function returns normally only if Fact holds, else it raises
	ViaOut               // a variable of the caller's, behind parameter Out, is computed from it
)

// Answer is a check whose answer the caller gets.
type Answer struct {
	Place  *Place // nobody may change it
	Key    Key    // in a Summary, Root is the index of a parameter plus one
	Out    int    // ViaOut: which parameter; ViaResult: which of several results, counted from 1, or 0 for all of them
	Origin Pos
	HasKey bool
	Ask    Ask
	Via    Via
	Fact   Fact // ViaNormal: what a normal return tells. ViaResult, ViaOut: what a truthy result tells; FactAny if it is the value itself
	Made   bool // ViaResult, ViaOut: the result is computed from it, not the value itself
	Fresh  bool // nothing suspended, and no covering lock was released, between check and return
	Taken  bool // ViaResult, ViaOut: what was read has been taken out of its place in the same step
}

// SummaryAct is an act that a call performs.
type SummaryAct struct {
	Place     *Place // nobody may change it
	Key       Key    // Root is the index of a parameter plus one
	Origin    Pos
	Flags     Flags // FlagNeeds, FlagAtomic, FlagDeferred, FlagGiven, FlagSync, FlagRenewed
	HasKey    bool
	Effect    Effect
	Value     Value
	After     bool       // the callee may suspend before it acts, and not under a lock that it has taken before
	Early     bool       // the callee still holds all locks that its callers hold
	Rechecked bool       // the callee asks the same question itself before it acts
	Resized   bool       // the callee asks for the size of the container itself before it acts on an element
	Params    []int      // the parameters that the written value is computed from
	More      *ActDetail // what few acts have; nil: nothing
}

// ActDetail is what few acts of a summary have.
type ActDetail struct {
	Locks   []Lock // held around it
	Made    []int  // the parameters that an unknown key may be computed from
	Expects []int  // the parameters that a place must be equal to, as asked in one step with the act
}

// detail is for reading: of an act without any, it is empty.
func (a *SummaryAct) detail() *ActDetail {
	if a.More == nil {
		return &noActDetail
	}
	return a.More
}

var noActDetail ActDetail

// Summary is what callers need to know of a function, in terms of its parameters (RootParam;
// parameter 0 is the receiver of a method) and of program-wide places. One type serves both
// languages. Places that the caller cannot name are left out.
type Summary struct {
	Name      string
	Suspends  Tri
	Answers   []Answer
	Acts      []SummaryAct
	Acquires  []Lock // held on return (lock wrappers)
	Releases  []Lock // the caller's locks given back
	Truncated bool
}
