// Package ir is Python reduced to some thirty operations on a control-flow graph.
//
// Package lower makes it from a syntax tree, one file at a time, without knowing any other file
// or any library; package link gives it meaning (types, calls, places, locks) and turns it
// into events. A Module holds no tree and no source text, so it can be cached by content and is
// small enough to keep for every file of a large project.
//
// The package is plain data and a printer: it resolves no name and judges nothing.
package ir

// Module is one file.
type Module struct {
	Path     string // as given to the scan, slash-separated
	Size     int
	Lines    []uint32 // byte offset of the start of each line, in the file as it is on disk
	Imports  []Import
	Classes  []Class
	Funcs    []Func    // Funcs[0] is the module body; parents come before children
	Comments []Comment // those that speak to us: `toctou:`, contracts about locks
	Damaged  []Span    // where the parser found errors and went on
}

// Span is a byte range of the file.
type Span struct{ Start, End uint32 }

// Comment is a comment or docstring line that carries a directive or a lock contract.
type Comment struct {
	Span
	Text string
	Own  bool // stands on a line of its own
	Func int  // innermost function around it, an index into Module.Funcs
}

// Import binds a name: `import a.b as Name` or `from Module import Symbol as Name`.
type Import struct {
	Name   string // the bound name; "*" for a star import
	Module string // dotted; with Level leading dots stripped
	Symbol string // "" for `import a.b`
	Level  int    // number of leading dots
	Func   int    // the function whose scope it binds in
	Pos    uint32
}

// Class is a class statement.
type Class struct {
	Name       string
	Qual       string // "Outer.Inner", "factory.<locals>.Inner"
	Bases      []TypeExpr
	Decorators []TypeExpr
	Parent     int // innermost enclosing function (Funcs index)
	Outer      int // enclosing class (Classes index) or -1
	Body       int // the class body as a function (Funcs index): its Store instructions bind class attributes
	Methods    []int
	Span
	NamePos uint32
}

// FuncKind flags.
type FuncKind uint16

const (
	Async      FuncKind = 1 << iota
	Generator           // contains yield
	Lambda              // a lambda expression
	ModuleBody          // the top level of a file
	ClassBody           // the statements of a class body
	StubBody            // only `...`, `pass`, a docstring or `raise NotImplementedError`: it may do anything
	Method              // defined directly in a class body
)

// Func is one function body.
type Func struct {
	Name       string
	Qual       string // "Class.method", "outer.<locals>.inner"
	Kind       FuncKind
	Parent     int // enclosing function, -1 for the module body; a method's is its class body
	Class      int // class that it is a method of (Classes index), or -1
	Params     []Param
	Returns    TypeExpr
	Decorators []TypeExpr // dotted name in Name, string and name arguments of a call in Args
	Locals     []string   // names bound here, parameters included
	Globals    []string   // declared global
	Nonlocals  []string   // declared nonlocal
	Temps      int        // temps are 1..Temps
	Blocks     []Block    // Blocks[0] is the entry
	Doc        string     // first line of the docstring
	Span
	NamePos uint32
	Cut     string // why lowering had to stop early, or ""
}

// Param is a parameter.
type Param struct {
	Name    string
	Type    TypeExpr
	Star    int8 // 1: *args, 2: **kwargs
	KwOnly  bool
	Default bool
}

// TypeExpr is an annotation, base class or decorator reduced to names: `dict[str, asyncio.Task] | None`
// is {"|", {{"dict", {str, asyncio.Task}}, {"None"}}}. A quoted annotation is parsed as what it quotes.
type TypeExpr struct {
	Name string // dotted; "|" for a union; "" for none or not understood
	Args []TypeExpr
	Call bool   // decorator that is called
	Text string // a string literal argument (routes), without its quotes
}

// Temp is an intermediate value; 0 is none.
type Temp int32

// Op is an operation.
type Op uint8

const (
	Const     Op = iota + 1 // Dst = constant; Name is its text: None, True, False, a number, or a quoted string
	Load                    // Dst = variable Name
	Store                   // variable Name = A; Type is the annotation if there is one (A may be 0 then)
	Delete                  // del Name
	GetAttr                 // Dst = A.Name
	SetAttr                 // A.Name = B; Type is the annotation if there is one
	DelAttr                 // del A.Name
	GetItem                 // Dst = A[B]
	SetItem                 // A[B] = C
	DelItem                 // del A[B]
	Slice                   // Dst = slice object of Args (a key that names no single element)
	Call                    // Dst = A(Args...)
	Await                   // Dst = await A
	Yield                   // Dst = yield A
	YieldFrom               // Dst = yield from A
	Closure                 // Dst = function Func (Funcs index): nested def or lambda; Args: the defaults, by parameter. Decorators are evaluated, but not applied: see Func.Decorators
	MakeClass               // Dst = class Func (Classes index); Args: its bases and keywords
	Not                     // Dst = not A
	Is                      // Dst = A is B
	IsNot                   // Dst = A is not B
	In                      // Dst = A in B
	NotIn                   // Dst = A not in B
	Eq                      // Dst = A == B
	NotEq                   // Dst = A != B
	Order                   // Dst = A <, <=, >, >= B; Name is the operator
	Binary                  // Dst = computed from A and B (and Args); Name is the operator or ""
	Build                   // Dst = new container; Name is list, tuple, set, dict, str, generator; Args its parts, of a comprehension those of the last round (for a dict: keys, then values, alternating), and then its Filters; A is the iterator of a comprehension
	Iter                    // Dst = iterator over A
	AIter                   // Dst = asynchronous iterator over A
	Unpack                  // Dst = part number Index of A (-1: a starred rest)
	Move                    // Dst = A (joins of conditional expressions; assigned in several blocks)
	Enter                   // Dst = A.__enter__(): `with A`; Name groups it with its Exit; it ends where the block ends
	Exit                    // leaves `with A`
	AEnter                  // Dst = await A.__aenter__(): `async with A`
	AExit                   // leaves `async with A`
	Match                   // Dst = whether A matches a pattern; Args: values the pattern compares with
	Catch                   // Dst = the exception caught; Args[i].Name are class names
)

// Instr is one operation. More is never nil: who makes one takes None if there is nothing to say.
type Instr struct {
	Op   Op
	Aug  bool // Store, SetAttr, SetItem of an augmented assignment; also on the read that belongs to it
	Last bool // the statement is an expression statement whose value nobody uses: set on its last instruction
	Dst  Temp
	A, B Temp
	Pos  uint32
	End  uint32
	Name string
	*More
}

// More is what one instruction in six has.
type More struct {
	C     Temp
	Index int32 // Unpack
	Func  int32 // Closure, MakeClass
	Args  []Arg
	Type  *TypeExpr
}

// None is More of an instruction without any of it. It is shared, and never changed.
var None = new(More)

// Arg is an argument of a call or a part of a display.
type Arg struct {
	Name string // keyword
	T    Temp
	Star int8 // 1: *T, 2: **T
}

// Names of the arguments of a Build that are conditions of a comprehension, not parts.
const (
	FilterIf     = "if"     // an element for which it is false is left out
	FilterUnless = "unless" // one for which it is true
	FilterMaybe  = "maybe"  // either way, others decide
)

// EdgeKind says when an edge is taken.
type EdgeKind uint8

const (
	Jump   EdgeKind = iota
	True            // Cond is true
	False           // Cond is false
	Next            // the iterator Cond has a further element: bound to Block.Elem
	Done            // the iterator Cond is exhausted
	Except          // an instruction of the block raised; Names are the handler's classes, none: everything
)

// Block is a straight line of instructions and what follows.
type Block struct {
	Instrs []Instr
	Succs  []Edge
	Cond   Temp // tested by True/False edges, or the iterator of Next/Done edges
	Elem   Temp // with Next: the temp that receives the element, at the start of the successor
	Return Temp // value returned, if Exit is Returns
	Pos    uint32
	End    uint32
	Exit   ExitKind
	Async  bool // with Next: `async for`, every step is an await
}

// ExitKind says how a block leaves the function.
type ExitKind uint8

const (
	Falls   ExitKind = iota // it does not: see Succs
	Returns                 // return; Return 0 is None
	Raises                  // an exception leaves the function here
)

// Edge leads to a successor.
type Edge struct {
	To    int32
	Kind  EdgeKind
	Names []string
}
