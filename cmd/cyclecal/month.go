package main

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// showMonth prints one month: of one track with everything known about it, of
// several as rows.
func showMonth(ctx context.Context, r *reading, args []string) error {
	if _, err := cycle.ParseMonth(args[0]); err != nil {
		return usageError{err}
	}
	tracks := r.query["track"]
	if r.output == "json" && len(tracks) == 1 {
		r.query.Del("track")
		return r.print(ctx, monthPath(tracks[0], args[0]))
	}
	r.query.Set("from", args[0])
	r.query.Set("to", args[0])
	return r.show(ctx, "/api/v1/schedule", func(r *reading, a answer) error {
		r.query.Del("from")
		r.query.Del("to")
		r.query.Del("track")
		seen := map[string]bool{}
		for _, row := range a.Data {
			if track := row.text("track"); !seen[track] { // with rings, a track has several rows
				if len(seen) > 0 {
					r.println("")
				}
				seen[track] = true
				if err := r.monthTable(ctx, track, args[0]); err != nil {
					return err
				}
			}
		}
		if len(seen) == 0 {
			r.println("No track has the month " + args[0] + ".")
		}
		r.known(a.Meta)
		return nil
	})
}

func monthPath(track, month string) string {
	return "/api/v1/tracks/" + url.PathEscape(track) + "/months/" + month
}

// monthTable prints what is known about one month of one track.
func (r *reading) monthTable(ctx context.Context, track, month string) error {
	var a struct{ Data row }
	if err := r.client.read(ctx, monthPath(track, month), r.query, &a); err != nil {
		return err
	}
	m := a.Data
	r.println(plain(m.text("track_name")) + ", " + month + ": " + r.verdict(m))
	line := "  " + m.text("status") + ", " + m.text("release_date") + " (" + m.text("release_at") + ")"
	if !m.is("restart") && m["baseline_month"] != nil {
		line += ", built on the baseline of " + m.text("baseline_month")
	}
	r.println(line)
	if m["status"] == "unconfirmed" {
		r.println("  " + plain(m.text("note")) + ".")
	}
	for _, n := range m.list("notices") {
		r.println("  " + n.text("known_on") + ": " + n.text("kind") + ". " + strings.TrimSuffix(plain(n.text("reason")), ".") + ".")
	}
	r.ringLines(m.list("rings"))
	if releases := m.list("releases"); len(releases) > 0 {
		yesNo(releases, "out_of_band", "restart")
		r.table("  ", releases, "DATE:release_date", "TYPE:type", "OOB:out_of_band", "RESTART:restart", "KB:kb", "BUILD:build")
		for _, release := range releases {
			if note, ok := release["note"].(string); ok {
				r.println("  " + plain(release.text("kb")) + ": " + plain(note))
			}
		}
	}
	return nil
}

// ringLines prints when rings restart: the first of them, as a big fleet may have thousands.
func (r *reading) ringLines(rings []row) {
	const most = 20
	for _, ring := range rings[:min(len(rings), most)] {
		r.println("  ring " + ring.text("ring") + ": offered on " + ring.text("offered_on") + ", " + restartBy(ring) + windowOf(ring))
		if ring.is("freeze_conflict") {
			r.println("    " + r.red("IN FREEZE "+plain(ring.text("freeze"))) + freezeWay(ring))
		}
	}
	if more := len(rings) - most; more > 0 {
		r.println("  and " + cycle.Quantity(more, "ring", "rings") + " more: --ring NAME tells of one")
	}
}

// windowOf tells a ring's maintenance window, if it has one.
func windowOf(ring row) string {
	if ring["window_start"] == nil {
		return ""
	}
	return ", window " + ring.text("window_start") + " to " + ring.text("window_end") + afterLastDay(ring, "window_start")
}

// freezeWay tells what would do instead of what a freeze forbids.
func freezeWay(ring row) string {
	var ways []string
	if ring["next_window_start"] != nil {
		ways = append(ways, "the next window allowed begins "+ring.text("next_window_start")+afterLastDay(ring, "next_window_start"))
	}
	switch day := ring.text("earlier_day"); {
	case ring["earlier_day"] == nil:
	case ring["window_start"] != nil:
		ways = append(ways, "without a window, "+day+" would do")
	default:
		ways = append(ways, "the last earlier day allowed is "+day)
	}
	if len(ways) == 0 {
		return ": nothing else is allowed"
	}
	return ": " + strings.Join(ways, "; ")
}

// afterLastDay tells where a window begins when the ring's last day is over in every zone.
func afterLastDay(ring row, window string) string {
	start, err := time.Parse(time.RFC3339, ring.text(window))
	last, err2 := cycle.ParseDate(ring.text("restart_by"))
	const west = 12 * time.Hour // of UTC, where a day ends last
	if errors.Join(err, err2) != nil || start.Before(last.AddDays(1).Midnight().Add(west)) {
		return ""
	}
	return ", after the ring's last day, " + last.String()
}

func restartBy(ring row) string {
	if ring["restart_by"] == nil {
		return "no restart"
	}
	return "restarts by " + ring.text("restart_by")
}

func (r *reading) verdict(m row) string {
	switch {
	case m.is("unplanned"):
		return r.red("RESTART, not planned") + " (unplanned baseline)"
	case m.is("restart"):
		return r.red("RESTART") + sure("baseline", m)
	}
	return "no restart" + sure(m.text("kind"), m)
}

// sure tells the kind, and that it is only the plan's where nothing confirms it.
func sure(kind string, m row) string {
	switch m["status"] {
	case "unconfirmed":
		return " by the plan, unconfirmed (" + kind + ")"
	case "planned":
		return " planned (" + kind + ")"
	}
	return " (" + kind + ")"
}
