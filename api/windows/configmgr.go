package windows

import (
	"fmt"
	"slices"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// Limits of a maintenance window of Configuration Manager, which must last less than 24 hours:
// https://learn.microsoft.com/intune/configmgr/core/clients/manage/collections/use-maintenance-windows
// https://learn.microsoft.com/powershell/module/configurationmanager/new-cmschedule
const (
	configMgrOffset  = 4 // OffsetDay is 0 to 4
	configMgrLongest = 24*time.Hour - time.Minute
)

// configMgr writes a PowerShell script.
func (p *printer) configMgr(list []Calendar) {
	p.comments("", "PowerShell, in a session connected to the site: makes a maintenance window for each date.",
		"Dates are UTC, so that they hold for clients in every zone. Change $collection to the name of yours.",
		"Run again, it makes each window anew. The windows are for software updates only: -ApplyTo Any lets task sequences and other programs run in them, too.")
	for _, c := range list {
		p.line("")
		p.head("", c)
		if slices.ContainsFunc(c.parts(), func(part part) bool { return part.length() > configMgrLongest }) {
			p.comments("", "A window of Configuration Manager lasts less than 24 hours: those of a whole day end a minute earlier here.")
		}
		p.line("$collection = '%s'", c.id())
		for _, part := range c.parts() {
			if part.span.Start.Equal(part.Span.Start) {
				p.comments("", c.line(part.Window))
			}
			p.configMgrDate("", part)
		}
		for _, next := range c.nextAllowed() {
			p.comments("", c.offer(next))
			p.configMgrDate("# ", next)
		}
		p.configMgrEvery(c)
	}
}

// configMgrDate writes a window, and before it the removal of the one that an earlier run made.
func (p *printer) configMgrDate(indent string, part part) {
	p.line("%s$schedule = New-CMSchedule -Nonrecurring -IsUtc -Start %s %s", indent, configMgrTime(part.span.Start), configMgrLength(part.span))
	p.line("%sRemove-CMMaintenanceWindow -CollectionName $collection -MaintenanceWindowName '%s' -Force -ErrorAction SilentlyContinue", indent, part.name)
	p.line("%sNew-CMMaintenanceWindow -CollectionName $collection -Name '%s' -Schedule $schedule -ApplyTo SoftwareUpdatesOnly", indent, part.name)
}

// configMgrTime writes an instant so that PowerShell reads it the same in every culture.
func configMgrTime(t time.Time) string {
	return "([datetime]'" + t.UTC().Format("2006-01-02T15:04:05") + "')"
}

// configMgrLength writes the length of a window in hours or, as a schedule counts at most 23 hours or 59
// minutes, its end.
func configMgrLength(s cycle.Span) string {
	d := min(s.End.Sub(s.Start), configMgrLongest)
	if d%time.Hour == 0 {
		return fmt.Sprintf("-DurationInterval Hours -DurationCount %d", d/time.Hour)
	}
	return "-End " + configMgrTime(s.Start.Add(d))
}

// configMgrEvery writes the window that repeats in every month as a comment, or why there is none.
func (p *printer) configMgrEvery(c Calendar) {
	r, hours, why := configMgrRepeats(c)
	if why != "" {
		p.comments("", why)
		return
	}
	p.comments("", fmt.Sprintf("The plan, %s at %02d:%02d, opens in EVERY month, in those without a restart, too: Configuration", r.words(), r.hour, r.minute),
		fmt.Sprintf("Manager can't name months, and knows of no freeze. It begins by the client's own clock: right in %s.%s", c.Zone, c.extent()))
	if time.Duration(hours)*time.Hour != r.length {
		p.comments("", fmt.Sprintf("It lasts %d hours: what repeats lasts whole hours, at most 23.", hours))
	}
	offset := ""
	if r.offset > 0 {
		offset = fmt.Sprintf(" -OffsetDay %d", r.offset)
	}
	p.comments("", fmt.Sprintf("$schedule = New-CMSchedule -DayOfWeek %s -WeekOrder %s%s -RecurCount 1 -Start ([datetime]'%sT%02d:%02d:00') -DurationInterval Hours -DurationCount %d",
		r.weekday, ordinals[r.nth], offset, r.start, r.hour, r.minute, hours))
}

// configMgrRepeats returns the recurrence and how many hours it lasts, or else a sentence that says why it can't be
// repeated.
func configMgrRepeats(c Calendar) (r recurrence, hours int, why string) {
	if r, why = c.repeats(); why != "" {
		return r, 0, why
	}
	r = r.weeks()
	hours = min(int(r.length/time.Hour), 23)
	_, _, inMonth := r.monthDays()
	switch {
	case hours == 0:
		why = "What repeats lasts whole hours: nothing is repeated."
	case r.offset < 0 || r.offset > configMgrOffset:
		why = fmt.Sprintf("Configuration Manager knows offsets from 0 to 4 days: it can't repeat a window %s.", r.words())
	case !inMonth && (r.nth > 0 || r.offset > 0):
		why = fmt.Sprintf("Configuration Manager clips an offset at the month's end, and a window %s may lie beyond: nothing is repeated.", r.words())
	}
	return r, hours, why
}
