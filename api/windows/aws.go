package windows

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Limits of a maintenance window of AWS Systems Manager:
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateMaintenanceWindow.html
const (
	awsUnit   = time.Hour // durations are whole hours, 1 to 24
	awsOffset = 6         // ScheduleOffset is 1 to 6 days
	awsName   = 128
	awsToken  = 64
)

// awsConfiguration is a calendar for Systems Manager.
type awsConfiguration struct {
	Ring    string             `json:"ring"`
	Track   string             `json:"track"`
	Dates   []awsDate          `json:"dates"`
	LeftOut []leftOut[awsDate] `json:"left_out"`
	Plan    *awsInput          `json:"opens_by_plan"` // null where AWS can't say it
	Lost    []string           `json:"lost"`
}

type awsDate struct {
	Month   string   `json:"month"`
	Status  string   `json:"status"`
	Assumed bool     `json:"assumed,omitempty"`
	Input   awsInput `json:"input"`
}

// awsInput is what "aws ssm create-maintenance-window --cli-input-json" takes.
type awsInput struct {
	Name             string `json:"Name"`
	Schedule         string `json:"Schedule"`
	ScheduleTimezone string `json:"ScheduleTimezone"`
	ScheduleOffset   int    `json:"ScheduleOffset,omitempty"`
	Duration         int    `json:"Duration"` // hours
	// Cutoff is how many hours before the end no task begins any more.
	Cutoff int `json:"Cutoff"`
	// AllowUnassociatedTargets is required; false lets only registered machines be restarted.
	AllowUnassociatedTargets bool   `json:"AllowUnassociatedTargets"`
	EndDate                  string `json:"EndDate,omitempty"` // of what repeats
	// ClientToken keeps the same window from being created twice.
	ClientToken string `json:"ClientToken"`
}

func aws(c Calendar) awsConfiguration {
	dates, dropped := fitting(c, awsOf)
	a := awsConfiguration{Ring: c.Ring.Name, Track: c.Track.ID, Dates: dates, LeftOut: leave(c, awsOf), Lost: c.lost()}
	if slices.ContainsFunc(c.parts(), func(p part) bool { return p.length() >= awsUnit && p.length()%awsUnit != 0 }) {
		a.Lost = append(a.Lost, "A window of AWS lasts whole hours: others end earlier here.")
	}
	if len(dropped) > 0 {
		a.Lost = append(a.Lost, fmt.Sprintf("A window of AWS lasts an hour at least: shorter ones are left out, of %s.", monthsOf(dropped)))
	}
	var lost string
	a.Plan, lost = awsPlan(c)
	a.Lost = append(a.Lost, lost)
	return a
}

// awsOf returns the date of a part, or nil if the part is too short.
func awsOf(p part) *awsDate {
	if p.length() < awsUnit {
		return nil
	}
	input := awsWindow(p.name, "at("+p.span.Start.UTC().Format("2006-01-02T15:04:05")+")", p.length())
	input.ScheduleTimezone = "UTC"
	return &awsDate{Month: p.Month.Month.String(), Status: p.Month.Status.String(), Assumed: p.Month.Assumed, Input: input}
}

func awsWindow(name, schedule string, length time.Duration) awsInput {
	hours := int(length / awsUnit)
	return awsInput{Name: named(name, awsName), Schedule: schedule, Duration: hours, Cutoff: min(1, hours-1), ClientToken: named(name, awsToken)}
}

// awsPlan returns the window that repeats in the months that the rule plans to restart, or nil. Lost
// says what it doesn't express, or why there is none.
func awsPlan(c Calendar) (plan *awsInput, lost string) {
	r, why := c.repeats()
	if why != "" {
		return nil, why
	}
	r = r.weeks()
	switch {
	case r.length < awsUnit:
		return nil, "A window of AWS lasts an hour at least: nothing is repeated."
	case r.offset < 0 || r.offset > awsOffset:
		return nil, fmt.Sprintf("AWS knows a ScheduleOffset of 1 to 6 days: it can't repeat a window %s.", r.words())
	}
	input := awsWindow(c.id(), fmt.Sprintf("cron(%d %d ? %s %s *)", r.minute, r.hour, monthNames(c.Track.Rule.BaselineMonths), awsDay(r)), r.length)
	input.ScheduleTimezone, input.ScheduleOffset = c.Zone.String(), r.offset
	if end := c.end(); !end.IsZero() {
		input.EndDate = end.Format(time.RFC3339)
	}
	return &input, "opens_by_plan opens in the months that the rule plans to restart, and in those only: AWS knows of no restart that was not planned, of no planned one that does not come, and of no freeze." + c.extent()
}

// awsDay is an nth weekday: TUE#2 is the second Tuesday, and 3L the last one.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/reference-cron-and-rate-expressions.html
func awsDay(r recurrence) string {
	if r.nth == 0 {
		return fmt.Sprintf("%dL", int(r.weekday)+1) // 1 is Sunday
	}
	return fmt.Sprintf("%s#%d", strings.ToUpper(r.weekday.String()[:3]), r.nth)
}

func monthNames(months []time.Month) string {
	names := make([]string, len(months))
	for i, m := range months {
		names[i] = strings.ToUpper(m.String()[:3])
	}
	return strings.Join(names, ",")
}
