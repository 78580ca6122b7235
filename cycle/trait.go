package cycle

import (
	"regexp"
	"slices"
	"strings"
)

// Trait is one thing that can be known about a device and decides whether it can
// have hotpatches.
type Trait struct {
	// Name is the name of the trait in requirements and candidates: "architecture".
	Name string
	// About says in a few words what the trait tells.
	About string
	// Values are all valid values; none where a value has a form instead.
	Values []string
	// Example is a valid value.
	Example string

	form *regexp.Regexp
	want string // the form in words
}

// Names of the traits that [Schedule.Judge] treats in ways of their own.
const (
	TraitProduct  = "product"
	TraitVersion  = "version"
	TraitBuild    = "build"
	TraitBaseline = "baseline"
)

// Newest is what a requirement of [TraitBaseline] wants: the newest baseline of the track.
const Newest = "newest"

var versionForm = regexp.MustCompile(`^[0-9]{2}(H[12]|[0-9]{2})$`)

// Traits returns all traits, in the order in which they are asked for.
func Traits() []Trait {
	words := func(name, about string, values ...string) Trait {
		return Trait{Name: name, About: about, Values: values, Example: values[0]}
	}
	asked := func(name, about string) Trait { return words(name, about, "true", "false") }
	formed := func(name, about, example, want string, form *regexp.Regexp) Trait {
		return Trait{Name: name, About: about, Example: example, want: want, form: form}
	}
	return []Trait{
		words(TraitProduct, "Windows product", "windows-11", "windows-10", "windows-server-2025", "windows-server-2022", "windows-server-2019", "other"),
		words("edition", "edition of Windows", "home", "pro", "enterprise", "education", "enterprise-ltsc", "iot-enterprise-ltsc",
			"standard", "datacenter", "datacenter-azure-edition", "other"),
		formed(TraitVersion, "version of Windows", "24H2", "a version such as 24H2", versionForm),
		formed(TraitBuild, "OS build", "26100.3983", "BRANCH.REVISION, such as 26100.3983", buildForm),
		words("architecture", "architecture of the processor", "x64", "arm64", "x86"),
		words("licence", "licence of the user or the device", "windows-enterprise-e3", "windows-enterprise-e5", "microsoft-365-e3", "microsoft-365-e5",
			"microsoft-365-f3", "microsoft-365-business-premium", "windows-education-a3", "windows-education-a5", "windows-365-enterprise",
			"arc-hotpatch", "other", "none"),
		words("management", "what gives the device its updates", "autopatch", "intune", "configmgr", "wsus", "other", "none"),
		words("host", "where a server runs; azure-arc: elsewhere, and connected to Azure Arc", "azure", "azure-local", "azure-arc", "other"),
		words("cloud", "cloud of the tenant", "commercial", "gcc", "gcc-high", "dod"),
		asked("vbs", "whether virtualization-based security runs"),
		asked("secure_boot", "whether it starts by UEFI with Secure Boot"),
		asked("chpe_disabled", "on Arm64, whether CHPE (compiled hybrid x86 binaries) is turned off"),
		{Name: TraitBaseline, About: "month of the newest baseline that is installed", Example: "2026-07", want: "a month, YYYY-MM"},
	}
}

// TraitOf returns the trait of that name.
// It returns false where there is none.
func TraitOf(name string) (Trait, bool) {
	all := Traits()
	i := slices.IndexFunc(all, func(t Trait) bool { return t.Name == name })
	if i < 0 {
		return Trait{}, false
	}
	return all[i], true
}

// IsBool reports whether the trait is a question of yes or no.
func (t Trait) IsBool() bool { return len(t.Values) == 2 && t.Values[0] == "true" }

// Parse reads a value in upper or lower case, and returns it in the spelling of Values or, where it has a
// form, in upper case. It returns an [*InvalidError] for anything else.
func (t Trait) Parse(s string) (string, error) {
	if t.Name == TraitBaseline {
		m, err := ParseMonth(s)
		return m.String(), err
	}
	if t.form != nil {
		if upper := strings.ToUpper(s); t.form.MatchString(upper) {
			return upper, nil
		}
		return "", invalid(t.Name, s, t.want)
	}
	for _, value := range t.Values {
		if strings.EqualFold(s, value) {
			return value, nil
		}
	}
	return "", invalid(t.Name, s, "one of "+strings.Join(t.Values, ", "))
}

// Candidate is what is known about a device, or about devices that are alike: the value of each known
// trait, by the trait's name, as [Trait.Parse] returns it. Nothing is guessed about the other traits.
type Candidate map[string]string
