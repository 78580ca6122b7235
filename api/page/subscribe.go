package page

import (
	"fmt"
	"html/template"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// subscribeView is how to get the feed that matches the page.
type subscribeView struct {
	Webcal, Address string
	// WebcalURL is Webcal as a link: it is made of our own address alone.
	WebcalURL template.URL
	Local     bool // the address names this very machine
	Events    []eventView
	Clients   []clientView
}

type eventView struct{ Day, ISO, Summary, Title string }

// clientView is what works in one calendar client.
type clientView struct {
	Name    string
	Steps   [2]string
	Refresh string
}

// clients says how to subscribe in each client, and how often it looks for changes, as its users
// report.
var clients = []clientView{
	{
		"Outlook",
		[2]string{"Calendar, Add calendar, Subscribe from web.", "Paste the address, name it, Import."},
		"Microsoft looks again about every 3 hours, sometimes once a day; nobody can change that.",
	},
	{
		"Google",
		[2]string{"Other calendars, +, From URL (in a browser; the app can't).", "Paste the address, Add calendar."},
		"Google looks again every 12 to 24 hours; nobody can change that.",
	},
	{
		"Apple",
		[2]string{"Open the webcal address, or File, New Calendar Subscription.", "Paste the address, set Auto-refresh to every hour."},
		"It looks as often as you set, while the device is awake.",
	},
	{
		"Thunderbird",
		[2]string{"New Calendar, On the Network.", "Paste the address, no user name, Find Calendars."},
		"It looks every 30 minutes while it runs; the calendar's properties change that.",
	},
}

func (in Input) subscribe() subscribeView {
	v := subscribeView{Address: in.address(in.feedPath()), Clients: clients}
	if u, err := url.Parse(in.BaseURL); err == nil && u.Host != "" {
		v.Webcal = "webcal://" + strings.TrimPrefix(v.Address, u.Scheme+"://")
		ip, err := netip.ParseAddr(u.Hostname())
		v.Local = u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	}
	v.WebcalURL = template.URL(v.Webcal) //nolint:gosec // our own base address and an encoded query
	for _, e := range in.Events {
		v.Events = append(v.Events, eventView{e.Day.Midnight().Format("Mon 2 Jan"), e.Day.String(), in.withoutName(e.Summary), e.Summary})
	}
	return v
}

// withoutName leaves the name of the page's only track out of what is said on it.
func (in Input) withoutName(s string) string {
	if in.Single {
		return strings.Replace(s, in.track().Name+" ", "", 1)
	}
	return s
}

// queries are the lines that ask for exactly what the page shows.
func (in Input) queries() []line {
	values := in.feedQuery()
	if in.Single {
		values.Set("track", in.track().ID)
	}
	values.Set("from", yearText(in.Year)+"-01")
	values.Set("to", yearText(in.Year)+"-12")
	json := in.address("/api/v1/schedule?" + values.Encode())
	if in.Address != nil { // it takes no parameters
		values = nil
	}
	return []line{
		{"curl", "curl '" + json + "'", ""},
		{"PowerShell", "(Invoke-RestMethod '" + json + "').data | Format-Table", ""},
		{"Power Query", powerQuery(in.BaseURL, values), "Excel, Power BI: Get Data, Blank Query, Advanced Editor."},
		{"Grafana", json, "Grafana: Infinity data source, type JSON, root selector data."},
	}
}

// powerQuery returns a query in M whose base address is a constant, as Power BI refreshes only such queries on
// its servers.
func powerQuery(base string, values url.Values) string {
	var fields []string
	for name, list := range values {
		fields = append(fields, fmt.Sprintf("%s=%q", name, list[0]))
	}
	slices.Sort(fields)
	query := ""
	if len(fields) > 0 {
		query = ", Query=[" + strings.Join(fields, ", ") + "]"
	}
	return fmt.Sprintf(`Table.PromoteHeaders(Csv.Document(Web.Contents(%q, [RelativePath="api/v1/schedule.csv"%s]), [Encoding=65001]))`,
		base, query)
}
