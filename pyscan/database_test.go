package pyscan

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const storeCode = `
import sqlite3
import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine, async_sessionmaker as maker
from sqlalchemy import select, text

engine = create_async_engine("postgresql://")
sessions = maker(engine)

async def pooled():
    pool = await asyncpg.create_pool("postgresql://")
    async with pool.acquire() as connection:
        async with connection.transaction():
            await connection.fetchrow("SELECT n FROM t WHERE id = $1" " FOR UPDATE", 1)
            await connection.execute("UPDATE t SET n = $2 WHERE id = $1", 1, 2)

async def mapped(self):
    async with sessions() as session:
        row = await session.execute(select(1).with_for_update())
        await session.execute(text("DELETE FROM t WHERE id = :id"))
        await self._execute_one("UPDATE t SET n = n + 1 WHERE id = $1")
        await session.commit()

async def other(client, lock, queue):
    await client.begin()           # not called as connections are
    await queue.put("SELECT 1")    # takes no statement
    await lock.acquire()
    await client.execute(query)    # its text is not known
`

func TestDatabases(t *testing.T) {
	res, err := Scan(context.Background(), []Source{{Path: "a.py", Read: func(*[]byte) ([]byte, error) { return []byte(storeCode), nil }}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range res.Databases {
		got = append(got, fmt.Sprintf("%d %s %s", u.Line, u.Function, u.Kind))
	}
	want := []string{
		"7  pool", "8  session", "11 pooled pool", "13 pooled transaction", "14 pooled row lock", "15 pooled write",
		"19 mapped row lock", "20 mapped write", "21 mapped computed write", "22 mapped commit",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
