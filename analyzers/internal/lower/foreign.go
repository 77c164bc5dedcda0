package lower

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Foreign says whether a package comes from a module that somebody else maintains: one with a version,
// in the module cache or vendored, as one of its files shows. A module that is replaced by a folder
// has a version, too.
func Foreign(version, file string) bool {
	file = filepath.ToSlash(file)
	return version != "" && (strings.Contains(file, "@v") || strings.Contains(file, "/vendor/"))
}

func foreign(pass *analysis.Pass) bool {
	return pass.Module != nil && len(pass.Files) > 0 && Foreign(pass.Module.Version, pass.Fset.File(pass.Files[0].FileStart).Name())
}

// Essence is the part of a foreign package that there may be facts about: its files, with the bodies
// of those functions alone that lock, use atomics, start goroutines or talk to a database, that belong
// to a type that holds what such functions need, or that call one. The others are most of any
// large package, and are not looked at: that a plain function asks for a field says nothing that a
// caller in another module would race with. The result is nil if no function is left.
//
// It goes by syntax, so that it can be asked before anything is type-checked.
func Essence(files []*ast.File) []*ast.File {
	e := essence{shared: map[string]bool{}}
	for _, f := range files {
		e.files = append(e.files, essential{f, syncNames(f)})
	}
	e.declare()
	keep := e.functions()
	if len(keep) == 0 {
		return nil
	}
	out := make([]*ast.File, len(files))
	for i, f := range files {
		c := *f
		c.Decls = make([]ast.Decl, len(f.Decls))
		for j, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && !keep[fd] {
				bare := *fd
				bare.Body = nil
				d = &bare
			}
			c.Decls[j] = d
		}
		out[i] = &c
	}
	return out
}

// essence finds the functions of a package that matter.
type essence struct {
	files  []essential
	shared map[string]bool // types, variables and functions of the package that have to do with concurrency
}

type essential struct {
	*ast.File
	sync map[string]bool // names of imported packages whose every use counts; "" if the whole file does
}

// syncNames are the names under which a file knows sync and sync/atomic. The packages of other modules
// may have any name: a file that imports one counts as a whole.
func syncNames(f *ast.File) map[string]bool {
	out := map[string]bool{}
	for _, spec := range f.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		switch {
		case !isRelevant(path) && path != "sync":
			continue
		case spec.Name != nil && spec.Name.Name != ".":
			out[spec.Name.Name] = true
		case spec.Name == nil && (path == "sync" || path == "sync/atomic"):
			out[path[strings.LastIndexByte(path, '/')+1:]] = true
		default:
			out[""] = true
		}
	}
	return out
}

// private are the names in package sync of what says nothing about anything else: who keeps a pool or
// does something once shares nothing by that.
var private = map[string]bool{"Once": true, "OnceFunc": true, "OnceValue": true, "OnceValues": true, "Pool": true}

// lockings are methods whose callers lock, whatever the type.
var lockings = map[string]bool{"Lock": true, "Unlock": true, "RLock": true, "RUnlock": true, "TryLock": true, "TryRLock": true}

// declare marks types that hold what is shared, directly or in other types, and variables of them.
func (e *essence) declare() {
	for again := true; again; {
		again = false
		mark := func(name *ast.Ident, yes bool) {
			if yes && name.Name != "_" && !e.shared[name.Name] {
				e.shared[name.Name], again = true, true
			}
		}
		for _, f := range e.files {
			for _, d := range f.Decls {
				g, ok := d.(*ast.GenDecl)
				if !ok || g.Tok != token.TYPE && g.Tok != token.VAR {
					continue
				}
				for _, s := range g.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						mark(s.Name, e.matters(f, s.Type))
					case *ast.ValueSpec:
						yes := s.Type != nil && e.matters(f, s.Type)
						for _, v := range s.Values {
							yes = yes || e.matters(f, v)
						}
						for _, n := range s.Names {
							mark(n, yes)
						}
					}
				}
			}
		}
	}
}

// functions lists those that matter.
func (e *essence) functions() map[*ast.FuncDecl]bool {
	keep := map[*ast.FuncDecl]bool{}
	for again := true; again; {
		again = false
		for _, f := range e.files {
			for _, d := range f.Decls {
				fd, ok := d.(*ast.FuncDecl)
				if !ok || fd.Body == nil || keep[fd] || !e.ofShared(fd) && !e.matters(f, fd.Body) {
					continue
				}
				keep[fd] = true
				if fd.Recv == nil && !e.shared[fd.Name.Name] {
					e.shared[fd.Name.Name], again = true, true
				}
			}
		}
	}
	return keep
}

// ofShared says whether a function is a method of a type that holds what is shared.
func (e *essence) ofShared(fd *ast.FuncDecl) bool {
	if fd.Recv == nil || len(fd.Recv.List) == 0 {
		return false
	}
	t := fd.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return e.shared[x.Name]
		default:
			return true
		}
	}
}

// matters says whether something below a node has to do with concurrency. What a type only mentions in
// the signature of a method or function it does not hold.
func (e *essence) matters(f essential, at ast.Node) bool {
	found := f.sync[""]
	ast.Inspect(at, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = true
		case *ast.Ident:
			found = found || e.shared[n.Name]
		case *ast.InterfaceType, *ast.FuncType:
			return false
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			found = found || lockings[n.Sel.Name] || ok && f.sync[x.Name] && !private[n.Sel.Name] || e.matters(f, n.X)
			return false // the name of a field or method says nothing
		}
		return !found
	})
	return found
}
