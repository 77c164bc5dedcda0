package link

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan/lower"
	"github.com/toctou-lint/toctou/pyscan/project"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// sources matches what an event is computed from.
var sources = regexp.MustCompile(` <- [^:]*`)

// link1 links files given as name and text, one after the other.
func link1(t *testing.T, files ...string) *Program {
	t.Helper()
	var sources []project.Source
	for i := 0; i+1 < len(files); i += 2 {
		tree, err := syntax.Parse([]byte(files[i+1]))
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, project.Source{IR: lower.Lower(tree, files[i])})
	}
	p, err := Link(t.Context(), project.New(sources, nil), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// events are the events of one function, without tables and positions.
func events(t *testing.T, p *Program, name string) []string {
	t.Helper()
	for i := range p.Funcs {
		if p.Funcs[i].Name != name {
			continue
		}
		var b strings.Builder
		if err := flow.Print(&b, p.Funcs[i].Flow, func(pos flow.Pos) string { return strconv.Itoa(p.Site(pos).Line) }); err != nil {
			t.Fatal(err)
		}
		var out []string
		for line := range strings.Lines(b.String()) {
			line = strings.TrimRight(line, "\n")
			if body, ok := strings.CutPrefix(line, "  "); ok && !strings.HasPrefix(body, "->") {
				line, _, _ = strings.Cut(body, " @")
				if strings.HasPrefix(line, "check $") || strings.HasPrefix(line, "let $") {
					word, rest, _ := strings.Cut(line, " ")
					_, rest, _ = strings.Cut(rest, " ")
					line = word + " " + rest
				}
				line = sources.ReplaceAllString(strings.ReplaceAll(line, `"`, ""), "")
				out = append(out, line)
			}
		}
		return out
	}
	t.Fatalf("no function %q", name)
	return nil
}

const prelude = `
import asyncio, threading
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import Any, Protocol

class Remote(Protocol):
    async def load(self, key: str) -> Any: ...
    async def open(self) -> Any: ...

async def plain(x):
    return x
`

func TestEvents(t *testing.T) {
	tests := []struct {
		name string
		src  string
		fn   string
		want []string // these events, in this order, among others
		not  []string // none that contains one of these
	}{
		{
			"an attribute is asked, loaded and set",
			"class C:\n  def __init__(self, r: Remote): self.r, self.c = r, None\n  async def f(self):\n    if self.c is None:\n      self.c = await self.r.open()\n",
			"C.f",
			[]string{"check value self.c", "yield Remote.open : maybe callee", "act set resource self.c"},
			nil,
		},
		{
			"what is never assigned again is not asked for",
			"class C:\n  def __init__(self, r: Remote): self.r = r\n  async def f(self):\n    await self.r.open()\n",
			"C.f",
			[]string{"yield Remote.open : maybe callee"},
			[]string{"check"},
		},
		{
			"a coroutine that never suspends opens no window",
			"class C:\n  n = 0\n  async def f(self):\n    self.n = await plain(self.n)\n",
			"C.f",
			[]string{"check value self.n", "act set unknown self.n"},
			[]string{"yield"},
		},
		{
			"membership, element and removal",
			"class C:\n  def __init__(self): self.d: dict[str, Any] = {}\n  async def f(self, k):\n    if k in self.d:\n      await asyncio.sleep(1)\n      del self.d[k]\n",
			"C.f",
			[]string{"check has self.d [1]", "yield asyncio.sleep", "act del unknown self.d [1] : needs"},
			nil,
		},
		{
			"a handler that names the error answers the subscript",
			"class C:\n  def __init__(self): self.d: dict[str, Any] = {}\n  async def f(self, k):\n    try:\n      return self.d[k]\n    except KeyError:\n      self.d[k] = await plain(k)\n",
			"C.f",
			[]string{"check value self.d [1]", "act set unknown self.d [1]"},
			[]string{"needs"},
		},
		{
			"a removal with a default fails for nobody",
			"class C:\n  def __init__(self): self.d: dict[str, Any] = {}\n  def f(self, k):\n    self.d.pop(k, None)\n    self.d.pop(k)\n",
			"C.f",
			[]string{"act del unknown self.d [1]", "act del unknown self.d [1] : needs"},
			nil,
		},
		{
			"lists grow and shrink, their length is a question about the whole",
			"class C:\n  def __init__(self): self.l: list[int] = []\n  def f(self):\n    if len(self.l) < 3: self.l.append(1)\n    if self.l: self.l.pop()\n",
			"C.f",
			[]string{"check size self.l", "act grow true self.l", "check size self.l", "act shrink unknown self.l : needs"},
			nil,
		},
		{
			"setdefault is one step",
			"class C:\n  def __init__(self): self.d: dict[str, int] = {}\n  def f(self, k): return self.d.setdefault(k, 1)\n",
			"C.f",
			[]string{"act set true self.d [1] : atomic"},
			nil,
		},
		{
			"a task lock is taken and given back",
			"class C:\n  def __init__(self, r: Remote): self.r, self.l, self.c = r, asyncio.Lock(), None\n  async def f(self):\n    async with self.l:\n      self.c = await self.r.open()\n",
			"C.f",
			[]string{"acquire 1 : contended", "yield Remote.open : maybe callee", "act set resource self.c", "release 1"},
			nil,
		},
		{
			"a lock that nobody suspends under is never contended",
			"class C:\n  def __init__(self): self.l, self.n = asyncio.Lock(), 0\n  async def f(self):\n    async with self.l:\n      self.n += 1\n",
			"C.f",
			[]string{"acquire 1", "act set plain self.n: update", "release 1"},
			[]string{"contended", "yield"},
		},
		{
			"a semaphore for several is no lock",
			"class C:\n  def __init__(self): self.s = asyncio.Semaphore(3)\n  async def f(self):\n    async with self.s: pass\n",
			"C.f",
			[]string{"yield self.s : maybe"},
			[]string{"acquire"},
		},
		{
			"acquire and release by hand",
			"class C:\n  def __init__(self): self.l = asyncio.Lock()\n  async def f(self):\n    await self.l.acquire()\n    try: await asyncio.sleep(1)\n    finally: self.l.release()\n",
			"C.f",
			[]string{"acquire 1 : contended", "yield asyncio.sleep", "release 1"},
			nil,
		},
		{
			"a context manager method holds its lock for the caller",
			"class C:\n  def __init__(self): self.l, self.n = asyncio.Lock(), 0\n  @asynccontextmanager\n  async def g(self):\n    async with self.l:\n      yield\n  async def f(self):\n    async with self.g():\n      await asyncio.sleep(1)\n      self.n = 2\n",
			"C.f",
			[]string{"acquire 1 : callee", "yield asyncio.sleep", "act set true self.n", "release 1 : callee"},
			nil,
		},
		{
			"a condition gives its lock back while it waits",
			"class C:\n  def __init__(self): self.c = asyncio.Condition()\n  async def f(self):\n    async with self.c:\n      await self.c.wait()\n",
			"C.f",
			[]string{"acquire 1", "release 1", "yield self.c.wait : maybe", "acquire 1", "release 1"},
			nil,
		},
		{
			"a live iteration relies on every step",
			"class C:\n  def __init__(self, r: Remote): self.r, self.d = r, {}\n  def put(self, k): self.d[k] = 1\n  async def f(self):\n    for k in self.d:\n      await self.r.load(k)\n",
			"C.f",
			[]string{"check iter self.d", "act none unknown self.d: needs iter", "yield Remote.load : maybe callee", "check has self.d [1] : tested"},
			nil,
		},
		{
			"a snapshot does not, but its keys were there",
			"class C:\n  def __init__(self, r: Remote): self.r, self.d = r, {}\n  def put(self, k): self.d[k] = 1\n  async def f(self):\n    for k in list(self.d):\n      await self.r.load(k)\n",
			"C.f",
			[]string{"yield Remote.load : maybe callee", "check has self.d [1] : tested"},
			[]string{"iter"},
		},
		{
			"a helper's answer reaches the caller",
			"class C:\n  def __init__(self, r: Remote): self.r, self.d = r, {}\n  def _has(self, k): return k in self.d\n  async def f(self, k):\n    if not self._has(k):\n      self.d[k] = await self.r.load(k)\n",
			"C.f",
			[]string{"check has self.d [1] : callee", "yield Remote.load : maybe callee", "act set unknown self.d [1]"},
			nil,
		},
		{
			"what a task does is done later",
			"class C:\n  def __init__(self): self.on, self.t = False, None\n  async def _run(self): self.on = True\n  def f(self):\n    if not self.on:\n      self.t = asyncio.create_task(self._run())\n",
			"C.f",
			[]string{"check value self.on", "act set true self.on : deferred callee", "act set task self.t"},
			[]string{"yield"},
		},
		{
			"gather runs its parts",
			"class C:\n  def __init__(self): self.n = 0\n  async def _one(self):\n    await asyncio.sleep(1)\n    self.n = 1\n  async def f(self):\n    await asyncio.gather(self._one(), self._one())\n",
			"C.f",
			[]string{"yield asyncio.gather", "yield C._one : callee", "act set true self.n : callee"},
			nil,
		},
		{
			"what was just made belongs to its maker",
			"class P:\n  def __init__(self): self.n = None\n  def set(self, n): self.n = n\nclass C:\n  async def f(self):\n    p = P()\n    if p.n is None:\n      await asyncio.sleep(1)\n      p.set(1)\n      p.n = 2\n    return p.n\n",
			"C.f",
			[]string{"yield asyncio.sleep"},
			[]string{"act", "check"},
		},
		{
			"a property stands for what it returns",
			"class H:\n  def __init__(self): self._l: list[int] = []\n  @property\n  def l(self): return self._l\n  def add(self, x): self._l.append(x)\nclass C:\n  def __init__(self, h: H): self.h = h\n  async def f(self):\n    for x in self.h.l:\n      await asyncio.sleep(x)\n",
			"C.f",
			[]string{"check iter self.h._l", "act none unknown self.h._l: needs iter"},
			nil,
		},
		{
			"a future's state is apart from the place that holds it",
			"class C:\n  def __init__(self): self.w: dict[int, asyncio.Future[str]] = {}\n  def put(self, k, f): self.w[k] = f\n  async def f(self, k):\n    x = self.w[k]\n    if not x.done():\n      await asyncio.sleep(1)\n      x.set_result('')\n",
			"C.f",
			[]string{"check value self.w [1]", "check value self.w[k].done()", "yield asyncio.sleep", "act signal true self.w[k].done() : needs"},
			nil,
		},
		{
			"globals and closure variables are places",
			"n = 0\ndef outer():\n  m = 0\n  async def f():\n    global n\n    nonlocal m\n    a, b = n, m\n    await asyncio.sleep(1)\n    n, m = a + 1, b + 1\n  return f\n",
			"outer.<locals>.f",
			[]string{"check value n", "check value m", "yield asyncio.sleep", "act set plain n", "act set plain m"},
			nil,
		},
		{
			"a yield of an asynchronous generator is a suspension",
			"class C:\n  def __init__(self): self.l: list[int] = []\n  async def f(self):\n    if self.l:\n      yield 1\n      self.l.pop()\n",
			"C.f",
			[]string{"check size self.l", "yield yield", "act shrink unknown self.l : needs"},
			nil,
		},
		{
			"the order of evaluation decides",
			"class C:\n  n = 0\n  def __init__(self, r: Remote): self.r = r\n  async def f(self):\n    self.n = await self.r.load('') + self.n\n",
			"C.f",
			[]string{"yield Remote.load : maybe callee", "check value self.n", "act set"},
			nil,
		},
		{
			"events are set, waited for and cleared",
			"class C:\n  def __init__(self): self.e = asyncio.Event()\n  async def f(self):\n    await self.e.wait()\n    self.e.clear()\n    self.e.set()\n",
			"C.f",
			[]string{"yield self.e.wait : maybe", "check value self.e : tested", "act set false self.e : needs", "act set true self.e"},
			nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := events(t, link1(t, "m.py", prelude+tt.src), tt.fn)
			at := 0
			for _, line := range got {
				if at < len(tt.want) && strings.HasPrefix(line, tt.want[at]) {
					at++
				}
				for _, bad := range tt.not {
					if strings.Contains(line, bad) {
						t.Errorf("unwanted event %q", line)
					}
				}
			}
			if at < len(tt.want) {
				t.Errorf("no event %q in\n%s", tt.want[at], strings.Join(got, "\n"))
			}
		})
	}
}

func TestEntryLocks(t *testing.T) {
	src := prelude + `
class C:
    def __init__(self): self.l, self.d = asyncio.Lock(), {}
    async def a(self, k):
        async with self.l:
            await self._put(k)
    async def b(self, k):
        async with self.l:
            await self._put(k)
    async def _put(self, k):
        if k not in self.d:
            await asyncio.sleep(1)
            self.d[k] = 1
    async def c(self, k):
        async with self.l:
            await self._half(k)
        await self._half(k)
    async def _half(self, k):
        await asyncio.sleep(1)
        self.d[k] = 1
`
	p := link1(t, "m.py", src)
	for name, want := range map[string]int{"C._put": 1, "C._half": 0, "C.a": 0} {
		for i := range p.Funcs {
			if p.Funcs[i].Name == name && len(p.Funcs[i].Flow.Entry) != want {
				t.Errorf("%s: %d entry locks, want %d", name, len(p.Funcs[i].Flow.Entry), want)
			}
		}
	}
}

func TestTasks(t *testing.T) {
	tests := []struct {
		name, body string
		want       verdict.Keep
		observed   bool
	}{
		{"dropped", "    asyncio.create_task(work())", verdict.KeepLost, false},
		{"by the loop", "    asyncio.get_running_loop().create_task(work())", verdict.KeepLost, false},
		{"a name that is not used", "    t = asyncio.create_task(work())\n    t.add_done_callback(self.s.discard)", verdict.KeepLost, false},
		{"awaited", "    t = asyncio.create_task(work())\n    await t", verdict.KeepAwaited, true},
		{"gathered", "    ts = [asyncio.create_task(work()) for _ in range(3)]\n    await asyncio.gather(*ts)", verdict.KeepAwaited, true},
		{"returned", "    return asyncio.create_task(work())", verdict.KeepReturned, false},
		{"stored", "    self.t = asyncio.create_task(work())", verdict.KeepStored, false},
		{"stored, and sees to itself", "    self.t = asyncio.create_task(safe())", verdict.KeepStored, true},
		{"in a set", "    t = asyncio.create_task(work())\n    self.s.add(t)\n    t.add_done_callback(self.s.discard)", verdict.KeepStored, false},
		{"in a set that is lost", "    s = set()\n    s.add(asyncio.create_task(work()))", verdict.KeepLost, false},
		{"in a task group", "    async with asyncio.TaskGroup() as g:\n      g.create_task(work())", verdict.KeepOwner, true},
		{"kept by a helper", "    keep(work())", verdict.KeepStored, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := link1(t, "m.py", prelude+`
kept = set()
def log(t):
    kept.discard(t)
    t.exception()
def keep(c):
    t = asyncio.create_task(c)
    kept.add(t)
    t.add_done_callback(log)
    return t
async def work(): await asyncio.sleep(1)
async def safe():
    try: await asyncio.sleep(1)
    except Exception: print('failed')
class C:
  def __init__(self): self.s, self.t = set(), None
  async def f(self):
`+tt.body+"\n")
			var got *verdict.Task
			for i := range p.Tasks {
				if f := p.Funcs[p.Tasks[i].Func].Name; f == "C.f" || tt.name == "kept by a helper" && f == "keep" {
					got = &p.Tasks[i]
				}
			}
			if got == nil {
				t.Fatal("no task")
			}
			if got.Keep != tt.want || got.Observed != tt.observed {
				t.Errorf("keep %d, observed %v; want %d, %v", got.Keep, got.Observed, tt.want, tt.observed)
			}
		})
	}
}

func TestContexts(t *testing.T) {
	p := link1(t, "m.py", prelude+`
from fastapi import FastAPI, Depends
app = FastAPI()
cache = {}
def settings():
    cache['a'] = 1
@app.get("/x")
async def x(s=Depends(settings)):
    cache['x'] = await plain(1)
class C:
    def __init__(self): self.n = 0; self._setup()
    def _setup(self): self.n = 1
    def start(self): self.t = asyncio.create_task(self._loop())
    async def _loop(self):
        while True:
            await asyncio.sleep(1)
            self.n += 1
    def done(self, t): self.t = None
    def go(self): asyncio.create_task(plain(1)).add_done_callback(self.done)
class RequestContext:
    def set(self): self.u = 1
`)
	byName := map[string]*verdict.Func{}
	for i := range p.Funcs {
		byName[p.Funcs[i].Name] = &p.Funcs[i]
	}
	check := func(name string, ok func(f *verdict.Func) bool) {
		t.Helper()
		if f := byName[name]; f == nil || !ok(f) {
			t.Errorf("%s: %+v", name, f)
		}
	}
	check("x", func(f *verdict.Func) bool {
		return f.Overlap == verdict.OverlapProven && f.Entry == "route GET /x" && !f.Thread
	})
	check("settings", func(f *verdict.Func) bool { return f.Thread && f.Flow.Preempt })
	check("C._setup", func(f *verdict.Func) bool { return f.Init })
	check("C._loop", func(f *verdict.Func) bool { return f.Single })
	check("C.done", func(f *verdict.Func) bool { return f.Done })
	check("RequestContext.set", func(f *verdict.Func) bool { return f.Overlap == verdict.OverlapOwned })
}

func TestImports(t *testing.T) {
	p := link1(t,
		"a/app/state.py", "pool = None\n",
		"a/app/__init__.py", "from .store import Store\n",
		"a/app/store.py", "class Store:\n  def __init__(self): self.n = 0\n  def bump(self): self.n += 1\n",
		"a/app/use.py", "import asyncio\nfrom app import Store, state\nclass U:\n  def __init__(self, s: Store): self.s = s\n  async def f(self):\n    await asyncio.sleep(1)\n    self.s.bump()\n    state.pool = 1\n",
		"b/app/store.py", "class Store:\n  def bump(self): self.other = 1\n",
	)
	for i := range p.Funcs {
		if p.Funcs[i].Name != "U.f" {
			continue
		}
		var fields []string
		for _, pl := range p.Funcs[i].Flow.Places[1:] {
			fields = append(fields, pl.Field)
		}
		if got := strings.Join(fields, " "); got != "a.app.store.Store.n a.app.state.pool" {
			t.Errorf("fields %s", got)
		}
	}
}

// TestHostile feeds what must neither crash nor hang: cycles of every kind.
func TestHostile(t *testing.T) {
	deep := "x = " + strings.Repeat("f(", 300) + strings.Repeat(")", 300) + "\n"
	for _, src := range []string{
		"class A(B): pass\nclass B(A):\n  async def f(self): await self.f()\n",
		"async def f():\n  await g()\nasync def g():\n  await f()\n",
		"from m import x\nx = x\n",
		"class A:\n  def __init__(self): self.a = self.a\n  @property\n  def p(self): return self.p\n",
		"def f(x=f): return f(f)(f)\nf = f(f)\n",
		"class A:\n  async def _a(self): await self._b()\n  async def _b(self): await self._a()\n",
		"class A:\n  def _a(self): self._b()\n  def _b(self): self._a()\n",
		"import asyncio\nasync def f():\n  t = asyncio.create_task(f())\n  await asyncio.gather(t, f(), *[f() for _ in f()])\n",
		"async def f():\n  async with f() as (a, *b), f() as f.x[0]:\n    yield await f()\n  del f.x, f[0], f\n",
		deep,
	} {
		link1(t, "m.py", src)
	}
}
