package goscan

import (
	"cmp"
	"os"
	"slices"
	"strings"
)

// environment is env, or this process's own, changed so that the go command runs nothing but the
// toolchain that is there, whatever the module or the machine says: no other toolchain that go.mod
// names, no program around the compiler, no version control system, no driver of packages. The
// module cache and the proxy stay the user's.
func environment(env []string) []string {
	if env == nil {
		env = os.Environ()
	}
	value := func(key string) string {
		for _, kv := range slices.Backward(env) {
			if v, ok := strings.CutPrefix(kv, key+"="); ok {
				return v
			}
		}
		return ""
	}
	return append(slices.Clone(env),
		"GOTOOLCHAIN=local",
		"GOPACKAGESDRIVER=off",
		"GOFLAGS="+harmless(value("GOFLAGS")),
		"GOVCS="+cmp.Or(value("GOVCS"), "*:off"),
	)
}

// harmless are flags of the go command without those that make it run a program.
func harmless(flags string) string {
	kept := slices.DeleteFunc(strings.Fields(flags), func(f string) bool {
		name, _, _ := strings.Cut(strings.TrimLeft(f, "-"), "=")
		return name == "toolexec" || name == "exec" || name == "vettool" || name == "buildvcs"
	})
	return strings.Join(append(kept, "-buildvcs=false"), " ")
}
