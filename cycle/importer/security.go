package importer

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// ParseCVRF reads the hotpatch remediations of a document of Microsoft's security update
// guide. They tell a KB, a build and the month, but neither the day nor whether the
// release was out-of-band. So none of them decides what the month is. Its error is as that
// of [Parse].
func ParseCVRF(r io.Reader, name string) (Document, error) { return read(r, name, readCVRF) }

type cvrf struct {
	DocumentTracking struct {
		Identification struct {
			ID struct{ Value string }
		}
	}
	ProductTree struct {
		FullProductName []struct{ ProductID, Value string }
	}
	Vulnerability []struct{ Remediations []remediation }
	// An extract has only the remediations, and the names of products by their ids.
	Remediations []remediation
	Products     map[string]string
}

type remediation struct {
	Description struct{ Value string }
	URL         string
	ProductID   []string
	Type        int
	SubType     string
	FixedBuild  string
}

const (
	typeFix  = 2
	typeHelp = 3
)

// isHotpatch reports whether the remediation is a hotpatch, which is written in several ways.
func (r remediation) isHotpatch() bool {
	name := strings.ToLower(strings.ReplaceAll(clean(r.SubType), " ", ""))
	return r.Type == typeFix && name == "securityhotpatchupdate"
}

func readCVRF(data []byte, name string) (Document, error) {
	b := newBuilder(name, SecurityGuide)
	var doc cvrf
	if err := json.Unmarshal(data, &doc); err != nil {
		b.refuse("document", "%v", err)
		return b.finish()
	}
	month, err := cvrfMonth(doc.DocumentTracking.Identification.ID.Value, name)
	if err != nil {
		b.refuse("DocumentTracking.Identification.ID", "%v", err)
		return b.finish()
	}
	c := cvrfReader{b: b, month: month, products: doc.names(), links: map[string]string{}}
	c.readAll("Remediations", doc.Remediations)
	for i, v := range doc.Vulnerability {
		c.readAll(fmt.Sprintf("Vulnerability[%d].Remediations", i), v.Remediations)
	}
	c.finish()
	return b.finish()
}

var cvrfID = regexp.MustCompile(`(?i)\b[0-9]{4}-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\b`)

// cvrfMonth reads the month from a document's id, "2026-Aug", or from the name of an extract, which has no id.
func cvrfMonth(id, name string) (cycle.Month, error) {
	m := cvrfID.FindString(strings.ReplaceAll(cmp.Or(id, name), "_", " "))
	if m == "" {
		return cycle.Month{}, fmt.Errorf("%q: want a month such as 2026-Aug there or in the name of the source", id)
	}
	t, err := time.Parse("2006-Jan", m)
	return cycle.MonthOf(t.Year(), t.Month()), err
}

// names returns the products by their ids.
func (c cvrf) names() map[string]string {
	names := map[string]string{}
	for ids, name := range c.Products {
		for id := range strings.SplitSeq(ids, ",") {
			names[strings.TrimSpace(id)] = name
		}
	}
	for _, p := range c.ProductTree.FullProductName {
		names[p.ProductID] = p.Value
	}
	return names
}

type cvrfReader struct {
	b        *builder
	month    cycle.Month
	products map[string]string
	links    map[string]string // by KB
}

func (c *cvrfReader) readAll(place string, list []remediation) {
	for i, r := range list {
		if r.Type == typeHelp {
			c.links["KB"+r.SubType] = readAddress(r.URL, r.URL)
		}
		if r.isHotpatch() {
			c.read(fmt.Sprintf("%s[%d]", place, i), r)
		}
	}
}

func (c *cvrfReader) read(place string, r remediation) {
	kb, err := readKB("KB"+strings.TrimPrefix(clean(r.Description.Value), "KB"), c.month)
	if err != nil || kb == "" {
		c.b.report(place, "KB %q: want 7 or 8 digits", r.Description.Value)
		return
	}
	build := strings.TrimPrefix(clean(r.FixedBuild), "10.0.")
	if build != "" && buildForm.FindString(build) != build {
		c.b.report(place, "build %q: want such as 10.0.26100.9106", r.FixedBuild)
		return
	}
	for _, id := range r.ProductID {
		p, ok := productNamed(c.products[id])
		if !ok {
			c.b.report(place, "product %s, %q: want one of %s", id, c.products[id], productTracks())
			continue
		}
		if build != "" && !p.has(build) {
			c.b.refuse(place, "build %s of %s: want one of branch %s", build, p.track, p.branch)
			return
		}
		c.b.add(place, Row{Track: p.track, Month: c.month, Type: cycle.TypeHotpatch, KB: kb, Build: build})
	}
}

// finish adds the addresses, which may stand anywhere in the document.
func (c *cvrfReader) finish() {
	rows := c.b.rows
	for i := range rows {
		rows[i].URL = c.links[rows[i].KB]
	}
}
