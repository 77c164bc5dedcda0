//go:build race

package render

// raceDetector makes everything ten times slower: sizes that only measure memory are smaller under it.
const raceDetector = true
