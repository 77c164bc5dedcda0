package pyscan_test

import (
	"reflect"
	"testing"

	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan"
	"github.com/toctou-lint/toctou/report"
)

// extended is a service and its test. The test holds the service's lock while it waits, starts several tasks for a
// method that the service starts none for, and races itself.
var extended = map[string]string{
	"svc.py": `
import asyncio

class Pool:
    def __init__(self):
        self.conn = None
        self.jobs = {}
        self.lock = asyncio.Lock()

    async def get(self):
        if self.conn is None:
            self.conn = await asyncio.open_connection("h", 1)
        return self.conn

    async def _drop(self, name):
        async with self.lock:
            if name in self.jobs:
                del self.jobs[name]
`,
	"tests/test_svc.py": `
import asyncio
from svc import Pool

class Fake(Pool):
    async def fill(self, name):
        if name not in self.jobs:
            await asyncio.sleep(0)
            self.jobs[name] = object()

async def test_drop():
    pool = Fake()
    async with pool.lock:
        await asyncio.sleep(1)
    asyncio.create_task(pool._drop("a"))
    await asyncio.gather(pool.fill("a"), pool.fill("a"), pool.get(), pool.get())
`,
}

// TestExtend: tests are linked on top of the code that they test with the same result whether that has been linked
// already or not; and what the code itself came to does not change by it.
func TestExtend(t *testing.T) {
	units := func() []*pyscan.Unit {
		var sources []pyscan.Source
		for path, src := range extended {
			sources = append(sources, pyscan.Source{Path: path, Read: func(*[]byte) ([]byte, error) { return []byte(src), nil }})
		}
		res, err := pyscan.Scan(t.Context(), sources, pyscan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Units) != 2 || res.Units[1].Base != res.Units[0] {
			t.Fatalf("%d units: want the code, and its tests based on it", len(res.Units))
		}
		return res.Units
	}
	findings := func(u *pyscan.Unit, base *pyscan.Linked) (*pyscan.Linked, []report.Finding) {
		linked, err := u.Link(t.Context(), base)
		if err != nil {
			t.Fatal(err)
		}
		out := verdict.Judge(linked.Program, verdict.Options{})
		out.Within(u.Owns)
		return linked, out.Findings
	}
	at := units()
	linked, code := findings(at[0], nil)
	before := text(linked.Program)
	_, with := findings(at[1], linked)
	linked, without := findings(units()[1], nil)
	if !reflect.DeepEqual(with, without) {
		t.Errorf("on top of what was linked:\n%v\nfrom the start:\n%v", with, without)
	}
	if len(code) == 0 || len(with) == 0 {
		t.Errorf("%d findings in the code, %d in its tests: want some of both", len(code), len(with))
	}
	after := text(linked.Program)
	if len(after) <= len(before) || after[:len(before)] != before {
		t.Errorf("the code was\n%s\nand with its tests\n%s", before, after)
	}
}
