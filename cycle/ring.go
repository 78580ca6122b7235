package cycle

import (
	"slices"
	"strconv"
	"strings"
)

// Ring is a group of devices that takes updates together, as in Windows Update
// for Business and Autopatch. All spans are calendar days.
type Ring struct {
	Name string
	// Deferral is how long after its release an update is offered: 0 to 30.
	Deferral int
	// Deadline is how long after the offer the update may wait for its restart: 0 to 30.
	Deadline int
	// Grace is how much longer a device has that was away at the deadline: 0 to 7.
	Grace int
	// Tracks are the ids of the tracks whose devices it holds; none means all.
	Tracks []string
	// Window is when its machines are restarted; zero where it has none.
	Window Window
}

// Holds reports whether the ring has devices of a track.
func (r Ring) Holds(track string) bool { return len(r.Tracks) == 0 || slices.Contains(r.Tracks, track) }

const wantRing = "NAME:DEFERRAL[/DEADLINE[/GRACE]], a name of a-z, 0-9 and - and days 0-30, 0-30 and 0-7, such as pilot:1/2/2"

// ParseRing reads a ring as it is written in a URL, NAME:DEFERRAL[/DEADLINE[/GRACE]];
// days that are left out are 0.
// It returns an [*InvalidError] for anything else.
func ParseRing(s string) (Ring, error) {
	bad := invalid("ring", s, wantRing)
	name, days, _ := strings.Cut(s, ":")
	if !ValidID(name) {
		return Ring{}, bad
	}
	ring := Ring{Name: name}
	parts := strings.Split(days, "/")
	fields := []struct {
		to   *int
		most int
	}{{&ring.Deferral, 30}, {&ring.Deadline, 30}, {&ring.Grace, 7}}
	if len(parts) > len(fields) {
		return Ring{}, bad
	}
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || strconv.Itoa(n) != part || n < 0 || n > fields[i].most {
			return Ring{}, bad
		}
		*fields[i].to = n
	}
	return ring, nil
}

// String returns the ring as [ParseRing] reads it.
func (r Ring) String() string {
	return r.Name + ":" + strconv.Itoa(r.Deferral) + "/" + strconv.Itoa(r.Deadline) + "/" + strconv.Itoa(r.Grace)
}

// OfferedOn returns the day on which the ring is offered an update released on that day.
func (r Ring) OfferedOn(released Date) Date { return released.AddDays(r.Deferral) }

// DeadlineOn returns the day on which an update that restarts reaches its deadline.
//
// Windows counts the deadline from the scan that finds the update; the day
// here is that of a device that scans on the day of the offer:
// https://learn.microsoft.com/windows/deployment/update/wufb-compliancedeadlines
func (r Ring) DeadlineOn(released Date) Date { return r.OfferedOn(released).AddDays(r.Deadline) }

// RestartBy returns the last day on which a device of the ring restarts for an
// update released on that day.
func (r Ring) RestartBy(released Date) Date { return r.DeadlineOn(released).AddDays(r.Grace) }
