package audit

import (
	"os"
	"path"
	"path/filepath"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/toctou-lint/toctou/internal/config"
)

// maxManifest bounds what is read of a manifest; real ones have some kilobytes.
const maxManifest = 1 << 20

// projectName is the name that the manifest in a folder gives the project: pyproject.toml, else the
// last element of the module path in go.mod; "" if neither gives one.
func projectName(root string) string {
	if name := config.ProjectName(manifest(root, "pyproject.toml")); name != "" {
		return name
	}
	prefix, _, ok := module.SplitPathVersion(modfile.ModulePath(manifest(root, "go.mod")))
	if !ok || prefix == "" {
		return ""
	}
	return path.Base(prefix)
}

// manifest reads a regular file of a folder, nil if there is none or it is too large to be one.
func manifest(root, name string) []byte {
	file := filepath.Join(root, name)
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxManifest {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return data
}
