package pyfix

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/internal/pattern"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// attributeType is the class of an attribute of the objects of a class, by the one assignment that says
// it: of a parameter with a type, of a new object, or with a type of its own. "" if it cannot be told.
func (f *file) attributeType(class syntax.ID, attr string) string {
	names := map[string]bool{}
	for n := class; n < f.t.Nodes[class].Next; n++ {
		left := f.t.ChildByField(n, syntax.FieldLeft)
		if f.t.Kind(n) != syntax.Assignment || f.t.Kind(left) != syntax.Attribute && f.t.Kind(left) != syntax.Identifier {
			continue
		}
		owner := f.t.Kind(left) == syntax.Identifier && f.function(n) == syntax.Nil && f.text(left) == attr
		if recv := f.receiver(f.function(n)); !owner && (recv == "" || f.text(left) != recv+"."+attr) {
			continue
		}
		value := f.t.ChildByField(n, syntax.FieldRight)
		switch said := f.t.ChildByField(n, syntax.FieldType); {
		case said != syntax.Nil:
			names[typeName(f.text(said))] = true
		case f.t.Kind(value) == syntax.Identifier:
			names[f.parameterType(f.function(n), f.text(value))] = true
		case f.t.Kind(value) == syntax.Call:
			names[typeName(f.text(f.t.ChildByField(value, syntax.FieldFunction)))] = true
		default:
			names[""] = true
		}
	}
	for name := range names {
		if len(names) == 1 {
			return name
		}
	}
	return ""
}

// parameterType is the class that a function says a parameter is of, or "".
func (f *file) parameterType(fn syntax.ID, name string) string {
	for c := range f.t.Named(f.t.ChildByField(fn, syntax.FieldParameters)) {
		if f.t.Kind(c) == syntax.TypedParameter && f.text(f.first(c)) == name || f.t.Kind(c) == syntax.TypedDefaultParameter && f.name(c) == name {
			return typeName(f.text(f.t.ChildByField(c, syntax.FieldType)))
		}
	}
	return ""
}

var plainType = pattern.New(`^[A-Za-z_][\w.]*$`)

// typeName is the last name of a type that is a class, written as a name or in quotes.
func typeName(text string) string {
	text = strings.Trim(text, `"'`)
	if !plainType.MatchString(text) {
		return ""
	}
	return text[strings.LastIndexByte(text, '.')+1:]
}

var (
	updateByKey = pattern.New(`(?is)^\s*update\s+([\w."]+)\s+set\s+(.*\S)\s+where\s+[\w."]+\s*=\s*\$1\s*$`)
	setColumn   = pattern.New(`(?is)^\s*(\w+)\s*=\s*\$(\d+)\s*$`)
	// plainColumn are the types whose values come back from the database as they went there.
	plainColumn = pattern.New(`^(Optional\[)?(str|int|bool|float|(datetime\.)?(datetime|date|time)|(uuid\.)?UUID|(decimal\.)?Decimal)\]?( \| None)?$`)
)

// column is what an update writes into one column.
type column struct{ name, value string }

// conditionalUpdate makes, beside the method of a store that writes a record to PostgreSQL with one
// UPDATE by key, another one that writes only if no column that it writes has changed since the record was
// read. What it compares with is what load returned: the method that reads has to give each column as it is.
// name is "" if it cannot be made; add is nil if it is there already.
func (f *file) conditionalUpdate(class syntax.ID, load, save string) (name string, add *fix.Edit) {
	m, get := f.method(class, save), f.method(class, load)
	if m == syntax.Nil || get == syntax.Nil || f.imported("asyncpg") == "" || !f.isAsync(m) || f.classOf(m) != class || f.t.Kind(f.t.Parent(m)) == syntax.DecoratedDefinition ||
		f.t.ChildByField(class, syntax.FieldSuperclasses) != syntax.Nil || !f.alone(m) {
		return "", nil
	}
	record := ""
	for c := range f.t.Named(f.t.ChildByField(m, syntax.FieldParameters)) {
		switch {
		case f.t.Kind(c) == syntax.Identifier && f.text(c) == f.receiver(m):
		case f.t.Kind(c) == syntax.TypedParameter && record == "":
			record = f.text(f.first(c))
		default:
			return "", nil
		}
	}
	kind := f.parameterType(m, record)
	call, table, key, columns := f.writes(m, record)
	if kind == "" || call == syntax.Nil || !f.loadsFrom(get, table) || !f.returnsAsRead(class, kind, append(columns, key)) {
		return "", nil
	}
	name = save + "_if_unchanged"
	text := f.conditionalMethod(m, call, name, record, columns)
	if there := f.method(class, name); there != syntax.Nil {
		if strings.TrimSpace(strings.ReplaceAll(f.text(there), "\r\n", "\n")) == strings.TrimSpace(text) {
			return name, nil
		}
		return "", nil
	}
	e := f.insertLines(m, "\n"+text)
	return name, &e
}

// writes is the one statement of a method that writes a record: UPDATE … SET column = $n … WHERE key = $1,
// with attributes of the record.
func (f *file) writes(m syntax.ID, record string) (call syntax.ID, table string, key column, columns []column) {
	none := func() (syntax.ID, string, column, []column) { return syntax.Nil, "", column{}, nil }
	var stmts []syntax.ID
	for c := range f.t.Named(f.body(m)) {
		if !f.isDocstring(c) {
			stmts = append(stmts, c)
		}
	}
	if len(stmts) == 1 && f.t.Kind(stmts[0]) == syntax.WithStatement {
		body := f.body(stmts[0])
		stmts = slices.Collect(f.t.Named(body))
	}
	if len(stmts) != 1 || f.t.Kind(stmts[0]) != syntax.ExpressionStatement || !f.alone(stmts[0]) {
		return none()
	}
	call = f.awaitedCall(f.first(stmts[0]))
	if _, name := f.methodCall(call); call == syntax.Nil || name != "execute" {
		return none()
	}
	args := slices.Collect(f.t.Named(f.t.ChildByField(call, syntax.FieldArguments)))
	sql, ok := f.literal(args[0])
	stmt := updateByKey.FindStringSubmatch(sql)
	if !ok || stmt == nil || len(args) < 3 {
		return none()
	}
	value := func(n int) string { // what stands for $n
		text := f.text(args[n])
		if attr, ok := strings.CutPrefix(strings.TrimSuffix(text, ".value"), record+"."); ok && !strings.ContainsAny(attr, ".([ ") {
			return text
		}
		return ""
	}
	used := map[int]bool{1: true}
	for part := range strings.SplitSeq(stmt[2], ",") {
		set := setColumn.FindStringSubmatch(part)
		n := 0
		if set != nil {
			_, _ = fmt.Sscan(set[2], &n)
		}
		if n < 2 || n >= len(args) || used[n] || value(n) == "" {
			return none()
		}
		used[n] = true
		columns = append(columns, column{set[1], value(n)})
	}
	if len(used) != len(args)-1 || value(1) == "" {
		return none()
	}
	key = column{value: value(1)}
	key.name = strings.TrimPrefix(key.value, record+".")
	return call, stmt[1], key, columns
}

// literal is the text of a string without parts that are computed.
func (f *file) literal(n syntax.ID) (string, bool) {
	k := f.t.Kind(n)
	if k != syntax.String && k != syntax.ConcatenatedString {
		return "", false
	}
	var b strings.Builder
	for c := n; c < f.t.Nodes[n].Next; c++ {
		switch f.t.Kind(c) {
		case syntax.StringContent:
			b.WriteString(f.text(c))
		case syntax.Interpolation:
			return "", false
		case syntax.StringStart:
			if strings.ContainsAny(f.text(c), "rRbBfF") {
				return "", false
			}
		}
	}
	return b.String(), !strings.ContainsAny(b.String(), `\;`)
}

// loadsFrom says whether a method reads from a table what it returns, each time anew.
func (f *file) loadsFrom(get syntax.ID, table string) bool {
	found := false
	for n := f.body(get); n < f.t.Nodes[get].Next; n++ {
		switch k := f.t.Kind(n); k {
		case syntax.String, syntax.ConcatenatedString:
			sql, _ := f.literal(n)
			found = found || regexp.MustCompile(`(?is)^\s*select\s+\*\s+from\s+`+regexp.QuoteMeta(table)+`\s`).MatchString(sql)
		case syntax.Assignment:
			if left := f.t.ChildByField(n, syntax.FieldLeft); f.t.Kind(left) != syntax.Identifier {
				return false
			}
		}
	}
	return found
}

// returnsAsRead says whether a store makes its records in one place, and gives each attribute the value of its
// column as it is, or as the member of an enumeration that has it.
func (f *file) returnsAsRead(class syntax.ID, kind string, columns []column) bool {
	made := syntax.Nil
	for n := class; n < f.t.Nodes[class].Next; n++ {
		if f.t.Kind(n) == syntax.Call && f.text(f.t.ChildByField(n, syntax.FieldFunction)) == kind {
			if made != syntax.Nil {
				return false
			}
			made = n
		}
	}
	given := map[string]string{}
	for c := range f.t.Named(f.t.ChildByField(made, syntax.FieldArguments)) {
		given[f.name(c)] = f.text(f.t.ChildByField(c, syntax.FieldValue))
	}
	types := f.fieldTypes(kind)
	for _, c := range columns {
		attr, enum := strings.CutSuffix(c.value[strings.IndexByte(c.value, '.')+1:], ".value")
		row := regexp.MustCompile(`^(\w+)\["` + regexp.QuoteMeta(c.name) + `"\]$`)
		value := strings.ReplaceAll(given[attr], "'", `"`)
		if enum {
			inner, ok := strings.CutPrefix(value, types[attr]+"(")
			if !ok || !plainType.MatchString(types[attr]) || !row.MatchString(strings.TrimSuffix(inner, ")")) {
				return false
			}
		} else if !plainColumn.MatchString(types[attr]) || !row.MatchString(value) {
			return false
		}
	}
	return true
}

// fieldTypes are the types of the fields of a class of records, as it writes them.
func (f *file) fieldTypes(kind string) map[string]string {
	in, class := f, f.classNamed(kind)
	if class == syntax.Nil && f.base != nil {
		tree, node := f.base(kind)
		if tree == nil {
			return nil
		}
		in, class = &file{t: tree}, node
	}
	out := map[string]string{}
	if class == syntax.Nil {
		return out
	}
	for c := range in.t.Named(in.body(class)) {
		if a := in.first(c); in.t.Kind(a) == syntax.Assignment && in.t.ChildByField(a, syntax.FieldType) != syntax.Nil {
			out[in.text(in.t.ChildByField(a, syntax.FieldLeft))] = in.text(in.t.ChildByField(a, syntax.FieldType))
		}
	}
	return out
}

// conditionalMethod is the text of the new method.
func (f *file) conditionalMethod(m, call syntax.ID, name, record string, columns []column) string {
	margin, _ := f.indent(m)
	unit := f.unit(m, f.body(m))
	read := "read"
	if record == read {
		read = "as_read"
	}
	kind := ""
	for c := range f.t.Named(f.t.ChildByField(m, syntax.FieldParameters)) {
		if f.t.Kind(c) == syntax.TypedParameter {
			kind = f.text(f.t.ChildByField(c, syntax.FieldType))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%sasync def %s(%s, %s: %s, %s: %s) -> bool:\n", margin, name, f.receiver(m), record, kind, read, kind)
	fmt.Fprintf(&b, "%s\"\"\"Like %s, if what it writes is still as it was read; False if it is not.\"\"\"\n", margin+unit, f.name(m))
	in := margin + unit
	if with := f.up(call, syntax.WithStatement); with != syntax.Nil && f.function(with) == m {
		fmt.Fprintf(&b, "%s%s:\n", in, strings.TrimSpace(string(f.t.Src[f.start(with):f.end(f.t.ChildOfKind(with, syntax.WithClause))])))
		in += unit
	}
	args := slices.Collect(f.t.Named(f.t.ChildByField(call, syntax.FieldArguments)))
	fmt.Fprintf(&b, "%stag = await %s(\n", in, f.text(f.t.ChildByField(call, syntax.FieldFunction)))
	first, _ := f.indent(f.statement(call))
	for line := range strings.SplitSeq(f.text(args[0]), "\n") {
		fmt.Fprintf(&b, "%s%s\n", in+unit, strings.TrimSpace(strings.TrimPrefix(line, first)))
	}
	for i, c := range columns {
		fmt.Fprintf(&b, "%s\" AND %s IS NOT DISTINCT FROM $%d\"", in+unit, c.name, len(args)+i)
		b.WriteString(map[bool]string{true: ",\n", false: "\n"}[i == len(columns)-1])
	}
	for _, a := range args[1:] {
		fmt.Fprintf(&b, "%s%s,\n", in+unit, f.text(a))
	}
	for _, c := range columns {
		fmt.Fprintf(&b, "%s%s,\n", in+unit, read+strings.TrimPrefix(c.value, record))
	}
	fmt.Fprintf(&b, "%s)\n%sreturn tag != \"UPDATE 0\"\n", in, margin+unit)
	return b.String()
}
