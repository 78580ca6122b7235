package windows

import (
	"fmt"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// cron writes a crontab as in crontab(5) of cronie. Cron has no year, and can't combine a day of the month
// with a day of the week: the command tests what cron can't express.
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
			p.cronDate("", c, w.Span)
		}
		for _, next := range c.nextAllowed() {
			p.comments("", c.offer(next))
			p.cronDate("# ", c, next.span)
		}
		p.cronPlan(c)
	}
}

func (p *printer) cronDate(indent string, c Calendar, s cycle.Span) {
	start := s.Start.UTC()
	p.line(`%s%d %d %d %d * [ "$(TZ=UTC date +\%%Y)" = %s ] && "$RESTART" %s %s %d`, indent, start.Minute(), start.Hour(), start.Day(), start.Month(),
		start.Format("2006"), c.Ring.Name, c.Track.ID, s.End.Sub(s.Start)/time.Minute)
}

// cronPlan writes the months that the rule plans, as a comment, or why they can't be said.
func (p *printer) cronPlan(c Calendar) {
	r, why := c.plan()
	if why != "" {
		p.comments("", why)
		return
	}
	first, last, _ := r.monthDays()
	weekday := (int(r.day())+6)%7 + 1 // as date +%u counts: Monday is 1
	p.comments("", "The months that the rule plans, and those only, in a file of its own."+c.extent()+" Neither restarts that were not planned nor freezes are in it:",
		"CRON_TZ="+c.Zone.String(),
		fmt.Sprintf(`%d %d %d-%d %s * [ "$(TZ=%s date +\%%u)" = %d ] && "$RESTART" %s %s %d`, r.minute, r.hour, first, last, monthNumbers(c.Track.Rule.BaselineMonths, "%d"),
			c.Zone, weekday, c.Ring.Name, c.Track.ID, r.length/time.Minute))
}
