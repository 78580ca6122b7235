// Package resource reads the documents that people write, as JSON or in a fleet
// file of YAML, and makes model values of them: tracks, releases, notices, rings,
// freezes, private feeds and tokens. It writes them too, in one canonical form.
//
// Both notations become the same small tree of nodes. One table of fields reads it, one
// set of checks judges it, and the JSON Schema for editors comes from the same table.
// All that is wrong with a document is reported at once: a [Fault] says where it is, by
// JSON pointer and, in a file, by line and column, and what would have been right.
//
// [Layers] lays documents over the built-in history, and says which can't stand.
//
// The package keeps nothing, opens no file and knows no secret: the secret of a
// feed or of a token is no part of its document.
package resource
