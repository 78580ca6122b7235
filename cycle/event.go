package cycle

import (
	"regexp"
	"time"
)

// AlarmForm is the regular expression of what [ParseAlarm] reads. It does not know the limit of 31 days.
const AlarmForm = `^P([0-9]{1,3}W|[0-9]{1,3}D(T([0-9]{1,3}H([0-9]{1,3}M)?|[0-9]{1,3}M))?|T([0-9]{1,3}H([0-9]{1,3}M)?|[0-9]{1,3}M))$`

var alarmForm = regexp.MustCompile(AlarmForm)

// ParseAlarm reads how long before an event an alarm rings: a duration of RFC 5545, 3.3.6,
// in weeks, days, hours and minutes, at most 31 days. It returns the text as it is.
// It returns an [*InvalidError] for anything else.
func ParseAlarm(s string) (string, error) {
	if !alarmForm.MatchString(s) || length(s) > 31*24*time.Hour {
		return "", invalid("alarm", s, "a duration of at most 31 days, such as P1D, PT12H, P1DT6H or P1W")
	}
	return s, nil
}

// length returns the length of a duration that has the form of [AlarmForm].
func length(s string) time.Duration {
	units := map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour, 'H': time.Hour, 'M': time.Minute}
	total, n := time.Duration(0), time.Duration(0)
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n = n*10 + time.Duration(s[i]-'0')
			continue
		}
		total += n * units[s[i]]
		n = 0
	}
	return total
}

// ParseStyle reads how events are shown in a calendar: "allday", or "timed" at the instant of the release.
// It returns an [*InvalidError] for anything else.
func ParseStyle(s string) (string, error) {
	if s != "allday" && s != "timed" {
		return "", invalid("style", s, "allday or timed")
	}
	return s, nil
}
