package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// Names of what lists the other files of an export.
const (
	manifestName = "manifest.json"
	sumsName     = "SHA256SUMS"
)

// manifest lists the files of an export. Complete is false while they are being written: then it lists the
// files of the export before, too.
type manifest struct {
	Format   string     `json:"format"`
	Complete bool       `json:"complete"`
	AsOf     string     `json:"as_of"`
	BaseURL  string     `json:"base_url"`
	Files    []exported `json:"files"`
}

// exported is a file in a manifest.
type exported struct {
	Path   string `json:"path"`
	Size   int    `json:"size"`
	SHA256 string `json:"sha256"`
}

const manifestFormat = "cyclecal-export"

func sha256Of(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// parseManifest reads a manifest of ours.
func parseManifest(body []byte) (manifest, error) {
	var m manifest
	if err := json.Unmarshal(body, &m); err != nil || m.Format != manifestFormat {
		return m, errors.New("this is no manifest of an export")
	}
	for _, e := range m.Files {
		if !fs.ValidPath(e.Path) || e.Path == "." {
			return m, fmt.Errorf("the manifest lists %q, which is no file in its folder", e.Path)
		}
	}
	if _, err := cycle.ParseDate(m.AsOf); err != nil || m.BaseURL == "" || len(m.Files) == 0 {
		return m, errors.New("the manifest says not of what day the export is, at which address or of which files, so that it is none of ours")
	}
	return m, nil
}

// ringsOf returns the rings whose schedules are among the files.
func ringsOf(files []exported) []string {
	var rings []string
	for _, e := range files {
		name, isRing := strings.CutPrefix(e.Path, "api/v1/schedule.ring-")
		if name, isJSON := strings.CutSuffix(name, ".json"); isRing && isJSON {
			rings = append(rings, name)
		}
	}
	slices.Sort(rings)
	return slices.Compact(rings)
}

// list makes the manifest one of these files.
func (m *manifest) list(files map[string][]byte) {
	m.Format, m.Complete, m.Files = manifestFormat, true, nil
	for _, name := range slices.Sorted(maps.Keys(files)) {
		m.Files = append(m.Files, exported{name, len(files[name]), sha256Of(files[name])})
	}
}

func (m manifest) has(name string) bool {
	return slices.ContainsFunc(m.Files, func(e exported) bool { return e.Path == name })
}

// lists reports whether a file is one of the manifest, with that content.
func (m manifest) lists(name, sum string) bool {
	return slices.ContainsFunc(m.Files, func(e exported) bool { return e.Path == name && e.SHA256 == sum })
}

// bytes returns the manifest as a file has it, with a line for each file.
func (m manifest) bytes() []byte {
	body, _ := json.MarshalIndent(m, "", " ") //nolint:errchkjson // strings and numbers always become JSON
	return append(body, '\n')
}

// sums returns the checksums of the files and of the manifest, as sha256sum -c reads them.
func (m manifest) sums() []byte {
	var b bytes.Buffer
	for _, e := range append(slices.Clone(m.Files), exported{Path: manifestName, SHA256: sha256Of(m.bytes())}) {
		fmt.Fprintf(&b, "%s  %s\n", e.SHA256, e.Path)
	}
	return b.Bytes()
}

// verify tells whether a folder is what its manifest says.
func (x *exporting) verify(ctx context.Context, dir string) error {
	f, err := openFolder(dir, false)
	if err != nil {
		return err
	}
	defer func() { _ = f.close() }() // nothing was written
	if !f.old.Complete {
		return fmt.Errorf("%s is not complete: want the export that was cut short run again", plain(dir))
	}
	var faults []string
	for _, e := range f.old.Files {
		if ctx.Err() != nil {
			return fmt.Errorf("%s was not checked: %w", plain(dir), context.Cause(ctx))
		}
		body, err := f.read(e.Path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			faults = append(faults, plain(e.Path)+" is missing")
		case err != nil:
			faults = append(faults, plain(err.Error()))
		case sha256Of(body) != e.SHA256:
			faults = append(faults, plain(e.Path)+" was changed")
		}
	}
	if faults = slices.Compact(faults); len(faults) > 0 { // a link is one fault of all files behind it
		return fmt.Errorf("%s is not what its manifest says: %s", plain(dir), strings.Join(faults, "; "))
	}
	fmt.Fprintf(x.program.stdout, "%s: %d files as of %s, each as it was made.\n", plain(dir), len(f.old.Files), plain(f.old.AsOf))
	return nil
}
