package importer_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/cycle/importer"
)

// facts are rows without what is only said about them.
func facts(rows []importer.Row) map[string]bool {
	set := map[string]bool{}
	for _, r := range rows {
		r.Title, r.URL = "", ""
		set[lines([]importer.Row{r})[0]] = true
	}
	return set
}

// page is what an undamaged page says, and the kinds of its months alone, which a row still
// says when the cells about its release can't be read.
type page struct{ facts, kinds map[string]bool }

func pageOf(rows []importer.Row) page {
	var kinds []importer.Row
	for _, r := range rows {
		kinds = append(kinds, importer.Row{Track: r.Track, Month: r.Month, Kind: r.Kind})
	}
	return page{facts(rows), facts(kinds)}
}

// checkDamaged wants of a damaged page that it says nothing wrong, and that it
// reports what it no longer says: silent is true where the loss can't be seen.
func checkDamaged(t *testing.T, what string, data []byte, name string, whole page, silent bool) {
	t.Helper()
	d, err := importer.Parse(bytes.NewReader(data), name)
	got := facts(d.Rows)
	for fact := range got {
		if !whole.facts[fact] && !whole.kinds[fact] {
			t.Errorf("%s: %s: not what the page says", what, fact)
		}
	}
	if err == nil && len(d.Problems) == 0 && len(got) < len(whole.facts) && !silent {
		t.Errorf("%s: %d facts of %d and no report", what, len(got), len(whole.facts))
	}
	if err != nil && len(d.Rows) > 0 {
		t.Errorf("%s: %d rows beside the error %v", what, len(d.Rows), err)
	}
}

// A page that is cut off says so, at every 1 KB; wherever it is cut, it says nothing wrong.
func TestTruncation(t *testing.T) {
	for _, name := range samples {
		t.Run(name, func(t *testing.T) {
			data := sample(t, name)
			whole := pageOf(parse(t, name).Rows)
			for n := 1024; n < len(data); n += 1024 {
				checkDamaged(t, fmt.Sprintf("first %d bytes", n), data[:n], name, whole, false)
			}
			for n := 1; n < len(data); n += cutEvery {
				checkDamaged(t, fmt.Sprintf("first %d bytes", n), data[:n], name, whole, true)
			}
			if page := asWhole(data); strings.HasSuffix(name, ".html") {
				for n := 1; n < len(page)-len("l>\n"); n += cutEvery {
					checkDamaged(t, fmt.Sprintf("first %d bytes of a whole page", n), page[:n], name, whole, false)
				}
			}
		})
	}
}

// parts are what is dropped, doubled and broken in each form.
var parts = map[string]struct{ cell, row, tag *regexp.Regexp }{
	win11May: {
		regexp.MustCompile(`<t[dh]>(<a .*?</a>|[^<]*)</t[dh]>`), regexp.MustCompile(`(?s)<tr>.*?</tr>`), regexp.MustCompile(`</?[a-z]+|"|>`),
	},
	serverJune: {
		regexp.MustCompile(`[^|\n]+\|`), regexp.MustCompile(`(?m)^\| [A-Z].*\n`), regexp.MustCompile(`\||\*\*|\[|\]|\(|\)|\n`),
	},
	navNew: {
		regexp.MustCompile(`<a .*?</a>`), regexp.MustCompile(`<li.*?</li>`), regexp.MustCompile(`</?[a-z]+|"|>`),
	},
	navOld: {
		regexp.MustCompile(`<a .*?</a>`), regexp.MustCompile(`(?s)<li.*?</li>`), regexp.MustCompile(`</?[a-z]+|"|>`),
	},
	historyTOC: {
		regexp.MustCompile(`"(href|toc_title)": "[^"]*"`), regexp.MustCompile(`(?s)\{[^{}]*"href"[^{}]*\},`), regexp.MustCompile(`"|\{|\}|,|:`),
	},
	securityAug: {
		regexp.MustCompile(`"[A-Za-z]+": ("[^"]*"|[0-9]+)`), regexp.MustCompile(`(?s)\{\s*"Description".*?"(FixedBuild|SubType)": "[^"]*"\s*\},`), regexp.MustCompile(`"|\{|\}|,|:`),
	},
	feedJune: {
		regexp.MustCompile(`<(id|published|link|title)[ >].*\n`), regexp.MustCompile(`(?s)<entry>.*?</entry>`), regexp.MustCompile(`</?[a-z]+|"|>`),
	},
}

// asWhole makes a page of a part of one.
func asWhole(part []byte) []byte {
	return slices.Concat([]byte("<!DOCTYPE html>\n<html lang=\"en-us\">\n<head><title>Windows</title></head>\n<body>\n<a>an anchor without an end\n"), part, []byte("\n</body>\n</html>\n"))
}

// A page that lost a cell, has a row twice or a broken tag says the same, or says less and reports it.
func TestMutations(t *testing.T) {
	pages := map[string][]byte{}
	for _, name := range samples {
		pages[name] = sample(t, name)
		if strings.HasSuffix(name, ".html") {
			pages["whole "+name] = asWhole(sample(t, name))
		}
	}
	for name, data := range pages {
		t.Run(name, func(t *testing.T) {
			name := strings.TrimPrefix(name, "whole ")
			whole := pageOf(parse(t, name).Rows)
			part := parts[name]
			each := func(sort string, form *regexp.Regexp, every int, change func(old []byte) []byte) {
				found := form.FindAllIndex(data, -1)
				if len(found) == 0 {
					t.Errorf("%s: none was found", sort)
				}
				for i := 0; i < len(found); i += every {
					at := found[i]
					mutant := slices.Concat(data[:at[0]], change(data[at[0]:at[1]]), data[at[1]:])
					what := fmt.Sprintf("%s at %d: %q", sort, at[0], data[at[0]:min(at[1], at[0]+80)])
					checkDamaged(t, what, mutant, name, whole, silent(name, sort, string(data[at[0]:at[1]])))
				}
			}
			each("cell dropped", part.cell, partsEvery, func([]byte) []byte { return nil })
			each("row doubled", part.row, partsEvery, func(old []byte) []byte { return slices.Concat(old, old) })
			each("tag broken", part.tag, tagsEvery, func(old []byte) []byte { return old[:len(old)-1] })
			each("tag doubled", part.tag, tagsEvery, func(old []byte) []byte { return slices.Concat(old, old) })
		})
	}
}

// silent tells the losses that leave a document as it could have been written.
func silent(name, sort, old string) bool {
	switch name {
	case historyTOC, securityAug, feedJune:
		// An entry without its title is none.
		return sort == "cell dropped" && (strings.Contains(old, "title") || strings.Contains(old, "Type"))
	}
	return false
}
