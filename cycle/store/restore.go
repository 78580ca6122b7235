package store

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cyclecal/cyclecal/cycle"
)

// Restore checks a copy, and then puts it in place of everything.
func (e *engine) Restore(ctx context.Context, r io.Reader) error {
	// The copy is read twice and may be larger than memory.
	spool, err := os.CreateTemp("", "cyclecal-restore-*")
	if err != nil {
		return unavailable(err)
	}
	defer func() {
		spool.Close()
		_ = os.Remove(spool.Name()) // otherwise the system clears its folder of temporary files
	}()
	header, _, err := checkCopy(io.TeeReader(r, spool))
	if err != nil {
		return err
	}
	return e.retrying(ctx, func() error {
		if _, err := spool.Seek(0, io.SeekStart); err != nil {
			return err
		}
		return e.writing(ctx, func(tx *sql.Tx) error { return e.restore(ctx, tx, header, spool) })
	})
}

func (e *engine) restore(ctx context.Context, tx *sql.Tx, header copyHeader, r io.Reader) error {
	old, err := e.replaced(ctx, tx)
	if err != nil {
		return err
	}
	for _, table := range []string{"documents", "changes", "keys"} {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+table); err != nil {
			return err
		}
	}
	m := meta{head: nothing(), state: nothing()}
	_, err = readCopy(r, func(_ copyHeader, r record) error {
		before, err := readDocument(ctx, tx, r.Kind, r.ID)
		if err != nil {
			return err
		}
		if err := r.insert(ctx, tx); err != nil {
			return err
		}
		m, err = m.put(ctx, tx, before, r)
		return err
	})
	if err != nil {
		return err
	}
	m.revision, m.floor = header.Revision, header.Floor
	if old > 0 {
		m.revision = max(old, header.Revision) + 1
		m.floor = m.revision
	}
	if err := writeMeta(ctx, tx, m); err != nil {
		return err
	}
	return e.dialect.announce(ctx, tx)
}

// replaced locks the revision row and returns the revision that is to be replaced.
func (e *engine) replaced(ctx context.Context, tx *sql.Tx) (int64, error) {
	old, err := e.advance(ctx, tx)
	if err == nil {
		return old.revision - 1, nil
	}
	// A corrupt store is what copies are for: where the row can't be trusted, the log tells the revision.
	if _, ok := errors.AsType[*CorruptError](err); !ok {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, `SELECT coalesce(max(revision), 0) FROM changes`).Scan(&old.revision)
	return old.revision, err
}

// Contents is what a copy holds.
type Contents struct {
	Revision  int64
	Documents map[string]int // how many there are, by kind
}

// CheckCopy reads a copy to its end and returns what it holds, or the error by which [Store.Restore] would refuse it.
func CheckCopy(r io.Reader) (Contents, error) {
	header, documents, err := checkCopy(r)
	c := Contents{header.Revision, map[string]int{}}
	for n := range documents {
		c.Documents[n.kind]++
	}
	return c, err
}

// checkCopy reads a copy to its end, and refuses one that is not as it was written.
// It returns the hashes of its documents.
func checkCopy(r io.Reader) (copyHeader, map[documentName][]byte, error) {
	last, state := nothing(), nothing()
	documents := map[documentName][]byte{}
	header, err := readCopy(r, func(header copyHeader, r record) error {
		if r.follows(last) != nil || r.Revision > header.Revision {
			return badCopy(fmt.Sprintf("%s %s, revision %d", r.Kind, r.ID, r.Revision), "the change that was written after the one before it")
		}
		d := Document{r.Kind, r.ID, r.Revision, r.After}
		name := d.name()
		if hash, ok := documents[name]; ok {
			state = toggle(state, hash)
			delete(documents, name)
		}
		if r.After != nil {
			documents[name] = d.hash()
			state = toggle(state, documents[name])
		}
		last = r.hash
		return nil
	})
	if err != nil {
		return copyHeader{}, nil, err
	}
	if !bytes.Equal(last, header.Head) || !bytes.Equal(state, header.State) {
		return copyHeader{}, nil, badCopy("end", "the newest change and the documents of the header")
	}
	return header, documents, nil
}

func badCopy(where, want string) error {
	return &cycle.InvalidError{What: "backup", Value: where, Want: want}
}

// readCopy calls f with each change of a copy.
func readCopy(r io.Reader, f func(copyHeader, record) error) (copyHeader, error) {
	lines := &copyReader{in: bufio.NewReader(r)}
	header, err := lines.header()
	if err != nil {
		return copyHeader{}, err
	}
	hash := sha256.New()
	hash.Write(lines.text)
	for changes := int64(0); ; changes++ {
		if err := lines.next(); err != nil {
			return copyHeader{}, err
		}
		var end copyEnd
		if strict(lines.text, &end) == nil {
			// Compared as it is written, since JSON can say the same in many ways.
			if want, err := line(copyEnd{changes, hash.Sum(nil)}); err != nil || !bytes.Equal(lines.text, want) {
				return copyHeader{}, lines.bad("the checksum of what is before it")
			}
			return header, lines.end()
		}
		hash.Write(lines.text)
		var c copyChange
		if err := strict(lines.text, &c); err != nil {
			return copyHeader{}, lines.bad("a change, or the end")
		}
		if err := f(header, c.record()); err != nil {
			return copyHeader{}, err
		}
	}
}

// strict decodes JSON and refuses unknown fields, by which a change and an end are told apart.
func strict(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// copyReader reads the lines of a copy and counts them.
type copyReader struct {
	in     *bufio.Reader
	number int
	text   []byte
}

// mostLine bounds a line of a copy in bytes: a change has a document before and after it, of 1 MiB each in JSON.
const mostLine = 16 << 20

func (c *copyReader) next() error {
	c.number++
	c.text = nil
	for {
		part, err := c.in.ReadSlice('\n')
		c.text = append(c.text, part...)
		switch {
		case len(c.text) > mostLine:
			return c.bad("lines of at most 16 MiB")
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return c.bad("a whole line: the copy is cut short")
		default:
			return err
		}
	}
}

func (c *copyReader) header() (copyHeader, error) {
	var h copyHeader
	if err := c.next(); err != nil {
		return h, err
	}
	if err := json.Unmarshal(c.text, &h); err != nil || h.Format != copyFormat {
		return h, c.bad("a header with the format " + copyFormat)
	}
	if h.Version < 1 {
		return h, c.bad("a format version")
	}
	if h.Version > copyVersion {
		return h, fmt.Errorf("backup format %d, this program knows %d: %w", h.Version, copyVersion, ErrNewer)
	}
	return h, nil
}

func (c *copyReader) end() error {
	if _, err := c.in.ReadByte(); !errors.Is(err, io.EOF) {
		return c.bad("nothing after the end")
	}
	return nil
}

func (c *copyReader) bad(want string) error {
	return badCopy(fmt.Sprintf("line %d", c.number), want)
}
