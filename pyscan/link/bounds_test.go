package link

import (
	"fmt"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/flow"
)

// TestDeepCalls: a chain of calls that is longer than is followed at once still tells its first
// caller what its last callee does.
func TestDeepCalls(t *testing.T) {
	const n = maxDepth + 50
	var b strings.Builder
	b.WriteString("import asyncio\nstate = {}\n\n")
	for i := range n {
		fmt.Fprintf(&b, "async def f%d():\n    await f%d()\n\n", i, i+1)
	}
	fmt.Fprintf(&b, "async def f%d():\n    state['last'] = 1\n", n)
	p := link1(t, "app.py", b.String())
	if len(p.Partial) > 0 {
		t.Errorf("partial: %v", p.Partial)
	}
	for i := range p.Funcs {
		f := &p.Funcs[i]
		if f.Name == "f0" {
			if s := f.Result.Summary; len(s.Acts) != 1 || s.Suspends != flow.Never {
				t.Errorf("f0: %d acts, suspends %v", len(s.Acts), s.Suspends)
			}
			return
		}
	}
	t.Error("f0 does nothing")
}

// TestManyMeanings: a call that may mean more functions than are looked at makes its caller partial.
func TestManyMeanings(t *testing.T) {
	var b strings.Builder
	b.WriteString("import asyncio\n\nasync def run(flag, state):\n")
	for i := range maxAlts + 3 {
		fmt.Fprintf(&b, "    if flag == %d:\n        g = f%d\n", i, i)
	}
	b.WriteString("    await g(state)\n\n")
	for i := range maxAlts + 3 {
		fmt.Fprintf(&b, "async def f%d(state):\n    state.x%d = 1\n\n", i, i)
	}
	p := link1(t, "app.py", b.String())
	if len(p.Partial) != 1 || p.Partial[0].Function != "run" || !strings.Contains(p.Partial[0].Reason, "more than 12") {
		t.Errorf("partial: %+v", p.Partial)
	}
}
