module github.com/toctou-lint/toctou

go 1.26.0

require (
	github.com/smacker/go-tree-sitter v0.0.0-20240827094217-dd81d9e9be82
	github.com/tree-sitter/tree-sitter-python v0.25.0
)
