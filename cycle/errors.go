package cycle

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// ErrNotFound says that a track, a month of a track or a ring does not exist.
var ErrNotFound = errors.New("not found")

// InvalidError says that a value that somebody wrote can't be what it should be.
// Its text is meant for whoever wrote it and says what would have been right.
type InvalidError struct {
	What  string // what the value should have been: "month", "ring"
	Value string // as it was written
	Want  string // what would have been right
}

// Error quotes the value, cut to 60 bytes, so that it fits one line of any log.
func (e *InvalidError) Error() string {
	return fmt.Sprintf("invalid %s %q: want %s", e.What, short(e.Value), e.Want)
}

func invalid(what, value, want string) error {
	return &InvalidError{What: what, Value: value, Want: want}
}

// short cuts a text to 60 bytes at most, and not within a character.
func short(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
