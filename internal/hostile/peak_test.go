//go:build !race

package hostile

// maxPeak is the most memory that one hostile file may make the program use.
const maxPeak = 1 << 30
