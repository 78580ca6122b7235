package auth

import (
	"errors"
	"net/http"
	"strings"
)

// mostToken is how many bytes a token may have: ours have 43, and the first
// administrator's may be longer.
const mostToken = 256

// Credential returns the token of a request's Authorization header, "" where there is no
// such header, and an error where it is anything but one well-formed `Bearer TOKEN`. The
// error's text holds nothing of the header, and may be shown to whoever asked.
func Credential(h http.Header) (string, error) {
	values := h.Values("Authorization")
	switch len(values) {
	case 0:
		return "", nil
	case 1:
		return parseBearer(values[0])
	}
	return "", errors.New("more than one Authorization header: want one")
}

// parseBearer reads credentials as RFC 6750, 2.1 has them: "Bearer" 1*SP b64token.
// RFC 9110, 11.1: the name of a scheme is case-insensitive.
func parseBearer(s string) (string, error) {
	scheme, token, _ := strings.Cut(s, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", errors.New("invalid Authorization header: want Bearer and a token")
	}
	token = strings.TrimLeft(token, " ")
	switch {
	case token == "":
		return "", errors.New("the Authorization header has no token: want Bearer and a token")
	case len(token) > mostToken:
		return "", errors.New("the token of the Authorization header is too long: want at most 256 bytes")
	case !isB64Token(token):
		return "", errors.New("the token of the Authorization header has characters that no token has: " +
			"want letters, digits, and any of -._~+/, with = at the end only")
	}
	return token, nil
}

// isB64Token returns whether s is RFC 6750's b64token.
func isB64Token(s string) bool {
	s = strings.TrimRight(s, "=")
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		digit := '0' <= c && c <= '9'
		if !letter && !digit && strings.IndexByte("-._~+/", c) < 0 {
			return false
		}
	}
	return s != ""
}
