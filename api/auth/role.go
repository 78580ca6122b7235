package auth

import (
	"fmt"
	"strconv"
	"time"
)

// Role is what a bearer may do. A greater one may do all that a lesser one may, so
// that roles are compared with <. The zero Role is the public, who has no token.
type Role uint8

// The roles, from the least to the greatest.
const (
	Public Role = iota // sees what is open
	Viewer             // sees everything but tokens and feeds
	Editor             // changes what Viewer sees
	Admin              // manages tokens and feeds
)

// ParseRole returns the role of that name. The public is no role that a token can
// have, so its name is an error too.
func ParseRole(s string) (Role, error) {
	for r := Viewer; r <= Admin; r++ {
		if s == r.String() {
			return r, nil
		}
	}
	return Public, fmt.Errorf("invalid role %q: want viewer, editor or admin", s)
}

// String returns the name of the role, as [ParseRole] reads it.
func (r Role) String() string {
	switch r {
	case Public:
		return "public"
	case Viewer:
		return "viewer"
	case Editor:
		return "editor"
	case Admin:
		return "admin"
	}
	return "Role(" + strconv.Itoa(int(r)) + ")"
}

// Bearer is who a token belongs to. The zero Bearer is the public.
type Bearer struct {
	ID        string // of the token, never the token itself
	Role      Role
	ExpiresAt time.Time // the first moment at which the token is no longer good; zero: never
}

// Expired returns whether the token is no longer good.
func (b Bearer) Expired(now time.Time) bool {
	return !b.ExpiresAt.IsZero() && !now.Before(b.ExpiresAt)
}
