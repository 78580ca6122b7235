package devices

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// Places of rows for which there is no [cycle.Place].
const (
	PlaceAmbiguousProduct = "ambiguous-product" // several products have the build, and nothing says which one it is
	PlaceNoTrack          = "no-track"          // no track has such builds, or the product is on no track
	PlaceNoBuild          = "no-build"          // the row has no build of Windows
	PlaceUnreadable       = "unreadable"        // the line is no row of the list
)

// Verdict is what a row means. Its texts are "" where nothing can be said. Days are YYYY-MM-DD, and months
// YYYY-MM.
type Verdict struct {
	Track, Place, Month, KB, BaselineMonth, NextUpdate, NextRestart, Note string

	candidates []string // the tracks that are possible where none can be told, if any
	newer      bool     // the build is newer than every known release of the track
	untold     bool     // the device may restart before the day that is certain
	count      *Count   // of the rows that the verdict is on
	csv, json  []byte   // the verdict as it is written; nil before the first time
}

// appended are the names of the columns that are added to those of the list.
var appended = []string{
	"cyclecal_track", "cyclecal_place", "cyclecal_month", "cyclecal_kb", "cyclecal_baseline_month",
	"cyclecal_next_update", "cyclecal_next_restart", "cyclecal_note",
}

// cells are the appended cells, in the order of [appended].
func (v *Verdict) cells() [8]string {
	return [...]string{v.Track, v.Place, v.Month, v.KB, v.BaselineMonth, v.NextUpdate, v.NextRestart, v.Note}
}

// Bounds of the verdicts that are remembered: a fleet has some hundred different builds and editions, and a
// list that differs in every row must not take the memory.
const (
	mostRemembered = 1 << 14
	mostKey        = 512 // bytes
)

// judge says what rows mean, and counts them.
type judge struct {
	o        Options
	at       columns
	keys     []int               // the columns that decide the verdict
	products []product           // of the schedules, in their order
	key      []byte              // the cells of those columns, for memo
	memo     map[string]*Verdict // by key
	tally    tally
}

func newJudge(o Options, at columns) *judge {
	j := &judge{o: o, at: at, keys: at.all(), memo: map[string]*Verdict{}, tally: tally{counts: map[alike]*Count{}}}
	for _, s := range o.Schedules {
		j.products = append(j.products, ofTrack(s.Track()))
	}
	return j
}

// judge returns the verdict on a row. If a row with the same build and product was judged before, it is
// looked up.
func (j *judge) judge(cells [][]byte) *Verdict {
	const unit = 0x1F // the unit separator of ASCII, which nobody writes in a cell
	j.key = j.key[:0]
	for _, i := range j.keys {
		j.key = append(append(j.key, cells[i]...), unit)
	}
	v := j.memo[string(j.key)]
	if v == nil {
		v = j.counted(j.resolve(cells))
		if len(j.memo) >= mostRemembered {
			clear(j.memo)
		}
		if len(j.key) <= mostKey {
			j.memo[string(j.key)] = v
		}
	}
	return v
}

// texts returns the cells of some columns, without empty ones, each cut to a length that is enough to
// describe a device.
func texts(cells [][]byte, at []int) []string {
	const most = 200
	var list []string
	for _, i := range at {
		if cell := bytes.TrimSpace(cells[i]); len(cell) > 0 {
			list = append(list, string(cell[:min(len(cell), most)]))
		}
	}
	return list
}

// resolve works out what a row means.
func (j *judge) resolve(cells [][]byte) *Verdict {
	builds := texts(cells, j.at.builds)
	b, whole := buildOf(builds, texts(cells, j.at.revisions))
	if b.Branch == 0 {
		return &Verdict{Place: PlaceNoBuild, Note: "No build of Windows is in the row"}
	}
	products := texts(cells, j.at.products)
	said := describe(products, texts(cells, j.at.skus), builds)
	var left []int
	fits := false
	for i, s := range j.o.Schedules {
		if !s.Track().Fits(b) {
			continue
		}
		fits = true
		if !said.excludes(j.products[i]) {
			left = append(left, i)
		}
	}
	switch {
	case !fits:
		return &Verdict{Place: PlaceNoTrack, Note: "No track has builds " + strconv.Itoa(b.Branch)}
	case len(left) == 0:
		return &Verdict{Place: PlaceNoTrack, Note: "The product is on no track, although its builds " + strconv.Itoa(b.Branch) + " are"}
	case len(left) > 1:
		if i := slices.IndexFunc(left, func(i int) bool { return j.named(i, products) }); i >= 0 {
			return j.place(left[i], b, whole)
		}
		return j.ambiguous(left, "")
	case !j.o.Named && !said.sure(j.products[left[0]]) && !j.onlyThere(left[0], b, whole):
		return j.ambiguous(left, ", or a product of the same builds that is on no track")
	}
	return j.place(left[0], b, whole)
}

// named reports whether a cell names the track of a schedule by its id.
func (j *judge) named(schedule int, products []string) bool {
	id := j.o.Schedules[schedule].Track().ID
	return slices.ContainsFunc(products, func(cell string) bool { return strings.EqualFold(strings.TrimSpace(cell), id) })
}

// place is the verdict on a device of a track.
func (j *judge) place(schedule int, b cycle.Build, whole bool) *Verdict {
	s := j.o.Schedules[schedule]
	if whole {
		return j.stand(s, b)
	}
	return &Verdict{
		Track: s.Track().ID, Place: cycle.PlaceUnknown.String(), untold: true,
		Note: "The row has no more of the build than " + strconv.Itoa(b.Branch) + ": the revision tells the update",
	}
}

// ambiguous is the verdict on a row that may be of several products. It never guesses one of them.
func (j *judge) ambiguous(left []int, more string) *Verdict {
	var ids []string
	for _, i := range left {
		ids = append(ids, j.o.Schedules[i].Track().ID)
	}
	return &Verdict{Place: PlaceAmbiguousProduct, Note: "The row does not tell the product: " + strings.Join(ids, " or ") + more, candidates: ids}
}

// onlyThere reports whether only hotpatches have the build. Then the device is on the track, whatever its
// edition is called.
func (j *judge) onlyThere(schedule int, b cycle.Build, whole bool) bool {
	if !whole {
		return false
	}
	releases := j.o.Schedules[schedule].Place(b, j.o.At).Releases
	return len(releases) > 0 && !slices.ContainsFunc(releases, func(r cycle.Release) bool { return r.Type != cycle.TypeHotpatch })
}

// stand is the verdict for a build on a track.
func (j *judge) stand(s cycle.Schedule, b cycle.Build) *Verdict {
	st := s.Place(b, j.o.At)
	v := &Verdict{
		Track: s.Track().ID, Place: st.Place.String(), Month: st.Month.String(), BaselineMonth: st.BaselineMonth.String(), Note: st.Note,
		newer:  st.Place == cycle.PlaceUnknown && st.Before.Build != "" && st.After.Build == "",
		untold: (st.Place == cycle.PlaceUnknown || st.Place == cycle.Ambiguous) && !st.NextRestarts,
	}
	var kbs []string
	for _, r := range st.Releases {
		if r.KB != "" && !slices.Contains(kbs, r.KB) {
			kbs = append(kbs, r.KB)
		}
	}
	v.KB = strings.Join(kbs, " ")
	offered, restart := j.releaseDay, j.releaseDay
	switch ring := j.o.Ring; {
	case ring.Name == "":
	case ring.Holds(v.Track):
		offered, restart = j.offerDay, j.ringDay
	default:
		v.Note = strings.TrimPrefix(v.Note+"; ring "+ring.Name+" has no devices of the track: the days are those of the releases", "; ")
	}
	if !st.Next.Month.IsZero() {
		v.NextUpdate = offered(s, st.Next).String()
	}
	if !st.NextRestart.Month.IsZero() {
		v.NextRestart = restart(s, st.NextRestart).String()
		if v.untold {
			v.Note += "; it may restart before " + v.NextRestart
		}
	}
	return v
}

func (j *judge) releaseDay(s cycle.Schedule, m cycle.Milestone) cycle.Date {
	return cycle.DateIn(m.At, j.o.zone(s))
}

func (j *judge) offerDay(s cycle.Schedule, m cycle.Milestone) cycle.Date {
	zone := j.o.zone(s)
	return cycle.DateIn(s.OfferedAt(s.ForRing(m, j.o.Ring, zone), j.o.Ring, zone), zone)
}

// ringDay is the day on which the ring restarts for a month: that on which its window begins or, without a
// window, its last day.
func (j *judge) ringDay(s cycle.Schedule, m cycle.Milestone) cycle.Date {
	m.Kind = cycle.Baseline // it restarts this device, whatever it does to those on the cycle
	zone := j.o.zone(s)
	p := s.Plan(s.ForRing(m, j.o.Ring, zone), j.o.Ring, nil, zone)
	if !j.o.Ring.Window.IsZero() {
		return cycle.DateIn(p.Window.Start, zone)
	}
	return p.RestartBy
}
