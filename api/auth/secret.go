package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"iter"
)

// NewSecret returns 256 random bits as 43 characters of base64url, without padding:
// they need no escaping in a header or in a segment of a path.
func NewSecret() string {
	var bits [32]byte
	_, _ = rand.Read(bits[:]) // crypto/rand: it never returns an error
	return base64.RawURLEncoding.EncodeToString(bits[:])
}

// Hash returns what is kept of a secret: its SHA-256 as 64 hexadecimal digits in
// lower case. 256 random bits can't be guessed, and so need no salt and no slow hash;
// a password that a person chose would.
func Hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Keys are the secrets, of tokens or of feeds, that are valid at one revision, and
// what each of them stands for. They are immutable, and so may be shared between
// goroutines. The zero Keys have no secret.
type Keys[T any] struct {
	buckets map[prefix][]entry[T]
	size    int
}

// prefix is the part of a hash that chooses its bucket.
type prefix [2]byte

type entry[T any] struct {
	sum   [sha256.Size]byte
	value T
}

// NewKeys returns keys for the secrets with these hashes, as [Hash] returns them.
// What is no such hash belongs to no secret, and is left out.
func NewKeys[T any](byHash map[string]T) Keys[T] {
	k := Keys[T]{buckets: make(map[prefix][]entry[T], len(byHash))}
	for hash, value := range byHash {
		sum, ok := parseHash(hash)
		if !ok {
			continue
		}
		p := prefix(sum[:])
		k.buckets[p] = append(k.buckets[p], entry[T]{sum, value})
		k.size++
	}
	return k
}

// parseHash reads what Hash wrote. Upper case is refused, so that no hash has two spellings.
func parseHash(s string) (sum [sha256.Size]byte, ok bool) {
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != len(sum) || hex.EncodeToString(raw) != s {
		return sum, false
	}
	return [sha256.Size]byte(raw), true
}

// Find returns what a secret stands for, and false for a secret that is not valid.
//
// The time it takes tells nothing about the valid secrets. It depends only on how many of them
// have a hash with the same first two bytes as the hash of what was presented: with all of
// these the whole hash is compared in constant time, whether or not one has matched. Such
// times don't lead to a secret by steps, since a guess that is nearer to a secret has no hash
// that is nearer to the secret's.
func (k Keys[T]) Find(secret string) (T, bool) {
	sum := sha256.Sum256(append(make([]byte, 0, 64), secret...)) // ours fit, and stay on the stack
	bucket := k.buckets[prefix(sum[:])]
	found := -1
	for i := range bucket {
		same := subtle.ConstantTimeCompare(bucket[i].sum[:], sum[:])
		found = subtle.ConstantTimeSelect(same, i, found)
	}
	if found < 0 {
		var none T
		return none, false
	}
	return bucket[found].value, true
}

// All returns each secret's hash, as [Hash] returns it, with what the secret stands for, in no order.
func (k Keys[T]) All() iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for _, bucket := range k.buckets {
			for _, e := range bucket {
				if !yield(hex.EncodeToString(e.sum[:]), e.value) {
					return
				}
			}
		}
	}
}

// Len returns how many secrets are valid.
func (k Keys[T]) Len() int { return k.size }
