package a01_bad

import "strings"

// A package variable of a test: the rest of the package is analysed all the same.
var words = strings.Fields("a b c")
