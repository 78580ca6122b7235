package cycle

import (
	"regexp"
	"strings"
)

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
	// Sources are the ids of the sources in which the fact was read, separated by spaces.
	Sources string
	// Note is what else a reader should know.
	Note string
}

// ID returns the id that is unique among the releases of all tracks: the track, a dot and the KB, or the
// month where there is no KB.
func (r Release) ID() string {
	if r.KB == "" {
		return r.Track + "." + r.Month.String()
	}
	return r.Track + "." + strings.ToLower(r.KB)
}

// What returns in words what sort of release it is, such as "out-of-band cumulative update".
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

// Restarts returns whether the release restarts a device that takes it: what is known of it, and that a baseline
// does.
func (r Release) Restarts() Restart {
	if r.Type == TypeBaseline {
		return RestartNeeded
	}
	return r.Restart
}

// RestartsCycle reports whether the release restarts a device that follows the cycle.
func (r Release) RestartsCycle() bool { return r.OnCycle() && r.Restarts() == RestartNeeded }

var (
	kbForm    = regexp.MustCompile(`^KB[0-9]{6,8}$`)
	buildForm = regexp.MustCompile(`^([0-9]{5})\.(?:0|[1-9][0-9]{0,4})$`) // no build has two spellings
)

// CheckRelease returns an [*InvalidError] for a release that can't be one of the
// track's: the first of its [Track.ReleaseFaults].
func (t Track) CheckRelease(r Release) error { return first(t.ReleaseFaults(r)) }

// ReleaseFaults returns an [*InvalidError] for each thing because of which a release can't be one of the
// track's: another track's, a KB or build of another form, a build of another branch, a date far from its
// month, a kind that its restart contradicts.
func (t Track) ReleaseFaults(r Release) []error {
	var found []error
	wrong := func(is bool, what, value, want string) {
		if is {
			found = append(found, invalid(what, value, want))
		}
	}
	formed := buildForm.MatchString(r.Build)
	wrong(r.Track != t.ID, "track", r.Track, t.ID)
	wrong(r.KB != "" && !kbForm.MatchString(r.KB), "KB", r.KB, "KB and 6 to 8 digits, such as KB5061258")
	wrong(r.Build != "" && !formed, "build", r.Build, "BRANCH.REVISION, such as 26100.3983")
	if formed && t.Branch != "" && !strings.HasPrefix(r.Build, t.Branch+".") {
		found = append(found, invalid("build", r.Build, "a build of the track's branch "+t.Branch))
	}
	wrong(r.Type.String() == "", "release type", "", "baseline, hotpatch, cumulative or component")
	wrong(r.KnownOn.IsZero(), "known_on", "", "the day on which the release became known")
	wrong(r.Month.IsZero() && r.Type != 0 && r.Type != TypeComponent, "month", "", "the month of the release's label")
	wrong(r.Month.IsZero() && r.KB == "", "KB", "", "a KB for a release that has no month")
	wrong(r.Type == TypeBaseline && r.Restart == RestartNotNeeded, "restart", r.Restart.String(), "true or nothing: a baseline restarts")
	wrong(r.Type == TypeHotpatch && r.Restart == RestartNeeded, "restart", r.Restart.String(), "false or nothing: a hotpatch does not restart")
	if !r.Month.IsZero() {
		found = append(found, t.monthFaults(r.Month)...)
		if !r.Date.IsZero() && (r.Date.Before(r.Month.Day(1).AddDays(-slack)) || r.Date.After(r.Month.Last().AddDays(slack))) {
			found = append(found, invalid("release date", r.Date.String(), "a day in "+r.Month.String()+" or at most 14 days outside it"))
		}
	}
	return found
}

// first returns the first of some errors, and nil where there is none.
func first(errs []error) error {
	if len(errs) == 0 {
		return nil
	}
	return errs[0]
}

// slack is how far the date of a release may lie outside the month of its label:
// Microsoft labelled the update of 2026-03-02 as "2026-02".
const slack = 14
