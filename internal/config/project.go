package config

// ProjectName is the name that a pyproject.toml gives its project, by the standard's table or by
// Poetry's; "" if it gives none, or cannot be read.
func ProjectName(pyproject []byte) string {
	p := &tomlParser{src: string(pyproject), line: 1}
	root, err := p.document()
	if err != nil {
		return ""
	}
	for _, table := range [][]string{{"project"}, {"tool", "poetry"}} {
		node := root
		for _, key := range append(table, "name") {
			node = lookup(node, key)
		}
		if node != nil && node.Value != "" {
			return node.Value
		}
	}
	return ""
}
