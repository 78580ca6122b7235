// Package store keeps the model at rest: documents by kind and id, and the log of
// every change to them, in SQLite ([OpenSQLite]) or in PostgreSQL ([OpenPostgres]).
//
// A document is opaque here: whoever writes it has checked it and has made its JSON
// canonical. The package never looks inside, has no clock and logs nothing.
//
// Each write is one transaction. It begins with the one revision row, so revisions
// have no gaps and are in the order of commits, and it ends with the disk holding
// it: what was acknowledged survives a killed process and a cut power cord.
// The same transaction writes the log. Each change in it carries the hash of the change
// before it, each document and the revision row a hash of their own, and the revision row
// the sum of all documents' hashes: bits that flip at rest are noticed and named.
//
// What readers of private feeds fetch is counted beside all that, by [Store.AddReads].
//
// [Store.Backup] copies the log, from which every document follows, in a form that both
// engines restore.
package store
