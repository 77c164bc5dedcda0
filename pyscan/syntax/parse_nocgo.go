//go:build !cgo

package syntax

import (
	"fmt"
	"time"
)

// Unavailable says what this build lacks to read Python, and how to get it.
func Unavailable() error {
	return fmt.Errorf("%w: install a C compiler (Debian, Ubuntu: sudo apt install gcc libc6-dev; Fedora: sudo dnf install gcc; "+
		"macOS: xcode-select --install), then build again with CGO_ENABLED=1", ErrNoCgo)
}

func parse([]byte, time.Duration, func(*Tree)) error { return Unavailable() }

func sound([]byte, time.Duration) (bool, error) { return false, Unavailable() }

// ParseAlone parses and throws the trees away: the floor that benchmarks compare with.
func ParseAlone(...[]byte) error { return ErrNoCgo }
