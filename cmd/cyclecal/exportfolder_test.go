package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// textFiles are what a test exports: texts by name.
type textFiles map[string]string

func (s textFiles) writeTo(dir string) (written, error) {
	files := map[string][]byte{}
	for name, text := range s {
		files[name] = []byte(text)
	}
	return writeFolder(context.Background(), dir, manifest{AsOf: "2026-11-22", BaseURL: exportURL}, files)
}

func (s textFiles) mustWriteTo(t *testing.T, dir string) written {
	t.Helper()
	done, err := s.writeTo(dir)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// checkFolder wants these files beside the two that list them.
func checkFolder(t *testing.T, dir string, want textFiles) {
	t.Helper()
	got := textFiles{}
	for name, body := range readTree(t, dir) {
		if name != manifestName && name != sumsName {
			got[name] = string(body)
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func placeFile(t *testing.T, text string, where ...string) {
	t.Helper()
	name := filepath.Join(where...)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func check(dir string) error {
	return (&exporting{program: &program{stdout: io.Discard}}).verify(context.Background(), dir)
}

func wantFault(t *testing.T, what string, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: %v, want an error with %q", what, err, text)
	}
}

// An export replaces the one before, and leaves what is not its own.
func TestExportFolder(t *testing.T) {
	dir := t.TempDir()
	textFiles{"a": "1", "b/c": "2", "b/d/e": "3", "f": "4"}.mustWriteTo(t, dir)
	placeFile(t, "mine", dir, "b", "note.txt")
	placeFile(t, "changed by me", dir, "f")
	placeFile(t, "damaged", dir, "b", "c")
	done := textFiles{"a": "1", "b/c": "5", "d": "6"}.mustWriteTo(t, dir)
	if diff := gocmp.Diff(written{written: 2, removed: 1, kept: []string{"f"}, mended: []string{"b/c"}}, done, gocmp.AllowUnexported(written{})); diff != "" {
		t.Errorf("done (-want +got):\n%s", diff)
	}
	checkFolder(t, dir, textFiles{"a": "1", "b/c": "5", "d": "6", "b/note.txt": "mine", "f": "changed by me"})
	if _, err := os.Stat(filepath.Join(dir, "b", "d")); !os.IsNotExist(err) {
		t.Errorf("the empty folder b/d: %v, want none", err)
	}
	if err := check(dir); err != nil {
		t.Errorf("check: %v", err)
	}
	// A file may become a folder, and a folder a file.
	textFiles{"a/x": "7", "b/c": "5", "d": "6"}.mustWriteTo(t, dir)
	checkFolder(t, dir, textFiles{"a/x": "7", "b/c": "5", "d": "6", "b/note.txt": "mine", "f": "changed by me"})
	// What was damaged is put right, a missing list too.
	placeFile(t, "damaged", dir, "d")
	wantFault(t, "check", check(dir), "d was changed")
	if err := os.Remove(filepath.Join(dir, "b", "c")); err != nil {
		t.Fatal(err)
	}
	wantFault(t, "check", check(dir), "b/c is missing; d was changed")
	if err := os.Remove(filepath.Join(dir, sumsName)); err != nil {
		t.Fatal(err)
	}
	textFiles{"a/x": "7", "b/c": "5", "d": "6"}.mustWriteTo(t, dir)
	if err := check(dir); err != nil || !bytes.Contains(readTree(t, dir)[sumsName], []byte("  b/c\n")) {
		t.Errorf("check: %v, %s = %s", err, sumsName, readTree(t, dir)[sumsName])
	}
}

// What somebody else keeps is never written over or removed.
func TestExportRefuses(t *testing.T) {
	taken := t.TempDir()
	placeFile(t, "mine", taken, "thesis.txt")
	_, err := textFiles{"a": "1"}.writeTo(taken)
	wantFault(t, "a folder with a file", err, "is not empty, and manifest.json tells of no earlier export")
	checkFolder(t, taken, textFiles{"thesis.txt": "mine"})
	wantFault(t, "its check", check(taken), "has no manifest.json")

	other := t.TempDir()
	placeFile(t, `{"name": "my app"}`, other, manifestName)
	_, err = textFiles{"a": "1"}.writeTo(other)
	wantFault(t, "a folder with a manifest of others", err, "this is no manifest of an export")

	evil := t.TempDir()
	placeFile(t, `{"format": "cyclecal-export", "complete": true, "files": [{"path": "../x", "sha256": ""}]}`, evil, manifestName)
	_, err = textFiles{"a": "1"}.writeTo(evil)
	wantFault(t, "a manifest that leads out", err, `lists "../x"`)
	for _, m := range []string{
		`{"format": "cyclecal-export", "complete": true, "files": null}`,
		`{"format": "cyclecal-export", "complete": true, "as_of": "2026-11-22", "base_url": "https://a.example", "files": []}`,
		`{"format": "cyclecal-export", "complete": true, "as_of": "today", "base_url": "https://a.example", "files": [{"path": "x", "sha256": ""}]}`,
	} {
		placeFile(t, m, evil, manifestName)
		wantFault(t, "check of "+m, check(evil), "none of ours")
	}

	dir := t.TempDir()
	textFiles{"a": "1"}.mustWriteTo(t, dir)
	placeFile(t, "mine", dir, "b")
	_, err = textFiles{"a": "2", "b": "2"}.writeTo(dir)
	wantFault(t, "a file of others in the way", err, "b is not of an export: want it out of the way")
	checkFolder(t, dir, textFiles{"a": "1", "b": "mine"})
	if err := check(dir); err != nil {
		t.Errorf("check after a refusal: %v, want the earlier export as it was", err)
	}
	textFiles{"a": "1", "b": "mine"}.mustWriteTo(t, dir) // the same bytes do no harm
}

// Links in the folder lead nothing out of it.
func TestExportLinkedFolder(t *testing.T) {
	outside := t.TempDir()
	placeFile(t, "mine", outside, "c")
	for link, text := range map[string]string{"b": "b leads to no folder in ", "a": "is no file", part: "", manifestName: "is no file"} {
		dir := t.TempDir()
		if link != manifestName {
			textFiles{"old": "1"}.mustWriteTo(t, dir)
		}
		to := outside
		if link == part {
			to = filepath.Join(outside, "c")
		}
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
		_, err := textFiles{"a": "1", "b/c": "2"}.writeTo(dir)
		if text != "" {
			wantFault(t, "a link at "+link, err, text)
		} else if err != nil {
			t.Errorf("a link at %s: %v", link, err)
		}
		checkFolder(t, outside, textFiles{"c": "mine"})
	}
}

// Where an export can't be finished, its manifest says so, and the next one puts it right.
func TestExportInterrupted(t *testing.T) {
	dir := t.TempDir()
	textFiles{"a": "1", "old": "1"}.mustWriteTo(t, dir)
	placeFile(t, "in the way", dir, "b")
	_, err := textFiles{"a": "2", "b/c": "3"}.writeTo(dir)
	wantFault(t, "a file where a folder must be", err, "b is not of an export")
	if err := check(dir); err != nil {
		t.Errorf("check after a refusal: %v", err)
	}
	// The same halfway: everything is there but one file.
	if err := os.Remove(filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	f, err := openFolder(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	m := manifest{AsOf: "2026-11-22", BaseURL: exportURL}
	m.list(map[string][]byte{"a": []byte("2"), "new": []byte("3")})
	if err := f.begin(m); err != nil {
		t.Fatal(err)
	}
	if err := f.put("new", []byte("3")); err != nil {
		t.Fatal(err)
	}
	_, err = textFiles{"a": "4"}.writeTo(dir)
	wantFault(t, "a second export at once", err, "another export is at work in it: want this one run again when that is done")
	if err := f.close(); err != nil { // as the system does for what is killed
		t.Fatal(err)
	}
	placeFile(t, "half", dir, part)
	wantFault(t, "check", check(dir), "is not complete: want the export that was cut short run again")
	if _, sums := readTree(t, dir)[sumsName]; sums {
		t.Errorf("%s is there, want none that is wrong", sumsName)
	}
	var told struct{ Complete *bool }
	if err := json.Unmarshal(readTree(t, dir)[manifestName], &told); err != nil || told.Complete == nil || *told.Complete {
		t.Errorf("manifest: complete = %v, %v, want false", told.Complete, err)
	}
	textFiles{"a": "4"}.mustWriteTo(t, dir) // neither old nor new is left behind
	checkFolder(t, dir, textFiles{"a": "4"})
	if err := check(dir); err != nil {
		t.Errorf("check: %v", err)
	}
}

// Who stops an export is told that the folder is not complete, by the manifest as well.
func TestExportStopped(t *testing.T) {
	dir := t.TempDir()
	textFiles{"a": "1"}.mustWriteTo(t, dir)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("interrupt signal received"))
	_, err := writeFolder(ctx, dir, manifest{AsOf: "2026-11-22", BaseURL: exportURL}, map[string][]byte{"a": []byte("2"), "b": []byte("3")})
	wantFault(t, "a signal", err, "is not complete: interrupt signal received after 0 of 2 files: want the export run again")
	checkFolder(t, dir, textFiles{"a": "1"})
	wantFault(t, "check", check(dir), "is not complete")
	var out bytes.Buffer
	p := &program{getenv: func(string) string { return "" }, stdout: &out, stderr: &out, now: testClock}
	if code := p.run(ctx, []string{"export", dir, "--base-url", exportURL}); code != exitFailed || !strings.Contains(out.String(), "nothing was written: interrupt signal received") {
		t.Errorf("a signal at the beginning: %d, %s", code, &out)
	}
}
