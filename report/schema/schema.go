// Package schema holds the JSON Schema of a stored audit.
//
// The file is generated from the types and comments of package report by this package's test, so
// it cannot drift from them. It validates nothing itself.
package schema

import _ "embed"

// JSON is the JSON Schema (draft 2020-12) that every audit written by the json format satisfies.
//
//go:embed audit-1.json
var JSON []byte
