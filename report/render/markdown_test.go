package render

import "testing"

func TestMarkdownGolden(t *testing.T) {
	golden(t, "platform.md", must(t, Markdown, platform(), Options{Rules: ruleInfo}))
	golden(t, "empty.md", must(t, Markdown, newAudit().Audit, Options{}))
}
