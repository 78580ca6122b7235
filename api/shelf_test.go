package api

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

func newAnswer(t testing.TB, body string) *answer {
	t.Helper()
	a, err := new(server).finish(draft{route: new(route), body: []byte(body), media: mediaJSON, modified: noon})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// A stranger's 100,000 queries stay within the bound and do not push out what is
// asked for all the time.
func TestShelfUnderManyQueries(t *testing.T) {
	s := newShelf(nil)
	s.most = 1 << 20
	hot, a := target{"/calendars/all.ics", "", 0}, newAnswer(t, strings.Repeat("hot", 100))
	s.put(hot, a)
	sizes := []*answer{newAnswer(t, "x"), newAnswer(t, strings.Repeat("x", 500)), newAnswer(t, strings.Repeat("xyz", 20_000))}
	for i := range 100_000 {
		s.put(target{"/api/v1/schedule", strconv.Itoa(i), 0}, sizes[i%len(sizes)])
		if s.get(hot, noon) != a {
			t.Fatalf("after %d queries the answer that is always asked for is gone", i)
		}
		if n, bytes := s.used(); bytes > s.most || n < 2 {
			t.Fatalf("after %d queries: %d answers in %d bytes, want at least 2 in at most %d", i, n, bytes, s.most)
		}
	}
	checkSize(t, s)
}

// checkSize compares the shelf's own account with what it holds.
func checkSize(t *testing.T, s *shelf) {
	t.Helper()
	sum := 0
	for to, k := range s.answers {
		sum += k.answer.size() + len(to.path) + len(to.query)
	}
	if n, bytes := s.used(); bytes != sum || n != len(s.answers) {
		t.Errorf("used() = %d, %d, want %d, %d", n, bytes, len(s.answers), sum)
	}
}

// What is rendered anew takes the place of what is no longer true.
func TestShelfReplaces(t *testing.T) {
	s := newShelf(nil)
	to := target{"/api/v1/next", "", 0}
	old, young := newAnswer(t, "old"), newAnswer(t, "young")
	old.until = noon
	s.put(to, old)
	for _, tt := range []struct {
		now  time.Time
		want *answer
	}{{noon.Add(-time.Nanosecond), old}, {noon, nil}, {noon.Add(time.Hour), nil}} {
		if got := s.get(to, tt.now); got != tt.want {
			t.Errorf("get at %v = %p, want %p", tt.now, got, tt.want)
		}
	}
	s.put(to, young)
	if got := s.get(to, noon); got != young {
		t.Errorf("get after put = %p, want %p", got, young)
	}
	checkSize(t, s)
}

// An answer that fits is kept, whatever was there before; one that never fits is not.
func TestShelfKeepsWhatFits(t *testing.T) {
	six, large := newAnswer(t, strings.Repeat("x", 400)), newAnswer(t, strings.Repeat("x", 9_000))
	for range 100 { // the order of a map is another each time
		s := newShelf(nil)
		s.most = six.size() * 3 / 2
		s.put(target{"/a", "", 0}, six)
		s.put(target{"/b", "", 0}, six)
		if s.get(target{"/b", "", 0}, noon) == nil {
			t.Fatal("the newest answer is gone although it fits alone")
		}
		s.put(target{"/c", "", 0}, large)
		if got := s.get(target{"/c", "", 0}, noon); got != nil || s.size > s.most {
			t.Fatalf("an answer of %d bytes is kept, %d in all, want at most %d", large.size(), s.size, s.most)
		}
		checkSize(t, s)
	}
}

// nothing is a response that goes nowhere.
type nothing struct{ header http.Header }

func (w nothing) Header() http.Header         { return w.header }
func (w nothing) Write(p []byte) (int, error) { return len(p), nil }
func (w nothing) WriteHeader(int)             {}

// Writing a finished answer costs the same few allocations however long it is.
func TestWriteAllocations(t *testing.T) {
	const most = 2
	small, large := newAnswer(t, strings.Repeat("x", 600)), newAnswer(t, strings.Repeat("xyz", 300_000))
	for name, header := range map[string]http.Header{
		"plain": {}, "gzip": {"Accept-Encoding": {"gzip"}}, "304": {"If-None-Match": {"*"}},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header = header
		w := nothing{http.Header{}}
		few := testing.AllocsPerRun(100, func() { small.write(w, r, noon, false) })
		many := testing.AllocsPerRun(100, func() { large.write(w, r, noon, false) })
		if few != many || many > most {
			t.Errorf("%s: write allocates %v times for %d bytes and %v for %d, want the same and at most %d",
				name, few, len(small.plain.body), many, len(large.plain.body), most)
		}
	}
}
