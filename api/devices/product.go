package devices

import (
	"regexp"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// product is what the words about a device, or the name of a track, say about its product.
// What they do not say is false or nil.
type product struct {
	server, client  bool
	ltsc, annual    bool // an edition of the long-term servicing channel, or another edition
	azure, standard bool // the Azure Edition of a server, or another edition
	years           []string
	versions        []string // 24h2
}

var (
	wordForm    = regexp.MustCompile(`[a-z0-9]+`)
	versionForm = regexp.MustCompile(`^[0-9]{2}h[12]$`)
	yearForm    = regexp.MustCompile(`^20[0-9]{2}$`)
)

// What editions are called, by people, as EditionID in the registry, and as the number of
// GetProductInfo, which ConfigMgr and Graph pass on:
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getproductinfo
var (
	clientWords   = strings.Fields("windows11 windows10 workstation home professional pro education enterprise business core cloudedition multisession serverrdsh")
	annualWords   = strings.Fields("home professional pro education enterprise enterprisen business core serverrdsh multisession proworkstation professionalworkstation professionaleducation 4 27 48 49 72 98 99 100 101 121 122 161 162 164 165 175")
	ltscWords     = strings.Fields("ltsc ltsb enterprises enterprisesn iotenterprises 125 126 191")
	standardWords = strings.Fields("standard datacenter serverstandard serverdatacenter serverstandardcor serverdatacentercor 7 8 12 13 79 80")
	azureWords    = strings.Fields("azureedition serverturbine serverturbinecor 407 408")
)

// describe reads words about a product. A number is an edition only where it stands alone in a cell of
// skus, since elsewhere it may be anything. Of cells with builds only a version such as 24H2 is read.
func describe(cells, skus, builds []string) product {
	var p product
	for _, cell := range cells {
		p.read(wordsOf(cell), false)
	}
	for _, cell := range skus {
		p.read(wordsOf(cell), true)
	}
	for _, cell := range builds {
		p.readVersions(wordsOf(cell))
	}
	if p.server { // of which there are Datacenter Core and Standard Evaluation as well
		p.annual, p.ltsc = false, false
	} else {
		p.client = p.client || p.ltsc || p.annual
	}
	if p.azure {
		p.standard = false
	}
	return p
}

func wordsOf(cell string) []string { return wordForm.FindAllString(strings.ToLower(cell), -1) }

func (p *product) readVersions(words []string) {
	for _, w := range words {
		if versionForm.MatchString(w) {
			p.versions = append(p.versions, w)
		}
	}
}

func (p *product) read(words []string, sku bool) {
	has := func(list []string) bool {
		return slices.ContainsFunc(words, func(w string) bool {
			return slices.Contains(list, w) && (sku && len(words) == 1 || w[0] > '9') // Windows 8 is no server
		})
	}
	standard, azure := has(standardWords), has(azureWords) || follows(words, "azure", "edition")
	server := standard || azure || slices.ContainsFunc(words, func(w string) bool {
		return w != "serverrdsh" && strings.HasPrefix(w, "server") || strings.HasPrefix(w, "windowsserver")
	})
	p.server, p.azure, p.standard = p.server || server, p.azure || azure, p.standard || standard
	if !server {
		client := has(clientWords) || follows(words, "windows", "11")
		ltsc := has(ltscWords)
		p.client, p.ltsc = p.client || client, p.ltsc || ltsc
		p.annual = p.annual || has(annualWords) && !ltsc
	}
	p.readVersions(words)
	for _, w := range words {
		if year := strings.TrimPrefix(w, "windowsserver"); server && yearForm.MatchString(year) {
			p.years = append(p.years, year)
		}
	}
}

// follows reports whether one word comes right after another.
func follows(words []string, first, second string) bool {
	for i := range len(words) - 1 {
		if words[i] == first && words[i+1] == second {
			return true
		}
	}
	return false
}

// excludes reports whether a device of the product can't be one of the track's.
func (p product) excludes(track product) bool {
	switch {
	case p.server && p.client: // it contradicts itself
		return false
	case p.server != track.server && (p.server || p.client):
		return true
	case track.server:
		return track.azure && p.standard || apart(p.years, track.years)
	}
	return track.ltsc && p.annual && !p.ltsc || !track.ltsc && p.ltsc && !p.annual || apart(p.versions, track.versions)
}

// apart reports whether both lists have words, but none in common.
func apart(a, b []string) bool {
	return len(a) > 0 && len(b) > 0 && !slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// sure reports whether the words are enough for the only track that is left. For a track of the Azure
// Edition they must say so, as other editions have the same builds and are on no track.
func (p product) sure(track product) bool { return !track.azure || p.azure }

// ofTrack reads the product in a track's name.
func ofTrack(t cycle.Track) product {
	p := describe([]string{t.Name}, nil, nil)
	p.client = !p.server
	if p.client && !p.ltsc {
		p.annual = true
	}
	return p
}
