package api

import (
	"encoding/json"
	"strconv"
)

// mostEntries is how many changes one page of the history has, about.
const mostEntries = 200

// audit tells who changed what, newest first.
func (c *call) audit() (result, error) {
	limit := c.q.number("limit", mostEntries, 1, mostEntries)
	before := read(c.q, "cursor", 0, parseRevision)
	if err := c.q.err(); err != nil {
		return result{}, err
	}
	rows := []auditRow{}
	if c.site.Documents == nil {
		return result{data: rows}, nil
	}
	entries, err := c.site.Documents.History(c.r.Context(), before, limit)
	if err != nil {
		return result{}, err
	}
	for _, e := range entries {
		rows = append(rows, auditRow{
			Revision: e.Revision, At: instant(e.At), Who: e.Who, RequestID: e.RequestID,
			Kind: e.Kind, ID: e.ID, Action: e.Action, Before: rawOrNull(e.Before), After: rawOrNull(e.After),
		})
	}
	res := result{data: rows}
	if n := len(rows); n > 0 && rows[n-1].Revision > 1 && n >= limit {
		res.next = strconv.FormatInt(rows[n-1].Revision, 10)
	}
	return res, nil
}

func parseRevision(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 {
		return 0, noCursor(s)
	}
	return n, nil
}

func rawOrNull(raw json.RawMessage) *json.RawMessage {
	if raw == nil {
		return nil
	}
	return &raw
}
