package verdict

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

// hash is a short stable digest of its parts.
func hash(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(h[:8])
}

// Identify gives findings their fingerprints anew, for a caller who has renamed their files: a
// fingerprint must not depend on where the project lies.
func Identify(findings []report.Finding) { identify(findings) }

// identify gives every finding its fingerprint: what the finding is, not on which line. Moved or
// re-indented code keeps it. Equal ones are told apart by their order in the file.
func identify(findings []report.Finding) {
	seen := map[string]int{}
	for i := range findings {
		f := &findings[i]
		base := hash(f.Rule, f.File, f.Function, f.Place, f.Consequence)
		n := seen[base]
		seen[base]++
		f.Fingerprint = base
		if n > 0 {
			f.Fingerprint = hash(base, strconv.Itoa(n))
		}
	}
}

// rank orders rules by precedence where one defect would be reported by several.
var rank = map[string]int{
	"stalerecord": 0, "iterationrace": 0, "uselesslock": 1, "lostupdate": 2, "checkthenact": 3, "overwrittentask": 4, "blindremoval": 5, "unevenguard": 7,
	"untrackedtask": 8, "unobservedfailure": 9, "undrainedtasks": 10, "threadlockawait": 11,
}
