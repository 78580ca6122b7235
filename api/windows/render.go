package windows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// Format is a tool in whose words windows can be written.
type Format int

// The formats; the zero one is none.
const (
	Azure Format = iota + 1
	ConfigMgr
	AWS
	Alertmanager
	RRule
	Cron
)

// Names returns the names of the formats, in their order.
func Names() []string {
	return []string{"azure", "configmgr", "aws", "alertmanager", "rrule", "cron"}
}

// String returns the format's name.
func (f Format) String() string {
	if f < Azure || f > Cron {
		return ""
	}
	return Names()[f-Azure]
}

// ParseFormat reads a format's name.
// It returns a [*cycle.InvalidError] for anything else.
func ParseFormat(s string) (Format, error) {
	for f := Azure; f <= Cron; f++ {
		if f.String() == s {
			return f, nil
		}
	}
	return 0, &cycle.InvalidError{What: "format", Value: s, Want: strings.Join(Names(), ", ") + ", or none for rows"}
}

// Media types of what is written.
const (
	mediaJSON = "application/json"
	mediaText = "text/plain; charset=utf-8"
	mediaYAML = "application/yaml" // RFC 9512
)

// Medias are the media types of all formats.
func Medias() []string { return []string{mediaJSON, mediaText, mediaYAML} }

// Media returns the media type of what is written in the format.
func (f Format) Media() string {
	switch f {
	case Azure, AWS:
		return mediaJSON
	case Alertmanager:
		return mediaYAML
	}
	return mediaText
}

// Render writes the windows of calendars for a tool: as the media type of [Format.Media].
func Render(f Format, list []Calendar) ([]byte, error) {
	var p printer
	switch f {
	case Azure:
		return writeJSON(each(list, azure))
	case ConfigMgr:
		p.configMgr(list)
	case AWS:
		return writeJSON(each(list, aws))
	case Alertmanager:
		p.alertmanager(list)
	case RRule:
		p.rrule(list)
	case Cron:
		p.cron(list)
	}
	return p.Bytes(), nil
}

func each[T any](list []Calendar, write func(Calendar) T) []T {
	written := make([]T, len(list))
	for i, c := range list {
		written[i] = write(c)
	}
	return written
}

// writeJSON writes indented JSON, of which people read and copy parts.
func writeJSON(configurations any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(map[string]any{"configurations": configurations})
	return b.Bytes(), err
}

// printer writes the lines of a script.
type printer struct{ bytes.Buffer }

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// comments writes each as one line: a second line would be a command.
func (p *printer) comments(indent string, texts ...string) {
	for _, text := range texts {
		p.line("%s# %s", indent, strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
				return ' '
			}
			return r
		}, text))
	}
}

// head begins the part of one calendar.
func (p *printer) head(indent string, c Calendar) {
	p.comments(indent, c.title()+".")
	switch {
	case len(c.Windows) == 0:
		p.comments(indent, "No window is known in these months.")
	case len(c.open()) == 0:
		p.comments(indent, "Freezes forbid all windows of these months.")
	}
	p.comments(indent, c.lost()...)
}

// named returns a name of at most so many bytes. A longer one is cut and ends with its checksum, by which it
// stays unique.
func named(name string, most int) string {
	if len(name) <= most {
		return name
	}
	sum := fmt.Sprintf("-%08x", crc32.ChecksumIEEE([]byte(name)))
	return name[:most-len(sum)] + sum
}
