package cycle

import (
	"slices"
	"strconv"
	"strings"
)

// Outcome says whether a requirement is met.
type Outcome int

// The outcomes of a requirement.
const (
	Unknown Outcome = iota
	Met
	NotMet
)

// String returns "unknown", "met" or "not_met".
func (o Outcome) String() string { return [...]string{"unknown", "met", "not_met"}[o] }

// Finding is what came of one requirement.
type Finding struct {
	Requirement
	Outcome Outcome
	Want    string // what would meet it
	Have    string // what the device has; "" where nobody knows
}

// Verdict returns whether a device can have hotpatches: Met if each requirement is met, NotMet if one
// is not, else Unknown. With no requirement at all nobody knows.
func Verdict(findings []Finding) Outcome {
	verdict := Met
	for _, f := range findings {
		switch f.Outcome {
		case NotMet:
			return NotMet
		case Unknown:
			verdict = Unknown
		case Met:
		}
	}
	if len(findings) == 0 {
		return Unknown
	}
	return verdict
}

// Judge holds a candidate to those of the requirements that were in force for the track on the day of the
// schedule, in their order. Those for other devices are left out; of a candidate that is another
// product, so are all but the one that says so.
func (s Schedule) Judge(c Candidate, all []Requirement) []Finding {
	var list []Finding
	for _, r := range all {
		if !r.holds(s.Track().ID, s.AsOf()) {
			continue
		}
		f := Finding{Requirement: r, Have: c[r.Trait], Want: r.want()}
		if r.Trait == TraitBaseline {
			s.judgeBaseline(&f, c)
		} else {
			f.Outcome = r.judge(f.Have)
		}
		switch applies := r.When.judge(c); {
		case applies == NotMet:
			continue
		case applies == Unknown && f.Outcome == NotMet:
			f.Outcome = Unknown // it may not be for this device
		}
		if r.Trait == TraitProduct && f.Outcome == NotMet {
			return []Finding{f}
		}
		list = append(list, f)
	}
	return list
}

func (r Requirement) holds(track string, day Date) bool {
	return slices.Contains(r.Tracks, track) && !day.Before(r.From) && (r.Until.IsZero() || !day.After(r.Until))
}

func (c Condition) judge(candidate Candidate) Outcome {
	have := candidate[c.Trait]
	switch {
	case c.Trait == "" || slices.Contains(c.Values, have):
		return Met
	case have == "":
		return Unknown
	}
	return NotMet
}

func (r Requirement) judge(have string) Outcome {
	switch {
	case have == "" || slices.Contains(r.Unclear, have):
		return Unknown
	case r.Trait == TraitBuild && atLeast(have, r.Values[0]), slices.Contains(r.Values, have):
		return Met
	}
	return NotMet
}

// atLeast reports whether a build is of the same branch and no older.
func atLeast(build, least string) bool {
	branch, revision := splitBuild(build)
	wanted, from := splitBuild(least)
	return branch == wanted && revision >= from
}

func splitBuild(build string) (branch string, revision int) {
	branch, rest, _ := strings.Cut(build, ".")
	revision, _ = strconv.Atoi(rest) // a build was checked for its form
	return branch, revision
}

// want says what meets the requirement. A baseline's is the schedule's to say.
func (r Requirement) want() string {
	if r.Trait != TraitBuild {
		return strings.Join(r.Values, ", ")
	}
	branch, revision := splitBuild(r.Values[0])
	if revision == 0 {
		return "a build of branch " + branch
	}
	return r.Values[0] + " or later"
}

// judgeBaseline compares with the newest baseline that is known to be released, and with the newest by plan:
// they differ where no release is known although the day has passed.
func (s Schedule) judgeBaseline(f *Finding, c Candidate) {
	released, planned := s.newestBaselines()
	f.Want = planned.Month.String() + " or later"
	switch {
	case planned.Month.IsZero():
		f.Want = Newest
		return
	case planned.Month != released.Month:
		f.Want += " (by the plan only)"
	}
	have, _ := ParseMonth(f.Have) // the zero month where nobody knows
	build := c[TraitBuild]
	if have.IsZero() && build != "" {
		have = s.baselineWith(build)
		f.Have = have.String()
	}
	switch {
	case !have.IsZero() && !have.Before(planned.Month):
		f.Outcome = Met
	case !have.IsZero() && have.Before(released.Month):
		f.Outcome = NotMet
	case have.IsZero() && older(build, released.Update.Build):
		f.Outcome, f.Have = NotMet, "build "+build
	}
}

// older reports whether a build is of the same branch as the baseline's, but comes before it.
func older(build, baseline string) bool {
	branch, revision := splitBuild(build)
	wanted, from := splitBuild(baseline)
	return build != "" && branch == wanted && revision < from
}

// newestBaselines returns the newest baseline month that is known to be released, and the newest at all, as
// far as their day has come.
func (s Schedule) newestBaselines() (released, planned Milestone) {
	for m := s.AsOf().Month(); !m.Before(s.Track().FirstMonth); m = m.AddMonths(-1) {
		i, ok := s.Milestone(m)
		if !ok || i.Kind != Baseline || i.Date.After(s.AsOf()) {
			continue
		}
		if planned.Month.IsZero() {
			planned = i
		}
		if i.Status == Released {
			return i, planned
		}
	}
	return released, planned
}

// baselineWith returns the month of the baseline that is that very build, else the zero Month: a later
// build may be one that leaves the cycle.
func (s Schedule) baselineWith(build string) Month {
	for _, r := range s.Releases() {
		if r.Type == TypeBaseline && r.Build == build {
			return r.Month
		}
	}
	return Month{}
}
