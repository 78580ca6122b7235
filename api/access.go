package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/api/auth"
)

// closesAfter is how long a replica accepts secrets while it can't learn whether they were revoked. So
// a revoked secret stops working everywhere within this time.
const closesAfter = 10 * time.Second

// mostFailures is how often a minute one address may be wrong about a secret.
const mostFailures = 60

// bearer returns who asks; the public where no token came with the request.
func (s *server) bearer(r *http.Request, snapshot *Snapshot, now time.Time) (auth.Bearer, error) {
	if !offersToken(r) {
		return auth.Bearer{}, nil
	}
	secret, err := auth.Credential(r.Header)
	if err != nil {
		return auth.Bearer{}, unauthorized(err.Error())
	}
	bearer, ok, err := look(s, snapshot.Tokens, secret, r, now)
	switch {
	case err != nil:
		return auth.Bearer{}, err
	case !ok:
		return auth.Bearer{}, unauthorized("no such token: want one that an admin has made, and has not rotated or revoked since")
	case bearer.Expired(now):
		return auth.Bearer{}, unauthorized("the token ended on " + instant(bearer.ExpiresAt) + ": ask an admin for a new one")
	}
	return bearer, nil
}

// offersToken reports whether the Authorization header is meant for this service: a proxy in front may pass
// on one that was meant for itself.
func offersToken(r *http.Request) bool {
	scheme, _, _ := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	return strings.EqualFold(scheme, "bearer")
}

// look looks a secret up, unless this replica can't know whether the secret is still valid. An address that
// was wrong too often must wait before it may be wrong again.
func look[T any](s *server, keys auth.Keys[T], secret string, r *http.Request, now time.Time) (found T, ok bool, err error) {
	if s.Confirmed != nil && now.Sub(s.Confirmed()) > closesAfter {
		return found, false, newProblem(http.StatusServiceUnavailable,
			"the database can't be asked whether this secret still counts: ask again in "+retryAfter+" seconds")
	}
	if found, ok = keys.Find(secret); ok {
		return found, true, nil // also if somebody behind the same address guesses
	}
	address := s.Proxies.Client(r).String()
	if wait, blocked := s.guard.Blocked(address); blocked {
		return found, false, tooManyFailures(wait)
	}
	s.guard.Failed(address)
	return found, false, nil
}

func tooManyFailures(wait time.Duration) *problem {
	p := newProblem(http.StatusTooManyRequests, "too many wrong secrets came from this address: wait, then send the right one")
	p.header = http.Header{"Retry-After": {strconv.Itoa(int(wait / time.Second))}}
	return p
}

// unauthorized refuses a request without a valid token. RFC 6750, 3: it tells how to ask.
func unauthorized(detail string) *problem {
	p := newProblem(http.StatusUnauthorized, detail)
	p.header = http.Header{"Www-Authenticate": {`Bearer realm="cyclecal"`}}
	return p
}

// allow returns an error if a bearer may not do what needs a role.
func (s *server) allow(bearer auth.Bearer, needs auth.Role, snapshot *Snapshot) error {
	switch {
	case bearer.Role >= needs:
		return nil
	case bearer.Role != auth.Public:
		return newProblem(http.StatusForbidden, "token "+bearer.ID+" has the role "+bearer.Role.String()+": want "+needs.String())
	case snapshot.Tokens.Len() == 0:
		return unauthorized("this needs a token, and the service has none: start it with --admin-token-file or CYCLECAL_ADMIN_TOKEN to make some")
	}
	return unauthorized("this needs a token with the role " + needs.String() + ": send it as Authorization: Bearer TOKEN")
}

// needs returns the role that a route needs.
func (s *server) needs(rt *route) auth.Role {
	if s.Closed && !rt.open {
		return max(rt.needs, auth.Viewer)
	}
	return rt.needs
}
