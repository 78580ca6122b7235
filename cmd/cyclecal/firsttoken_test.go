package main

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
)

// fileWith returns the path of a new file of that text.
func fileWith(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The first that has a token wins: a flag, the environment, the file of settings.
func TestFirstTokenWins(t *testing.T) {
	const ofEnvironment, ofFile = "the-token-of-the-environment", "the-token-of-the-file"
	file := fileWith(t, ofFile+"\n")
	config := fileWith(t, "admin-token-file: "+file+"\n")
	overridden := fileWith(t, "admin-token-file: nowhere\n")
	for _, tt := range []struct {
		what  string
		env   map[string]string
		flags []string
		want  string
	}{
		{"the file of settings alone", nil, []string{"--config", config}, ofFile},
		{"the environment over the file of settings", map[string]string{adminVariable: ofEnvironment}, []string{"--config", config}, ofEnvironment},
		{"what is overridden is not read", map[string]string{adminVariable: ofEnvironment}, []string{"--config", overridden}, ofEnvironment},
		{"a flag over the environment", map[string]string{adminVariable: ofEnvironment}, []string{"--admin-token-file", file}, ofFile},
		{"a flag over both", map[string]string{adminVariable: ofEnvironment}, []string{"--admin-token-file", file, "--config", overridden}, ofFile},
		{"the name of a file in the environment", map[string]string{"CYCLECAL_ADMIN_TOKEN_FILE": file}, []string{"--config", overridden}, ofFile},
	} {
		s := serveForTest(t, tt.env, append(tt.flags, "--listen=127.0.0.1:0")...)
		for _, token := range []string{ofEnvironment, ofFile} {
			want := http.StatusUnauthorized
			if token == tt.want {
				want = http.StatusOK
			}
			if got := statusWith(t, s.url+"/api/v1/tokens", token); got != want {
				t.Errorf("%s: %s gets %d, want %d", tt.what, token, got, want)
			}
		}
	}
}

func statusWith(t *testing.T, address, token string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// Of two that are equals none wins.
func TestFirstTokenTwice(t *testing.T) {
	env := map[string]string{adminVariable: "the-token-of-the-environment", "CYCLECAL_ADMIN_TOKEN_FILE": fileWith(t, "the-token-of-the-file")}
	err := checkOf(t, env)
	if err == nil || !strings.Contains(err.Error(), "CYCLECAL_ADMIN_TOKEN and CYCLECAL_ADMIN_TOKEN_FILE are both set: want one") {
		t.Errorf("both set: %v, want a fault that names both", err)
	}
}

// checkOf returns what is wrong with the settings of serve, before it opens anything.
func checkOf(t *testing.T, env map[string]string, flags ...string) error {
	t.Helper()
	cmd := (&program{getenv: func(name string) string { return env[name] }, now: testClock}).serve()
	if err := cmd.ParseFlags(flags); err != nil {
		t.Fatal(err)
	}
	return cmd.PreRunE(cmd, nil)
}

// A token that can't be one ends the program, which tells what would be right and nothing of what is there.
func TestFirstTokenRefused(t *testing.T) {
	for text, want := range map[string]string{
		"two words and a secret":            "and = at the end",
		"":                                  "is empty: want a token",
		" \n":                               "is empty: want a token",
		"\ufefffirst-admin-secret":          "byte order mark, as PowerShell writes it: want plain ASCII",
		"\xff\xfes\x00e\x00c\x00r\x00e\x00": "UTF-16",
		"s\x00e\x00c\x00r\x00e\x00t\x00":    "UTF-16",
		strings.Repeat("secret", 43):        "at most 256 characters",
	} {
		file := fileWith(t, text)
		err := checkOf(t, nil, "--admin-token-file", file)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--admin-token-file "+file) || strings.Contains(err.Error(), "secret") {
			t.Errorf("a file with %.30q: %v, want %q", text, err, want)
		}
		if _, usage := errors.AsType[usageError](err); !usage {
			t.Errorf("a file with %.30q: %v is no fault of usage", text, err)
		}
	}
	for _, token := range []string{"a", "+/+/+/+/+/+/+/==", strings.Repeat("a", 256)} {
		if err := errors.Join(checkOf(t, map[string]string{adminVariable: token}), checkOf(t, nil, "--admin-token-file", fileWith(t, token+"\r\n"))); err != nil {
			t.Errorf("the token %.30s: %v, want it taken", token, err)
		}
	}
}

// Who may not read a file is told who that is, and not that something is wrong with what is in it.
func TestUnreadable(t *testing.T) {
	denied := &fs.PathError{Op: "open", Path: "/etc/cyclecal/admin-token", Err: fs.ErrPermission}
	got := unreadable(denied, "want PEM").Error()
	if !strings.Contains(got, "admin-token: permission denied: cyclecal runs as ") || strings.Contains(got, "PEM") {
		t.Errorf("a file that may not be read: %s, want who that is", got)
	}
	if me, err := user.Current(); err == nil && !strings.Contains(got, " runs as "+me.Username+": ") {
		t.Errorf("a file that may not be read: %s, want %s named", got, me.Username)
	}
	if got := unreadable(fs.ErrNotExist, "want PEM").Error(); got != "file does not exist: want PEM" {
		t.Errorf("a file that is not there: %s, want what would be right", got)
	}
}
