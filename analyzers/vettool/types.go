package vettool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"slices"

	"golang.org/x/tools/go/gcexportdata"
)

// unit is what the go command says of a package, as far as it is needed here.
type unit struct {
	ImportPath    string
	GoVersion     string
	GoFiles       []string
	ModulePath    string
	ModuleVersion string
	ImportMap     map[string]string
	PackageVetx   map[string]string // what this tool wrote of the packages that are imported
	VetxOnly      bool
	VetxOutput    string
}

// vetx is the form in which unitchecker keeps what other packages need to know of one: a mark, the
// lengths of what follows, its exported types, and its facts.
const (
	vetxMark = "vetx"
	vetxHead = len(vetxMark) + 8
)

func writeVetx(file string, exported, facts []byte) error {
	data := binary.LittleEndian.AppendUint32([]byte(vetxMark), uint32(len(exported)))
	data = binary.LittleEndian.AppendUint32(data, uint32(len(facts)))
	return os.WriteFile(file, slices.Concat(data, exported, facts), 0o600)
}

func readVetx(file string) (exported, facts []byte, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	if len(data) < vetxHead || string(data[:len(vetxMark)]) != vetxMark {
		return nil, nil, errors.New("not a vetx file")
	}
	n := int64(binary.LittleEndian.Uint32(data[len(vetxMark):]))
	m := int64(binary.LittleEndian.Uint32(data[len(vetxMark)+4:]))
	data = data[vetxHead:]
	if n+m > int64(len(data)) {
		return nil, nil, errors.New("a vetx file that is too short")
	}
	return data[:n], data[n : n+m], nil
}

// typesOnly writes down the exported types of a package without facts, as unitchecker does, but looks
// into no function.
func (u *unit) typesOnly() error {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range u.GoFiles {
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	cfg := types.Config{
		Importer: &importer{u, fset, map[string]*types.Package{}}, Sizes: types.SizesFor("gc", build.Default.GOARCH), GoVersion: u.GoVersion,
		IgnoreFuncBodies: true,
	}
	pkg, err := cfg.Check(u.ImportPath, fset, files, nil)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := gcexportdata.Write(&out, fset, pkg); err != nil {
		return err
	}
	return writeVetx(u.VetxOutput, out.Bytes()[1:], nil) // without the letter that names the format
}

// importer finds the types of imported packages in the files that this tool wrote of them.
type importer struct {
	u      *unit
	fset   *token.FileSet
	loaded map[string]*types.Package
}

func (i *importer) Import(name string) (*types.Package, error) {
	path, ok := i.u.ImportMap[name]
	switch {
	case !ok:
		return nil, fmt.Errorf("can't resolve import %q", name)
	case path == "unsafe":
		return types.Unsafe, nil
	case i.loaded[path] != nil && i.loaded[path].Complete():
		return i.loaded[path], nil
	}
	exported, _, err := readVetx(i.u.PackageVetx[path])
	if err != nil {
		return nil, err
	}
	return gcexportdata.Read(bytes.NewReader(append([]byte("i"), exported...)), i.fset, i.loaded, path)
}
