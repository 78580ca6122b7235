package importer

import (
	"slices"
	"strings"
	"unicode"
)

// product is a track as Microsoft's pages know it.
type product struct {
	track, branch string
	// family is the same for the products that share a list.
	family string
	// follows is the track whose packages this product gets, as Microsoft keeps no list for it.
	follows string
}

var products = []product{
	{track: "windows-11-25h2", branch: "26200", family: "windows11"},
	{track: "windows-11-24h2", branch: "26100", family: "windows11"},
	{track: "windows-11-ltsc-2024", branch: "26100", follows: "windows-11-24h2"},
	{track: "windows-server-2025", branch: "26100"},
	{track: "windows-server-2022-azure-edition", branch: "20348"},
	{track: "windows-server-azure-automanage-preview", branch: "17784"},
}

func productOf(track string) product {
	for _, p := range products {
		if p.track == track {
			return p
		}
	}
	return product{}
}

// productTracks names the tracks that pages can be about.
func productTracks() string {
	var list []string
	for _, p := range products {
		if p.follows == "" {
			list = append(list, p.track)
		}
	}
	return strings.Join(list, ", ")
}

// productNamed returns the product that a heading names: "Windows Server 2025 (OS build
// 26100)", "HotpatchCalendar_Version25H2_2026". A build in the heading is ignored.
// It returns false for a heading that names none, or more than one.
func productNamed(heading string) (product, bool) {
	name := strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, clean(heading))
	has := func(word string) bool { return strings.Contains(name, word) }
	found := map[string]bool{
		"windows-server-2025": has("server2025"),
		// 23H2 is another product, with builds of its own.
		"windows-server-2022-azure-edition": has("server2022") && !has("23h2"),
		// The release notes of Server 2022 are "in Azure Automanage for Windows Server 2022" too.
		"windows-server-azure-automanage-preview": has("automanage") && !has("server20"),
		"windows-11-25h2":                         has("25h2") && !has("server"),
		"windows-11-24h2":                         has("24h2") && !has("server"),
		"windows-11-ltsc-2024":                    has("ltsc2024") && !has("24h2"),
	}
	var one product
	n := 0
	for _, p := range products {
		if found[p.track] {
			one = p
			n++
		}
	}
	return one, n == 1
}

// has reports whether a build is of the product's branch.
func (p product) has(build string) bool { return strings.HasPrefix(build, p.branch+".") }

// build returns the one of the builds that the product has, or "".
func (p product) build(builds []string) string {
	for _, build := range builds {
		if p.has(build) {
			return build
		}
	}
	return ""
}

// foreign returns a build that the product can't have, or "": the lists of Windows
// 11 have titles with builds of both its versions.
func (p product) foreign(builds []string) string {
	if p.follows != "" {
		return "" // its packages are another's
	}
	for _, build := range builds {
		listed := func(other product) bool {
			return other.has(build) && (other == p || p.family != "" && other.family == p.family)
		}
		if !slices.ContainsFunc(products, listed) {
			return build
		}
	}
	return ""
}
