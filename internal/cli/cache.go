package cli

import (
	"log/slog"
	"os"

	"github.com/toctou-lint/toctou/internal/cache"
)

// cacheEnv names the cache directory, or says "off".
const cacheEnv = "TOCTOU_CACHE"

// store is where runs keep what they found for the next one; nil if nowhere.
func (f *scanFlags) store() *cache.Store {
	dir := os.Getenv(cacheEnv)
	if f.noCache || dir == "off" {
		return nil
	}
	s, err := cache.Open(dir)
	if err != nil {
		slog.Debug("no cache", "reason", err)
		return nil
	}
	return s
}

// trim keeps the cache within its bounds.
func trim(s *cache.Store) {
	if err := s.Trim(); err != nil {
		slog.Debug("cache not trimmed", "reason", err)
	}
}
