package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/cycle"
)

// Secrets of the fleet that tests ask about. The token of no role has ended.
const (
	viewerSecret  = "viewer-secret"
	editorSecret  = "editor-secret"
	adminSecret   = "admin-secret"
	expiredSecret = "expired-secret"
	feedSecret    = "feed-secret"
	brokenSecret  = "broken-secret"
)

const asAdmin = "Authorization: Bearer " + adminSecret

// stored are the documents of that fleet.
var stored = map[string]map[string]string{
	"rings": {
		"pilot": `{"id":"pilot","tracks":["windows-11-24h2"],"deferral":1,"deadline":2,"grace":2,"window":{"weekday":"saturday","offset_days":null,"start":"22:00","duration":"PT4H","time_zone":"Europe/Berlin"}}`,
		"spare": `{"id":"spare","tracks":[],"deferral":0,"deadline":0,"grace":0,"window":null}`,
	},
	"tracks":   {"oracle-cpu": `{"id":"oracle-cpu","name":"Oracle Critical Patch Update"}`},
	"freezes":  {"year-end": `{"id":"year-end","from":"2026-12-18","to":"2027-01-17","tracks":[],"rings":["pilot"],"reason":"Year-end closing"}`},
	"feeds":    {"sales": `{"id":"sales","title":"Sales laptops","tracks":["windows-11-24h2"],"rings":["pilot"],"kind":"baseline","alarm":"P1D","style":"allday"}`},
	"tokens":   {"ci": `{"id":"ci","role":"editor","expires_at":null}`},
	"notices":  {"windows-11-24h2.2026-12": `{"id":"windows-11-24h2.2026-12","track":"windows-11-24h2","month":"2026-12","kind":"baseline","known_on":"2026-11-20","plan_seen_on":null,"reason":"Told by the vendor","source":null,"earlier":[]}`},
	"releases": {"windows-11-24h2.kb5061258": `{"id":"windows-11-24h2.kb5061258","track":"windows-11-24h2","month":"2025-05","kb":"KB5061258","build":"26100.3983","type":"hotpatch","out_of_band":true,"restart":false,"release_date":"2025-05-16","known_on":"2025-05-16","title":null,"url":null,"confidence":null,"sources":null,"note":null}`},
}

// fleetContents is the built-in history with a fleet over it.
func fleetContents(t testing.TB) api.Contents {
	t.Helper()
	berlin, err := cycle.ParseZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	day := func(s string) cycle.Date {
		d, err := cycle.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	c := api.Contents{
		Revision: 7, Facts: builtIn(t), FleetEdition: 5,
		Rings: []*cycle.Ring{{
			Name: "pilot", Tracks: []string{"windows-11-24h2"}, Deferral: 1, Deadline: 2, Grace: 2,
			Window: cycle.Window{ByWeekday: true, Weekday: time.Saturday, Hour: 22, Duration: 4 * time.Hour, Zone: berlin},
		}, {Name: "spare"}},
		Freezes: []cycle.Freeze{{ID: "year-end", From: day("2026-12-18"), To: day("2027-01-17"), Rings: []string{"pilot"}, Reason: "Year-end closing"}},
		Tokens: auth.NewKeys(map[string]auth.Bearer{
			auth.Hash(viewerSecret):  {ID: "reader", Role: auth.Viewer},
			auth.Hash(editorSecret):  {ID: "ci", Role: auth.Editor},
			auth.Hash(adminSecret):   {ID: "boss", Role: auth.Admin},
			auth.Hash(expiredSecret): {ID: "old", Role: auth.Admin, ExpiresAt: instant(t, today)},
		}),
		Feeds: auth.NewKeys(map[string]api.Feed{
			auth.Hash(feedSecret): {
				ID: "sales", Title: "Sales laptops", Tracks: []string{"windows-11-24h2"}, Edition: 3,
				Query: url.Values{"ring": {"pilot"}, "kind": {"baseline"}, "alarm": {"P1D"}, "style": {"allday"}},
			},
			auth.Hash(brokenSecret): {ID: "lost", Broken: true},
		}),
		Documents: map[string][]*api.Document{},
	}
	for _, kind := range slices.Sorted(maps.Keys(stored)) {
		for i, id := range slices.Sorted(maps.Keys(stored[kind])) {
			d := api.NewDocument(kind, id, int64(i+2), json.RawMessage(stored[kind][id]))
			c.Documents[kind] = append(c.Documents[kind], &d)
		}
	}
	return c
}

// keeper takes every document and keeps none. Ids say what goes wrong.
type keeper struct{}

func (keeper) Put(_ context.Context, c api.Change) (api.Written, error) {
	switch {
	case c.ID == "down":
		return api.Written{}, errors.Join(api.ErrUnavailable, errors.New("password=hunter2"))
	case c.ID == "wrong", !json.Valid(c.Body) || !bytes.HasPrefix(bytes.TrimSpace(c.Body), []byte("{")):
		return api.Written{}, &api.DocumentError{Faults: []api.DocumentFault{{Pointer: "/deferral", Detail: "want 0 to 30"}, {Detail: "want an object"}}}
	case c.Key == "used":
		return api.Written{}, api.ErrKeyReused
	case c.Absent && stored[c.Kind][c.ID] != "", c.IfMatch != nil && !slices.Contains(c.IfMatch, 2):
		return api.Written{}, api.ErrChanged
	}
	w := api.Written{Document: api.NewDocument(c.Kind, c.ID, 8, bytes.TrimSpace(c.Body)), Created: stored[c.Kind][c.ID] == ""}
	if w.Created && (c.Kind == "feeds" || c.Kind == "tokens") {
		w.Secret = "new-secret"
	}
	return w, nil
}

func (keeper) Delete(_ context.Context, c api.Change) error {
	switch {
	case stored[c.Kind][c.ID] == "":
		return cycle.ErrNotFound
	case c.ID == "pilot":
		return &api.DocumentError{Used: true, Faults: []api.DocumentFault{{Pointer: "/feeds/sales/rings/0", Detail: "needs it"}}}
	}
	return nil
}

func (keeper) Rotate(_ context.Context, c api.Change) (api.Written, error) {
	body := stored[c.Kind][c.ID]
	if body == "" {
		return api.Written{}, cycle.ErrNotFound
	}
	return api.Written{Document: api.NewDocument(c.Kind, c.ID, 9, json.RawMessage(body)), Secret: "new-secret"}, nil
}

func (keeper) History(context.Context, int64, int) ([]api.Entry, error) {
	at := time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC)
	body := json.RawMessage(stored["tokens"]["ci"])
	return []api.Entry{
		{Revision: 7, Kind: "tokens", ID: "ci", Action: "rotated", Who: "boss", RequestID: "r2", At: at, Before: body, After: body},
		{Revision: 6, Kind: "tokens", ID: "ci", Action: "created", Who: "boss", RequestID: "r1", At: at, After: body},
	}, nil
}

func (keeper) Fetches(context.Context) (map[string][]api.Fetch, error) {
	return map[string][]api.Fetch{"sales": {{Day: "2026-11-20", Client: "Outlook", Count: 3}, {Day: "2026-11-21", Client: "Thunderbird", Count: 4}}}, nil
}

// fleetConfig is a service with that fleet.
func fleetConfig(t testing.TB) api.Config {
	t.Helper()
	return api.Config{Source: api.NewSnapshot(fleetContents(t)), Documents: keeper{}, BaseURL: "https://cal.example.com"}
}

// pathOf fills in the placeholders of a path with what there is.
func pathOf(path string) string {
	kind, _, _ := strings.Cut(strings.TrimPrefix(path, "/api/v1/"), "/")
	for _, id := range slices.Sorted(maps.Keys(stored[kind])) {
		path = strings.Replace(path, "{id}", id, 1)
	}
	return strings.NewReplacer(
		"/dashboards/{file}", "/dashboards/grafana.json", "{track}", "windows-11-24h2", "{tracks}", "all", "{month}", "2026-06", "{build}", "26100.3983", "{file}", "page.css", "{topic}", "subscribe", "{secret}", feedSecret,
	).Replace(path)
}
