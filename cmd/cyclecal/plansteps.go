package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/resource"
)

// step is one write of a plan: a change or, with a bridge, what comes before the change of a track.
type step struct {
	*planned
	bridge []byte
}

func (s step) wish() wish {
	w := wish{method: http.MethodPut, kind: s.Kind, id: s.ID, body: s.bridge, version: s.version, absent: s.Action == actionCreate && !s.begun}
	switch {
	case s.bridge != nil:
	case s.Action == actionDelete:
		w.method = http.MethodDelete
	default:
		w.body = s.document.JSON()
	}
	return w
}

// inSteps returns the writes of the plan in an order in which the server takes each. Its changes are in the order
// of names: what refers comes after what it refers to, and is deleted before it. But a track also limits its
// releases and notices, both as they are and as they will be. So where it reaches less than before, it is
// changed after them; and where it moves, it first becomes one that reaches as far as both.
func (p *plan) inSteps(t terrain) []step {
	var first, then, last []step
	for _, c := range p.Changes {
		if c.Kind != resource.Tracks {
			then = append(then, step{planned: c})
			continue
		}
		was, is, wide := c.reaches(t)
		switch {
		case wide == was && (c.Action == actionDelete || is != was):
			last = append(last, step{planned: c})
		case wide == is:
			first = append(first, step{planned: c})
		default:
			first, last = append(first, step{c, c.bridge(wide)}), append(last, step{planned: c})
		}
	}
	return slices.Concat(first, then, last)
}

// reach is which releases and notices a track can have.
type reach struct {
	first, last cycle.Month
	branch      string
}

func reachOf(t cycle.Track) reach { return reach{t.FirstMonth, t.LastMonth, t.Branch} }

// covering returns the least reach that has what either has.
func (r reach) covering(o reach) reach {
	if o.first.Before(r.first) {
		r.first = o.first
	}
	if o.last.IsZero() || !r.last.IsZero() && o.last.After(r.last) {
		r.last = o.last
	}
	if o.branch != r.branch {
		r.branch = ""
	}
	return r
}

// reaches returns how far a track reaches before its change, after it, and in both. Where there is no track
// before or after, or none that is known here, nothing can refer to it then.
func (c *planned) reaches(t terrain) (was, is, wide reach) {
	shown, there := t.shown[c.ID]
	after, stays := c.document.Value.(cycle.Track)
	if c.Action == actionDelete {
		after, stays = t.ground[c.ID]
		stays = stays && t.sure
	}
	was, is = reachOf(shown), reachOf(after)
	switch {
	case !there:
		was = is
	case !stays:
		is = was
	}
	return was, is, was.covering(is)
}

// bridge returns the document of the track with another reach.
func (c *planned) bridge(wide reach) []byte {
	d := c.document
	t, _ := d.Value.(cycle.Track)
	t.FirstMonth, t.LastMonth, t.Branch = wide.first, wide.last, wide.branch
	d.Value = t
	return d.JSON()
}

// halfway says which step failed, what was done before it, and what was not done.
func halfway(steps []step, failed int, err error) error {
	names := func(which func(c *planned) bool) string {
		var names []string
		for _, s := range steps {
			if s.bridge == nil && which(s.planned) {
				names = append(names, s.name())
			}
		}
		return cmp.Or(strings.Join(names, ", "), "nothing")
	}
	failing := steps[failed].planned
	refused, told := errors.AsType[refusedError](err)
	told = told && refused.status < http.StatusInternalServerError
	state := "applied: " + names(func(c *planned) bool { return c.Applied && c != failing })
	if begun := names(func(c *planned) bool { return c.begun && !c.Applied }); begun != "nothing" {
		state += "\nbegun: " + begun
	}
	switch {
	case told && (refused.status == http.StatusPreconditionFailed || refused.status == http.StatusNotFound):
		err = errors.New("somebody else changed it after the plan was made: apply again, and see the new plan")
	case !told:
		state += "\nnot known: " + failing.name()
	}
	state += "\nnot applied: " + names(func(c *planned) bool { return !c.Applied && (told || c != failing) })
	return fmt.Errorf("%s: %w\n%s", failing.name(), err, state)
}
