package link

import (
	"github.com/toctou-lint/toctou/internal/flow"
)

// record is a record of a store outside the process.
type record struct {
	place  flow.Place
	key    flow.KeyID
	answer flow.VarID
	load   bool
	write  bool
	atomic bool
}

func (f *frame) storeCall(recv *value, name string, c *coroutine) (*value, bool) { return nil, false }

func (f *frame) recordCall(c *coroutine, pos flow.Pos) *value { return &value{} }
