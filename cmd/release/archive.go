package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// archive is what people unpack: the program, and what goes with it.
func (b *build) archive(ctx context.Context, platform, program string, m *made) (file, error) {
	folder := b.base(platform)
	files, err := b.packed(ctx, platform, program)
	if err != nil {
		return file{}, err
	}
	files = append(files, thirdParties(m))
	if strings.HasPrefix(platform, "windows/") {
		body, err := zipped(files, b.at) // without a folder: winget looks for the program at the top
		return file{folder + ".zip", 0o644, body}, err
	}
	for i := range files {
		files[i].name = folder + "/" + files[i].name
	}
	body, err := tarred(files, b.at)
	if err != nil {
		return file{}, err
	}
	body, err = zippedStream(body)
	return file{folder + ".tar.gz", 0o644, body}, err
}

// packed returns the program, its licence, its documentation, its completions and, for Linux, what deploys it.
func (b *build) packed(ctx context.Context, platform, program string) ([]file, error) {
	files, err := b.reading()
	if err != nil {
		return nil, err
	}
	names := []string{"LICENSE"}
	if strings.HasPrefix(platform, "linux/") {
		names = append(names, "cmd/cyclecal/deploy/cyclecal.service", "cmd/cyclecal/deploy/kubernetes.yaml")
	}
	for _, name := range names {
		body, err := os.ReadFile(filepath.Join(b.clone, name))
		if err != nil {
			return nil, err
		}
		files = append(files, file{filepath.Base(name), 0o644, body})
	}
	body, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	scripts, err := b.completions(ctx)
	return append(append(files, file{filepath.Base(program), 0o755, body}), scripts...), err
}

// base is what the files of a platform are named after.
func (b *build) base(platform string) string {
	return "cyclecal_" + b.number + "_" + strings.ReplaceAll(platform, "/", "_")
}

// completions are what the program prints for each shell. They are the same for all platforms.
func (b *build) completions(ctx context.Context) ([]file, error) {
	program, err := b.program(ctx, host()) // at once, where it is there already
	if err != nil {
		return nil, err
	}
	var files []file
	for _, c := range []struct{ shell, name string }{
		{"bash", "cyclecal.bash"}, {"zsh", "_cyclecal"}, {"fish", "cyclecal.fish"}, {"powershell", "cyclecal.ps1"},
	} {
		out, err := output(ctx, b.clone, os.Environ(), program, "completion", c.shell)
		if err != nil {
			return nil, err
		}
		files = append(files, file{"completions/" + c.name, 0o644, []byte(out + "\n")})
	}
	return files, nil
}

func sorted(files []file) []file {
	return slices.SortedFunc(slices.Values(files), func(f, g file) int { return strings.Compare(f.name, g.name) })
}

// tarred is a tar archive: of nobody, in the order of names. A name that ends in / is a folder.
func tarred(files []file, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range sorted(files) {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: f.mode, Size: int64(len(f.body)), ModTime: at, Format: tar.FormatPAX}
		if strings.HasSuffix(f.name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if strings.HasPrefix(f.name, dataFolder) {
			h.Uid, h.Gid = userID, userID
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.body); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

func zippedStream(body []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

func zipped(files []file, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range sorted(files) {
		to, err := w.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: at})
		if err != nil {
			return nil, err
		}
		if _, err := to.Write(f.body); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

func sum(body []byte) string {
	s := sha256.Sum256(body)
	return hex.EncodeToString(s[:])
}

// checksums are as sha256sum --check reads them.
func checksums(all []file) file {
	var b strings.Builder
	for _, f := range sorted(all) {
		fmt.Fprintf(&b, "%s  %s\n", sum(f.body), f.name)
	}
	return file{"SHA256SUMS", 0o644, []byte(b.String())}
}
