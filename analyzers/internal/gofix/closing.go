package gofix

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// closeOnce closes a channel through a sync.Once beside it, where a select or a flag was to tell
// whether it is closed. Only for unexported fields: nobody else can close those.
func closeOnce(s *site) (*Proposal, error) {
	var call *ast.CallExpr
	for _, n := range s.path {
		if c, ok := n.(*ast.CallExpr); ok && s.closes(c) {
			call = c
			break
		}
	}
	if call == nil {
		return nil, nil
	}
	sel, ok := ast.Unparen(call.Args[0]).(*ast.SelectorExpr)
	if !ok {
		return nil, errors.New("the channel is not a field: there is no place beside it for a sync.Once")
	}
	field, _ := s.info.ObjectOf(sel.Sel).(*types.Var)
	if field == nil || !field.IsField() || field.Exported() {
		return nil, errors.New("the channel is an exported field: others can close it, too")
	}
	whole := s.closeTest(call)
	if whole == nil {
		return nil, nil
	}
	if n := s.closeCount(field); n != 1 {
		return nil, errors.New("the channel is closed in several places: all of them have to go through one sync.Once")
	}
	spec, owner := s.declaration(field)
	if spec == nil {
		return nil, errors.New("the struct is declared in another file")
	}
	if s.copied(owner) {
		return nil, errors.New("the struct is copied, or made without field names: a sync.Once cannot be added to it")
	}
	name := s.freeField(owner, field.Name()+"Once")
	if comment, _ := s.comment(spec); comment == "" && !s.alone(spec) {
		return nil, errors.New("the fields of the struct are on one line")
	}
	add, err := s.fieldAfter(spec, name, "sync.Once")
	if err != nil {
		return nil, err
	}
	imp, ok := s.importing("sync")
	if !ok {
		return nil, errors.New("the file cannot import sync under that name")
	}
	do := s.text(sel.X) + "." + name + ".Do(func() { " + s.text(call) + " })"
	if comment, _ := s.comment(call); comment != "" && strings.Contains(s.text(whole), comment) {
		do += " " + comment
	}
	return &Proposal{
		Title: "close " + expr(sel) + " through a sync.Once", Why: []string{"whoever comes first closes it, the others wait for that and do nothing"},
		Edits: append(append(imp, add...), s.replace(whole, do)),
	}, nil
}

// closes says whether a call is the builtin close.
func (s *site) closes(c *ast.CallExpr) bool {
	id, ok := ast.Unparen(c.Fun).(*ast.Ident)
	return ok && id.Name == "close" && s.info.Types[c.Fun].IsBuiltin() && len(c.Args) == 1
}

// closeTest is the select that tests and closes, if it does nothing else.
func (s *site) closeTest(call *ast.CallExpr) ast.Stmt {
	for _, n := range s.path {
		sel, ok := n.(*ast.SelectStmt)
		if !ok || len(sel.Body.List) != 2 {
			continue
		}
		var closed, other bool
		for _, c := range sel.Body.List {
			c := c.(*ast.CommClause)
			switch {
			case c.Comm == nil:
				st, ok := first1(c.Body).(*ast.ExprStmt)
				closed = ok && st.X == call
			case len(c.Body) == 0:
				e, ok := c.Comm.(*ast.ExprStmt)
				if !ok {
					break
				}
				recv, ok := e.X.(*ast.UnaryExpr)
				other = ok && recv.Op == token.ARROW && expr(recv.X) == expr(call.Args[0])
			case len(c.Body) == 1:
				// `return` at the end of the function is the same as going on
				r, ok := c.Body[0].(*ast.ReturnStmt)
				other = ok && len(r.Results) == 0 && s.body.List[len(s.body.List)-1] == ast.Stmt(sel)
			}
		}
		if closed && other {
			return sel
		}
	}
	return nil
}

func first1(list []ast.Stmt) ast.Stmt {
	if len(list) != 1 {
		return nil
	}
	return list[0]
}

// closeCount counts where the package closes a field.
func (s *site) closeCount(field *types.Var) int {
	n := 0
	for _, f := range s.pass.Files {
		ast.Inspect(f, func(x ast.Node) bool {
			if c, ok := x.(*ast.CallExpr); ok && s.closes(c) && s.fieldOf(c.Args[0]) == field {
				n++
			}
			return true
		})
	}
	return n
}

// declaration finds a field in the struct types of the file.
func (s *site) declaration(field *types.Var) (*ast.Field, *types.TypeName) {
	var spec *ast.Field
	var owner *types.TypeName
	ast.Inspect(s.file, func(n ast.Node) bool {
		t, ok := n.(*ast.TypeSpec)
		if !ok {
			return spec == nil
		}
		st, ok := t.Type.(*ast.StructType)
		if !ok {
			return false
		}
		for _, f := range st.Fields.List {
			for _, id := range f.Names {
				if s.info.Defs[id] == field {
					spec = f
					owner, _ = s.info.Defs[t.Name].(*types.TypeName)
				}
			}
		}
		return false
	})
	return spec, owner
}

// copied says whether values of a struct type are passed, assigned or made without field names:
// a struct with a sync.Once must not be.
func (s *site) copied(owner *types.TypeName) bool {
	if owner == nil {
		return true
	}
	t := owner.Type()
	for _, o := range s.info.Defs {
		switch o := o.(type) {
		case *types.Func:
			if r := o.Signature().Recv(); r != nil && types.Identical(r.Type(), t) {
				return true
			}
			for v := range o.Signature().Params().Variables() {
				if types.Identical(v.Type(), t) {
					return true
				}
			}
			for v := range o.Signature().Results().Variables() {
				if types.Identical(v.Type(), t) {
					return true
				}
			}
		}
	}
	for _, f := range s.pass.Files {
		found := false
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if types.Identical(s.info.TypeOf(n), t) && len(n.Elts) > 0 {
					_, keyed := n.Elts[0].(*ast.KeyValueExpr)
					found = found || !keyed
				}
			case *ast.StarExpr:
				found = found || s.info.Types[n].IsValue() && types.Identical(s.info.TypeOf(n), t)
			case *ast.BinaryExpr:
				found = found || types.Identical(s.info.TypeOf(n.X), t)
			}
			return !found
		})
		if found {
			return true
		}
	}
	return false
}

func (s *site) freeField(owner *types.TypeName, name string) string {
	for {
		if obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(owner.Type()), true, s.pass.Pkg, name); obj == nil {
			return name
		}
		name += "2"
	}
}
