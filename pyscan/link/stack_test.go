package link

import (
	"math/rand/v2"
	"testing"
)

// TestStacks lets frames begin and end at random: what is handed out is zero and nobody else's, and what is kept
// stays as it was.
func TestStacks(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var one chunks[int]
	var lists slab[int]
	type frame struct {
		used  int
		top   top
		ones  []*int
		lists [][]int
		mark  int
	}
	var frames, kept []frame
	check := func(f frame) {
		t.Helper()
		for _, p := range f.ones {
			if *p != f.mark {
				t.Fatalf("an element of frame %d is %d", f.mark, *p)
			}
		}
		for _, l := range f.lists {
			for _, n := range l {
				if n != f.mark {
					t.Fatalf("an element of a list of frame %d is %d", f.mark, n)
				}
			}
		}
	}
	for mark := 1; mark < 20_000; mark++ {
		switch n := len(frames); {
		case n == 0 || rnd.IntN(5) == 0 && n < 50:
			frames = append(frames, frame{used: one.used, top: lists.top, mark: mark})
		case rnd.IntN(5) == 0:
			f := frames[n-1]
			frames = frames[:n-1]
			check(f)
			keep := rnd.IntN(10) == 0
			one.shrink(f.used, keep)
			lists.shrink(f.top, keep)
			if keep {
				kept = append(kept, f)
			}
		default:
			f := &frames[n-1]
			for range rnd.IntN(40) {
				p := one.next()
				if *p != 0 {
					t.Fatalf("a new element is %d", *p)
				}
				*p = f.mark
				f.ones = append(f.ones, p)
			}
			l := lists.make(rnd.IntN(50))
			for i := range l {
				if l[i] != 0 {
					t.Fatalf("an element of a new list is %d", l[i])
				}
				l[i] = f.mark
			}
			f.lists = append(f.lists, l)
		}
	}
	for _, f := range kept {
		check(f)
	}
}
