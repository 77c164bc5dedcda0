package pyfix

import (
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// imported says under which name a module is imported at the top of the file: "" if it is not.
func (f *file) imported(module string) string {
	for c := range f.t.Named(0) {
		if f.t.Kind(c) != syntax.ImportStatement {
			continue
		}
		for part := range f.t.Named(c) {
			switch {
			case f.text(part) == module:
				return module
			case f.t.Kind(part) == syntax.AliasedImport && f.text(f.t.ChildByField(part, syntax.FieldName)) == module:
				return f.text(f.t.ChildByField(part, syntax.FieldAlias))
			}
		}
	}
	return ""
}

// importedFrom says under which name `from module import name` is imported at the top: "" if it is not.
func (f *file) importedFrom(module, name string) string {
	for c := range f.t.Named(0) {
		if f.t.Kind(c) != syntax.ImportFromStatement || f.text(f.t.ChildByField(c, syntax.FieldModuleName)) != module {
			continue
		}
		for part := range f.t.Named(c) {
			switch {
			case f.t.Nodes[part].Field != syntax.FieldName:
			case f.text(part) == name:
				return name
			case f.t.Kind(part) == syntax.AliasedImport && f.text(f.t.ChildByField(part, syntax.FieldName)) == name:
				return f.text(f.t.ChildByField(part, syntax.FieldAlias))
			}
		}
	}
	return ""
}

// needModule makes a module of the standard library available and says how to write it: an
// import sorted among those of the standard library that open the file.
func (f *file) needModule(module string) (name string, edits []fix.Edit) {
	if name := f.imported(module); name != "" {
		return name, nil
	}
	before, after := syntax.Nil, syntax.Nil // plain imports around the new one
	from := syntax.Nil                      // first import of names from the standard library
	first := syntax.Nil                     // first statement that is neither docstring nor from __future__
	head := syntax.Nil                      // docstring or from __future__
	for c := range f.t.Named(0) {
		k := f.t.Kind(c)
		switch {
		case k == syntax.FutureImportStatement, head == syntax.Nil && first == syntax.Nil && f.isDocstring(c):
			head = c
			continue
		case first == syntax.Nil:
			first = c
		}
		if !f.alone(c) || !standard[f.module(c)] {
			continue
		}
		switch {
		case k == syntax.ImportFromStatement && from == syntax.Nil:
			from = c
		case k == syntax.ImportStatement && f.module(c) < module:
			before = c
		case k == syntax.ImportStatement && after == syntax.Nil && before == syntax.Nil:
			after = c
		}
	}
	line := "import " + module + "\n"
	e := fix.Edit{New: f.native(line)}
	switch k := f.t.Kind(first); {
	case before != syntax.Nil:
		e = f.insertLines(before, line)
	case after != syntax.Nil:
		e = f.insertBefore(after, line)
	case from != syntax.Nil:
		e = f.insertBefore(from, line)
	case first != syntax.Nil && f.alone(first) && (head == syntax.Nil || k == syntax.ImportFromStatement || k == syntax.ImportStatement):
		e.Start, e.Tail = f.lineStart(f.start(first)), f.newline()
		if k == syntax.ClassDefinition || k == syntax.FunctionDefinition || k == syntax.DecoratedDefinition {
			e.Tail += f.newline()
		}
		e.End = e.Start
	case head != syntax.Nil:
		e = f.insertLines(head, line)
		e.Lead = f.newline()
	}
	e.Sorted = true
	return module, []fix.Edit{e}
}

// module is the first module that an import statement names, "" for other statements.
func (f *file) module(stmt syntax.ID) string {
	switch f.t.Kind(stmt) {
	case syntax.ImportStatement:
		name, _, _ := strings.Cut(f.text(f.first(stmt)), " ")
		return name
	case syntax.ImportFromStatement:
		return f.text(f.t.ChildByField(stmt, syntax.FieldModuleName))
	}
	return ""
}

// standard are modules of the standard library that a file with tasks is likely to import.
var standard = map[string]bool{
	"abc": true, "argparse": true, "asyncio": true, "base64": true, "collections": true, "collections.abc": true, "concurrent.futures": true,
	"contextlib": true, "contextvars": true, "copy": true, "csv": true, "dataclasses": true, "datetime": true, "enum": true, "functools": true,
	"hashlib": true, "heapq": true, "hmac": true, "inspect": true, "io": true, "itertools": true, "json": true, "logging": true, "math": true,
	"operator": true, "os": true, "os.path": true, "pathlib": true, "random": true, "re": true, "secrets": true, "shutil": true, "signal": true,
	"socket": true, "sqlite3": true, "ssl": true, "string": true, "struct": true, "subprocess": true, "sys": true, "tempfile": true,
	"threading": true, "time": true, "traceback": true, "types": true, "typing": true, "urllib.parse": true, "uuid": true, "warnings": true,
	"weakref": true, "zlib": true,
}

// needName makes `from module import name` available and says how to write it. An import of
// the whole module will do.
func (f *file) needName(module, name string) (string, []fix.Edit) {
	if as := f.importedFrom(module, name); as != "" {
		return as, nil
	}
	if as := f.imported(module); as != "" {
		return as + "." + name, nil
	}
	for c := range f.t.Named(0) {
		if f.t.Kind(c) != syntax.ImportFromStatement || f.text(f.t.ChildByField(c, syntax.FieldModuleName)) != module {
			continue
		}
		last := syntax.Nil
		for part := range f.t.Named(c) {
			if f.t.Nodes[part].Field == syntax.FieldName {
				last = part
			}
		}
		if last != syntax.Nil {
			return name, []fix.Edit{{Start: f.end(last), End: f.end(last), New: ", " + name}}
		}
	}
	as, edits := f.needModule(module)
	return as + "." + name, edits
}

func (f *file) isDocstring(stmt syntax.ID) bool {
	return f.t.Kind(stmt) == syntax.ExpressionStatement && f.t.Kind(f.first(stmt)) == syntax.String
}

// library is the asynchronous library whose locks and tasks the file uses.
func (f *file) library() string {
	if f.imported("asyncio") != "" || f.hasFrom("asyncio") {
		return "asyncio"
	}
	for _, lib := range []string{"anyio", "trio"} {
		if f.imported(lib) != "" || f.hasFrom(lib) {
			return lib
		}
	}
	return "asyncio"
}

func (f *file) hasFrom(module string) bool {
	for c := range f.t.Named(0) {
		if f.t.Kind(c) == syntax.ImportFromStatement && f.text(f.t.ChildByField(c, syntax.FieldModuleName)) == module {
			return true
		}
	}
	return false
}

// newLock is the expression that makes a lock, in the style of the file.
func (f *file) newLock(module string) (expr string, edits []fix.Edit) {
	if as := f.importedFrom(module, "Lock"); as != "" {
		return as + "()", nil
	}
	name, edits := f.needModule(module)
	return name + ".Lock()", edits
}

// isLockCall says whether an expression makes a lock of a module that is not re-entrant.
func (f *file) isLockCall(n syntax.ID, modules ...string) bool {
	if f.t.Kind(n) != syntax.Call {
		return false
	}
	text := f.text(f.t.ChildByField(n, syntax.FieldFunction))
	for _, m := range modules {
		if as := f.imported(m); as != "" && text == as+".Lock" {
			return true
		}
		if as := f.importedFrom(m, "Lock"); as != "" && text == as {
			return true
		}
		if strings.HasSuffix(text, m+".Lock") { // imported inside a function
			return true
		}
	}
	return false
}
