package main

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

const (
	userID     = 65532   // nobody on any machine; what others call nonroot
	dataFolder = "data/" // belongs to that user

	licenseFolder = "licenses/" // where those who look for licences in images look
)

// The part of the OCI image format, 1.1, that is used here, and Docker's word for health.
type (
	descriptor struct {
		MediaType   string            `json:"mediaType"`
		Digest      string            `json:"digest"`
		Size        int               `json:"size"`
		Platform    *ociPlatform      `json:"platform,omitempty"`
		Annotations map[string]string `json:"annotations,omitempty"`
	}
	ociPlatform struct {
		Architecture string `json:"architecture"`
		OS           string `json:"os"`
	}
	index struct {
		Schema      int               `json:"schemaVersion"`
		MediaType   string            `json:"mediaType"`
		Manifests   []descriptor      `json:"manifests"`
		Annotations map[string]string `json:"annotations,omitempty"`
	}
	manifest struct {
		Schema      int               `json:"schemaVersion"`
		MediaType   string            `json:"mediaType"`
		Config      descriptor        `json:"config"`
		Layers      []descriptor      `json:"layers"`
		Annotations map[string]string `json:"annotations"`
	}
	imageConfig struct {
		Created time.Time `json:"created"`
		ociPlatform
		Config  runConfig `json:"config"`
		RootFS  rootFS    `json:"rootfs"`
		History []history `json:"history"`
	}
	runConfig struct {
		User         string              `json:"User"`
		ExposedPorts map[string]struct{} `json:"ExposedPorts"`
		Env          []string            `json:"Env"`
		Entrypoint   []string            `json:"Entrypoint"`
		Cmd          []string            `json:"Cmd"`
		Volumes      map[string]struct{} `json:"Volumes"`
		WorkingDir   string              `json:"WorkingDir"`
		Labels       map[string]string   `json:"Labels"`
		StopSignal   string              `json:"StopSignal"`
		Healthcheck  healthcheck         `json:"Healthcheck"`
	}
	healthcheck struct {
		Test                           []string
		Interval, Timeout, StartPeriod time.Duration
		Retries                        int
	}
	rootFS struct {
		Type    string   `json:"type"`
		DiffIDs []string `json:"diff_ids"`
	}
	history struct {
		Created   time.Time `json:"created"`
		CreatedBy string    `json:"created_by"`
	}
)

// blobs are the parts of an image, by their digests.
type blobs []file

func (b *blobs) add(mediaType string, body []byte) descriptor {
	digest := sum(body)
	*b = append(*b, file{"blobs/sha256/" + digest, 0o644, body})
	return descriptor{MediaType: mediaType, Digest: "sha256:" + digest, Size: len(body)}
}

func (b *blobs) addJSON(mediaType string, v any) (descriptor, error) {
	body, err := json.Marshal(v)
	return b.add(mediaType, body), err
}

// image is an OCI image for those platforms that are Linux, of the program and the licences for each, as a tar archive
// of its layout: as skopeo, podman and "docker load" of a recent engine read it.
func (b *build) image(contents map[string][]file) ([]file, error) {
	const indexType = "application/vnd.oci.image.index.v1+json"
	var parts blobs
	list := index{Schema: 2, MediaType: indexType, Annotations: b.labels()}
	for _, platform := range platforms() {
		own := contents[platform]
		machine, isLinux := strings.CutPrefix(platform, "linux/")
		if own == nil || !isLinux {
			continue
		}
		d, err := b.imageFor(&parts, machine, own)
		if err != nil {
			return nil, err
		}
		list.Manifests = append(list.Manifests, d)
	}
	if len(list.Manifests) == 0 {
		return nil, nil
	}
	d, err := parts.addJSON(indexType, list)
	if err != nil {
		return nil, err
	}
	d.Annotations = map[string]string{"org.opencontainers.image.ref.name": b.number}
	top, err := json.Marshal(index{Schema: 2, MediaType: indexType, Manifests: []descriptor{d}})
	if err != nil {
		return nil, err
	}
	parts = append(parts, file{"index.json", 0o644, top}, file{"oci-layout", 0o644, []byte(`{"imageLayoutVersion":"1.0.0"}`)})
	body, err := tarred(parts, b.at)
	return []file{{"cyclecal_" + b.number + "_oci.tar", 0o644, body}}, err
}

func (b *build) imageFor(parts *blobs, machine string, own []file) (descriptor, error) {
	layer, err := tarred(rootFiles(own), b.at)
	if err != nil {
		return descriptor{}, err
	}
	compressed, err := zippedStream(layer)
	if err != nil {
		return descriptor{}, err
	}
	config, err := parts.addJSON("application/vnd.oci.image.config.v1+json", imageConfig{
		Created: b.at, ociPlatform: ociPlatform{machine, "linux"}, Config: b.runConfig(),
		RootFS: rootFS{"layers", []string{"sha256:" + sum(layer)}}, History: []history{{b.at, "cyclecal " + b.version}},
	})
	if err != nil {
		return descriptor{}, err
	}
	layers := []descriptor{parts.add("application/vnd.oci.image.layer.v1.tar+gzip", compressed)}
	const manifestType = "application/vnd.oci.image.manifest.v1+json"
	d, err := parts.addJSON(manifestType, manifest{2, manifestType, config, layers, b.labels()})
	d.Platform = &ociPlatform{machine, "linux"}
	return d, err
}

// ours are the files of an image that are of this release: the program, its licence and those of what is in the image.
func (b *build) ours(program []byte, m *made) ([]file, error) {
	license, err := os.ReadFile(filepath.Join(b.clone, "LICENSE"))
	third := thirdParties(m)
	return []file{
		{"cyclecal", 0o755, program},
		{licenseFolder, 0o755, nil},
		{licenseFolder + "LICENSE", 0o644, license},
		{licenseFolder + third.name, third.mode, third.body},
	}, err
}

// roots is the module that the certificates in the image are of: the one in this program, which writes them.
func roots() (module, error) {
	const path = "golang.org/x/crypto/x509roots/fallback"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == path {
				return module{path: path, version: dep.Version, sum: dep.Sum}, nil
			}
		}
	}
	return module{}, fmt.Errorf("%s is not among what this program records of itself: build it with modules", path)
}

// rootFiles are all that is in the image: zones are in the program, and it needs no shell.
func rootFiles(own []file) []file {
	var trusted strings.Builder
	for root := range bundle.Roots() {
		if root.Constraint == nil { // others are trusted for some certificates only, which a file can't say
			trusted.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}))
		}
	}
	return append([]file{
		{"etc/passwd", 0o644, fmt.Appendf(nil, "root:x:0:0:root:/:/sbin/nologin\ncyclecal:x:%d:%[1]d:cyclecal:/data:/sbin/nologin\n", userID)},
		{"etc/group", 0o644, fmt.Appendf(nil, "root:x:0:\ncyclecal:x:%d:\n", userID)},
		{"etc/ssl/certs/ca-certificates.crt", 0o644, []byte(trusted.String())},
		{dataFolder, 0o700, nil},
		{"etc/", 0o755, nil},
		{"etc/ssl/", 0o755, nil},
		{"etc/ssl/certs/", 0o755, nil},
		{"tmp/", 0o1777, nil},
	}, own...)
}

func (b *build) runConfig() runConfig {
	return runConfig{
		User: fmt.Sprintf("%d:%[1]d", userID), WorkingDir: "/data", StopSignal: "SIGTERM", Labels: b.labels(),
		Entrypoint: []string{"/cyclecal"}, Cmd: []string{"serve"},
		Env:          []string{"PATH=/", "CYCLECAL_LISTEN=:8080", "CYCLECAL_DATA_DIR=/data"},
		ExposedPorts: map[string]struct{}{"8080/tcp": {}}, Volumes: map[string]struct{}{"/data": {}},
		Healthcheck: healthcheck{[]string{"CMD", "/cyclecal", "healthcheck"}, 30 * time.Second, 5 * time.Second, 30 * time.Second, 3},
	}
}

func (b *build) labels() map[string]string {
	const prefix = "org.opencontainers.image."
	return map[string]string{
		prefix + "title": "Cyclecal", prefix + "description": "Which Windows update restarts our machines, and when?",
		prefix + "licenses": "Apache-2.0", prefix + "source": "https://github.com/cyclecal/cyclecal",
		prefix + "version": b.number, prefix + "revision": b.commit, prefix + "created": b.at.Format(time.RFC3339),
	}
}
