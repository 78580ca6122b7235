package store

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"hash"
)

// digest is SHA-256 over values, each with its length before it, so that no two
// lists of values give the same bytes.
type digest struct{ h hash.Hash }

func newDigest(what string) digest {
	return digest{sha256.New()}.text(what)
}

// blob tells nil from empty.
func (d digest) blob(b []byte) digest {
	if b == nil {
		return d.number(-1)
	}
	d.number(int64(len(b)))
	d.h.Write(b)
	return d
}

func (d digest) text(s string) digest { return d.blob([]byte(s)) }

func (d digest) number(n int64) digest {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	d.h.Write(b[:])
	return d
}

func (d digest) sum() []byte { return d.h.Sum(nil) }

// nothing is the hash before the first change, and the sum of no documents.
func nothing() []byte { return make([]byte, sha256.Size) }

// toggle adds a hash to a sum of hashes, or takes it away again.
// Hashes that are corrupt may have any length.
func toggle(sum, hash []byte) []byte {
	out := nothing()
	subtle.XORBytes(out, sum, hash)
	return out
}

func (d Document) hash() []byte {
	return newDigest("document").text(d.Kind).text(d.ID).number(d.Version).blob(d.Body).sum()
}

// hash is what says that a batch is the same as one before: who and when may not be. What
// follows from a request can differ at each attempt: the version it meets, a secret that is new.
func (b Batch) hash() []byte {
	if b.Request != "" {
		return newDigest("request").text(b.Request).sum()
	}
	d := newDigest("writes").number(int64(len(b.Writes)))
	for _, w := range b.Writes {
		d.text(w.Kind).text(w.ID).number(w.Match).blob(w.Body)
	}
	return d.sum()
}
