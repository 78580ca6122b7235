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
		for _, r := range s.Releases() {
			if r.OutOfBand && !r.Date.IsZero() {
				what := r.What() + ", " + effect(r)
				put(i, key{r.Date, what, r.KB}, change{What: what, Detail: strings.TrimSuffix(r.KB+": "+r.Note, ": "), Class: r.Type.String(), Href: in.monthHref(s, r.Month)})
			}
		}
		for _, n := range s.Notices() {
			what := n.Month.Name() + ": " + s.Track().Rule.Kind(n.Month).String() + " became " + n.Kind.String()
			put(i, key{n.KnownOn, what, ""}, change{What: what, Detail: n.Reason, Class: "notice", Href: in.monthHref(s, n.Month)})
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
