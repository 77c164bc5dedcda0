package goscan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/analyzers"
)

// setFlags sets analyser flags, "-name.flag=value", in this process.
func setFlags(flags []string) error {
	for _, f := range flags {
		name, value, has := strings.Cut(strings.TrimLeft(f, "-"), "=")
		if !has {
			value = "true"
		}
		analyzer, flag, _ := strings.Cut(name, ".")
		found := false
		for _, a := range analyzers.Driver {
			if a.Name == analyzer && a.Flags.Lookup(flag) != nil {
				if err := a.Flags.Set(flag, value); err != nil {
					return fmt.Errorf("analyser flag %s: %w", f, err)
				}
				found = true
			}
		}
		if !found {
			return fmt.Errorf("there is no analyser flag %s", f)
		}
	}
	return nil
}

// settings are the analyser flags of a scan.
func settings(opt Options) []string {
	out := slices.Clone(opt.Flags)
	for _, a := range analyzers.All {
		out = append(out, fmt.Sprintf("-%s.fixes=%t", a.Name, opt.Fixes))
	}
	return out
}

// testsToo says whether findings in test files are asked for.
func testsToo(flags []string) bool {
	return slices.ContainsFunc(flags, func(f string) bool {
		return strings.HasSuffix(f, ".tests") || strings.HasSuffix(f, ".tests=true")
	})
}
