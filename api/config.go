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
	// Source gives what is served.
	Source Source
	// Now tells the time.
	Now func() time.Time
	// BaseURL is where clients reach the service, "https://cal.example.com", without a slash at
	// the end; "" where nobody knows.
	BaseURL string
	// Log takes one line for each request, and every fault of ours.
	Log *slog.Logger
	// Count is told of each request: its route pattern, method, status and time. It may be nil.
	Count func(route, method string, status int, took time.Duration)
	// Metrics serves /metrics. It may be nil.
	Metrics http.Handler
	// Documents takes what people write. It may be nil: then nothing can be written.
	Documents Documents
	// Confirmed returns when the revision that is served was last known to be the newest.
	// It may be nil, where it always is.
	Confirmed func() time.Time
	// Requirements are what a device needs to have hotpatches.
	Requirements []cycle.Requirement
	// Closed asks for a token for everything, reading too.
	Closed bool
	// PublicDevices lets everybody send a list of devices; else that needs the role viewer.
	PublicDevices bool
	// MostDevices bounds such a list in bytes; 0 is 256 MiB.
	MostDevices int64
	// Proxies are those whose word about a client's address is taken.
	Proxies auth.Proxies
	// Fetched is told the secret of each private feed that was fetched, and by what family of
	// clients. It may be nil.
	Fetched func(secret, client string)
	// Topics are the texts of /docs, in the order of the list.
	Topics []Topic
	// Details are what /readyz tells beside the schedule. It may be nil.
	Details func() map[string]any
}

// Topic is a text that explains something.
type Topic = page.Topic
