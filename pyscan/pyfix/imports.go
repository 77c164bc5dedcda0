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

// needModule makes a module available and says how to write it: `import asyncio`, sorted among
// the plain imports that open the file.
func (f *file) needModule(module string) (name string, edits []fix.Edit) {
	if name := f.imported(module); name != "" {
		return name, nil
	}
	before, after := syntax.Nil, syntax.Nil // plain imports around the new one
	first := syntax.Nil                     // first statement that is neither docstring nor from __future__
	last := syntax.Nil                      // docstring or from __future__
	for c := range f.t.Named(0) {
		k := f.t.Kind(c)
		switch {
		case k == syntax.FutureImportStatement, last == syntax.Nil && first == syntax.Nil && f.isDocstring(c):
			last = c
			continue
		case first == syntax.Nil:
			first = c
		}
		if k != syntax.ImportStatement || !f.alone(c) {
			continue
		}
		if f.text(f.t.FirstChild(c)) < module {
			before = c
		} else if after == syntax.Nil {
			after = c
		}
	}
	line := "import " + module + "\n"
	switch {
	case after != syntax.Nil && before == syntax.Nil, after != syntax.Nil && f.start(after) < f.start(before):
		at := f.lineStart(f.start(after))
		return module, []fix.Edit{{Start: at, End: at, New: f.native(line)}}
	case before != syntax.Nil:
		return module, []fix.Edit{f.insertLines(before, line)}
	case first != syntax.Nil && (f.t.Kind(first) == syntax.ImportFromStatement || last == syntax.Nil) && f.alone(first):
		if f.t.Kind(first) != syntax.ImportFromStatement {
			line += "\n"
		}
		at := f.lineStart(f.start(first))
		if last == syntax.Nil { // below a shebang, a coding line, a licence
			return module, []fix.Edit{{Start: at, End: at, New: f.native(line)}}
		}
		return module, []fix.Edit{f.insertBefore(first, line)}
	case last != syntax.Nil:
		return module, []fix.Edit{f.insertLines(last, "\n"+line)}
	}
	return module, []fix.Edit{{New: f.native(line)}}
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
	return f.t.Kind(stmt) == syntax.ExpressionStatement && f.t.Kind(f.t.FirstChild(stmt)) == syntax.String
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
