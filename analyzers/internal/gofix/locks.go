package gofix

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/astutil"
)

// lockCall is a statement that takes or releases a lock of package sync.
type lockCall struct {
	stmt     ast.Stmt
	recv     string // the expression before the method, as text
	name     string // Lock, Unlock, RLock, RUnlock
	deferred bool
}

func (c lockCall) takes() bool { return c.name == "Lock" || c.name == "RLock" }

func (c lockCall) read() bool { return strings.HasPrefix(c.name, "R") }

// lockOf reads a statement as a call on a lock.
func (s *site) lockOf(n ast.Node) (lockCall, bool) {
	c := lockCall{}
	var e ast.Expr
	switch n := n.(type) {
	case *ast.ExprStmt:
		c.stmt, e = n, n.X
	case *ast.DeferStmt:
		c.stmt, e, c.deferred = n, n.Call, true
	default:
		return c, false
	}
	recv, name, call := method(e)
	if call == nil || len(call.Args) > 0 || !from(s.callee(call), "sync") || !slices.Contains([]string{"Lock", "Unlock", "RLock", "RUnlock"}, name) {
		return c, false
	}
	c.recv, c.name = expr(recv), name
	return c, true
}

// lockCalls lists the calls on locks in a node, in source order, but for those in functions inside it.
func (s *site) lockCalls(n ast.Node) []lockCall {
	var out []lockCall
	ast.Inspect(n, func(x ast.Node) bool {
		if _, ok := x.(*ast.FuncLit); ok && x != n {
			return false
		}
		if c, ok := s.lockOf(x); ok {
			out = append(out, c)
			return false
		}
		return true
	})
	return out
}

// section is where a lock is held: from the call that takes it.
type section struct {
	lockCall
	list   []ast.Stmt // that the call is in
	at     int        // its index
	defers *lockCall  // the deferred release, if there is one behind the call
}

// held finds the section that a position is in: the last lock taken in its list of statements, or
// in one around it in the same function, that is not released before the position.
func (s *site) held(p token.Pos) *section {
	path, _ := astutil.PathEnclosingInterval(s.file, p, p)
	released := map[string]bool{}
	var deferred *lockCall
	for k, n := range path {
		switch n.(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return nil
		}
		list := statements(n)
		if list == nil || k == 0 {
			continue
		}
		i := slices.IndexFunc(list, func(x ast.Stmt) bool { return x == path[k-1] })
		for at, st := range slices.Backward(list[:max(i, 0)]) {
			c, ok := s.lockOf(st)
			switch {
			case !ok:
			case c.deferred:
				deferred = &c
			case !c.takes():
				released[c.recv] = true
			case !released[c.recv]:
				if deferred != nil && deferred.recv != c.recv {
					deferred = nil
				}
				return &section{c, list, at, deferred}
			}
		}
	}
	return nil
}

// quiet says whether code can run under a lock that was not held there before: it blocks on
// nothing, starts nothing, and calls nothing that could take a lock, be it through a function
// value or an interface whose method is not known.
func (s *site) quiet(nodes ...ast.Node) bool { return s.calm(4, nodes...) }

func (s *site) calm(depth int, nodes ...ast.Node) bool {
	ok := true
	for _, n := range nodes {
		ast.Inspect(n, func(x ast.Node) bool {
			switch x := x.(type) {
			case *ast.FuncLit:
				return false // runs when it is called
			case *ast.GoStmt, *ast.SendStmt, *ast.SelectStmt:
				ok = false
			case *ast.DeferStmt:
				if _, is := s.lockOf(x); !is {
					ok = false
				}
				return false
			case *ast.ExprStmt:
				if _, is := s.lockOf(x); is && depth == 4 {
					return false // the caller looks at these
				}
			case *ast.UnaryExpr:
				ok = ok && x.Op != token.ARROW
			case *ast.RangeStmt:
				switch s.info.TypeOf(x.X).Underlying().(type) {
				case *types.Chan, *types.Signature:
					ok = false
				}
			case *ast.CallExpr:
				ok = ok && s.calmCall(x, depth)
			}
			return ok
		})
	}
	return ok
}

// calmPackages have functions that neither block nor lock anything of ours.
var calmPackages = []string{
	"bytes", "cmp", "context", "encoding/base64", "encoding/binary", "encoding/hex", "errors", "hash/crc32", "hash/fnv", "maps", "math", "math/bits", "math/rand",
	"math/rand/v2", "path", "path/filepath", "reflect", "slices", "sort", "strconv", "strings", "sync/atomic", "time", "unicode", "unicode/utf8", "net/url",
}

// loudCalls are functions of calm packages that do block.
var loudCalls = []string{"Sleep", "AfterFunc"}

func (s *site) calmCall(call *ast.CallExpr, depth int) bool {
	tv := s.info.Types[ast.Unparen(call.Fun)]
	if tv.IsType() || tv.IsBuiltin() {
		return true
	}
	for _, a := range call.Args {
		if _, ok := s.info.TypeOf(a).(*types.Signature); ok {
			return false
		}
	}
	fn := s.callee(call)
	if fn == nil || fn.Pkg() == nil {
		return fn != nil && fn.Name() == "Error"
	}
	if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		return false
	}
	if d := s.declOf(fn); d != nil {
		return depth > 0 && d.Body != nil && s.calm(depth-1, d.Body)
	}
	switch path := fn.Pkg().Path(); {
	case path == "fmt":
		return strings.HasPrefix(fn.Name(), "Sprint") || fn.Name() == "Errorf"
	case slices.Contains(calmPackages, path):
		return !slices.Contains(loudCalls, fn.Name())
	}
	return false
}

// lockOn says whether code takes the lock that this function knows as recv, directly or in a
// function of the package that it calls: it must not run while that lock is held.
func (s *site) lockOn(n ast.Node, field types.Object, depth int) bool {
	found := false
	ast.Inspect(n, func(x ast.Node) bool {
		call, ok := x.(*ast.CallExpr)
		if !ok || found {
			return !found
		}
		if recv, name, _ := method(call); recv != nil && (name == "Lock" || name == "RLock") && s.fieldOf(recv) == field {
			found = true
			return false
		}
		if d := s.declOf(s.callee(call)); d != nil && d.Body != nil && depth > 0 {
			found = s.lockOn(d.Body, field, depth-1)
		}
		return !found
	})
	return found
}

// fieldOf is the field or package variable that an expression ends in.
func (s *site) fieldOf(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return s.info.ObjectOf(e)
	case *ast.SelectorExpr:
		return s.info.ObjectOf(e.Sel)
	case *ast.StarExpr:
		return s.fieldOf(e.X)
	case *ast.UnaryExpr:
		return s.fieldOf(e.X)
	}
	return nil
}
