package lower

import (
	"go/ast"
	"go/types"

	"github.com/toctou-lint/toctou/internal/pattern"
)

// What the comment of a field says that needs no lock, or has one user only.
var (
	lockless = pattern.New(`\b(no need|not need|n't need|needn't|need not|not necessary|not required)\b[^.;]{0,50}\b(lock(s|ed|ing)?|mutex|synchroni[sz](ed|ation)|guarded|protected)\b|` +
		`\bsafe to\b[^.;]{0,40}\bwithout\b[^.;]{0,20}\b(lock|locking|mutex|synchronization)\b`)
	oneUses = pattern.New(`\bonly (be )?(\w+/)?(read|written|accessed|used|touched|modified|set|updated|mutated|changed)\b[^.;]{0,80}\b(serially|sequentially|synchronously|(single|same|one|main|own) (goroutine|go routine|thread)|\w*(loop|goroutine)(\(\))?)\b|` +
		`\b(owned|accessed|used|touched) (exclusively |only |solely )?(by|in|from|on) (the )?(\w+ ){0,2}(\w*(loop|goroutine))\b`)
	manyUse  = pattern.New(`\b(hold|holds|holding|held|under|with)\b[^.;]{0,20}\b(lock|mutex|\w*mu)\b|\b(any|multiple|several|many|other|another|each|different)\b`)
	ownWords = []string{"lock", "mutex", "synchron", "guard", "protect", "serial", "sequential", "goroutine", "go routine", "thread", "loop"}
)

// ownedField says whether a comment says of a field that it needs no lock, or that one goroutine alone
// uses it: it is taken at its word.
func (p *pkg) ownedField(field string) bool {
	if p.ownedFields == nil {
		p.ownedFields = map[string]bool{}
		for _, file := range sources(p.pass) {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					return false
				case *ast.TypeSpec:
					if s, ok := n.Type.(*ast.StructType); ok {
						p.readFields(n, s)
					}
				}
				return true
			})
		}
	}
	return p.ownedFields[field]
}

// readFields reads the comments of a struct's fields. One above a field speaks of those below it, too, up to
// the next empty line or comment.
func (p *pkg) readFields(spec *ast.TypeSpec, s *ast.StructType) {
	o, ok := p.pass.TypesInfo.Defs[spec.Name].(*types.TypeName)
	if !ok {
		return
	}
	line := p.pass.Fset.Position
	above, last := false, 0
	for _, f := range s.Fields.List {
		start := line(f.Pos()).Line
		if f.Doc != nil {
			above = needsNoLock(f.Doc.Text())
		} else if start > last+1 {
			above = false
		}
		last = line(f.End()).Line
		if above || f.Comment != nil && needsNoLock(f.Comment.Text()) {
			for _, n := range f.Names {
				p.ownedFields[typeName(o.Type())+"."+n.Name] = true
			}
		}
	}
}

// needsNoLock says whether a comment says so.
func needsNoLock(text string) bool {
	for _, s := range sentences.Split(folded(text, ownWords), -1) {
		if lockless.MatchString(s) || oneUses.MatchString(s) && !manyUse.MatchString(s) {
			return true
		}
	}
	return false
}
