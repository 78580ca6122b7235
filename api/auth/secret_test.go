package auth_test

import (
	"encoding/binary"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/api/auth"
)

func TestNewSecret(t *testing.T) {
	form := regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	seen := map[string]bool{}
	for range 1000 {
		s := auth.NewSecret()
		if !form.MatchString(s) || seen[s] {
			t.Fatalf("NewSecret() = %q, want 43 characters of base64url that were not there before", s)
		}
		seen[s] = true
	}
}

// The hash is SHA-256, as the standard gives it.
func TestHash(t *testing.T) {
	// FIPS 180-2, B.1.
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got := auth.Hash("abc"); got != want {
		t.Errorf("Hash(abc) = %s, want %s", got, want)
	}
}

// Of many keys the right one is found, and none for another secret.
func TestFind(t *testing.T) {
	byHash := map[string]int{}
	var secrets []string
	for i := range 500 {
		secrets = append(secrets, auth.NewSecret())
		byHash[auth.Hash(secrets[i])] = i
	}
	keys := auth.NewKeys(byHash)
	if keys.Len() != len(secrets) {
		t.Errorf("Len() = %d, want %d", keys.Len(), len(secrets))
	}
	for i, s := range secrets {
		if got, ok := keys.Find(s); got != i || !ok {
			t.Errorf("Find(secret %d) = %d, %v, want %d, true", i, got, ok, i)
		}
		for _, other := range []string{auth.NewSecret(), auth.Hash(s), s + "=", s[1:], strings.ToUpper(s), ""} {
			if got, ok := keys.Find(other); got != 0 || ok {
				t.Errorf("Find(%q) = %d, %v, want 0, false", other, got, ok)
			}
		}
	}
}

// TestFindInBucket has secrets whose hashes begin with the same two bytes.
func TestFindInBucket(t *testing.T) {
	byPrefix := map[string][]string{}
	var same []string
	for i := 0; len(same) < 4; i++ {
		s := strconv.Itoa(i)
		p := auth.Hash(s)[:4]
		byPrefix[p] = append(byPrefix[p], s)
		same = byPrefix[p]
	}
	known, unknown := same[:3], same[3]
	byHash := map[string]string{}
	for _, s := range known {
		byHash[auth.Hash(s)] = s
	}
	keys := auth.NewKeys(byHash)
	for _, s := range known {
		if got, ok := keys.Find(s); got != s || !ok {
			t.Errorf("Find(%q) = %q, %v, want %q, true", s, got, ok, s)
		}
	}
	if got, ok := keys.Find(unknown); got != "" || ok {
		t.Errorf("Find(%q) = %q, %v, want none: only its hash's first bytes are known", unknown, got, ok)
	}
}

func TestNewKeysLeavesOut(t *testing.T) {
	hash := auth.Hash("abc")
	for _, bad := range []string{"", "abc", hash[:62], hash + "00", hash[:63] + "g", strings.ToUpper(hash)} {
		keys := auth.NewKeys(map[string]bool{bad: true})
		if _, ok := keys.Find("abc"); ok || keys.Len() != 0 {
			t.Errorf("NewKeys of hash %q has %d keys, finds: %v; want none", bad, keys.Len(), ok)
		}
	}
}

func TestZeroKeys(t *testing.T) {
	var keys auth.Keys[auth.Bearer]
	if got, ok := keys.Find("abc"); ok || got != (auth.Bearer{}) || keys.Len() != 0 {
		t.Errorf("the zero Keys have %v, %v of %d, want none", got, ok, keys.Len())
	}
}

func TestFindAllocates(t *testing.T) {
	secret := auth.NewSecret()
	keys := auth.NewKeys(map[string]auth.Bearer{auth.Hash(secret): {ID: "a", Role: auth.Admin}})
	if n := testing.AllocsPerRun(100, func() { keys.Find(secret) }); n > 0 {
		t.Errorf("Find allocates %v times, want 0", n)
	}
}

func BenchmarkFind(b *testing.B) {
	byHash := map[string]int{}
	for i := range 10_000 {
		byHash[auth.Hash(string(binary.BigEndian.AppendUint64(nil, uint64(i))))] = i
	}
	keys := auth.NewKeys(byHash)
	secret := auth.NewSecret()
	b.ReportAllocs()
	for b.Loop() {
		keys.Find(secret)
	}
}
