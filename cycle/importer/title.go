package importer

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/cyclecal/cyclecal/cycle"
)

// title is what the title of an article says.
type title struct {
	text      string
	date      cycle.Date
	typ       cycle.ReleaseType
	outOfBand bool
	preview   bool
	kb        string
	builds    []string
}

var (
	hotpatchWord  = regexp.MustCompile(`(?i)\bhotpatch\b`)
	baselineWord  = regexp.MustCompile(`(?i)\bbaseline\b`)
	outOfBandWord = regexp.MustCompile(`(?i)\bout[ -]?of[ -]?band\b`)
	previewWord   = regexp.MustCompile(`(?i)\b[0-9]{5}\.[0-9]+\b.*\bpreview\b`) // after the builds; before them it means the preview of hotpatching
	osBuild       = regexp.MustCompile(`(?i)\bOS builds? ?[0-9]{5}\.[0-9]`)
	componentWord = regexp.MustCompile(`(?i)\bsecurity update for\b`)
	pageWord      = regexp.MustCompile(`(?i)^(public preview ?- ?)?release notes\b`)
	siteSuffix    = regexp.MustCompile(` [-–—] Microsoft Support$`)
)

// mostTitle is how many bytes a title may have: as many as a document's title may have characters. The longest one
// has two thirds of that.
const mostTitle = 200

// readTitle reads the title of an article in a list. Hotpatch says that the list is one
// of hotpatch release notes, where a title must say Hotpatch or Baseline. It returns
// false for an article that is about no release.
func readTitle(s string, hotpatch bool) (t title, release bool, err error) {
	text := clean(s)
	if len(text) > mostTitle {
		return t, true, fmt.Errorf("%q: want a title of at most %d bytes", short(text), mostTitle)
	}
	t.text = siteSuffix.ReplaceAllString(text, "")
	s = hyphens(t.text)
	release = kbForm.MatchString(s) || !pageWord.MatchString(s)
	if !release {
		return t, false, nil
	}
	if err := t.read(s, hotpatch); err != nil {
		return t, true, fmt.Errorf("%q: %w", text, err)
	}
	return t, true, nil
}

func (t *title) read(s string, hotpatch bool) (err error) {
	if t.date, err = readLongDate(s); err != nil {
		return err
	}
	month := cycle.Month{}
	if !t.date.IsZero() {
		month = t.date.Month()
	}
	if t.kb, err = readKB(s, month); err != nil {
		return err
	}
	if t.builds, err = readBuilds(s); err != nil {
		return err
	}
	t.outOfBand = outOfBandWord.MatchString(s)
	t.typ, err = t.readType(s, hotpatch)
	t.preview = t.typ == cycle.TypeCumulative && previewWord.MatchString(s)
	return err
}

func (t *title) readType(s string, hotpatch bool) (cycle.ReleaseType, error) {
	isHotpatch, isBaseline := hotpatchWord.MatchString(s), baselineWord.MatchString(s)
	switch {
	case componentWord.MatchString(s) && t.kb != "" && !isBaseline:
		return cycle.TypeComponent, nil
	case isHotpatch && isBaseline:
		return 0, errors.New("want Hotpatch or Baseline, not both")
	case t.date.IsZero():
		return 0, errors.New("want a title that begins with a day, such as June 9, 2026")
	case isBaseline && (t.kb != "" || !t.outOfBand):
		return cycle.TypeBaseline, nil
	case t.kb == "":
		return 0, errors.New("want a title with a KB")
	case isHotpatch:
		return cycle.TypeHotpatch, nil
	case hotpatch:
		return 0, errors.New("want Hotpatch, Baseline or Security Update in a title of the hotpatch release notes")
	case !osBuild.MatchString(s):
		return 0, errors.New("want an OS Build in the title of a cumulative update, such as (OS Build 26100.8655)")
	}
	return cycle.TypeCumulative, nil
}

// row returns what the title says about a product. A build of a product that the list
// can't be about is an error.
func (t title) row(p product, address string) (Row, error) {
	if build := p.foreign(t.builds); build != "" {
		return Row{}, fmt.Errorf("%q: build %s is not of %s: want one of branch %s", t.text, build, p.track, p.branch)
	}
	r := Row{
		Track: p.track, Type: t.typ, OutOfBand: t.outOfBand, Preview: t.preview,
		KB: t.kb, Build: p.build(t.builds), Date: t.date, Title: t.text, URL: address,
	}
	if !t.date.IsZero() {
		r.Month = t.date.Month()
	}
	if !t.outOfBand {
		r.Kind = kindOf(t.typ)
	}
	return r, nil
}

// kindOf returns the kind of a month that has a regular release of that type.
func kindOf(t cycle.ReleaseType) cycle.Kind {
	switch t {
	case cycle.TypeBaseline:
		return cycle.Baseline
	case cycle.TypeHotpatch:
		return cycle.Hotpatch
	}
	return 0
}
