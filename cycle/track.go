package cycle

import (
	"regexp"
	"strconv"
	"strings"
)

// Track is one product that follows a cycle of its own. Products do not move
// together: a month may be a baseline on one track and a hotpatch on another.
type Track struct {
	// ID names the track in URLs and UIDs: 1 to 64 of a-z, 0-9 and "-".
	ID string
	// Name is the product's name as people write it.
	Name string
	// Branch is the first part of the product's builds, "26100"; "" where its
	// releases have no such builds.
	Branch string
	// FirstMonth is the first month on the track.
	FirstMonth Month
	// LastMonth is the last month on the track; the zero Month means that no end is
	// known.
	LastMonth Month
	// Rule is the plan.
	Rule Rule
	// Note tells in a sentence what else a reader should know, or "".
	Note string
}

// Has reports whether that month lies on the track.
func (t Track) Has(m Month) bool {
	return !m.Before(t.FirstMonth) && (t.LastMonth.IsZero() || !m.After(t.LastMonth))
}

// Check returns an [*InvalidError] for a track that can't be: an id of another
// form, no first month, an end before it, an offset of more than four weeks.
func (t Track) Check() error {
	switch {
	case !ValidID(t.ID):
		return invalid("track", t.ID, "1 to 64 of a-z, 0-9 and -")
	case t.FirstMonth.IsZero():
		return invalid("first_month", "", "YYYY-MM")
	case !t.LastMonth.IsZero() && t.LastMonth.Before(t.FirstMonth):
		return invalid("last_month", t.LastMonth.String(), "a month from "+t.FirstMonth.String()+" on, or nothing")
	case t.Rule.Zone == nil:
		return invalid("time_zone", "", "an IANA name")
	case t.Rule.OffsetDays < -28 || t.Rule.OffsetDays > 28:
		// more would let a month's update come after that of the next but one
		return invalid("offset_days", strconv.Itoa(t.Rule.OffsetDays), "-28 to 28")
	}
	return nil
}

// ValidID reports whether s can name a track or a ring: 1 to 64 of a-z, 0-9 and "-".
func ValidID(s string) bool {
	const most = 64
	if s == "" || len(s) > most {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) < 0
}

// Release is one update of one track, as far as it is known. Values that
// nobody knows are zero.
type Release struct {
	// Track is the id of its track.
	Track string
	// Month is the month of its label, which may differ from that of Date. A
	// component update belongs to none.
	Month Month
	// KB is the number of its article, "KB5061258".
	KB string
	// Build is the OS build that it installs, "26100.3983".
	Build string
	// Type is what sort of update it is.
	Type ReleaseType
	// OutOfBand marks a release outside the monthly rhythm.
	OutOfBand bool
	// Restart says whether it restarts the machine that installs it.
	Restart Restart
	// Date is the day on which it came, in the zone of the track's rule.
	Date Date
	// KnownOn is the day on which it became known, in the same zone; never zero.
	KnownOn Date
	// Title is that of its article.
	Title string
	// URL is that of its article.
	URL string
	// Confidence tells what the fact rests on: "primary" for a page of Microsoft's that
	// was seen, "secondary" for anything else.
	Confidence string
	// Sources are the ids of what the fact was read in, parted by spaces.
	Sources string
	// Note is what else a reader should know.
	Note string
}

// ID returns what the release is called among all tracks': its track, a dot and
// its KB, or its month where it has no KB.
func (r Release) ID() string {
	if r.KB == "" {
		return r.Track + "." + r.Month.String()
	}
	return r.Track + "." + strings.ToLower(r.KB)
}

// What returns what the release is in words, such as "out-of-band cumulative update".
func (r Release) What() string {
	what := r.Type.String()
	if r.Type == TypeCumulative || r.Type == TypeComponent {
		what += " update"
	}
	if r.OutOfBand {
		return "out-of-band " + what
	}
	return what
}

// OnCycle reports whether the release is meant for devices that follow the
// cycle: everything but the standard cumulative updates.
func (r Release) OnCycle() bool { return r.Type != TypeCumulative }

// RestartsCycle reports whether the release restarts a device that follows the cycle.
func (r Release) RestartsCycle() bool { return r.OnCycle() && r.Restart == RestartNeeded }

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

var (
	kbForm    = regexp.MustCompile(`^KB[0-9]{6,8}$`)
	buildForm = regexp.MustCompile(`^([0-9]{5})\.[0-9]{1,5}$`)
)

// CheckRelease returns an [*InvalidError] for a release that can't be one of the
// track's: another track's, a KB or build of another form, a build of another
// branch, a date far from its month, a kind that its restart contradicts.
func (t Track) CheckRelease(r Release) error {
	switch build := buildForm.FindStringSubmatch(r.Build); {
	case r.Track != t.ID:
		return invalid("track", r.Track, t.ID)
	case r.KB != "" && !kbForm.MatchString(r.KB):
		return invalid("KB", r.KB, "KB and 6 to 8 digits, such as KB5061258")
	case r.Build != "" && build == nil:
		return invalid("build", r.Build, "BRANCH.REVISION, such as 26100.3983")
	case r.Build != "" && t.Branch != "" && build[1] != t.Branch:
		return invalid("build", r.Build, "a build of the track's branch "+t.Branch)
	case r.Type.String() == "":
		return invalid("release type", "", "baseline, hotpatch, cumulative or component")
	case r.KnownOn.IsZero():
		return invalid("known_on", "", "the day on which the release became known")
	case r.Month.IsZero() && r.Type != TypeComponent:
		return invalid("month", "", "the month of the release's label")
	case r.Month.IsZero() && r.KB == "":
		return invalid("KB", "", "a KB for a release that has no month")
	case r.Type == TypeBaseline && r.Restart == RestartNotNeeded:
		return invalid("restart", r.Restart.String(), "true or nothing: a baseline restarts")
	case r.Type == TypeHotpatch && r.Restart == RestartNeeded:
		return invalid("restart", r.Restart.String(), "false or nothing: a hotpatch does not restart")
	}
	return t.checkDays(r)
}

// slack is how far the date of a release may lie outside the month of its label:
// Microsoft labelled the update of 2026-03-02 as "2026-02".
const slack = 14

func (t Track) checkDays(r Release) error {
	if r.Month.IsZero() {
		return nil
	}
	if !t.Has(r.Month) {
		return invalid("month", r.Month.String(), "a month on the track, which begins in "+t.FirstMonth.String()+
			" and ends "+endOf(t.LastMonth))
	}
	if r.Date.IsZero() {
		return nil
	}
	if r.Date.Before(r.Month.Day(1).AddDays(-slack)) || r.Date.After(r.Month.Last().AddDays(slack)) {
		return invalid("release date", r.Date.String(), "a day in "+r.Month.String()+" or at most 14 days outside it")
	}
	return nil
}

func endOf(last Month) string {
	if last.IsZero() {
		return "never"
	}
	return "with " + last.String()
}

// CheckNotice returns an [*InvalidError] for a notice that can't be one of the track's.
func (t Track) CheckNotice(n Notice) error {
	switch {
	case n.Track != t.ID:
		return invalid("track", n.Track, t.ID)
	case !t.Has(n.Month):
		return invalid("month", n.Month.String(), "a month on the track, which begins in "+t.FirstMonth.String()+
			" and ends "+endOf(t.LastMonth))
	case n.Kind.String() == "":
		return invalid("kind", "", "baseline or hotpatch")
	case n.KnownOn.IsZero():
		return invalid("known_on", "", "the day on which the notice became known")
	case n.PlanSeenOn.After(n.KnownOn):
		return invalid("plan_seen_on", n.PlanSeenOn.String(), "a day before the notice became known, "+n.KnownOn.String())
	}
	return nil
}
