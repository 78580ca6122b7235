package cycle

// Notice is a dated statement that the kind of a month differs from the rule's.
type Notice struct {
	// Track and Month are what it speaks of.
	Track string
	Month Month
	// Kind is what the month is, or will be.
	Kind Kind
	// KnownOn is the day on which it was seen; never zero.
	KnownOn Date
	// PlanSeenOn is the last day on which the source was seen to tell the rule's
	// kind still; zero where nobody looked before.
	PlanSeenOn Date
	// Reason tells why, or that no reason was given.
	Reason string
	// Source is the address of the page that said so.
	Source string
	// Earlier are what was said of the month before, each without an Earlier of its own.
	Earlier []Notice
}

// Statements returns notices and what was said before them, each by itself.
func Statements(notices []Notice) []Notice {
	var all []Notice
	for _, n := range notices {
		all = append(all, n.Earlier...)
		n.Earlier = nil
		all = append(all, n)
	}
	return all
}

// ID returns what the notice is called among all tracks': its track, a dot and its month.
func (n Notice) ID() string { return n.Track + "." + n.Month.String() }

// CheckNotice returns an [*InvalidError] for a notice that can't be one of the track's.
func (t Track) CheckNotice(n Notice) error {
	if n.Track != t.ID {
		return invalid("track", n.Track, t.ID)
	}
	if err := t.checkMonth(n.Month); err != nil {
		return err
	}
	switch {
	case n.Kind.String() == "":
		return invalid("kind", "", "baseline or hotpatch")
	case n.KnownOn.IsZero():
		return invalid("known_on", "", "the day on which the notice became known")
	case n.PlanSeenOn.After(n.KnownOn):
		return invalid("plan_seen_on", n.PlanSeenOn.String(), "a day before the notice became known, "+n.KnownOn.String())
	}
	return nil
}
