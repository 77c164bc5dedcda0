package config

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Excluded reports whether the file or folder at the absolute path abs is passed over.
func (c *Config) Excluded(abs string) bool {
	return matchAny(c.Exclude, c.rel(abs))
}

// RuleAt returns what overrides say about a rule for the file at abs: whether it is ignored
// there, and the severity that replaces its own, or "".
func (c *Config) RuleAt(abs, rule string) (ignored bool, severity string) {
	severity = c.Rules[rule].Severity
	if len(c.Overrides) == 0 {
		return false, severity
	}
	rel := c.rel(abs)
	for _, o := range c.Overrides {
		if !matchAny(o.Paths, rel) {
			continue
		}
		for _, name := range o.Ignore {
			ignored = ignored || name == rule
		}
		if s := o.Rules[rule].Severity; s != "" {
			severity = s
		}
	}
	return ignored, severity
}

// rel is abs relative to the configuration's folder, with slashes.
func (c *Config) rel(abs string) string {
	if c.Dir == "" {
		return filepath.ToSlash(abs)
	}
	rel, err := filepath.Rel(c.Dir, abs)
	if err != nil {
		return filepath.ToSlash(abs)
	}
	return filepath.ToSlash(rel)
}

// matchAny reports whether a glob matches rel or a folder above it. A glob without a slash
// matches at any depth.
func matchAny(globs []string, rel string) bool {
	for _, g := range globs {
		g = strings.TrimSuffix(strings.TrimPrefix(g, "./"), "/")
		if !strings.Contains(g, "/") {
			g = "**/" + g
		}
		g = strings.TrimPrefix(g, "/")
		for p := rel; p != "." && p != "/" && p != ""; p = path.Dir(p) {
			if doublestar.MatchUnvalidated(g, p) {
				return true
			}
		}
	}
	return false
}
