package windows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// longest is how long a window may last for the tools that take no longer one than a day. It is that of
// AWS; those of Azure and Configuration Manager are shorter.
const longest = 24 * time.Hour

// pieces cuts a span into pieces of at most a day. Whole days are cut at midnight in the calendar's zone.
func (c Calendar) pieces(s cycle.Span) []cycle.Span {
	var list []cycle.Span
	for start := s.Start; start.Before(s.End); {
		end := start.Add(longest)
		if next := cycle.DateIn(start, c.Zone).AddDays(1).Start(c.Zone); c.Whole() && next.Before(end) {
			end = next.UTC()
		}
		if end.After(s.End) {
			end = s.End
		}
		list = append(list, cycle.Span{Start: start, End: end})
		start = end
	}
	return list
}

// part is a window, or a piece of one, for a tool that takes no window longer than a day.
type part struct {
	Window
	span cycle.Span // the piece
	name string     // in the tool
}

func (p part) length() time.Duration { return p.span.End.Sub(p.span.Start) }

// parts returns the parts that no freeze forbids. The name of a part doesn't depend on which others
// are forbidden.
func (c Calendar) parts() []part {
	var list []part
	for _, w := range c.distinct() {
		for i, s := range c.pieces(w.Span) {
			in := slices.IndexFunc(w.Open, func(run cycle.Span) bool { return !s.Start.Before(run.Start) && s.Start.Before(run.End) })
			if in < 0 {
				continue
			}
			name, run := w.name(), w
			if i > 0 {
				name = fmt.Sprintf("%s-%d", name, i+1)
			}
			run.Span = w.Open[in]
			list = append(list, part{run, s, name + "_" + c.id()})
		}
	}
	return list
}

// next returns the window that is allowed in place of one that a freeze forbids, for people to choose.
func (c Calendar) next(w Window) (part, bool) {
	next := w
	next.Span = w.Plan.NextWindow
	return part{next, next.Span, w.name() + "_" + c.id()}, !next.Span.Start.IsZero()
}

// nextAllowed returns what next returns for each window that freezes forbid.
func (c Calendar) nextAllowed() []part {
	var list []part
	for _, w := range c.closed() {
		if next, ok := c.next(w); ok {
			list = append(list, next)
		}
	}
	return list
}

// offer introduces a line of a script that is commented out, and that people may use.
func (c Calendar) offer(next part) string {
	return fmt.Sprintf("In place of %s, which freeze %s forbids, the next window allowed is %s to %s %s. To use it, take away the # below:",
		next.Month.Month, next.Plan.Freeze.ID, c.local(next.span.Start), c.local(next.span.End), c.Zone)
}

// leftOut is a month whose window a freeze forbids, with what is allowed instead.
type leftOut[T any] struct {
	Month  string `json:"month"`
	Freeze string `json:"freeze"`
	// Next is null where nothing else is allowed, or the tool can't say it.
	Next *T `json:"next_allowed"`
}

// fitting writes each part for a tool, and returns apart those for which of returns nil, as the tool takes no
// window that short.
func fitting[T any](c Calendar, of func(part) *T) (dates []T, dropped []part) {
	dates = []T{}
	for _, p := range c.parts() {
		if d := of(p); d != nil {
			dates = append(dates, *d)
		} else {
			dropped = append(dropped, p)
		}
	}
	return dates, dropped
}

// leave lists the months that are left out, in the words of a tool.
func leave[T any](c Calendar, write func(part) *T) []leftOut[T] {
	list := []leftOut[T]{}
	for _, w := range c.closed() {
		l := leftOut[T]{Month: w.Month.Month.String(), Freeze: w.Plan.Freeze.ID}
		if next, ok := c.next(w); ok {
			l.Next = write(next)
		}
		list = append(list, l)
	}
	return list
}

// monthsOf joins the months of parts, each once.
func monthsOf(list []part) string {
	var months []string
	for _, p := range list {
		months = append(months, p.Month.Month.String())
	}
	return strings.Join(slices.Compact(months), ", ")
}
