package windows

import (
	"fmt"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// alertmanager writes time intervals: https://prometheus.io/docs/alerting/latest/configuration/#time_interval
func (p *printer) alertmanager(list []Calendar) {
	p.comments("", "For alertmanager.yml. A route with mute_time_intervals: [NAME] is silent in the windows of that name.",
		"Dates are UTC, where no change of clocks makes them shorter or longer.")
	if len(list) == 0 {
		p.line("time_intervals: []")
		return
	}
	p.line("time_intervals:")
	for _, c := range list {
		p.head("  ", c)
		p.line("  - name: '%s'", c.id()) // in quotes, as "---" is a valid id
		open := c.open()
		if len(open) == 0 {
			p.line("    time_intervals: []") // never active
		} else {
			p.line("    time_intervals:")
		}
		for _, w := range open {
			p.comments("      ", c.line(w))
			for _, part := range utcDays(w.Span) {
				p.part("      ", part)
			}
		}
		for _, next := range c.nextAllowed() {
			p.comments("      ", c.offer(next))
			if len(open) == 0 {
				p.comments("      ", "(and the [] above)")
			}
			for _, part := range utcDays(next.span) {
				p.part("      # ", part)
			}
		}
		p.alertmanagerPlan(c)
	}
}

// dayPart is the same span of time on consecutive days of one month.
type dayPart struct {
	years, months, weekdays string // "" for any
	first, last             int
	from, to                string
	zone                    string
}

func (p *printer) part(indent string, d dayPart) {
	p.line("%s- months: [%s]", indent, d.months)
	if d.years != "" {
		p.line("%s  years: ['%s']", indent, d.years)
	}
	if d.weekdays != "" {
		p.line("%s  weekdays: [%s]", indent, d.weekdays)
	}
	p.line("%s  days_of_month: ['%d:%d']", indent, d.first, d.last)
	p.line("%s  times: [{start_time: '%s', end_time: '%s'}]", indent, d.from, d.to)
	p.line("%s  location: %s", indent, d.zone)
}

const midnight = "24:00" // the end of a day

// utcDays cuts a span at each midnight; whole days in a row are one part.
func utcDays(s cycle.Span) []dayPart {
	var parts []dayPart
	for start := s.Start.UTC(); start.Before(s.End); {
		next := cycle.DateIn(start, time.UTC).AddDays(1).Midnight()
		part := dayPart{
			years: start.Format("2006"), months: start.Format("'1'"), first: start.Day(), last: start.Day(),
			from: start.Format("15:04"), to: midnight, zone: "UTC",
		}
		if s.End.Before(next) {
			part.to = s.End.UTC().Format("15:04")
		}
		if n := len(parts) - 1; n >= 0 && parts[n].follows(part) {
			parts[n].last = part.last
		} else {
			parts = append(parts, part)
		}
		start = next
	}
	return parts
}

// follows reports whether the next part has the same times, month and year: then both are whole days.
func (d dayPart) follows(next dayPart) bool {
	return d.from == next.from && d.to == next.to && d.months == next.months && d.years == next.years
}

// alertmanagerPlan writes the months that the rule plans, as a comment, or why they can't be said.
func (p *printer) alertmanagerPlan(c Calendar) {
	r, why := c.plan()
	first, last, _ := r.monthDays()
	begin := r.hour*60 + r.minute
	end := begin + int(r.length/time.Minute)
	const day = 24 * 60
	if why == "" && end > day && last == shortest {
		why = r.beyond()
	}
	if why != "" {
		p.comments("  ", why)
		return
	}
	p.comments("  ", fmt.Sprintf("The months that the rule plans, and those only, by the clocks of %s.%s Neither restarts that were not planned nor freezes are in it:", c.Zone, c.extent()))
	p.line("  # - name: '%s-by-plan'", c.id())
	p.line("  #   time_intervals:")
	part := dayPart{
		months: monthNumbers(c.Track.Rule.BaselineMonths, "'%d'"), weekdays: weekdayName(r.day()), first: first, last: last,
		from: clock(begin), to: clock(min(end, day)), zone: c.Zone.String(),
	}
	const commented = "  #     "
	p.part(commented, part)
	if end > day {
		part.weekdays, part.first, part.last = weekdayName(r.day()+1), first+1, last+1
		part.from, part.to = "00:00", clock(end-day)
		p.part(commented, part)
	}
}

// clock is the time of day that many minutes after midnight, which may be 24:00.
func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

func weekdayName(d time.Weekday) string { return strings.ToLower((d % 7).String()) }
