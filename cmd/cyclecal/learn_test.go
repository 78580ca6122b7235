package main

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/importer"
)

// What an editor wrote stays, also where a source is merged just while that is read back.
func TestLearnDuringAWrite(t *testing.T) {
	w := newWorld(t, 1)
	editor, _ := replicaOf(t, w)
	f, told := w.fleet, importer.Document{Source: "feed", Origin: importer.Feed, Rows: []importer.Row{{
		Track: "windows-11-24h2", Month: cycle.MonthOf(2025, time.May), Type: cycle.TypeHotpatch, OutOfBand: true,
		KB: "KB5061258", Build: "26100.3983", Date: cycle.DateOf(2025, time.May, 16), Title: "t",
	}}}
	f.mu.Lock() // as catchUp does
	learned := make(chan error, 1)
	go func() {
		_, err := f.learn(t.Context(), told, cycle.DateIn(w.now, time.UTC))
		learned <- err
	}()
	awaitLocked(t, "(*fleet).learn(", learned)
	const path = "/api/v1/releases/windows-11-24h2.kb5061258"
	const edited = `{"track":"windows-11-24h2","month":"2025-05","kb":"KB5061258","build":"26100.3983","type":"hotpatch","out_of_band":true,
		"restart":false,"release_date":"2025-05-16","sources":"editor","note":"what the editor wrote"}`
	if answer := editor.ask(http.MethodPut, path, firstTestToken, edited); answer.Code != http.StatusCreated {
		t.Fatalf("PUT = %d %s", answer.Code, answer.Body)
	}
	if changed, err := f.advance(t.Context(), w.store); !changed || err != nil {
		t.Fatalf("advance = %t, %v, want a change", changed, err)
	}
	f.compile()
	f.mu.Unlock()
	if err := <-learned; err != nil {
		t.Fatal(err)
	}
	got := w.ask(http.MethodGet, path, "", "").Body.String()
	for _, want := range []string{"what the editor wrote", `"sources":"editor atom-feed"`} {
		if !strings.Contains(got, want) {
			t.Errorf("the release is %s, want it to have %s", got, want)
		}
	}
}

// awaitLocked returns when a goroutine in that function waits for a mutex.
func awaitLocked(t *testing.T, function string, ended <-chan error) {
	t.Helper()
	for stacks := make([]byte, 1<<20); ; runtime.Gosched() {
		for stack := range strings.SplitSeq(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
			if strings.Contains(stack, "[sync.Mutex.Lock") && strings.Contains(stack, function) {
				return
			}
		}
		select {
		case err := <-ended:
			t.Fatalf("%s) ended with %v, and never waited", function, err)
		default:
		}
	}
}

// A release of which nobody knew the KB has another id when a source tells it: there is one release before, and one after.
func TestLearnTheKB(t *testing.T) {
	w := newWorld(t, 1)
	const path, unnamed = "releases/windows-11-24h2.", `{"track":"windows-11-24h2","month":"2026-10","type":"baseline",` +
		`"out_of_band":false,"restart":true,"release_date":"2026-10-13"}`
	w.expect(http.MethodPut, path+"2026-10", firstTestToken, unnamed, http.StatusCreated)
	told := importer.Document{Source: "feed", Origin: importer.Feed, Rows: []importer.Row{{
		Track: "windows-11-24h2", Month: cycle.MonthOf(2026, time.October), Type: cycle.TypeBaseline,
		KB: "KB5999999", Build: "26100.9999", Date: cycle.DateOf(2026, time.October, 13), Title: "t",
	}}}
	if _, err := w.fleet.learn(t.Context(), told, cycle.DateIn(w.now, time.UTC)); err != nil {
		t.Fatal(err)
	}
	w.expect(http.MethodGet, path+"kb5999999", "", "", http.StatusOK)
	w.expect(http.MethodGet, path+"2026-10", "", "", http.StatusNotFound)
}

// What a page says is stored so that it can be read again, or not at all.
func TestLearnReadable(t *testing.T) {
	december := cycle.DateOf(2026, time.December, 8)
	told := func(change func(r *importer.Row)) importer.Document {
		row := importer.Row{
			Track: "windows-11-25h2", Month: december.Month(), Kind: cycle.Hotpatch, Type: cycle.TypeHotpatch,
			KB: "KB5900001", Build: "26200.5000", Date: december,
		}
		change(&row)
		return importer.Document{Source: "page", Origin: importer.Windows11Calendar, Rows: []importer.Row{row}}
	}
	for what, change := range map[string]func(r *importer.Row){
		"title": func(r *importer.Row) { r.Title = strings.Repeat("a", 201) },
		"url":   func(r *importer.Row) { r.URL = "https://a.example/" + strings.Repeat("a", 2000) },
	} {
		w := newWorld(t, 1)
		before := w.fleet.Snapshot().Revision
		if _, err := w.fleet.learn(t.Context(), told(change), december); err == nil || !strings.Contains(err.Error(), what) || w.fleet.Snapshot().Revision != before {
			t.Errorf("a long %s: %v, want it named and nothing written", what, err)
		}
	}
	w := newWorld(t, 1)
	for n := range 60 {
		page := told(func(r *importer.Row) { r.Build = fmt.Sprintf("26200.%d", 5000+n) })
		if _, err := w.fleet.learn(t.Context(), page, december.AddDays(n)); err != nil {
			t.Fatal(err)
		}
	}
	got := w.ask(http.MethodGet, "/api/v1/releases/windows-11-25h2.kb5900001", "", "").Body.String()
	if !strings.Contains(got, `"build":"26200.5059"`) || !strings.Contains(got, "build 26200.5058 by 2027-02-05") || strings.Contains(got, "26200.5000") {
		t.Errorf("after 60 corrections the release is %s, want the newest of them", got)
	}
}
