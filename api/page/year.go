package page

import (
	"github.com/cyclecal/cyclecal/cycle"
)

// yearView is twelve months of each track.
type yearView struct {
	Year           string
	Earlier, Later Link
	Months         []columnView
	Rows           []yearRow
	Other          string // tracks that have no month in the year
}

type columnView struct {
	Short, Long string
	Today       bool
}

type yearRow struct {
	Name, Href string
	Next       string
	Away       string
	Cells      []cell
}

// cell is one month of one track.
type cell struct {
	Empty    bool
	Href     string
	Class    string // baseline or hotpatch, unplanned, unconfirmed, planned
	Word     string
	Label    string // everything in words, for screen readers
	Day      string
	KB       string
	Status   string
	Marks    []int // where out-of-band releases lie in the strip
	TodayX   int   // where today lies in the month's strip; -1 in other months
	ReleaseX int
	Chosen   bool
	Long     string
	Width    int
}

// strip is how many units of width a day has in a month's strip.
const strip = 4

func (in Input) year() yearView {
	v := yearView{Year: yearText(in.Year)}
	first, last := in.span()
	if in.Year > first {
		v.Earlier = in.yearLink(in.Year - 1)
	}
	if in.Year < last {
		v.Later = in.yearLink(in.Year + 1)
	}
	january := cycle.MonthOf(in.Year, 1)
	for n := range 12 {
		m := january.AddMonths(n)
		name := m.Day(1).Midnight()
		v.Months = append(v.Months, columnView{name.Format("Jan"), name.Format("January"), m == in.Today.Month()})
	}
	var other []string
	for _, s := range in.Schedules {
		row, some := in.yearRow(s, january)
		if !some && !in.Single {
			other = append(other, s.Track().Name)
			continue
		}
		v.Rows = append(v.Rows, row)
	}
	v.Other = names(other)
	return v
}

func (in Input) yearLink(year int) Link {
	return Link{Href: in.link("year", "year", yearText(year), "month", ""), Text: yearText(year)}
}

// span returns the years that can be looked at.
func (in Input) span() (first, last int) {
	first, last = in.Usual().Year(), in.Usual().Year()
	for _, s := range in.Schedules {
		t := s.Track()
		first = min(first, t.FirstMonth.Year())
		if t.LastMonth.IsZero() {
			last = max(last, in.TodayOf(s).Month().Year()+5)
		} else {
			last = max(last, t.LastMonth.Year())
		}
	}
	return first, last
}

func (in Input) yearRow(s cycle.Schedule, january cycle.Month) (row yearRow, some bool) {
	t := s.Track()
	row = yearRow{Name: shortName(t), Href: in.linkTo(trackPath(t), "", "month", "")}
	if m, ok := s.NextRestart(in.Now); ok {
		day := in.releasedOn(s, m)
		row.Next, row.Away = shortDay(day), in.away(s, day)
	} else {
		row.Next = "none: " + in.whyNone(s)
	}
	for n := range 12 {
		month := january.AddMonths(n)
		m, ok := s.Milestone(month)
		if !ok {
			row.Cells = append(row.Cells, cell{Empty: true, Long: month.Of().String()})
			continue
		}
		some = true
		row.Cells = append(row.Cells, in.cell(s, m))
	}
	return row, some
}

func (in Input) cell(s cycle.Schedule, m cycle.Milestone) cell {
	day := in.releasedOn(s, m)
	c := cell{
		Href:   in.monthHref(s, m.Month),
		Class:  m.Kind.String() + " " + m.Status.String(),
		Word:   "hotpatch",
		Day:    dayIn(m.Month, day),
		KB:     m.Update.KB,
		Status: m.Status.String(),
		TodayX: -1, ReleaseX: dayX(m.Month, day),
		Chosen: m.Month == in.Month,
		Long:   m.Month.Of().String(),
		Width:  m.Month.Last().Midnight().Day() * strip,
	}
	if m.Kind == cycle.Baseline {
		c.Word = "restart"
	}
	if m.Unplanned() {
		c.Word, c.Class = "unplanned", c.Class+" unplanned"
	}
	c.Label = s.Track().Name + ", " + m.Month.Name() + ": " + effectOf(m) + ", " + reason(m) + ", " + m.Status.String()
	if today := in.TodayOf(s); m.Month == today.Month() {
		c.TodayX = dayX(m.Month, today)
	}
	for _, r := range m.Releases {
		if !r.OutOfBand || !r.OnCycle() || r.Date.IsZero() || r == m.Update {
			continue
		}
		day := cycle.DateIn(s.Track().Rule.At(r.Date), in.ZoneOf(s))
		c.Marks = append(c.Marks, dayX(m.Month, day))
		c.Label += "; " + r.What() + " on " + onDay(m.Month, day)
	}
	return c
}

// dayX returns where a day lies in the strip of a month: at its edge, if the day lies in another month.
func dayX(m cycle.Month, d cycle.Date) int {
	first := m.Day(1)
	return min(max(first.DaysUntil(d), 0), first.DaysUntil(m.Last()))*strip + strip/2
}

func effectOf(m cycle.Milestone) string {
	if m.Kind.Restarts() {
		return "restart"
	}
	return "no restart"
}
