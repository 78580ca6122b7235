package importer_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/importer"
)

// FuzzParse reads anything: what comes out could be a fact, is the same each time, and
// merged twice changes what is known once.
func FuzzParse(f *testing.F) {
	known := empty(f)
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, parse := range []func(io.Reader, string) (importer.Document, error){
			importer.ParseTOC, importer.ParseCVRF, importer.ParseFeed, importer.ParseReleaseInformation, importer.ParseNavigation,
		} {
			d, err := parse(bytes.NewReader(data), "fuzz 2026-Aug") // whatever it is
			checkRows(t, d, err)
		}
		d, err := importer.Parse(bytes.NewReader(data), "fuzz 2026-Aug")
		checkRows(t, d, err)
		again, _ := importer.Parse(bytes.NewReader(data), "fuzz 2026-Aug")
		if d := cmp.Diff(d, again, cmpopts.EquateComparable(cycle.Date{}, cycle.Month{})); d != "" {
			t.Errorf("read twice:\n%s", d)
		}
		if err != nil {
			return
		}
		once, _, err := importer.Merge(known, d, date(t, today))
		if err != nil {
			t.Fatalf("rows that could be facts: %v", err)
		}
		twice, differences, err := importer.Merge(once, d, date(t, "2026-08-03"))
		if err != nil || len(differences) > 0 && d.Origin != importer.SecurityGuide {
			t.Errorf("merged twice: %v, %v", differences, err)
		}
		same(t, "merged twice", once, twice)
	})
}

// seeds are one small source of each form: the fuzzer shrinks what it finds, and
// takes minutes for a whole page.
var seeds = []string{
	`<table id="HotpatchCalendar_Version25H2_2026"><tr><th>Month<th>Update type<th>Type<th>Availability date<th>Build<th>KB article</tr>` +
		`<tr><td>May<td>2026.05 B<td>Hotpatch<td>2026-05-12<td>26200.8390<td><a href="https://support.microsoft.com/help/5089466">KB5089466</a></tr>` +
		`<tr><td>June<td>2026.06 B<td>Baseline (Restart)<td><td><td></tr></table>`,
	"## Windows 11 hotpatch calendar\n**Version 25H2**\n**Calendar year 2026**\n| Month | Update type | Type | KB article |\n| - | - | - | - |\n" +
		"| May | 2026.05 B | Hotpatch | [KB5089466](https://support.microsoft.com/help/5089466) |\n",
	`<div class="supLeftNavCategoryTitle"><a href="/help/1">Hotpatch on Windows Server 2025</a></div>` +
		`<li class="supLeftNavArticle"><a href="/en-us/help/5087423">May 12, 2026&#x2014;Hotpatch KB5087423 (OS Build 26100.32772)</a></li>`,
	`{"items":[{"toc_title":"Windows 11, version 24H2","children":[{"toc_title":"June 9, 2026—KB5094126 (OS Builds 26200.8655 and 26100.8655)","href":"a"}]}]}`,
	`{"Remediations":[{"Description":{"Value":"5120994"},"ProductID":["1"],"Type":2,"SubType":"Security Hotpatch Update","FixedBuild":"10.0.26100.9106"}],` +
		`"products":{"1":"Windows 11 24H2"}}`,
	`<feed><title>Windows 11</title><entry><title>June 9, 2026-KB5094126 (OS Build 26100.8655)</title><link href="https://a.example/"/></entry></feed>`,
}

// TestSeeds wants seeds that are worth to begin with.
func TestSeeds(t *testing.T) {
	for _, seed := range seeds {
		if d, err := importer.Parse(strings.NewReader(seed), "fuzz 2026-Aug"); err != nil || len(d.Problems) > 0 {
			t.Errorf("%s: %v %v", seed, err, d.Problems)
		}
	}
}

// FuzzTitle puts anything where a title stands.
func FuzzTitle(f *testing.F) {
	for _, line := range lines(parse(f, navNew).Rows) {
		_, title, _ := strings.Cut(line, "title=")
		f.Add("Release notes for hotpatch on Windows Server 2025", title)
	}
	f.Add("Windows 11, version 25H2", "June 9, 2026-KB5094126 (OS Builds 26200.8655 and 26100.8655) - Microsoft Support")
	f.Fuzz(func(t *testing.T, heading, title string) {
		d, err := importer.ParseTOC(toc(t, heading, title), "toc.json")
		checkRows(t, d, err)
	})
}

// FuzzCheckAddress holds that what may be fetched is on a source's host, as the client that fetches it reads the address.
func FuzzCheckAddress(f *testing.F) {
	for _, s := range []string{
		"https://learn.microsoft.com/a", "https://learn.microsoft.com:443/", "https://a@learn.microsoft.com/", "https://raw.githubusercontent.com/MicrosoftDocs/%2e%2e/x",
		"https://api.msrc.microsoft.com/cvrf/v3.0", "HTTPS://SUPPORT.MICROSOFT.COM", "https:learn.microsoft.com", "https://[::1]/", "https://learn.microsoft.com\\@x/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if importer.CheckAddress(s) != nil {
			return
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s, nil)
		if err != nil {
			return // nothing is fetched
		}
		host := strings.ToLower(r.URL.Hostname())
		known := host == "learn.microsoft.com" || host == "support.microsoft.com" || host == "api.msrc.microsoft.com" && strings.HasPrefix(r.URL.Path+"/", "/cvrf/") ||
			host == "raw.githubusercontent.com" && strings.HasPrefix(r.URL.Path+"/", "/MicrosoftDocs/")
		if !known || r.URL.Scheme != "https" || r.URL.User != nil || r.URL.Port() != "" && r.URL.Port() != "443" || strings.Contains(r.URL.Path, "..") {
			t.Errorf("CheckAddress(%q) = nil, and %s is fetched from %q", s, r.URL, host)
		}
	})
}

// checkRows wants rows that could be facts of their track.
func checkRows(t *testing.T, d importer.Document, err error) {
	t.Helper()
	if (err == nil) != (len(d.Rows) > 0) {
		t.Fatalf("%d rows with the error %v", len(d.Rows), err)
	}
	for _, r := range d.Rows {
		track := cycle.Track{
			ID: r.Track, FirstMonth: cycle.MonthOf(1, 1),
			Branch: map[string]string{
				"windows-11-25h2": "26200", "windows-11-24h2": "26100", "windows-11-ltsc-2024": "26100", "windows-server-2025": "26100",
				"windows-server-2022-azure-edition": "20348", "windows-server-azure-automanage-preview": "17784",
			}[r.Track],
		}
		if utf8.RuneCountInString(r.Title) > 200 || strings.ContainsAny(r.Title, "\ufffe\uffff\u2028\x7f") || len(r.URL) > 2000 || strings.ContainsAny(r.URL, " `{|}^\"<>\\") {
			t.Errorf("%v: want a title and an address that a document can have", lines([]importer.Row{r}))
		}
		if r.Type == 0 {
			if r.Kind == 0 || r.Month.IsZero() || r.KB != "" || r.Build != "" || !r.Date.IsZero() {
				t.Errorf("%v: want a month and a kind alone", lines([]importer.Row{r}))
			}
			continue
		}
		err := track.CheckRelease(cycle.Release{
			Track: r.Track, Month: r.Month, KB: r.KB, Build: r.Build, Type: r.Type, Date: r.Date, KnownOn: cycle.DateOf(2026, 6, 9),
		})
		if err != nil || track.Branch == "" {
			t.Errorf("%v: %v", lines([]importer.Row{r}), err)
		}
	}
}
