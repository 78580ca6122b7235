package resource

import (
	"errors"
	"slices"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

func buildTrack(v values) any {
	t := cycle.Track{
		ID: get[string](v, "id"), Name: get[string](v, "name"), Branch: get[string](v, "os_branch"), Note: get[string](v, "note"),
		FirstMonth: get[cycle.Month](v, "first_month"), LastMonth: get[cycle.Month](v, "hotpatch_until"),
	}
	if t.ID == "all" {
		v.wrong("id", "another id: feeds call all tracks so")
	}
	if v.has("first_month", "hotpatch_until") && t.LastMonth.Before(t.FirstMonth) {
		v.wrong("hotpatch_until", "a month from "+t.FirstMonth.String()+" on, or null")
	}
	if rule, ok := v.fields["rule"].(values); ok {
		t.Rule = buildRule(rule)
	}
	return t
}

func buildRule(v values) cycle.Rule {
	at := get[timeOfDay](v, "release_time")
	rule := cycle.Rule{
		Day: get[cycle.ReleaseDay](v, "release_day"), OffsetDays: get[int](v, "offset_days"),
		Hour: at.hour, Minute: at.minute, Zone: get[*time.Location](v, "time_zone"),
	}
	for _, m := range get[[]int](v, "baseline_months") {
		rule.BaselineMonths = append(rule.BaselineMonths, time.Month(m))
	}
	slices.Sort(rule.BaselineMonths)
	return rule
}

func buildRelease(v values) any {
	r := cycle.Release{
		Track: get[string](v, "track"), Month: get[cycle.Month](v, "month"),
		KB: get[string](v, "kb"), Build: get[string](v, "build"),
		Type: get[cycle.ReleaseType](v, "type"), OutOfBand: get[bool](v, "out_of_band"),
		Date: get[cycle.Date](v, "release_date"), KnownOn: get[cycle.Date](v, "known_on"),
		Title: get[string](v, "title"), URL: get[string](v, "url"),
		Confidence: get[string](v, "confidence"), Sources: get[string](v, "sources"), Note: get[string](v, "note"),
	}
	switch {
	case !v.has("restart"):
	case get[bool](v, "restart"):
		r.Restart = cycle.RestartNeeded
	default:
		r.Restart = cycle.RestartNotNeeded
	}
	if !v.has("known_on") && v.sound("known_on", "release_date") {
		r.KnownOn = r.Date
	}
	checkRelease(v, r)
	return r
}

// checkRelease reports a release that no track can have. Whether its own track can, [Layers] says.
func checkRelease(v values, r cycle.Release) {
	track := cycle.Track{ID: r.Track, FirstMonth: cycle.MonthOf(1, 1)}
	for _, err := range track.ReleaseFaults(r) {
		name, want := faultOf(err)
		if name == "known_on" {
			want = "the day on which it became known, as there is no release_date"
		}
		if v.sound(judgedBy(name)...) {
			v.wrong(name, want)
		}
	}
	if v.sound("track", "month", "kb") {
		checkID(v, r.ID(), "its track and its kb or, without one, its month")
	}
}

// judgedBy returns the fields by which the model judges a field of a release or a notice, that field included.
func judgedBy(name string) []string {
	switch name {
	case "kb":
		return []string{name, "month", "type"}
	case "release_date":
		return []string{name, "month"}
	case "known_on":
		return []string{name, "release_date"}
	case "restart":
		return []string{name, "type"}
	case "plan_seen_on":
		return []string{name, "known_on"}
	}
	return []string{name}
}

// checkID reports an id that is not the one which follows from the other fields.
func checkID(v values, want, of string) {
	if v.has("id") && get[string](v, "id") != want {
		v.wrong("id", quote(want)+", made of "+of)
	}
}

// faultOf returns the name of the field that the model refuses and what it wants there, both "" where err
// is no [cycle.InvalidError].
func faultOf(err error) (name, want string) {
	e, ok := errors.AsType[*cycle.InvalidError](err)
	if !ok {
		return "", ""
	}
	switch e.What {
	case "KB":
		return "kb", e.Want
	case "release type":
		return "type", e.Want
	case "release date":
		return "release_date", e.Want
	}
	return e.What, e.Want
}

func buildNotice(v values) any {
	n := buildStatement(v)
	n.Track, n.Month = get[string](v, "track"), get[cycle.Month](v, "month")
	for _, earlier := range get[[]any](v, "earlier") {
		if of, ok := earlier.(values); ok {
			e := buildStatement(of)
			e.Track, e.Month = n.Track, n.Month
			if of.has("known_on") && v.has("known_on") && !e.KnownOn.Before(n.KnownOn) {
				of.wrong("known_on", "a day before known_on of the notice, "+n.KnownOn.String())
			}
			n.Earlier = append(n.Earlier, e)
		}
	}
	if v.has("track", "month") {
		checkID(v, n.ID(), "its track and its month")
	}
	return n
}

// buildStatement makes a notice without its track and month.
func buildStatement(v values) cycle.Notice {
	n := cycle.Notice{
		Kind: get[cycle.Kind](v, "kind"), KnownOn: get[cycle.Date](v, "known_on"), PlanSeenOn: get[cycle.Date](v, "plan_seen_on"),
		Reason: get[string](v, "reason"), Source: get[string](v, "source"),
	}
	if v.has("known_on", "plan_seen_on") && n.PlanSeenOn.After(n.KnownOn) {
		v.wrong("plan_seen_on", "a day up to known_on, "+n.KnownOn.String())
	}
	return n
}

func buildRing(v values) any {
	r := cycle.Ring{
		Name: get[string](v, "id"), Tracks: get[[]string](v, "tracks"),
		Deferral: get[int](v, "deferral"), Deadline: get[int](v, "deadline"), Grace: get[int](v, "grace"),
	}
	if window, ok := v.fields["window"].(values); ok {
		r.Window = buildWindow(window)
	}
	return r
}

func buildWindow(v values) cycle.Window {
	start := get[timeOfDay](v, "start")
	w := cycle.Window{
		ByWeekday: v.has("weekday"), Weekday: get[time.Weekday](v, "weekday"), OffsetDays: get[int](v, "offset_days"),
		Hour: start.hour, Minute: start.minute,
		Duration: get[time.Duration](v, "duration"), Zone: get[*time.Location](v, "time_zone"),
	}
	switch {
	case v.has("weekday", "offset_days"):
		v.wrong("offset_days", "null, as there is a weekday; or a weekday of null")
	case !v.has("weekday") && !v.has("offset_days") && v.sound("weekday", "offset_days"):
		v.reader.fault(v.at, v.node, "neither weekday nor offset_days: want one of the two")
	}
	return w
}

// mostFreeze is how many days a freeze may last.
const mostFreeze = 366

func buildFreeze(v values) any {
	f := cycle.Freeze{
		ID: get[string](v, "id"), From: get[cycle.Date](v, "from"), To: get[cycle.Date](v, "to"),
		Tracks: get[[]string](v, "tracks"), Rings: get[[]string](v, "rings"), Reason: get[string](v, "reason"),
	}
	if !v.has("from", "to") {
		return f
	}
	if last := f.From.AddDays(mostFreeze - 1); f.To.Before(f.From) || f.To.After(last) {
		v.wrong("to", "a day from "+f.From.String()+" to "+last.String()+", at most "+itoa(mostFreeze)+" days in all")
	}
	return f
}

// mostRings is how many rings an answer shows at once.
const mostRings = 20

func buildFeed(v values) any {
	f := Feed{
		ID: get[string](v, "id"), Title: get[string](v, "title"),
		Tracks: get[[]string](v, "tracks"), Rings: get[[]string](v, "rings"),
		Kind: get[cycle.Kind](v, "kind"), Alarm: get[string](v, "alarm"), Style: get[string](v, "style"),
	}
	if f.Style == "" {
		f.Style = "allday"
	}
	if len(f.Rings) > mostRings {
		v.wrong("rings", "at most "+itoa(mostRings)+" rings")
	}
	return f
}

func buildToken(v values) any {
	return Token{ID: get[string](v, "id"), Role: get[string](v, "role"), ExpiresAt: get[time.Time](v, "expires_at")}
}
