package importer

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
)

// format is one form of a source, and how it is recognized.
type format struct {
	is   func(data []byte) bool
	read func(r io.Reader, name string) (Document, error)
}

// formats are all formats; the first that fits is taken.
var formats = []format{
	{isObject("items"), ParseTOC},
	{isObject("DocumentTracking", "Vulnerability", "Remediations"), ParseCVRF},
	{has(`(?i)<feed[\s>]`), ParseFeed},
	{has(`(?i)<table[^>]*\sid\s*=\s*["']?HotpatchCalendar`), ParseReleaseInformation},
	{has(`LeftNavArticle`), ParseNavigation},
	{isHTML, ParseReleaseInformation},
	{has(`(?im)^ {0,3}#+ .*hotpatch calendar`), ParseReleaseInformation},
}

func has(pattern string) func([]byte) bool {
	return regexp.MustCompile(pattern).Match
}

// isObject recognizes a JSON object by one of its members. An object that is cut off is recognized too,
// so that its reader says what is wrong with it.
func isObject(members ...string) func([]byte) bool {
	return func(data []byte) bool {
		if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
			return false
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(data, &object); err != nil {
			for _, member := range members {
				if bytes.Contains(data, []byte(`"`+member+`"`)) {
					return true
				}
			}
			return false
		}
		for _, member := range members {
			if object[member] != nil {
				return true
			}
		}
		return false
	}
}
