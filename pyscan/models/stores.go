package models

import (
	"iter"
	"slices"
	"strings"
)

// Access is what a method of a store does with a record.
type Access uint8

const (
	NoAccess Access = iota
	Load            // reads one record by key
	Write           // writes a record back
	Commit          // writes back whatever was loaded and changed
)

// storeWords mark the name of a store, or of its type, as a whole word of it.
var storeWords = []string{"dao", "repo", "repository", "repositories", "store", "db", "database", "table", "collection", "session", "records"}

// keyValueWords mark the name of a server of keys and values, and versionWords that of an argument which makes a
// write conditional.
var (
	keyValueWords = []string{"redis", "valkey", "kv", "etcd"}
	versionWords  = []string{"version", "expected", "etag", "revision", "rev", "cas"}
)

// StoreName says whether a variable or class is called what stores are called: UserRepository,
// _jobs_dao, db. Words are told apart by underscores and capitals.
func StoreName(name string) bool { return hasWord(name, storeWords) }

// hasWord says whether one of the words is a word of the name.
func hasWord(name string, words []string) bool {
	for w := range wordsOf(name) {
		if slices.Contains(words, w) {
			return true
		}
	}
	return false
}

// firstWord is the first word of the name, or "".
func firstWord(name string) string {
	for w := range wordsOf(name) {
		return w
	}
	return ""
}

// wordsOf are the words of a name, by its underscores and capitals, in lower case.
func wordsOf(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start := 0
		for i := 0; i <= len(name); i++ {
			dot := i < len(name) && (name[i] == '_' || name[i] == '.')
			capital := i < len(name) && i > 0 && name[i] >= 'A' && name[i] <= 'Z' && (name[i-1] < 'A' || name[i-1] > 'Z')
			if i < len(name) && !dot && !capital {
				continue
			}
			if i > start && !yield(strings.ToLower(name[start:i])) {
				return
			}
			start = i
			if dot {
				start++
			}
		}
	}
}

// storeMethods by their first word; what is not here is no access to one record.
var storeMethods = map[string]Access{
	"get": Load, "load": Load, "find": Load, "fetch": Load, "read": Load, "retrieve": Load, "one": Load,
	"update": Write, "save": Write, "store": Write, "replace": Write, "write": Write, "persist": Write, "put": Write, "set": Write, "mark": Write,
	"commit": Commit, "flush": Commit,
}

// keyValueMethods are the commands of a key-value server that read and write what one key names. What
// the server computes itself (incr, hincrby, sadd) is in one step.
var keyValueMethods = map[string]Access{
	"get": Load, "getex": Load, "hget": Load, "hgetall": Load, "hmget": Load, "zscore": Load, "json_get": Load,
	"set": Write, "setex": Write, "psetex": Write, "hset": Write, "hmset": Write, "zadd": Write, "json_set": Write, "put": Write,
}

// KeyValueMethod says what a command of a key-value server does, by its name.
func KeyValueMethod(name string) Access { return keyValueMethods[name] }

// KeyValueName says whether a variable or class is called what key-value servers are called.
func KeyValueName(name string) bool {
	return hasWord(name, keyValueWords)
}

// SavesItself says whether a method of that name writes a record that was loaded back to its store.
func SavesItself(name string) bool {
	return name == "save" || name == "asave" || name == "save_changes" || name == "put"
}

// ActiveLoad says whether a method of that name, of a class of records or its manager, loads one.
func ActiveLoad(name string) bool {
	switch name {
	case "get", "aget", "get_or_none", "find_one", "afirst", "by_id", "objects_get":
		return true
	}
	return false
}

// manyWords mark methods that return several records.
var manyWords = []string{"all", "many", "list", "pending", "recent", "by_status", "ids", "count", "stats", "or"}

// StoreMethod says what the method of a store does, by its name.
func StoreMethod(name string) Access {
	access, first := NoAccess, true
	for w := range wordsOf(name) {
		switch {
		case first:
			access, first = storeMethods[w], false
		case access == Load && (slices.Contains(manyWords, w) || strings.HasSuffix(w, "s") && w != "status"):
			return NoAccess
		}
	}
	return access
}

// VersionName says whether an argument makes a write conditional on what was read.
func VersionName(name string) bool {
	return hasWord(name, versionWords)
}

// ComparesName says whether a method that writes a record is called for writing it only if it is still as
// it was: update_if_unchanged, compare_and_set.
func ComparesName(name string) bool {
	compare := false
	for w := range wordsOf(name) {
		if w == "unchanged" || w == "cas" || compare && (w == "and" || w == "set" || w == "swap") {
			return true
		}
		compare = w == "compare"
	}
	return false
}

// LockingName says whether an argument makes a read lock what it reads.
func LockingName(name string) bool { return strings.Contains(name, "for_update") || name == "lock" }
