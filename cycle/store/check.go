package store

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/cyclecal/cyclecal/cycle"
)

// check refuses what one of the engines would not store unchanged.
func (b Batch) check() error {
	seen := map[documentName]bool{}
	for _, w := range b.Writes {
		if err := w.check(); err != nil {
			return err
		}
		n := documentName{w.Kind, w.ID}
		if seen[n] {
			return &cycle.InvalidError{What: "batch", Value: w.Kind + " " + w.ID, Want: "each document once"}
		}
		seen[n] = true
	}
	return cmp.Or(
		checkText("idempotency key", b.Key, 0, 255),
		checkText("author", b.Who, 0, 1024),
		checkText("request id", b.RequestID, 0, 1024),
	)
}

func (w Write) check() error {
	if err := cmp.Or(checkText("kind", w.Kind, 1, 255), checkText("id", w.ID, 1, 255)); err != nil {
		return err
	}
	if w.Body != nil && len(w.Body) == 0 {
		return &cycle.InvalidError{What: "body", Value: "", Want: "a document, or nil to delete it"}
	}
	return nil
}

// checkText checks the length of a text in bytes: an entry of an index of PostgreSQL has room for 2,704.
func checkText(what, s string, least, most int) error {
	if len(s) >= least && len(s) <= most && utf8.ValidString(s) && !strings.ContainsRune(s, 0) {
		return nil
	}
	want := fmt.Sprintf("%d to %d bytes of UTF-8 without NUL", least, most)
	return &cycle.InvalidError{What: what, Value: strings.ToValidUTF8(s, "\uFFFD"), Want: want}
}
