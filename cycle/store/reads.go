package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"

	"github.com/cyclecal/cyclecal/cycle"
)

// Read says that a private feed was fetched on a day by a family of clients, so many times.
// Feed and Family are 1 to 255 bytes of UTF-8 without NUL.
type Read struct {
	Feed, Family string
	Day          cycle.Date
	Count        int64 // 1 or more
}

func (r Read) check() error {
	if err := cmp.Or(checkText("feed", r.Feed, 1, 255), checkText("family of clients", r.Family, 1, 255)); err != nil {
		return err
	}
	if r.Day.IsZero() {
		return &cycle.InvalidError{What: "day of a read", Value: "", Want: "a known day"}
	}
	if r.Count < 1 {
		return &cycle.InvalidError{What: "count of reads", Value: strconv.FormatInt(r.Count, 10), Want: "1 or more"}
	}
	return nil
}

func (r Read) compare(other Read) int {
	return cmp.Or(cmp.Compare(r.Feed, other.Feed), r.Day.Compare(other.Day), cmp.Compare(r.Family, other.Family))
}

// AddReads adds to what was counted, and forgets days before keepFrom.
func (e *engine) AddReads(ctx context.Context, reads []Read, keepFrom cycle.Date) error {
	for _, r := range reads {
		if err := r.check(); err != nil {
			return err
		}
	}
	// All add in one order: two who do at once may wait for each other, but not in a circle.
	reads = slices.SortedFunc(slices.Values(reads), Read.compare)
	return e.retrying(ctx, func() error {
		return e.writing(ctx, func(tx *sql.Tx) error { return e.addReads(ctx, tx, reads, keepFrom) })
	})
}

func (e *engine) addReads(ctx context.Context, tx *sql.Tx, reads []Read, keepFrom cycle.Date) error {
	if _, err := e.schema(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM reads WHERE day < $1`, keepFrom.String()); err != nil {
		return err
	}
	for _, r := range reads {
		if r.Day.Before(keepFrom) {
			continue
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO reads (feed, day, family, count) VALUES ($1, $2, $3, $4)
			ON CONFLICT (feed, day, family) DO UPDATE SET count = reads.count + excluded.count`,
			r.Feed, r.Day.String(), r.Family, r.Count); err != nil {
			return err
		}
	}
	return nil
}

// Reads returns all that was counted.
func (e *engine) Reads(ctx context.Context) ([]Read, error) {
	out, err := read(ctx, e, func(tx *sql.Tx) ([]Read, error) { return e.readReads(ctx, tx) })
	if err != nil {
		return nil, err
	}
	// Not by the database, which may sort by the rules of some language.
	slices.SortFunc(out, Read.compare)
	return out, nil
}

func (e *engine) readReads(ctx context.Context, tx *sql.Tx) ([]Read, error) {
	if _, err := e.schema(ctx, tx); err != nil {
		return nil, err
	}
	var out []Read
	err := eachRow(ctx, tx, func(rows *sql.Rows) error {
		var r Read
		var day string
		err := rows.Scan(&r.Feed, &day, &r.Family, &r.Count)
		if err != nil {
			return err
		}
		if r.Day, err = cycle.ParseDate(day); err != nil {
			// Not wrapped: it is no mistake of the caller.
			return fmt.Errorf("reads of feed %q on the day %q", r.Feed, day)
		}
		out = append(out, r)
		return nil
	}, `SELECT feed, day, family, count FROM reads`)
	return out, err
}
