package page_test

import (
	"strings"
	"testing"
)

// eligibleArm asks of an Arm64 device of which hardly anything is known.
const eligibleArm = "/eligible?product=windows-11&edition=pro&version=24H2&architecture=arm64&chpe_disabled=false&vbs=&build=26100.4000"

// The page is a form that works without a script: each question has its label, and what was
// filled in is still there with the answer.
func TestEligibleForm(t *testing.T) {
	doc := parse(t, newSite(t).open(t, eligibleArm).Body.Bytes())
	form := doc.all("form")
	if len(form) != 1 || form[0].attr("method") != "get" || form[0].attr("action") != "/eligible" {
		t.Fatalf("%d forms, want one that asks by GET", len(form))
	}
	labels := map[string]bool{}
	for _, l := range doc.all("label") {
		labels[l.attr("for")] = l.text() != ""
	}
	asked := append(doc.all("select"), doc.all("input")...)
	for _, e := range asked {
		if !labels[e.attr("id")] || e.attr("name") == "" {
			t.Errorf("<%s name=%q> has no label, or no name", e.Data, e.attr("name"))
		}
	}
	if len(asked) != 13 {
		t.Errorf("%d questions, want 13", len(asked))
	}
	var chosen []string
	for _, o := range doc.all("option") {
		for _, a := range o.Attr {
			if a.Key == "selected" {
				chosen = append(chosen, o.attr("value"))
			}
		}
	}
	if got := strings.Join(chosen, " "); got != "windows-11 pro arm64 false" {
		t.Errorf("chosen are %q, want what was asked", got)
	}
	if got := doc.all("#f-build")[0].attr("value"); got != "26100.4000" {
		t.Errorf("build = %q, want what was asked", got)
	}
}

// The verdict is in words, each requirement has its source, and what is not met says how to meet it.
func TestEligibleVerdicts(t *testing.T) {
	s := newSite(t)
	if got := parse(t, s.open(t, "/eligible").Body.Bytes()).all("#verdicts"); len(got) != 0 {
		t.Error("there are verdicts although nothing was asked")
	}
	doc := parse(t, s.open(t, eligibleArm).Body.Bytes())
	if got, want := strings.Join(doc.texts("h2"), "; "), "Windows 11 25H2: cannot have hotpatches; Windows 11 24H2: cannot have hotpatches; "+
		"Windows 11 Enterprise LTSC 2024: cannot have hotpatches"; got != want {
		t.Errorf("verdicts = %q, want %q", got, want)
	}
	text := doc.all("#verdicts")[0].text()
	for _, want := range []string{
		"not met On Arm64, CHPE (compiled hybrid x86 binaries) is turned off.", "You have: no. Wanted: yes.", "HotPatchRestrictions = 1", "System/DisableCHPE",
		"You have: 26100.4000. Wanted: 26100.4929 or later.", "not known The edition is Enterprise or Education.", "Microsoft's documents differ.",
		"not known Virtualization-based security (VBS) runs.", "met The processor is x64 or Arm64.",
		"For other products, so not for this device: Windows Server 2025 and Windows Server 2022 Azure Edition.", "By what was required on Sunday, 22 November 2026:",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if got, want := strings.Join(doc.texts(".verdicts a"), "; "), "Windows 11 25H2; Windows 11 24H2; Windows 11 Enterprise LTSC 2024"; got != want {
		t.Errorf("the list above names %q, want %q", got, want)
	}
	for _, li := range doc.all(".findings li") {
		if !strings.Contains(li.text(), "Source: ") {
			t.Errorf("%q has no source", li.text())
		}
	}
	if got := doc.texts("script"); len(got) != 0 {
		t.Errorf("%d scripts, want none", len(got))
	}
}

// The words of each verdict.
func TestEligibleWords(t *testing.T) {
	s := newSite(t)
	const server = "/eligible?product=windows-server-2022&edition=datacenter-azure-edition&build=20348.9999&baseline=2026-10"
	for address, want := range map[string]string{
		server + "&host=azure":     "Windows Server 2022 Azure Edition: can have hotpatches",
		server:                     "Windows Server 2022 Azure Edition: may have hotpatches Of 1 requirement nothing is known.",
		server + "&host=azure-arc": "Windows Server 2022 Azure Edition: cannot have hotpatches 1 requirement is not met.",
	} {
		if got := parse(t, s.open(t, address).Body.Bytes()).all("#verdicts section"); len(got) != 1 || !strings.HasPrefix(got[0].text(), want) {
			t.Errorf("%s has %d verdicts, want one that says %q", address, len(got), want)
		}
	}
}

// The other pages lead there.
func TestEligibleIsLinked(t *testing.T) {
	for _, from := range []string{"/", "/docs", "/nothing/here"} {
		if !strings.Contains(newSite(t).open(t, from).Body.String(), `<a href="/eligible">Can our devices have it?</a>`) {
			t.Errorf("%s has no link to /eligible", from)
		}
	}
}
