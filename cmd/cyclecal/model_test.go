package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
	"github.com/cyclecal/cyclecal/cycle/store"
)

const firstTestToken = "first-admin-token-of-the-tests"

// world is the program with its store, and beside it plain maps of what should be there.
type world struct {
	t      testing.TB
	random *rand.Rand
	now    time.Time
	file   string

	ground  []cycle.Facts
	store   store.Store
	fleet   *fleet
	handler http.Handler

	documents map[key]modelDocument
	secrets   map[key]string
	ended     []string       // addresses and tokens that must not work any more
	sequences map[string]int // of each event, the last seen
}

type modelDocument struct {
	body    string
	etag    string
	needs   []key
	expires time.Time
}

func newWorld(t testing.TB, seed uint64) *world {
	t.Helper()
	ground, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, random: rand.New(rand.NewPCG(seed, seed)), now: testClock(), file: filepath.Join(t.TempDir(), "cyclecal.db"),
		ground: ground, documents: map[key]modelDocument{}, secrets: map[key]string{}, sequences: map[string]int{},
	}
	w.start()
	t.Cleanup(func() { _ = w.store.Close() })
	return w
}

// start begins with what the file has.
func (w *world) start() {
	w.t.Helper()
	opened, err := store.OpenSQLite(w.t.Context(), w.file)
	if err != nil {
		w.t.Fatal(err)
	}
	w.store = patient{opened}
	w.fleet = newFleet(w.ground, firstToken{"first", firstTestToken}, func() time.Time { return w.now }, slog.New(slog.DiscardHandler))
	if err := w.fleet.use(w.t.Context(), w.store); err != nil {
		w.t.Fatal(err)
	}
	w.handler = w.serve(w.fleet)
}

// patient is a store on a machine that may be slow: it takes its time, however long the program would wait for it.
type patient struct{ store.Store }

func (p patient) Load(ctx context.Context) (store.Snapshot, error) {
	return p.Store.Load(context.WithoutCancel(ctx))
}

func (p patient) Changes(ctx context.Context, after int64, most int) ([]store.Change, error) {
	return p.Store.Changes(context.WithoutCancel(ctx), after, most)
}

func (p patient) Write(ctx context.Context, b store.Batch) (store.Result, error) {
	return p.Store.Write(context.WithoutCancel(ctx), b)
}

func (p patient) Notes(ctx context.Context) (map[string][]byte, error) {
	return p.Store.Notes(context.WithoutCancel(ctx))
}

func (p patient) SetNote(ctx context.Context, name string, before, after []byte) error {
	return p.Store.SetNote(context.WithoutCancel(ctx), name, before, after)
}

func (w *world) serve(f *fleet) http.Handler {
	w.t.Helper()
	h, err := api.New(api.Config{
		Source: f, Documents: f, Confirmed: f.Confirmed, Fetched: f.fetched, Details: f.details,
		Now: f.now, Log: slog.New(slog.DiscardHandler), BaseURL: "https://cal.example.com",
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

func (w *world) restart() {
	w.t.Helper()
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.start()
}

// ask sends a request with a token, "" for none, and headers as pairs.
func (w *world) ask(method, path, token, body string, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	var reader io.Reader = http.NoBody
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(w.t.Context(), method, path, reader)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, r)
	return answer
}

func (w *world) path(k key) string { return "/api/v1/" + k.kind + "/" + k.id }

// TestModel drives random writes, deletes, rotations, restarts and steps of the clock, and
// compares everything that can be read with plain maps.
func TestModel(t *testing.T) {
	for seed := range uint64(modelRounds) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, seed)
			for step := range 400 {
				switch n := w.random.IntN(100); {
				case n < 60:
					w.put()
				case n < 80:
					w.delete()
				case n < 90:
					w.rotate()
				case n < 93:
					w.restart()
				default:
					w.now = w.now.Add(time.Duration(w.random.IntN(96)-48) * time.Hour)
					_ = w.fleet.catchUp(t.Context()) // as it does every second
				}
				if step%40 == 39 {
					w.compare()
				}
			}
		})
	}
}

// candidate makes a random document: few ids, so that they meet.
func (w *world) candidate() (key, modelDocument) {
	n := w.random.IntN
	id := string(rune('a' + n(4)))
	kind := []string{"tracks", "releases", "notices", "rings", "freezes", "feeds", "tokens"}[n(7)]
	track, ring := "own-"+string(rune('a'+n(4))), string(rune('a'+n(4)))
	month := fmt.Sprintf("2026-%02d", 1+n(9))
	d := modelDocument{}
	switch kind {
	case "tracks":
		id = track
		d.body = fmt.Sprintf(`{"id":%q,"name":"Own %d","os_branch":null,"first_month":"2026-01","hotpatch_until":null,"rule":{"baseline_months":[%d],"release_day":"third tuesday","offset_days":%d,"release_time":"13:00","time_zone":"UTC"},"note":null}`, id, n(3), 1+n(12), n(9))
	case "releases":
		id, d.needs = track+".kb500000"+strconv.Itoa(n(4)), []key{{"tracks", track}}
		d.body = fmt.Sprintf(`{"id":%q,"track":%q,"month":%q,"kb":%q,"build":null,"type":"hotpatch","out_of_band":true,"restart":false,"release_date":"%s-20","known_on":"%s-20","title":null,"url":null,"confidence":null,"sources":null,"note":null}`,
			id, track, month, "KB500000"+id[len(id)-1:], month, month)
	case "notices":
		id, d.needs = track+"."+month, []key{{"tracks", track}}
		d.body = fmt.Sprintf(`{"id":%q,"track":%q,"month":%q,"kind":%q,"known_on":"2026-01-02","plan_seen_on":null,"reason":null,"source":null,"earlier":[]}`, id, track, month, []string{"baseline", "hotpatch"}[n(2)])
	case "rings":
		d.needs = []key{{"tracks", track}}
		d.body = fmt.Sprintf(`{"id":%q,"tracks":[%q],"deferral":%d,"deadline":2,"grace":0,"window":null}`, id, track, n(9))
	case "freezes":
		d.needs = []key{{"rings", ring}}
		d.body = fmt.Sprintf(`{"id":%q,"from":"2026-01-%02d","to":"2026-12-31","tracks":[],"rings":[%q],"reason":null}`, id, 1+n(28), ring)
	case "feeds":
		d.needs = []key{{"rings", ring}, {"tracks", track}}
		d.body = fmt.Sprintf(`{"id":%q,"title":"Feed %d","tracks":[%q],"rings":[%q],"kind":null,"alarm":null,"style":"allday"}`, id, n(9), track, ring)
	case "tokens":
		expires := "null"
		if n(2) == 0 {
			d.expires = testClock().AddDate(0, 0, n(4)-2)
			expires = strconv.Quote(d.expires.Format(time.RFC3339))
		}
		d.body = fmt.Sprintf(`{"id":%q,"role":"viewer","expires_at":%s}`, id, expires)
	}
	return key{kind, id}, d
}

// condition makes random conditions, and says whether they hold.
func (w *world) condition(was modelDocument, there bool) (headers []string, holds bool) {
	switch w.random.IntN(5) {
	case 0:
		return []string{"If-None-Match", "*"}, !there
	case 1:
		return []string{"If-Match", "*"}, there
	case 2:
		return []string{"If-Match", `"999999"`}, false
	case 3:
		if there {
			return []string{"If-Match", was.etag}, true
		}
	}
	return nil, true
}

func (w *world) put() {
	w.t.Helper()
	k, d := w.candidate()
	was, there := w.documents[k]
	headers, holds := w.condition(was, there)
	if w.random.IntN(2) == 0 {
		headers = append(headers, "Idempotency-Key", strconv.Itoa(int(w.random.Int32())))
	}
	want := http.StatusCreated
	switch {
	case slices.ContainsFunc(d.needs, func(n key) bool { _, ok := w.documents[n]; return !ok }):
		want = http.StatusBadRequest
	case !holds:
		want = http.StatusPreconditionFailed
	case there:
		want = http.StatusOK
	}
	answer := w.ask(http.MethodPut, w.path(k), firstTestToken, d.body, headers...)
	if answer.Code != want {
		w.t.Fatalf("PUT %s %s %v = %d %s, want %d", w.path(k), d.body, headers, answer.Code, answer.Body, want)
	}
	if want >= http.StatusBadRequest {
		return
	}
	var body struct{ Secret, URL string }
	w.decode(answer, &body)
	if hasSecret(k.kind) != (body.Secret != "") && !there {
		w.t.Fatalf("PUT %s: secret %q", w.path(k), body.Secret)
	}
	if body.Secret != "" {
		w.secrets[k] = body.Secret
	}
	d.etag = answer.Header().Get("ETag")
	w.documents[k] = d
	if len(headers) > 1 && headers[len(headers)-2] == "Idempotency-Key" {
		w.repeat(k, d, want, headers)
	}
}

// repeat sends a write again, as if its answer had been lost: it is not carried out twice.
func (w *world) repeat(k key, d modelDocument, want int, headers []string) {
	w.t.Helper()
	answer := w.ask(http.MethodPut, w.path(k), firstTestToken, d.body, headers...)
	var body struct{ Secret string }
	w.decode(answer, &body)
	if answer.Code != want || body.Secret == "" && answer.Header().Get("ETag") != d.etag {
		w.t.Fatalf("PUT %s once more = %d with ETag %s, want %d and %s", w.path(k), answer.Code, answer.Header().Get("ETag"), want, d.etag)
	}
	if body.Secret != "" {
		w.ended = append(w.ended, w.address(k, w.secrets[k]))
		w.secrets[k] = body.Secret
		d.etag = answer.Header().Get("ETag")
		w.documents[k] = d
	}
}

func (w *world) decode(answer *httptest.ResponseRecorder, to any) {
	w.t.Helper()
	if err := json.Unmarshal(answer.Body.Bytes(), to); err != nil {
		w.t.Fatalf("%s: %v", answer.Body, err)
	}
}

// address is what a secret opens.
func (w *world) address(k key, secret string) string {
	if k.kind == "feeds" {
		return "/feeds/" + secret + ".ics"
	}
	return secret
}

func (w *world) delete() {
	w.t.Helper()
	k, _ := w.candidate()
	was, there := w.documents[k]
	headers, holds := w.condition(was, there)
	if len(headers) > 0 && headers[0] == "If-None-Match" {
		headers, holds = nil, true
	}
	used := false
	for _, d := range w.documents {
		used = used || slices.Contains(d.needs, k)
	}
	want := http.StatusNoContent
	switch {
	case !there:
		want = http.StatusNotFound
	case used:
		want = http.StatusConflict
	case !holds:
		want = http.StatusPreconditionFailed
	}
	if answer := w.ask(http.MethodDelete, w.path(k), firstTestToken, "", headers...); answer.Code != want {
		w.t.Fatalf("DELETE %s %v = %d %s, want %d", w.path(k), headers, answer.Code, answer.Body, want)
	}
	if want != http.StatusNoContent {
		return
	}
	delete(w.documents, k)
	if secret, ok := w.secrets[k]; ok {
		w.ended = append(w.ended, w.address(k, secret))
		delete(w.secrets, k)
	}
}

func (w *world) rotate() {
	w.t.Helper()
	k := key{[]string{"feeds", "tokens"}[w.random.IntN(2)], string(rune('a' + w.random.IntN(4)))}
	answer := w.ask(http.MethodPost, w.path(k)+"/rotate", firstTestToken, "")
	d, there := w.documents[k]
	if !there {
		if answer.Code != http.StatusNotFound {
			w.t.Fatalf("rotate %s = %d, want 404", w.path(k), answer.Code)
		}
		return
	}
	var body struct{ Secret string }
	w.decode(answer, &body)
	if answer.Code != http.StatusOK || body.Secret == "" {
		w.t.Fatalf("rotate %s = %d %s, want 200 and a secret", w.path(k), answer.Code, answer.Body)
	}
	w.ended = append(w.ended, w.address(k, w.secrets[k]))
	w.secrets[k], d.etag = body.Secret, answer.Header().Get("ETag")
	w.documents[k] = d
}

// compare reads everything.
func (w *world) compare() {
	w.t.Helper()
	got, want := map[string]string{}, map[string]string{}
	var list struct {
		Data []struct {
			Kind, ID string
			Version  int64
			Document json.RawMessage
		}
	}
	w.decode(w.ask(http.MethodGet, "/api/v1/documents", firstTestToken, ""), &list)
	for _, row := range list.Data {
		got[row.Kind+"/"+row.ID] = fmt.Sprintf("%q %s", strconv.FormatInt(row.Version, 10), row.Document)
	}
	for k, d := range w.documents {
		want[k.kind+"/"+k.id] = d.etag + " " + d.body
		answer := w.ask(http.MethodGet, w.path(k), firstTestToken, "")
		if etag := answer.Header().Get("ETag"); answer.Code != http.StatusOK || !strings.HasPrefix(etag, strings.TrimSuffix(d.etag, `"`)) {
			w.t.Fatalf("GET %s = %d with ETag %s, want 200 and %s", w.path(k), answer.Code, etag, d.etag)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Fatalf("documents (-want +got):\n%s", diff)
	}
	w.compareTracks()
	w.compareSecrets()
	w.compareSequences()
}

func (w *world) compareTracks() {
	w.t.Helper()
	var list struct{ Data []struct{ ID string } }
	w.decode(w.ask(http.MethodGet, "/api/v1/tracks", "", ""), &list)
	got := map[string]bool{}
	for _, row := range list.Data {
		got[row.ID] = true
	}
	want := map[string]bool{}
	for _, f := range w.ground {
		want[f.Track.ID] = true
	}
	for k := range w.documents {
		if k.kind == "tracks" {
			want[k.id] = true
		}
	}
	if !maps.Equal(got, want) {
		w.t.Fatalf("tracks %v, want %v", got, want)
	}
}

// compareSecrets tries each that there ever was.
func (w *world) compareSecrets() {
	w.t.Helper()
	for k, secret := range w.secrets {
		path, token, want := "/api/v1/rings", secret, http.StatusOK
		if k.kind == "feeds" {
			path, token = w.address(k, secret), ""
		}
		if d := w.documents[k]; !d.expires.IsZero() && !w.now.Before(d.expires) {
			want = http.StatusUnauthorized
		}
		if answer := w.ask(http.MethodGet, path, token, ""); answer.Code != want {
			w.t.Fatalf("secret of %s/%s at %s: %d %s, want %d", k.kind, k.id, w.now, answer.Code, answer.Body, want)
		}
	}
	for i, secret := range w.ended {
		w.fleetAddress(i)
		path, token, want := "/api/v1/rings", secret, http.StatusUnauthorized
		if strings.HasPrefix(secret, "/") {
			path, token, want = secret, "", http.StatusNotFound
		}
		if answer := w.ask(http.MethodGet, path, token, ""); answer.Code != want && answer.Code != http.StatusTooManyRequests {
			w.t.Fatalf("an ended secret: %d %s, want %d", answer.Code, answer.Body, want)
		}
	}
}

// fleetAddress makes the service anew before it has counted too many wrong secrets.
func (w *world) fleetAddress(i int) {
	if i%50 == 0 {
		w.handler = w.serve(w.fleet)
	}
}

var eventLines = regexp.MustCompile(`(?m)^(UID|SEQUENCE):(.*)\r$`)

// compareSequences holds that no event's SEQUENCE ever goes down.
func (w *world) compareSequences() {
	w.t.Helper()
	body := w.ask(http.MethodGet, "/calendars/all.ics?past=12&ahead=12&as_of=2026-10-30&ring=a:1", "", "").Body.String()
	uid := ""
	for _, line := range eventLines.FindAllStringSubmatch(strings.ReplaceAll(body, "\r\n ", ""), -1) {
		if line[1] == "UID" {
			uid = line[2]
			continue
		}
		n, err := strconv.Atoi(line[2])
		if err != nil || n < w.sequences[uid] {
			w.t.Fatalf("SEQUENCE of %s is %s, it was %d", uid, line[2], w.sequences[uid])
		}
		w.sequences[uid] = n
	}
	if uid == "" {
		w.t.Fatalf("the feed has no event: %.300s", body)
	}
}
