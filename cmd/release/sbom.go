package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
)

// The part of CycloneDX 1.6 that is used here.
type (
	bom struct {
		Schema       string       `json:"$schema"`
		Format       string       `json:"bomFormat"`
		Spec         string       `json:"specVersion"`
		Serial       string       `json:"serialNumber"`
		Version      int          `json:"version"`
		Metadata     bomMetadata  `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	bomMetadata struct {
		Timestamp string    `json:"timestamp"`
		Component component `json:"component"`
	}
	component struct {
		Ref      string    `json:"bom-ref"`
		Type     string    `json:"type"`
		Name     string    `json:"name"`
		Version  string    `json:"version"`
		PURL     string    `json:"purl"`
		Hashes   []bomHash `json:"hashes,omitempty"`
		Licenses []choice  `json:"licenses"`
	}
	bomHash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	choice struct {
		License licenseID `json:"license"`
	}
	licenseID struct {
		ID string `json:"id"`
	}
	dependency struct {
		Ref string   `json:"ref"`
		On  []string `json:"dependsOn"`
	}
)

// sbom lists what a program is made of, by what the go command recorded in it.
func (b *build) sbom(platform string, m *made) (file, error) {
	system, machine, _ := strings.Cut(platform, "/")
	main := "pkg:golang/github.com/cyclecal/cyclecal@" + b.version + "?goos=" + system + "&goarch=" + machine
	return b.list(b.base(platform), platform, component{Ref: main, Type: "application"}, m)
}

// imageSBOM lists what an image is made of: the program, and the certificates.
func (b *build) imageSBOM(platform string, m *made) (file, error) {
	main := "pkg:generic/cyclecal-image@" + b.version + "?arch=" + strings.TrimPrefix(platform, "linux/")
	return b.list(b.base("oci/"+platform), "image "+platform, component{Ref: main, Type: "container"}, m)
}

// list writes the list of a component, of which there is one for each id.
func (b *build) list(base, id string, c component, m *made) (file, error) {
	main := c.Ref
	c.Name, c.Version, c.PURL, c.Licenses = "cyclecal", b.version, main, []choice{{licenseID{"Apache-2.0"}}}
	list := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1,
		Serial:   "urn:uuid:" + uuidOf(b.commit+" "+b.version+" "+id),
		Metadata: bomMetadata{b.at.Format(time.RFC3339), c}, Components: []component{}, Dependencies: []dependency{{main, []string{}}},
	}
	for _, mod := range m.modules {
		ref := "pkg:golang/" + mod.path + "@" + mod.version
		c := component{Ref: ref, Type: "library", Name: mod.path, Version: mod.version, PURL: ref}
		for _, id := range mod.ids {
			c.Licenses = append(c.Licenses, choice{licenseID{id}})
		}
		if h1, ok := strings.CutPrefix(mod.sum, "h1:"); ok {
			raw, err := base64.StdEncoding.DecodeString(h1)
			if err != nil {
				return file{}, err
			}
			c.Hashes = []bomHash{{"SHA-256", hex.EncodeToString(raw)}}
		}
		list.Components = append(list.Components, c)
		list.Dependencies[0].On = append(list.Dependencies[0].On, ref)
	}
	body, err := json.MarshalIndent(list, "", "  ")
	return file{base + ".cdx.json", 0o644, append(body, '\n')}, err
}

// uuidOf is a UUID of version 8 that says nothing but that text: a random one would differ each time.
func uuidOf(text string) string {
	s := []byte(sum([]byte(text))[:32])
	s[12], s[16] = '8', 'a'
	return string(s[:8]) + "-" + string(s[8:12]) + "-" + string(s[12:16]) + "-" + string(s[16:20]) + "-" + string(s[20:])
}
