//go:build e2e

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/cyclecal/cyclecal/cycle/store/pgtest"
)

// tool runs a program, and returns what it prints.
func tool(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, &stderr)
	}
	return string(out)
}

// otherSettings are those of somebody else, of git, of Go and of the system.
func otherSettings(t *testing.T) {
	t.Helper()
	for name, text := range map[string]string{
		"GIT_CONFIG_GLOBAL": "[core]\nautocrlf = true\n[tag]\ngpgSign = true\n[log]\nshowSignature = true\n",
		"GOENV":             "GOFLAGS=-tags=other\nGOAMD64=v3\n",
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv(name, path)
	}
	t.Setenv("TZ", "Pacific/Auckland")
	t.Setenv("LC_ALL", "C.UTF-8")
}

// TestReproducible makes a whole release of a small program twice, from two clones of one commit in folders with other
// names, by people with other settings: a program of ours compiles too long for that. "release --twice" does the same
// with it, for all platforms.
func TestReproducible(t *testing.T) {
	first := filepath.Join(t.TempDir(), "first")
	for name, body := range map[string]string{
		"go.mod": "module github.com/cyclecal/cyclecal\n\ngo 1.26.0\n", "LICENSE": "Apache", "README.md": "# Read\n", "cmd/cyclecal/help/deploy.md": "# Deploy\n",
		"cmd/cyclecal/main.go":                 "package main\n\nimport \"os\"\n\nfunc main() { _, _ = os.Stdout.WriteString(os.Args[2]) }\n",
		"cmd/cyclecal/deploy/cyclecal.service": "unit", "cmd/cyclecal/deploy/kubernetes.yaml": "yaml",
	} {
		path := filepath.Join(first, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(body), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	tool(t, first, "git", "init", "-q")
	tool(t, first, "git", "add", "-A")
	tool(t, first, "git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "cmd: begin")
	second := filepath.Join(t.TempDir(), "another", "second")
	tool(t, first, "git", "clone", "-q", first, second)
	var all [2][]file
	for i, root := range []string{first, second} {
		if i == 1 {
			otherSettings(t)
		}
		b, err := newBuildIn(t.Context(), root, "v1.2.3", "")
		if err != nil {
			t.Fatal(err)
		}
		all[i], err = b.all(t.Context(), []string{"linux/amd64"})
		b.remove()
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := differences(all[0], all[1]); err != nil {
		t.Error(err)
	}
	checkImage(t, all[0])
	dir := t.TempDir()
	if err := write(dir, all[0], io.Discard); err != nil {
		t.Fatal(err)
	}
	tool(t, dir, "sha256sum", "--check", "--strict", "SHA256SUMS")
	listed := strings.Fields(tool(t, dir, "tar", "tzf", "cyclecal_1.2.3_linux_amd64.tar.gz"))
	want := []string{"LICENSE", "README.md", "THIRD-PARTY-LICENSES.txt", "completions/_cyclecal", "completions/cyclecal.bash", "completions/cyclecal.fish", "completions/cyclecal.ps1", "cyclecal", "cyclecal.service", "help/deploy.md", "kubernetes.yaml"}
	for i := range want {
		want[i] = "cyclecal_1.2.3_linux_amd64/" + want[i]
	}
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("the archive as tar reads it (-want +got):\n%s", diff)
	}
}

// checkImage holds that a release has the list of its image, with the certificates in it.
func checkImage(t *testing.T, all []file) {
	t.Helper()
	for _, f := range all {
		if f.name == "cyclecal_1.2.3_oci_linux_amd64.cdx.json" && strings.Contains(string(f.body), "x509roots") {
			return
		}
	}
	t.Error("no list of the image with its certificates")
}

// TestChangelog reads the history of a repository with a version before, and of one without.
func TestChangelog(t *testing.T) {
	dir := t.TempDir()
	commit := func(subject string) {
		tool(t, dir, "git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", subject)
	}
	log := func(version string) string {
		b, err := newBuildIn(t.Context(), dir, version, "")
		if err != nil {
			t.Fatal(err)
		}
		defer b.remove()
		f, err := b.changelog(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return string(f.body)
	}
	tool(t, dir, "git", "init", "-q")
	commit("cmd: begin")
	if got := log("v1.0.0"); !strings.HasPrefix(got, "# v1.0.0, 20") || !strings.HasSuffix(got, first) || strings.Contains(got, "begin") {
		t.Errorf("the first release says %q, want what the program is and no commit", got)
	}
	tool(t, dir, "git", "tag", "v1.0.0")
	commit("api: tell more")
	commit("test: hold it")
	if got := log("v1.1.0"); !strings.HasSuffix(got, "since v1.0.0 for those who use it.\n\n## Calendars and the API\n\n- tell more\n") {
		t.Errorf("the second release says %q, want the one change", got)
	}
}

// schemaModule has the schemas that the makers of CycloneDX publish.
const schemaModule = "github.com/CycloneDX/cyclonedx-go@v0.12.0"

// testSBOM holds the list of what the program is made of to the schema, and to what go.mod says.
func testSBOM(t *testing.T, program string) {
	b := sample()
	b.clone = filepath.Join("..", "..")
	m, err := readProgram(program)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.license(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	list, err := b.sbom("linux/amd64", m)
	if err != nil {
		t.Fatal(err)
	}
	if m, err = b.withRoots(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	image, err := b.imageSBOM("linux/amd64", m)
	if err != nil {
		t.Fatal(err)
	}
	schema := cycloneDX(t)
	for name, f := range map[string]file{"program": list, "image": image} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(f.body))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("the list of the %s breaks the schema: %v", name, err)
		}
		for path, want := range map[string]bool{
			"modernc.org/sqlite": true, "github.com/go-chi/chi/v5": true, "std": true, "golang.org/x/crypto/x509roots/fallback": name == "image",
		} {
			if strings.Contains(string(f.body), `"name": "`+path+`"`) != want {
				t.Errorf("the list of the %s has %s: %v, want %v", name, path, !want, want)
			}
		}
	}
}

// cycloneDX compiles the schema of such lists.
func cycloneDX(t *testing.T) *jsonschema.Schema {
	t.Helper()
	var at struct{ Dir string }
	if err := json.Unmarshal([]byte(tool(t, t.TempDir(), "go", "mod", "download", "-json", schemaModule)), &at); err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	for url, name := range map[string]string{
		"http://cyclonedx.org/schema/bom-1.6.schema.json": "bom-1.6.schema.json", "http://cyclonedx.org/schema/spdx.schema.json": "spdx.schema.json",
		"http://cyclonedx.org/schema/jsf-0.82.schema.json": "jsf-0.82.schemax.json",
	} {
		if err := compiler.AddResource(url, document(t, filepath.Join(at.Dir, "schema", name))); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := compiler.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func document(t *testing.T, path string) any {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestProgram builds the program as it is in an image, with what others have compiled already, once for all.
func TestProgram(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "cyclecal")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", program, "../cyclecal")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	t.Run("image", func(t *testing.T) { testImage(t, program) })
	t.Run("list of what it is made of", func(t *testing.T) { testSBOM(t, program) })
}

// testImage has skopeo read the image for both architectures, and runs what is in it: as its user, with its environment,
// on a root that has nothing else and that this user can't write.
func testImage(t *testing.T, program string) {
	if os.Geteuid() != 0 {
		t.Fatal("want root, to change the root folder and the user")
	}
	body, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	b := sample()
	b.clone = filepath.Join("..", "..")
	own, err := b.ours(body, &made{})
	if err != nil {
		t.Fatal(err)
	}
	made, err := b.image(map[string][]file{"linux/amd64": own, "linux/arm64": {{"cyclecal", 0o755, []byte("arm")}}, "windows/amd64": nil})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := write(dir, made, io.Discard); err != nil {
		t.Fatal(err)
	}
	archive := "oci-archive:" + filepath.Join(dir, made[0].name)
	var config imageConfig
	for _, machine := range []string{"arm64", "amd64"} {
		out := tool(t, dir, "skopeo", "--override-os=linux", "--override-arch="+machine, "inspect", "--config", archive)
		config = imageConfig{}
		if err := json.Unmarshal([]byte(out), &config); err != nil {
			t.Fatal(err)
		}
		if config.Architecture != machine || config.Config.User != "65532:65532" || config.Config.Entrypoint[0] != "/cyclecal" {
			t.Errorf("the configuration for %s: %s", machine, out)
		}
	}
	// skopeo checks each digest while it copies. It does not show Docker's word for health.
	copied := filepath.Join(dir, "copied")
	tool(t, dir, "skopeo", "--insecure-policy", "--override-os=linux", "--override-arch=amd64", "copy", archive, "dir:"+copied)
	var m manifest
	decode(t, filepath.Join(copied, "manifest.json"), &m)
	decode(t, filepath.Join(copied, strings.TrimPrefix(m.Config.Digest, "sha256:")), &config)
	runImage(t, rootFolder(t, copied, m), config.Config)
}

func decode(t *testing.T, path string, into any) {
	t.Helper()
	body, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// rootFolder unpacks the layers of an image that skopeo copied.
func rootFolder(t *testing.T, image string, m manifest) string {
	t.Helper()
	root, err := os.MkdirTemp("", "cyclecal-image") //nolint:usetesting // another user can't enter the folder of t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	if err := os.Chmod(root, 0o755); err != nil { //nolint:gosec // it stands for /
		t.Fatal(err)
	}
	for _, layer := range m.Layers {
		body, err := os.ReadFile(filepath.Join(image, strings.TrimPrefix(layer.Digest, "sha256:")))
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		unpack(t, root, tar.NewReader(z))
	}
	return root
}

func unpack(t *testing.T, root string, from *tar.Reader) {
	t.Helper()
	for {
		h, err := from.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(root, h.Name)
		if h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o700)
		} else {
			var body []byte
			body, err = io.ReadAll(from)
			err = errors.Join(err, os.WriteFile(path, body, 0o600))
		}
		if err := errors.Join(err, os.Chown(path, h.Uid, h.Gid), os.Chmod(path, fs.FileMode(h.Mode).Perm())); err != nil {
			t.Fatal(err)
		}
	}
}

func runImage(t *testing.T, root string, config runConfig) {
	t.Helper()
	in := func(args ...string) *exec.Cmd {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = config.WorkingDir
		cmd.Env = slices.Concat(config.Env, []string{fmt.Sprint("CYCLECAL_LISTEN=127.0.0.1:", pgtest.Port(t))})
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: userID, Gid: userID}}
		return cmd
	}
	server := in(append(config.Entrypoint, config.Cmd...)...)
	said, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	log := awaitText(t, said, regexp.MustCompile(`listening.*\n`))
	check := in(config.Healthcheck.Test[1:]...)
	check.Env = server.Env
	if out, err := check.CombinedOutput(); err != nil || string(out) != "ready\n" {
		t.Errorf("healthcheck: %v: %s\nthe server said: %s", err, out, log)
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	if err := server.Wait(); err != nil {
		t.Errorf("the server ended: %v, want exit code 0", err)
	}
	gone := in(config.Healthcheck.Test[1:]...)
	if out, err := gone.CombinedOutput(); err == nil || gone.ProcessState.ExitCode() != 1 {
		t.Errorf("healthcheck with no server: %v, want exit code 1: %s", err, out)
	}
	made, err := filepath.Glob(filepath.Join(root, "data", "*"))
	if err != nil || len(made) == 0 {
		t.Errorf("nothing is in /data: %v", err)
	}
	for _, name := range []string{"cyclecal", "etc", "etc/passwd", ".", "licenses", "licenses/LICENSE", "licenses/THIRD-PARTY-LICENSES.txt"} {
		info, err := os.Stat(filepath.Join(root, name))
		if err != nil || info.Mode().Perm()&0o022 != 0 {
			t.Errorf("%s: others than root can write it: %v", name, err)
		}
	}
}

// awaitText reads until that is there.
func awaitText(t *testing.T, from io.Reader, want *regexp.Regexp) string {
	t.Helper()
	found, text := make(chan bool, 1), &bytes.Buffer{}
	go func() {
		buffer := make([]byte, 4096)
		for !want.Match(text.Bytes()) {
			n, err := from.Read(buffer)
			text.Write(buffer[:n])
			if err != nil {
				found <- false
				return
			}
		}
		found <- true
	}()
	select {
	case ok := <-found:
		if !ok {
			t.Fatalf("it ended: %s", text)
		}
	case <-time.After(3 * time.Minute):
		t.Fatal("nothing after three minutes")
	}
	return text.String()
}
