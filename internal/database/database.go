// Package database says what uses of a database mean for a value that is read and written back: the
// kinds that the audit lists, and how the text of a statement is told apart.
//
// Both front ends share it. It is tables and a reading of SQL by its words: it parses no SQL, knows
// no schema and finds no call.
package database

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/pattern"
)

// Kind is what a call does to a database.
type Kind string

// Kinds of database use.
const (
	Pool        Kind = "pool"
	Connection  Kind = "connection"
	Session     Kind = "session"
	Transaction Kind = "transaction"
	Commit      Kind = "commit"
	Rollback    Kind = "rollback"
	RowLock     Kind = "row lock"
	Conditional Kind = "conditional write"
	Computed    Kind = "computed write"
	Write       Kind = "write"
	Read        Kind = "read"
)

// details says what each kind means.
var details = map[Kind]string{
	Pool:        "tasks share its connections; two statements may run on two of them",
	Connection:  "one connection: whoever shares it shares its transaction",
	Session:     "keeps what it loaded and writes it back on flush or commit; belongs to one task at a time",
	Transaction: "groups statements; under READ COMMITTED a value read in it may be out of date when it is written back, unless the row is locked",
	Commit:      "what was written becomes visible to others here",
	Rollback:    "takes back what was written since the transaction began",
	RowLock:     "the rows read stay locked until the transaction ends: nobody writes them in between",
	Conditional: "the database decides and writes in one step: no answer can expire in between",
	Computed:    "the database computes the new value from the one that is there: no update is lost",
	Write:       "writes by key alone: it takes effect whatever has changed since the read",
	Read:        "reads without a lock: the answer may be out of date at once",
}

// Detail says what the kind means.
func (k Kind) Detail() string { return details[k] }

var (
	conjunction = pattern.New(` and `)
	byKey       = pattern.New(`^\(?[\w."]*(id|key|type|slug|email|name|code|token)"? ?= ?([$?:%@]\S*|any\(.*\))\)?$`)
	setColumn   = pattern.New(`\b(\w+) = ([^,]*)`)
)

// Statement is what a statement does, by its text; "" if that cannot be told.
func Statement(sql string) Kind {
	text := strings.ToLower(strings.Join(strings.Fields(sql), " ")) + " "
	verb, rest, _ := strings.Cut(text, " ")
	switch verb {
	case "begin", "start":
		return Transaction
	case "commit":
		return Commit
	case "rollback":
		return Rollback
	case "select", "with":
		if strings.Contains(rest, " for update") || strings.Contains(rest, " for share") || strings.Contains(rest, " for no key update") {
			return RowLock
		}
		return Read
	case "insert", "replace", "merge":
		if strings.Contains(rest, " on conflict ") {
			return Conditional
		}
		return Write
	case "update", "delete":
		change, where, _ := strings.Cut(rest, " where ")
		return changeKind(change, where)
	}
	return ""
}

// changeKind tells apart a change that asks for more than the key, one whose value the database
// computes, and one that is made by key alone.
func changeKind(change, where string) Kind {
	where, _, _ = strings.Cut(where, " returning ")
	for _, c := range conjunction.Split(strings.TrimSpace(where), -1) {
		if c != "" && !byKey.MatchString(strings.TrimSpace(c)) {
			return Conditional
		}
	}
	for _, m := range setColumn.FindAllStringSubmatch(change, -1) {
		if slices.Contains(strings.FieldsFunc(m[2], func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') }), m[1]) {
			return Computed
		}
	}
	return Write
}
