package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// build makes programs of one commit, in a clone of its own.
type build struct {
	version string // v1.2.3
	number  string // 1.2.3
	commit  string
	at      time.Time // of the commit: all files have it
	root    string    // the repository
	clone   string
	cache   string
}

// newBuildIn clones the commit that is checked out in a folder. The caller removes the clone.
func newBuildIn(ctx context.Context, dir, version, cache string) (*build, error) {
	b := &build{version: version, number: strings.TrimPrefix(version, "v"), cache: cache}
	var err error
	if b.root, err = b.git(ctx, dir, "rev-parse", "--show-toplevel"); err != nil {
		return nil, err
	}
	about, err := b.git(ctx, b.root, "show", "-s", "--format=%H %ct", "HEAD")
	if err != nil {
		return nil, err
	}
	commit, seconds, _ := strings.Cut(about, " ")
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return nil, err
	}
	b.commit, b.at = commit, time.Unix(unix, 0).UTC()
	if tagged, err := b.git(ctx, b.root, "rev-parse", "-q", "--verify", "refs/tags/"+version+"^{commit}"); err == nil && tagged != commit {
		return nil, fmt.Errorf("the tag %s is another commit, %s: check that out, or choose another version", version, tagged)
	}
	if b.clone, err = os.MkdirTemp("", "cyclecal-release"); err != nil {
		return nil, err
	}
	for _, args := range [][]string{
		{"clone", "-q", "--shared", "--no-checkout", b.root, b.clone},
		{"-C", b.clone, "checkout", "-q", "--detach", commit},
		{"-C", b.clone, "tag", "-f", version},
	} {
		if _, err := b.git(ctx, b.root, args...); err != nil {
			b.remove()
			return nil, err
		}
	}
	return b, nil
}

func (b *build) remove() { _ = os.RemoveAll(b.clone) }

// git runs git, with its defaults for the settings that would change a file, a tag or the output.
func (b *build) git(ctx context.Context, dir string, args ...string) (string, error) {
	usual := []string{"-c", "core.autocrlf=false", "-c", "tag.gpgSign=false", "-c", "log.showSignature=false"}
	return output(ctx, dir, os.Environ(), "git", append(usual, args...)...)
}

// output runs a program and returns what it prints, without the last newline.
func output(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, &stderr)
	}
	return strings.TrimRight(string(out), "\n"), nil
}

// environment is the environment of the go command, in which settings of the machine can't change a byte. Some variables
// have a value where the default would do, since an empty one would give way to "go env -w".
func (b *build) environment(platform string) []string {
	system, machine, _ := strings.Cut(platform, "/")
	env := append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+machine, "GOAMD64=v1", "GOARM64=v8.0",
		"GOFLAGS=-mod=readonly", "GOEXPERIMENT=", "GOWORK=off", "GOFIPS140=off")
	if b.cache != "" {
		env = append(env, "GOCACHE="+b.cache)
	}
	return env
}

// program builds for a platform, and returns the path.
func (b *build) program(ctx context.Context, platform string) (string, error) {
	path := filepath.Join(b.clone, ".git", strings.ReplaceAll(platform, "/", "-"), "cyclecal") // where git does not see it
	if strings.HasPrefix(platform, "windows/") {
		path += ".exe"
	}
	_, err := output(ctx, b.clone, b.environment(platform), "go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w", "-o", path, "./cmd/cyclecal")
	return path, err
}

// made is what a program says that it is made of.
type made struct {
	version, goVersion string
	modules            []module
}

// module is one that is in a program, with its licences.
type module struct {
	path, version, sum string
	ids                []string
	texts              []file
}

func readProgram(path string) (*made, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m := &made{version: info.Main.Version, goVersion: info.GoVersion}
	for _, dep := range info.Deps {
		if dep.Replace != nil {
			return nil, fmt.Errorf("%s is replaced: want a release of what is published", dep.Path)
		}
		m.modules = append(m.modules, module{path: dep.Path, version: dep.Version, sum: dep.Sum})
	}
	return m, nil
}
