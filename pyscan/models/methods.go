package models

import "github.com/toctou-lint/toctou/internal/flow"

// Method is what a method of a container does to it.
type Method struct {
	Ask    flow.Ask
	Check  bool // gives an answer of kind Ask
	Act    bool
	Effect flow.Effect
	Key    int  // index of the argument that is the key, or -1
	Value  int  // index of the argument that is stored, or -1
	Needs  bool // fails if the element is missing…
	Spare  int  // …unless the call has more than this many arguments, or -1
	Read   bool // the result is the element
	View   bool // the result is a live view of the container
	Copy   bool // the result is a snapshot
	Weak   bool // too common a name to mean a container when the type is not known
	Atomic bool // check and act in one step
}

// ContainerMethod returns what a method does on a container of the given kind; for an unknown
// receiver, known is false and only telling names are found.
func ContainerMethod(k Kind, name string) (Method, bool) {
	switch k {
	case Dict:
		m, ok := dictMethods[name]
		return m, ok
	case List:
		m, ok := listMethods[name]
		return m, ok
	case Set:
		m, ok := setMethods[name]
		return m, ok
	case Queue:
		m, ok := queueMethods[name]
		return m, ok
	case Object:
		for _, table := range []map[string]Method{dictMethods, listMethods, setMethods} {
			if m, ok := table[name]; ok {
				return m, !m.Weak
			}
		}
	}
	return Method{}, false
}

var dictMethods = map[string]Method{
	"get":          {Check: true, Ask: flow.AskValue, Key: 0, Value: -1, Read: true, Weak: true},
	"pop":          {Check: true, Ask: flow.AskValue, Act: true, Effect: flow.EffectDel, Key: 0, Value: -1, Needs: true, Spare: 1, Read: true},
	"popitem":      {Act: true, Effect: flow.EffectShrink, Key: -1, Value: -1, Needs: true, Spare: -1, Read: true},
	"setdefault":   {Check: true, Ask: flow.AskValue, Act: true, Effect: flow.EffectSet, Key: 0, Value: 1, Read: true, Atomic: true},
	"update":       {Act: true, Effect: flow.EffectModify, Key: -1, Value: 0, Weak: true},
	"clear":        {Act: true, Effect: flow.EffectClear, Key: -1, Value: -1, Weak: true},
	"keys":         {View: true, Key: -1, Value: -1, Weak: true},
	"values":       {View: true, Key: -1, Value: -1, Weak: true},
	"items":        {View: true, Key: -1, Value: -1, Weak: true},
	"copy":         {Copy: true, Key: -1, Value: -1, Weak: true},
	"move_to_end":  {Act: true, Effect: flow.EffectNone, Key: 0, Value: -1, Needs: true, Spare: -1},
	"__contains__": {Check: true, Ask: flow.AskHas, Key: 0, Value: -1},
}

var listMethods = map[string]Method{
	"append":     {Act: true, Effect: flow.EffectGrow, Key: -1, Value: 0},
	"appendleft": {Act: true, Effect: flow.EffectGrow, Key: -1, Value: 0},
	"extend":     {Act: true, Effect: flow.EffectGrow, Key: -1, Value: 0},
	"extendleft": {Act: true, Effect: flow.EffectGrow, Key: -1, Value: 0},
	"insert":     {Act: true, Effect: flow.EffectGrow, Key: -1, Value: 1, Weak: true},
	"pop":        {Act: true, Effect: flow.EffectShrink, Key: -1, Value: -1, Needs: true, Spare: -1, Read: true},
	"popleft":    {Act: true, Effect: flow.EffectShrink, Key: -1, Value: -1, Needs: true, Spare: -1, Read: true},
	"remove":     {Act: true, Effect: flow.EffectDel, Key: 0, Value: -1, Needs: true, Spare: -1},
	"clear":      {Act: true, Effect: flow.EffectClear, Key: -1, Value: -1, Weak: true},
	"sort":       {Act: true, Effect: flow.EffectModify, Key: -1, Value: -1, Weak: true},
	"reverse":    {Act: true, Effect: flow.EffectModify, Key: -1, Value: -1, Weak: true},
	"rotate":     {Act: true, Effect: flow.EffectModify, Key: -1, Value: -1, Weak: true},
	"index":      {Check: true, Ask: flow.AskSize, Key: -1, Value: -1, Weak: true},
	"count":      {Check: true, Ask: flow.AskHas, Key: 0, Value: -1, Weak: true},
	"copy":       {Copy: true, Key: -1, Value: -1, Weak: true},
}

var setMethods = map[string]Method{
	"add":                         {Act: true, Effect: flow.EffectGrow, Key: 0, Value: 0, Weak: true},
	"remove":                      {Act: true, Effect: flow.EffectDel, Key: 0, Value: -1, Needs: true, Spare: -1, Weak: true},
	"discard":                     {Act: true, Effect: flow.EffectDel, Key: 0, Value: -1},
	"pop":                         {Act: true, Effect: flow.EffectShrink, Key: -1, Value: -1, Needs: true, Spare: -1, Read: true},
	"clear":                       {Act: true, Effect: flow.EffectClear, Key: -1, Value: -1, Weak: true},
	"update":                      {Act: true, Effect: flow.EffectGrow, Key: -1, Value: 0, Weak: true},
	"difference_update":           {Act: true, Effect: flow.EffectShrink, Key: -1, Value: -1},
	"intersection_update":         {Act: true, Effect: flow.EffectShrink, Key: -1, Value: -1},
	"symmetric_difference_update": {Act: true, Effect: flow.EffectModify, Key: -1, Value: -1},
	"copy":                        {Copy: true, Key: -1, Value: -1, Weak: true},
	"union":                       {Copy: true, Key: -1, Value: -1, Weak: true},
	"difference":                  {Copy: true, Key: -1, Value: -1, Weak: true},
	"intersection":                {Copy: true, Key: -1, Value: -1, Weak: true},
}

var queueMethods = map[string]Method{
	"empty":      {Check: true, Ask: flow.AskSize, Key: -1, Value: -1},
	"full":       {Check: true, Ask: flow.AskSize, Key: -1, Value: -1},
	"qsize":      {Check: true, Ask: flow.AskSize, Key: -1, Value: -1},
	"get_nowait": {Act: true, Effect: flow.EffectShrink, Key: -1, Value: -1, Needs: true, Spare: -1, Read: true},
	"put_nowait": {Act: true, Effect: flow.EffectGrow, Key: -1, Value: 0},
}

// Mutators are the method names that change a container, whatever its kind.
var Mutators = func() map[string]bool {
	out := map[string]bool{}
	for _, table := range []map[string]Method{dictMethods, listMethods, setMethods, queueMethods} {
		for name, m := range table {
			if m.Act && m.Effect != flow.EffectNone {
				out[name] = true
			}
		}
	}
	for name := range Signals {
		out[name] = true
	}
	return out
}()

// Signals are methods that change the state of an event, future or handle.
var Signals = map[string]flow.Value{
	"set": flow.ValueTrue, "clear": flow.ValueFalse, "set_result": flow.ValueTrue, "set_exception": flow.ValueTrue,
}

// ChangesFirst are functions, by the last part of their name, that change the container passed first.
var ChangesFirst = map[string]bool{"heappush": true, "heappop": true, "insort": true}
