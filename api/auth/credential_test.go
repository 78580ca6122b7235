package auth_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/api/auth"
)

const (
	badScheme = "invalid Authorization header: want Bearer and a token"
	noToken   = "the Authorization header has no token: want Bearer and a token"
	badToken  = "the token of the Authorization header has characters that no token has: " +
		"want letters, digits, and any of -._~+/, with = at the end only"
	longToken = "the token of the Authorization header is too long: want at most 256 bytes"
)

func TestCredential(t *testing.T) {
	long := strings.Repeat("a", 256)
	for _, tt := range []struct {
		headers []string
		want    string
		err     string
	}{
		{nil, "", ""},
		{[]string{"Bearer abc"}, "abc", ""},
		{[]string{"bEARER abc"}, "abc", ""},   // RFC 9110, 11.1
		{[]string{"Bearer   abc"}, "abc", ""}, // RFC 6750, 2.1: 1*SP
		{[]string{"Bearer aZ09-._~+/=="}, "aZ09-._~+/==", ""},
		{[]string{"Bearer " + long}, long, ""},
		{[]string{"Bearer " + long + "a"}, "", longToken},
		{[]string{"Bearer abc", "Bearer abc"}, "", "more than one Authorization header: want one"},
		{[]string{""}, "", badScheme},
		{[]string{"abc"}, "", badScheme}, // the text must not repeat what may be a token
		{[]string{"Basic YTpi"}, "", badScheme},
		{[]string{"BearerX abc"}, "", badScheme},
		{[]string{"Bearer\tabc"}, "", badScheme},
		{[]string{" Bearer abc"}, "", badScheme}, // net/http has trimmed what may be there
		{[]string{"Bearer"}, "", noToken},
		{[]string{"Bearer  "}, "", noToken},
		{[]string{"Bearer abc def"}, "", badToken},
		{[]string{"Bearer abc, Bearer def"}, "", badToken}, // two that a proxy has joined
		{[]string{"Bearer a=b"}, "", badToken},
		{[]string{"Bearer ="}, "", badToken},
		{[]string{"Bearer abc\t"}, "", badToken},
		{[]string{`Bearer "abc"`}, "", badToken},
		{[]string{"Bearer é"}, "", badToken},
		{[]string{"Bearer a\x00"}, "", badToken},
		{[]string{"Bearer a@"}, "", badToken}, // @ and [ stand beside the letters
		{[]string{"Bearer a["}, "", badToken},
		{[]string{"Bearer a\x1a"}, "", badToken},
	} {
		h := http.Header{}
		for _, value := range tt.headers {
			h.Add("Authorization", value)
		}
		got, err := auth.Credential(h)
		if got != tt.want || errText(err) != tt.err {
			t.Errorf("Credential(%q) = %q, %v, want %q, %q", tt.headers, got, err, tt.want, tt.err)
		}
	}
}

// FuzzCredential holds that a token is the end of the header, of the characters that
// b64token has, and that what is wrong is never repeated.
func FuzzCredential(f *testing.F) {
	for _, s := range []string{"Bearer abc", "bearer  a==", "Basic YTpi", "Bearer a b", "", "Bearer é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := auth.Credential(http.Header{"Authorization": {s}})
		if (got == "") != (err != nil) {
			t.Fatalf("Credential(%q) = %q, %v, want a token or an error", s, got, err)
		}
		if got != "" && (!strings.HasSuffix(s, " "+got) || len(got) > 256 || strings.ContainsAny(got, " \t,;\"") || !strings.EqualFold(s[:6], "bearer")) {
			t.Errorf("Credential(%q) = %q, want the token at its end", s, got)
		}
	})
}
