package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/metrics"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/importer"
)

// sourceState is what all programs on one store know about a source. It is a note in the store.
type sourceState struct {
	Address string `json:"address"`
	// Since is when it was first to be fetched.
	Since time.Time `json:"since,omitzero"`
	// CheckedAt is when the source was last read or found to be unchanged, ReadAt when it was
	// last read, and ChangedAt when it was last found to have changed.
	CheckedAt time.Time `json:"checked_at,omitzero"`
	ReadAt    time.Time `json:"read_at,omitzero"`
	ChangedAt time.Time `json:"changed_at,omitzero"`
	// NextAt is when the source is due. A program that fetches it moves that on first, as a claim.
	NextAt   time.Time `json:"next_at,omitzero"`
	Failures int       `json:"failures,omitempty"` // since CheckedAt
	Error    string    `json:"error,omitempty"`    // of the last of them

	// What was read, and by which program.
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	Digest       string `json:"digest,omitempty"`
	Program      string `json:"program,omitempty"`
	// Revision is the first one that has what was read.
	Revision int64 `json:"revision,omitempty"`
	// Problem says which part of the page could not be read.
	Problem string `json:"problem,omitempty"`
	// Refused is the digest of a later page that could not be used.
	Refused string `json:"refused,omitempty"`
}

// readState reads a note, also one that is missing, broken or of another address.
func readState(note []byte, s source) sourceState {
	var state sourceState
	if err := json.Unmarshal(note, &state); err != nil || state.Address != s.address {
		return sourceState{Address: s.address}
	}
	return state
}

func (s sourceState) note() ([]byte, error) { return json.Marshal(s) }

// due reports whether the source is to be fetched. It is if NextAt is more than a day ahead, as
// only a wrong clock can have written that.
func (s sourceState) due(now time.Time) bool {
	return !now.Before(s.NextAt) || s.NextAt.Sub(now) > retryBounds+time.Hour
}

// validators tell which form of the page was read, if the same version of the program read it, and on this day:
// what a page takes back counts from the day after it was said, and what was learned from it may be lost.
func (s sourceState) validators(now time.Time, zone *time.Location) importer.Validators {
	if s.Program != version() || cycle.DateIn(s.ReadAt, zone) != cycle.DateIn(now, zone) {
		return importer.Validators{}
	}
	return importer.Validators{ETag: s.ETag, LastModified: s.LastModified}
}

// staleAfter is how many days a source may be unread.
const staleAfter = 14

// age tells how old the source is, on a day.
func (s sourceState) age(of source, today cycle.Date, zone *time.Location) api.SourceAge {
	age := api.SourceAge{ID: of.id, Name: of.name}
	since := s.Since
	if !s.CheckedAt.IsZero() {
		since = s.CheckedAt
		age.CheckedOn = cycle.DateIn(s.CheckedAt, zone)
	}
	age.Stale = !since.IsZero() && cycle.DateIn(since, zone).DaysUntil(today) > staleAfter
	return age
}

// sourceDetails is what /readyz tells of a source.
type sourceDetails struct {
	ID        string  `json:"id"`
	URL       string  `json:"url"`
	CheckedAt *string `json:"checked_at"`
	ChangedAt *string `json:"changed_at"`
	Stale     bool    `json:"stale"`
	Error     *string `json:"error"`
}

func (s sourceState) details(age api.SourceAge) sourceDetails {
	d := sourceDetails{ID: age.ID, URL: s.Address, Stale: age.Stale}
	instant := func(t time.Time) *string {
		if t.IsZero() {
			return nil
		}
		text := t.UTC().Format(time.RFC3339)
		return &text
	}
	d.CheckedAt, d.ChangedAt = instant(s.CheckedAt), instant(s.ChangedAt)
	d.Error = orNull(cmp.Or(s.Error, s.Problem))
	return d
}

// known returns what was last seen of a source's state.
func (s *syncer) known(one source) sourceState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state, ok := s.states[one.id]; ok {
		return state
	}
	return sourceState{Address: one.address}
}

func (s *syncer) remember(one source, state sourceState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.states[one.id] = state
}

// age puts the ages of the sources into the snapshot, if they have changed.
func (f *fleet) age(sources []api.SourceAge) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if slices.Equal(f.sources, sources) {
		return
	}
	f.sources = sources
	if f.snapshot.Load() != nil {
		f.compile()
	}
}

// ages tell how old the sources are today.
func (s *syncer) ages() []api.SourceAge {
	today := cycle.DateIn(s.fleet.now(), s.zone)
	list := make([]api.SourceAge, len(s.sources))
	for i, one := range s.sources {
		list[i] = s.known(one).age(one, today, s.zone)
	}
	return list
}

// details are what /readyz tells of the store and of the sources, where they are fetched.
func (s *service) details() map[string]any {
	all := s.fleet.details()
	if s.sync == nil {
		return all
	}
	list := make([]sourceDetails, 0, len(s.sync.sources))
	for i, age := range s.sync.ages() {
		list = append(list, s.sync.known(s.sync.sources[i]).details(age))
	}
	all["sources"] = list
	return all
}

// measured returns the metrics of the sources.
func (s *syncer) measured() []metrics.Source {
	if s == nil {
		return nil
	}
	var list []metrics.Source
	for _, one := range s.sources {
		state := s.known(one)
		list = append(list, metrics.Source{ID: one.id, Checked: state.CheckedAt, Failures: state.Failures, Incomplete: state.Problem != ""})
	}
	return list
}

// tellOf says what could not be read of a document.
func tellOf(problems []importer.Problem) string {
	if len(problems) == 0 {
		return ""
	}
	return short(fmt.Sprintf("%s can't be read, the first: %s: %s", cycle.Quantity(len(problems), "row", "rows"), problems[0].Place, problems[0].Detail))
}

// short makes a text of somebody else's one short line.
func short(s string) string {
	const most = 201
	return fit(plain(s), most)
}
