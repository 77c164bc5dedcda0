// Package verdict turns windows into findings.
//
// The engine says that a check had expired when its answer was acted on. This package asks the
// third question: does somebody else write that place in between, so that the answer can be
// wrong? It then names the consequence, rates severity and confidence apart from each other,
// keeps one finding per defect, and words it. Both front ends share it.
//
// It knows no syntax and no library, reads no file and prints nothing.
package verdict

import (
	"github.com/toctou-lint/toctou/internal/flow"
)

// Site is a place in the source. Lines and columns are 1-based, columns in bytes, ends exclusive.
type Site struct {
	File            string
	Line, Col       int
	EndLine, EndCol int
}

// Overlap says how sure it is that two activations meet on one instance.
type Overlap uint8

const (
	OverlapAssumed Overlap = iota // a method of a shared-looking object: medium confidence
	OverlapProven                 // route handlers, callbacks, tasks started in a loop or from two places: high
	OverlapOwned                  // the object looks owned by one task (per-request, connection, cursor): low
	OverlapNone                   // cannot happen: the instance never leaves its maker
)

// Context is the evidence about when a function runs.
type Context struct {
	Init      bool     // runs before the object is shared (__init__, before the first `go`, startup code run once)
	Start     bool     // runs while the object is opened, by its callers' names
	Import    bool     // a module has called it while it was imported, before there was anybody else
	Single    bool     // only one activation at a time: one background loop
	Overlap   Overlap  // of two activations of this function on one instance
	Entry     string   // why others can reach it, for people: "route GET /jobs", "task started at line 40"
	Called    bool     // Entry is a call that is seen: nobody else is known to reach it
	Done      bool     // runs when a task, connection or goroutine ends (done callback, its last part): what it removes must be its own
	Undo      bool     // handed out by the function that has put there what it removes
	Owner     string   // the one goroutine that runs it, if there is one: functions of one owner never overlap
	Plain     bool     // asks and sets plain state of its object besides, without any lock: its authors know of one caller at a time
	Apart     bool     // a goroutine of its own runs it, and somebody else besides
	Many      bool     // several activations at one time are certain: a handler, goroutines started in a loop
	Mixed     bool     // who calls it, and with which locks, differs or is not known: says nothing about its own accesses
	Lent      bool     // the callers that are known hold locks; there may be others
	Test      bool     // part of a test: owns what it touches, and is no evidence for code that is not
	Opens     bool     // begins the use of its object, by its name, and nobody is seen to call it again
	Inline    bool     // nested in a function that alone calls it, one call after the other: nobody else has its maker's variables
	Under     []string // locks, by program-wide name, held at every call of it that is seen, whoever they belong to
	Decorates bool     // a decorator calls it, or it is one: it runs where things are defined
	Thread    bool     // runs in a thread of its own (to_thread, thread pool): nothing it does is atomic
}

// Given says what the known callers of a function pass for one parameter.
type Given uint8

const (
	GivenUnknown  Given = iota // no caller is known
	GivenFresh                 // every known caller passes an object that nobody else has
	GivenShared                // some caller passes something that others may have
	GivenSiblings              // a caller starts several side by side with the same object
	GivenKept                  // every known caller passes what a module, or the caller's own shared object, keeps
)

// Join is where a function has waited for the one task or goroutine that runs Owner to end, or
// where it starts it.
type Join struct {
	Owner string
	Pos   flow.Pos
}

// Func is one analysed function.
type Func struct {
	Name    string // for people: "Pool.get", "get_database_pool"
	Type    string // program-wide name of the receiver's type, "" for functions
	Pos     flow.Pos
	Flow    *flow.Func
	Result  *flow.Result
	Given   []Given      // by parameter; may be shorter
	Joins   []Join       // the background loops that it waits for
	Starts  []Join       // and those that it starts
	Cancels []string     // the places whose tasks it cancels, by itself or through what it calls
	Asleep  []flow.Pos   // where it waits for a condition to be notified
	Serves  bool         // is given the connection that it serves
	Chosen  []flow.VarID // variables that hold what the other side of a connection, or who sent the request, has chosen
	Unique  []flow.VarID // variables that hold what there has not been before: a random name, the next number
	Itself  []flow.VarID // variables that hold the task that runs the function
	Context
}

// Keep says what becomes of the handle of a task or goroutine.
type Keep uint8

const (
	KeepLost     Keep = iota // dropped, or kept only weakly or in something that dies first
	KeepAwaited              // awaited, joined or gathered in the function that made it
	KeepReturned             // given to the caller
	KeepOwner                // a task group, nursery, wait group or registry owns it
	KeepStored               // stored in Place
	KeepPassed               // passed to code that is not known
	KeepNobody               // nobody keeps it, waits for it or ends it, and nothing shows that anybody would have to
)

// Task is one creation of a task or goroutine.
type Task struct {
	Pos      flow.Pos // the creation call
	Func     int      // index into Program.Funcs
	Target   string   // what runs in it, for people
	Keep     Keep
	Keeper   string // for people: "self._tasks", "TaskGroup tg"
	Field    string // program-wide identity of the place it is stored in
	Observed bool   // somebody sees its exception, or its body handles all of them
	Observer string // who, for people
	Drained  bool   // a shutdown path awaits or cancels it, or none is needed
	Drain    string // who, for people
	Owner    bool   // the type or module that keeps it has a shutdown path at all
	Short    bool   // blocked on nothing but timers, sockets or queues owned elsewhere: collecting it is unlikely
	Brief    bool   // it does one thing that ends by itself, in memory: being cut off hurts less
	Why      string // for people: how the handle is lost, or why it is safe
	Fix      string // what mends it, if it is not what mends tasks as a rule
	Bodies   []int  // the functions that run in it, as indexes into Program.Funcs, where they are known
	Related  []Related
}

// Related is a place that has to do with a task, and what it has.
type Related struct {
	Pos   flow.Pos
	Label string // "what it runs"
}

// LockFact is what is known about one lock of the program.
type LockFact struct {
	Field   string
	Name    string // for people
	Kind    string // "asyncio.Lock", "sync.Mutex"
	Pos     flow.Pos
	PerCall bool       // made anew by each activation that takes it
	Each    bool       // every instance of a class makes one for itself, and there are or may be several
	Evicted []flow.Pos // where it is removed from its table while others may hold or await it
	Unknown bool       // there are holders that were not seen
	Suspend bool       // some holder may suspend while holding it; false: never contended on one loop
}

// Thread is a function that runs in another thread than that of the event loop.
type Thread struct {
	Pos    flow.Pos // where it is handed over; where it is defined if it gets there otherwise
	Target string   // what runs, for people
	By     string   // the function that hands it over, "" if none does
	How    string   // the call that hands it over, or why it runs in a thread, for people
}

// Cleanup is a removal at the end of a function that takes away what the function put there
// earlier, with work of unknown length in between.
type Cleanup struct {
	Func    int      // index into Program.Funcs
	Put     flow.Ref // the act that put the entry there
	Removal flow.Ref
}

// Retake is a place where the holder of a lock that is not re-entrant waits for it again.
type Retake struct {
	Func  int // index into Program.Funcs
	Lock  string
	Field string
	Pos   flow.Pos // the call, or the acquisition itself
	In    int      // the function that takes the lock again
	Inner flow.Pos // where it does
}

// Undone is a handle of a task that runs before it is stored: it may have ended, and emptied the place.
type Undone struct {
	Func    int      // index into Program.Funcs
	Store   flow.Pos // where the handle is stored, after a look at the place
	Spawn   flow.Pos
	Field   string
	Place   string // for people
	Body    int    // the function that runs in the task
	Removal flow.Pos
}

// CutShort is a task that a function starts unless it runs, and awaits under a time limit that ends it for
// everybody.
type CutShort struct {
	Func  int // index into Program.Funcs
	Await flow.Pos
	Store flow.Pos
	Field string
	Place string // for people
}

// Program is what a front end found out. Funcs, Tasks, Locks and Threads are in source order.
type Program struct {
	Language string // "python", "go"
	Funcs    []Func
	Tasks    []Task
	Locks    []LockFact
	Threads  []Thread // Python only: every goroutine may run in another thread
	Cleanups []Cleanup
	Retakes  []Retake
	Undone   []Undone
	CutShort []CutShort
	Owned    func(field string) bool // of a place: it is one task's, as far as its object or its author tells; nil: not known
	Apart    func(a, b string) bool  // of two types: no object is of both; nil: not known
	Site     func(flow.Pos) Site
	Until    func(flow.Pos) int    // last line of the block that the acquisition at a position opens, 0 if it opens none; may be nil
	Text     func(flow.Pos) string // the source text at a position, one line, shortened; "" if it is not at hand
}

// Policies for latent windows.
const (
	LatentLowered = "lowered"
	LatentAsOpen  = "as-open"
	LatentHidden  = "hidden"
)

// Options are the settings that change verdicts, and what is asked for.
type Options struct {
	Latent   string // LatentLowered if empty
	Disabled map[string]bool
	Brief    bool // findings are all that is asked for
}
