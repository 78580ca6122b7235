package cycle

// Kind is what a month of a track is. The zero Kind is unknown.
type Kind uint8

const (
	// Baseline is a month whose update restarts the machine.
	Baseline Kind = iota + 1
	// Hotpatch is a month whose update applies without a restart, on a device that
	// runs the newest baseline.
	Hotpatch
)

// ParseKind reads "baseline" or "hotpatch".
// It returns an [*InvalidError] for anything else.
func ParseKind(s string) (Kind, error) {
	return parseName("kind", s, Baseline, Hotpatch)
}

// String returns "baseline", "hotpatch" or, for the zero Kind, "".
func (k Kind) String() string { return name([]string{"", "baseline", "hotpatch"}, int(k)) }

// Restarts reports whether a month of that kind restarts machines.
func (k Kind) Restarts() bool { return k == Baseline }

// Status says how sure the kind of a month is. The zero Status is none.
type Status uint8

const (
	// Planned is a month to come of which only the rule speaks.
	Planned Status = iota + 1
	// Announced is a month whose kind a notice tells, before its release is known.
	Announced
	// Released is a month whose update has come.
	Released
	// Unconfirmed is a month whose day has passed although no release is known: its
	// kind is only the plan's.
	Unconfirmed
)

// String returns "planned", "announced", "released", "unconfirmed" or "".
func (s Status) String() string {
	return name([]string{"", "planned", "announced", "released", "unconfirmed"}, int(s))
}

// ReleaseType is what sort of update a release is. The zero type is unknown.
type ReleaseType uint8

const (
	// TypeBaseline is the cumulative update that a hotpatch cycle starts from; it restarts.
	TypeBaseline ReleaseType = iota + 1
	// TypeHotpatch is a security update that applies without a restart.
	TypeHotpatch
	// TypeCumulative is the standard update of its day: what a device off the cycle gets.
	TypeCumulative
	// TypeComponent is an update of one component (PowerShell, WSUS) that
	// Microsoft lists among the hotpatches; it is no month of the calendar.
	TypeComponent
)

// ParseReleaseType reads "baseline", "hotpatch", "cumulative" or "component".
// It returns an [*InvalidError] for anything else.
func ParseReleaseType(s string) (ReleaseType, error) {
	return parseName("release type", s, TypeBaseline, TypeHotpatch, TypeCumulative, TypeComponent)
}

// String returns the name that [ParseReleaseType] reads, or "".
func (t ReleaseType) String() string {
	return name([]string{"", "baseline", "hotpatch", "cumulative", "component"}, int(t))
}

// Restart says whether an update restarts the machine. The zero Restart is the
// honest answer where nobody knows.
type Restart uint8

const (
	// RestartUnknown says that no source tells whether the update restarts.
	RestartUnknown Restart = iota
	// RestartNeeded says that the update restarts the machine.
	RestartNeeded
	// RestartNotNeeded says that the update applies without a restart.
	RestartNotNeeded
)

// ParseRestart reads "true", "false" or "", which stands for unknown.
// It returns an [*InvalidError] for anything else.
func ParseRestart(s string) (Restart, error) {
	return parseName("restart", s, RestartNeeded, RestartNotNeeded, RestartUnknown)
}

// String returns "true", "false" or, where nobody knows, "".
func (r Restart) String() string { return name([]string{"", "true", "false"}, int(r)) }

// ParseBool reads "true" or "false" and no other spelling.
// It returns an [*InvalidError] for anything else.
func ParseBool(s string) (bool, error) {
	if s != "true" && s != "false" {
		return false, invalid("value", s, "true or false")
	}
	return s == "true", nil
}

// name returns the name of a value, "" for a value that has none.
func name(names []string, i int) string {
	if i >= len(names) {
		return ""
	}
	return names[i]
}

// parseName returns the one of the values whose name is s.
func parseName[T interface{ String() string }](what, s string, values ...T) (T, error) {
	want := ""
	for i, v := range values {
		if v.String() == s {
			return v, nil
		}
		switch {
		case i == 0:
		case i == len(values)-1:
			want += " or "
		default:
			want += ", "
		}
		want += quoted(v.String())
	}
	var zero T
	return zero, invalid(what, s, want)
}

func quoted(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
