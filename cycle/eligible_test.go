package cycle_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

func TestTraitParse(t *testing.T) {
	for _, tt := range []struct{ trait, value, want string }{ // want "": refused
		{"product", "Windows-11", "windows-11"},
		{"product", "windows 11", ""},
		{"product", "", ""},
		{"version", "24h2", "24H2"},
		{"version", "1809", "1809"},
		{"version", "24H3", ""},
		{"build", "26100.4929", "26100.4929"},
		{"build", "26100", ""},
		{"build", "26100.04929", ""},
		{"build", "10.0.26100.4929", ""},
		{"vbs", "TRUE", "true"},
		{"vbs", "1", ""},
		{"baseline", "2026-07", "2026-07"},
		{"baseline", "newest", ""},
	} {
		trait, ok := cycle.TraitOf(tt.trait)
		if !ok {
			t.Fatalf("TraitOf(%q) is not there", tt.trait)
		}
		got, err := trait.Parse(tt.value)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: Parse(%q) = %q, %v, want %q", tt.trait, tt.value, got, err, tt.want)
		}
		if _, invalid := errors.AsType[*cycle.InvalidError](err); err != nil && !invalid {
			t.Errorf("%s: Parse(%q): %v, want an *InvalidError", tt.trait, tt.value, err)
		}
	}
	if _, ok := cycle.TraitOf("colour"); ok {
		t.Error("TraitOf(colour) is there, want none")
	}
}

// Each trait has an example that is right, and tells what it is.
func TestTraits(t *testing.T) {
	for _, trait := range cycle.Traits() {
		if got, err := trait.Parse(trait.Example); err != nil || got != trait.Example || trait.About == "" {
			t.Errorf("%s: Parse(%q) = %q, %v, about %q", trait.Name, trait.Example, got, err, trait.About)
		}
	}
}

// One requirement not met decides; else one not known leaves it unknown.
func TestVerdict(t *testing.T) {
	for _, tt := range []struct {
		outcomes []cycle.Outcome
		want     cycle.Outcome
	}{
		{nil, cycle.Unknown},
		{[]cycle.Outcome{cycle.Met, cycle.Met}, cycle.Met},
		{[]cycle.Outcome{cycle.Met, cycle.Unknown}, cycle.Unknown},
		{[]cycle.Outcome{cycle.Unknown, cycle.NotMet, cycle.Met}, cycle.NotMet}, // whatever else is not known
	} {
		var findings []cycle.Finding
		for _, o := range tt.outcomes {
			findings = append(findings, cycle.Finding{Outcome: o})
		}
		if got := cycle.Verdict(findings); got != tt.want {
			t.Errorf("Verdict(%v) = %v, want %v", tt.outcomes, got, tt.want)
		}
	}
}

// needs are requirements of each sort.
func needs() []cycle.Requirement {
	list := []cycle.Requirement{
		{ID: "product", Trait: "product", Values: []string{"windows-11"}},
		{ID: "edition", Trait: "edition", Values: []string{"enterprise", "education"}, Unclear: []string{"pro"}},
		{ID: "build", Trait: "build", Values: []string{"26100.4929"}, When: cycle.Condition{Trait: "architecture", Values: []string{"arm64"}}},
		{ID: "vbs", Trait: "vbs", Values: []string{"true"}, From: cycle.DateOf(2026, 4, 1), Until: cycle.DateOf(2026, 8, 31)},
		{ID: "baseline", Trait: "baseline", Values: []string{cycle.Newest}},
	}
	for i := range list {
		list[i].Tracks, list[i].Text, list[i].How = []string{"t"}, "It is so.", "Make it so."
	}
	return append(list, cycle.Requirement{ID: "elsewhere", Tracks: []string{"u"}, Trait: "vbs", Values: []string{"false"}})
}

// judgedSchedule had baselines in April, build 26100.8000, and by plan in July.
func judgedSchedule(asOf string) cycle.Schedule {
	track, april := windows(), baseline("2026-04-14", "KB5000001")
	track.ID, track.FirstMonth = "t", month("2026-04")
	april.Track, april.Build = "t", "26100.8000"
	return cycle.Compile(cycle.Facts{Track: track, Releases: []cycle.Release{april}}, day(asOf))
}

// What each requirement comes to: "id+" is met, "id-" is not met, "id?" nobody knows, and
// what is not there is not required of such a device.
func TestJudge(t *testing.T) {
	const march, may, july, september = "2026-03-31", "2026-05-01", "2026-07-20", "2026-09-01"
	for _, tt := range []struct {
		asOf, candidate, want string
	}{
		{may, "", "product? edition? build? vbs? baseline?"},
		{may, "product=windows-11 edition=education architecture=x64 vbs=true baseline=2026-04", "product+ edition+ vbs+ baseline+"},
		{may, "product=windows-10 edition=education vbs=false", "product-"}, // the rest is beside the point
		{may, "edition=home", "product? edition- build? vbs? baseline?"},
		{may, "edition=pro", "product? edition? build? vbs? baseline?"}, // the sources don't say
		{may, "vbs=false", "product? edition? build? vbs- baseline?"},

		// A condition.
		{may, "architecture=arm64 build=26100.4929", "product? edition? build+ vbs? baseline-"},
		{may, "architecture=arm64 build=26100.4928", "product? edition? build- vbs? baseline-"},
		{may, "architecture=arm64 build=26200.9999", "product? edition? build- vbs? baseline?"}, // another branch
		{may, "architecture=arm64", "product? edition? build? vbs? baseline?"},
		{may, "build=26100.4928", "product? edition? build? vbs? baseline-"}, // it may be x64
		{may, "build=26100.4929", "product? edition? build+ vbs? baseline-"}, // good for both

		// Days.
		{march, "vbs=false", "product? edition? build? baseline?"},
		{september, "vbs=false", "product? edition? build? baseline?"},

		// The newest baseline, by month or by build.
		{may, "baseline=2026-03", "product? edition? build? vbs? baseline-"},
		{may, "build=26100.8000 architecture=x64", "product? edition? vbs? baseline+"},
		{may, "build=26100.8001 architecture=x64", "product? edition? vbs? baseline?"}, // perhaps off the cycle
		{may, "build=26100.7999 architecture=x64", "product? edition? vbs? baseline-"},
		{july, "baseline=2026-07", "product? edition? build? vbs? baseline+"},
		{july, "baseline=2026-04", "product? edition? build? vbs? baseline?"}, // no release of July is known
		{july, "baseline=2026-03", "product? edition? build? vbs? baseline-"},
		{july, "baseline=2026-05", "product? edition? build? vbs? baseline-"},                           // no baseline month
		{may, "baseline=2030-01", "product? edition? build? vbs? baseline-"},                            // not yet
		{may, "baseline=2026-04 build=26100.7999 architecture=x64", "product? edition? vbs? baseline-"}, // it can't be
		{march, "build=26100.8000 architecture=x64", "product? edition? baseline?"},                     // nothing had come yet
		{march, "baseline=2026-04", "product? edition? build? baseline-"},
	} {
		candidate := cycle.Candidate{}
		for pair := range strings.FieldsSeq(tt.candidate) {
			name, value, _ := strings.Cut(pair, "=")
			candidate[name] = value
		}
		var got []string
		for _, f := range judgedSchedule(tt.asOf).Judge(candidate, needs()) {
			got = append(got, f.ID+map[cycle.Outcome]string{cycle.Met: "+", cycle.NotMet: "-", cycle.Unknown: "?"}[f.Outcome])
		}
		if got := strings.Join(got, " "); got != tt.want {
			t.Errorf("as of %s, %q comes to %q, want %q", tt.asOf, tt.candidate, got, tt.want)
		}
	}
}

// Of a branch that the sources don't speak of, nobody knows.
func TestJudgeUnclearBuild(t *testing.T) {
	need := cycle.Requirement{ID: "build", Tracks: []string{"t"}, Trait: "build", Values: []string{"26200.0"}, Unclear: []string{"26300.100"}}
	for build, want := range map[string]cycle.Outcome{
		"26200.1": cycle.Met, "26300.100": cycle.Unknown, "26300.8700": cycle.Unknown, "26300.99": cycle.NotMet, "28000.100": cycle.NotMet,
	} {
		got := judgedSchedule("2026-05-01").Judge(cycle.Candidate{"build": build}, []cycle.Requirement{need})
		if len(got) != 1 || got[0].Outcome != want {
			t.Errorf("build %s comes to %v, want %v", build, got, want)
		}
	}
}

// What is wanted and what is there is said as people read it.
func TestJudgeWords(t *testing.T) {
	for _, tt := range []struct{ asOf, build, id, want, have string }{
		{"2026-05-01", "26100.8000", "build", "26100.4929 or later", "26100.8000"},
		{"2026-05-01", "26100.8000", "baseline", "2026-04 or later", "2026-04"},
		{"2026-05-01", "26100.7000", "baseline", "2026-04 or later", "build 26100.7000"},
		{"2026-07-20", "26100.9000", "baseline", "2026-07 or later (by the plan only)", ""},
		{"2026-03-20", "26100.9000", "baseline", "newest", ""},
		{"2026-05-01", "26100.8000", "edition", "enterprise, education", ""},
	} {
		for _, f := range judgedSchedule(tt.asOf).Judge(cycle.Candidate{"build": tt.build}, needs()) {
			if f.ID == tt.id && (f.Want != tt.want || f.Have != tt.have) {
				t.Errorf("as of %s, %s of %s: want %q, have %q, want %q and %q", tt.asOf, tt.id, tt.build, f.Want, f.Have, tt.want, tt.have)
			}
		}
	}
}

func TestRequirementCheck(t *testing.T) {
	right := cycle.Requirement{ID: "vbs", Trait: "vbs", Values: []string{"true"}, Text: "It runs.", How: "Start it."}
	if err := right.Check(); err != nil {
		t.Errorf("Check = %v, want nil", err)
	}
	for want, spoil := range map[string]func(*cycle.Requirement){
		`invalid id "V B S"`:           func(r *cycle.Requirement) { r.ID = "V B S" },
		`invalid trait "colour"`:       func(r *cycle.Requirement) { r.Trait = "colour" },
		`invalid values ""`:            func(r *cycle.Requirement) { r.Values = nil },
		`invalid vbs "yes"`:            func(r *cycle.Requirement) { r.Values = []string{"yes"} },
		`invalid vbs "True"`:           func(r *cycle.Requirement) { r.Unclear = []string{"True"} },
		`invalid values "26100.1 2.2"`: func(r *cycle.Requirement) { r.Trait, r.Values = "build", []string{"26100.1", "2.2"} },
		`invalid values "2026-04"`:     func(r *cycle.Requirement) { r.Trait, r.Values = "baseline", []string{"2026-04"} },
		`invalid unclear "2026-04"`: func(r *cycle.Requirement) {
			r.Trait, r.Values, r.Unclear = "baseline", []string{"newest"}, []string{"2026-04"}
		},
		`invalid until "2026-01-01"`: func(r *cycle.Requirement) {
			r.From, r.Until = cycle.DateOf(2026, 1, 2), cycle.DateOf(2026, 1, 1)
		},
		`invalid text ""`:            func(r *cycle.Requirement) { r.Text = "" },
		`invalid how ""`:             func(r *cycle.Requirement) { r.How = "" },
		`invalid architecture "arm"`: func(r *cycle.Requirement) { r.When = cycle.Condition{Trait: "architecture", Values: []string{"arm"}} },
	} {
		r := right
		spoil(&r)
		if err := r.Check(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Check = %v, want %s", err, want)
		}
	}
}

// The newest baseline by plan is the one that is in force in the evening of the day, also where a rule brings the update
// of a month before the month or after it.
func TestLawNewestBaseline(t *testing.T) {
	for _, of := range []cycle.ReleaseDay{cycle.FixedDay(1), cycle.FixedDay(31), cycle.NthWeekday(2, time.Tuesday)} {
		for offset := -28; offset <= 28; offset += 4 {
			track := windows()
			track.ID, track.FirstMonth = "t", month("2025-10")
			track.Rule.Day, track.Rule.OffsetDays = of, offset
			for asOf := day("2026-01-01"); asOf.Before(day("2027-01-01")); asOf = asOf.AddDays(1) {
				s := cycle.Compile(cycle.Facts{Track: track}, asOf)
				want := s.At(track.Rule.At(asOf)).Milestone.BaselineMonth.String() + " or later (by the plan only)"
				for _, f := range s.Judge(nil, needs()) {
					if f.ID == "baseline" && f.Want != want {
						t.Errorf("as of %s, by %v and %d days: want %q, not %q", asOf, of, offset, want, f.Want)
					}
				}
			}
		}
	}
}

// By the first of the month less 12 days, July's baseline comes on 19 June. A track may begin at the first month that there is.
func TestBaselineBeforeItsMonth(t *testing.T) {
	track := windows()
	track.ID, track.FirstMonth = "t", month("0001-01")
	track.Rule.Day, track.Rule.OffsetDays = cycle.FixedDay(1), -12
	for asOf, want := range map[string]string{
		"2026-06-18": "2026-04 or later (by the plan only)", "2026-06-19": "2026-07 or later (by the plan only)",
	} {
		for _, f := range cycle.Compile(cycle.Facts{Track: track}, day(asOf)).Judge(nil, needs()) {
			if f.ID == "baseline" && f.Want != want {
				t.Errorf("as of %s: want %q, not %q", asOf, want, f.Want)
			}
		}
	}
}
