package page

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// change is a plan that changed, or an out-of-band release.
type change struct {
	Day, What, Detail, Tracks, Href string
	Class                           string
}

// newestChanges is how many changes are shown at once.
const newestChanges = 6

// changes lists what did not go by the rule, the newest first. What several tracks
// share is one line.
func (in Input) changes() []change {
	type key struct {
		day          cycle.Date
		what, detail string
	}
	var same groups[key]
	first := map[key]change{}
	put := func(track int, k key, c change) {
		if same.add(k, track) {
			first[k] = c
		}
	}
	for i, s := range in.Schedules {
		for _, c := range s.Changes() {
			if c.OutOfBand() {
				r := c.Release
				what := r.What() + ", " + effect(r)
				put(i, key{cmp.Or(c.ReleasedOn, c.KnownOn), what, r.KB}, change{What: what, Detail: strings.TrimSuffix(r.KB+": "+r.Note, ": "), Class: r.Type.String(), Href: in.monthHref(s, r.Month)})
				continue
			}
			what := c.Month.Name() + ": " + c.Was.String() + " became " + c.Is.String()
			put(i, key{c.KnownOn, what, ""}, change{What: what, Detail: cmp.Or(c.Notice.Reason, c.Release.Note), Class: "notice", Href: in.monthHref(s, c.Month)})
		}
	}
	slices.SortStableFunc(same.order, func(a, b key) int { return cmp.Or(b.day.Compare(a.day), cmp.Compare(a.what, b.what)) })
	list := make([]change, len(same.order))
	for i, k := range same.order {
		list[i] = first[k]
		list[i].Day = shortDay(k.day)
		if !in.Single {
			list[i].Tracks = in.tracksOf(same.tracks[k])
		}
	}
	return list
}
