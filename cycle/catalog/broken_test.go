package catalog_test

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cyclecal/cyclecal/cycle/catalog"
)

// tables are the tables that ship, to be changed as a test likes.
func tables(t testing.TB) fstest.MapFS {
	t.Helper()
	dir := fstest.MapFS{}
	for _, name := range []string{"tracks.csv", "releases.csv", "notices.csv", "sources.csv"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		dir[name] = &fstest.MapFile{Data: data}
	}
	return dir
}

// One line that breaks a law refuses the whole, and the error says which line of
// which table, and what is wrong. A %d in the error is the line on which the new text ends.
func TestRead(t *testing.T) {
	const (
		first      = "windows-11-25h2,2025-10,baseline,false,true,KB5066835,26200.6899,2025-10-14,2025-10-14,primary,nav-2026-07-23 learn-win11-2026-07 nav-2026-05-27,"
		shared     = "windows-server-2025,2024-11,hotpatch,false,false,KB5046696,26100.2240,2024-11-12,"
		patch      = "windows-11-25h2,2026-02,hotpatch,false,false,KB5077212,26200.7781,"
		nameless   = "windows-server-azure-automanage-preview,2021-04,baseline,false,true,,,2021-04-13,2021-04-13,primary,"
		powershell = "windows-11-25h2,,component,false,,KB5074204,26200.7392,,2026-05-27,primary,"
		address    = "https://support.microsoft.com/help/5120242"
		track      = "windows-11-25h2,Windows 11 25H2,26200,2025-10,2028-10,1 4 7 10,second tuesday,10:00,America/Los_Angeles,"
		source     = "w11toc,primary,"
		may        = "windows-server-2022-azure-edition,2022-05,baseline,2022-05-10,,https://support.microsoft.com/"
		september  = "windows-11-25h2 windows-11-24h2 windows-11-ltsc-2024,2026-09,baseline,2026-09-08,2026-07-14,"
	)
	rest := func(line, from, to string) string { // the line with a part of it changed
		if strings.Count(line, from) != 1 {
			t.Fatalf("%q is not once in %q", from, line)
		}
		return strings.Replace(line, from, to, 1)
	}
	for _, tt := range []struct{ table, old, new, want string }{
		{"releases.csv", first, rest(first, "windows-11-25h2", "windows-12"), `releases.csv:%d: track "windows-12": want an id of tracks.csv`},
		{"releases.csv", first, rest(first, "windows-11-25h2", ""), `releases.csv:%d: no track: want at least one id of tracks.csv`},
		{"releases.csv", first, rest(first, "2025-10,", "2025-13,"), `releases.csv:%d: month: invalid month "2025-13"`},
		{"releases.csv", first, rest(first, "2025-10,", ","), `releases.csv:%d: invalid month ""`},
		{"releases.csv", first, rest(first, "2025-10,", "2025-09,"), `releases.csv:%d: invalid month "2025-09": want a month on the track`},
		{"releases.csv", first, rest(first, "baseline", "lcu"), `releases.csv:%d: type: invalid release type "lcu"`},
		{"releases.csv", first, rest(first, "baseline", ""), `releases.csv:%d: type: invalid release type ""`},
		{"releases.csv", first, rest(first, "false,true", "perhaps,true"), `releases.csv:%d: out_of_band: `},
		{"releases.csv", first, rest(first, "false,true", "false,maybe"), `releases.csv:%d: restart: invalid restart "maybe"`},
		{"releases.csv", first, rest(first, "false,true", "false,false"), `releases.csv:%d: invalid restart "false": want true or nothing`},
		{"releases.csv", patch, rest(patch, "false,false", "false,true"), `releases.csv:%d: invalid restart "true": want false or nothing`},
		{"releases.csv", first, rest(first, "KB5066835", "5066835"), `releases.csv:%d: invalid KB "5066835"`},
		{"releases.csv", first, rest(first, "26200.6899", "26100.6899"), `releases.csv:%d: invalid build "26100.6899": want a build of the track's branch 26200`},
		{"releases.csv", first, rest(first, "26200.6899", "6899"), `releases.csv:%d: invalid build "6899"`},
		{"releases.csv", first, rest(first, "2025-10-14,2025-10-14", "2025-10-32,2025-10-14"), `releases.csv:%d: release_date: invalid day "2025-10-32"`},
		{"releases.csv", first, rest(first, "2025-10-14,2025-10-14", "2025-12-14,2025-10-14"), `releases.csv:%d: invalid release date "2025-12-14"`},
		{"releases.csv", first, rest(first, "2025-10-14,2025-10-14", "2025-10-14,"), `releases.csv:%d: invalid known_on ""`},
		{"releases.csv", first, rest(first, "primary", "certain"), `releases.csv:%d: invalid confidence "certain": want primary or secondary`},
		{"releases.csv", first, rest(first, "learn-win11-2026-07", "hearsay"), `releases.csv:%d: source "hearsay": want an id of sources.csv`},
		{"releases.csv", first, rest(first, "nav-2026-07-23 learn-win11-2026-07 nav-2026-05-27", ""), `releases.csv:%d: no source`},
		{"releases.csv", powershell, rest(powershell, "KB5074204", ""), `releases.csv:%d: invalid KB "": want a KB for a release that has no month`},
		{"releases.csv", address, "http://support.microsoft.com/help/5120242", `releases.csv:%d: url: invalid address "http://support.microsoft.com/help/5120242": want https://…`},
		{"releases.csv", address, "https:///help/5120242", `releases.csv:%d: url: invalid address`},
		{"releases.csv", address, "https://support.microsoft.com/a b", `releases.csv:%d: url: invalid address`},
		{"releases.csv", address, "javascript:alert(1)", `releases.csv:%d: url: invalid address`},
		{"releases.csv", address, "https://[", `releases.csv:%d: url: invalid address`},

		// Text that no line of a calendar can hold.
		{"releases.csv", first + `"October`, first + "\"\aOctober", `releases.csv:%d: title: "\aOctober 14, 2025—Baseline": want one line`},
		{"releases.csv", first + `"October`, first + "\"\n\nOctober", `releases.csv:6: title: "\n\nOctober 14, 2025—Baseline": want one line`},
		{"releases.csv", first, rest(first, "KB5066835", "KB5066835\x7f"), `releases.csv:%d: kb: "KB5066835\x7f": want one line without control characters`},
		{"releases.csv", first, rest(first, "KB5066835", "KB506\xff835"), `releases.csv:%d: kb: "KB506\xff835": want UTF-8`},
		{"releases.csv", first, rest(first, "KB5066835", " KB5066835"), `releases.csv:%d: kb: " KB5066835": want no space around it`},
		{"releases.csv", first, rest(first, "KB5066835", "KB5066835\u00a0"), `releases.csv:%d: kb: `},

		// No fact is there twice, by its id: the KB, or the month where there is none.
		{"releases.csv", first, rest(first, "windows-11-25h2", "windows-11-25h2 windows-11-25h2"), `releases.csv:%[1]d: windows-11-25h2.kb5066835 is on line %[1]d already`},
		{"releases.csv", shared, rest(shared, "windows-server-2025", "windows-server-2025 windows-11-24h2"), `releases.csv:%d: windows-11-24h2.kb5046696 is on line `},
		{"releases.csv", nameless, nameless + "nav-2026-07-23,,,\n" + nameless, `releases.csv:%d: windows-server-azure-automanage-preview.2021-04 is on line `},

		// The form of the table itself.
		{"releases.csv", ",restart,kb,", ",restart,kbs,", `releases.csv:%d: columns `},
		{"releases.csv", ",restart,kb,", ",kb,restart,", `releases.csv:%d: columns `},
		{"releases.csv", ",restart,kb,", ",restart,kb,colour,", `releases.csv: record on line %d: wrong number of fields`},
		{"releases.csv", ",restart,kb,", ",restart,", `releases.csv: record on line %d: wrong number of fields`},
		{"releases.csv", first, rest(first, ",primary", ""), `releases.csv: record on line %d: wrong number of fields`},
		{"releases.csv", first, "," + first, `releases.csv: record on line %d: wrong number of fields`},
		{"releases.csv", first, rest(first, "KB5066835", `KB"5066835`), `releases.csv: parse error on line %d, `},

		{"tracks.csv", "windows-11-24h2,", "windows-11-25h2,", `tracks.csv:%d: invalid track "windows-11-25h2": want an id that no other line has`},
		{"tracks.csv", track, rest(track, "windows-11-25h2", "Windows_11"), `tracks.csv:%d: invalid track "Windows_11"`},
		{"tracks.csv", track, rest(track, "windows-11-25h2", "windows-11-26h1"), `releases.csv:6: track "windows-11-25h2": want an id of tracks.csv`},
		{"tracks.csv", track, rest(track, ",2025-10,", ",,"), `tracks.csv:%d: invalid first_month ""`},
		{"tracks.csv", track, rest(track, ",2025-10,", ",October,"), `tracks.csv:%d: first_month: invalid month "October"`},
		{"tracks.csv", track, rest(track, "2028-10", "2025-09"), `tracks.csv:%d: invalid last_month "2025-09"`},
		{"tracks.csv", track, rest(track, "1 4 7 10", "1 4 7 13"), `tracks.csv:%d: invalid baseline_months "1 4 7 13"`},
		{"tracks.csv", track, rest(track, "1 4 7 10", "0 4 7 10"), `tracks.csv:%d: invalid baseline_months "0 4 7 10"`},
		{"tracks.csv", track, rest(track, "1 4 7 10", "1 4 4 10"), `tracks.csv:%d: invalid baseline_months "1 4 4 10"`},
		{"tracks.csv", track, rest(track, "1 4 7 10", "quarterly"), `tracks.csv:%d: invalid baseline_months "quarterly"`},
		{"tracks.csv", track, rest(track, "second tuesday", "patch tuesday"), `tracks.csv:%d: release_day: invalid release day "patch tuesday"`},
		{"tracks.csv", track, rest(track, "10:00", "24:00"), `tracks.csv:%d: invalid time of day "24:00"`},
		{"tracks.csv", track, rest(track, "America/Los_Angeles", "Local"), `tracks.csv:%d: time_zone: invalid time zone "Local"`},

		{"sources.csv", source, "w11toc,primary,,\n" + source, `sources.csv:%d: source "w11toc": want an id that no other line has`},
		{"sources.csv", source, ",primary,", `sources.csv:%d: source "": want an id that no other line has`},
		{"sources.csv", source, "w11toc,rumour,", `sources.csv:%d: invalid confidence "rumour"`},
		{"sources.csv", source, source + "javascript:", `sources.csv:%d: address: invalid address "javascript:`},

		{"notices.csv", may, rest(may, "windows-server-2022-azure-edition", "windows-server-2019"), `notices.csv:%d: track "windows-server-2019": want an id of tracks.csv`},
		{"notices.csv", may, rest(may, "2022-05,", "2021-05,"), `notices.csv:%d: invalid month "2021-05": want a month on the track`},
		{"notices.csv", may, rest(may, "baseline", "restart"), `notices.csv:%d: kind: invalid kind "restart"`},
		{"notices.csv", may, rest(may, "baseline", ""), `notices.csv:%d: kind: invalid kind ""`},
		{"notices.csv", may, rest(may, "2022-05-10,", ","), `notices.csv:%d: invalid known_on ""`},
		{"notices.csv", may, rest(may, "2022-05-10,,", "2022-05-10,2022-05-11,"), `notices.csv:%d: invalid plan_seen_on "2022-05-11"`},
		{"notices.csv", may, rest(may, "https:", "http:"), `notices.csv:%d: source: invalid address "http://support.microsoft.com`},
		{"notices.csv", september, rest(september, "2026-09,", "2026-06,"), `notices.csv:%d: notice windows-11-25h2.2026-06 is on line `},
	} {
		dir := tables(t)
		text := string(dir[tt.table].Data)
		at := strings.Index(text, tt.old)
		if at < 0 || strings.Count(text, tt.old) != 1 {
			t.Errorf("%s has %q %d times, want once", tt.table, tt.old, strings.Count(text, tt.old))
			continue
		}
		dir[tt.table].Data = []byte(text[:at] + tt.new + text[at+len(tt.old):])
		want := tt.want
		if strings.Contains(want, "%") {
			want = fmt.Sprintf(want, 1+strings.Count(text[:at]+tt.new, "\n"))
		}
		facts, err := catalog.Read(dir)
		if err == nil || !strings.HasPrefix(err.Error(), want) || facts != nil {
			t.Errorf("with %q in %s: %d tracks, %v, want %s", tt.new, tt.table, len(facts), err, want)
		}
	}
}

// A table that is not there, or empty, refuses the whole too.
func TestReadNoTable(t *testing.T) {
	for name := range tables(t) {
		dir := tables(t)
		dir[name].Data = []byte("# nothing but a comment\n")
		if facts, err := catalog.Read(dir); err == nil || !strings.HasPrefix(err.Error(), name+": empty: want a first line with the columns ") || facts != nil {
			t.Errorf("with an empty %s: %d tracks, %v, want an error", name, len(facts), err)
		}
		delete(dir, name)
		if facts, err := catalog.Read(dir); err == nil || !strings.Contains(err.Error(), name) || facts != nil {
			t.Errorf("without %s: %d tracks, %v, want an error", name, len(facts), err)
		}
	}
	if _, err := catalog.Read(fstest.MapFS{}); err == nil {
		t.Errorf("Read of an empty folder = nil, want %v", fs.ErrNotExist)
	}
}

// The tables themselves can be read from a folder, as they are embedded.
func TestReadFolder(t *testing.T) {
	facts, err := catalog.Read(os.DirFS("."))
	if err != nil || len(facts) != len(load(t)) {
		t.Errorf("Read = %d tracks, %v, want %d", len(facts), err, len(load(t)))
	}
}
