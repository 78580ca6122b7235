package catalog_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cyclecal/cyclecal/cycle/catalog"
)

// Small tables that are right, for a fuzzer to break.
var small = []struct{ name, text string }{
	{"tracks.csv", `# a comment
id,name,branch,first_month,last_month,baseline_months,release_day,release_time,time_zone,note
win,Windows,26100,2025-10,,1 4 7 10 12,second tuesday,10:00,America/Los_Angeles,
old,"Windows, old",,2021-01,2021-12,,last day,00:00,UTC,It ended
`},
	{"releases.csv", `tracks,month,type,out_of_band,restart,kb,build,release_date,known_on,confidence,sources,title,url,note
win,2026-06,baseline,false,true,KB5094126,26100.8655,2026-06-09,2026-06-09,primary,nav,"June 9, 2026—Baseline",https://support.microsoft.com/help/5094126,
win old,,component,false,,KB5061096,,,2026-05-27,secondary,nav,,,No day
old,2021-03,hotpatch,true,false,,,2021-03-09,2021-03-09,primary,nav,,,
`},
	{"notices.csv", `tracks,month,kind,known_on,plan_seen_on,source,reason
win,2026-06,baseline,2026-06-09,2026-05-14,https://learn.microsoft.com/,No reason was given
`},
	{"sources.csv", `id,confidence,address,what
nav,primary,https://support.microsoft.com/,The list
`},
}

// FuzzRead breaks a table. What is read holds every law of the model; what is not
// is refused whole, by an error that names a table.
func FuzzRead(f *testing.F) {
	for i, table := range small {
		f.Add(uint(i), table.text)
		f.Add(uint(i), strings.ReplaceAll(table.text, "2026", "2025"))
		f.Add(uint(i), "\ufeff"+table.text)
		f.Add(uint(i), strings.ReplaceAll(table.text, "\n", "\r\n"))
	}
	f.Add(uint(1), "\"")
	f.Add(uint(2), "\xff,\x00")
	f.Fuzz(func(t *testing.T, which uint, text string) {
		dir := fstest.MapFS{}
		for i, table := range small {
			dir[table.name] = &fstest.MapFile{Data: []byte(table.text)}
			if uint(i) == which%uint(len(small)) {
				dir[table.name].Data = []byte(text)
			}
		}
		facts, err := catalog.Read(dir)
		if err != nil {
			name, _, _ := strings.Cut(err.Error(), ":")
			if _, ok := dir[name]; !ok || facts != nil {
				t.Errorf("Read = %d tracks, %v, want none and the name of a table", len(facts), err)
			}
			return
		}
		ids := map[string]bool{}
		once := func(id string, err error) {
			if err != nil || ids[id] {
				t.Errorf("Read accepts %s: %v, there already: %v", id, err, ids[id])
			}
			ids[id] = true
		}
		for _, track := range facts {
			once("track "+track.Track.ID, nil)
			for _, r := range track.Releases {
				once(r.ID(), track.Track.CheckRelease(r))
			}
			for _, n := range track.Notices {
				once("notice "+n.ID(), track.Track.CheckNotice(n))
			}
		}
	})
}

// The small tables themselves are right.
func TestReadSmallTables(t *testing.T) {
	dir := fstest.MapFS{}
	for _, table := range small {
		dir[table.name] = &fstest.MapFile{Data: []byte(table.text)}
	}
	facts, err := catalog.Read(dir)
	if err != nil || len(facts) != 2 || len(facts[0].Releases) != 2 || len(facts[0].Notices) != 1 || len(facts[1].Releases) != 2 {
		t.Errorf("Read = %v, %v, want two tracks with two releases each", facts, err)
	}
}
