package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
	"github.com/cyclecal/cyclecal/cycle/resource"
)

func fleetFile(t testing.TB, text string) []resource.Document {
	t.Helper()
	documents, err := resource.ParseFleet([]byte(text), "fleet.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return documents
}

// TestPlan compares with documents as a server of another version writes them.
func TestPlan(t *testing.T) {
	file := fleetFile(t, "rings: [{id: a, deferral: 1}, {id: b}, {id: c}]\nfeeds: [{id: f, title: F}]")
	stored := []storedRow{
		{"rings", "a", 1, []byte(`{"id": "a", "deferral": 1}`)},                                                                        // an older server lacks fields
		{"rings", "b", 2, []byte(`{"id":"b","tracks":[],"deferral":0,"deadline":0,"grace":0,"window":null,"colour":null}`)},            // a newer one has more
		{"rings", "c", 3, []byte(`{"id":"c","tracks":[],"deferral":0,"deadline":0,"grace":0,"window":null,"colour":"\u001b[31mred"}`)}, // and uses them
		{"rings", "d", 4, []byte(`{"id": "d"}`)},
		{"freezes", "x", 5, []byte(`{"id": "x"}`)},
		{"tokens", "boss", 6, []byte(`{"role": "admin"}`)},
		{"tokens", "ci", 7, []byte(`{"role": "editor"}`)},
	}
	a := &applying{keeping: &keeping{}}
	p := newPlan(file, stored, []resource.Kind{"rings", "tokens"}, a.spare)
	want := `To change:
~ rings/c: colour [31mred -> null
+ feeds/f
- tokens/ci
- rings/d
! tokens/boss: left alone, as this command may be using it: cyclecal token revoke boss deletes it
= 2 unchanged
  1 stored that the file lacks, left alone
`
	if diff := cmp.Diff(want, p.text()); diff != "" {
		t.Errorf("the plan (-want +got):\n%s", diff)
	}
}

// A text is told from what is no text.
func TestShown(t *testing.T) {
	for value, want := range map[string]string{
		`null`: `null`, `"null"`: `"null"`, `"\u001bnull"`: `"\u001bnull"`, `""`: `""`, `" "`: `" "`, `"\"null\""`: `"\"null\""`,
		`"Oracle CPU"`: `Oracle CPU`, `"26100"`: `26100`, `4`: `4`, `["a"]`: `["a"]`, `"a \"b\""`: `a "b"`,
	} {
		if got := shown([]byte(value)); got != want {
			t.Errorf("shown(%s) = %s, want %s", value, got, want)
		}
	}
}

// TestOtherGround deletes the track over one that is built into the server and not into this program, or the
// other way round: the server decides whether what remains can stand.
func TestOtherGround(t *testing.T) {
	stored := []storedRow{
		{"tracks", "windows-12", 1, []byte(`{"id":"windows-12","name":"12","first_month":"2026-01","rule":{"baseline_months":[1],"release_day":"second tuesday","release_time":"10:00","time_zone":"UTC"}}`)},
		{"notices", "windows-12.2026-02", 2, []byte(`{"id":"windows-12.2026-02","track":"windows-12","month":"2026-02","kind":"baseline","known_on":"2026-01-01"}`)},
		{"rings", "newer", 3, []byte(`{"id":"newer","colour":"red"}`)},          // this program can't read it
		{"rings", "older", 4, []byte(`{"id":"older","tracks":["windows-10"]}`)}, // nothing is the matter with the file
	}
	ours := ""
	for _, id := range trackIDs() {
		f := builtInTrack(t, id)
		ours += `{"id":"` + id + `","os_branch":"` + f.Branch + `","first_month":"` + f.FirstMonth.String() + `","hotpatch_until":"` + f.LastMonth.String() + `","new":1},`
	}
	for name, tt := range map[string]struct {
		shown string
		want  []string
	}{
		"the same": {ours, []string{"/notices/windows-12.2026-02/track"}},
		"newer":    {ours + `{"id":"windows-13","first_month":"2026-01","hotpatch_until":null},`, nil},
		"older":    {"", nil},
	} {
		l := &lossy{answers: []reaction{answering(http.StatusOK, "", `{"data":[`+tt.shown+`{"id":"windows-12","os_branch":null,"first_month":"2026-01","hotpatch_until":null}]}`)}}
		c := &client{http: &http.Client{Transport: l}, base: "http://localhost"}
		there, err := c.terrain(t.Context(), stored)
		if err != nil {
			t.Fatal(err)
		}
		file := fleetFile(t, "tracks: []\nfreezes: [{id: f, from: 2026-01-01, to: 2026-01-02, rings: [newer]}]")
		p := newPlan(file, stored, []resource.Kind{"tracks"}, (&applying{keeping: &keeping{}}).spare)
		var got []string
		for _, fault := range p.faults(file, stored, there) {
			got = append(got, fault.Pointer)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: faults (-want +got):\n%s", name, diff)
		}
	}
}

// builtInTrack returns a built-in track.
func builtInTrack(t *testing.T, id string) cycle.Track {
	t.Helper()
	facts, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(facts, func(f cycle.Facts) bool { return f.Track.ID == id })
	return facts[i].Track
}

// What fails between the two writes of a track is told with the track.
func TestHalfwayOverABridge(t *testing.T) {
	track := &planned{Kind: "tracks", ID: "t", Action: actionUpdate, begun: true}
	steps := []step{{track, []byte("{}")}, {&planned{Kind: "releases", ID: "t.kb1", Action: actionDelete}, nil}, {track, nil}}
	got := halfway(steps, 1, refusedError{status: http.StatusForbidden, detail: "no"}).Error()
	want := "- releases/t.kb1: no\napplied: nothing\nbegun: ~ tracks/t\nnot applied: - releases/t.kb1, ~ tracks/t"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("halfway (-want +got):\n%s", diff)
	}
}

// TestLostRace has somebody else write between the plan and its first change.
func TestLostRace(t *testing.T) {
	for name, file := range map[string]string{
		"~ rings/b: ": "rings: [{id: b, deferral: 2}, {id: c}]",
		"+ rings/a: ": "rings: [{id: a}, {id: c}]",
	} {
		s := serveForTest(t, map[string]string{"CYCLECAL_ADMIN_TOKEN": firstTestToken, "CYCLECAL_DATA_DIR": t.TempDir()}, "--listen=127.0.0.1:0")
		write := func(id, body string) {
			c := &client{http: http.DefaultClient, base: s.url, token: firstTestToken}
			if _, err := c.send(t.Context(), wish{method: http.MethodPut, kind: "rings", id: id, body: []byte(body)}); err != nil {
				t.Error(err)
			}
		}
		write("b", "{}")
		to, err := url.Parse(s.url)
		if err != nil {
			t.Fatal(err)
		}
		proxy := httputil.NewSingleHostReverseProxy(to)
		var once sync.Once
		racing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut {
				once.Do(func() {
					write("a", `{"deferral": 9}`)
					write("b", `{"deferral": 9}`)
				})
			}
			proxy.ServeHTTP(w, r)
		}))
		t.Cleanup(racing.Close)
		path := filepath.Join(t.TempDir(), "fleet.yaml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		env := map[string]string{"CYCLECAL_TOKEN": firstTestToken, "CYCLECAL_SERVER": racing.URL}
		p := &program{getenv: func(name string) string { return env[name] }, stdout: &stdout, stderr: &stderr, now: testClock}
		code := p.run(t.Context(), []string{"apply", "-f", path})
		want := "cyclecal: " + name + "somebody else changed it after the plan was made: apply again, and see the new plan\n" +
			"applied: nothing\nnot applied: " + strings.TrimSuffix(name, ": ") + ", + rings/c\n"
		if diff := cmp.Diff(want, stderr.String()); diff != "" || code != exitFailed {
			t.Errorf("exit code %d, want %d; stderr (-want +got):\n%s", code, exitFailed, diff)
		}
	}
}

// A secret that can't be printed is lost: whoever asked is told how to get another.
func TestSecretOnAFullDisk(t *testing.T) {
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "fleet.yaml"), []byte("tokens: [{id: b, role: viewer}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"token create a --role viewer":                  "cyclecal: token \"a\" is made, but its secret could not be printed: no space left: cyclecal token rotate a prints a new one\n",
		"apply -f " + filepath.Join(data, "fleet.yaml"): "cyclecal: no space left\n", // before anything is changed
	} {
		var stderr bytes.Buffer
		p := &program{getenv: func(string) string { return "" }, stdout: fullDisk{}, stderr: &stderr, now: testClock}
		if code := p.run(t.Context(), append(strings.Fields(line), "--data-dir", data)); code != exitFailed {
			t.Errorf("cyclecal %s: exit code %d, want %d", line, code, exitFailed)
		}
		if diff := cmp.Diff(want, stderr.String()); diff != "" {
			t.Errorf("cyclecal %s: stderr (-want +got):\n%s", line, diff)
		}
	}
}
