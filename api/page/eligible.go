package page

import (
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// Eligible is what the page shows that tells which devices can have hotpatches.
type Eligible struct {
	// Candidate is what the reader filled in. If that is nothing, the page is only a form.
	Candidate cycle.Candidate
	// Tracks are those against whose requirements the candidate was held.
	Tracks []Judged
	// Today is the day on which the requirements hold.
	Today cycle.Date
}

// Judged is a track, with its requirements held against the candidate.
type Judged struct {
	Track    cycle.Track
	Findings []cycle.Finding
}

// eligibleView is what the template of the page shows.
type eligibleView struct {
	Fields   []field
	Asked    bool
	Day      string
	Verdicts []verdict
	Others   string // tracks of other products
}

// field is a question of the form: a choice, or a text where there is nothing to choose from.
type field struct {
	Name, Label, Value, Example string
	Options                     []option
}

type option struct {
	Value, Text string
	Chosen      bool
}

type verdict struct {
	ID, Track, Word, Class, Why string
	Findings                    []finding // those that are not known to be met
	Met                         []finding
}

type finding struct {
	Word, Class, Text, Have, Want, How string
	Source                             source
	Differs                            *source
}

// source is where something was read. Says is its text, if it differs from another source.
type source struct{ Says, Name, URL, Date string }

// Render renders the form, and below it the verdict of each track.
func (in Eligible) Render() ([]byte, error) {
	v := eligibleView{Asked: len(in.Candidate) > 0, Day: longDay(in.Today)}
	for _, t := range cycle.Traits() {
		v.Fields = append(v.Fields, in.field(t))
	}
	var others []string
	for _, j := range in.Tracks {
		if len(j.Findings) == 1 && j.Findings[0].Trait == cycle.TraitProduct {
			others = append(others, j.Track.Name)
			continue
		}
		v.Verdicts = append(v.Verdicts, j.view())
	}
	v.Others = names(others)
	return render("eligible.html", v)
}

func (in Eligible) field(t cycle.Trait) field {
	f := field{Name: t.Name, Label: labels[t.Name], Value: in.Candidate[t.Name], Example: t.Example}
	for _, value := range t.Values {
		f.Options = append(f.Options, option{value, valueText(value), value == f.Value})
	}
	return f
}

// labels are the questions of the form.
var labels = map[string]string{
	"product": "Product", "edition": "Edition", "version": "Version", "build": "OS build", "architecture": "Processor", "licence": "Licence",
	"management": "Updates come from", "host": "A server runs on", "cloud": "Cloud of the tenant", "vbs": "VBS runs",
	"secure_boot": "UEFI and Secure Boot", "chpe_disabled": "Arm64: CHPE is off", "baseline": "Newest baseline installed",
}

// valueText is a value as people write it.
func valueText(value string) string {
	if text, ok := map[string]string{
		"true": "yes", "false": "no", "x64": "x64", "x86": "x86", "arm64": "Arm64", "gcc": "GCC", "gcc-high": "GCC High", "dod": "DoD", "wsus": "WSUS",
		"configmgr": "Configuration Manager", "intune": "Microsoft Intune", "autopatch": "Windows Autopatch", "azure-arc": "elsewhere, with Azure Arc",
		"arc-hotpatch": "Hotpatch through Azure Arc", "datacenter-azure-edition": "Datacenter: Azure Edition", "other": "something else",
		"enterprise-ltsc": "Enterprise LTSC", "iot-enterprise-ltsc": "IoT Enterprise LTSC",
	}[value]; ok {
		return text
	}
	words := strings.Split(value, "-")
	for i, word := range words {
		if len(word) == 2 && word[1] >= '0' && word[1] <= '9' {
			words[i] = strings.ToUpper(word) // E3
		} else {
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, " ")
}

func (j Judged) view() verdict {
	outcome := cycle.Verdict(j.Findings)
	v := verdict{ID: j.Track.ID, Track: j.Track.Name, Class: outcome.String()}
	count := map[cycle.Outcome]int{}
	for _, f := range j.Findings {
		count[f.Outcome]++
		if f.Outcome == cycle.Met {
			v.Met = append(v.Met, viewFinding(f))
		} else {
			v.Findings = append(v.Findings, viewFinding(f))
		}
	}
	switch outcome {
	case cycle.Met:
		v.Word = "can have hotpatches"
	case cycle.NotMet:
		v.Word, v.Why = "cannot have hotpatches", cycle.Quantity(count[outcome], "requirement is", "requirements are")+" not met."
	case cycle.Unknown:
		v.Word, v.Why = "may have hotpatches", "Of "+cycle.Quantity(count[outcome], "requirement", "requirements")+" nothing is known."
	}
	return v
}

func viewFinding(f cycle.Finding) finding {
	v := finding{
		Word: map[cycle.Outcome]string{cycle.Met: "met", cycle.NotMet: "not met", cycle.Unknown: "not known"}[f.Outcome], Class: f.Outcome.String(),
		Text: f.Text, Have: wordsOf(f.Have), Want: wordsOf(f.Want), How: f.How, Source: viewSource(f.Source),
	}
	if f.Differs.Text != "" {
		differs := viewSource(f.Differs)
		v.Differs = &differs
	}
	return v
}

// wordsOf writes a list of values as people do; a build or a month stays what it is.
func wordsOf(list string) string {
	if strings.ContainsAny(list, " .") && !strings.Contains(list, ", ") || strings.ContainsAny(list[:min(len(list), 1)], "0123456789") {
		return list
	}
	var words []string
	for value := range strings.SplitSeq(list, ", ") {
		if value != "" {
			words = append(words, valueText(value))
		}
	}
	return strings.Join(words, ", ")
}

// viewSource leaves out the day of a text whose name tells it.
func viewSource(r cycle.Reference) source {
	v := source{Says: r.Text, Name: r.Name, URL: r.URL}
	if !strings.Contains(r.Name, r.Date.String()) {
		v.Date = shortDay(r.Date)
	}
	return v
}
