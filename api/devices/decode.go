package devices

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

var (
	bom8  = []byte("\xEF\xBB\xBF")
	bomLE = []byte("\xFF\xFE")
	bomBE = []byte("\xFE\xFF")
)

// decode returns the list in UTF-8, and whether it began with a byte order mark. It decodes UTF-16, in
// which Excel saves "Unicode text" and Windows PowerShell writes with ">". Text in another encoding, such
// as Windows-1252, stays as it is, since its separators are ASCII too.
//
// charset is what the sender says, or "". A byte order mark wins over it.
func decode(r io.Reader, charset string) (io.Reader, bool, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, false, err
	}
	head = head[:n]
	for _, mark := range [][]byte{bom8, bomLE, bomBE} {
		if rest, ok := bytes.CutPrefix(head, mark); ok {
			whole := io.MultiReader(bytes.NewReader(rest), r)
			if mark[0] == bom8[0] {
				return whole, true, nil
			}
			return utf16(whole, mark[0] == bomBE[0]), true, nil
		}
	}
	whole := io.MultiReader(bytes.NewReader(head), r)
	charset = strings.ToLower(charset)
	switch {
	case charset == "utf-16be" || zeroes(head, 0):
		return utf16(whole, true), false, nil
	case strings.HasPrefix(charset, "utf-16") || zeroes(head, 1):
		return utf16(whole, false), false, nil
	}
	return whole, false, nil
}

// zeroes reports whether the list begins with two ASCII characters in UTF-16, whose zero bytes have that
// index in each pair of bytes.
func zeroes(head []byte, at int) bool {
	return len(head) >= 4 && head[at] == 0 && head[at+2] == 0 && head[1-at] != 0 && head[3-at] != 0
}

func utf16(r io.Reader, bigEndian bool) io.Reader {
	order := unicode.LittleEndian
	if bigEndian {
		order = unicode.BigEndian
	}
	return transform.NewReader(r, unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder())
}
