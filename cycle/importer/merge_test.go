package importer_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
	"github.com/cyclecal/cyclecal/cycle/importer"
)

const today = "2026-07-28"

// empty are the tracks with no history.
func empty(t testing.TB) []cycle.Facts {
	t.Helper()
	var list []cycle.Facts
	for _, f := range builtin(t) {
		list = append(list, cycle.Facts{Track: f.Track})
	}
	return list
}

func builtin(t testing.TB) []cycle.Facts {
	t.Helper()
	facts, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

// merge merges documents one after another.
func merge(t testing.TB, facts []cycle.Facts, day string, docs ...importer.Document) ([]cycle.Facts, []importer.Difference) {
	t.Helper()
	var all []importer.Difference
	for _, d := range docs {
		var differences []importer.Difference
		var err error
		if facts, differences, err = importer.Merge(facts, d, date(t, day)); err != nil {
			t.Fatal(err)
		}
		all = append(all, differences...)
	}
	return facts, all
}

// same wants the same facts, in whatever order.
func same(t *testing.T, what string, want, got []cycle.Facts) {
	t.Helper()
	sorted := func(list []cycle.Facts) []cycle.Facts {
		list = slices.Clone(list)
		for i, f := range list {
			f.Releases, f.Notices = slices.Clone(f.Releases), slices.Clone(f.Notices)
			slices.SortFunc(f.Releases, func(a, b cycle.Release) int { return cmp.Or(cmp.Compare(a.ID(), b.ID()), cmp.Compare(a.Type, b.Type)) })
			slices.SortFunc(f.Notices, func(a, b cycle.Notice) int {
				return cmp.Or(cmp.Compare(a.ID(), b.ID()), a.KnownOn.Compare(b.KnownOn), cmp.Compare(a.Kind, b.Kind))
			})
			list[i] = f
		}
		return list
	}
	options := []gocmp.Option{
		cmpopts.EquateComparable(cycle.Date{}, cycle.Month{}), cmpopts.IgnoreTypes(cycle.Rule{}), cmpopts.EquateEmpty(),
	}
	if d := gocmp.Diff(sorted(want), sorted(got), options...); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// The pages in any order end in the same facts, on an empty history and on the built-in one.
func TestMergeOrder(t *testing.T) {
	var docs []importer.Document
	for _, name := range samples {
		docs = append(docs, parse(t, name))
	}
	docs = append(docs, junePage(t), junePlan(t))
	for name, known := range map[string][]cycle.Facts{"empty": empty(t), "builtin": builtin(t)} {
		want, _ := merge(t, known, today, docs...)
		for seed := range uint64(orders) {
			random := rand.New(rand.NewPCG(seed, 0))
			shuffled := slices.Clone(docs)
			random.Shuffle(len(docs), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			got, _ := merge(t, known, today, shuffled...)
			same(t, fmt.Sprintf("%s, seed %d", name, seed), want, got)
			if t.Failed() {
				return
			}
		}
	}
}

// Merging a source again changes nothing, on that day or later.
func TestMergeTwice(t *testing.T) {
	for name, known := range map[string][]cycle.Facts{"empty": empty(t), "builtin": builtin(t)} {
		for _, sample := range samples {
			once, _ := merge(t, known, today, parse(t, sample))
			for _, day := range []string{today, "2026-08-03"} {
				twice, differences := merge(t, once, day, parse(t, sample))
				same(t, name+" "+sample+" again on "+day, once, twice)
				// The security update guide leaves nothing behind, and so tells it again.
				if len(differences) > 0 && sample != securityAug {
					t.Errorf("%s: %s again on %s: %v", name, sample, day, differences)
				}
			}
		}
	}
}

// Nothing that was known is dropped, and what was given is not changed.
func TestMergeKeeps(t *testing.T) {
	known, before := builtin(t), builtin(t)
	for _, sample := range samples {
		facts, _ := merge(t, known, today, parse(t, sample))
		same(t, "known, after "+sample, before, known)
		for i, f := range facts {
			if len(f.Releases) < len(known[i].Releases) || len(f.Notices) < len(known[i].Notices) {
				t.Errorf("%s: %s has fewer facts", sample, f.Track.ID)
			}
			for n, r := range known[i].Releases {
				got := f.Releases[n]
				got.Sources, got.Note = r.Sources, r.Note
				if got != r {
					t.Errorf("%s: %+v became %+v", sample, r, got)
				}
			}
		}
	}
}

// A release that turns out to be out-of-band makes room for the month's own, wherever the two stand.
func TestMergeOutOfBandLater(t *testing.T) {
	row := func(kb, build, day string, oob bool) importer.Row {
		r := importer.Row{Track: "windows-11-25h2", Month: date(t, day).Month(), Type: cycle.TypeHotpatch, KB: kb, Build: build, Date: date(t, day), OutOfBand: oob}
		if !oob {
			r.Kind = cycle.Hotpatch
		}
		return r
	}
	known, _ := merge(t, empty(t), "2026-06-08", document(importer.Feed, row("KB5000001", "26200.100", "2026-06-02", false)))
	for _, rows := range [][]importer.Row{
		{row("KB5000002", "26200.200", "2026-06-09", false), row("KB5000001", "26200.100", "2026-06-02", true)},
		{row("KB5000001", "26200.100", "2026-06-02", true), row("KB5000002", "26200.200", "2026-06-09", false)},
	} {
		facts, _ := merge(t, known, "2026-06-09", document(importer.ReleaseNotes, rows...))
		var got []string
		for _, r := range facts[0].Releases {
			got = append(got, fmt.Sprintf("%s %s %v out-of-band: %v", r.KB, r.Build, r.Date, r.OutOfBand))
		}
		if d := gocmp.Diff([]string{"KB5000001 26200.100 2026-06-02 out-of-band: true", "KB5000002 26200.200 2026-06-09 out-of-band: false"}, got); d != "" {
			t.Errorf("releases (-want +got):\n%s", d)
		}
	}
}

// Where a month has a release of the other kind, a source that tells another one is said to differ.
func TestMergeOtherKind(t *testing.T) {
	june := date(t, "2026-06-09")
	row := importer.Row{Track: "windows-11-25h2", Month: june.Month(), Kind: cycle.Hotpatch, Type: cycle.TypeHotpatch, KB: "KB5000001", Date: june}
	other := row
	other.Kind, other.Type, other.KB = cycle.Baseline, cycle.TypeBaseline, "KB5000002"
	standard := importer.Row{Track: row.Track, Month: row.Month, Type: cycle.TypeCumulative, KB: "KB5000003", Date: june} // says nothing of the month
	_, differences := merge(t, empty(t), "2026-06-09", document(importer.Windows11Calendar, row), document(importer.Feed, standard), document(importer.ReleaseNotes, other))
	want := []string{"windows-11-25h2.kb5000001 type hotpatch baseline"}
	if d := gocmp.Diff(want, changes(differences, importer.Differs)); d != "" {
		t.Errorf("differences (-want +got):\n%s", d)
	}
}

// What random sources tell of one month and of three updates comes to the same in
// any order, however they contradict each other.
func TestMergeClaims(t *testing.T) {
	known := empty(t)
	for seed := range uint64(orders * 20) {
		random := rand.New(rand.NewPCG(seed, 0))
		docs := randomDocuments(t, random)
		want, _ := merge(t, known, today, docs...)
		again, differences := merge(t, want, today, docs...)
		same(t, fmt.Sprintf("seed %d, again", seed), want, again)
		for _, d := range differences {
			if d.Source != string(importer.SecurityGuide) {
				t.Errorf("seed %d, again: %v", seed, d)
			}
		}
		random.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		got, _ := merge(t, known, today, docs...)
		same(t, fmt.Sprintf("seed %d", seed), want, got)
		if t.Failed() {
			for _, d := range docs {
				t.Logf("%s: %s", d.Origin, strings.Join(lines(d.Rows), "\n\t"))
			}
			return
		}
	}
}

// randomDocuments are a calendar, release notes, an update history and others that
// differ in builds, days and types.
func randomDocuments(t *testing.T, random *rand.Rand) []importer.Document {
	t.Helper()
	pick := func(values ...string) string { return values[random.IntN(len(values))] }
	build := func() string { return pick("26200.100", "26200.100", "26200.99", "26200.200") }
	june := date(t, "2026-06-09")
	row := func(typ cycle.ReleaseType, kb string) importer.Row {
		r := importer.Row{Track: "windows-11-25h2", Month: june.Month(), Type: typ, KB: kb, Build: build(), Date: june}
		switch typ {
		case cycle.TypeBaseline:
			r.Kind = cycle.Baseline
		case cycle.TypeHotpatch:
			r.Kind = cycle.Hotpatch
		default:
		}
		return r
	}
	regular := []cycle.ReleaseType{cycle.TypeBaseline, cycle.TypeHotpatch}[random.IntN(2)]
	calendar := row(regular, "KB5000001")
	notes := row(regular, "KB5000001")
	notes.Title, notes.URL = "June 9, 2026—Hotpatch KB5000001 (OS Build "+notes.Build+")", pick("https://support.microsoft.com/en-us/servicing/os/hotpatch/a", "https://support.microsoft.com/help/1")
	notes.Date = date(t, pick("2026-06-09", "2026-06-16"))
	if regular == cycle.TypeBaseline {
		notes.KB, notes.Build, notes.Title, notes.Date = pick("", "KB5000001"), "", "June 9, 2026—Baseline", june
	}
	oob := row(cycle.TypeHotpatch, "KB5000002")
	oob.OutOfBand, oob.Kind, oob.Date, oob.Title = true, 0, date(t, "2026-06-20"), "June 20, 2026—Hotpatch KB5000002 (OS Build "+oob.Build+") Out-of-band"
	guide := row(cycle.TypeHotpatch, pick("KB5000001", "KB5000002"))
	guide.Kind, guide.Date = 0, cycle.Date{}
	cumulative := row(cycle.TypeCumulative, map[cycle.ReleaseType]string{cycle.TypeBaseline: "KB5000001", cycle.TypeHotpatch: "KB5000003"}[regular])
	cumulative.Title = "June 9, 2026—" + cumulative.KB
	history := []importer.Row{cumulative}
	if notes.KB != "" { // else nothing tells which update of the day is the baseline
		second := row(cycle.TypeCumulative, pick("KB5000004", "KB5000005"))
		history = append(history, second)
		random.Shuffle(2, func(i, j int) { history[i], history[j] = history[j], history[i] })
	}
	feed := row(cycle.TypeCumulative, cumulative.KB)
	feed.Title = "June 9, 2026-" + cumulative.KB
	other := row(regular, "KB5000001")
	plan := importer.Row{Track: "windows-11-25h2", Month: june.Month(), Kind: []cycle.Kind{cycle.Baseline, cycle.Hotpatch}[random.IntN(2)]}
	docs := []importer.Document{
		document(importer.Windows11Calendar, calendar), document(importer.ReleaseNotes, notes, oob), document(importer.SecurityGuide, guide),
		document(importer.UpdateHistory, history...), document(importer.Feed, feed), document(importer.Windows11Calendar, other),
		document(importer.Windows11Calendar, plan),
	}
	if regular == cycle.TypeBaseline {
		docs = slices.DeleteFunc(docs, func(d importer.Document) bool { return d.Origin == importer.SecurityGuide })
	}
	return docs
}

func document(origin importer.Origin, rows ...importer.Row) importer.Document {
	page := ""
	if strings.HasPrefix(string(origin), "learn") {
		page = "https://learn.microsoft.com/en-us/windows/release-health/windows11-release-information"
	}
	return importer.Document{Source: string(origin), Origin: origin, Page: page, Rows: rows}
}

// juneRow is the row of June as it was planned.
const juneRow = `<td>2026.06 B</td>
             <td>Hotpatch</td>
             <td></td>
             <td></td>
<td></td>`

// junePlan is the page of May with June as a baseline that is still to come.
func junePlan(t testing.TB) importer.Document {
	t.Helper()
	return changed(t, win11May, juneRow, strings.Replace(juneRow, "Hotpatch", "Baseline (Restart)", 1))
}

// junePage is the page of May with June's baselines.
func junePage(t testing.TB) importer.Document {
	t.Helper()
	row := `<td>2026.06 B</td>
             <td>Baseline (Restart)</td>
             <td>2026-06-09</td>
             <td>%s.8655</td>
<td><a href="https://support.microsoft.com/help/5094126">KB5094126</a></td>`
	page := strings.Replace(string(sample(t, win11May)), juneRow, fmt.Sprintf(row, "26200"), 1)
	page = strings.Replace(page, juneRow, fmt.Sprintf(row, "26100"), 1)
	d, err := importer.Parse(strings.NewReader(page), win11May)
	if err != nil || len(d.Problems) > 0 {
		t.Fatal(err, d.Problems)
	}
	return d
}

// changed reads a sample with one text replaced wherever it stands.
func changed(t testing.TB, name, old, replacement string) importer.Document {
	t.Helper()
	data := sample(t, name)
	if !bytes.Contains(data, []byte(old)) {
		t.Fatalf("%s does not have %q", name, old)
	}
	d, err := importer.Parse(bytes.NewReader(bytes.ReplaceAll(data, []byte(old), []byte(replacement))), name)
	if err != nil || len(d.Problems) > 0 {
		t.Fatal(err, d.Problems)
	}
	return d
}
