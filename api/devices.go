package api

import (
	"cmp"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/api/devices"
)

// Limits of a list of devices that is sent.
const (
	mostDevices = 256 << 20 // bytes, unless the service says otherwise

	// mostLists are how many are read at once, each in some MB of memory.
	mostLists = 16

	// A client that transfers fewer bytes than slowest within slownessFor is cut off: 16 KB a second are
	// enough, and nobody can hold a connection by sending a byte now and then.
	slowest     = 160 << 10
	slownessFor = 10 * time.Second
)

// devicesView is a list of devices in numbers.
type devicesView struct {
	Rows           int            `json:"rows" doc:"devices in the list"`
	Places         []devicesRow   `json:"places" doc:"each device is in one of these"`
	Restarts       []devicesDay   `json:"restarts" doc:"when devices restart next; a day that has passed is that of an update which they may take at any time"`
	RestartUnknown int            `json:"restart_unknown" doc:"devices whose next restart can't be told: their place is unknown or ambiguous"`
	Newer          int            `json:"newer" doc:"devices on a build newer than every release that is known of their track"`
	Unreadable     int            `json:"unreadable" doc:"rows that are no row of the list"`
	Faults         []devicesFault `json:"faults" doc:"the first of those"`
	Columns        devicesColumns `json:"columns" doc:"what was read"`
}

type devicesRow struct {
	Track       *string  `json:"track" doc:"null where it can't be told, or there is none"`
	TrackName   *string  `json:"track_name"`
	Candidates  []string `json:"candidates" doc:"tracks that a device may be on, where its row does not tell the product"`
	Place       string   `json:"place" enum:"current,behind,baseline-due,off-cycle,ambiguous,unknown,ambiguous-product,no-track,no-build,unreadable"`
	Devices     int      `json:"devices"`
	Share       float64  `json:"share" doc:"of all rows, 0 to 1"`
	NextRestart *string  `json:"next_restart" format:"date" doc:"the first day on which one of them restarts; null where that can't be told"`
}

type devicesDay struct {
	Day     string  `json:"day" format:"date"`
	Devices int     `json:"devices"`
	Share   float64 `json:"share" doc:"of all rows, 0 to 1"`
}

type devicesFault struct {
	Line   int    `json:"line"`
	Detail string `json:"detail"`
}

type devicesColumns struct {
	Build    []string `json:"build"`
	Revision []string `json:"revision"`
	Product  []string `json:"product"`
}

var (
	paramOutput   = param{"output", "json (default) or csv, of what is flat", false, schemaEnum("json", "csv")}
	paramOneRing  = param{"ring", paramRing.doc, false, paramRing.schema}
	devicesParams = []param{
		paramTrack, paramOneRing, paramAsOf, paramZone,
		{"build_column", "name of the column that has the build, where it is not found", false, schemaText("OSVersion")},
		{"product_column", "name of the column that has the product or edition, where it is not found", false, schemaText("OS")},
		{"output", "summary (default), or csv or json: each row as it was sent, with its verdict", false, schemaEnum("summary", "csv", "json")},
		paramShape,
	}
)

// devices answers where each device of a list stands on the cycle. The list is streamed; nothing of it
// is kept or logged.
func (s *server) devices(c *call, w http.ResponseWriter) error {
	o, v, err := c.devicesOptions()
	if err != nil {
		return err
	}
	select {
	case s.lists <- struct{}{}:
		defer func() { <-s.lists }()
	default:
		return newProblem(http.StatusServiceUnavailable, "too many lists are read at once: ask again in "+retryAfter+" seconds")
	}
	limit := cmp.Or(s.MostDevices, mostDevices)
	flow := newFlow(w, c.r)
	defer flow.end()
	table, err := devices.Read(http.MaxBytesReader(w, flow, limit), o)
	if err != nil {
		return devicesProblem(err)
	}
	w.Header().Del("Access-Control-Allow-Origin")
	if output := c.q.values.Get("output"); output == "csv" || output == "json" {
		return c.devicesRows(&flowWriter{w, flow}, table, v, output)
	}
	if err := table.Skim(); err != nil {
		return devicesProblem(err)
	}
	return plain(w, document{c.viewDevices(table.Summary()), c.told(v)})
}

// devicesRows writes the rows while the list is still coming in. Once some are written, an error ends the
// connection, since half an answer must not look like a whole one.
func (c *call) devicesRows(w *flowWriter, table *devices.Table, v *view, output string) error {
	_ = http.NewResponseController(w.ResponseWriter).EnableFullDuplex() // HTTP/2 is so anyway
	var err error
	if output == "csv" {
		w.Header().Set("Content-Type", mediaCSV)
		w.Header().Set("Content-Disposition", `attachment; filename="devices.csv"`)
		err = table.WriteCSV(w)
	} else {
		w.Header().Set("Content-Type", mediaJSON)
		err = c.devicesJSON(w, table, v)
	}
	if err == nil {
		return nil
	}
	if w.flow.writing.Load() {
		panic(http.ErrAbortHandler)
	}
	w.Header().Del("Content-Disposition")
	return devicesProblem(err)
}

func (c *call) devicesJSON(w io.Writer, table *devices.Table, v *view) error {
	begin, end, err := around(c.alone(), c.told(v))
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, begin); err != nil {
		return err
	}
	if err := table.WriteJSON(w); err != nil {
		return err
	}
	_, err = io.WriteString(w, end)
	return err
}

// devicesOptions reads what is asked about the list.
func (c *call) devicesOptions() (devices.Options, *view, error) {
	charset, err := charsetOf(c.r)
	if err != nil {
		return devices.Options{}, nil, err
	}
	o := devices.Options{Charset: charset}
	tracks, rings, v := c.q.tracks(c.snapshot), c.askedRings(), c.asOf()
	o.Zone, o.Named = c.q.zone(), c.q.values.Has("track")
	o.BuildColumn, o.ProductColumn = c.q.values.Get("build_column"), c.q.values.Get("product_column")
	if output := c.q.values.Get("output"); c.q.values.Has("output") && output != "summary" && output != "csv" && output != "json" {
		c.q.fail("output", "%q: want summary, csv or json", clip(output))
	}
	if c.alone() && c.q.values.Get("output") != "json" {
		c.q.fail("shape", "a summary is no list, and CSV has no envelope: want output=json with shape=rows")
	}
	if err := c.q.err(); err != nil {
		return o, nil, err
	}
	if len(rings) > 0 {
		o.Ring = rings[0]
	}
	o.Schedules, o.At = v.of(tracks), c.at()
	return o, v, nil
}

// charsetOf returns the charset of a body of CSV, and an error for any other body.
func charsetOf(r *http.Request) (string, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	if err != nil || kind != "text/csv" || charset != "" && charset != "utf-8" && !strings.HasPrefix(charset, "utf-16") {
		return "", notTaken(r, "text/csv, in UTF-8 or UTF-16")
	}
	return params["charset"], refuseEncoded(r)
}

// devicesProblem says what is wrong with a list. It repeats nothing of its rows.
func devicesProblem(err error) error {
	if header, ok := errors.AsType[*devices.HeaderError](err); ok {
		return badRequest(fault{Parameter: header.Parameter, Detail: header.Error()})
	}
	if list, ok := errors.AsType[*devices.ListError](err); ok {
		return newProblem(http.StatusBadRequest, list.Error())
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return newProblem(http.StatusRequestEntityTooLarge, "the list is too large: want at most "+strconv.FormatInt(tooLarge.Limit>>20, 10)+" MiB")
	}
	if errors.Is(err, errSlow) {
		return newProblem(http.StatusRequestTimeout, "the list came too slowly: want at least 16 KB a second")
	}
	return endedEarly()
}

// devicesNeed is the role that may send a list.
func (s *server) devicesNeed() auth.Role {
	if s.PublicDevices {
		return auth.Public
	}
	return auth.Viewer
}

// viewDevices is a list in numbers.
func (c *call) viewDevices(s devices.Summary) devicesView {
	share := func(n int) float64 { return math.Round(float64(n)/float64(max(s.Rows, 1))*1e6) / 1e6 }
	v := devicesView{
		Rows: s.Rows, Places: []devicesRow{}, Restarts: []devicesDay{}, RestartUnknown: s.RestartUnknown, Newer: s.Newer, Unreadable: s.Faults, Faults: []devicesFault{},
		Columns: devicesColumns{Build: s.Builds, Revision: s.Revisions, Product: s.Products},
	}
	for _, p := range s.Places {
		row := devicesRow{
			Track: orNull(p.Track), Candidates: append([]string{}, p.Candidates...), Place: p.Place, Devices: p.Rows, Share: share(p.Rows),
			NextRestart: orNull(p.NextRestart),
		}
		if i, ok := c.snapshot.index[p.Track]; ok {
			row.TrackName = &c.snapshot.Facts[i].Track.Name
		}
		v.Places = append(v.Places, row)
	}
	for _, d := range s.Restarts {
		v.Restarts = append(v.Restarts, devicesDay{d.Day, d.Rows, share(d.Rows)})
	}
	for _, f := range s.Faulty {
		v.Faults = append(v.Faults, devicesFault{f.Line, f.Detail})
	}
	return v
}
