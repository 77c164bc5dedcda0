//go:build !cgo

package syntax

import (
	"fmt"
	"time"
)

func parse([]byte, time.Duration) (*Tree, error) {
	return nil, fmt.Errorf("%w: install a C compiler (Debian, Ubuntu: apt-get install gcc; macOS: xcode-select --install, "+
		"the Xcode command line tools), then build again with CGO_ENABLED=1", ErrNoCgo)
}

// ParseAlone parses and throws the tree away: the floor that benchmarks compare with.
func ParseAlone([]byte) error { return ErrNoCgo }
