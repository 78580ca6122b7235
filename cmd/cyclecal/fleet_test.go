package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle/store"
)

// cable is a store that can be cut off.
type cable struct {
	store.Store
	cut  atomic.Bool
	last atomic.Bool // the next write is the last that passes
}

func (c *cable) down() error {
	if c.cut.Load() {
		return fmt.Errorf("cable: %w", store.ErrUnavailable)
	}
	return nil
}

func (c *cable) Changes(ctx context.Context, after int64, most int) ([]store.Change, error) {
	if err := c.down(); err != nil {
		return nil, err
	}
	return c.Store.Changes(ctx, after, most)
}

func (c *cable) Write(ctx context.Context, b store.Batch) (store.Result, error) {
	if err := c.down(); err != nil {
		return store.Result{}, err
	}
	r, err := c.Store.Write(ctx, b)
	c.cut.Store(c.last.Swap(false))
	return r, err
}

// expect asks with a token, and holds the status of the answer.
func (w *world) expect(method, path, token, body string, want int) {
	w.t.Helper()
	if answer := w.ask(method, "/api/v1/"+path, token, body); answer.Code != want {
		w.t.Errorf("%s %s = %d %s, want %d", method, path, answer.Code, answer.Body, want)
	}
}

// replicaOf is a second program on the same store, behind a cable.
func replicaOf(t *testing.T, w *world) (*world, *cable) {
	t.Helper()
	other := &world{t: t, now: w.now, ground: w.ground}
	c := &cable{Store: w.store}
	other.fleet = newFleet(w.ground, firstToken{"first", firstTestToken}, func() time.Time { return other.now }, slog.New(slog.DiscardHandler))
	if err := other.fleet.use(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	other.handler = other.serve(other.fleet)
	return other, c
}

// A secret that was revoked stops working on a replica that can't learn of it within ten
// seconds; the public goes on being served, and so does everything once the cable is back.
func TestRevokedWithinBound(t *testing.T) {
	w := newWorld(t, 1)
	made := map[string]string{}
	for path, body := range map[string]string{"/api/v1/tokens/ci": `{"role":"viewer"}`, "/api/v1/feeds/sales": `{"title":"Sales"}`} {
		var answer struct{ Secret string }
		w.decode(w.ask(http.MethodPut, path, firstTestToken, body), &answer)
		made[path] = answer.Secret
	}
	token, feed := made["/api/v1/tokens/ci"], "/feeds/"+made["/api/v1/feeds/sales"]+".ics"
	other, c := replicaOf(t, w)
	statuses := func(w *world) string {
		return fmt.Sprint(w.ask("GET", "/api/v1/rings", token, "").Code, w.ask("GET", feed, "", "").Code, w.ask("GET", "/api/v1/next", "", "").Code)
	}
	expect := func(when string, w *world, want string) {
		t.Helper()
		if got := statuses(w); got != want {
			t.Errorf("%s: token, feed, public = %s, want %s", when, got, want)
		}
	}
	expect("at first", other, "200 200 200")
	c.cut.Store(true)
	for path := range made {
		w.ask(http.MethodDelete, path, firstTestToken, "")
	}
	expect("where they were revoked", w, "401 404 200")
	other.now = other.now.Add(10 * time.Second)
	_ = other.fleet.catchUp(t.Context())
	expect("cut off for 10 s", other, "200 200 200")
	other.ask("PUT", "/api/v1/rings/a", firstTestToken, "{}")
	other.now = other.now.Add(time.Millisecond)
	_ = other.fleet.catchUp(t.Context())
	expect("cut off for longer", other, "503 503 200")
	if answer := other.ask("GET", feed, "", ""); answer.Header().Get("Retry-After") == "" {
		t.Error("a feed that is closed has no Retry-After")
	}
	if answer := other.ask("PUT", "/api/v1/rings/a", firstTestToken, "{}"); answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") == "" {
		t.Errorf("PUT = %d, want 503 with Retry-After", answer.Code)
	}
	expectStore := func(want string) {
		t.Helper()
		var ready struct {
			Status string
			Store  struct{ Status string }
		}
		other.decode(other.ask("GET", "/readyz", "", ""), &ready)
		if ready.Status != "ready" || ready.Store.Status != want {
			t.Errorf("/readyz tells %+v, want ready, and a store that is %s", ready, want)
		}
	}
	expectStore("unavailable")
	c.cut.Store(false)
	if err := other.fleet.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect("back", other, "401 404 200")
	expectStore("read-only") // as far as the last write tells
	other.ask("PUT", "/api/v1/rings/a", firstTestToken, "{}")
	expectStore("ok")
}

// What is written on one replica is known to another that follows.
func TestFollow(t *testing.T) {
	w := newWorld(t, 1)
	other, _ := replicaOf(t, w)
	w.ask(http.MethodPut, "/api/v1/rings/pilot", firstTestToken, `{"deferral":3}`)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	go other.fleet.follow(ctx)
	for other.fleet.Snapshot().Revision < w.fleet.Snapshot().Revision {
		if ctx.Err() != nil {
			t.Fatal("the replica did not follow within three minutes")
		}
	}
	if got := other.ask("GET", "/api/v1/rings/pilot", firstTestToken, "").Code; got != http.StatusOK {
		t.Errorf("ring on the other replica: %d, want 200", got)
	}
	if a, b := w.ask("GET", "/api/v1/schedule?ring=pilot", firstTestToken, ""), other.ask("GET", "/api/v1/schedule?ring=pilot", firstTestToken, ""); a.Body.String() != b.Body.String() || a.Header().Get("ETag") != b.Header().Get("ETag") {
		t.Error("two replicas at one revision answer differently")
	}
}

// A document that is not as it was written is named and left out; a feed that needs it says
// that it is not whole, instead of losing events.
func TestCorruptAtRest(t *testing.T) {
	w := newWorld(t, 1)
	var log bytes.Buffer
	w.fleet.log = slog.New(slog.NewTextHandler(&log, nil))
	w.ask(http.MethodPut, "/api/v1/rings/pilot", firstTestToken, `{"deferral":3}`)
	var feed struct{ URL string }
	w.decode(w.ask(http.MethodPut, "/api/v1/feeds/sales", firstTestToken, `{"title":"Sales","rings":["pilot"]}`), &feed)
	w.fleet.mu.Lock()
	w.fleet.apply(store.Document{Kind: "rings", ID: "pilot", Version: 1, Body: []byte(`{"deferral":99}`)})
	w.fleet.compile()
	w.fleet.tellTroubles()
	w.fleet.mu.Unlock()
	path := strings.TrimPrefix(feed.URL, "https://cal.example.com")
	if got := w.ask("GET", path, "", "").Code; got != http.StatusServiceUnavailable {
		t.Errorf("feed without its ring: %d, want 503", got)
	}
	if body := w.ask("GET", "/readyz", "", "").Body.String(); !strings.Contains(body, `"left_out":2`) || strings.Contains(body, "pilot") {
		t.Errorf("/readyz = %s, want the count of the ring and the feed, and no name", body)
	}
	if !strings.Contains(log.String(), "/rings/pilot") {
		t.Errorf("log = %s, want it to name the ring", &log)
	}
	if got := w.ask(http.MethodPut, "/api/v1/rings/pilot", firstTestToken, `{"deferral":4}`, "If-Match", "*").Code; got != http.StatusOK {
		t.Errorf("writing the ring anew: %d, want 200", got)
	}
	if got := w.ask("GET", path, "", "").Code; got != http.StatusOK {
		t.Errorf("feed with its ring: %d, want 200", got)
	}
}

// A log whose newest entry is not as it was written is told once, and does not cost a snapshot each second. What
// is written or restored after it is known.
func TestCorruptLog(t *testing.T) {
	w := newWorld(t, 1)
	var log bytes.Buffer
	w.fleet.log = slog.New(slog.NewTextHandler(&log, nil))
	ring := func(n int) {
		w.ask(http.MethodPut, "/api/v1/rings/pilot", firstTestToken, fmt.Sprintf(`{"deferral":%d}`, n))
		if got := w.ask("GET", "/api/v1/rings/pilot", firstTestToken, "").Body.String(); !strings.Contains(got, fmt.Sprintf(`"deferral":%d,`, n)) {
			t.Errorf("the ring is %s, want a deferral of %d", got, n)
		}
	}
	look := func(told int) {
		t.Helper()
		before := w.fleet.Snapshot()
		for range 3 {
			w.now = w.now.Add(time.Second)
			if err := w.fleet.catchUp(t.Context()); err != nil || !w.fleet.Confirmed().Equal(w.now) {
				t.Errorf("catchUp = %v, confirmed at %v, want no error at %v", err, w.fleet.Confirmed(), w.now)
			}
		}
		if got := strings.Count(log.String(), "the log of changes is corrupt"); got != told {
			t.Errorf("told %d times, want %d:\n%s", got, told, &log)
		}
		if told > 0 && w.fleet.Snapshot() != before {
			t.Error("another snapshot, with nothing new")
		}
	}
	db, err := sql.Open("sqlite", w.file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	flip := func(query string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	ring(1)
	look(0)
	newest := `UPDATE changes SET hash = prev WHERE (revision, position) = (SELECT revision, position FROM changes ORDER BY 1 DESC, 2 DESC LIMIT 1)`
	flip(newest)
	if err := w.fleet.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	look(1)
	ring(2) // after an entry that is not what it follows
	look(2)
	ring(3)
	flip(newest)
	if err := w.fleet.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	look(3)
	flip(`UPDATE meta SET hash = head`)
	if err := w.fleet.catchUp(t.Context()); err == nil {
		t.Error("catchUp of a store that can't tell its revision: no error")
	}
}

// fleetFilesToRead are the fleet files in the README and in the topics of help: YAML whose lists are
// of documents.
func fleetFilesToRead(t *testing.T) []string {
	t.Helper()
	lists := []string{"tracks", "releases", "notices", "rings", "freezes", "feeds", "tokens"}
	var files []string
	for _, d := range documentsToRead(t) {
		for _, block := range d.blocks("yaml") {
			names := regexp.MustCompile(`(?m)^([a-z_-]+):`).FindAllStringSubmatch(block, -1)
			if !slices.ContainsFunc(names, func(name []string) bool { return !slices.Contains(lists, name[1]) }) {
				files = append(files, block)
			}
		}
	}
	return files
}

// Each fleet file in the README and in the topics is taken as it stands there.
func TestFleetFilesToRead(t *testing.T) {
	w := newWorld(t, 1)
	files := fleetFilesToRead(t)
	if len(files) < 4 {
		t.Fatalf("%d fleet files in the README and the topics, want two of fleets, Oracle's and SAP's", len(files))
	}
	for _, file := range files {
		for _, d := range fleetFile(t, file) {
			answer := w.ask(http.MethodPut, "/api/v1/"+string(d.Kind)+"/"+d.ID, firstTestToken, string(d.JSON()))
			if answer.Code != http.StatusCreated && answer.Code != http.StatusOK {
				t.Errorf("PUT %s %s = %d %s", d.Kind, d.ID, answer.Code, answer.Body)
			}
		}
	}
}

// Oracle's and SAP's files in the help say when their updates come, and which of them restart.
func TestOwnCycles(t *testing.T) {
	w := newWorld(t, 1)
	for file, want := range map[string][]string{
		"oracle": {"2026-01-20", "2026-04-21", "2026-07-21", "2026-10-20"}, // www.oracle.com/security-alerts
		"sap": {
			"2026-01-13", "2026-02-10", "2026-03-10", "2026-04-14", "2026-05-12", "2026-06-09",
			"2026-07-14", "2026-08-11", "2026-09-08", "2026-10-13", "2026-11-10", "2026-12-08",
		}, // support.sap.com/securitynotes
	} {
		text := vendorFile(t, file+".yaml")
		if !slices.Contains(fleetFilesToRead(t), string(text)) {
			t.Errorf("%s.yaml does not stand in the help", file)
		}
		documents := fleetFile(t, string(text))
		for _, d := range documents {
			if answer := w.ask(http.MethodPut, "/api/v1/"+string(d.Kind)+"/"+d.ID, firstTestToken, string(d.JSON())); answer.Code != http.StatusCreated {
				t.Fatalf("%s: PUT %s = %d %s", file, d.ID, answer.Code, answer.Body)
			}
		}
		var schedule struct {
			Data []struct {
				ReleaseDate string `json:"release_date"`
			}
		}
		w.decode(w.ask("GET", "/api/v1/schedule?kind=baseline&from=2026-01&to=2026-12&tz=Europe/Berlin&track="+documents[0].ID, "", ""), &schedule)
		var got []string
		for _, row := range schedule.Data {
			got = append(got, row.ReleaseDate)
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: restarts on %v, want %v", file, got, want)
		}
	}
}

// FuzzDocument sends anything as a document of each kind: it is taken or refused as a whole, and
// what was taken is read back the same and survives a second PUT.
func FuzzDocument(f *testing.F) {
	kinds := []string{"tracks", "releases", "notices", "rings", "freezes", "feeds", "tokens"}
	for i, seed := range []string{
		`{"id":"own","name":"Own","first_month":"2026-01","rule":{"baseline_months":[1],"release_day":"third tuesday","release_time":"13:00","time_zone":"UTC"}}`,
		`{"id":"own","track":"windows-11-24h2","month":"2026-05","kb":"KB5000001","type":"hotpatch","release_date":"2026-05-20"}`,
		`{"track":"windows-11-24h2","month":"2026-12","kind":"baseline","known_on":"2026-11-20","reason":"\r\nBEGIN:VEVENT","earlier":[{"kind":"hotpatch","known_on":"2026-11-02"}]}`,
		`{"deferral":1,"window":{"weekday":"saturday","start":"22:00","duration":"PT4H","time_zone":"Europe/Berlin"}}`,
		`{"from":"2026-12-18","to":"2027-01-15","reason":"<script>"}`,
		`{"title":"Sales\nX-EVIL:1","alarm":"P1D"}`,
		`{"role":"admin","expires_at":"2027-01-01T00:00:00Z"}`,
	} {
		f.Add(uint8(i), []byte(seed))
	}
	shared := newWorld(f, 1)
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		w := *shared
		w.t = t
		path := "/api/v1/" + kinds[int(kind)%len(kinds)] + "/own"
		answer := w.ask(http.MethodPut, path, firstTestToken, string(body))
		if answer.Code >= http.StatusBadRequest {
			var problem struct{ Errors []struct{ Detail string } }
			w.decode(answer, &problem)
			if answer.Code != http.StatusBadRequest || len(problem.Errors) == 0 {
				t.Fatalf("PUT %s %q = %d %s, want 400 and what is wrong", path, body, answer.Code, answer.Body)
			}
			return
		}
		var put, got struct{ Data, Meta json.RawMessage }
		w.decode(w.ask(http.MethodGet, path, firstTestToken, ""), &got)
		w.decode(w.ask(http.MethodPut, path, firstTestToken, string(got.Data)), &put)
		if string(put.Data) != string(got.Data) {
			t.Fatalf("PUT %s %q: read %s, written again %s", path, body, got.Data, put.Data)
		}
		for _, read := range []string{"/calendars/all.ics", "/api/v1/schedule", "/api/v1/documents"} {
			if answer := w.ask("GET", read, firstTestToken, ""); answer.Code != http.StatusOK {
				t.Fatalf("GET %s with %q stored = %d %s", read, body, answer.Code, answer.Body)
			}
		}
		w.ask(http.MethodDelete, path, firstTestToken, "")
	})
}

func vendorFile(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile("../../cycle/resource/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// A program that has not read yet what another one wrote checks against what is there, not against what it knows.
func TestWriteOverAnOlderView(t *testing.T) {
	w := newWorld(t, 1)
	other, _ := replicaOf(t, w)
	w.expect(http.MethodPut, "rings/pilot", firstTestToken, "{}", http.StatusCreated)
	other.expect(http.MethodPut, "rings/broad", firstTestToken, "{}", http.StatusCreated) // and so it knows both
	w.expect(http.MethodDelete, "rings/pilot", firstTestToken, "", http.StatusNoContent)
	other.expect(http.MethodPut, "feeds/sales", firstTestToken, `{"title":"Sales","rings":["pilot"]}`, http.StatusBadRequest)
	w.expect(http.MethodPut, "rings/late", firstTestToken, "{}", http.StatusCreated)
	other.expect(http.MethodPut, "feeds/sales", firstTestToken, `{"title":"Sales","rings":["broad"]}`, http.StatusCreated)
	w.expect(http.MethodDelete, "rings/broad", firstTestToken, "", http.StatusConflict)
}

// A secret that is revoked here is refused here at once, also where the store is lost before that can be read back.
// What another program wrote before is not passed over.
func TestWrittenButNotReadBack(t *testing.T) {
	w := newWorld(t, 1)
	other, c := replicaOf(t, w)
	var made struct{ Secret string }
	other.decode(other.ask(http.MethodPut, "/api/v1/tokens/ci", firstTestToken, `{"role":"viewer"}`), &made)
	other.expect(http.MethodGet, "rings", made.Secret, "", http.StatusOK)
	c.last.Store(true)
	other.expect(http.MethodDelete, "tokens/ci", firstTestToken, "", http.StatusNoContent)
	other.expect(http.MethodGet, "rings", made.Secret, "", http.StatusUnauthorized)
	c.cut.Store(false)
	w.expect(http.MethodPut, "rings/before", firstTestToken, "{}", http.StatusCreated)
	c.last.Store(true)
	other.expect(http.MethodPut, "rings/after", firstTestToken, "{}", http.StatusCreated)
	c.cut.Store(false)
	if err := other.fleet.catchUp(t.Context()); err != nil {
		t.Error(err)
	}
	other.expect(http.MethodGet, "rings/before", firstTestToken, "", http.StatusOK)
	other.expect(http.MethodGet, "rings/after", firstTestToken, "", http.StatusOK)
}
