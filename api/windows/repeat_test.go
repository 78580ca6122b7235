package windows_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api/windows"
	"github.com/cyclecal/cyclecal/cycle"
)

// repeated is what a tool repeats, read out of its own words.
type repeated struct {
	nth, offset  int // nth 0 is the last
	weekday      time.Weekday
	months       []time.Month // none is every month
	hour, minute int
	zone         *time.Location
}

// in returns the start in a month, found by counting its days.
func (r repeated) in(year int, month time.Month) time.Time {
	var days []int
	for d := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC); d.Month() == month; d = d.AddDate(0, 0, 1) {
		if d.Weekday() == r.weekday {
			days = append(days, d.Day())
		}
	}
	day := days[len(days)-1]
	if r.nth > 0 {
		day = days[r.nth-1]
	}
	return time.Date(year, month, day+r.offset, r.hour, r.minute, 0, 0, r.zone)
}

// wantPlan wants the start of each window that goes by the rule to be repeated.
func (r repeated) wantPlan(t *testing.T, c windows.Calendar, text string) {
	t.Helper()
	for _, w := range c.Windows {
		m := w.Month.Month
		if w.Month.Date != c.Track.Rule.Date(m) || m.Before(month(asOf[:7])) || w.Month.Unplanned() && r.months != nil {
			continue
		}
		if got := r.in(m.Year(), m.Of()); !got.Equal(w.Span.Start) {
			t.Errorf("it repeats %s, the window begins %s in:\n%s", got, w.Span.Start, text)
		}
		if r.months != nil && !slices.Contains(r.months, m.Of()) {
			t.Errorf("it is not repeated in %s:\n%s", m, text)
		}
	}
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func instantOf(t *testing.T, layout, s string) time.Time {
	t.Helper()
	at, err := time.Parse(layout, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func weekday(t *testing.T, s string) time.Weekday {
	t.Helper()
	d, err := cycle.ParseWeekday(strings.ToLower(s))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var orders = []string{"Last", "First", "Second", "Third", "Fourth"}

// decode reads the one configuration of a JSON answer.
func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var answer struct{ Configurations []T }
	if err := json.Unmarshal([]byte(text), &answer); err != nil || len(answer.Configurations) != 1 {
		t.Fatalf("%v in %s", err, text)
	}
	return answer.Configurations[0]
}

type azureWindow struct {
	StartDateTime, ExpirationDateTime, Duration, TimeZone, RecurEvery string
}

type azureAnswer struct {
	Dates []struct {
		Name              string
		MaintenanceWindow azureWindow
	}
	Every *azureWindow `json:"opens_every_month"`
	Lost  []string
}

// What the documents of Azure say: recurEvery, and how long a guest's window may last.
var recurEvery = regexp.MustCompile(`^1Month (First|Second|Third|Fourth|Last) (Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday)(?: Offset(-?[1-6]))?$`)

const azureTime = "2006-01-02 15:04"

// Read back, what is written for Azure gives the windows of the calendar.
func TestAzure(t *testing.T) {
	repeats := 0
	forRandomCalendars(t, func(t *testing.T, c windows.Calendar) {
		text := render(t, windows.Azure, c)
		a := decode[azureAnswer](t, text)
		var got []cycle.Span
		names := map[string]bool{}
		for _, d := range a.Dates {
			w := d.MaintenanceWindow
			start, end := instantOf(t, azureTime, w.StartDateTime), instantOf(t, azureTime, w.ExpirationDateTime)
			if w.RecurEvery != "1Day" || w.TimeZone != "UTC" || !end.Before(start.AddDate(0, 0, 1)) || names[d.Name] || len(d.Name) > 80 {
				t.Errorf("%+v opens more than once, or again under one name", d)
			}
			names[d.Name] = true
			got = append(got, cycle.Span{Start: start, End: start.Add(azureDuration(t, w.Duration))})
		}
		var want []cycle.Span
		for _, s := range daily(c) {
			if length := s.End.Sub(s.Start); length >= 90*time.Minute {
				want = append(want, cycle.Span{Start: s.Start, End: s.Start.Add(min(length, 235*time.Minute))})
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if a.Every != nil && azureRepeated(t, *a.Every, c, text) {
			repeats++
		}
	})
	if repeats < 20 {
		t.Errorf("%d repeat: want 20, or it is not tried", repeats)
	}
}

func azureDuration(t *testing.T, s string) time.Duration {
	t.Helper()
	d := instantOf(t, "15:04", s).Sub(instantOf(t, "15:04", "00:00"))
	if d < 90*time.Minute || d > 235*time.Minute {
		t.Errorf("duration %s, want 01:30 to 03:55", s)
	}
	return d
}

func azureRepeated(t *testing.T, w azureWindow, c windows.Calendar, text string) bool {
	t.Helper()
	parts := recurEvery.FindStringSubmatch(w.RecurEvery)
	if parts == nil || !strings.Contains(text, "EVERY month") {
		t.Fatalf("recurEvery %q", w.RecurEvery)
	}
	start := instantOf(t, azureTime, w.StartDateTime)
	r := repeated{nth: slices.Index(orders, parts[1]), weekday: weekday(t, parts[2]), hour: start.Hour(), minute: start.Minute(), zone: c.Zone}
	if parts[3] != "" {
		r.offset = number(t, parts[3])
	}
	azureDuration(t, w.Duration)
	if first := cycle.DateIn(start, time.UTC); !first.After(day(asOf)) {
		t.Errorf("it begins on %s: want a day to come", first)
	}
	r.wantPlan(t, c, text)
	return true
}

type awsInput struct {
	Name, Schedule, ScheduleTimezone string
	ScheduleOffset, Duration, Cutoff int
	AllowUnassociatedTargets         *bool
	ClientToken                      string
}

type awsAnswer struct {
	Dates   []struct{ Input awsInput }
	LeftOut []struct {
		Month, Freeze string
		Next          struct{ Input awsInput } `json:"next_allowed"`
	} `json:"left_out"`
	Plan *awsInput `json:"opens_by_plan"`
	Lost []string
}

// What CreateMaintenanceWindow takes, and the forms of at() and cron().
var (
	awsName = regexp.MustCompile(`^[a-zA-Z0-9_\-.]{3,128}$`)
	awsAt   = regexp.MustCompile(`^at\(([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\)$`)
	awsCron = regexp.MustCompile(`^cron\(([0-9]{1,2}) ([0-9]{1,2}) \? ([A-Z,]+) (?:([A-Z]{3})#([1-5])|([1-7])L) \*\)$`)
)

func (i awsInput) check(t *testing.T) {
	t.Helper()
	if !awsName.MatchString(i.Name) || i.Duration < 1 || i.Duration > 24 || i.Cutoff < 0 || i.Cutoff > 23 || i.Cutoff >= i.Duration ||
		i.AllowUnassociatedTargets == nil || len(i.ClientToken) < 1 || len(i.ClientToken) > 64 || i.ScheduleOffset < 0 || i.ScheduleOffset > 6 {
		t.Errorf("%+v is out of the limits", i)
	}
}

// Read back, what is written for AWS gives the windows of the calendar.
func TestAWS(t *testing.T) {
	repeats := 0
	forRandomCalendars(t, func(t *testing.T, c windows.Calendar) {
		text := render(t, windows.AWS, c)
		a := decode[awsAnswer](t, text)
		var want, got []cycle.Span
		for _, d := range a.Dates {
			d.Input.check(t)
			at := awsAt.FindStringSubmatch(d.Input.Schedule)
			if at == nil || d.Input.ScheduleTimezone != "UTC" || d.Input.ScheduleOffset != 0 { // which is for cron alone
				t.Fatalf("%+v is no date", d.Input)
			}
			start := instantOf(t, "2006-01-02T15:04:05", at[1])
			got = append(got, cycle.Span{Start: start, End: start.Add(time.Duration(d.Input.Duration) * time.Hour)})
		}
		for _, s := range daily(c) {
			if length := s.End.Sub(s.Start).Truncate(time.Hour); length > 0 {
				want = append(want, cycle.Span{Start: s.Start, End: s.Start.Add(length)})
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if a.Plan != nil {
			repeats++
			awsRepeated(t, *a.Plan, c).wantPlan(t, c, text)
		}
	})
	if repeats < 20 {
		t.Errorf("%d repeat: want 20, or it is not tried", repeats)
	}
}

func awsRepeated(t *testing.T, i awsInput, c windows.Calendar) repeated {
	t.Helper()
	i.check(t)
	parts := awsCron.FindStringSubmatch(i.Schedule)
	if parts == nil || i.ScheduleTimezone != c.Zone.String() {
		t.Fatalf("%+v is no cron", i)
	}
	r := repeated{offset: i.ScheduleOffset, minute: number(t, parts[1]), hour: number(t, parts[2]), zone: c.Zone}
	for m := range strings.SplitSeq(parts[3], ",") {
		r.months = append(r.months, instantOf(t, "Jan", m[:1]+strings.ToLower(m[1:])).Month())
	}
	if parts[6] != "" {
		r.weekday = time.Weekday(number(t, parts[6]) - 1) // 1 is Sunday
		return r
	}
	r.nth = number(t, parts[5])
	r.weekday = instantOf(t, "Mon", "Sun").Weekday()
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(d.String()[:3], parts[4]) {
			r.weekday = d
		}
	}
	return r
}

// What New-CMSchedule takes.
var (
	cmDate  = regexp.MustCompile(`^\$schedule = New-CMSchedule -Nonrecurring -IsUtc -Start \(\[datetime\]'([-0-9T:]{19})'\) (?:-End \(\[datetime\]'([-0-9T:]{19})'\)|-DurationInterval Hours -DurationCount ([0-9]+))$`)
	cmOther = regexp.MustCompile(`^(#.*|\$collection = '[-a-z0-9_]+'||(?:Remove-CMMaintenanceWindow -CollectionName \$collection -MaintenanceWindowName '[-0-9a-z_]+' -Force -ErrorAction SilentlyContinue|New-CMMaintenanceWindow -CollectionName \$collection -Name '[-0-9a-z_]+' -Schedule \$schedule -ApplyTo SoftwareUpdatesOnly))$`)
	cmEvery = regexp.MustCompile(`(?m)^# \$schedule = New-CMSchedule -DayOfWeek ([A-Z][a-z]+) -WeekOrder (First|Second|Third|Fourth|Last)(?: -OffsetDay ([1-4]))? -RecurCount 1 -Start \(\[datetime\]'([-0-9T:]{19})'\) -DurationInterval Hours -DurationCount ([0-9]+)$`)
)

// Read back, what is written for Configuration Manager gives the windows of the calendar.
func TestConfigMgr(t *testing.T) {
	repeats := 0
	forRandomCalendars(t, func(t *testing.T, c windows.Calendar) {
		const layout = "2006-01-02T15:04:05"
		text := render(t, windows.ConfigMgr, c)
		var want, got []cycle.Span
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			d := cmDate.FindStringSubmatch(line)
			if d == nil {
				if !cmOther.MatchString(line) {
					t.Errorf("line %q is neither a comment nor a window", line)
				}
				continue
			}
			start := instantOf(t, layout, d[1])
			if d[2] != "" {
				got = append(got, cycle.Span{Start: start, End: instantOf(t, layout, d[2])})
				continue
			}
			hours := number(t, d[3])
			if hours > 23 {
				t.Errorf("%d hours: want 23 at most", hours)
			}
			got = append(got, cycle.Span{Start: start, End: start.Add(time.Duration(hours) * time.Hour)})
		}
		for _, s := range daily(c) {
			want = append(want, cycle.Span{Start: s.Start, End: s.Start.Add(min(s.End.Sub(s.Start), 24*time.Hour-time.Minute))}) // "less than 24 hours"
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if n := strings.Count(text, "\nNew-CMMaintenanceWindow "); n != len(want) {
			t.Errorf("%d windows are made, want %d", n, len(want))
		}
		if e := cmEvery.FindStringSubmatch(text); e != nil {
			repeats++
			start := instantOf(t, layout, e[4])
			r := repeated{nth: slices.Index(orders, e[2]), weekday: weekday(t, e[1]), hour: start.Hour(), minute: start.Minute(), zone: c.Zone}
			if e[3] != "" {
				r.offset = number(t, e[3])
			}
			r.wantPlan(t, c, text)
		}
	})
	if repeats < 10 {
		t.Errorf("%d repeat: want 10, or it is not tried", repeats)
	}
}

// What each tool can repeat of a window some days after the second Tuesday, and where it ends. Offsets
// of a week and more are counted from a later Tuesday.
func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		offset         int
		azure, aws, cm string
		rule           int // days from the second Tuesday to the release
	}{
		{offset: 0, azure: "1Month Second Tuesday", aws: "TUE#2 *) 0", cm: "Tuesday Second "},
		{offset: 4, azure: "1Month Second Tuesday Offset4", aws: "TUE#2 *) 4", cm: "Tuesday Second 4"},
		{offset: 5, azure: "1Month Second Tuesday Offset5", aws: "TUE#2 *) 5"},
		{offset: 6, azure: "1Month Second Tuesday Offset6", aws: "TUE#2 *) 6"},
		{offset: 7, azure: "1Month Third Tuesday", aws: "TUE#3 *) 0", cm: "Tuesday Third "},
		{offset: 12, azure: "1Month Third Tuesday Offset5", aws: "TUE#3 *) 5"},
		{offset: 14, azure: "1Month Fourth Tuesday", aws: "TUE#4 *) 0", cm: "Tuesday Fourth "},
		{offset: 15, azure: "1Month Fourth Tuesday Offset1", aws: "TUE#4 *) 1"}, // the 29th: February clips it
		{offset: 20, azure: "1Month Fourth Tuesday Offset6", aws: "TUE#4 *) 6"},
		{offset: 21},
		{offset: 0, rule: -3, azure: "1Month First Tuesday Offset4", aws: "TUE#1 *) 4", cm: "Tuesday First 4"},
		{offset: 0, rule: -8, azure: "1Month First Tuesday Offset-1"},
	} {
		f := facts()
		f.Track.Rule.OffsetDays = tt.rule
		w := cycle.Window{OffsetDays: tt.offset, Hour: 22, Duration: 3 * time.Hour, Zone: zone("Europe/Berlin")}
		c := calendar(f, cycle.Ring{Name: "pilot", Window: w})
		azure, aws, cm := "", "", ""
		begins := day("2026-11-10").AddDays(tt.rule + tt.offset) // of November or, where that has passed, of December
		if !begins.After(day(asOf)) {
			begins = day("2026-12-08").AddDays(tt.rule + tt.offset)
		}
		if every := decode[azureAnswer](t, render(t, windows.Azure, c)).Every; every != nil {
			azure = every.RecurEvery
			if every.TimeZone != "W. Europe Standard Time" || every.Duration != "03:00" || every.StartDateTime != begins.String()+" 22:00" {
				t.Errorf("offset %d: Azure repeats %+v", tt.offset, every)
			}
		}
		if plan := decode[awsAnswer](t, render(t, windows.AWS, c)).Plan; plan != nil {
			aws = strings.TrimPrefix(plan.Schedule, "cron(0 22 ? JAN,APR,JUL,OCT ") + " " + strconv.Itoa(plan.ScheduleOffset)
		}
		if e := cmEvery.FindStringSubmatch(render(t, windows.ConfigMgr, c)); e != nil {
			cm = e[1] + " " + e[2] + " " + e[3]
			if e[4] != begins.String()+"T22:00:00" {
				t.Errorf("offset %d: Configuration Manager begins at %s, want on %s", tt.offset, e[4], begins)
			}
		}
		if azure != tt.azure || aws != tt.aws || cm != tt.cm {
			t.Errorf("offset %d: %q, %q, %q, want %q, %q, %q", tt.offset, azure, aws, cm, tt.azure, tt.aws, tt.cm)
		}
	}
}

// A rule by the last weekday of a month has windows in the next one.
func TestLastWeekday(t *testing.T) {
	f := facts()
	f.Track.Rule.Day = cycle.NthWeekday(0, time.Friday)
	w := cycle.Window{OffsetDays: 1, Hour: 22, Duration: 3 * time.Hour, Zone: zone("Europe/Berlin")}
	c := calendar(f, cycle.Ring{Name: "pilot", Window: w})
	for format, want := range map[windows.Format]string{
		windows.Azure: `"recurEvery": "1Month Last Friday Offset1"`, windows.AWS: `"Schedule": "cron(0 22 ? JAN,APR,JUL,OCT 6L *)"`,
		windows.ConfigMgr: "a window 1 day after the Last Friday may lie beyond: nothing is repeated", windows.RRule: "\nRDATE:",
		windows.Alertmanager: "may lie in the month after", windows.Cron: "may lie in the month after",
	} {
		if text := render(t, format, c); !strings.Contains(text, want) {
			t.Errorf("%s: want %q in:\n%s", format, want, text)
		}
	}
	w.OffsetDays = 0
	if text := render(t, windows.ConfigMgr, calendar(f, cycle.Ring{Name: "pilot", Window: w})); !strings.Contains(text, "-DayOfWeek Friday -WeekOrder Last -RecurCount 1") {
		t.Errorf("want the last Friday in:\n%s", text)
	}
	const why = "A window 0 days after the Last Friday lies on other days in a shorter month: nothing is repeated."
	if text := render(t, windows.Cron, calendar(f, cycle.Ring{Name: "pilot", Window: w})); !strings.Contains(text, why) {
		t.Errorf("want %q in:\n%s", why, text)
	}
}

// A release before the first weekday of a month may come in the month before, which days of a month can't say.
func TestBeforeTheMonth(t *testing.T) {
	f := facts()
	f.Track.Rule.Day, f.Track.Rule.OffsetDays = cycle.NthWeekday(1, time.Tuesday), -3
	c := calendar(f, cycle.Ring{Name: "pilot", Window: cycle.Window{Hour: 22, Duration: 3 * time.Hour, Zone: zone("Europe/Berlin")}})
	for format, want := range map[windows.Format]string{
		windows.Azure: `"recurEvery": "1Month First Tuesday Offset-3"`, windows.AWS: "can't repeat a window -3 days after the First Tuesday",
		windows.ConfigMgr: "can't repeat a window -3 days after the First Tuesday", windows.RRule: "\nRDATE:",
		windows.Alertmanager: "-3 days after the First Tuesday may lie in the month before", windows.Cron: "-3 days after the First Tuesday may lie in the month before",
	} {
		if text := render(t, format, c); !strings.Contains(text, want) || strings.Contains(text, "RRULE:") {
			t.Errorf("%s: want %q in:\n%s", format, want, text)
		}
	}
}

// A rule that plans no restart leaves nothing to repeat.
func TestNoBaselineMonths(t *testing.T) {
	f := facts()
	f.Track.Rule.BaselineMonths = nil
	c := calendar(f, cycle.Ring{Name: "pilot", Window: window(4 * time.Hour)})
	for format, want := range map[windows.Format]string{
		windows.AWS: "The rule plans no restart", windows.Azure: "The rule plans no restart", windows.ConfigMgr: "# The rule plans no restart: there is nothing to repeat.",
		windows.Alertmanager: "# Without a maintenance window, or a month that the rule plans", windows.Cron: "# Without a maintenance window, or a month that the rule plans",
	} {
		if text := render(t, format, c); !strings.Contains(text, want) {
			t.Errorf("%s: want %q in:\n%s", format, want, text)
		}
	}
}

// Azure's names of zones are those of Windows; without one, nothing is repeated.
func TestWindowsZone(t *testing.T) {
	for _, tt := range [][2]string{
		{"America/Los_Angeles", "Pacific Standard Time"},
		{"Asia/Kolkata", "India Standard Time"},
		{"Europe/Kyiv", "FLE Standard Time"},
		{"UTC", "UTC"},
		{"Australia/Sydney", "AUS Eastern Standard Time"},
		{"Antarctica/Troll", ""},
	} {
		w := cycle.Window{OffsetDays: 4, Hour: 13, Duration: 3 * time.Hour, Zone: zone(tt[0])}
		a := decode[azureAnswer](t, render(t, windows.Azure, calendar(facts(), cycle.Ring{Name: "pilot", Window: w})))
		switch {
		case tt[1] == "" && (a.Every != nil || !strings.Contains(a.Lost[0], "no name for the zone")):
			t.Errorf("%s: %+v, %q, want none, and why", tt[0], a.Every, a.Lost)
		case tt[1] != "" && (a.Every == nil || a.Every.TimeZone != tt[1]):
			t.Errorf("%s: %+v, want %s", tt[0], a.Every, tt[1])
		}
	}
}

// What lasts too short or too long is told, and never lengthened.
func TestLosses(t *testing.T) {
	for _, tt := range []struct {
		format   windows.Format
		duration time.Duration
		want     string
		dates    int
	}{
		{windows.Azure, time.Hour, "01:30 at least", 0},
		{windows.Azure, 90 * time.Minute, "EVERY month", 11},
		{windows.Azure, 4 * time.Hour, "03:55 at most", 11},
		{windows.AWS, 90 * time.Minute, "whole hours", 11},
		{windows.AWS, 30 * time.Minute, "an hour at least", 0},
		{windows.AWS, 24 * time.Hour, "in those only", 11},
		{windows.AWS, time.Hour, `"Duration": 1`, 11},
	} {
		c := calendar(facts(), cycle.Ring{Name: "pilot", Deferral: 1, Window: window(tt.duration)})
		text := render(t, tt.format, c)
		if got := len(decode[azureAnswer](t, text).Dates); !strings.Contains(text, tt.want) || got != tt.dates {
			t.Errorf("%s of %s has %d dates, want %d and %q in:\n%s", tt.format, tt.duration, got, tt.dates, tt.want, text)
		}
	}
}

// A ring without hours repeats the first of its days, and says so.
func TestFirstDayRepeats(t *testing.T) {
	text := render(t, windows.Azure, calendar(facts(), cycle.Ring{Name: "pilot", Deferral: 1, Deadline: 2, Grace: 2}))
	every := decode[azureAnswer](t, text).Every
	if every == nil || every.RecurEvery != "1Month Second Tuesday Offset1" || !strings.HasSuffix(every.StartDateTime, " 10:00") || every.TimeZone != "Pacific Standard Time" {
		t.Errorf("%+v, want 10:00 in Redmond on the day after the second Tuesday", every)
	}
	if !strings.Contains(text, "first of the ring's days only") {
		t.Errorf("nothing says that only the first day is repeated in:\n%s", text)
	}
}
