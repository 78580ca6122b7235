package metrics

import "time"

// Snapshot is what a scrape tells about the data that is being served. Zero times are left out.
type Snapshot struct {
	Revision int64
	// Compiled is when the data was made of what is stored, and Compiling how long that took.
	Compiled  time.Time
	Compiling time.Duration
	Documents []Documents
	Tracks    []Track

	Cache Cache

	// Confirmed is when the revision was last known to be the newest that is stored.
	Confirmed time.Time
	// Unavailable says that Confirmed is too long ago, and ReadOnly that the last write failed.
	Unavailable, ReadOnly bool
	// LeftOut counts what is stored but can't be served.
	LeftOut int

	// Sources are the pages that are fetched.
	Sources []Source
	// Notifications are what receivers were told since the program started.
	Notifications []Notification
}

// Cache is what a scrape tells of finished answers: those that are kept, with the memory that they take,
// and how often one was there already, had to be made, or was dropped to make room; and of requests for which
// something is to be made: those that wait for it, and those that waited in vain.
type Cache struct {
	Answers, Bytes                            int
	Hits, Misses, Evictions, Waiting, Refused int64
}

// Documents counts those of one kind.
type Documents struct {
	Kind  string
	Count int
}

// Track is what a scrape tells of one track.
type Track struct {
	ID           string
	NextRestart  time.Time
	NextHotpatch time.Time
	KnownUntil   time.Time
	Months       []Month
}

// Month is what a scrape tells of one month of a track.
type Month struct {
	Month, Kind, PlannedKind, Status string
	// At is when its update came, or comes.
	At time.Time
}

// Notification counts the messages for one receiver with one result. The name of the receiver has no secret
// in it.
type Notification struct {
	Receiver, Result string
	Count            int64
}

// Source is what a scrape tells of a page that is fetched.
type Source struct {
	ID string
	// Checked is when it was last read.
	Checked time.Time
	// Failures counts the attempts to read it since.
	Failures int
	// Incomplete says that part of it could not be read, such as a product that this version does not know.
	Incomplete bool
}
