package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/cyclecal/cyclecal/cycle/resource"
)

// openInput opens a file, or standard input for "-".
func openInput(name string, stdin io.Reader) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(stdin), nil
	}
	return os.Open(name)
}

// readInput reads a file, or standard input for "-", up to one byte more than a fleet file may have.
func readInput(name string, stdin io.Reader) ([]byte, error) {
	const most = 1<<20 + 1
	f, err := openInput(name, stdin)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// lateReader begins with its first Read: a program in the background that only touches its terminal is stopped.
type lateReader struct {
	*io.PipeReader
	begin func()
}

func (r lateReader) Read(p []byte) (int, error) {
	r.begin()
	return r.PipeReader.Read(p)
}

// untilDone returns standard input as one that ends with an error when the context does. A read from a terminal
// or a pipe waits for whoever writes there, and knows of no context.
func untilDone(ctx context.Context, input io.Reader) io.Reader {
	out, in := io.Pipe()
	return lateReader{out, sync.OnceFunc(func() {
		context.AfterFunc(ctx, func() { in.CloseWithError(fmt.Errorf("reading standard input: %w", context.Cause(ctx))) })
		go func() {
			_, err := io.Copy(in, input)
			in.CloseWithError(err)
		}()
	})}
}

// faultsIn tells each fault on a line of its own, as compilers do, so that an editor can go there.
func faultsIn(file string, faults resource.Faults) error {
	if file == "-" {
		file = "standard input"
	}
	lines := []string{"nothing was applied, as something is wrong with the file:"}
	for _, f := range faults {
		sep := ":"
		if f.Line == 0 {
			sep = ": "
		}
		lines = append(lines, plain(file+sep+f.String()))
	}
	return errors.New(strings.Join(lines, "\n"))
}
