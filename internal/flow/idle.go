package flow

// Idle says whether nothing in f is asked, done or waited for, and no lock is taken or given back: Analyze has
// nothing to say of it.
func (f *Func) Idle() bool {
	if f.Partial != "" || len(f.Blocks) == 0 {
		return false
	}
	events := 0
	for i := range f.Blocks {
		events += len(f.Blocks[i].Events)
		for k := range f.Blocks[i].Events {
			if op := f.Blocks[i].Events[k].Op; op != OpLet && op != OpReturn {
				return false
			}
		}
	}
	return events <= MaxEvents
}

// Discard ends the builder without a function: its memory is used again.
func (b *Builder) Discard() { builders.Put(b) }
