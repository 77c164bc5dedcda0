package flow

import "slices"

// control computes direct control dependence (Ferrante, Ottenstein and Warren, 1987). Exception
// edges count only where they carry an answer: every call can raise, and counting them all would
// make everything depend on everything. So counts says; deps is memory to use, and what it returns is by block.
func (g *graph) control(deps [][]dep, counts func(*Edge) bool) [][]dep {
	n := len(g.f.Blocks)
	deps = emptied(deps, n)
	exit := BlockID(n)
	w := &g.work
	w.forth, w.back = w.forth[:0], w.back[:0]
	branches := false
	for _, b := range g.order {
		before := len(w.forth)
		for i := range g.f.Blocks[b].Succs {
			if e := &g.f.Blocks[b].Succs[i]; counts(e) {
				w.link(b, e.To)
			}
		}
		branches = branches || len(w.forth) > before+1
		if len(w.forth) == before {
			w.link(b, exit)
		}
	}
	if !branches {
		return deps
	}
	w.rev.fill(n+1, w.back)
	w.reached = sized(w.reached, n+1)
	w.mark(exit)
	before := len(w.back)
	for _, b := range slices.Backward(g.order) {
		// An infinite loop gets a virtual way out.
		if !w.reached[b] {
			w.link(b, exit)
			w.mark(b)
		}
	}
	if len(w.back) > before {
		w.rev.fill(n+1, w.back)
	}
	w.succs.fill(n+1, w.forth)
	w.reverse(exit)
	order, index := w.order, w.index
	w.ipdom = intersectTree(w.ipdom, order, &w.succs, index)
	succs, ipdom := &w.succs, w.ipdom
	budget := maxDeps*len(g.order) + 1024
	for _, a := range g.order {
		if len(succs.of(a)) < 2 {
			continue
		}
		stop := ipdom[index[a]]
		for ei := range g.f.Blocks[a].Succs {
			e := &g.f.Blocks[a].Succs[ei]
			if !counts(e) {
				continue
			}
			for at := index[e.To]; at >= 0 && at != stop && order[at] != exit && budget > 0; at = ipdom[at] {
				deps[order[at]] = append(deps[order[at]], dep{a, int32(ei)})
				budget--
			}
		}
	}
	return deps
}

// controlWork is memory that control uses again.
type controlWork struct {
	forth, back  []pair // the edges that count, and the same backwards
	rev, succs   lists
	reached      []bool // by block: the exit can be reached from it
	stack        []BlockID
	visits       []visit
	order        []BlockID // reverse postorder of the reversed graph
	index, ipdom []int32
}

func (w *controlWork) link(a, b BlockID) {
	w.forth = append(w.forth, pair{a, b})
	w.back = append(w.back, pair{b, a})
}

// mark notes that the exit can be reached from whatever leads to a block.
func (w *controlWork) mark(b BlockID) {
	w.stack = append(w.stack[:0], b)
	w.reached[b] = true
	for len(w.stack) > 0 {
		at := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		for _, p := range w.rev.of(at) {
			if !w.reached[p] {
				w.reached[p] = true
				w.stack = append(w.stack, p)
			}
		}
	}
}

// returning says, by block, whether a normal return can follow it without an exception that nothing tells of.
func (g *graph) returning() []bool {
	can := make([]bool, len(g.f.Blocks))
	stack := g.queue[:0]
	for _, b := range g.order {
		if slices.ContainsFunc(g.f.Blocks[b].Events, func(e Event) bool { return e.Op == OpReturn }) {
			can[b] = true
			stack = append(stack, b)
		}
	}
	for len(stack) > 0 {
		b := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, p := range g.preds.of(b) {
			if !can[p] {
				can[p] = true
				stack = append(stack, p)
			}
		}
	}
	g.queue = stack
	return can
}

// surer says whether edge d leads to block b, or to a branch on the way there, whatever else is asked behind it, and edge o of the
// same branch leads there only past another question. What raises on the way does not count.
func (g *graph) surer(d, o dep, b BlockID) bool {
	if g.calm == nil {
		can := g.returning()
		never := !slices.Contains(can, true)
		g.calm = g.control(nil, func(e *Edge) bool { return (!e.Except || e.Bears) && (never || can[e.To]) })
	}
	g.ups = g.upwards(g.ups, b)
	for _, at := range g.ups {
		if !slices.Contains(g.calm[at], d) || slices.Contains(g.calm[at], o) {
			continue
		}
		if at == b {
			return true
		}
		g.further = g.upwards(g.further, at)
		if slices.ContainsFunc(g.further[1:], func(x BlockID) bool { return slices.Contains(g.calm[x], o) }) {
			return true
		}
	}
	return false
}

// upwards lists a block and the branches that decide whether it runs, where nothing raises, nearest first, in the memory of out.
func (g *graph) upwards(out []BlockID, b BlockID) []BlockID {
	out = append(out[:0], b)
	for i := 0; i < len(out) && len(out) < maxControllers; i++ {
		for _, d := range g.calm[out[i]] {
			if !slices.Contains(out, d.block) {
				out = append(out, d.block)
			}
		}
	}
	return out
}

// reverse finds a reverse postorder of the reversed graph, from exit, and the position of each block in it.
func (w *controlWork) reverse(exit BlockID) {
	n := len(w.rev.start) - 1
	w.index = sized(w.index, n)
	for i := range w.index {
		w.index[i] = -1
	}
	const met = -2
	w.index[exit] = met
	order := w.order[:0]
	stack := append(w.visits[:0], visit{block: exit})
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if list := w.rev.of(top.block); top.next < len(list) {
			to := list[top.next]
			top.next++
			if w.index[to] != met {
				w.index[to] = met
				stack = append(stack, visit{block: to})
			}
			continue
		}
		order = append(order, top.block)
		stack = stack[:len(stack)-1]
	}
	slices.Reverse(order)
	for i, b := range order {
		w.index[b] = int32(i)
	}
	w.order, w.visits = order, stack
}
