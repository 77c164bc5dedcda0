// Package project knows the names of a Python project: which file an import means, what a name
// in a scope refers to, which classes inherit from which, and what types attributes, globals and
// results have.
//
// It takes lowered modules and resolves lazily. It follows no value and judges nothing; what it
// cannot tell is nil.
package project

import (
	"path"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// Source is a lowered file and the resolution root it belongs to.
type Source struct {
	IR   *ir.Module
	Root string
}

// Project is a set of modules that may import each other.
type Project struct {
	Modules []*Module
	Tables  *models.Tables     // what the project says of libraries and of its own code; may be nil
	Hot     map[string]bool    // names of attributes and variables whose contents something other than an initialiser changes
	Keyed   map[string]bool    // of Hot, those that are assigned to by key
	Emptied map[string]bool    // of Hot, those of which somebody removes all contents
	Rebound map[string]bool    // names that something other than an initialiser assigns
	Reset   map[string]bool    // of these, the names that are not only counted up
	Eager   map[string]bool    // folders whose code, and what is below, has its loop start tasks at once
	byName  map[string]*Module // by path, without the suffix of a module or package
	byLast  map[string][]*Module
	outside map[string]*Type  // library classes by dotted name, as far as somebody has asked
	types   map[string]*Type  // library types by dotted name, likewise
	owners  map[string]*Class // private attribute name → the class that assigns it, or several
	indexed int               // modules, when all of them were indexed; 0 while further ones are

	origins  origins
	bindings chunks[binding]
	vars     chunks[Var]
}

// several stands for more than one class.
var several = &Class{}

// Module is one file.
type Module struct {
	*ir.Module
	ID          int
	Root        string
	Qual        string // dotted path: unique in the program
	Package     bool   // an __init__ file
	Classes     []*Class
	Funcs       []*Func
	names       map[string]*binding
	imports     map[inner]*imported // in functions
	nested      map[inner]Ref       // functions and classes in functions
	stars       []*Module
	annotations map[spelling]annotation
	annotated   int // the state of the project for which they are: how much was indexed
	p           *Project
}

// Class is a class statement.
type Class struct {
	*ir.Class
	Module   *Module
	ID       int
	Qual     string // unique in the program
	Bases    []*Class
	External []string // base classes outside the project, by dotted name
	Abstract bool     // Protocol or ABC: its methods stand for those of all implementations
	Data     bool     // a dataclass or the like: annotated fields are constructor parameters
	Frozen   bool     // its instances cannot change
	Subs     []*Class
	Methods  map[string]*Func
	attrs    map[string]*Var
	mro      []*Class
	said     *models.Type      // what the project's tables say of it
	library  *models.Type      // see lib
	known    bool              // library has been looked for
	loss     loss              // see Closes and Plain
	members  map[string]member // see member
	asked    int               // the state of the project for which they are: how much was indexed
	alone    [1]*Class         // itself, as a list
	instance *Type             // see Instance
	itself   *Type             // see Itself
	made     *Type             // see Made
}

// Func is a function body.
type Func struct {
	*ir.Func
	Module   *Module
	Class    *Class
	Parent   *Func
	ID       int
	Qual     string
	Static   bool
	ClassM   bool
	Property bool
	Cached   bool // computed once: a property for an object, a function for the same arguments
	Manager  bool // @contextmanager or @asynccontextmanager
	Overload bool
	scope    bool // it has names of its own that are no variables: imports, functions, classes
	busy     bool
	known    bool
	defs     []*ir.Instr
	result   *Type
	Said     *models.Callable // what the project's tables say of it, or nil
	alone    [1]*Func         // itself, as a list
}

// Var is an attribute or a global: what is known of how it is declared and first assigned.
type Var struct {
	Name   string
	Class  *Class // nil for globals
	Module *Module
	Type   *ir.TypeExpr
	field  string // see Field
	scope  *Func  // where Type was written
	first  site   // where it is assigned: first,
	more   []site // and then
	typ    *Type
	means  *ir.TypeExpr // see alias
	busy   bool
	known  bool
	read   bool // means has been looked for
}

// site is an assignment, of temp t; without a function it is none.
type site struct {
	fn *Func
	t  ir.Temp
}

// New indexes the modules. The order of sources does not matter; tables may be nil.
func New(sources []Source, tables *models.Tables) *Project {
	p := &Project{Tables: tables, Hot: map[string]bool{}, Keyed: map[string]bool{}, Emptied: map[string]bool{}, Rebound: map[string]bool{}, Reset: map[string]bool{}, Eager: map[string]bool{}, byName: map[string]*Module{}, byLast: map[string][]*Module{}, owners: map[string]*Class{}, outside: map[string]*Type{}, types: map[string]*Type{}}
	p.Add(sources)
	return p
}

// Add indexes further modules. What the earlier ones import has been found among themselves.
func (p *Project) Add(sources []Source) {
	sources = slices.Clone(sources)
	slices.SortFunc(sources, func(a, b Source) int { return strings.Compare(a.IR.Path, b.IR.Path) })
	first := len(p.Modules)
	p.indexed = 0
	for _, s := range sources {
		p.add(s)
	}
	added := p.Modules[first:]
	for _, m := range added {
		m.bind()
	}
	for _, m := range added {
		for _, c := range m.Classes {
			c.inherit()
		}
	}
	for _, m := range added {
		m.survey()
	}
	p.indexed, p.origins = len(p.Modules), origins{}
}

// index makes a module that can be found by its path and by the end of it.
func (p *Project) index(s Source) *Module {
	clean := strings.TrimSuffix(s.IR.Path, path.Ext(s.IR.Path))
	m := &Module{Module: s.IR, ID: len(p.Modules), Root: s.Root, p: p}
	if path.Base(clean) == "__init__" {
		m.Package = true
		clean = path.Dir(clean)
	}
	m.Qual = strings.ReplaceAll(strings.Trim(clean, "./"), "/", ".")
	p.Modules = append(p.Modules, m)
	p.named(m)
	last := path.Base(clean)
	p.byLast[last] = append(p.byLast[last], m)
	return m
}

func (p *Project) add(s Source) {
	m := p.index(s)
	m.names = make(map[string]*binding, len(s.IR.Imports)+len(s.IR.Classes))
	m.Funcs, m.Classes = make([]*Func, 0, len(s.IR.Funcs)), make([]*Class, 0, len(s.IR.Classes))
	funcs, classes := make([]Func, len(s.IR.Funcs)), make([]Class, len(s.IR.Classes))
	quals := m.quals()
	for i := range s.IR.Funcs {
		f := &funcs[i]
		*f = Func{Func: &s.IR.Funcs[i], Module: m, ID: i, Qual: quals(s.IR.Funcs[i].Qual)}
		f.alone[0] = f
		for j := range f.Decorators {
			f.decorated(&f.Decorators[j])
		}
		if said, ok := p.Tables.OwnCall(f.Qual); ok {
			own := said // on the heap only if there is something
			f.Said = &own
		}
		m.Funcs = append(m.Funcs, f)
	}
	for i := range s.IR.Classes {
		c := &classes[i]
		*c = Class{Class: &s.IR.Classes[i], Module: m, ID: i, Qual: quals(s.IR.Classes[i].Qual), Methods: make(map[string]*Func, len(s.IR.Classes[i].Methods)), attrs: map[string]*Var{}}
		c.said = p.Tables.OwnType(c.Qual)
		m.Classes = append(m.Classes, c)
	}
	for _, f := range m.Funcs {
		if f.Func.Parent >= 0 && f.Func.Parent < len(m.Funcs) {
			f.Parent = m.Funcs[f.Func.Parent]
		}
		if f.Func.Class >= 0 && f.Func.Class < len(m.Classes) && f.Kind&ir.ClassBody == 0 {
			f.Class = m.Classes[f.Func.Class]
			if old := f.Class.Methods[f.Name]; old == nil || !f.Overload && !(old.Property && setter(f)) {
				f.Class.Methods[f.Name] = f
			}
		}
	}
}

// quals gives the program-wide names of what the module defines. They share their memory.
func (m *Module) quals() func(string) string {
	n := 0
	for i := range m.Module.Funcs {
		n += len(m.Qual) + 1 + len(m.Module.Funcs[i].Qual)
	}
	for i := range m.Module.Classes {
		n += len(m.Qual) + 1 + len(m.Module.Classes[i].Qual)
	}
	var all strings.Builder
	all.Grow(n)
	return func(name string) string {
		start := all.Len()
		all.WriteString(m.Qual)
		all.WriteByte('.')
		all.WriteString(name)
		return all.String()[start:]
	}
}

// setter says whether f is the setter or deleter of a property.
func setter(f *Func) bool {
	for i := range f.Decorators {
		if n := f.Decorators[i].Name; strings.HasSuffix(n, ".setter") || strings.HasSuffix(n, ".deleter") {
			return true
		}
	}
	return false
}

func (f *Func) decorated(d *ir.TypeExpr) {
	switch last := d.Name[strings.LastIndexByte(d.Name, '.')+1:]; last {
	case "staticmethod":
		f.Static = true
	case "classmethod":
		f.ClassM = true
	case "property", "cached_property", "async_property":
		f.Property = true
		f.Cached = last == "cached_property"
	case "lru_cache", "cache":
		f.Cached = f.Class == nil
	case "contextmanager", "asynccontextmanager":
		f.Manager = true
	case "overload":
		f.Overload = true
	case "coroutine":
		f.Func = modernise(f.Func, strings.HasSuffix(d.Name, "gen.coroutine"))
	}
}

// Async says whether calling f gives a coroutine.
func (f *Func) Async() bool { return f.Kind&ir.Async != 0 && f.Kind&ir.Generator == 0 }

// AsyncGen says whether calling f gives an asynchronous generator.
func (f *Func) AsyncGen() bool { return f.Kind&ir.Async != 0 && f.Kind&ir.Generator != 0 }

// Method says whether the first parameter of f is its receiver.
func (f *Func) Method() bool { return f.Class != nil && !f.Static && len(f.Params) > 0 }

// scopeParent is the next function whose variables a name in f may mean: class bodies are skipped.
func (f *Func) scopeParent() *Func {
	q := f.Parent
	for q != nil && q.Kind&ir.ClassBody != 0 {
		q = q.Parent
	}
	return q
}

// Owner returns the function around f, or f, whose variable a name in f means; nil for globals
// and builtins.
func (f *Func) Owner(name string) *Func {
	if slices.Contains(f.Globals, name) {
		return nil
	}
	for q := f; q != nil && q.Kind&ir.ModuleBody == 0; q = q.scopeParent() {
		if slices.Contains(q.Locals, name) && !slices.Contains(q.Nonlocals, name) {
			return q
		}
		if slices.Contains(q.Globals, name) {
			return nil
		}
	}
	return nil
}

// bind fills the symbols of the module and what its imports mean.
func (m *Module) bind() {
	m.nest()
	for _, f := range m.Funcs {
		if f.Class == nil && f.Kind&(ir.Lambda|ir.ModuleBody|ir.ClassBody) == 0 && f.Parent != nil && f.Parent.Kind&ir.ModuleBody != 0 && !f.Overload {
			m.at(f.Name).fn = f
		}
	}
	for _, c := range m.Classes {
		if c.Outer < 0 && c.Parent == 0 {
			m.at(c.Name).class = c
		}
	}
	all := make([]imported, len(m.Imports))
	for i := range m.Imports {
		imp := &m.Imports[i]
		if imp.Name == "*" {
			if t := m.p.find(m, imp.Module, imp.Level); t != nil && t != m {
				m.stars = append(m.stars, t)
			}
			continue
		}
		to := &all[i]
		*to = m.imported(imp)
		if imp.Func == 0 {
			m.at(imp.Name).imported = to
			continue
		}
		if m.imports == nil {
			m.imports = map[inner]*imported{}
		}
		m.imports[inner{imp.Func, imp.Name}] = to
		if imp.Func < len(m.Funcs) {
			m.Funcs[imp.Func].scope = true
		}
	}
}

func (m *Module) imported(imp *ir.Import) imported {
	if imp.Symbol == "" {
		bound := imp.Module
		if first, _, dotted := strings.Cut(imp.Module, "."); dotted && imp.Name == first {
			bound = first // `import a.b` binds a
		}
		if t := m.p.find(m, bound, 0); t != nil {
			return imported{module: t}
		}
		return imported{name: bound}
	}
	if t := m.p.find(m, imp.Module, imp.Level); t != nil {
		return imported{module: t, name: imp.Symbol, lazy: true}
	}
	full := imp.Symbol
	if imp.Module != "" {
		full = imp.Module + "." + imp.Symbol
	}
	if t := m.p.find(m, full, imp.Level); t != nil {
		return imported{module: t}
	}
	return imported{name: full}
}

// find returns the module that an import in m means, or nil.
func (p *Project) find(m *Module, dotted string, level int) *Module {
	if level > 0 {
		dir := path.Dir(m.Path)
		for range level - 1 {
			dir = path.Dir(dir)
		}
		return p.at(path.Join(dir, strings.ReplaceAll(dotted, ".", "/")))
	}
	if dotted == "" {
		return nil
	}
	rel := strings.ReplaceAll(dotted, ".", "/")
	last := path.Base(rel)
	var best *Module
	bestScore := -1
	for _, c := range p.byLast[last] {
		file := strings.TrimSuffix(c.Path, path.Ext(c.Path))
		if c.Package {
			file = path.Dir(c.Path)
		}
		prefix, ok := strings.CutSuffix(file, rel)
		if !ok || prefix != "" && prefix[len(prefix)-1] != '/' || c == m {
			continue
		}
		prefix = strings.TrimSuffix(prefix, "/")
		if p.at(prefix) != nil && prefix != "" || !p.reaches(m, c, prefix, dotted) {
			continue
		}
		score := common(m.Path, c.Path)
		if c.Root == m.Root {
			score += 1 << 16
			if prefix == c.Root {
				score += 1 << 15
			}
		}
		if score > bestScore {
			best, bestScore = c, score
		}
	}
	return best
}

// reaches says whether code in m can import c with prefix on its path. A file beside or above
// the importer, or in the same root, can; one of another service cannot, unless it is shared by
// a dotted name that no library has.
func (p *Project) reaches(m, c *Module, prefix, dotted string) bool {
	if models.IsLibrary(dotted) {
		if prefix == path.Dir(m.Path) || prefix == m.Root && m.Root == c.Root && c.Package {
			return true
		}
		// The project is the library: its own package of that name is at the root.
		top, _, inside := strings.Cut(dotted, ".")
		own := p.at(path.Join(prefix, top))
		return inside && prefix == m.Root && m.Root == c.Root && own != nil && own.Package
	}
	if prefix == "" || prefix == m.Root || len(m.Path) > len(prefix) && m.Path[len(prefix)] == '/' && strings.HasPrefix(m.Path, prefix) || m.Root == c.Root {
		return true
	}
	return strings.Contains(dotted, ".")
}

func (p *Project) at(clean string) *Module {
	clean = strings.TrimPrefix(clean, "./")
	if clean == "." {
		clean = ""
	}
	return p.byName[clean]
}

// named makes a module known by its path without what every module's ends with; a file goes before a
// package of the same name.
func (p *Project) named(m *Module) {
	name, ok := strings.CutSuffix(m.Path, ".py")
	if !ok {
		return
	}
	p.byName[name] = m
	if folder, ok := strings.CutSuffix("/"+name, "/__init__"); ok {
		if folder = strings.TrimPrefix(folder, "/"); p.byName[folder] == nil {
			p.byName[folder] = m
		}
	}
}

// Find returns the module that the import means, or nil: it tells a scanner which further files
// to read.
func (p *Project) Find(m *Module, imp *ir.Import) *Module {
	if t := p.find(m, imp.Module, imp.Level); t != nil {
		return t
	}
	return nil
}

func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
