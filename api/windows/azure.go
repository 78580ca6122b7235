package windows

import (
	"fmt"
	"slices"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// Limits of a maintenance configuration with the scope InGuestPatch:
// https://learn.microsoft.com/azure/virtual-machines/maintenance-configurations#guest
// https://learn.microsoft.com/rest/api/maintenance/maintenance-configurations/create-or-update
const (
	azureShortest = 90 * time.Minute
	azureLongest  = 3*time.Hour + 55*time.Minute
	azureOffset   = 6 // days before or after the nth weekday
	azureName     = 80
)

// azureConfiguration is a calendar for Azure Update Manager.
type azureConfiguration struct {
	Ring       string               `json:"ring"`
	Track      string               `json:"track"`
	Dates      []azureDate          `json:"dates"`
	LeftOut    []leftOut[azureDate] `json:"left_out"`
	EveryMonth *azureWindow         `json:"opens_every_month"` // null where Azure can't say it
	Lost       []string             `json:"lost"`
}

type azureDate struct {
	Name    string      `json:"name"`
	Month   string      `json:"month"`
	Status  string      `json:"status"`
	Assumed bool        `json:"assumed,omitempty"`
	Window  azureWindow `json:"maintenanceWindow"`
}

// azureWindow has the names of Azure's maintenanceWindow.
type azureWindow struct {
	Start      string `json:"startDateTime"`
	Expiration string `json:"expirationDateTime,omitempty"`
	Duration   string `json:"duration"`
	TimeZone   string `json:"timeZone"`
	RecurEvery string `json:"recurEvery"`
}

const azureTime = "2006-01-02 15:04"

func azure(c Calendar) azureConfiguration {
	dates, dropped := fitting(c, azureOf)
	a := azureConfiguration{Ring: c.Ring.Name, Track: c.Track.ID, Dates: dates, LeftOut: leave(c, azureOf), Lost: c.lost()}
	if slices.ContainsFunc(c.parts(), func(p part) bool { return p.length() > azureLongest }) {
		a.Lost = append(a.Lost, "A window of Azure lasts 03:55 at most: longer ones end earlier here, those of whole days on each of them.")
	}
	if len(dropped) > 0 {
		a.Lost = append(a.Lost, fmt.Sprintf("A window of Azure lasts 01:30 at least: shorter ones are left out, of %s.", monthsOf(dropped)))
	}
	var lost string
	a.EveryMonth, lost = azureEvery(c)
	a.Lost = append(a.Lost, lost)
	return a
}

// azureOf returns the date of a part, or nil if the part is too short.
func azureOf(p part) *azureDate {
	if p.length() < azureShortest {
		return nil
	}
	return &azureDate{
		Name: named(p.name, azureName), Month: p.Month.Month.String(), Status: p.Month.Status.String(), Assumed: p.Month.Assumed, Window: azureOnce(p.span),
	}
}

// azureOnce is a window that opens once: it would recur on the next day, but has expired by then.
func azureOnce(s cycle.Span) azureWindow {
	length := min(s.End.Sub(s.Start), azureLongest)
	return azureWindow{
		Start: s.Start.UTC().Format(azureTime), Expiration: s.Start.Add(length).UTC().Format(azureTime),
		Duration: azureDuration(length), TimeZone: "UTC", RecurEvery: "1Day",
	}
}

func azureDuration(d time.Duration) string { return time.Time{}.Add(d).Format("15:04") }

// azureEvery returns the window that repeats in every month, or nil. Lost says what it doesn't express,
// or why there is none.
func azureEvery(c Calendar) (every *azureWindow, lost string) {
	r, why := c.repeats()
	if why != "" {
		return nil, why
	}
	r = r.weeks()
	zone, known := windowsZone(c.Zone)
	switch {
	case r.length < azureShortest:
		return nil, "A window of Azure lasts 01:30 at least: nothing is repeated."
	case r.offset < -azureOffset || r.offset > azureOffset:
		return nil, fmt.Sprintf("Azure knows offsets from -6 to 6 days: it can't repeat a window %s.", r.words())
	case !known:
		return nil, fmt.Sprintf("Windows has no name for the zone %s: nothing is repeated, since UTC has no daylight saving.", c.Zone)
	}
	every = &azureWindow{
		Start: fmt.Sprintf("%s %02d:%02d", r.start, r.hour, r.minute), Duration: azureDuration(min(r.length, azureLongest)), TimeZone: zone,
		RecurEvery: fmt.Sprintf("1Month %s %s", ordinals[r.nth], r.weekday),
	}
	if r.offset != 0 {
		every.RecurEvery += fmt.Sprintf(" Offset%d", r.offset)
	}
	if end := c.end(); !end.IsZero() {
		every.Expiration = end.In(c.Zone).Format(azureTime)
	}
	return every, "opens_every_month opens in EVERY month: Azure can't name months, and machines would restart in those without a restart here, too. It knows of no freeze." + c.extent()
}
