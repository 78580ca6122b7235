package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/api/page"
)

// route is one line of the table of the whole surface. The router, the checks of
// parameters, the OpenAPI document and /docs follow from it.
type route struct {
	method  string // GET where it is left out
	path    string
	pattern string // for the router; path where it is left out
	summary string
	example string
	params  []param
	wants   string           // the parameter that is required
	round   func(*call) bool // rewrites queries with the same answer to one; false if the answer is not worth keeping

	needs auth.Role // the role that is needed; the zero Role is everybody
	open  bool      // public even if the service is closed

	// One of these answers.
	answer  func(*call) (result, error)
	compute func(*call, http.ResponseWriter) error // from the body, which is neither stored nor kept
	change  func(*server, http.ResponseWriter, *http.Request, auth.Bearer) error
	probe   handler // about the program, never kept

	private bool // answer is for who has the secret in the path, and the query is stored
	unkept  bool // answer does not follow from the snapshot, and is not kept
	anyway  bool // answer whatever the Accept header says

	media    string
	medias   []string       // of the answers, where media is any
	row      any            // a zero value of what data holds
	ringRow  any            // the same, for each ring that is asked for
	list     bool           // data is an array of rows
	document bool           // the answer is one document
	takes    map[string]any // JSON Schema of the body
	upload   string         // media type of the body

	names    []string // the values of the path's placeholder, for a copy
	uncopied string   // why a copy does without
	copied   bool     // the route is a file of a copy
}

// personal reports whether the answer may differ by who asks.
func (rt *route) personal() bool {
	return rt.needs > auth.Public || has(rt.params, "ring")
}

const (
	mediaJSON     = "application/json"
	mediaCSV      = "text/csv; charset=utf-8; header=present"
	mediaList     = "text/csv"
	mediaCalendar = "text/calendar; charset=utf-8"
	mediaHTML     = "text/html; charset=utf-8"
	mediaSVG      = "image/svg+xml"
	mediaAtom     = "application/atom+xml; charset=utf-8"
	mediaAny      = "*/*" // the answer itself says which
)

// apiPath is where the data is.
const apiPath = "/api/v1"

// routes is the whole surface.
func (s *server) routes() []*route {
	const (
		v1         = apiPath
		shortLived = "is true for a day at most: the schedule has every day"
		answering  = "answers what is asked"
	)
	list := []*route{
		{path: v1 + "/tracks", summary: "the tracks", params: []param{paramAsOf}, answer: (*call).tracks, row: trackRow{}, list: true},
		{path: v1 + "/tracks/{track}", summary: "one track", params: []param{paramAsOf}, answer: (*call).track, row: trackRow{}, example: v1 + "/tracks/windows-server-2025"},
		{path: v1 + "/schedule", summary: "one row for each month and track, and each ring", params: scheduleParams, answer: (*call).schedule, row: scheduleRow{}, ringRow: ringScheduleRow{}, list: true, round: (*call).roundToMonths, example: v1 + "/schedule?track=windows-11-24h2&from=2026-01&to=2026-12"},
		{path: v1 + "/tracks/{track}/months/{month}", summary: "one month with its releases, notices and rings", params: []param{paramRing, paramAsOf, paramZone}, answer: (*call).month, row: monthView{}, example: v1 + "/tracks/windows-11-24h2/months/2026-06"},
		{path: v1 + "/next", summary: "the next release and the next restart of each track", params: nowParams, answer: (*call).next, row: nextRow{}, ringRow: ringNextRow{}, list: true, example: v1 + "/next?ring=broad:9/5/2", uncopied: shortLived},
		{path: v1 + "/windows", summary: "the restart windows of rings, or with format the same in the words of the tool that restarts machines", params: windowsParams, wants: "ring", answer: (*call).windows, row: restartWindowRow{}, list: true, round: (*call).roundToMonths, example: v1 + "/windows?ring=broad:9/5/2&track=windows-11-24h2", uncopied: answering},
		{path: v1 + "/releases", summary: "the releases of all types", params: releaseParams, answer: (*call).releases, row: releaseRow{}, list: true, round: (*call).roundToMonths, example: v1 + "/releases?from=2026-03&to=2026-03&out_of_band=true"},
		{path: v1 + "/state", summary: "what is in force at an instant", params: stateParams, answer: (*call).state, row: stateRow{}, ringRow: ringStateRow{}, list: true, example: v1 + "/state?at=2026-06-09T17:00:00Z", uncopied: shortLived},
		{path: v1 + "/builds/{build}", summary: "what a build means on each track that has such builds: its place on the cycle, what comes next", params: nowParams, answer: (*call).builds, row: buildRow{}, ringRow: ringBuildRow{}, list: true, example: v1 + "/builds/26100.3983?as_of=2025-05-20", uncopied: answering},
		{path: v1 + "/forecast", summary: "the months to come of a device: which restart, until when it is off the cycle, what an upgrade or an assumed baseline changes", params: forecastParams, answer: (*call).forecast, row: forecastRow{}, ringRow: ringForecastRow{}, list: true, example: v1 + "/forecast?build=26100.3983&track=windows-11-24h2&assume=2026-12:baseline", uncopied: answering},
		{path: v1 + "/changes", summary: "every change of plan and every out-of-band release, newest first", params: changeParams, answer: (*call).changeList, row: changeRow{}, list: true, example: v1 + "/changes?since=2026-06-01"},
		{path: v1 + "/changes.atom", summary: "the same for feed readers", params: changeParams, media: mediaAtom, answer: (*call).changesAtom, anyway: true, example: v1 + "/changes.atom?track=windows-11-24h2"},
		{path: v1 + "/annotations", summary: "what to mark on the time axis of a dashboard: each month, out-of-band hotpatch and change of plan, and the restarts of rings", params: annotationParams, answer: (*call).annotations, row: annotationRow{}, list: true, round: (*call).unlessInstant, example: v1 + "/annotations?track=windows-11-24h2&from=2026-01&to=2026-12&ring=broad:9/5/2", uncopied: "draws what the schedule and the changes tell"},
		{path: v1 + "/stats", summary: "each year of each track: restarts planned and come, plans that held, notice given", params: []param{paramTrack, paramStatsYear, paramAsOf}, answer: (*call).stats, row: statsRow{}, list: true, example: v1 + "/stats?year=2026"},
		{path: v1 + "/eligibility", summary: "whether a device can have hotpatches, and what it lacks", params: append([]param{paramTrack, paramAsOf}, traitParams()...), answer: (*call).eligibilityOf, row: eligibilityRow{}, list: true, unkept: true, example: v1 + "/eligibility?product=windows-11&version=24H2&architecture=arm64", uncopied: answering},
		{method: http.MethodPost, path: v1 + "/eligibility", summary: "the same of a JSON object with the fields that GET takes, or of an array of up to 1,000; nothing is stored or logged", params: []param{paramTrack, paramAsOf, paramOutput}, compute: (*call).eligibility, row: eligibilityRow{}, list: true, takes: candidateSchema()},
		{path: "/calendars/{tracks}.ics", summary: "a feed to subscribe to: one track id, several joined by commas, or all", params: feedParams, media: mediaCalendar, answer: (*call).calendar, anyway: true, example: "/calendars/windows-server-2025.ics?kind=baseline"},
		{path: "/", summary: "the page of all tracks", params: pageParams, media: mediaHTML, answer: (*call).home},
		{path: "/tracks/{track}", summary: "the page of one track", params: pageParams, media: mediaHTML, answer: (*call).trackPage, example: "/tracks/windows-11-24h2"},
		{path: "/eligible", summary: "the page that tells whether a device can have hotpatches", params: append([]param{paramAsOf}, traitParams()...), media: mediaHTML, answer: (*call).eligiblePage, unkept: true, example: "/eligible?product=windows-11&version=24H2", uncopied: answering},
		{path: "/fleet", summary: "the page of stored rings, freezes and private feeds, for who holds a token", media: mediaHTML, answer: always(page.Fleet), open: true, uncopied: "asks a service, with a token"},
		{path: "/devices", summary: "the page that places a list of devices on the cycle", media: mediaHTML, answer: always(page.Devices), open: true, uncopied: "asks a service"},
		{path: "/tracks/{track}/badge.svg", summary: "a badge with the next restart", params: []param{paramAsOf, paramZone}, media: mediaSVG, answer: (*call).badge, anyway: true, example: "/tracks/windows-11-24h2/badge.svg"},
		{path: "/tracks/{track}/year.svg", summary: "a picture of a year", params: []param{paramYear, paramAsOf}, media: mediaSVG, answer: (*call).yearPicture, anyway: true, example: "/tracks/windows-11-24h2/year.svg?year=2026"},
		{path: "/openapi.json", summary: "this surface as OpenAPI 3.1", answer: s.openAPI, open: true},
		{path: "/docs", summary: "help, and this surface for people", media: mediaHTML, answer: s.docs, open: true},
		{path: "/docs/{topic}", summary: "help on a topic: the same as cyclecal help TOPIC", media: mediaHTML, answer: s.topic, open: true, names: s.topicNames(), example: "/docs/subscribe"},
		{path: "/assets/{file}", summary: "what the pages are made of", media: mediaAny, medias: page.AssetMedias(), answer: (*call).asset, anyway: true, open: true, names: page.Assets(), example: "/assets/page.css"},
		{path: "/dashboards/{file}", summary: "for other tools: a Grafana dashboard, and recipes for Power BI and Excel, PowerShell and Python", media: mediaAny, medias: dashboardMedias(), answer: (*call).dashboard, open: true, example: "/dashboards/grafana.json", uncopied: "is for tools that ask a service"},
		{path: feedsPath + "{secret}.ics", summary: "a private feed", media: mediaCalendar, params: feedParams, answer: (*call).calendar, private: true, open: true, anyway: true},
		{method: http.MethodPost, path: v1 + "/devices", summary: "where each device of a list stands on the cycle, and when it restarts next", params: devicesParams, compute: s.devices, row: devicesView{}, upload: mediaList, needs: s.devicesNeed()},
		{path: v1 + "/notices", summary: "the notices: who said when that a month differs from the rule", params: []param{paramTrack, paramAsOf}, answer: (*call).noticeList, row: noticeRow{}, list: true},
		{path: v1 + "/rings", summary: "the stored rings", answer: listed[ringRow]("rings"), row: ringRow{}, list: true, needs: auth.Viewer},
		{path: v1 + "/freezes", summary: "the freezes", answer: listed[freezeRow]("freezes"), row: freezeRow{}, list: true, needs: auth.Viewer},
		{path: v1 + "/feeds", summary: "the private feeds and who fetches them, without their secrets", answer: (*call).feedList, row: feedRow{}, list: true, needs: auth.Admin, unkept: true},
		{path: v1 + "/tokens", summary: "the tokens, without their secrets", answer: listed[tokenRow]("tokens"), row: tokenRow{}, list: true, needs: auth.Admin},
		{path: v1 + "/documents", summary: "all stored documents that the bearer may see", answer: (*call).documentList, row: documentRow{}, list: true, needs: auth.Viewer},
		{path: v1 + "/audit", summary: "who changed what, newest first", params: []param{paramEntries, paramNext}, answer: (*call).audit, row: auditRow{}, list: true, needs: auth.Admin, unkept: true},
		{path: "/healthz", summary: "whether the program runs", probe: s.health, open: true},
		{path: "/readyz", summary: "whether there is a schedule to serve, and how the database does", probe: s.ready, open: true},
	}
	if s.Metrics != nil {
		list = append(list, &route{path: "/metrics", summary: "Prometheus metrics", media: "text/plain", probe: s.metrics})
	}
	for _, kind := range resources {
		list = append(list, kind.routes()...)
	}
	return withCSV(list)
}

// routes are those of one kind of document.
func (kind resource) routes() []*route {
	path := apiPath + "/" + kind.kind + "/{" + kind.param + "}"
	one := func(method, summary string, change func(*server, http.ResponseWriter, *http.Request, auth.Bearer) error) *route {
		return &route{method: method, path: path, summary: summary, needs: kind.writes, change: change, document: true}
	}
	list := []*route{
		one(http.MethodPut, "create or update a "+kind.one, kind.put),
		one(http.MethodDelete, "delete a "+kind.one, kind.delete),
	}
	if kind.kind != "tracks" { // which has a route already
		list = append(list, &route{
			path: path, summary: "a " + kind.one + " as a document", needs: kind.reads, document: true,
			answer: func(c *call) (result, error) { return c.document(kind) },
		})
	}
	if kind.secret {
		rotate := one(http.MethodPost, "give a "+kind.one+" a new secret, and end the old one", kind.rotate)
		rotate.path += "/rotate"
		list = append(list, rotate)
	}
	return list
}

// csvSuffix makes a placeholder one that takes what ends with .csv, the rest of the path.
const csvSuffix = `:.+\.csv`

// withCSV sets what a line of the table leaves out, and adds to every list a route for the same in CSV.
func withCSV(list []*route) []*route {
	var all []*route
	for _, rt := range list {
		if rt.method == "" {
			rt.method = http.MethodGet
		}
		if rt.media == "" {
			rt.media = mediaJSON
		}
		if rt.example == "" {
			rt.example = rt.path
		}
		all = append(all, rt)
		if !rt.list {
			continue
		}
		twin := *rt
		rt.params = append(slices.Clip(rt.params), paramShape)
		if rt.compute != nil { // it writes what output says
			continue
		}
		twin.params = slices.DeleteFunc(slices.Clone(twin.params), func(p param) bool { return p.name == paramFormat.name }) // no tool takes CSV
		twin.path, twin.media, twin.summary = rt.path+".csv", mediaCSV, rt.summary+", as CSV"
		if name, ends := strings.CutSuffix(rt.path, "}"); ends { // chi ends a placeholder at the first dot, and a build has one
			twin.pattern = name + csvSuffix + "}"
		}
		twin.example = csvExample(rt.example)
		all = append(all, &twin)
	}
	return all
}

// csvExample puts .csv at the end of the path of an example.
func csvExample(example string) string {
	path, query, asks := strings.Cut(example, "?")
	if path += ".csv"; asks {
		path += "?" + query
	}
	return path
}
