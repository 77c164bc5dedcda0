module github.com/toctou-lint/toctou

go 1.26.0
