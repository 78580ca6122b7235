package resource

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// write returns a value as JSON, its fields in the order of the table.
func (s shape) write(value any) []byte {
	fields, ok := s.show(value)
	if !ok {
		return []byte("null")
	}
	var b bytes.Buffer
	writeObject(&b, s.fields, fields)
	return b.Bytes()
}

func writeObject(b *bytes.Buffer, fields []field, of map[string]any) {
	b.WriteByte('{')
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(',')
		}
		writeScalar(b, f.name)
		b.WriteByte(':')
		switch inner := of[f.name].(type) {
		case map[string]any:
			writeObject(b, f.form.fields, inner)
		case []map[string]any:
			writeObjects(b, f.form.fields, inner)
		default:
			writeScalar(b, inner)
		}
	}
	b.WriteByte('}')
}

func writeObjects(b *bytes.Buffer, fields []field, list []map[string]any) {
	b.WriteByte('[')
	for i, of := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		writeObject(b, fields, of)
	}
	b.WriteByte(']')
}

// writeScalar writes anything but an object.
func writeScalar(b *bytes.Buffer, value any) {
	encoder := json.NewEncoder(b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil { // a show function gives texts, numbers and lists of them
		b.WriteString("null\n")
	}
	b.Truncate(b.Len() - 1) // the encoder's line end
}

// orNull returns the text of a value, or nil where it has none.
func orNull(s fmt.Stringer) any { return textOrNull(s.String()) }

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// orEmpty keeps a list from being null.
func orEmpty(list []string) []string { return append([]string{}, list...) }

func showTrack(value any) (map[string]any, bool) {
	t, ok := value.(cycle.Track)
	return map[string]any{
		"id": t.ID, "name": t.Name, "os_branch": textOrNull(t.Branch), "note": textOrNull(t.Note),
		"first_month": orNull(t.FirstMonth), "hotpatch_until": orNull(t.LastMonth), "rule": showRule(t.Rule),
	}, ok
}

func showRule(r cycle.Rule) map[string]any {
	months := []int{}
	for _, m := range r.BaselineMonths {
		months = append(months, int(m))
	}
	return map[string]any{
		"baseline_months": months, "release_day": r.Day.String(), "offset_days": r.OffsetDays,
		"release_time": fmt.Sprintf("%02d:%02d", r.Hour, r.Minute), "time_zone": showZone(r.Zone),
	}
}

func showZone(zone *time.Location) any {
	if zone == nil {
		return nil
	}
	return zone.String()
}

func showRelease(value any) (map[string]any, bool) {
	r, ok := value.(cycle.Release)
	restart := map[cycle.Restart]any{cycle.RestartNeeded: true, cycle.RestartNotNeeded: false}
	return map[string]any{
		"id": r.ID(), "track": r.Track, "month": orNull(r.Month), "kb": textOrNull(r.KB), "build": textOrNull(r.Build),
		"type": orNull(r.Type), "out_of_band": r.OutOfBand, "restart": restart[r.Restart],
		"release_date": orNull(r.Date), "known_on": orNull(r.KnownOn), "title": textOrNull(r.Title),
		"url": textOrNull(r.URL), "confidence": textOrNull(r.Confidence), "sources": textOrNull(r.Sources), "note": textOrNull(r.Note),
	}, ok
}

func showNotice(value any) (map[string]any, bool) {
	n, ok := value.(cycle.Notice)
	fields, earlier := showStatement(n), []map[string]any{}
	for _, e := range n.Earlier {
		earlier = append(earlier, showStatement(e))
	}
	fields["id"], fields["track"], fields["month"], fields["earlier"] = n.ID(), n.Track, orNull(n.Month), earlier
	return fields, ok
}

func showStatement(n cycle.Notice) map[string]any {
	return map[string]any{
		"kind": orNull(n.Kind), "known_on": orNull(n.KnownOn),
		"plan_seen_on": orNull(n.PlanSeenOn), "reason": textOrNull(n.Reason), "source": textOrNull(n.Source),
	}
}

func showRing(value any) (map[string]any, bool) {
	r, ok := value.(cycle.Ring)
	fields := map[string]any{
		"id": r.Name, "tracks": orEmpty(r.Tracks), "deferral": r.Deferral, "deadline": r.Deadline, "grace": r.Grace,
	}
	if !r.Window.IsZero() {
		fields["window"] = showWindow(r.Window)
	}
	return fields, ok
}

func showWindow(w cycle.Window) map[string]any {
	fields := map[string]any{
		"start":    fmt.Sprintf("%02d:%02d", w.Hour, w.Minute),
		"duration": showDuration(w.Duration), "time_zone": showZone(w.Zone),
	}
	if w.ByWeekday {
		fields["weekday"] = strings.ToLower(w.Weekday.String())
		return fields
	}
	fields["offset_days"] = w.OffsetDays
	return fields
}

func showDuration(d time.Duration) string {
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	if minutes == 0 {
		return fmt.Sprintf("PT%dH", hours)
	}
	return fmt.Sprintf("PT%dH%dM", hours, minutes)
}

func showFreeze(value any) (map[string]any, bool) {
	f, ok := value.(cycle.Freeze)
	return map[string]any{
		"id": f.ID, "from": orNull(f.From), "to": orNull(f.To),
		"tracks": orEmpty(f.Tracks), "rings": orEmpty(f.Rings), "reason": textOrNull(f.Reason),
	}, ok
}

func showFeed(value any) (map[string]any, bool) {
	f, ok := value.(Feed)
	return map[string]any{
		"id": f.ID, "title": f.Title, "tracks": orEmpty(f.Tracks), "rings": orEmpty(f.Rings),
		"kind": orNull(f.Kind), "alarm": textOrNull(f.Alarm), "style": f.Style,
	}, ok
}

func showToken(value any) (map[string]any, bool) {
	t, ok := value.(Token)
	fields := map[string]any{"id": t.ID, "role": t.Role}
	if !t.ExpiresAt.IsZero() {
		fields["expires_at"] = t.ExpiresAt.UTC().Format(time.RFC3339Nano)
	}
	return fields, ok
}
