package cycle

// Notice is a dated statement that the kind of a month differs from the rule's.
type Notice struct {
	// Track and Month are what the notice is about.
	Track string
	Month Month
	// Kind is what the month is, or will be.
	Kind Kind
	// KnownOn is the day on which it was seen; never zero.
	KnownOn Date
	// PlanSeenOn is the last day on which the source was seen to still tell the rule's kind; zero where
	// nobody looked before.
	PlanSeenOn Date
	// Reason tells why, or that no reason was given.
	Reason string
	// Source is the address of the page that said so.
	Source string
	// Earlier are the earlier notices about the same month, each without an Earlier of its own.
	Earlier []Notice
}

// Statements returns the notices and their earlier ones as one flat list.
func Statements(notices []Notice) []Notice {
	var all []Notice
	for _, n := range notices {
		all = append(all, n.Earlier...)
		n.Earlier = nil
		all = append(all, n)
	}
	return all
}

// ID returns the id that is unique among the notices of all tracks: the track, a dot and the month.
func (n Notice) ID() string { return n.Track + "." + n.Month.String() }

// CheckNotice returns an [*InvalidError] for a notice that can't be one of the track's: the first of its
// [Track.NoticeFaults].
func (t Track) CheckNotice(n Notice) error { return first(t.NoticeFaults(n)) }

// NoticeFaults returns an [*InvalidError] for each thing because of which a notice can't be one of the track's.
func (t Track) NoticeFaults(n Notice) []error {
	var found []error
	if n.Track != t.ID {
		found = append(found, invalid("track", n.Track, t.ID))
	}
	found = append(found, t.monthFaults(n.Month)...)
	if n.Kind.String() == "" {
		found = append(found, invalid("kind", "", "baseline or hotpatch"))
	}
	if n.KnownOn.IsZero() {
		found = append(found, invalid("known_on", "", "the day on which the notice became known"))
	}
	if n.PlanSeenOn.After(n.KnownOn) {
		found = append(found, invalid("plan_seen_on", n.PlanSeenOn.String(), "a day before the notice became known, "+n.KnownOn.String()))
	}
	return found
}
