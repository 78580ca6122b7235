package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// unchanged reports whether the client has this form already. RFC 9110, 13.2.2:
// If-Modified-Since counts only without If-None-Match. What is to come was told by a clock
// that has been set back since, and means nothing.
func (a *answer) unchanged(r *http.Request, etag string, now time.Time) bool {
	if tags, ok := r.Header["If-None-Match"]; ok {
		for _, list := range tags {
			if matches(list, etag) {
				return true
			}
		}
		return false
	}
	since := r.Header.Get("If-Modified-Since")
	if since == "" {
		return false
	}
	t, err := http.ParseTime(since)
	return err == nil && !a.modified.After(t) && !t.After(now)
}

// matches compares weakly, as RFC 9110, 13.1.2, says.
func matches(list, etag string) bool {
	for tag := range strings.SplitSeq(list, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
			return true
		}
	}
	return false
}

// acceptsGzip reports whether the client asked for gzip, with a weight above 0.
func acceptsGzip(accept []string) bool {
	for _, list := range accept {
		for item := range strings.SplitSeq(list, ",") {
			coding, weight, _ := strings.Cut(item, ";")
			coding = strings.TrimSpace(coding)
			if strings.EqualFold(coding, "gzip") || coding == "x-gzip" {
				return !zeroWeight(weight)
			}
		}
	}
	return false
}

// zeroWeight reports whether a weight, "q=0.0", says never.
func zeroWeight(weight string) bool {
	name, value, ok := strings.Cut(strings.TrimSpace(weight), "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return false
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err == nil && q == 0
}

// acceptable reports whether the client takes that media type at all.
func acceptable(accept []string, media string) bool {
	if len(accept) == 0 {
		return true
	}
	kind, _, _ := strings.Cut(media, "/")
	ranges := []string{"", "*/*", kind + "/*", media} // the later, the more they say
	best, yes := -1, false
	for _, list := range accept {
		for item := range strings.SplitSeq(list, ",") {
			want, weight, _ := strings.Cut(item, ";")
			if i := slices.Index(ranges, strings.ToLower(strings.TrimSpace(want))); i > best {
				best, yes = i, !zeroWeight(weight)
			}
		}
	}
	return yes
}
