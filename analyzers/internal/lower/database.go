package lower

import (
	"cmp"
	"go/constant"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/database"
	"github.com/toctou-lint/toctou/report"
)

// databaseCalls are functions of database libraries, by full name. One line extends it.
var databaseCalls = map[string]database.Kind{
	"database/sql.Open": database.Pool, "database/sql.OpenDB": database.Pool, "(*database/sql.DB).Conn": database.Connection,
	"(*database/sql.DB).Begin": database.Transaction, "(*database/sql.DB).BeginTx": database.Transaction, "(*database/sql.Conn).BeginTx": database.Transaction,
	"(*database/sql.Tx).Commit": database.Commit, "(*database/sql.Tx).Rollback": database.Rollback,
	"github.com/jmoiron/sqlx.Open": database.Pool, "github.com/jmoiron/sqlx.Connect": database.Pool, "github.com/jmoiron/sqlx.ConnectContext": database.Pool,
	"(*github.com/jmoiron/sqlx.DB).Beginx": database.Transaction, "(*github.com/jmoiron/sqlx.DB).BeginTxx": database.Transaction,
	"github.com/jackc/pgx/v5.Connect": database.Connection, "github.com/jackc/pgx/v5/pgxpool.New": database.Pool, "github.com/jackc/pgx/v5/pgxpool.NewWithConfig": database.Pool,
	"(*github.com/jackc/pgx/v5.Conn).Begin": database.Transaction, "(*github.com/jackc/pgx/v5.Conn).BeginTx": database.Transaction,
	"(*github.com/jackc/pgx/v5/pgxpool.Pool).Begin": database.Transaction, "(*github.com/jackc/pgx/v5/pgxpool.Pool).BeginTx": database.Transaction,
	"github.com/jackc/pgx/v5.BeginFunc": database.Transaction, "github.com/jackc/pgx/v5.BeginTxFunc": database.Transaction,
	"(github.com/jackc/pgx/v5.Tx).Commit": database.Commit, "(github.com/jackc/pgx/v5.Tx).Rollback": database.Rollback,
	"gorm.io/gorm.Open": database.Pool, "(*gorm.io/gorm.DB).Transaction": database.Transaction, "(*gorm.io/gorm.DB).Begin": database.Transaction,
	"(*gorm.io/gorm.DB).Commit": database.Commit, "(*gorm.io/gorm.DB).Rollback": database.Rollback,
}

// statementPackages are the packages whose methods take the text of a statement.
var statementPackages = []string{"database/sql.", "github.com/jmoiron/sqlx.", "github.com/jackc/pgx/v5", "gorm.io/gorm."}

// Databases lists what the package does with databases, in source order.
func (r *Result) Databases() []report.DatabaseUse {
	r.ready()
	if r.pkg == nil {
		return nil
	}
	p := r.pkg
	var out []report.DatabaseUse
	for _, x := range p.funcs {
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				call, ok := in.(ssa.CallInstruction)
				if !ok || !in.Pos().IsValid() {
					continue
				}
				if kind := databaseCall(call.Common()); kind != "" {
					at := p.pass.Fset.Position(in.Pos())
					out = append(out, report.DatabaseUse{File: at.Filename, Line: at.Line, Function: x.name, Kind: string(kind), Detail: kind.Detail()})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b report.DatabaseUse) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Kind, b.Kind))
	})
	return out
}

// databaseCall is what one call does to a database, "" if nothing is known of it.
func databaseCall(c *ssa.CallCommon) database.Kind {
	name := ""
	if c.IsInvoke() {
		name = c.Method.FullName()
	} else if f := c.StaticCallee(); f != nil {
		name = fullName(f)
	}
	if kind := databaseCalls[name]; kind != "" {
		return kind
	}
	if !slices.ContainsFunc(statementPackages, func(p string) bool { return strings.HasPrefix(strings.TrimLeft(name, "(*"), p) }) {
		return ""
	}
	for _, a := range c.Args {
		if text, ok := a.(*ssa.Const); ok && text.Value != nil && text.Value.Kind() == constant.String {
			return database.Statement(constant.StringVal(text.Value))
		}
	}
	return ""
}
