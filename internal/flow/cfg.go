package flow

import "slices"

// graph holds what the analysis needs to know of the shape of a function: an order, and, made when
// somebody asks, dominators over all edges and control dependence over the edges that carry answers.
type graph struct {
	f     *Func
	order []BlockID // reverse postorder of the blocks that can be reached
	index []int32   // position of each block in order, -1 if it cannot be reached
	preds lists     // by block
	nums  []int32   // the memory of first and past
	idom  []int32   // by position: that of its immediate dominator
	first []int32   // preorder number in the dominator tree, by position in order; nil until asked for
	past  []int32   // one past the numbers of what it dominates, by position
	pairs []pair    // the edges that preds is made of
	stack []visit
	seen  []int32 // by block: the round of controllers that has met it
	round int32
	queue []BlockID
	reach map[BlockID][]bool // by block: what can follow it without going back, by position in order
	deps  [][]dep            // by block: the branches that it is directly control-dependent on
	ready bool               // deps has been asked for
	calm  [][]dep            // as deps, where nothing raises; nil until asked for
	work  controlWork

	ups, further []BlockID // memory of surer
}

// dep is one edge of a branch that decides whether a block runs.
type dep struct {
	block BlockID
	edge  int32
}

// maxDeps bounds the direct control dependences of a function, as a multiple of its blocks.
const maxDeps = 32

// reset makes g the graph of f, in the memory that it has.
func (g *graph) reset(f *Func) {
	g.f, g.first, g.past, g.reach, g.ready, g.calm = f, nil, nil, nil, false, nil
	g.sort()
}

// lists are lists of block numbers, by block number, in one piece of memory.
type lists struct {
	start []int32 // where each begins, and one past the last
	items []BlockID
}

func (l *lists) of(b BlockID) []BlockID { return l.items[l.start[b]:l.start[b+1]] }

// pair is an edge: to is added to the list of from.
type pair struct{ from, to BlockID }

// fill sorts pairs into n lists, in the memory that l has; each keeps the order of the pairs.
func (l *lists) fill(n int, pairs []pair) {
	l.start, l.items = sized(l.start, n+1), sized(l.items, len(pairs))
	for _, p := range pairs {
		l.start[p.from]++
	}
	sum := int32(0)
	for i, c := range l.start {
		l.start[i] = sum
		sum += c
	}
	for _, p := range pairs {
		l.items[l.start[p.from]] = p.to
		l.start[p.from]++
	}
	copy(l.start[1:], l.start) // each start has become the end of its list
	l.start[0] = 0
}

// sort computes a reverse postorder without recursion: code under analysis may nest deeply.
func (g *graph) sort() {
	n := len(g.f.Blocks)
	g.index = sized(g.index, n)
	for i := range g.index {
		g.index[i] = -1
	}
	const met = -2
	post := g.order[:0]
	stack := append(g.stack[:0], visit{})
	g.index[0] = met
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		succs := g.f.Blocks[top.block].Succs
		if top.next < len(succs) {
			// Last successor first: the first one then comes first in the order.
			to := succs[len(succs)-1-top.next].To
			top.next++
			if g.index[to] != met {
				g.index[to] = met
				stack = append(stack, visit{block: to})
			}
			continue
		}
		post = append(post, top.block)
		stack = stack[:len(stack)-1]
	}
	slices.Reverse(post)
	g.order, g.stack = post, stack
	g.pairs = g.pairs[:0]
	for i, b := range g.order {
		g.index[b] = int32(i)
		for _, e := range g.f.Blocks[b].Succs {
			g.pairs = append(g.pairs, pair{e.To, b})
		}
	}
	g.preds.fill(n, g.pairs)
}

// straight says whether nothing leads back.
func (g *graph) straight() bool {
	for i := range g.pairs { // edges, backwards
		if p := &g.pairs[i]; g.index[p.from] <= g.index[p.to] {
			return false
		}
	}
	return true
}

// visit is a block on the way of a walk, and the next successor to look at.
type visit struct {
	block BlockID
	next  int
}

// dominators is the algorithm of Cooper, Harvey and Kennedy ("A Simple, Fast Dominance
// Algorithm", 2001) over all edges.
func (g *graph) dominators() {
	g.idom = intersectTree(g.idom, g.order, &g.preds, g.index)
	idom := g.idom
	n := len(idom)
	g.nums = sized(g.nums, 4*n)
	numbers := g.nums
	size, next := numbers[:n], numbers[n:2*n]
	g.first, g.past = numbers[2*n:3*n], numbers[3*n:]
	for i := n - 1; i >= 0; i-- {
		size[i]++
		if i > 0 && idom[i] >= 0 {
			size[idom[i]] += size[i]
		}
	}
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

// intersectTree computes immediate dominators of the blocks of order, a reverse postorder whose
// first block is the root; index is the position of each block in it. What it returns is by
// position, in the memory of idom. Blocks without a processed predecessor get -1.
func intersectTree(idom []int32, order []BlockID, preds *lists, index []int32) []int32 {
	idom = sized(idom, len(order))
	for i := range idom {
		idom[i] = -1
	}
	if len(order) == 0 {
		return idom
	}
	idom[0] = 0
	for changed := true; changed; {
		changed = false
		for i := 1; i < len(order); i++ {
			best := int32(-1)
			for _, block := range preds.of(order[i]) {
				p := index[block]
				switch {
				case p < 0 || idom[p] < 0:
					continue
				case best < 0:
					best = p
					continue
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
			}
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
	if g.first == nil {
		g.dominators()
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

// maxControllers bounds how many branches a block is traced back to.
const maxControllers = 256

// inLoop says whether control can come back to block b.
func (g *graph) inLoop(b BlockID) bool {
	for i := range g.f.Blocks {
		from := BlockID(i)
		if g.index[from] < g.index[b] {
			continue
		}
		for _, e := range g.f.Blocks[i].Succs {
			if !e.Except && e.To == b && (from == b || g.forward(Ref{b, 0}, Ref{from, 0})) {
				return true
			}
		}
	}
	return false
}

// leads says whether some way leads from the end of one block to another, exceptions aside.
func (g *graph) leads(from, to BlockID) bool {
	seen := make([]bool, len(g.f.Blocks))
	for work := []BlockID{from}; len(work) > 0; {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for _, e := range g.f.Blocks[b].Succs {
			if e.Except || seen[e.To] {
				continue
			}
			if e.To == to {
				return true
			}
			seen[e.To] = true
			work = append(work, e.To)
		}
	}
	return false
}

// controllers calls yield for every edge that decides whether block b runs, directly or through
// others, nearest first, until yield returns false.
func (g *graph) controllers(b BlockID, yield func(dep) bool) {
	if !g.ready {
		g.ready = true
		g.deps = g.control(g.deps, func(e *Edge) bool { return !e.Except || e.Bears })
		g.seen, g.round = sized(g.seen, len(g.deps)), 0
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
