package api

import "github.com/cyclecal/cyclecal/api/windows"

// param is a query parameter as it is documented and checked.
type param struct {
	name   string
	doc    string
	repeat bool
	schema map[string]any
}

var (
	schemaMonth = map[string]any{"type": "string", "pattern": `^\d{4}-\d{2}$`, "example": "2026-06"}
	schemaWhen  = map[string]any{"type": "string", "pattern": `^(\d{4}-\d{2}(-\d{2}([Tt].*)?)?|\d{12,15})$`, "example": "2026-06"}
	schemaYear  = map[string]any{"type": "string", "pattern": `^\d{4}$`, "example": "2026"}
	schemaDay   = map[string]any{"type": "string", "format": "date"}
	schemaBool  = schemaEnum("true", "false")
	schemaKind  = schemaEnum("baseline", "hotpatch")

	paramTrack   = param{"track", "track id, or several joined by commas; repeatable; default all", true, map[string]any{"type": "string", "pattern": "^[a-z0-9-]{1,64}(,[a-z0-9-]{1,64})*$"}}
	paramKind    = param{"kind", "only months of that kind", false, schemaKind}
	paramRestart = param{"restart", "only what restarts, or only what does not", false, schemaBool}
	paramRing    = param{
		"ring", "NAME:DEFERRAL[/DEADLINE[/GRACE]] in days, such as pilot:1/2/2, or with a token the name of a stored ring; empty is none; repeatable", true,
		schemaText("pilot:1/2/2"),
	}
	paramAsOf = param{"as_of", "what was known at the end of that day; default today", false, schemaDay}
	paramZone = param{"tz", "IANA zone in which instants become days; default that of each track's rule, America/Los_Angeles for Microsoft's", false, schemaText("Europe/Berlin")}
	// what is assumed is a part of the request like any other: no answer to another tells of it
	paramAssume = param{"assume", "MONTH:KIND, such as 2026-12:baseline: answers as if that month to come were of that kind; repeatable", true, schemaText("2026-12:baseline")}
	paramLimit  = param{"limit", "rows in one page, 1 to 5000; default 5000", false, schemaRange(1, mostRows)}
	paramNext   = param{"cursor", "next_cursor of the page before", false, map[string]any{"type": "string"}}

	paramShape = param{"shape", "rows: the array alone, and the next page in the header Link; envelope (default): the array as data beside meta", false, schemaEnum("envelope", "rows")}

	paramEntries = param{"limit", "changes in one page, about: 1 to 200; default 200", false, schemaRange(1, mostEntries)}

	scheduleParams = []param{
		paramTrack,
		{"from", "first month, or a day, instant or epoch milliseconds in it; default this month", false, schemaWhen},
		{"to", "last month, likewise; default the 11th after from; at most 600 months", false, schemaWhen},
		paramKind, paramRestart, paramRing, paramAssume, paramAsOf, paramZone, paramLimit, paramNext,
	}
	releaseParams = []param{
		paramTrack,
		{"from", "first month of the label, or a day, instant or epoch milliseconds in it", false, schemaWhen},
		{"to", "last month of the label, likewise; with from at most 600 months", false, schemaWhen},
		{"type", "only releases of that type", false, schemaEnum("baseline", "hotpatch", "cumulative", "component")},
		{"out_of_band", "only out-of-band releases, or only the others", false, schemaBool},
		paramRestart, paramAsOf,
	}
	annotationParams = []param{
		paramTrack,
		{"from", "a month, day, instant or epoch milliseconds, with which it begins; default this month", false, schemaWhen},
		{"to", "the same, with whose end it ends; default the 11th month after from; at most 600 months", false, schemaWhen},
		paramKind, paramRestart, paramRing, paramAsOf, paramZone, paramLimit, paramNext,
	}
	paramYear      = param{"year", "year that is shown; default this year", false, schemaYear}
	paramStatsYear = param{"year", "only that year", false, schemaYear}
	paramMonth     = param{"month", "month that is shown; default this month", false, schemaMonth}
	pageParams     = []param{
		paramYear, paramMonth,
		{"deferral", "days until a ring is offered an update, 0 to 30", false, schemaRange(0, 30)},
		{"deadline", "days that the update may then wait, 0 to 30", false, schemaRange(0, 30)},
		{"grace", "days more for a device that was away, 0 to 7", false, schemaRange(0, 7)},
		paramZone, paramAsOf,
	}
	paramFormat   = param{"format", "a tool in whose words the windows are written; default rows", false, schemaEnum(windows.Names()...)}
	windowsParams = []param{
		paramRing, paramFormat, paramTrack,
		{"from", "first month, or a day, instant or epoch milliseconds in it; default the first whose window is not over", false, schemaWhen},
		{"to", "last month, likewise; default the 11th after this one, or after from; at most 600 months", false, schemaWhen},
		paramAssume, paramAsOf, paramZone,
	}
	nowParams   = []param{paramTrack, paramRing, paramAsOf, paramZone}
	stateParams = append([]param{{
		"at", "the instant; default now", false,
		map[string]any{"type": "string", "format": "date-time", "example": "2026-06-09T17:00:00Z"},
	}}, nowParams...)
	forecastParams = append([]param{
		{"build", "OS build of the device, such as 26100.3983; default that of a device that is current", false, schemaText("26100.3983")},
		{"months", "months to come, 1 to 120; default 12", false, schemaRange(1, mostForecast)},
		{"upgrade", "track id: what an upgrade to it would mean in each month", false, map[string]any{"type": "string", "pattern": "^[a-z0-9-]{1,64}$", "example": "windows-11-25h2"}},
		paramAssume,
	}, nowParams...)
	feedParams = []param{
		paramKind, paramRestart,
		{"include", "adds releases of a type: cumulative or component; repeatable", true, schemaEnum("cumulative", "component")},
		paramRing,
		{"alarm", "reminds that long before each event: an RFC 5545 duration such as P1D", false, schemaText("P1D")},
		{"style", "allday (default) or timed, at the instant of the release", false, schemaEnum("allday", "timed")},
		paramZone,
		{"past", "months before this one; default 12", false, schemaRange(0, mostMonths)},
		{"ahead", "months after this one; default 18; with past at most 600", false, schemaRange(0, mostMonths)},
		paramAsOf,
	}
)

func schemaText(example string) map[string]any {
	return map[string]any{"type": "string", "example": example}
}

func schemaEnum(values ...string) map[string]any {
	return map[string]any{"type": "string", "enum": values}
}

func schemaRange(least, most int) map[string]any {
	return map[string]any{"type": "integer", "minimum": least, "maximum": most}
}
