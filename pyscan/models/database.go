package models

import (
	"slices"
	"strings"
	"sync"

	"github.com/toctou-lint/toctou/internal/database"
)

// databaseCalls are the callables of database libraries, by dotted name.
var databaseCalls = map[string]database.Kind{
	"asyncpg.create_pool": database.Pool, "aiopg.create_pool": database.Pool, "aiomysql.create_pool": database.Pool, "asyncmy.create_pool": database.Pool, "oracledb.create_pool": database.Pool,
	"psycopg_pool.AsyncConnectionPool": database.Pool, "psycopg_pool.ConnectionPool": database.Pool, "psycopg2.pool.SimpleConnectionPool": database.Pool,
	"psycopg2.pool.ThreadedConnectionPool": database.Pool, "databases.Database": database.Pool, "motor.motor_asyncio.AsyncIOMotorClient": database.Pool, "pymongo.MongoClient": database.Pool,
	"pymongo.AsyncMongoClient": database.Pool, "tortoise.Tortoise.init": database.Pool, "sqlalchemy.create_engine": database.Pool, "sqlalchemy.ext.asyncio.create_async_engine": database.Pool,
	"sqlmodel.create_engine": database.Pool, "asyncpg.connect": database.Connection, "psycopg.connect": database.Connection, "psycopg.AsyncConnection.connect": database.Connection,
	"psycopg2.connect": database.Connection, "sqlite3.connect": database.Connection, "aiosqlite.connect": database.Connection, "aiomysql.connect": database.Connection, "aiopg.connect": database.Connection,
	"pymysql.connect": database.Connection, "sqlalchemy.orm.Session": database.Session, "sqlalchemy.orm.sessionmaker": database.Session, "sqlalchemy.orm.scoped_session": database.Session,
	"sqlalchemy.ext.asyncio.AsyncSession": database.Session, "sqlalchemy.ext.asyncio.async_sessionmaker": database.Session, "sqlalchemy.ext.asyncio.async_scoped_session": database.Session,
	"sqlmodel.Session": database.Session, "sqlmodel.ext.asyncio.session.AsyncSession": database.Session, "tortoise.transactions.in_transaction": database.Transaction,
	"tortoise.transactions.atomic": database.Transaction, "django.db.transaction.atomic": database.Transaction, "django.db.transaction.on_commit": database.Commit,
}

// databaseMethods are methods of connections, sessions and queries.
var databaseMethods = map[string]database.Kind{
	"transaction": database.Transaction, "begin": database.Transaction, "begin_nested": database.Transaction, "start_transaction": database.Transaction, "commit": database.Commit, "rollback": database.Rollback,
	"with_for_update": database.RowLock, "select_for_update": database.RowLock,
}

// databaseWords are what variables are called that such methods are called on.
var databaseWords = []string{"connection", "conn", "session", "db", "database", "pool", "engine", "cursor", "tx", "transaction"}

// statementVerbs start the names of methods that take the text of a statement as their first argument.
var statementVerbs = []string{"execute", "executemany", "fetch", "fetchrow", "fetchval", "fetchone", "fetchall", "query", "iterate", "cursor", "scalar", "scalars"}

var databaseLibraries = sync.OnceValue(func() map[string]bool {
	tops := map[string]bool{}
	for name := range databaseCalls {
		top, _, _ := strings.Cut(name, ".")
		tops[top] = true
	}
	return tops
})

// DatabaseLibrary says whether DatabaseCall knows any function whose dotted name begins so.
func DatabaseLibrary(top string) bool { return databaseLibraries()[top] }

// DatabaseCall is what a call of a library function with the dotted name does.
func DatabaseCall(name string) database.Kind { return databaseCalls[name] }

// DatabaseMethod is what a method does, by its name and the name of what it is called on; "" if
// nothing is known of it.
func DatabaseMethod(receiver, method string) database.Kind {
	kind := databaseMethods[method]
	if kind == "" || kind == database.RowLock {
		return kind // a query that locks rows may be called anything
	}
	last := ""
	for w := range wordsOf(receiver) {
		last = w
	}
	if slices.Contains(databaseWords, last) {
		return kind
	}
	return ""
}

// TakesStatement says whether a method of that name takes the text of a statement.
func TakesStatement(method string) bool {
	return slices.Contains(statementVerbs, firstWord(method))
}
