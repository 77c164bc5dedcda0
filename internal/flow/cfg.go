package flow

import "slices"

// graph holds what the analysis needs to know of the shape of a function: an order, dominators
// over all edges, and control dependence over the edges that carry answers.
type graph struct {
	f     *Func
	order []BlockID // reverse postorder of the blocks that can be reached
	index []int32   // position of each block in order, -1 if it cannot be reached
	preds [][]BlockID
	first []int32 // preorder number in the dominator tree, by position in order
	past  []int32 // one past the numbers of what it dominates, by position
	seen  []int32 // by block: the round of controllers that has met it
	round int32
	queue []BlockID
	deps  [][]dep            // by block: the branches that it is directly control-dependent on
	reach map[BlockID][]bool // by block: what can follow it without going back, by position in order
}

// dep is one edge of a branch that decides whether a block runs.
type dep struct {
	block BlockID
	edge  int32
}

// maxDeps bounds the direct control dependences of a function, as a multiple of its blocks.
const maxDeps = 32

func newGraph(f *Func) *graph {
	g := &graph{f: f}
	g.sort()
	g.dominators()
	g.control()
	return g
}

// sort computes a reverse postorder without recursion: code under analysis may nest deeply.
func (g *graph) sort() {
	n := len(g.f.Blocks)
	g.index = make([]int32, n)
	for i := range g.index {
		g.index[i] = -1
	}
	type frame struct {
		block BlockID
		next  int
	}
	seen := make([]bool, n)
	post := make([]BlockID, 0, n)
	stack := []frame{{}}
	seen[0] = true
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		succs := g.f.Blocks[top.block].Succs
		if top.next < len(succs) {
			// Last successor first: the first one then comes first in the order.
			to := succs[len(succs)-1-top.next].To
			top.next++
			if !seen[to] {
				seen[to] = true
				stack = append(stack, frame{block: to})
			}
			continue
		}
		post = append(post, top.block)
		stack = stack[:len(stack)-1]
	}
	g.order = make([]BlockID, len(post))
	for i, b := range post {
		at := len(post) - 1 - i
		g.order[at] = b
		g.index[b] = int32(at)
	}
	g.preds = make([][]BlockID, n)
	for _, b := range g.order {
		for _, e := range g.f.Blocks[b].Succs {
			g.preds[e.To] = append(g.preds[e.To], b)
		}
	}
}

// dominators is the algorithm of Cooper, Harvey and Kennedy ("A Simple, Fast Dominance
// Algorithm", 2001) over all edges.
func (g *graph) dominators() {
	idom := intersectTree(len(g.order), func(i int, visit func(int32)) {
		for _, p := range g.preds[g.order[i]] {
			visit(g.index[p])
		}
	})
	n := len(idom)
	size := make([]int32, n)
	for i := n - 1; i >= 0; i-- {
		size[i]++
		if i > 0 && idom[i] >= 0 {
			size[idom[i]] += size[i]
		}
	}
	g.first, g.past = make([]int32, n), make([]int32, n)
	next := make([]int32, n)
	for i := range n {
		if i > 0 {
			if idom[i] < 0 {
				continue
			}
			g.first[i] = next[idom[i]]
			next[idom[i]] += size[i]
		}
		g.past[i] = g.first[i] + size[i]
		next[i] = g.first[i] + 1
	}
}

// intersectTree computes immediate dominators of nodes 0..n-1 given in reverse postorder, node 0
// being the root. Nodes without a processed predecessor get -1.
func intersectTree(n int, preds func(i int, visit func(int32))) []int32 {
	idom := make([]int32, n)
	for i := range idom {
		idom[i] = -1
	}
	if n == 0 {
		return idom
	}
	idom[0] = 0
	for changed := true; changed; {
		changed = false
		for i := 1; i < n; i++ {
			best := int32(-1)
			preds(i, func(p int32) {
				if p < 0 || idom[p] < 0 {
					return
				}
				if best < 0 {
					best = p
					return
				}
				a, b := p, best
				for a != b {
					for a > b {
						a = idom[a]
					}
					for b > a {
						b = idom[b]
					}
				}
				best = a
			})
			if best >= 0 && idom[i] != best {
				idom[i], changed = best, true
			}
		}
	}
	return idom
}

// dominates says whether every path to event b passes event a first.
func (g *graph) dominates(a, b Ref) bool {
	if a.Block == b.Block {
		return a.Index < b.Index
	}
	x, y := g.index[a.Block], g.index[b.Block]
	if x < 0 || y < 0 {
		return false
	}
	return g.first[x] <= g.first[y] && g.first[y] < g.past[x]
}

// forward says whether event a comes before event b in the order of the blocks: an answer that
// only an earlier round of a loop obtained does not decide about this one.
func (g *graph) forward(a, b Ref) bool {
	if a.Block == b.Block {
		return a.Index < b.Index
	}
	i, k := g.index[a.Block], g.index[b.Block]
	if i >= k || len(g.order) > maxReach {
		return i < k
	}
	reach, ok := g.reach[a.Block]
	if !ok {
		reach = make([]bool, len(g.order))
		reach[i] = true
		for at := i; int(at) < len(g.order); at++ {
			if !reach[at] {
				continue
			}
			for _, e := range g.f.Blocks[g.order[at]].Succs {
				if to := g.index[e.To]; to > at {
					reach[to] = true
				}
			}
		}
		if g.reach == nil {
			g.reach = map[BlockID][]bool{}
		}
		g.reach[a.Block] = reach
	}
	return reach[k]
}

// maxReach bounds the blocks of a function whose ways are followed one by one; in a larger one the
// order of the blocks decides.
const maxReach = 2048

// control computes direct control dependence (Ferrante, Ottenstein and Warren, 1987). Exception
// edges count only where they carry an answer: every call can raise, and counting them all would
// make everything depend on everything.
func (g *graph) control() {
	n := len(g.f.Blocks)
	g.deps = make([][]dep, n)
	exit := BlockID(n)
	succs := make([][]BlockID, n)
	rev := make([][]BlockID, n+1)
	link := func(a, b BlockID) {
		succs[a] = append(succs[a], b)
		rev[b] = append(rev[b], a)
	}
	for _, b := range g.order {
		for _, e := range g.f.Blocks[b].Succs {
			if !e.Except || e.Bears {
				link(b, e.To)
			}
		}
		if len(succs[b]) == 0 {
			link(b, exit)
		}
	}
	reached := make([]bool, n+1)
	var mark func(b BlockID)
	stack := []BlockID{}
	mark = func(b BlockID) {
		stack = append(stack[:0], b)
		reached[b] = true
		for len(stack) > 0 {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, p := range rev[at] {
				if !reached[p] {
					reached[p] = true
					stack = append(stack, p)
				}
			}
		}
	}
	mark(exit)
	for _, b := range slices.Backward(g.order) {
		// An infinite loop gets a virtual way out.
		if !reached[b] {
			link(b, exit)
			mark(b)
		}
	}
	order, index := reverseOrder(rev, exit)
	ipdom := intersectTree(len(order), func(i int, visit func(int32)) {
		if order[i] == exit {
			return
		}
		for _, s := range succs[order[i]] {
			visit(index[s])
		}
	})
	budget := maxDeps*len(g.order) + 1024
	for _, a := range g.order {
		if len(succs[a]) < 2 {
			continue
		}
		stop := ipdom[index[a]]
		for ei, e := range g.f.Blocks[a].Succs {
			if e.Except && !e.Bears {
				continue
			}
			for at := index[e.To]; at >= 0 && at != stop && order[at] != exit && budget > 0; at = ipdom[at] {
				g.deps[order[at]] = append(g.deps[order[at]], dep{a, int32(ei)})
				budget--
			}
		}
	}
}

// reverseOrder is a reverse postorder of the reversed graph, from exit.
func reverseOrder(rev [][]BlockID, exit BlockID) (order []BlockID, index []int32) {
	index = make([]int32, len(rev))
	for i := range index {
		index[i] = -1
	}
	type frame struct {
		block BlockID
		next  int
	}
	seen := make([]bool, len(rev))
	seen[exit] = true
	stack := []frame{{block: exit}}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if top.next < len(rev[top.block]) {
			to := rev[top.block][top.next]
			top.next++
			if !seen[to] {
				seen[to] = true
				stack = append(stack, frame{block: to})
			}
			continue
		}
		order = append(order, top.block)
		stack = stack[:len(stack)-1]
	}
	for i, j := 0, len(order)-1; i < j; i, j = i+1, j-1 {
		order[i], order[j] = order[j], order[i]
	}
	for i, b := range order {
		index[b] = int32(i)
	}
	return order, index
}

// maxControllers bounds how many branches a block is traced back to.
const maxControllers = 256

// controllers calls yield for every edge that decides whether block b runs, directly or through
// others, nearest first, until yield returns false.
func (g *graph) controllers(b BlockID, yield func(dep) bool) {
	if g.seen == nil {
		g.seen = make([]int32, len(g.deps))
	}
	g.round++
	g.queue = append(g.queue[:0], b)
	g.seen[b] = g.round
	n := 0
	for i := 0; i < len(g.queue) && n < maxControllers; i++ {
		for _, d := range g.deps[g.queue[i]] {
			n++
			if !yield(d) {
				return
			}
			if g.seen[d.block] != g.round {
				g.seen[d.block] = g.round
				g.queue = append(g.queue, d.block)
			}
		}
	}
}
