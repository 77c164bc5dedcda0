package lower

import "strings"

// Names is a list of functions, as a flag: names separated by commas, each any end of the full name
// that begins after a dot or slash: `Tracker.Go`, `example.com/app/run.Go`.
type Names []string

// Trackers are the functions of which the project says that they keep the goroutines they start.
// Flags set it before any package is analysed.
var Trackers Names

func (n *Names) String() string { return strings.Join(*n, ",") }

// Set replaces the list.
func (n *Names) Set(list string) error {
	*n = nil
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			*n = append(*n, name)
		}
	}
	return nil
}

// has says whether full ends in one of the names.
func (n *Names) has(full string) bool {
	for _, name := range *n {
		if rest, ok := strings.CutSuffix(full, name); ok && (rest == "" || strings.HasSuffix(rest, ".") || strings.HasSuffix(rest, "/")) {
			return true
		}
	}
	return false
}

// vouched says whether x is a tracker, or is written in one.
func (p *pkg) vouched(x *fn) bool {
	for x.parent != nil {
		x = x.parent
	}
	return len(Trackers) > 0 && Trackers.has(p.pass.Pkg.Path()+"."+displayName(x.f))
}
