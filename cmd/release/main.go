// Release makes the files of a version from the commit that is checked out: an archive for each platform, with
// licences and completions; a list of what each program is made of (CycloneDX); an OCI image for linux/amd64 and
// linux/arm64; manifests for winget; what has changed since the version before; and the checksums of all these.
//
// The same commit, version and Go make the same bytes, on every machine and in every folder. Release publishes
// nothing, and changes nothing outside of the folder DIR. It builds in a clone, where it sets the tag that the go
// command records in the program as its version.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// platforms are those for which there is an archive.
func platforms() []string {
	return []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	w, err := parse(args, stdout, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	made, err := makeAll(ctx, w.version, w.platforms, "")
	if err != nil {
		return err
	}
	if w.twice {
		if err := compareSecond(ctx, w.version, w.platforms, made); err != nil {
			return err
		}
	}
	return write(w.dir, made, stdout)
}

// wish is what the command line asks for.
type wish struct {
	version, dir string
	platforms    []string
	twice        bool // made a second time, and compared
}

// parse reads the command line. It returns [flag.ErrHelp] where help was asked for, and printed.
func parse(args []string, stdout, stderr io.Writer) (wish, error) {
	w := wish{dir: "dist"}
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	only := flags.String("platforms", strings.Join(platforms(), ","), "`PLATFORMS`, joined by commas")
	flags.BoolVar(&w.twice, "twice", false, "make all of it a second time, in another folder and with nothing compiled before, and compare")
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: release [--platforms PLATFORMS] [--twice] VERSION [DIR]\nVERSION is as v1.2.3; DIR is dist by default")
		flags.PrintDefaults()
	}
	if len(args) == 1 && (args[0] == "--help" || args[0] == "-h" || args[0] == "-help") {
		flags.SetOutput(stdout)
	}
	if err := flags.Parse(args); err != nil {
		return w, err
	}
	if flags.NArg() < 1 || flags.NArg() > 2 || !regexp.MustCompile(`^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`).MatchString(flags.Arg(0)) {
		flags.Usage()
		return w, errors.New("want a version, such as v1.2.3, and at most one folder")
	}
	w.version, w.platforms = flags.Arg(0), strings.Split(*only, ",")
	for _, platform := range w.platforms {
		if !slices.Contains(platforms(), platform) {
			return w, fmt.Errorf("platform %q: want some of %s", platform, strings.Join(platforms(), ", "))
		}
	}
	if flags.NArg() > 1 {
		w.dir = flags.Arg(1)
	}
	return w, nil
}

// file is one that is published, or one in an archive.
type file struct {
	name string // with slashes
	mode int64
	body []byte
}

// makeAll makes everything, with the compiled packages in a cache, "" for the usual one.
func makeAll(ctx context.Context, version string, platforms []string, cache string) ([]file, error) {
	b, err := newBuildIn(ctx, ".", version, cache)
	if err != nil {
		return nil, err
	}
	defer b.remove()
	return b.all(ctx, platforms)
}

func (b *build) all(ctx context.Context, platforms []string) ([]file, error) {
	all := []file{}
	contents := map[string][]file{} // of the images
	for _, platform := range platforms {
		path, err := b.program(ctx, platform)
		if err != nil {
			return nil, err
		}
		published, own, err := b.published(ctx, platform, path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", platform, err)
		}
		all = append(all, published...)
		contents[platform] = own
	}
	image, err := b.image(contents)
	if err != nil {
		return nil, err
	}
	all = append(all, image...)
	all = append(all, b.winget(all)...)
	changes, err := b.changelog(ctx)
	if err != nil {
		return nil, err
	}
	all = append(all, changes)
	return append(all, checksums(all)), nil
}

// published returns what is published for one platform, and what of it is in an image, nil where there is none.
func (b *build) published(ctx context.Context, platform, program string) (all, own []file, err error) {
	m, err := b.made(ctx, program)
	if err != nil {
		return nil, nil, err
	}
	archive, err := b.archive(ctx, platform, program, m)
	if err != nil {
		return nil, nil, err
	}
	list, err := b.sbom(platform, m)
	all = []file{archive, list}
	if err != nil || !strings.HasPrefix(platform, "linux/") {
		return all, nil, err
	}
	if m, err = b.withRoots(ctx, m); err != nil {
		return nil, nil, err
	}
	if list, err = b.imageSBOM(platform, m); err != nil {
		return nil, nil, err
	}
	body, err := os.ReadFile(program)
	if err != nil {
		return nil, nil, err
	}
	own, err = b.ours(body, m)
	return append(all, list), own, err
}

// made reads what a program is made of, with the licences.
func (b *build) made(ctx context.Context, program string) (*made, error) {
	m, err := readProgram(program)
	if err != nil {
		return nil, err
	}
	if m.version != b.version {
		return nil, fmt.Errorf("the program says that it is %s: want %s; is there another tag at this commit?", m.version, b.version)
	}
	return m, b.license(ctx, m)
}

// compareSecond makes all again, and says which files differ.
func compareSecond(ctx context.Context, version string, platforms []string, first []file) error {
	cache, err := os.MkdirTemp("", "cyclecal-cache")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(cache) }()
	second, err := makeAll(ctx, version, platforms, cache)
	if err != nil {
		return err
	}
	return differences(first, second)
}

func differences(first, second []file) error {
	var faults []error
	for i, f := range first {
		if i >= len(second) || f.name != second[i].name || !bytes.Equal(f.body, second[i].body) {
			faults = append(faults, fmt.Errorf("%s differs when it is made again", f.name))
		}
	}
	return errors.Join(faults...)
}

func write(dir string, all []file, stdout io.Writer) error {
	for _, f := range all {
		path := filepath.Join(dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.body, 0o644); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%9d  %s\n", len(f.body), path)
	}
	return nil
}

// host is the platform of this machine.
func host() string { return runtime.GOOS + "/" + runtime.GOARCH }
