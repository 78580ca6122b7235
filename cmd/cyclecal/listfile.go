package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// listFile is a list of devices that is being read, with a progress bar on a terminal.
type listFile struct {
	io.ReadCloser
	bar        io.Writer // nil for none
	columns    int       // of the terminal; 0 where nobody knows
	size, read int64     // size is 0 where nobody knows
	shown      int64
	broken     error // what reading ended with
}

// openList opens a list, or standard input.
func (r *reading) openList(name string) (*listFile, error) {
	input, err := openInput(name, r.program.stdin)
	if err != nil {
		return nil, err
	}
	l := &listFile{ReadCloser: input}
	if f, ok := input.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			l.size = info.Size()
		}
	}
	if isTerminal(r.program.stderr) && (r.output == "table" || !isTerminal(r.program.stdout)) {
		l.bar, l.columns = r.program.stderr, columnsOf(r.program.stderr)
	}
	return l, nil
}

func (l *listFile) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	l.read += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		l.broken = err
	}
	l.show()
	return n, err
}

// show draws the bar again after each hundredth, or each 4 MB where the size is not known.
func (l *listFile) show() {
	step := max(l.size/100, 1)
	if l.size == 0 {
		step = 4 << 20
	}
	if l.bar == nil || l.read/step == l.shown {
		return
	}
	l.shown = l.read / step
	if l.size == 0 {
		fmt.Fprintf(l.bar, "\r%d MB ", l.read/1e6)
		return
	}
	const most, beside = 40, 22 // brackets and numbers
	width := int64(most)
	if l.columns > 0 {
		width = int64(min(most, max(l.columns-beside, 0)))
	}
	full := int(min(l.read*width/l.size, width))
	fmt.Fprintf(l.bar, "\r[%s%s] %3d %% of %d MB ", strings.Repeat("#", full), strings.Repeat(" ", int(width)-full), min(100*l.read/l.size, 100), l.size/1e6)
}

// done takes the bar away.
func (l *listFile) done() {
	if l.bar != nil && l.shown > 0 {
		fmt.Fprint(l.bar, "\r\x1b[K")
		l.bar = nil
	}
}

// close ends the reading. An error of Close would say nothing that reading did not.
func (l *listFile) close() {
	l.done()
	l.ReadCloser.Close()
}
