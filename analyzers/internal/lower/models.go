package lower

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// op is what a library function does to the state that it is given.
type op uint8

const (
	opNone op = iota
	opLock
	opUnlock
	opRLock
	opRUnlock
	opTryLock
	opTryRLock
	opLoad       // reads an atomic
	opStore      // writes an atomic
	opUpdate     // reads and writes an atomic in one step: Add, Swap, CompareAndSwap
	opElemLoad   // reads an element; a second result says whether it is there
	opElemHas    // says whether an element is there
	opElemStore  // sets an element
	opElemDelete // removes an element
	opElemUpdate // reads and sets or removes an element in one step
	opElems      // visits all elements
	opElemClear  // removes all elements
	opElemTouch  // reads an element and reorders the others
	opElemSize   // number of elements
	opCondWait   // gives the lock of a condition back and takes it again
	opRunOnce    // runs its function argument, alone
	opRunKeyed   // runs its function argument, alone for its key
	opRun        // runs its function argument now
	opGo         // starts its function argument as a goroutine that somebody waits for
	opGoErr      // the same; somebody sees its error
	opAfter      // starts its function argument as a goroutine later
	opWaitAdd    // announces a goroutine to a wait group
	opWaitDone   // says that a goroutine is done
	opWait       // waits for goroutines
	opOwned      // gives an object that belongs to the caller alone
	opOnceFunc   // wraps its function argument so that it runs once
)

// models says what library functions mean, by their full name without type arguments. One line
// extends it.
var models = map[string]op{
	"(*sync.Mutex).Lock":       opLock,
	"(*sync.Mutex).Unlock":     opUnlock,
	"(*sync.Mutex).TryLock":    opTryLock,
	"(*sync.RWMutex).Lock":     opLock,
	"(*sync.RWMutex).Unlock":   opUnlock,
	"(*sync.RWMutex).TryLock":  opTryLock,
	"(*sync.RWMutex).RLock":    opRLock,
	"(*sync.RWMutex).RUnlock":  opRUnlock,
	"(*sync.RWMutex).TryRLock": opTryRLock,
	"(sync.Locker).Lock":       opLock,
	"(sync.Locker).Unlock":     opUnlock,
	"(*sync.Cond).Wait":        opCondWait,
	"(*sync.Once).Do":          opRunOnce,
	"(*sync.Pool).Get":         opOwned,
	"sync.OnceFunc":            opOnceFunc,
	"sync.OnceValue":           opOnceFunc,
	"sync.OnceValues":          opOnceFunc,
	"(*sync.WaitGroup).Add":    opWaitAdd,
	"(*sync.WaitGroup).Done":   opWaitDone,
	"(*sync.WaitGroup).Wait":   opWait,
	"(*sync.WaitGroup).Go":     opGo,

	"(*sync.Map).Load":             opElemLoad,
	"(*sync.Map).Store":            opElemStore,
	"(*sync.Map).Delete":           opElemDelete,
	"(*sync.Map).LoadOrStore":      opElemUpdate,
	"(*sync.Map).LoadAndDelete":    opElemUpdate,
	"(*sync.Map).Swap":             opElemUpdate,
	"(*sync.Map).CompareAndSwap":   opElemUpdate,
	"(*sync.Map).CompareAndDelete": opElemUpdate,
	"(*sync.Map).Range":            opElems,
	"(*sync.Map).Clear":            opElemClear,

	"(*golang.org/x/sync/errgroup.Group).Go":            opGoErr,
	"(*golang.org/x/sync/errgroup.Group).TryGo":         opGoErr,
	"(*golang.org/x/sync/errgroup.Group).Wait":          opWait,
	"(*golang.org/x/sync/singleflight.Group).Do":        opRunKeyed,
	"(*golang.org/x/sync/singleflight.Group).DoChan":    opRunKeyed,
	"(*github.com/sourcegraph/conc.WaitGroup).Go":       opGo,
	"(*github.com/sourcegraph/conc/pool.Pool).Go":       opGo,
	"(*gopkg.in/tomb.v2.Tomb).Go":                       opGoErr,
	"(*github.com/sasha-s/go-deadlock.Mutex).Lock":      opLock,
	"(*github.com/sasha-s/go-deadlock.Mutex).Unlock":    opUnlock,
	"(*github.com/sasha-s/go-deadlock.RWMutex).Lock":    opLock,
	"(*github.com/sasha-s/go-deadlock.RWMutex).Unlock":  opUnlock,
	"(*github.com/sasha-s/go-deadlock.RWMutex).RLock":   opRLock,
	"(*github.com/sasha-s/go-deadlock.RWMutex).RUnlock": opRUnlock,

	"time.AfterFunc":    opAfter,
	"context.AfterFunc": opAfter,

	"sort.Slice": opRun, "sort.SliceStable": opRun, "sort.Search": opRun,
	"slices.SortFunc": opRun, "slices.DeleteFunc": opRun, "slices.IndexFunc": opRun, "slices.ContainsFunc": opRun,
	"container/heap.Push": opElemTouch, "container/heap.Pop": opElemTouch, "container/heap.Fix": opElemTouch, "container/heap.Remove": opElemTouch,

	"maps.DeleteFunc": opRun, "strings.Map": opRun, "path/filepath.Walk": opRun, "path/filepath.WalkDir": opRun,
}

// families are models by receiver type and method, for types that come in many versions.
var families = []struct {
	prefix  string // of the full name
	methods map[string]op
}{
	{"(*sync/atomic.", atomicMethods},
	{"(*go.uber.org/atomic.", atomicMethods},
	{"(*github.com/hashicorp/golang-lru/simplelru.", rawCache},
	{"(*github.com/hashicorp/golang-lru/v2/simplelru.", rawCache},
	{"(*github.com/golang/groupcache/lru.", rawCache},
	{"(*container/list.", listMethods},
	{"(*github.com/hashicorp/golang-lru", lockedCache},
	{"(*github.com/patrickmn/go-cache.", lockedCache},
	{"(github.com/orcaman/concurrent-map", lockedCache},
	{"(*github.com/puzpuzpuz/xsync", lockedCache},
}

var atomicMethods = map[string]op{
	"Load": opLoad, "Store": opStore, "Swap": opUpdate, "CompareAndSwap": opUpdate, "CAS": opUpdate, "Add": opUpdate, "Sub": opUpdate,
	"Inc": opUpdate, "Dec": opUpdate, "And": opUpdate, "Or": opUpdate, "Toggle": opUpdate,
}

// rawCache are caches without a lock of their own; a look-up reorders them.
var rawCache = map[string]op{
	"Get": opElemTouch, "Peek": opElemLoad, "Contains": opElemHas, "Add": opElemStore, "Remove": opElemDelete, "Purge": opElemClear, "Clear": opElemClear, "Len": opElemSize,
}

// lockedCache are maps and caches whose methods lock by themselves.
var lockedCache = map[string]op{
	"Get": opElemLoad, "Peek": opElemLoad, "Load": opElemLoad, "Has": opElemHas, "Contains": opElemHas, "Add": opElemStore, "Set": opElemStore, "Store": opElemStore,
	"Remove": opElemDelete, "Delete": opElemDelete, "ContainsOrAdd": opElemUpdate, "PeekOrAdd": opElemUpdate, "LoadOrStore": opElemUpdate, "LoadAndDelete": opElemUpdate,
	"SetIfAbsent": opElemUpdate, "Upsert": opElemUpdate, "Compute": opElemUpdate, "LoadOrCompute": opElemUpdate, "Purge": opElemClear, "Clear": opElemClear,
}

var listMethods = map[string]op{
	"PushBack": opElemTouch, "PushFront": opElemTouch, "MoveToFront": opElemTouch, "MoveToBack": opElemTouch, "Remove": opElemTouch, "Len": opElemSize,
}

// atomicFuncs are the functions of sync/atomic, by prefix: their first argument is the address.
var atomicFuncs = []struct {
	prefix string
	op     op
}{{"Load", opLoad}, {"Store", opStore}, {"Add", opUpdate}, {"Swap", opUpdate}, {"CompareAndSwap", opUpdate}, {"And", opUpdate}, {"Or", opUpdate}}

// modelOf looks a function up by its full name.
func modelOf(full string) op {
	full = plainName(full)
	if o, ok := models[full]; ok {
		return o
	}
	if name, ok := strings.CutPrefix(full, "sync/atomic."); ok {
		for _, f := range atomicFuncs {
			if strings.HasPrefix(name, f.prefix) {
				return f.op
			}
		}
	}
	for _, f := range families {
		if strings.HasPrefix(full, f.prefix) {
			return f.methods[full[strings.LastIndexByte(full, '.')+1:]]
		}
	}
	return opNone
}

// plainName strips type parameters from a full name.
func plainName(s string) string {
	for {
		i := strings.IndexByte(s, '[')
		if i < 0 {
			return s
		}
		depth, end := 0, -1
		for k := i; k < len(s); k++ {
			switch s[k] {
			case '[':
				depth++
			case ']':
				depth--
			}
			if depth == 0 {
				end = k
				break
			}
		}
		if end < 0 {
			return s
		}
		s = s[:i] + s[end+1:]
	}
}

// relevant are the packages whose use makes a package worth lowering.
var relevant = []string{
	"sync", "sync/atomic", "database/sql", "golang.org/x/sync/", "go.uber.org/atomic", "github.com/hashicorp/golang-lru", "github.com/sasha-s/go-deadlock",
	"github.com/puzpuzpuz/xsync", "github.com/orcaman/concurrent-map", "github.com/patrickmn/go-cache", "github.com/jmoiron/sqlx", "github.com/jackc/pgx",
}

func isRelevant(path string) bool {
	for _, r := range relevant {
		if path == r || strings.HasPrefix(path, strings.TrimSuffix(r, "/")+"/") {
			return true
		}
	}
	return false
}

// keepers are methods, by the path of their package, that return what their object keeps under the names that it is
// asked by: whoever asks again gets the same one.
var keepers = map[string]map[string]bool{
	"github.com/prometheus/client_golang/prometheus": {"WithLabelValues": true, "With": true, "GetMetricWithLabelValues": true, "GetMetricWith": true},
}

// keepsByName says whether a call asks an object for what it keeps under a name.
func keepsByName(c *ssa.CallCommon) bool {
	var f *types.Func
	if c.IsInvoke() {
		f = c.Method
	} else if callee := c.StaticCallee(); callee != nil {
		f, _ = callee.Object().(*types.Func)
	}
	return f != nil && f.Pkg() != nil && keepers[f.Pkg().Path()][f.Name()]
}
