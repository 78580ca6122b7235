package auth_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/auth"
)

func TestParseRole(t *testing.T) {
	for _, tt := range []struct {
		s    string
		want auth.Role
		err  string
	}{
		{"viewer", auth.Viewer, ""},
		{"editor", auth.Editor, ""},
		{"admin", auth.Admin, ""},
		{"public", 0, `invalid role "public": want viewer, editor or admin`}, // no token has it
		{"", 0, `invalid role "": want viewer, editor or admin`},
		{"Admin", 0, `invalid role "Admin": want viewer, editor or admin`},
		{"Role(4)", 0, `invalid role "Role(4)": want viewer, editor or admin`},
	} {
		got, err := auth.ParseRole(tt.s)
		if got != tt.want || errText(err) != tt.err {
			t.Errorf("ParseRole(%q) = %v, %v, want %v, %q", tt.s, got, err, tt.want, tt.err)
		}
	}
}

// The roles are in order, and one that was never set is the least.
func TestRole(t *testing.T) {
	if order := []auth.Role{auth.Public, auth.Viewer, auth.Editor, auth.Admin}; !slices.IsSorted(order) {
		t.Errorf("the roles are %d, want them from the least to the greatest", order)
	}
	var zero auth.Role
	if got := zero.String(); got != "public" {
		t.Errorf("the zero Role is %q, want public", got)
	}
	if got := auth.Role(9).String(); got != "Role(9)" {
		t.Errorf("Role(9).String() = %q, want Role(9)", got)
	}
}

func TestExpired(t *testing.T) {
	now := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		at   time.Time
		want bool
	}{
		{time.Time{}, false},
		{now.Add(1), false},
		{now, true},
		{now.Add(-1), true},
	} {
		if got := (auth.Bearer{ExpiresAt: tt.at}).Expired(now); got != tt.want {
			t.Errorf("Bearer{ExpiresAt: %v}.Expired(%v) = %v, want %v", tt.at, now, got, tt.want)
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// FuzzParseRole holds that a role is read as it is written, and that nobody is the public by a word.
func FuzzParseRole(f *testing.F) {
	for _, s := range []string{"viewer", "editor", "admin", "public", "", "Admin", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if role, err := auth.ParseRole(s); err == nil && (role.String() != s || role == auth.Public) || err != nil && role != auth.Public {
			t.Errorf("ParseRole(%q) = %v, %v", s, role, err)
		}
	})
}
