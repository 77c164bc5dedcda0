package models

import (
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

// StoreName says whether a variable or class is called what stores are called: UserRepository,
// _jobs_dao, db. Words are told apart by underscores and capitals.
func StoreName(name string) bool {
	return slices.ContainsFunc(Words(name), func(w string) bool { return slices.Contains(storeWords, w) })
}

// Words splits a name at underscores and capitals, in lower case.
func Words(name string) []string {
	var out []string
	start := 0
	cut := func(i int) {
		if i > start {
			out = append(out, strings.ToLower(name[start:i]))
		}
		start = i
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '_' || c == '.':
			cut(i)
			start = i + 1
		case c >= 'A' && c <= 'Z' && i > 0 && (name[i-1] < 'A' || name[i-1] > 'Z'):
			cut(i)
		}
	}
	cut(len(name))
	return out
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
	return slices.ContainsFunc(Words(name), func(w string) bool { return w == "redis" || w == "valkey" || w == "kv" || w == "etcd" })
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
	words := Words(name)
	if len(words) == 0 {
		return NoAccess
	}
	access := storeMethods[words[0]]
	if access == Load && slices.ContainsFunc(words[1:], func(w string) bool {
		return slices.Contains(manyWords, w) || strings.HasSuffix(w, "s") && w != "status"
	}) {
		return NoAccess
	}
	return access
}

// VersionName says whether an argument makes a write conditional on what was read.
func VersionName(name string) bool {
	words := Words(name)
	return slices.ContainsFunc(words, func(w string) bool {
		return w == "version" || w == "expected" || w == "etag" || w == "revision" || w == "rev" || w == "cas"
	})
}

// ComparesName says whether a method that writes a record is called for writing it only if it is still as
// it was: update_if_unchanged, compare_and_set.
func ComparesName(name string) bool {
	words := Words(name)
	for i, w := range words {
		if w == "unchanged" || w == "cas" || w == "compare" && i+1 < len(words) && (words[i+1] == "and" || words[i+1] == "set" || words[i+1] == "swap") {
			return true
		}
	}
	return false
}

// LockingName says whether an argument makes a read lock what it reads.
func LockingName(name string) bool { return strings.Contains(name, "for_update") || name == "lock" }
