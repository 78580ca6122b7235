// Package resource reads the documents that people write, as JSON or in a fleet
// file of YAML, and makes model values of them: tracks, releases, notices, rings,
// freezes, private feeds and tokens. It writes them too, in one canonical form.
//
// Both notations become the same small tree of nodes, which one table of fields
// reads and one set of checks judges; the JSON Schema that editors use comes from
// that table as well. All that is wrong with a document is found at once: a
// [Fault] says where it is, by JSON pointer and, in a file, line and column, and
// what would have been right.
//
// The package keeps nothing, opens no file and knows no secret: the secret of a
// feed or of a token is no part of its document.
package resource
