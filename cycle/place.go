package cycle

import (
	"cmp"
	"slices"
	"time"
)

// Place is where a build stands on a track's cycle.
type Place uint8

const (
	// PlaceUnknown is a build that no known release has.
	PlaceUnknown Place = iota
	// Current is the newest baseline, or the newest hotpatch on it.
	Current
	// Behind is on the newest baseline, but a hotpatch is missing: catching up needs no restart.
	// Out-of-band hotpatches count, as devices are offered them like the others. Component
	// updates do not: they are for machines that have the component.
	Behind
	// BaselineDue is an older baseline, or any update built on it: the next update restarts.
	BaselineDue
	// OffCycle is a standard cumulative update newer than the newest baseline: the device gets standard
	// updates, which restart, until the next baseline month.
	OffCycle
	// Ambiguous is a build that two releases share, one on the cycle and one off it.
	Ambiguous
)

// String returns "unknown", "current", "behind", "baseline-due", "off-cycle" or "ambiguous".
func (p Place) String() string {
	return name([]string{"unknown", "current", "behind", "baseline-due", "off-cycle", "ambiguous"}, int(p))
}

// Standing is what a build means on a track at an instant, by what was known on the schedule's day.
type Standing struct {
	Build Build
	Place Place
	// Releases are the releases that have the build, oldest first.
	Releases []Release
	// Month is the month of the release, and BaselineMonth the month of the baseline that the release is
	// built on; zero where unknown.
	Month, BaselineMonth Month
	// Before and After are the releases with the next lower and the next higher build, where no release
	// has this one; zero where there is none.
	Before, After Release
	// Next is the update that the device takes next; zero where that can't be told, or none
	// comes. Where it is another release than its month's own, such as an out-of-band one,
	// Date, At and Update are those of that release. A device that is behind, due or off the cycle may
	// take the update at once: then its day has passed.
	Next Milestone
	// NextRestarts says whether the device certainly restarts for Next. It is false where the build does
	// not tell.
	NextRestarts bool
	// NextRestart is the next update for which the device certainly restarts; zero where none is known.
	NextRestart Milestone
	// Note says what else a reader should know, or "".
	Note string
}

// Place returns what a build means at an instant. A month is in force from the hour of its release on.
// Where that hour has passed but no release is known, the plan counts, and the note says so. A build
// whose release is still to come is judged as of that release.
//
// A device that is not on the newest baseline takes that first, and then its hotpatches, as Windows
// Autopatch does: https://learn.microsoft.com/windows/deployment/windows-autopatch/manage/windows-autopatch-hotpatch-updates
func (s Schedule) Place(b Build, at time.Time) Standing {
	st := Standing{Build: b}
	if !s.track.Fits(b) {
		st.Note = "No build of " + s.track.Name
		return st
	}
	all := s.withBuild(b)
	if len(all) > 0 {
		if came := s.track.Rule.At(s.dayOf(&all[0])); came.After(at) {
			at = came
		}
	}
	v := s.look(at)
	st.Releases = slices.DeleteFunc(all, func(r Release) bool { return !v.came(&r) })
	on, off := sides(st.Releases)
	switch {
	case on != nil && off != nil:
		v.placeBoth(&st, on, off)
	case on != nil:
		v.placeOn(&st, on)
	case off != nil:
		v.placeOff(&st, off)
	default:
		v.placeUnknown(&st)
	}
	return st
}

// sides returns, of the releases with one build, the one that is on the cycle and the one that is off it.
// A component update counts as on the cycle where no other release is, and it has a month.
func sides(releases []Release) (on, off *Release) {
	for i := range releases {
		switch r := &releases[i]; {
		case r.Type == TypeCumulative:
			off = r
		case r.Type != TypeComponent:
			on = r
		case on == nil && !r.Month.IsZero():
			on = r
		}
	}
	return on, off
}

// placeOn places a device that has a release on the cycle.
func (v *vantage) placeOn(st *Standing, r *Release) {
	st.Month, st.BaselineMonth = r.Month, v.baselineOf(r)
	if st.BaselineMonth.Before(v.now.BaselineMonth) {
		v.placeDue(st)
		return
	}
	st.NextRestart = v.restart()
	missing, again := v.newest(TypeHotpatch, st.Build), v.newest(TypeBaseline, st.Build)
	switch {
	case again != nil: // a month may have two
		st.Place, st.Next, st.NextRestarts, st.Note = BaselineDue, v.with(again), true, cmp.Or(again.KB, "a baseline")+" is missing"
		st.NextRestart = st.Next
	case missing != nil:
		st.Place, st.Note = Behind, cmp.Or(missing.KB, "a hotpatch")+" is missing"
		st.Next = v.with(missing)
	case v.now.Update.Build == "" && v.now.Month.After(r.Month): // a hotpatch month, as the baseline is the same
		st.Place, st.Next, st.Note = Behind, v.now, byPlan(v.now.Month)
	default:
		next := v.coming()
		st.Place, st.Next, st.NextRestarts, st.Note = Current, next, next.Kind == Baseline, v.ended(next)
	}
}

// placeOff places a device that has a standard cumulative update.
func (v *vantage) placeOff(st *Standing, r *Release) {
	st.Month, st.BaselineMonth = r.Month, v.baselineOf(r)
	if st.BaselineMonth.Before(v.now.BaselineMonth) {
		v.placeDue(st)
		return
	}
	next := v.coming()
	st.Place, st.Next = OffCycle, next
	if newer := v.newest(TypeCumulative, st.Build); newer != nil {
		st.Next = v.with(newer)
	} else if v.now.Month.After(r.Month) {
		st.Next = v.now
	}
	st.NextRestarts, st.NextRestart = !st.Next.Month.IsZero(), st.Next
	st.Note = v.ended(next)
	if back := v.restart(); !back.Month.IsZero() {
		st.Note = "Standard updates with restarts until the baseline of " + back.Month.String()
	}
}

// placeDue places a device that is not on the newest baseline.
func (v *vantage) placeDue(st *Standing) {
	st.Place, st.NextRestarts = BaselineDue, true
	st.Next, _ = v.Milestone(v.now.BaselineMonth)
	st.NextRestart = st.Next
	if st.Next.Update.Type != 0 {
		return
	}
	st.Note = byPlan(st.Next.Month)
	if known := v.knownBaseline(); st.BaselineMonth.Before(known) {
		st.Note = "Due since the baseline of " + known.String() + " at the latest; no release of " + st.Next.Month.String() + " is known"
	}
}

// placeBoth places a device of which the build does not tell whether it is on the cycle.
func (v *vantage) placeBoth(st *Standing, on, off *Release) {
	a, b := *st, *st
	v.placeOn(&a, on)
	v.placeOff(&b, off)
	st.Place, st.NextRestart = Ambiguous, a.NextRestart
	if a.Next.Month == b.Next.Month {
		st.Next, st.NextRestarts = a.Next, a.NextRestarts // off the cycle every update restarts
		if b.Next.At.After(a.Next.At) {                   // whichever release the device has, its update has come by then
			st.Next = b.Next
		}
	}
	if a.Month == b.Month {
		st.Month = a.Month
	}
	if a.BaselineMonth == b.BaselineMonth {
		st.BaselineMonth = a.BaselineMonth
	}
	st.Note = "Two packages have this build: " + off.KB + ", the " + off.What() + " (" + b.Place.String() + "), and " +
		on.KB + ", the " + on.What() + " (" + a.Place.String() + "). The device's list of installed updates tells which it has"
}

// placeUnknown finds the neighbours of a build that no release has. A build older than a released baseline
// restarts next, whatever it is.
func (v *vantage) placeUnknown(st *Standing) {
	st.NextRestart = v.restart()
	before, after := -1, -1
	for i, n := range v.revisions {
		r := &v.releases[i]
		switch {
		case n < st.Build.Revision && n > before:
			before, st.Before = n, *r
		case n > st.Build.Revision && (after < 0 || n < after):
			after, st.After = n, *r
		}
		if n > st.Build.Revision && r.Type == TypeBaseline && v.came(r) {
			st.NextRestarts = true
		}
	}
	st.Note = "No release with this build is known; " + neighbours(st.Before, st.After)
	if st.NextRestarts {
		st.Next, _ = v.Milestone(v.now.BaselineMonth)
		st.NextRestart = st.Next
		st.Note += ". It is older than a baseline: the next update restarts"
	}
}

func neighbours(before, after Release) string {
	tell := func(r Release) string {
		s := r.Build + " (" + r.What()
		if r.KB != "" {
			s += " " + r.KB
		}
		return s + ")"
	}
	switch {
	case before.Build == "" && after.Build == "":
		return "nor is any other"
	case before.Build == "":
		return "it comes before the oldest, " + tell(after)
	case after.Build == "":
		return "it comes after the newest, " + tell(before)
	}
	return "it lies between " + tell(before) + " and " + tell(after)
}

func byPlan(m Month) string { return "By the plan: no release of " + m.String() + " is known" }

// ended says that no update comes, where the next one is none.
func (v *vantage) ended(next Milestone) string {
	if !next.Month.IsZero() {
		return ""
	}
	return "No update comes after " + v.track.LastMonth.String()
}
