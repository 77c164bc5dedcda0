package link

import "testing"

// TestCallersGoInCircles links methods that call only each other: there is no first caller to ask in
// which loop they run.
func TestCallersGoInCircles(t *testing.T) {
	p := link1(t, "walk.py", `
class Walker:
    def __init__(self):
        self.depth = 0

    def _walk(self, node):
        self.depth += 1
        for part in node:
            self._step(part)

    def _step(self, node):
        self._walk(node)


class Forest:
    def __init__(self):
        self.walker = Walker()
`)
	for i := range p.Funcs {
		if p.Funcs[i].Single {
			t.Errorf("%s is said to run in one loop", p.Funcs[i].Name)
		}
	}
}
