package main

import (
	"cmp"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle/importer"
)

// learned returns the state after a page was learned; its problems are told once.
func (s *syncer) learned(one source, state sourceState, digest string, problems []importer.Problem) sourceState {
	state.ReadAt, state.Problem = s.fleet.now().UTC(), tellOf(problems)
	if state.Digest == digest {
		return state
	}
	state.Digest, state.ChangedAt = digest, state.ReadAt
	if state.Problem != "" {
		s.fleet.log.Warn("a source can't be read whole: cyclecal import tells all of it", "source", one.id, "problem", state.Problem)
	}
	return state
}

// tell logs how many values of a page were taken and, once for each page, what of it was not: the calendar may go on
// where a track ends here, as Microsoft has prolonged one before.
func (s *syncer) tell(one source, differences []importer.Difference, changed bool) {
	var taken, left []importer.Difference
	for _, d := range differences {
		if d.Change == importer.Differs {
			left = append(left, d)
		} else {
			taken = append(taken, d)
		}
	}
	if len(taken) > 0 {
		s.fleet.log.Info("a source told something new", "source", one.id, "differences", len(taken))
	}
	if len(left) > 0 && changed {
		d := left[0]
		what := strings.TrimSpace(d.ID+" "+d.Field) + ": " + cmp.Or(d.Told, "nothing") + ", known is " + cmp.Or(d.Known, "nothing")
		s.fleet.log.Warn("a source tells what is not taken: cyclecal import tells all of it", "source", one.id, "differences", len(left), "first", short(what))
	}
}

// checked returns the state after a success.
func (s *syncer) checked(one source, state sourceState) sourceState {
	if state.Failures > 0 {
		s.fleet.log.Info("a source can be read again", "source", one.id, "failures", state.Failures)
	}
	state.Failures, state.Error, state.Refused = 0, "", ""
	now := s.fleet.now()
	state.CheckedAt, state.NextAt = now.UTC(), s.next(now).UTC()
	return state
}

// failed returns the state after a failure; digest is that of a page that can't be used. It is
// told once for each page and each sort of fault.
func (s *syncer) failed(one source, was sourceState, digest string, err error) sourceState {
	state, now := was, s.fleet.now()
	var asked time.Duration
	if status, ok := errors.AsType[*importer.StatusError](err); ok {
		asked = status.RetryAfter
	}
	state.Failures++
	state.Error, state.Refused = faultOf(one, err), digest
	state.NextAt = s.retry(now, state.Failures, asked).UTC()
	if state.Error != was.Error || state.Refused != was.Refused {
		s.fleet.log.Warn("a source can't be read: serving what is known", "source", one.id, "error", plain(err.Error()), "again_at", state.NextAt)
	}
	return state
}

// faultOf says what went wrong without details of this network, since everybody may read it.
func faultOf(one source, err error) string {
	if status, ok := errors.AsType[*importer.StatusError](err); ok {
		return status.Status + ": want 200 OK"
	}
	if fault, ok := errors.AsType[net.Error](err); ok {
		if fault.Timeout() {
			return "no answer in time"
		}
		return "the host can't be reached"
	}
	return short(strings.TrimPrefix(err.Error(), one.address+": "))
}

func digestOf(body []byte) string { return sha256Of(body)[:16] }
