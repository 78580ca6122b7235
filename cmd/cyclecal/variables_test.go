package main

import (
	"strings"
	"testing"
)

// A variable with a typo is told of once, with what was meant and never with its value; a known one and
// what Kubernetes sets are not.
func TestUnknownVariables(t *testing.T) {
	for pair, want := range map[string]string{
		"CYCLECAL_LISTN=127.0.0.1:9":     "CYCLECAL_LISTN, which is no setting and changes nothing: did you mean CYCLECAL_LISTEN?",
		"CYCLECAL_ADMINTOKEN=hush":       "did you mean CYCLECAL_ADMIN_TOKEN?",
		"CYCLECAL_TLSKEY=hush":           "did you mean CYCLECAL_TLS_KEY?",
		"CYCLECAL_SOMETHING_ELSE=hush":   `CYCLECAL_SOMETHING_ELSE, which is no setting and changes nothing: "cyclecal help config"`,
		"CYCLECAL_HELP=hush":             "CYCLECAL_HELP, which is no setting",
		"CYCLECAL_PORT=8080":             "CYCLECAL_PORT, which is no setting",
		"CYCLECAL_\x1b[31m\nlevel=hush":  "which is no setting",
		"CYCLECAL_LISTN=":                "",
		"CYCLECAL_LISTEN=127.0.0.1:9":    "",
		"CYCLECAL_CONFIG=c.yaml":         "",
		"CYCLECAL_ADMIN_TOKEN=hush":      "",
		"CYCLECAL_ADMIN_TOKEN_FILE=hush": "",
		"CYCLECAL_TOKEN=hush":            "",
		"CYCLECAL_TOKEN_FILE=hush":       "",
		"CYCLECAL_SERVER=https://a":      "",
		"OTHER_LISTN=1":                  "",
		"=C:=C:\\":                       "", // as Windows has them
		// https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
		"CYCLECAL_SERVICE_HOST=10.0.162.149":               "",
		"CYCLECAL_SERVICE_PORT=80":                         "",
		"CYCLECAL_SERVICE_PORT_HTTP=80":                    "",
		"CYCLECAL_PORT=tcp://10.0.162.149:80":              "",
		"CYCLECAL_PORT_8080_TCP=tcp://10.0.162.149:8080":   "",
		"CYCLECAL_PORT_8080_TCP_PROTO=tcp":                 "",
		"CYCLECAL_PORT_8080_TCP_PORT=8080":                 "",
		"CYCLECAL_PORT_8080_TCP_ADDR=10.0.162.149":         "",
		"CYCLECAL_WEB_SERVICE_HOST=10.0.162.149":           "",
		"CYCLECAL_WEB_PORT=tcp://10.0.162.149:80":          "",
		"CYCLECAL_WEB_PORT_8080_TCP=tcp://10.0.162.1:8080": "",
	} {
		p := &program{getenv: func(string) string { return "" }, environ: func() []string { return []string{"PATH=/bin", pair} }}
		got := strings.Join(p.warnings(serveFlags{}), "|")
		if (got == "") != (want == "") || !strings.Contains(got, want) || strings.Contains(got, "hush") || strings.ContainsAny(got, "\n\x1b|") {
			t.Errorf("%q: %q, want %q", pair, got, want)
		}
	}
}
