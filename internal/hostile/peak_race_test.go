//go:build race

package hostile

// maxPeak is the same for an instrumented build. It takes several times the memory for everything, and its sync.Pool drops a
// quarter of what it is given by chance, so that little is used again: fifteen times as much as in a plain build was seen.
const maxPeak = 2 << 30
