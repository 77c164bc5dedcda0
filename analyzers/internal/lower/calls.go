package lower

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// operands lists the arguments of a method call without the receiver.
func operands(c *ssa.CallCommon) []ssa.Value {
	if c.IsInvoke() || len(c.Args) == 0 {
		return c.Args
	}
	return c.Args[1:]
}

func (x *body) call(in ssa.Instruction, c *ssa.CallCommon, spawned bool) {
	result, _ := in.(ssa.Value)
	if b, ok := c.Value.(*ssa.Builtin); ok {
		x.builtin(result, b.Name(), c.Args)
		return
	}
	if o := x.p.opOf(c); o != opNone && !spawned {
		x.model(in, c, o, result)
		x.arguments(c)
		return
	}
	if !spawned && x.query(c, result) {
		return
	}
	call := flow.Call{Pos: x.pos(in.Pos()), Spawned: spawned}
	var sum *flow.Summary
	var args []ssa.Value
	if y := x.callee(c); y != nil {
		sum, args = y.sum, x.callArgs(c)
	} else if c.IsInvoke() {
		if k := x.p.factOf(c.Method); k != nil && len(k.sum.Acquires)+len(k.sum.Releases) == 0 {
			sum, args = k.sum, x.callArgs(c)
		}
	} else if f := c.StaticCallee(); f != nil {
		if obj, ok := f.Object().(*types.Func); ok {
			if k := x.p.factOf(obj); k != nil {
				sum, args = k.sum, c.Args
			}
		}
	}
	if sum == nil {
		if result != nil {
			x.letCall(result, c)
		}
		if !spawned && !c.IsInvoke() && c.StaticCallee() == nil {
			for _, l := range x.unlocks(c.Value) {
				x.b.Emit(flow.Event{Op: flow.OpRelease, Lock: x.b.Lock(l), Pos: call.Pos})
			}
		}
		x.arguments(c)
		return
	}
	call.Args = x.args(args)
	if result != nil {
		answers := false
		for i := range sum.Answers {
			answers = answers || sum.Answers[i].Via == flow.ViaResult
		}
		if answers {
			call.Result = x.v(result)
			call.Results = x.told(sum, result)
		} else {
			x.letCall(result, c)
		}
	}
	if !spawned {
		x.reentersBy(sum, args)
		call.Beside = x.beside(in)
	}
	x.b.Expand(x.unborrowed(sum, args), call)
	if !spawned {
		x.missedBy(sum, &call, result)
	}
	x.arguments(c)
}

// unborrowed is a summary without the locks that the callee gives back and takes again, but that
// are not held here.
func (x *body) unborrowed(sum *flow.Summary, args []ssa.Value) *flow.Summary {
	idle := func(l flow.Lock) bool {
		return lockState(sum.Releases).find(l) >= 0 && lockState(sum.Acquires).find(l) >= 0 && x.may.find(x.fromSummary(l, args)) < 0
	}
	if !slices.ContainsFunc(sum.Releases, idle) {
		return sum
	}
	out := *sum
	out.Releases = slices.DeleteFunc(slices.Clone(sum.Releases), idle)
	out.Acquires = slices.DeleteFunc(slices.Clone(sum.Acquires), idle)
	return &out
}

// letCall makes the result of a call depend on its arguments.
func (x *body) letCall(result ssa.Value, c *ssa.CallCommon) {
	var flags flow.Flags
	if returnsError(c.Signature()) {
		flags = flow.FlagForeign
	}
	args := c.Args
	if c.IsInvoke() {
		args = append([]ssa.Value{c.Value}, c.Args...)
	}
	x.letFlags(result, flags, args...)
}

// callee finds the function of the package that a call runs.
func (x *body) callee(c *ssa.CallCommon) *fn {
	if y := x.p.local(c); y != nil {
		return y
	}
	if c.IsInvoke() {
		return nil
	}
	if mc := x.closure(c.Value); mc != nil {
		return x.p.funcOf(mc.Fn.(*ssa.Function))
	}
	return nil
}

// args says what a call passes for each parameter.
func (x *body) args(values []ssa.Value) []flow.Arg {
	out := make([]flow.Arg, len(values))
	for i, v := range values {
		if v == nil {
			continue
		}
		r := x.whole(x.valueOf(v))
		if _, object := types.Unalias(v.Type()).Underlying().(*types.Pointer); r.path != "" && (r.key == nil || object) {
			out[i].Place = flow.Place{Path: r.path, Field: r.field, Root: r.root, Param: r.param}
			if r.key != nil { // the object itself
				out[i].Place.Path, out[i].Place.Field = r.path+"["+x.keyText(r.key)+"]", r.field+"[]"
			}
		}
		out[i].Var = x.v(v)
		out[i].Key, out[i].HasKey = x.keyExpr(v), true
		out[i].From = x.madeFrom(v)
		out[i].Parts = x.parts(v)
		out[i].Given = x.ownContent(v, nil)
		if a, ok := v.(*ssa.Alloc); ok { // a captured variable: the closure sees its value
			if c := x.constant(a); c != nil {
				out[i].Key = x.keyExpr(c)
			}
		}
	}
	return out
}

// arguments emits what the functions that a call is handed do: those that it runs now, and those
// that it starts.
func (x *body) arguments(c *ssa.CallCommon) {
	for _, r := range x.p.runArgs(x.fn, c) {
		if r.fn.sum == nil {
			continue
		}
		call := flow.Call{Pos: x.pos(x.in.Pos()), Args: x.args(r.args), Spawned: r.run.Spawns}
		if r.op == opOnceFunc {
			continue
		}
		for _, l := range r.run.Locks {
			x.b.Emit(flow.Event{Op: flow.OpAcquire, Lock: x.b.Lock(l), Pos: call.Pos})
		}
		x.b.Expand(r.once(), call)
		for _, l := range r.run.Locks {
			x.b.Emit(flow.Event{Op: flow.OpRelease, Lock: x.b.Lock(l), Pos: call.Pos})
		}
	}
}

// once is the summary of what a call runs; what sync.Once runs asks, and acts, in one step.
func (r runArg) once() *flow.Summary {
	if r.op != opRunOnce {
		return r.fn.sum
	}
	out := *r.fn.sum
	out.Acts = slices.Clone(out.Acts)
	for i := range out.Acts {
		out.Acts[i].Flags |= flow.FlagAtomic
	}
	return &out
}

func (x *body) builtin(result ssa.Value, name string, args []ssa.Value) {
	switch name {
	case "len", "cap":
		r := x.valueOf(args[0])
		if x.headers[args[0]] && len(x.held) == 0 {
			break // of the header that was read, whatever the variable holds by now
		}
		if place, ok := x.place(r, kindOf(args[0].Type())); ok && r.key == nil && !x.swapped(args[0]) {
			if strings.Contains(r.path, "[") {
				x.sized = append(x.sized, flow.Place{Path: r.path, Field: r.field, Root: r.root, Param: r.param, Kind: kindOf(args[0].Type())})
			}
			x.emit(flow.Event{Op: flow.OpCheck, Dst: x.v(result), Place: place, Ask: flow.AskSize, Pos: x.pos(result.Pos())})
			return
		}
	case "delete":
		x.element(args[0], args[1], flow.EffectDel, nil)
		return
	case "clear":
		x.element(args[0], nil, flow.EffectClear, nil)
		return
	case "copy":
		x.element(args[0], nil, flow.EffectModify, args[1])
	case "close":
		r := x.valueOf(args[0])
		if place, ok := x.place(r, flow.Signal); ok && r.key == nil {
			x.emit(flow.Event{Op: flow.OpAct, Place: place, Effect: flow.EffectSignal, Flags: flow.FlagNeeds, Pos: x.pos(x.in.Pos()), Text: "close"})
		}
		x.relies(r)
		return
	}
	if result != nil {
		x.let(result, args...)
	}
}

// model emits what a library function does.
func (x *body) model(in ssa.Instruction, c *ssa.CallCommon, o op, result ssa.Value) {
	pos := x.pos(in.Pos())
	recv := receiverOf(c)
	rest := operands(c)
	switch o {
	case opLock, opRLock:
		x.b.Emit(flow.Event{Op: flow.OpAcquire, Lock: x.b.Lock(x.lockOf(recv, o == opRLock)), Pos: pos})
		return
	case opUnlock, opRUnlock:
		if l := x.lockOf(recv, o == opRUnlock); x.may.find(l) >= 0 || !x.optional(in.Block()) {
			x.b.Emit(flow.Event{Op: flow.OpRelease, Lock: x.b.Lock(l), Pos: pos})
		}
		return
	case opCondWait:
		if l, ok := x.condLock(recv); ok {
			id := x.b.Lock(l)
			x.b.Emit(flow.Event{Op: flow.OpRelease, Lock: id, Pos: pos})
			x.b.Emit(flow.Event{Op: flow.OpAcquire, Lock: id, Pos: pos})
		}
		return
	case opWaitAdd, opGo, opGoErr:
		x.relies(x.valueOf(recv))
		return
	case opTryLock, opTryRLock, opRun, opRunOnce, opRunKeyed, opAfter, opOwned, opOnceFunc, opWait, opWaitDone:
		if result != nil {
			x.letCall(result, c)
		}
		return
	}
	r := x.valueOf(recv)
	kind := flow.Container
	if o == opLoad || o == opStore || o == opUpdate {
		r, kind = x.pointee(recv, r), flow.Variable
	}
	place, ok := x.place(r, kind)
	if !ok {
		if result != nil {
			x.letCall(result, c)
		}
		return
	}
	e := flow.Event{Op: flow.OpAct, Place: place, Key: x.key(r.key), Pos: pos, Flags: flow.FlagSync}
	if !selfLocking(c) {
		e.Flags = 0
	}
	switch o {
	case opLoad:
		if x.forgotResult(result, r) {
			t := e
			t.Effect, t.Value, t.Flags = flow.EffectModify, flow.ValuePlain, t.Flags|flow.FlagNeeds
			x.emit(t)
		}
		e.Op, e.Dst = flow.OpCheck, x.v(result)
	case opStore:
		e.Effect, e.Value, e.Srcs = flow.EffectSet, x.value(last(rest)), x.srcs(last(rest))
		if x.onlySets(in, last(rest)) || x.takesMark(in, r, last(rest)) {
			e.Flags |= flow.FlagAtomic
		}
		if x.kept(last(rest)) {
			e.Flags |= flow.FlagKept
		}
	case opUpdate:
		e.Effect, e.Flags = flow.EffectSet, e.Flags|flow.FlagAtomic
		e.Value = flow.ValuePlain
		if strings.Contains(calleeName(c), "Swap") {
			e.Value = x.value(last(rest))
		}
		if v, ok := in.(*ssa.Call); strings.HasPrefix(calleeName(c), "Add") && (!ok || len(*v.Referrers()) == 0) {
			e.Flags = e.Flags&^flow.FlagAtomic | flow.FlagUpdate // counted blindly, whatever was asked before
			if !ok {
				break // deferred
			}
			x.emit(e)
			e = flow.Event{Op: flow.OpCheck, Dst: x.v(v), Place: place, Pos: pos, Flags: flow.FlagSync | flow.FlagTested}
		}
	case opElemLoad, opElemTouch, opElemHas:
		if o == opElemTouch {
			t := e
			t.Effect, t.Flags = flow.EffectModify, t.Flags|flow.FlagAtomic
			x.emit(t)
			if len(rest) == 0 || result == nil {
				return
			}
		}
		if len(rest) == 0 || result == nil {
			return
		}
		e.Op, e.Key = flow.OpCheck, x.key(rest[0])
		if o == opElemHas {
			e.Dst, e.Ask = x.v(result), flow.AskHas
			x.emit(e)
			return
		}
		_, tuple := result.Type().(*types.Tuple)
		x.ask(result, place, e.Key, tuple, e.Flags)
		return
	case opElemStore:
		if len(rest) < 1 {
			return
		}
		e.Effect, e.Key, e.Value, e.Srcs = flow.EffectSet, x.key(rest[0]), x.value(last(rest)), x.srcs(last(rest))
		if len(rest) > 1 {
			e.Value, e.Srcs = x.value(rest[1]), x.srcs(rest[1])
			if x.ownContent(rest[1], rest[0]) {
				e.Flags |= flow.FlagGiven
			}
			if x.counted(rest[1], 0) {
				e.Flags |= flow.FlagKept
			}
		}
	case opElemDelete:
		if len(rest) < 1 {
			return
		}
		e.Effect, e.Key = flow.EffectDel, x.key(rest[0])
	case opElemUpdate:
		if len(rest) < 1 {
			return
		}
		e.Effect, e.Key, e.Flags = flow.EffectSet, x.key(rest[0]), e.Flags|flow.FlagAtomic
		if strings.Contains(calleeName(c), "Delete") {
			e.Effect = flow.EffectDel
		}
	case opElemClear:
		e.Effect = flow.EffectClear
	case opElems:
		e.Op, e.Ask = flow.OpCheck, flow.AskIter
	case opElemSize:
		e.Op, e.Ask, e.Dst = flow.OpCheck, flow.AskSize, x.v(result)
	}
	x.emit(e)
}

// pointee tells what a pointer variable points to from the variable: an atomic behind a pointer is
// another place than the pointer.
func (x *fn) pointee(v ssa.Value, r ref) ref {
	u, ok := v.(*ssa.UnOp)
	if !ok || r.field == "" || r.key != nil {
		return r
	}
	switch u.X.(type) {
	case *ssa.FieldAddr, *ssa.Global:
		r.path, r.field = r.path+"*", r.field+"*"
	}
	return r
}

func last(v []ssa.Value) ssa.Value {
	if len(v) == 0 {
		return nil
	}
	return v[len(v)-1]
}

func calleeName(c *ssa.CallCommon) string {
	if c.IsInvoke() {
		return c.Method.Name()
	}
	if f := c.StaticCallee(); f != nil {
		return f.Name()
	}
	return ""
}
