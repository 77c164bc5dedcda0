package models

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is a version of Python, in the order of versions; 0 is none.
type Version uint16

// EagerFactories are the names of task factories, and of makers of such, whose tasks run at once.
var EagerFactories = map[string]bool{"eager_task_factory": true, "create_eager_task_factory": true}

func python(major, minor uint8) Version { return Version(major)<<8 | Version(minor) }

// ParseVersion reads a version such as 3.12.
func ParseVersion(text string) (Version, error) {
	major, minor, ok := strings.Cut(text, ".")
	a, errA := strconv.ParseUint(major, 10, 8)
	b, errB := strconv.ParseUint(minor, 10, 8)
	if !ok || errA != nil || errB != nil {
		return 0, fmt.Errorf("%q is no version of Python", text)
	}
	return python(uint8(a), uint8(b)), nil
}
