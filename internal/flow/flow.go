// Package flow is the engine: it finds the moment between a check and an act.
//
// A function is given as a control-flow graph of language-neutral events. A check gives an
// answer about a place; the answer expires when others may run, unless a lock held when it was
// obtained has been held ever since; to act on an expired answer is a window. Analyze finds
// every window of one function and the Summary that its callers need.
//
// The package knows no language, no library, no path and does no I/O. It never decides whether
// anybody else writes a place: that is the business of package verdict.
package flow

// Pos is a source position. The engine only copies and orders it; its owner knows what it means.
type Pos uint32

// Ids are indices into the tables of one Func. Index 0 of each table but Blocks is reserved: the
// zero id means "none".
type (
	// PlaceID is an index into Func.Places.
	PlaceID int32
	// KeyID is an index into Func.Keys, or KeyAny.
	KeyID int32
	// LockID is an index into Func.Locks, or Result.Locks.
	LockID int32
	// VarID is an index into Func.Vars.
	VarID int32
	// BlockID is an index into Func.Blocks.
	BlockID int32
)

// KeyAny is the key of an element that cannot be told: it pairs with nothing, settles nothing
// and revalidates nothing.
const KeyAny KeyID = -1

// Func is one function body in flow form. Build it with a Builder.
type Func struct {
	Name    string
	Preempt bool // others may run at any time (Go, threads); false: only at a Yield (asyncio)
	Params  []VarID
	Outs    []VarID // of the parameters, the variables of the caller's that the function assigns
	Tells   int     // of several results, the one, counted from 1, that the Value of an OpReturn is
	Places  []Place
	Keys    []Key
	Locks   []Lock
	Vars    []string // names, for people
	Blocks  []Block  // Blocks[0] is the entry
	Entry   []LockID // locks that every caller holds
	Partial string   // why the lowering had to stop early, or ""
	Brief   bool     // nobody asks for the accesses
}

// RootKind says what an access path starts from.
type RootKind uint8

const (
	RootNone   RootKind = iota
	RootParam           // a parameter, the receiver included: Place.Param is its index
	RootGlobal          // a module or package variable
	RootCell            // a captured variable
	RootLocal           // anything else; never shared by itself
)

// PlaceKind says what kind of storage a place is.
type PlaceKind uint8

const (
	Variable  PlaceKind = iota // a field, global or captured variable
	Container                  // the same, known to hold elements
	Record                     // a record in a store outside the process, addressed by key
	Signal                     // an event, future or channel whose state is asked and set
)

// Place is an access path. Within one Func two places are the same exactly if their Paths are
// equal; across functions they are the same if their Fields are equal and not empty.
type Place struct {
	Path  string // "self._pool", "jobs.running": in the function's own words
	Field string // program-wide identity, "pkg.Class._pool"; "" if nobody else can name it
	Type  string // program-wide type name if known
	Owner string // of an attribute: the type of the object that has it, if known
	Param int    // index into Func.Params if Root is RootParam
	Root  RootKind
	Kind  PlaceKind
}

// Key is a value-numbered pure expression that selects an element. Equal ids are equal values;
// two different constants are different values; everything else is unknown.
type Key struct {
	Text  string // for people: "job.id"
	Path  string // what is read from it: ".id"
	Root  VarID  // the variable that the expression starts from, 0 for a constant
	Const bool
}

// LockKind says what a lock excludes.
type LockKind uint8

const (
	LockTask   LockKind = iota // tasks of one event loop (asyncio, trio, anyio)
	LockThread                 // threads or goroutines
	LockFlag                   // a reservation: a flag or entry that the code tests and sets in one step
)

// Lock is a lock identity as the function names it. A read lock and a write lock on one mutex
// are two Locks with the same Path and Field.
type Lock struct {
	Path      string
	Field     string // program-wide identity; "" if nobody else can name it
	Param     int
	Key       KeyID // a keyed lock covers its key only; 0: not keyed
	Root      RootKind
	Kind      LockKind
	Read      bool // shared mode
	Reentrant bool // the same task or thread may take it again
	Local     bool // made by this activation: excludes nobody
}

// Block is a straight line of events. Its edges leave after the last one, but for exception
// edges, which may leave after any of them.
type Block struct {
	Events []Event
	Succs  []Edge
}

// Edge leads to a successor block.
type Edge struct {
	To     BlockID
	Except bool   // an exception edge: leaves with the state before or after any event of the block
	Bears  bool   // an exception edge that carries an answer (`except KeyError`): counts for control dependence
	Tests  []Test // what is known about tested variables when this edge is taken
}

// Fact is what an edge tells about the variable that it tests.
type Fact uint8

const (
	FactAny     Fact = iota // tested somehow
	FactTrue                // truthy; of an AskHas: present
	FactFalse               // falsy; of an AskHas: absent
	FactNone                // is nil/None/missing
	FactNotNone             // is not nil/None/missing
)

// Test says that an edge depends on Var, and what it tells about it.
type Test struct {
	Var  VarID
	Fact Fact
	Same VarID // 0, or a variable proven equal (identical) to Var on this edge
	Is   bool  // Var is one certain constant on this edge, which Fact cannot tell
}

// Op is the kind of an Event.
type Op uint8

const (
	OpCheck   Op = iota + 1 // Dst = an answer about Place[Key], of kind Ask
	OpLet                   // Dst is computed from Srcs; with FlagAlias it is a copy of Srcs[0], with FlagUpdate a number; Text is the part that is set
	OpAct                   // Effect on Place[Key]; Srcs: what the written value is computed from
	OpYield                 // others may run here; Text says why
	OpAcquire               // takes Lock; with FlagContended it may have to wait, which is a yield before the taking
	OpRelease               // gives Lock back
	OpReturn                // returns normally, with the values of Srcs or a constant (Value)
)

// Ask says what a check asks.
type Ask uint8

const (
	AskValue Ask = iota // the value of a place or element (None when missing)
	AskHas              // whether an element is present
	AskSize             // length, emptiness or truth of a container
	AskIter             // the contents, by iterating
)

// Effect says what an act does to its place.
type Effect uint8

const (
	EffectNone   Effect = iota // nothing: the act only needs the answer (Needs)
	EffectSet                  // assigns the place or element; Value says what is known of the value
	EffectDel                  // removes the element or clears the place
	EffectGrow                 // adds an element that no key names (append, add)
	EffectShrink               // removes an element that no key names (pop)
	EffectClear                // removes all elements
	EffectModify               // changes in place in a way that is not known
	EffectSignal               // makes final: close, set_result, cancel
)

// Value is what is known about a written value.
type Value uint8

const (
	ValueUnknown  Value = iota
	ValueNone           // nil, None
	ValueTrue           // a truthy constant
	ValueFalse          // a falsy constant
	ValuePlain          // proven plain data: number, text, computed without identity
	ValueResource       // must be closed: the result of connect, open, start…
	ValueTask           // a task, thread or goroutine handle
	ValueObject         // a new object that is no resource
	ValueEmpty          // a new, empty container
)

// Flags refine an event.
type Flags uint32

const (
	FlagNeeds     Flags = 1 << iota // OpAct: a partial operation; fails if the answer is no longer true. OpCheck: one that fails where there is nothing
	FlagTested                      // OpCheck: the answer is relied on by construction (a loop over keys): tested without a branch
	FlagDeferred                    // OpAct: done by a task that was just started, once this one suspends or returns
	FlagRechecked                   // OpAct: the callee checks again, without a yield, before it acts
	FlagAlias                       // OpLet: a copy
	FlagContended                   // OpAcquire: may have to wait
	FlagMaybe                       // OpYield: may suspend, not must
	FlagIter                        // OpAct with FlagNeeds: the next step of a live iteration; Srcs is the Dst of its AskIter check
	FlagStale                       // OpCheck: the answer had expired before the callee that gave it returned
	FlagAtomic                      // OpAct: check and act are one step (setdefault, LoadOrStore, CompareAndSwap)
	FlagCallee                      // stands for something done inside a call
	FlagUpdate                      // OpAct: `x += …`, reading and writing one place
	FlagNot                         // OpLet with FlagAlias: the negation of Srcs[0]
	FlagNew                         // OpAcquire: the lock is made anew by each activation
	FlagSync                        // OpCheck, OpAct: the access itself is atomic (an atomic load or store, a map that locks by itself)
	FlagOrdered                     // OpCheck, OpAct: ordered after the others' accesses by a join (WaitGroup.Wait, a receive)
	FlagAnyway                      // OpAct: done where the element is missing, and where it is like the new one, too: asking keeps nobody's entry
	FlagBare                        // OpCheck: asks whether there is an entry, whichever it is
	FlagResized                     // OpAct: the callee asks for the size again before it acts on an element
	FlagGiven                       // OpAct: what is written is the caller's own, or one of a kind: not computed from the key alone
	FlagSignal                      // OpYield: waits until somebody else says so, or for a time: nothing that this function does ends it
	FlagTaken                       // OpAct: what is removed goes to whoever removes it, and is looked at. OpCheck: the callee has taken what it read out of its place
	FlagOwn                         // OpAct with FlagNeeds: relies on finding what this activation itself has put there
	FlagClosed                      // OpAct: takes away what Srcs was read as, and what has just been closed
	FlagEager                       // OpAct: done by a task that runs to its first suspension before the call that starts it returns
	FlagLent                        // OpYield: hands control to the caller of a context manager; whether that suspends is the caller's affair
	FlagRenewed                     // OpAct: the callee makes the whole anew from what is there then, and from nothing of the caller's
	FlagKept                        // OpAct: what is written is kept elsewhere, by those who made it: whoever asks them gets the same one
	FlagForeign                     // OpLet: what code that is not known made of Srcs, and may have failed to
)

// Event is one step. Fields that its Op does not mention are zero.
type Event struct {
	Op     Op
	Ask    Ask
	Effect Effect
	Value  Value
	Flags  Flags
	Place  PlaceID
	Key    KeyID
	Lock   LockID
	Dst    VarID
	Pos    Pos // where this function does it: for an expanded call, the call
	Origin Pos // for an expanded call, where the callee does it; else 0
	Srcs   []VarID
	Text   string  // OpYield: the reason; OpAct: the spelling (".pop", "del")
	More   *Detail // OpAct, OpCheck: what few of them have; nil: nothing
}

// Detail is what few events have.
type Detail struct {
	Made    []VarID  // OpAct: the key, or what is added without a key, is computed from one of these, nobody knows how
	Expects []VarID  // OpAct: the callee acts only if another place still holds what these do
	Inner   []LockID // locks a callee holds around this event, besides the caller's
}

// detail is for reading: of an event without any, it is empty.
func (e *Event) detail() *Detail {
	if e.More == nil {
		return &noDetail
	}
	return e.More
}

var noDetail Detail

// Ref names an event of a Func.
type Ref struct {
	Block BlockID
	Index int32
}
