package pyscan

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/verdict"
)

const threadCode = `
import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from fastapi import APIRouter

router = APIRouter()
pool = ThreadPoolExecutor()

def hash_password(text):
    return slow(text)

def slow(text):
    return text * 2

@router.post("/login")
async def login(text):
    await asyncio.to_thread(os.stat, "x")
    return await asyncio.to_thread(hash_password, text)

@router.get("/health")
def health():
    return "ok"

class Reader:
    def start(self, loop: asyncio.AbstractEventLoop):
        threading.Thread(target=self._run).start()
        pool.submit(self._run)
        loop.run_in_executor(None, lambda: 1)

    def _run(self):
        pass

def in_the_loop():
    return 1
`

// TestThreads: every function that runs in another thread is listed, and by what it gets there.
func TestThreads(t *testing.T) {
	res, err := Scan(context.Background(), []Source{{Path: "a.py", Read: func(*[]byte) ([]byte, error) { return []byte(threadCode), nil }}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	linked, err := res.Units[0].Link(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range verdict.Judge(linked.Program, verdict.Options{}).Threads {
		got = append(got, fmt.Sprintf("%d %s: %s, %s", u.Line, u.Function, u.Target, u.How))
	}
	want := []string{
		"14 : slow, called by `hash_password`",
		"19 login: os.stat, asyncio.to_thread",
		"20 login: hash_password, asyncio.to_thread",
		"23 : health, route GET /health, a plain function: the framework runs it in a thread",
		"28 Reader.start: Reader._run, threading.Thread",
		"29 Reader.start: Reader._run, pool.submit",
		"30 Reader.start: a lambda, loop.run_in_executor",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
