package importer

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/cyclecal/cyclecal/cycle"
)

// clean returns a text as people see it: without invisible characters, with single
// spaces, and with none around it.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf) || r >= unicode.ReplacementChar && r <= '\uffff': // Cf: soft hyphen, zero-width space, byte order mark
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// hyphens makes every sort of dash a hyphen.
func hyphens(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Pd, r) || r == '\u2212' {
			return '-'
		}
		return r
	}, s)
}

var (
	kbForm    = regexp.MustCompile(`(?i)\bKB\s?([0-9]+)\b`)
	buildForm = regexp.MustCompile(`\b([0-9]{5}\.(?:0|[1-9][0-9]{0,4}))\b`)
)

// readKB returns the KB that a text names, or "" where it names none. Articles of old months may
// have six digits; the zero Month counts as a new one.
func readKB(s string, month cycle.Month) (string, error) {
	const sevenDigits = 2020
	kb, fewest := "", 7
	if !month.IsZero() && month.Year() < sevenDigits {
		fewest = 6
	}
	for _, m := range kbForm.FindAllStringSubmatch(s, -1) {
		switch digits := m[1]; {
		case len(digits) < fewest || len(digits) > 8:
			return "", fmt.Errorf("%q: want KB and %d to 8 digits", m[0], fewest)
		case kb != "" && kb != "KB"+digits:
			return "", errors.New("want one KB")
		default:
			kb = "KB" + digits
		}
	}
	return kb, nil
}

// readBuilds returns the builds that a text names, each once.
func readBuilds(s string) ([]string, error) {
	var builds []string
	for _, build := range buildForm.FindAllString(s, -1) {
		for _, other := range builds {
			if other != build && other[:5] == build[:5] {
				return nil, fmt.Errorf("want one build of %s", build[:5])
			}
		}
		if !slices.Contains(builds, build) {
			builds = append(builds, build)
		}
	}
	return builds, nil
}

var longDate = regexp.MustCompile(`(?i)\b([a-z]+\.?) ([0-9]{1,2}),? ([0-9]{4})\b`)

// readLongDate reads the day with which a text begins, "June 9, 2026". It returns the
// unknown day for a text without one, and an error for a day elsewhere in the text, or one
// that does not exist.
func readLongDate(s string) (cycle.Date, error) {
	at := longDate.FindStringSubmatchIndex(s)
	if at == nil {
		return cycle.Date{}, nil
	}
	of, ok := readMonthName(s[at[2]:at[3]])
	t, err := time.Parse("January 2 2006", of.String()+" "+s[at[4]:at[5]]+" "+s[at[6]:at[7]])
	if err != nil || !ok || at[0] > 0 {
		return cycle.Date{}, errors.New("want a day such as June 9, 2026 at its beginning")
	}
	return cycle.DateOf(t.Date()), nil
}

// readMonthName reads "June", and shorter forms of at least three letters, as "Jun", "Sept" and "Sept.".
func readMonthName(s string) (time.Month, bool) {
	const fewest = 3
	s = strings.TrimSuffix(s, ".")
	for month := time.January; month <= time.December; month++ {
		if name := month.String(); len(s) >= fewest && len(s) <= len(name) && strings.EqualFold(s, name[:len(s)]) {
			return month, true
		}
	}
	return 0, false
}

// mostAddress is how many bytes an address may have: as many as a document's address may have characters.
const mostAddress = 2000

// readAddress returns the absolute https address that a link leads to, or "" for
// what is no such address.
func readAddress(base, href string) string {
	from, err := url.Parse(base)
	if err != nil {
		return ""
	}
	to, err := from.Parse(strings.TrimSpace(href))
	if err != nil || href == "" || to.Scheme != "https" || to.Host == "" || to.User != nil || strings.ContainsAny(href, " \"'<>\\") {
		return ""
	}
	if address := to.String(); len(address) <= mostAddress && !strings.ContainsAny(address, "`{|}^") {
		return address
	}
	return ""
}
