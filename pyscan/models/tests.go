package models

import (
	"path"
	"slices"
	"strings"
)

// testFolders hold code that only tests run.
var testFolders = []string{"test", "tests", "testing", "unittests", "integration_tests", "e2e"}

// Test says whether a file, by its path, holds tests: they run one at a time, own what they make
// and say nothing about how the code under test is used.
func Test(file string) bool {
	dir, name := path.Split(file)
	if strings.HasPrefix(name, "test_") || strings.HasSuffix(name, "_test.py") || name == "conftest.py" {
		return true
	}
	return slices.ContainsFunc(strings.Split(dir, "/"), func(d string) bool { return slices.Contains(testFolders, d) })
}
