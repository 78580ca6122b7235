// Package store keeps the model at rest: documents by kind and id, and the log of
// every change to them, in SQLite ([OpenSQLite]) or in PostgreSQL ([OpenPostgres]).
//
// A document is opaque here: whoever writes it has checked it and has made its JSON
// canonical. The package never looks inside, has no clock and logs nothing.
//
// Each write is one transaction. It begins by locking the one revision row, so that revisions
// have no gaps and are in the order of commits. It ends when the disk has it: what was
// acknowledged survives a killed process and a power cut.
//
// The same transaction writes the log. Each change in the log carries the hash of the change
// before it; each document and the revision row carry their own hash; and the revision row carries
// the sum of all documents' hashes. So bits that flip at rest are noticed, and the document is named.
//
// Outside of all that are the fetches of private feeds, counted by [Store.AddReads], and the notes that programs
// leave each other, by [Store.SetNote].
//
// [Store.Backup] copies the log, from which every document follows, in a form that both
// engines restore.
package store
