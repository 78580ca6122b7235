package importer

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// ParseTOC reads a table of contents in JSON: that of an update history, which has
// the cumulative updates of each version, or that of the hotpatch release notes.
// Its error is as that of [Parse].
func ParseTOC(r io.Reader, name string) (Document, error) { return read(r, name, readTOC) }

// tocItem is a node of the table.
type tocItem struct {
	Title    string    `json:"toc_title"`
	Href     string    `json:"href"`
	Children []tocItem `json:"children"`
}

// mostDepth is how deep products may be nested.
const mostDepth = 8

// historyBase is what links are relative to in an update history whose address is not known.
const historyBase = "https://support.microsoft.com/en-us/servicing/os/windows-11/"

func readTOC(data []byte, name string) (Document, error) {
	b := newBuilder(name, UpdateHistory)
	var toc struct{ Items []tocItem }
	if err := json.Unmarshal(data, &toc); err != nil {
		b.refuse("document", "%v", err)
		return b.finish()
	}
	t := tocReader{b: b, base: historyBase}
	if base, ok := strings.CutSuffix(name, "toc.json"); ok && readAddress(base, "toc.json") == name {
		t.base = base
	}
	for i, item := range toc.Items {
		t.item(fmt.Sprintf("items[%d]", i), item, 0)
	}
	if t.hotpatch {
		b.doc.Origin, b.doc.Page = ReleaseNotes, pages[ReleaseNotes]
	}
	return b.finish()
}

type tocReader struct {
	b        *builder
	base     string
	hotpatch bool // whether any list was one of hotpatch release notes
}

// item reads a node whose children are articles, or further nodes.
func (t *tocReader) item(place string, item tocItem, depth int) {
	if depth > mostDepth {
		t.b.refuse(place, "more than %d levels", mostDepth)
		return
	}
	if len(item.Children) == 0 {
		if r, release, err := readTitle(item.Title, false); err == nil && release {
			t.b.report(place, "%q below no product", r.text)
		}
		return
	}
	l := list{b: t.b, base: t.base, hotpatch: isHotpatchList(item)}
	if l.hotpatch {
		t.hotpatch = true
		l.base = hotpatchBase
	}
	started := false
	for i, child := range item.Children {
		place := fmt.Sprintf("%s.children[%d]", place, i)
		if len(child.Children) > 0 {
			t.item(place, child, depth+1)
			continue
		}
		if !started {
			l.category(item.Title, place+": ")
			started = true
		}
		l.article(place, child.Title, child.Href)
	}
}

// isHotpatchList reports whether a list is one of hotpatch release notes, and not an update history.
func isHotpatchList(item tocItem) bool {
	if hotpatchWord.MatchString(item.Title) {
		return true
	}
	for _, child := range item.Children {
		if len(child.Children) == 0 && (hotpatchWord.MatchString(child.Title) || baselineWord.MatchString(child.Title)) {
			return true
		}
	}
	return false
}
