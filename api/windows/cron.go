package windows

import (
	"fmt"
	"time"
)

// cron writes a crontab as crontab(5) of cronie has it. Cron has no year, and takes a day of the month
// or a day of the week: what it can't say is asked by the command.
func (p *printer) cron(list []Calendar) {
	p.comments("", "A crontab: begins RESTART ring track minutes when a window opens. Cron ends nothing: the command must.",
		"Times are UTC. The cron of Debian does not know CRON_TZ: there, use it on a machine that is set to UTC.")
	p.line("CRON_TZ=UTC")
	p.line("RESTART=/usr/local/sbin/restart-for-updates")
	for _, c := range list {
		p.line("")
		p.head("", c)
		for _, w := range c.open() {
			p.comments("", c.line(w))
			start := w.Span.Start.UTC()
			p.line(`%d %d %d %d * [ "$(TZ=UTC date +\%%Y)" = %s ] && "$RESTART" %s %s %d`, start.Minute(), start.Hour(), start.Day(), start.Month(),
				start.Format("2006"), c.Ring.Name, c.Track.ID, w.Span.End.Sub(w.Span.Start)/time.Minute)
		}
		p.cronPlan(c)
	}
}

// cronPlan writes the months that the rule plans, as a comment, or why they can't be said.
func (p *printer) cronPlan(c Calendar) {
	r, why := c.recurrence()
	first, last, ok := r.monthDays()
	months := c.Track.Rule.BaselineMonths
	switch {
	case why != "":
		p.comments("", why)
		return
	case c.whole() || len(months) == 0:
		p.comments("", "Without a maintenance window, or a month that the rule plans to restart, there is nothing to repeat.")
		return
	case !ok:
		p.comments("", fmt.Sprintf("A window %s may lie in the month after: nothing is repeated.", r.words()))
		return
	}
	weekday := (int(r.day())+6)%7 + 1 // as date +%u counts: Monday is 1
	p.comments("", "The months that the rule plans, and those only, in a file of its own. Neither restarts that were not planned nor freezes are in it:",
		"CRON_TZ="+c.Zone.String(),
		fmt.Sprintf(`%d %d %d-%d %s * [ "$(TZ=%s date +\%%u)" = %d ] && "$RESTART" %s %s %d`, r.minute, r.hour, first, last, monthNumbers(months, "%d"),
			c.Zone, weekday, c.Ring.Name, c.Track.ID, r.length/time.Minute))
}
