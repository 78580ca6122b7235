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

// blob adds bytes. Nil and empty ones give different hashes.
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

// toggle adds a hash to a sum of hashes or, as the sum is an XOR, takes it away again.
// A hash that is corrupt may have any length.
func toggle(sum, hash []byte) []byte {
	out := nothing()
	subtle.XORBytes(out, sum, hash)
	return out
}

func (d Document) hash() []byte {
	return newDigest("document").text(d.Kind).text(d.ID).number(d.Version).blob(d.Body).sum()
}

// hash tells whether a batch that came with a known key is the same batch, whenever it came. Where there
// is a Request only that counts, since the writes can differ at each attempt: they have the version that
// was met, and a new secret.
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
