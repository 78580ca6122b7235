package importer

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
)

// format is a form in which a source can be.
type format struct {
	is   func(data []byte) bool
	read func(r io.Reader, name string) (Document, error)
}

// formats are all there are, those that are easier to tell first.
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

// isObject tells a JSON object by one of its members. One that is cut off is one too:
// its reader then says what is wrong.
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
