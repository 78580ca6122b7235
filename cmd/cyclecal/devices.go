package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

func (p *program) devices() *cobra.Command {
	var stdin io.Reader
	cmd := p.reading(&cobra.Command{
		Use:   "devices FILE.csv|-",
		Short: "Where each device of a list stands on the cycle, and when it restarts next",
		Long: `Where each device of a list stands on the cycle, and when it restarts next.

The list is an export of Intune, Autopatch, ConfigMgr, Azure Resource Graph, Active
Directory or anything else that has a build in each row: CSV with commas, semicolons or
tabs, in UTF-8 or UTF-16. The columns of the build and of the product are found by
name. table is a summary; csv and json are the rows with the verdict behind each.

Cells that a spreadsheet would run as formulas begin with ' in csv.`,
		Example: "  cyclecal devices export.csv\n  cyclecal devices export.csv --ring broad:9/5/2 --output csv > verdicts.csv",
		Args:    one("a file, or - for standard input"),
		PreRun:  func(cmd *cobra.Command, _ []string) { stdin = cmd.InOrStdin() },
	}, []string{"table", "json", "csv"}, func(ctx context.Context, r *reading, args []string) error {
		return r.devices(ctx, args[0], stdin)
	},
		queryFlag{name: "ring", usage: "`RING` that the devices are in, as NAME:DEFERRAL[/DEADLINE[/GRACE]] in days, such as broad:9/5/2"},
		flagZone,
		queryFlag{name: "build-column", usage: "`NAME` of the column that has the build, where it is not found"},
		queryFlag{name: "product-column", usage: "`NAME` of the column that has the product or edition, where it is not found"})
	cmd.Flags().Lookup("track").Usage = "`TRACK` that devices may be on; repeatable; default all. Settles what the rows do not tell"
	return cmd
}

// devices sends a list and prints the answer, both as they stream.
func (r *reading) devices(ctx context.Context, name string, stdin io.Reader) error {
	list, err := r.openList(name, stdin)
	if err != nil {
		return err
	}
	defer list.close()
	if r.output != "table" {
		r.query.Set("output", r.output)
	}
	body, err := r.client.stream(ctx, "/api/v1/devices?"+r.query.Encode(), "text/csv", list)
	if err != nil {
		return cmp.Or(list.broken, err)
	}
	defer body.Close()
	if r.output != "table" {
		_, err := io.Copy(r.program.stdout, body)
		list.done()
		return cmp.Or(list.broken, err)
	}
	var a deviceAnswer
	err = json.NewDecoder(io.LimitReader(body, mostAnswer)).Decode(&a)
	list.done()
	if err != nil {
		return cmp.Or(list.broken, fmt.Errorf("the server's answer: %w", err))
	}
	r.deviceTable(a)
	return nil
}

// deviceAnswer is the summary of the API, as the tables need it.
type deviceAnswer struct {
	Data struct {
		Rows             int
		Places, Restarts []row
		RestartUnknown   int `json:"restart_unknown"`
		Newer            int
		Unreadable       int
		Faults           []row
		Columns          struct{ Build, Revision, Product []string }
	}
	Meta struct {
		AsOf       string  `json:"as_of"`
		KnownUntil *string `json:"known_until"`
	}
}

// deviceTable prints the summary.
func (r *reading) deviceTable(a deviceAnswer) {
	d := a.Data
	columns := "Columns read: " + strings.Join(append(append(d.Columns.Build, d.Columns.Revision...), d.Columns.Product...), ", ")
	r.println(fmt.Sprintf("Devices: %d\n%s\n", d.Rows, plain(columns)))
	for _, list := range [][]row{d.Places, d.Restarts} {
		for _, row := range list {
			if share, ok := row["share"].(float64); ok {
				row["share"] = fmt.Sprintf("%.1f %%", 100*share)
				row["bar"] = strings.Repeat("#", int(30*share+0.5))
			}
		}
	}
	r.table("", d.Places, "TRACK:track_name", "PLACE:place", "DEVICES:devices", "SHARE:share", "NEXT RESTART:next_restart")
	if len(d.Restarts) > 0 {
		r.println("")
		r.table("", d.Restarts, "RESTART:day", "DEVICES:devices", "SHARE:share", ":bar")
		if d.Restarts[0].text("day") < a.Meta.AsOf {
			r.println("\nA day that has passed is that of an update which the devices may take at any time.")
		}
	}
	if d.RestartUnknown > 0 {
		r.println(fmt.Sprintf("\nDevices whose next restart can't be told: %d", d.RestartUnknown))
	}
	if d.Newer > 0 {
		r.println(fmt.Sprintf("\nDevices on a build newer than every release that is known of their track: %d", d.Newer))
	}
	for _, row := range d.Places {
		if ids, ok := row["candidates"].([]any); ok && len(ids) > 0 {
			r.println("\n" + plain("Not told by the row, devices: "+row.text("devices")+". They may be of "+alternatives(ids)+": want --product-column NAME, or --track TRACK"))
		}
	}
	if d.Unreadable > 0 {
		r.println(fmt.Sprintf("\nRows that can't be read: %d", d.Unreadable))
		for _, f := range d.Faults {
			r.println(plain("  line " + f.text("line") + ": " + f.text("detail")))
		}
	}
	r.known(answer{Meta: a.Meta})
}

func alternatives(ids []any) string {
	var list []string
	for _, id := range ids {
		list = append(list, fmt.Sprint(id))
	}
	return strings.Join(list, " or ")
}

// listFile is a list while it is read, with a bar on a terminal.
type listFile struct {
	io.ReadCloser
	bar        io.Writer // nil for none
	size, read int64     // size is 0 where nobody knows
	shown      int64
	broken     error // what reading ended with
}

// openList opens a list, or standard input.
func (r *reading) openList(name string, stdin io.Reader) (*listFile, error) {
	l := &listFile{ReadCloser: io.NopCloser(stdin)}
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			l.size = info.Size()
		}
		l.ReadCloser = f
	}
	if isTerminal(r.program.stderr) && (r.output == "table" || !isTerminal(r.program.stdout)) {
		l.bar = r.program.stderr
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
	const width = 40
	full := int(min(l.read*width/l.size, width))
	fmt.Fprintf(l.bar, "\r[%s%s] %3d %% of %d MB ", strings.Repeat("#", full), strings.Repeat(" ", width-full), min(100*l.read/l.size, 100), l.size/1e6)
}

// done takes the bar away.
func (l *listFile) done() {
	if l.bar != nil && l.shown > 0 {
		fmt.Fprint(l.bar, "\r\x1b[K")
		l.bar = nil
	}
}

// close ends the reading; what it returns says nothing that reading did not.
func (l *listFile) close() {
	l.done()
	l.ReadCloser.Close()
}

// stream sends a body of any length. The caller closes the answer, which comes while the
// body still goes.
func (c *client) stream(ctx context.Context, path, media string, body io.Reader) (io.ReadCloser, error) {
	address := c.base + path
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, io.NopCloser(body))
	if err != nil {
		return nil, usageError{err}
	}
	r.Header.Set("Content-Type", media)
	r.Header.Set("User-Agent", "cyclecal/"+version())
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	patient := *c.http
	patient.Timeout = 0 // it takes as long as there is something to send
	if within, ok := patient.Transport.(inProcess); ok {
		patient.Transport = streamed(within)
	} else {
		r.Header.Set("Expect", "100-continue") // who may not is told before everything is sent
	}
	answer, err := patient.Do(r)
	if err != nil {
		return nil, noAnswerError{fmt.Errorf("%w: want --server to name a server that runs", err)}
	}
	if answer.StatusCode/100 == 2 {
		return answer.Body, nil
	}
	defer answer.Body.Close()
	told, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	if err != nil {
		return nil, noAnswerError{fmt.Errorf("reading %s: %w", address, err)}
	}
	return nil, refusal(answer, told, address)
}

// streamed calls a handler as inProcess does, and gives its answer on while it is written.
type streamed struct{ handler http.Handler }

// RoundTrip calls the handler. It never fails: what goes wrong is in the answer.
func (t streamed) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.RequestURI = r.URL.RequestURI()
	body, to := io.Pipe()
	w := &pipedReply{header: http.Header{}, to: to, begun: make(chan *http.Response, 1)}
	go func() {
		defer func() {
			if recover() != nil { // half an answer must not look like a whole one
				_ = to.CloseWithError(errors.New("the list could not be read to its end"))
			}
			w.WriteHeader(http.StatusOK)
			_ = to.Close()
		}()
		t.handler.ServeHTTP(w, r)
	}()
	answer := <-w.begun
	answer.Body, answer.Request = body, r
	return answer, nil
}

// pipedReply hands on what a handler writes.
type pipedReply struct {
	header http.Header
	to     *io.PipeWriter
	begun  chan *http.Response
	begins bool
}

func (w *pipedReply) Header() http.Header { return w.header }

func (w *pipedReply) WriteHeader(status int) {
	if w.begins {
		return
	}
	w.begins = true
	w.begun <- &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Header: w.header.Clone(), ContentLength: -1,
	}
}

func (w *pipedReply) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.to.Write(p)
}
