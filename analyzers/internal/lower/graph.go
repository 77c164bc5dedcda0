package lower

import (
	"slices"

	"golang.org/x/tools/go/ssa"
)

// inLoop says whether a block can run again.
func inLoop(b *ssa.BasicBlock) bool { return reachable(b, b) }

// reachable says whether to can run after from.
func reachable(from, to *ssa.BasicBlock) bool {
	seen := map[*ssa.BasicBlock]bool{}
	stack := slices.Clone(from.Succs)
	for len(stack) > 0 {
		c := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if c == to {
			return true
		}
		if !seen[c] {
			seen[c] = true
			stack = append(stack, c.Succs...)
		}
	}
	return false
}

// comesBack says whether b can run again without passing another block.
func comesBack(b, without *ssa.BasicBlock) bool { return b != without && reachableBut(b, b, without) }

// reachableBut says whether to can run after from without passing another block.
func reachableBut(from, to, without *ssa.BasicBlock) bool {
	seen := map[*ssa.BasicBlock]bool{without: true}
	stack := slices.Clone(from.Succs)
	for len(stack) > 0 {
		c := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if c == to {
			return true
		}
		if !seen[c] {
			seen[c] = true
			stack = append(stack, c.Succs...)
		}
	}
	return false
}
