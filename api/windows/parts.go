package windows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// longest is how long a window of AWS may last; one of Azure or of Configuration Manager, less.
const longest = 24 * time.Hour

// pieces cuts a span where a tool takes no longer one: days at midnight, so that the next begins
// at night.
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

// part is a window, or a piece of one, for a tool that takes no more than a day at once.
type part struct {
	Window
	span cycle.Span
	name string
}

func (p part) length() time.Duration { return p.span.End.Sub(p.span.Start) }

// parts returns what is open. Their names stay the same whatever else is open.
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

// next returns the first window after one that a freeze forbids that none does; it is for people to take.
func (c Calendar) next(w Window) (part, bool) {
	next := w
	next.Span = w.Plan.NextWindow
	return part{next, next.Span, w.name() + "_" + c.id()}, !next.Span.Start.IsZero()
}

// nextAllowed returns the next windows in place of those that freezes forbid.
func (c Calendar) nextAllowed() []part {
	var list []part
	for _, w := range c.closed() {
		if next, ok := c.next(w); ok {
			list = append(list, next)
		}
	}
	return list
}

// offer introduces a line that is only a comment to who reads a script.
func (c Calendar) offer(next part) string {
	return fmt.Sprintf("In place of %s, which freeze %s forbids, the next window allowed is %s to %s %s. To use it, take away the # below:",
		next.Month.Month, next.Plan.Freeze.ID, c.local(next.span.Start), c.local(next.span.End), c.Zone)
}

// leftOut is a month that a freeze forbids, with what would do instead.
type leftOut[T any] struct {
	Month  string `json:"month"`
	Freeze string `json:"freeze"`
	// Next is null where nothing else is allowed, or the tool can't say it.
	Next *T `json:"next_allowed"`
}

// fitting returns what a tool is given of each part, and the parts that are too short for it.
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

// leave lists what is left out, in the words of a tool.
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
