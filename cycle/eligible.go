package cycle

import (
	"slices"
	"strconv"
	"strings"
)

// Outcome says whether a requirement is met. The zero Outcome is unknown.
type Outcome int

// The outcomes of a requirement.
const (
	Unknown Outcome = iota // too little is known about the device
	Met
	NotMet
)

// String returns "unknown", "met" or "not_met".
func (o Outcome) String() string { return [...]string{"unknown", "met", "not_met"}[o] }

// Finding is a requirement held against a candidate.
type Finding struct {
	Requirement
	Outcome Outcome
	Want    string // what would meet the requirement
	Have    string // what the device has; "" where nobody knows
}

// Verdict returns whether a device can have hotpatches: [Met] if every requirement is met, [NotMet] if one
// is not, else [Unknown], also where there is no requirement at all.
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

// Judge holds a candidate against the requirements that were in force for the track on the day of the
// schedule, in their order. Requirements for other devices are left out. For a candidate that is
// another product the only finding is the one that says so.
func (s Schedule) Judge(c Candidate, all []Requirement) []Finding {
	var list []Finding
	for _, r := range all {
		if !r.holds(s.Track().ID, s.AsOf()) {
			continue
		}
		f := Finding{Requirement: r, Have: c[r.Trait], Want: r.want()}
		if r.Trait == TraitVersion && f.Have == "" {
			f.Have = s.versionWith(c[TraitBuild], r)
		}
		if r.Trait == TraitBaseline {
			s.judgeBaseline(&f, c)
		} else {
			f.Outcome = r.judge(f.Have)
		}
		switch applies := r.When.judge(c); {
		case applies == NotMet:
			continue
		case applies == Unknown && f.Outcome == NotMet:
			f.Outcome = Unknown // the requirement may not apply to this device
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
	among := func(values []string) bool {
		return slices.ContainsFunc(values, func(v string) bool { return have == v || r.Trait == TraitBuild && atLeast(have, v) })
	}
	switch {
	case have == "" || among(r.Unclear):
		return Unknown
	case among(r.Values):
		return Met
	}
	return NotMet
}

// atLeast reports whether a build has the branch of another and is not older.
func atLeast(build, least string) bool {
	branch, revision := splitBuild(build)
	wanted, from := splitBuild(least)
	return branch == wanted && revision >= from
}

func splitBuild(build string) (branch string, revision int) {
	branch, rest, _ := strings.Cut(build, ".")
	revision, _ = strconv.Atoi(rest) // the form of the build was checked before
	return branch, revision
}

// want says what meets the requirement. For a baseline, judgeBaseline says it instead.
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

// versionWith returns the version of Windows that a build belongs to, or "" where that can't be told. All
// builds of the track's branch have one version: the one that the track requires, if it requires just one.
func (s Schedule) versionWith(text string, r Requirement) string {
	build, err := ParseBuild(text)
	if err != nil || !s.Track().Fits(build) || len(r.Values) != 1 {
		return ""
	}
	return r.Values[0]
}

// judgeBaseline compares the candidate's baseline with the newest one that is known to be released and with
// the newest one by plan. They differ where no release is known although its day has passed. Where the
// candidate's build tells its baseline, that wins over the baseline that was stated.
func (s Schedule) judgeBaseline(f *Finding, c Candidate) {
	released, planned := s.newestBaselines()
	told, _ := ParseMonth(f.Have) // the zero Month where none was stated
	f.Want = wantedBaseline(released, planned)
	if why := s.impossible(told); why != "" {
		f.Outcome, f.Have = NotMet, told.String()+", which "+why
		return
	}
	if planned.Month.IsZero() {
		return
	}
	have := told
	if seen, outcome, text := s.baselineWith(c[TraitBuild]); text != "" {
		have = seen
		switch {
		case !told.IsZero() && told != seen:
			f.Have = text + ", although " + told.String() + " was told"
		case outcome != Met:
			f.Have = text
		default:
			f.Have = seen.String()
		}
		if outcome != Met {
			f.Outcome = outcome
			return
		}
	}
	switch {
	case have.IsZero():
	case !have.Before(planned.Month):
		f.Outcome = Met
	case have.Before(released.Month):
		f.Outcome = NotMet
	}
}

func wantedBaseline(released, planned Milestone) string {
	switch {
	case planned.Month.IsZero():
		return Newest
	case planned.Month != released.Month:
		return planned.Month.String() + " or later (by the plan only)"
	}
	return planned.Month.String() + " or later"
}

// impossible says why no device can be on the baseline of that month, or "" where a device can.
func (s Schedule) impossible(told Month) string {
	switch i, _ := s.Milestone(told); {
	case told.IsZero():
		return ""
	case i.Kind != Baseline:
		return "is no baseline month of " + s.Track().Name
	case i.Date.After(s.AsOf()):
		return "had not come on " + s.AsOf().String()
	}
	return ""
}

// newestBaselines returns the newest baseline month that is known to be released, and the newest one by
// plan, of those whose day has come. Either is zero where there is none.
func (s Schedule) newestBaselines() (released, planned Milestone) {
	newest := s.AsOf().Month().AddMonths(1) // an update may come some days before its month
	for n := range s.Track().FirstMonth.MonthsUntil(newest) + 1 {
		i, _ := s.Milestone(newest.AddMonths(-n))
		if i.Kind != Baseline || i.Date.After(s.AsOf()) {
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

// baselineWith returns the baseline month that a build belongs to, and the same in words, "" where the build
// tells nothing. Met means that the device is on the baseline of that month, NotMet that it is certainly not
// on the newest one, and Unknown that it may have left the cycle.
func (s Schedule) baselineWith(text string) (Month, Outcome, string) {
	build, err := ParseBuild(text)
	if err != nil || !s.Track().Fits(build) {
		return Month{}, Unknown, ""
	}
	st := s.Place(build, s.Track().Rule.At(s.AsOf()))
	text = "build " + text
	switch on, off := sides(st.Releases); {
	case on != nil && off != nil:
		return st.BaselineMonth, Unknown, text + ", which a standard cumulative update has as well"
	case on != nil && !st.BaselineMonth.IsZero():
		return st.BaselineMonth, Met, st.BaselineMonth.String() + " by " + text
	case off != nil:
		return st.BaselineMonth, NotMet, text + ", a standard cumulative update: off the cycle until the next baseline"
	case st.NextRestarts: // older than a baseline
		return Month{}, NotMet, text
	}
	return Month{}, Unknown, ""
}
