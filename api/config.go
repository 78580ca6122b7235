package api

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
)

// Config is what the service is made of.
type Config struct {
	// Source has the data that is served.
	Source Source
	// Now tells the time.
	Now func() time.Time
	// BaseURL is where clients reach the service, "https://cal.example.com", without a slash at
	// the end; "" where nobody knows.
	BaseURL string
	// Log takes one line for each request, and every internal error.
	Log *slog.Logger
	// Count is called for each request with its route pattern, method, status and time. It may be nil.
	Count func(route, method string, status int, took time.Duration)
	// Metrics serves /metrics. It may be nil.
	Metrics http.Handler
	// Documents takes what people write. If it is nil nothing can be written.
	Documents Documents
	// Confirmed returns when the revision that is served was last known to be the newest.
	// It may be nil if it always is the newest.
	Confirmed func() time.Time
	// Requirements are what a device needs to have hotpatches.
	Requirements []cycle.Requirement
	// Closed requires a token for everything, also for reading.
	Closed bool
	// PublicDevices lets everybody send a list of devices; otherwise that needs the role viewer.
	PublicDevices bool
	// MostDevices bounds such a list in bytes; 0 means 256 MiB.
	MostDevices int64
	// Proxies are those whose X-Forwarded-For is believed.
	Proxies auth.Proxies
	// Fetched is called for each fetch of a private feed with the feed's secret and the family of the
	// client. It may be nil.
	Fetched func(secret, client string)
	// Topics are the texts of /docs, in the order in which they are listed.
	Topics []Topic
	// Details returns what /readyz tells beside the schedule. It may be nil.
	Details func() map[string]any
}

// Topic is a text that explains something.
type Topic = page.Topic
