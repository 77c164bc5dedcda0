package project

import (
	"slices"

	"github.com/toctou-lint/toctou/pyscan/ir"
)

// modernise turns a coroutine of the time before `async def` into what it would be today: `yield
// from` awaits (in Tornado, `yield` does), and `with (yield from lock)` is `async with lock`.
// It changes a copy: the lowered file may be kept for another scan.
func modernise(old *ir.Func, tornado bool) *ir.Func {
	if old.Kind&ir.Async != 0 || old.Kind&ir.Generator == 0 {
		return old
	}
	f := new(*old)
	f.Blocks = slices.Clone(old.Blocks)
	for b := range f.Blocks {
		f.Blocks[b].Instrs = slices.Clone(f.Blocks[b].Instrs)
	}
	f.Kind = f.Kind&^ir.Generator | ir.Async
	made := map[ir.Temp]ir.Op{}
	entered := map[ir.Temp]ir.Temp{} // what `yield from` gave: the lock it asked
	each := func(visit func(*ir.Instr)) {
		for b := range f.Blocks {
			for i := range f.Blocks[b].Instrs {
				visit(&f.Blocks[b].Instrs[i])
			}
		}
	}
	each(func(in *ir.Instr) {
		made[in.Dst] = in.Op
		if in.Op == ir.YieldFrom || in.Op == ir.Yield && tornado {
			in.Op = ir.Await
			if op := made[in.A]; op == ir.Load || op == ir.GetAttr || op == ir.GetItem {
				entered[in.Dst] = in.A
			}
		}
	})
	taken := map[ir.Temp]bool{}
	each(func(in *ir.Instr) {
		lock := entered[in.A]
		switch {
		case lock == 0:
		case in.Op == ir.Enter:
			taken[in.A] = true
			in.Op, in.A = ir.AEnter, lock
		case in.Op == ir.Exit:
			in.Op, in.A = ir.AExit, lock
		}
	})
	each(func(in *ir.Instr) {
		if in.Op == ir.Await && taken[in.Dst] {
			in.Op = ir.Move
		}
	})
	return f
}
