//go:build cgo

package syntax

// #include "arena.h"
// #include "flat.h"
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
	"unsafe"

	_ "github.com/smacker/go-tree-sitter" // the runtime: flat.c calls it
	python "github.com/tree-sitter/tree-sitter-python/bindings/go"
)

// Unavailable is nil: this build can read Python.
func Unavailable() error { return nil }

// grammar is the language in a form that the runtime takes, and the translation of its names.
type grammar struct {
	language *C.TSLanguage
	plain    *C.TSLanguage // the same as it comes
	kinds    []Kind
	fields   []Field
	absent   []string // names of ours that the grammar does not know
	byCursor bool     // for the test that compares the two ways to walk a tree
}

var loaded = sync.OnceValues(load)

func load() (*grammar, error) {
	lang := C.toctou_downlevel(python.Language())
	if lang == nil {
		return nil, errors.New("the Python grammar has a layout that this build does not know; build with the pinned versions of go.mod")
	}
	quick := C.toctou_quickened(lang)
	if quick == nil {
		return nil, errors.New("the tree-sitter runtime refuses the Python grammar; build with the pinned versions of go.mod")
	}
	C.toctou_arena_install(true)
	g := &grammar{language: quick, plain: lang}

	named := make(map[string]Kind, kinds)
	for k := Module; k < Async; k++ {
		named[kindNames[k]] = k
	}
	named[kindNames[comments]] = comments
	for _, n := range droppedNames {
		named[n] = dropped
	}
	seen := map[string]bool{}
	g.kinds = make([]Kind, C.toctou_symbol_count(lang))
	for s := range g.kinds {
		name := C.GoString(C.toctou_symbol_name(lang, C.uint16_t(s)))
		switch C.toctou_symbol_type(lang, C.uint16_t(s)) {
		case 0: // named
			g.kinds[s] = named[name] // Other if nobody asks about it
			seen[name] = true
		case 1: // anonymous
			k, ok := tokens[name]
			if !ok {
				k = dropped
			}
			g.kinds[s] = k
			seen["token "+name] = true
		}
	}
	for n := range named {
		if !seen[n] {
			g.absent = append(g.absent, n)
		}
	}
	for n := range tokens {
		if !seen["token "+n] {
			g.absent = append(g.absent, "token "+n)
		}
	}

	g.fields = make([]Field, C.toctou_field_count(lang)+1)
	for id := 1; id < len(g.fields); id++ {
		name := C.GoString(C.toctou_field_name(lang, C.uint16_t(id)))
		g.fields[id] = Field(max(0, slices.Index(fieldNames[:], name)))
	}
	for f := NoField + 1; f < fields; f++ {
		if !slices.Contains(g.fields, f) {
			g.absent = append(g.absent, "field "+fieldNames[f])
		}
	}
	if len(g.absent) > 0 {
		slices.Sort(g.absent)
		return nil, fmt.Errorf("the Python grammar lacks %q; build with the pinned versions of go.mod", g.absent)
	}
	return g, nil
}

// parser is used by one goroutine at a time.
type parser struct {
	c   *C.toctou_parser
	buf []Node // scratch, so that one call does
}

// idle parsers wait here for their next file. Parsers beyond its capacity are closed, not left
// to the garbage collector, which does not see what they hold on the C side.
var idle = make(chan *parser, max(2, runtime.GOMAXPROCS(0)))

// arena is how many bytes the runtime gets to make a tree in, per parser; a tree takes some 15 to 30 times its source. Those that no
// file has needed yet cost nothing: the system gives memory by the page, when it is first written to.
const arena = 16 << 20

// keptBuffer is the most that an idle parser keeps, in nodes.
const keptBuffer = 1 << 19

func takeParser(g *grammar) (*parser, error) {
	select {
	case p := <-idle:
		return p, nil
	default:
	}
	return newParser(g, true, arena)
}

// newParser makes a parser that is quick, or one as it comes, with an arena unless its size is 0.
func newParser(g *grammar, quick bool, arena int) (*parser, error) {
	language := g.language
	if !quick {
		language = g.plain
	}
	c := C.toctou_parser_new(language, C.bool(quick), C.size_t(arena))
	if c == nil {
		return nil, errors.New("no memory for a parser")
	}
	return &parser{c: c}, nil
}

func (p *parser) close() { C.toctou_parser_close(p.c) }

func (p *parser) release() {
	if cap(p.buf) > keptBuffer {
		p.buf = nil
	}
	select {
	case idle <- p:
	default:
		p.close()
	}
}

// parse makes a Tree with Nodes and Comments, which are there until use returns.
func parse(src []byte, timeout time.Duration, use func(*Tree)) error {
	g, err := loaded()
	if err != nil {
		return err
	}
	return g.parse(src, timeout, use)
}

func (g *grammar) parse(src []byte, timeout time.Duration, use func(*Tree)) error {
	p, err := takeParser(g)
	if err != nil {
		return err
	}
	defer p.release()
	allocator.RLock()
	r := p.parse(src, timeout, g)
	allocator.RUnlock()
	if r.failed {
		return timedOut(timeout)
	}
	t := &Tree{damaged: bool(r.damaged), Nodes: p.buf[:r.nodes:r.nodes]}
	if r.comments > 0 {
		t.Comments = p.buf[len(p.buf)-int(r.comments):]
		slices.Reverse(t.Comments)
	}
	use(t)
	return nil
}

// parse fills the buffer with the nodes of src.
func (p *parser) parse(src []byte, timeout time.Duration, g *grammar) C.toctou_result {
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(&g.kinds[0])
	pin.Pin(&g.fields[0])
	m := C.toctou_map{
		kinds: (*C.uint16_t)(unsafe.Pointer(&g.kinds[0])), kind_count: C.uint32_t(len(g.kinds)),
		fields: (*C.uint16_t)(unsafe.Pointer(&g.fields[0])), field_count: C.uint32_t(len(g.fields)),
		language: g.language, by_cursor: C.bool(g.byCursor),
		error: C.uint16_t(Error), dropped: C.uint16_t(dropped), comment: C.uint16_t(comments), other: C.uint16_t(Other),
	}
	if len(p.buf) == 0 {
		p.buf = make([]Node, max(1<<12, len(src)/3))
	}
	for {
		r := C.toctou_parse(p.c, C.uint64_t(timeout.Microseconds()),
			(*C.char)(unsafe.Pointer(unsafe.SliceData(src))), C.uint32_t(len(src)),
			&m, (*C.toctou_node)(unsafe.Pointer(&p.buf[0])), C.uint32_t(len(p.buf)))
		if r.need == 0 {
			return r
		}
		p.buf = make([]Node, int(r.need)+int(r.need)/4)
	}
}

func timedOut(timeout time.Duration) error {
	return fmt.Errorf("%w (limit %v); exclude the file or raise the limit", ErrTimeout, timeout)
}

// sound parses and says whether there are no errors.
func sound(src []byte, timeout time.Duration) (bool, error) {
	g, err := loaded()
	if err != nil {
		return false, err
	}
	p, err := takeParser(g)
	if err != nil {
		return false, err
	}
	defer p.release()
	allocator.RLock()
	r := p.check(src, timeout)
	allocator.RUnlock()
	if r.failed {
		return false, timedOut(timeout)
	}
	return !bool(r.damaged), nil
}

func (p *parser) check(src []byte, timeout time.Duration) C.toctou_result {
	return C.toctou_check(p.c, C.uint64_t(timeout.Microseconds()), (*C.char)(unsafe.Pointer(unsafe.SliceData(src))), C.uint32_t(len(src)))
}

// allocator is held for reading while anything is parsed, and for writing while the runtime's allocator is another one.
var allocator sync.RWMutex

// ParseAlone parses and throws the trees away, with the runtime as it comes: the C library's allocator, no arena. It is
// the floor that benchmarks compare with; nothing else is parsed meanwhile.
func ParseAlone(texts ...[]byte) error {
	g, err := loaded()
	if err != nil {
		return err
	}
	allocator.Lock()
	defer allocator.Unlock()
	C.toctou_arena_install(false)
	defer C.toctou_arena_install(true)
	p, err := newParser(g, false, 0)
	if err != nil {
		return err
	}
	defer p.close()
	for _, src := range texts {
		p.check(src, 0)
	}
	return nil
}
