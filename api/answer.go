package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/api/page"
)

// answer is a finished response: bytes, their compressed form, and every header
// that does not depend on the clock.
type answer struct {
	plain, zipped form
	header        []field       // shared by both forms; never changed
	vary, stamp   []string      // Vary and Last-Modified, which a 304 has too; never changed
	route         *route        // that was asked
	media         string        // the media type without parameters
	modified      time.Time     // rounded up to whole seconds: in the second of a change nobody can tell what he has
	since         time.Time     // before it the answer was not true yet: clocks are set back
	until         time.Time     // when it stops being true; zero is never
	maxAge        time.Duration // the longest that anybody may keep it
}

// field is a header, under its canonical name.
type field struct {
	name   string
	values []string
}

// form is one encoding of an answer, with its own strong ETag (RFC 9110, 8.8.3.3).
type form struct {
	body   []byte
	etag   string
	tagged []string // the ETag as a header value, made once
	length []string
}

// draft is what a route makes: the rest of an answer follows from it.
type draft struct {
	route    *route
	body     []byte
	media    string // with parameters, "text/csv; charset=utf-8"
	filename string // of what would be saved, or ""
	tag      string // the ETag without its quotes; "" makes one of the body, and "12-" begins it
	next     string // the address of the next page, or ""
	modified time.Time
	since    time.Time
	until    time.Time
}

// longest is how long a client may use an answer without asking again: a plan
// that changes should not stay unseen for longer.
const longest = 5 * time.Minute

// worthZipping is the least size at which a compressed form is kept.
const worthZipping = 512

// finish makes an answer of a draft, with its compressed form.
func (s *server) finish(d draft) (*answer, error) {
	media, _, _ := strings.Cut(d.media, ";")
	a := &answer{
		plain: newForm(d, d.body, ""), header: d.header(), vary: d.vary(), route: d.route, media: media,
		modified: roundedUp(d.modified), stamp: []string{lastModified(roundedUp(d.modified))}, since: d.since, until: d.until, maxAge: longest,
	}
	if len(d.body) >= worthZipping && s.copy == nil { // who serves files compresses them as he likes
		zipped, err := s.zip(d.body)
		if err != nil {
			return nil, err
		}
		a.zipped = newForm(d, zipped, zippedSuffix)
	}
	return a, nil
}

// vary names what of a request chooses between answers.
func (d draft) vary() []string {
	if d.route.personal() {
		return []string{"Accept-Encoding", "Authorization"}
	}
	return []string{"Accept-Encoding"}
}

// header makes what else both forms carry where they are sent. Walking a list takes a tenth of what walking a map takes.
func (d draft) header() []field {
	list := []field{
		{"Content-Type", []string{d.media}},
	}
	if d.filename != "" {
		list = append(list, field{"Content-Disposition", []string{`inline; filename="` + d.filename + `"`}})
	}
	if d.media == mediaHTML { // nothing else may load anything
		list = append(list, field{"Content-Security-Policy", []string{page.Policy}})
	}
	if d.next != "" {
		list = append(list, field{"Link", []string{"<" + d.next + `>; rel="next"`}})
	}
	return list
}

// zippedSuffix tells the ETag of the compressed form from that of the plain one.
const zippedSuffix = "-gzip"

func newForm(d draft, body []byte, suffix string) form {
	tag := d.tag
	if tag == "" || strings.HasSuffix(tag, "-") {
		sum := sha256.Sum256(body)
		tag += base64.RawURLEncoding.EncodeToString(sum[:15])
	}
	etag := `"` + tag + suffix + `"`
	return form{body: body, etag: etag, tagged: []string{etag}, length: []string{strconv.Itoa(len(body))}}
}

func (s *server) zip(body []byte) ([]byte, error) {
	var buf bytes.Buffer
	z, ok := s.zips.Get().(*gzip.Writer)
	if !ok {
		z, _ = gzip.NewWriterLevel(nil, gzip.BestCompression) // fails for a level that is none
	}
	defer s.zips.Put(z)
	z.Reset(&buf)
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// size is the memory that an answer takes, about.
func (a *answer) size() int { return len(a.plain.body) + len(a.zipped.body) + 2048 }

// fresh reports whether the answer is still true.
func (a *answer) fresh(now time.Time) bool {
	return !now.Before(a.since) && (a.until.IsZero() || now.Before(a.until))
}

func roundedUp(t time.Time) time.Time { return t.Add(time.Second - 1).Truncate(time.Second) }

func lastModified(t time.Time) string { return t.UTC().Format(http.TimeFormat) }

var gzipEncoding = []string{"gzip"}

// write sends the answer, or a 304 where the client has it. net/http drops the
// body of an answer to HEAD.
func (a *answer) write(w http.ResponseWriter, r *http.Request, now time.Time, private bool) {
	f := &a.plain
	if a.zipped.body != nil && acceptsGzip(r.Header["Accept-Encoding"]) {
		f = &a.zipped
	}
	h := w.Header()
	h["Etag"] = f.tagged
	h["Vary"] = a.vary
	h["Last-Modified"] = a.stamp
	if now.Before(a.modified) { // RFC 9110, 8.8.2.1: it must not be later than the answer
		h["Last-Modified"] = []string{lastModified(now)}
	}
	h["Cache-Control"] = a.cacheControl(now)
	if private {
		h["Cache-Control"] = []string{"private" + strings.TrimPrefix(h["Cache-Control"][0], "public")}
		delete(h, "Access-Control-Allow-Origin") // for any origin is the public data alone
	}
	if a.unchanged(r, f.etag, now) { // RFC 9110, 15.4.5: what is above is all that it needs
		w.WriteHeader(http.StatusNotModified)
		return
	}
	for i := range a.header {
		h[a.header[i].name] = a.header[i].values
	}
	if f == &a.zipped {
		h["Content-Encoding"] = gzipEncoding
	}
	h["Content-Length"] = f.length
	w.WriteHeader(http.StatusOK)
	writeBody(w, r, f.body)
}

var longestControl = []string{"public, max-age=" + strconv.Itoa(int(longest/time.Second))}

// cacheControl lets nobody keep the answer for longer than it stays true.
func (a *answer) cacheControl(now time.Time) []string {
	if a.until.IsZero() || a.until.Sub(now) >= a.maxAge {
		return longestControl
	}
	return []string{"public, max-age=" + strconv.Itoa(int(max(0, a.until.Sub(now))/time.Second))}
}
