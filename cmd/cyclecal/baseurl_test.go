package main

import (
	"strings"
	"testing"
)

// The host of --base-url stands in scripts and commands that people run: it is as DNS writes it, or refused.
// RFC 5891 has rules for names beyond ASCII; xn--mnchen-3ya.de is registered.
func TestBaseURL(t *testing.T) {
	for given, want := range map[string]string{
		"https://cal.example.com":             "https://cal.example.com",
		"https://Cal.Example.COM/":            "https://cal.example.com",
		"http://cal:8080":                     "http://cal:8080",
		"http://cyclecal_web_1:8080":          "http://cyclecal_web_1:8080",
		"https://münchen.de":                  "https://xn--mnchen-3ya.de",
		"https://xn--mnchen-3ya.de:8443":      "https://xn--mnchen-3ya.de:8443",
		"https://例え.テスト":                      "https://xn--r8jz45g.xn--zckzah",
		"http://192.0.2.1:80":                 "http://192.0.2.1:80",
		"http://[2001:db8::1]:8080":           "http://[2001:db8::1]:8080",
		"http://[2001:db8::1]":                "http://[2001:db8::1]",
		"https://a'b":                         "invalid host \"a'b\": want a name of letters",
		"https://a$(id)":                      `invalid host "a$(id)": want a name`,
		"https://a,b":                         `invalid host "a,b": want a name`,
		"https://a;b":                         `invalid host "a;b": want a name`,
		"https://-a.example.com":              "want a name",
		"https://a..b":                        "want a name",
		"https://xn--a.example.com":           "want a name", // no Punycode
		"https://" + strings.Repeat("a", 64):  "want a name", // RFC 1035, 2.3.4
		"https://999.1.1.1":                   "want a name, or an address such as 192.0.2.1",
		"https://[fe80::1%25eth0]":            "want a name, or an address",
		"https://cal.example.com:99999":       `invalid port "99999": want 1 to 65535`,
		"https://cal.example.com:0":           `invalid port "0": want 1 to 65535`,
		"https://:8080":                       "want a name",
		"https://cal.example.com:8080x":       "want http:// or https://",
		"https://user:secret@cal.example.com": "want ",
	} {
		for name, check := range map[string]func(string) (string, error){"serve": checkBaseURL, "export": folderURL} {
			got, err := check(given)
			if strings.HasPrefix(want, "http") {
				if got != want || err != nil {
					t.Errorf("%s --base-url %s = %s, %v, want %s", name, given, got, err, want)
				}
				continue
			}
			if err == nil || !strings.HasPrefix(err.Error(), "--base-url ") || !strings.Contains(err.Error(), strings.TrimSuffix(want, " http:// or https://")) {
				t.Errorf("%s --base-url %s = %s, %v, want %s", name, given, got, err, want)
			}
		}
	}
}
