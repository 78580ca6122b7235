package api

import (
	"encoding/json"
	"time"
)

// document is the shape of every JSON answer.
type document struct {
	Data any  `json:"data"`
	Meta meta `json:"meta"`
}

type meta struct {
	Revision   int64       `json:"revision" doc:"grows with every change of what is known"`
	AsOf       string      `json:"as_of" format:"date" doc:"the day at whose end all of this was known"`
	KnownUntil *string     `json:"known_until" format:"date" doc:"the day of the newest fact"`
	NextCursor *string     `json:"next_cursor,omitempty" doc:"where the next page begins, if there is one"`
	Sources    []sourceRow `json:"sources,omitempty" doc:"the pages that the service fetches, if it does"`
}

type sourceRow struct {
	Source    string  `json:"source" doc:"its name in /readyz and /metrics"`
	CheckedOn *string `json:"checked_on" format:"date" doc:"the day on which it was last read; null if it never was"`
	Stale     bool    `json:"stale" doc:"whether that is more than 14 days ago"`
}

// trackRow has the fields of a track's document, so that what was read can be written.
type trackRow struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	OSBranch      *string  `json:"os_branch" doc:"first part of the product's builds"`
	FirstMonth    string   `json:"first_month" format:"month"`
	HotpatchUntil *string  `json:"hotpatch_until" format:"month" doc:"last month on the track; null where no end is known"`
	Rule          ruleView `json:"rule"`
	Note          *string  `json:"note"`
}

type ruleView struct {
	BaselineMonths []int  `json:"baseline_months" doc:"1 is January"`
	ReleaseDay     string `json:"release_day" doc:"such as second tuesday, last friday, day 15 or last day"`
	OffsetDays     int    `json:"offset_days"`
	ReleaseTime    string `json:"release_time" doc:"local in time_zone, HH:MM"`
	TimeZone       string `json:"time_zone" doc:"IANA name"`
}

type scheduleRow struct {
	Track         string  `json:"track"`
	TrackName     string  `json:"track_name"`
	Month         string  `json:"month" format:"month"`
	Kind          string  `json:"kind" enum:"baseline,hotpatch" doc:"what the month is"`
	PlannedKind   string  `json:"planned_kind" enum:"baseline,hotpatch" doc:"what the rule planned"`
	Unplanned     bool    `json:"unplanned" doc:"a baseline although the rule planned a hotpatch"`
	Restart       bool    `json:"restart" doc:"whether the month restarts devices on the cycle"`
	Status        string  `json:"status" enum:"planned,announced,released,unconfirmed"`
	ReleaseDate   string  `json:"release_date" format:"date" doc:"the real day once it is known, the rule's before"`
	ReleaseAt     string  `json:"release_at" format:"date-time"`
	Quarter       string  `json:"quarter" doc:"such as 2026-Q2"`
	BaselineMonth *string `json:"baseline_month" format:"month" doc:"newest baseline month at or before this one"`
	KB            *string `json:"kb"`
	Build         *string `json:"build"`
	URL           *string `json:"url" format:"uri"`
	Restarts      int     `json:"restarts" doc:"releases of the month that restart a device on the cycle; 1 for a baseline to come"`
	OutOfBand     int     `json:"out_of_band" doc:"out-of-band releases of the month, those for devices off the cycle included"`
	Note          *string `json:"note"`
	UpdatedAt     *string `json:"updated_at" format:"date-time" doc:"when the newest fact about the month became known; null where only the rule speaks of it"`
}

type ringScheduleRow struct {
	scheduleRow
	ringView
}

type ringView struct {
	Ring            string  `json:"ring"`
	OfferedOn       string  `json:"offered_on" format:"date"`
	DeadlineOn      *string `json:"deadline_on" format:"date" doc:"null where nothing restarts"`
	RestartBy       *string `json:"restart_by" format:"date" doc:"last day on which a device of the ring restarts for the month's own update; null where nothing restarts. Of a second baseline in the month /api/v1/windows tells"`
	WindowStart     *string `json:"window_start" format:"date-time" doc:"maintenance window of a stored ring; null where it has none or nothing restarts"`
	WindowEnd       *string `json:"window_end" format:"date-time"`
	Freeze          *string `json:"freeze" doc:"the freeze that the window or the last day falls into, or any day of a ring without a window; null where there is none, and to the public"`
	FreezeReason    *string `json:"freeze_reason"`
	FreezeConflict  *bool   `json:"freeze_conflict" doc:"null to the public: freezes need a token"`
	NextWindowStart *string `json:"next_window_start" format:"date-time" doc:"the next window that no freeze forbids, where one forbids the window"`
	NextWindowEnd   *string `json:"next_window_end" format:"date-time"`
	EarlierDay      *string `json:"earlier_day" format:"date" doc:"the last day before restart_by that no freeze forbids, where there is a conflict"`
}

// ringRow, freezeRow, tokenRow and feedRow have the fields of the documents.
type ringRow struct {
	ID       string     `json:"id"`
	Tracks   []string   `json:"tracks" doc:"none means all"`
	Deferral int        `json:"deferral"`
	Deadline int        `json:"deadline"`
	Grace    int        `json:"grace"`
	Window   *windowRow `json:"window"`
}

type windowRow struct {
	Weekday    *string `json:"weekday" enum:"sunday,monday,tuesday,wednesday,thursday,friday,saturday"`
	OffsetDays *int    `json:"offset_days" doc:"days after the release"`
	Start      string  `json:"start" doc:"local in time_zone, HH:MM"`
	Duration   string  `json:"duration" doc:"RFC 5545"`
	TimeZone   string  `json:"time_zone" doc:"IANA name"`
}

type freezeRow struct {
	ID     string   `json:"id"`
	From   string   `json:"from" format:"date"`
	To     string   `json:"to" format:"date" doc:"the last day"`
	Tracks []string `json:"tracks" doc:"none means all"`
	Rings  []string `json:"rings" doc:"none means all"`
	Reason *string  `json:"reason"`
}

type tokenRow struct {
	ID        string  `json:"id"`
	Role      string  `json:"role" enum:"viewer,editor,admin"`
	ExpiresAt *string `json:"expires_at" format:"date-time"`
}

type feedRow struct {
	ID            string     `json:"id"`
	Title         string     `json:"title"`
	Tracks        []string   `json:"tracks" doc:"none means all"`
	Rings         []string   `json:"rings"`
	Kind          *string    `json:"kind" enum:"baseline,hotpatch"`
	Alarm         *string    `json:"alarm"`
	Style         string     `json:"style" enum:"allday,timed"`
	Fetches       int64      `json:"fetches" doc:"how often it was fetched at its present address, in the last 90 days"`
	LastFetchedOn *string    `json:"last_fetched_on" format:"date"`
	LastFetchedBy *string    `json:"last_fetched_by" doc:"family of the client"`
	FetchedBy     []fetchRow `json:"fetched_by"`
}

type fetchRow struct {
	Day    string `json:"day" format:"date"`
	Client string `json:"client" doc:"family of the client, such as Outlook or Thunderbird"`
	Count  int64  `json:"count"`
}

type auditRow struct {
	Revision  int64            `json:"revision"`
	At        string           `json:"at" format:"date-time"`
	Who       string           `json:"who" doc:"the token that asked"`
	RequestID string           `json:"request_id"`
	Kind      string           `json:"kind"`
	ID        string           `json:"id"`
	Action    string           `json:"action" enum:"created,updated,deleted,rotated,restored"`
	Before    *json.RawMessage `json:"before"`
	After     *json.RawMessage `json:"after"`
}

type monthView struct {
	scheduleRow
	Releases []releaseRow `json:"releases"`
	Notices  []noticeRow  `json:"notices"`
	Rings    []ringView   `json:"rings" doc:"those asked for; without any, all that are stored, with a token that may see them"`
}

type releaseRow struct {
	Track       string  `json:"track"`
	Month       *string `json:"month" format:"month" doc:"month of the label; null for a component update of no month"`
	KB          *string `json:"kb"`
	Build       *string `json:"build"`
	Type        string  `json:"type" enum:"baseline,hotpatch,cumulative,component"`
	OutOfBand   bool    `json:"out_of_band"`
	Restart     *bool   `json:"restart" doc:"null where nobody knows; a baseline restarts in any case"`
	ReleaseDate *string `json:"release_date" format:"date"`
	KnownOn     string  `json:"known_on" format:"date"`
	Title       *string `json:"title"`
	URL         *string `json:"url" format:"uri"`
	Confidence  *string `json:"confidence" enum:"primary,secondary" doc:"primary: read on a page of Microsoft's"`
	Note        *string `json:"note"`
}

type noticeRow struct {
	ID         string  `json:"id"`
	Track      string  `json:"track"`
	Month      string  `json:"month" format:"month"`
	Kind       string  `json:"kind" enum:"baseline,hotpatch"`
	KnownOn    string  `json:"known_on" format:"date"`
	PlanSeenOn *string `json:"plan_seen_on" format:"date" doc:"last day on which the source still told the rule's kind"`
	Reason     *string `json:"reason"`
	Source     *string `json:"source" format:"uri"`
}

type nextRow struct {
	Track                string  `json:"track"`
	TrackName            string  `json:"track_name"`
	NextReleaseMonth     *string `json:"next_release_month" format:"month"`
	NextReleaseKind      *string `json:"next_release_kind" enum:"baseline,hotpatch"`
	NextReleaseStatus    *string `json:"next_release_status" enum:"planned,announced,released,unconfirmed"`
	NextReleaseDate      *string `json:"next_release_date" format:"date" doc:"with ring: the day of its offer"`
	NextReleaseAt        *string `json:"next_release_at" format:"date-time"`
	NextReleaseDaysAway  *int    `json:"next_release_days_away"`
	NextRestartMonth     *string `json:"next_restart_month" format:"month"`
	NextRestartStatus    *string `json:"next_restart_status" enum:"planned,announced,released,unconfirmed"`
	NextRestartUnplanned *bool   `json:"next_restart_unplanned"`
	NextRestartDate      *string `json:"next_restart_date" format:"date" doc:"with ring: the first day of its restart span, which may have passed"`
	NextRestartAt        *string `json:"next_restart_at" format:"date-time"`
	NextRestartDaysAway  *int    `json:"next_restart_days_away" doc:"0 while a ring's restart is due"`
	NextRestartKB        *string `json:"next_restart_kb"`
}

type ringNextRow struct {
	nextRow
	Ring            string  `json:"ring"`
	RestartDue      bool    `json:"restart_due" doc:"the next restart may come at any time since its date"`
	OfferedOn       *string `json:"offered_on" format:"date" doc:"of the next restart"`
	DeadlineOn      *string `json:"deadline_on" format:"date"`
	RestartBy       *string `json:"restart_by" format:"date"`
	WindowStart     *string `json:"window_start" format:"date-time" doc:"maintenance window of a stored ring"`
	WindowEnd       *string `json:"window_end" format:"date-time"`
	Freeze          *string `json:"freeze" doc:"the freeze that the window or the last day falls into, or any day of a ring without a window"`
	FreezeConflict  *bool   `json:"freeze_conflict" doc:"null to the public: freezes need a token"`
	NextWindowStart *string `json:"next_window_start" format:"date-time" doc:"the next window that no freeze forbids, where one forbids the window"`
	EarlierDay      *string `json:"earlier_day" format:"date" doc:"the last day before restart_by that no freeze forbids, where there is a conflict"`
}

type stateRow struct {
	Track         string  `json:"track"`
	TrackName     string  `json:"track_name"`
	Month         *string `json:"month" format:"month" doc:"month in force; null before the first release and after the track's end"`
	Kind          *string `json:"kind" enum:"baseline,hotpatch"`
	Unplanned     *bool   `json:"unplanned"`
	Status        *string `json:"status" enum:"planned,announced,released,unconfirmed"`
	BaselineMonth *string `json:"baseline_month" format:"month" doc:"baseline in force"`
	Since         *string `json:"since" format:"date-time" doc:"the month's release instant"`
	Until         *string `json:"until" format:"date-time" doc:"when the next month's release changes all this"`
}

type ringStateRow struct {
	stateRow
	Ring          string  `json:"ring"`
	RestartDue    bool    `json:"restart_due"`
	RestartMonth  *string `json:"restart_month" format:"month" doc:"the baseline that the restart is for"`
	RestartStatus *string `json:"restart_status" enum:"planned,announced,released,unconfirmed" doc:"how sure that baseline is"`
	RestartSince  *string `json:"restart_since" format:"date-time"`
	RestartUntil  *string `json:"restart_until" format:"date-time" doc:"end of the ring's last day for it or, where that comes later, of its window"`
}

// orNull returns nil, which is null in JSON, for a value that nobody knows.
func orNull[T comparable](v T) *T {
	var unknown T
	if v == unknown {
		return nil
	}
	return &v
}

func text(v interface{ String() string }) *string { return orNull(v.String()) }

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
