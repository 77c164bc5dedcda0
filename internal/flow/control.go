package flow

import "slices"

// control computes direct control dependence (Ferrante, Ottenstein and Warren, 1987). Exception
// edges count only where they carry an answer: every call can raise, and counting them all would
// make everything depend on everything. So counts says; deps is memory to use, and what it returns is by block.
func (g *graph) control(deps [][]dep, counts func(*Edge) bool) [][]dep {
	n := len(g.f.Blocks)
	deps = emptied(deps, n)
	exit := BlockID(n)
	var forth, back []pair
	link := func(a, b BlockID) {
		forth = append(forth, pair{a, b})
		back = append(back, pair{b, a})
	}
	branches := false
	for _, b := range g.order {
		before := len(forth)
		for i := range g.f.Blocks[b].Succs {
			if e := &g.f.Blocks[b].Succs[i]; counts(e) {
				link(b, e.To)
			}
		}
		branches = branches || len(forth) > before+1
		if len(forth) == before {
			link(b, exit)
		}
	}
	if !branches {
		return deps
	}
	rev := listsOf(n+1, back)
	reached := make([]bool, n+1)
	var stack []BlockID
	mark := func(b BlockID) {
		stack = append(stack[:0], b)
		reached[b] = true
		for len(stack) > 0 {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, p := range rev.of(at) {
				if !reached[p] {
					reached[p] = true
					stack = append(stack, p)
				}
			}
		}
	}
	mark(exit)
	before := len(back)
	for _, b := range slices.Backward(g.order) {
		// An infinite loop gets a virtual way out.
		if !reached[b] {
			link(b, exit)
			mark(b)
		}
	}
	if len(back) > before {
		rev = listsOf(n+1, back)
	}
	succs := listsOf(n+1, forth)
	order, index := reverseOrder(&rev, exit)
	ipdom := intersectTree(order, &succs, index)
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
	for _, at := range g.upwards(b) {
		if slices.Contains(g.calm[at], d) && !slices.Contains(g.calm[at], o) &&
			(at == b || slices.ContainsFunc(g.upwards(at)[1:], func(x BlockID) bool { return slices.Contains(g.calm[x], o) })) {
			return true
		}
	}
	return false
}

// upwards lists a block and the branches that decide whether it runs, where nothing raises, nearest first.
func (g *graph) upwards(b BlockID) []BlockID {
	out := []BlockID{b}
	for i := 0; i < len(out) && len(out) < maxControllers; i++ {
		for _, d := range g.calm[out[i]] {
			if !slices.Contains(out, d.block) {
				out = append(out, d.block)
			}
		}
	}
	return out
}

// reverseOrder is a reverse postorder of the reversed graph, from exit.
func reverseOrder(rev *lists, exit BlockID) (order []BlockID, index []int32) {
	n := len(rev.start) - 1
	index = make([]int32, n)
	for i := range index {
		index[i] = -1
	}
	type frame struct {
		block BlockID
		next  int
	}
	const met = -2
	index[exit] = met
	order = make([]BlockID, 0, n)
	stack := []frame{{block: exit}}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if list := rev.of(top.block); top.next < len(list) {
			to := list[top.next]
			top.next++
			if index[to] != met {
				index[to] = met
				stack = append(stack, frame{block: to})
			}
			continue
		}
		order = append(order, top.block)
		stack = stack[:len(stack)-1]
	}
	slices.Reverse(order)
	for i, b := range order {
		index[b] = int32(i)
	}
	return order, index
}
