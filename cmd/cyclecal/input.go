package main

import (
	"errors"
	"io"
	"os"
	"strings"

	"github.com/cyclecal/cyclecal/cycle/resource"
)

// readInput reads a file, or standard input for "-", up to one byte more than a fleet file may have.
func readInput(name string, stdin io.Reader) ([]byte, error) {
	const most = 1<<20 + 1
	if name == "-" {
		return io.ReadAll(io.LimitReader(stdin, most))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
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
