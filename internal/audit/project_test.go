package audit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestProjectName(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"none":               {nil, ""},
		"standard":           {map[string]string{"pyproject.toml": "[project]\nname = \"course-creator\"\n"}, "course-creator"},
		"poetry":             {map[string]string{"pyproject.toml": "[tool.poetry]\nname = 'shop'\n"}, "shop"},
		"tools only":         {map[string]string{"pyproject.toml": "[tool.ruff]\nline-length = 100\n"}, ""},
		"broken":             {map[string]string{"pyproject.toml": "[project\nname =", "go.mod": "module example.com/a/b\n"}, "b"},
		"module":             {map[string]string{"go.mod": "// built for speed\nmodule github.com/acme/queue\n\ngo 1.26\n"}, "queue"},
		"versioned":          {map[string]string{"go.mod": "module github.com/acme/queue/v3\n"}, "queue"},
		"python comes first": {map[string]string{"go.mod": "module example.com/b\n", "pyproject.toml": "[project]\nname = \"a\"\n"}, "a"},
		"too large":          {map[string]string{"pyproject.toml": "[project]\nname = \"a\"\n" + strings.Repeat("#\n", maxManifest)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for file, text := range tt.files {
				if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got := projectName(root); got != tt.want {
				t.Errorf("the project is called %q, want %q", got, tt.want)
			}
		})
	}
}
