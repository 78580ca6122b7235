//go:build e2e

package page_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/resource"
)

// The tokens of the test.
const (
	adminToken  = "an-admin-of-the-test"
	viewerToken = "a-viewer-of-the-test"
)

const ordinary = `
rings:
  - {id: broad, tracks: [], deferral: 9, deadline: 5, grace: 2,
     window: {offset_days: 10, start: "02:00", duration: PT1H30M, time_zone: America/New_York}}
  - {id: pilot, tracks: [windows-11-24h2], deferral: 1, deadline: 2, grace: 2,
     window: {weekday: saturday, start: "22:00", duration: PT4H, time_zone: Europe/Berlin}}
  - {id: servers, tracks: [windows-server-2025], deferral: 7, deadline: 3}
freezes:
  - {id: audit, from: 2027-04-22, to: 2027-05-02, tracks: [windows-server-2025]}
  - {id: past, from: 2025-12-18, to: 2026-01-10, reason: It is over}
  - {id: stocktaking, from: 2027-01-21, to: 2027-01-24, rings: [servers], reason: Stocktaking}
  - {id: year-end, from: 2026-12-18, to: 2027-01-19, rings: [pilot], reason: Year-end closing}
feeds:
  - {id: sales, title: Sales laptops, tracks: [windows-11-24h2], rings: [pilot], alarm: P1D}
`

// Windows a minute before and after the end of the last day, 2027-01-15 in Redmond, of rings where it is another day.
const borders = `
rings:
  - {id: kiritimati-within, deferral: 1, deadline: 1, grace: 1, window: {offset_days: 3, start: "21:59", duration: PT1H, time_zone: Pacific/Kiritimati}}
  - {id: kiritimati-after, deferral: 1, deadline: 1, grace: 1, window: {offset_days: 3, start: "22:00", duration: PT1H, time_zone: Pacific/Kiritimati}}
  - {id: pago-pago-within, deferral: 1, deadline: 1, grace: 1, window: {offset_days: 2, start: "20:59", duration: PT1H, time_zone: Pacific/Pago_Pago}}
  - {id: pago-pago-after, deferral: 1, deadline: 1, grace: 1, window: {offset_days: 2, start: "21:00", duration: PT1H, time_zone: Pacific/Pago_Pago}}
freezes:
  - {id: east, from: 2027-01-15, to: 2027-01-15, rings: [kiritimati-within, kiritimati-after]}
  - {id: west, from: 2027-01-14, to: 2027-01-14, rings: [pago-pago-within, pago-pago-after]}
`

// What people may write to break the page.
var unkind = `
rings:
  - {id: ` + strings.Repeat("w", 64) + `, deferral: 1, window: {weekday: saturday, start: "22:00", duration: PT4H, time_zone: America/Argentina/ComodRivadavia}}
freezes:
  - {id: ` + strings.Repeat("z", 64) + `, from: 2026-12-18, to: 2027-11-30, reason: "<img src=x onerror=alert(1)>` + strings.Repeat("W", 900) + `"}
  - {id: rtl, from: 2026-12-18, to: 2027-01-19, reason: "שלום (עולם </b> 123"}
feeds:
  - {id: ` + strings.Repeat("f", 64) + `, title: ` + strings.Repeat("W", 200) + `}
  - {id: img, title: "<img src=x onerror=alert(1)>"}
  - {id: rtl, title: "מחשבים ניידים (מכירות", tracks: [windows-11-24h2]}
`

// fleet keeps documents as the program does, but in memory; only feeds can be written.
type fleet struct {
	mu       sync.Mutex
	facts    []cycle.Facts
	docs     []resource.Document
	secrets  map[string]string // of a feed, by its id
	revision int64
	snapshot *api.Snapshot
}

func newFleet(t *testing.T, file string) *fleet {
	t.Helper()
	docs, err := resource.ParseFleet([]byte(file), "fleet.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f := &fleet{facts: history(t), docs: docs, secrets: map[string]string{}}
	for _, d := range docs {
		if d.Kind == resource.Feeds {
			f.secrets[d.ID] = auth.NewSecret()
		}
	}
	return f
}

// serve returns the address of a service with these documents.
func (f *fleet) serve(t *testing.T) string {
	t.Helper()
	f.publish()
	h, err := api.New(api.Config{
		Source: f, Now: func() time.Time { return instant(t, today) }, Log: slog.New(slog.DiscardHandler), Documents: f,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func (f *fleet) Snapshot() *api.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.snapshot
}

// publish makes a snapshot of the documents.
func (f *fleet) publish() {
	layers := resource.NewLayers(f.facts, nil)
	for _, d := range f.docs {
		layers.Put(d)
	}
	known, _ := layers.Fleet()
	if faults := layers.Faults(); len(faults) > 0 {
		panic(faults)
	}
	f.revision++
	c := api.Contents{
		Revision: f.revision, Facts: known.Facts, Rings: known.Rings, Freezes: known.Freezes, Documents: map[string][]*api.Document{},
		Tokens: auth.NewKeys(map[string]auth.Bearer{
			auth.Hash(adminToken): {ID: "boss", Role: auth.Admin}, auth.Hash(viewerToken): {ID: "reader", Role: auth.Viewer},
		}),
	}
	docs := slices.SortedFunc(slices.Values(f.docs), func(a, b resource.Document) int { return strings.Compare(a.ID, b.ID) })
	for _, d := range docs {
		document := f.document(d)
		c.Documents[string(d.Kind)] = append(c.Documents[string(d.Kind)], &document)
	}
	feeds := map[string]api.Feed{}
	for _, feed := range known.Feeds {
		feeds[auth.Hash(f.secrets[feed.ID])] = api.Feed{ID: feed.ID, Title: feed.Title, Tracks: feed.Tracks, Query: url.Values{"ring": feed.Rings}}
	}
	c.Feeds = auth.NewKeys(feeds)
	f.snapshot = api.NewSnapshot(c)
}

func (f *fleet) document(d resource.Document) api.Document {
	return api.NewDocument(string(d.Kind), d.ID, f.revision, d.JSON())
}

// find returns the place of a feed, or -1.
func (f *fleet) find(id string) int {
	return slices.IndexFunc(f.docs, func(d resource.Document) bool { return d.Kind == resource.Feeds && d.ID == id })
}

func (f *fleet) Put(_ context.Context, c api.Change) (api.Written, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d, err := resource.ParseJSON(resource.Kind(c.Kind), c.ID, c.Body)
	if faults, ok := errors.AsType[resource.Faults](err); ok {
		wrong := &api.DocumentError{}
		for _, fault := range faults {
			wrong.Faults = append(wrong.Faults, api.DocumentFault{Pointer: fault.Pointer, Detail: fault.Detail})
		}
		return api.Written{}, wrong
	}
	if !c.Absent || f.find(c.ID) >= 0 {
		return api.Written{}, api.ErrChanged
	}
	f.docs = append(f.docs, d)
	return f.unlock(d, true), nil
}

func (f *fleet) Rotate(_ context.Context, c api.Change) (api.Written, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := f.find(c.ID)
	if i < 0 {
		return api.Written{}, cycle.ErrNotFound
	}
	return f.unlock(f.docs[i], false), nil
}

// unlock gives a feed a secret.
func (f *fleet) unlock(d resource.Document, created bool) api.Written {
	f.secrets[d.ID] = auth.NewSecret()
	f.publish()
	return api.Written{Document: f.document(d), Created: created, Secret: f.secrets[d.ID]}
}

func (f *fleet) Delete(_ context.Context, c api.Change) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := f.find(c.ID)
	if i < 0 {
		return cycle.ErrNotFound
	}
	f.docs = slices.Delete(f.docs, i, i+1)
	f.publish()
	return nil
}

func (f *fleet) History(context.Context, int64, int) ([]api.Entry, error) { return nil, nil }

func (f *fleet) Fetches(context.Context) (map[string][]api.Fetch, error) {
	return map[string][]api.Fetch{"sales": {{Day: "2026-11-20", Client: "Outlook", Count: 40}, {Day: "2026-11-21", Client: "Thunderbird", Count: 2}}}, nil
}

// TestFleetInBrowser lets Debian's Chromium sign in, read, write and sign out.
func TestFleetInBrowser(t *testing.T) {
	shots := os.Getenv("CYCLECAL_SCREENSHOTS")
	task := map[string]any{
		"chromium": program(t, "chromium"), "home": newFleet(t, ordinary).serve(t), "public": newFleet(t, unkind).serve(t), "borders": newFleet(t, borders).serve(t),
		"admin": adminToken, "viewer": viewerToken, "folder": cmp.Or(shots, t.TempDir()), "look": shots != "",
	}
	arg, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program(t, "node"), filepath.Join("testdata", "browser", "fleet.mjs"), string(arg))
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	checks := 0
	for dec := json.NewDecoder(bytes.NewReader(out)); ; checks++ {
		var check struct {
			Name   string
			Faults []string
		}
		err := dec.Decode(&check)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in %.500s", err, out)
		}
		t.Run(check.Name, func(t *testing.T) {
			for _, fault := range check.Faults {
				t.Error(fault)
			}
		})
	}
	if checks < 10 {
		t.Errorf("%d checks ran, want 10 or more", checks)
	}
}

// program fails the test where a program is missing: .ci/run installs all of them.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%v: want Debian's package of it", err)
	}
	return path
}
