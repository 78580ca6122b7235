package cycle

// Facts are everything known about one track: its rule, its releases and its notices, each of these with
// the day on which it became known.
type Facts struct {
	Track    Track
	Releases []Release
	Notices  []Notice
	// Editions tell when people last changed or withdrew facts of a month, as numbers that only grow.
	// The edition of the zero Month counts for every month.
	Editions map[Month]int64
}

// KnownUntil returns the day of the newest fact known on asOf, or the zero Date.
func (f Facts) KnownUntil(asOf Date) Date { return knownUntil(f.Releases, Statements(f.Notices), asOf) }

// knownUntil returns the day of the newest of these facts known on asOf.
func knownUntil(releases []Release, notices []Notice, asOf Date) Date {
	var newest Date
	see := func(known Date) {
		if !known.After(asOf) && known.After(newest) {
			newest = known
		}
	}
	for _, r := range releases {
		see(r.KnownOn)
	}
	for _, n := range notices {
		see(n.KnownOn)
	}
	return newest
}
