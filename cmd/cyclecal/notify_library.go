package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// library sends with shoutrrr. Some of its services have no time limit, so each try runs in a goroutine of its
// own, which may be left behind; slots bound how many there are.
type library struct {
	service, url string
	slots        *slots
	late         sync.Map // ids of messages that were taken after their time limit
}

func newLibrary(service, url string, hung *hung, now func() time.Time) *library {
	return &library{service: service, url: url, slots: &slots{hung: hung, now: now}}
}

// checkLibrary returns an error for a URL that shoutrrr does not understand.
func checkLibrary(service, s string) error {
	empty, err := router.New(nil)
	if err != nil {
		return errors.New("shoutrrr can't be used")
	}
	names := slices.DeleteFunc(empty.ListServices(), func(name string) bool { return name == "logger" }) // it tells nobody
	if !slices.Contains(names, service) {
		return errors.New("not a service that is known here")
	}
	if service == "matrix" { // it signs in at once: not before there is something to tell
		return nil
	}
	if !understood(empty, s) {
		return fmt.Errorf("not a URL of %s as shoutrrr reads it", service)
	}
	return nil
}

// understood reports whether shoutrrr takes a URL. Some that it does not, it breaks down on.
func understood(empty *router.ServiceRouter, s string) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	_, err := empty.Locate(s)
	return err == nil
}

func (l *library) send(ctx context.Context, m message) error {
	if _, taken := l.late.LoadAndDelete(m.ID); taken {
		return nil
	}
	slot, ok := l.slots.take()
	if !ok {
		return sendError{reason: "earlier tries have not ended yet"}
	}
	ended := make(chan error, 1)
	go func() {
		defer l.slots.free(slot)
		err := l.try(m)
		if err == nil {
			l.late.Store(m.ID, true)
		}
		ended <- err
	}()
	select {
	case err := <-ended:
		l.late.Delete(m.ID)
		return err
	case <-ctx.Done():
		return sendError{reason: reasonOf(ctx.Err())}
	}
}

// try sends with a service made for this message, as services have state while they send.
func (l *library) try(m message) (err error) {
	defer func() {
		if recover() != nil {
			err = sendError{reason: "shoutrrr broke down"}
		}
	}()
	empty, err := router.New(nil)
	if err != nil {
		return sendError{reason: reasonOf(err)}
	}
	service, err := empty.Locate(l.url)
	if err == nil {
		text, params := l.words(m)
		err = service.Send(text, &params)
	}
	if err != nil {
		return sendError{reason: reasonOf(err)}
	}
	return nil
}

// titled are the services that have a title apart from the text.
const titled = " bark discord gotify join lark matrix ntfy opsgenie pushbullet pushover slack smtp teams telegram "

func (l *library) words(m message) (string, types.Params) {
	title, text := m.Title, m.Text
	switch l.service {
	case "smtp":
		title = mime.QEncoding.Encode("utf-8", title)
	case "slack": // a name must not call everybody; docs.slack.dev, "Escaping text"
		escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
		title, text = escape.Replace(title), escape.Replace(text)
	}
	if !strings.Contains(titled, " "+l.service+" ") {
		return title + "\n" + text, types.Params{}
	}
	return text, types.Params{types.TitleKey: title}
}

// statusForm is how a library writes a status into its errors.
var statusForm = regexp.MustCompile(`\b[3-5][0-9]{2} [A-Z][A-Za-z' -]+`)

// reasonOf says what went wrong without the text of the error, which may have the URL in it.
func reasonOf(err error) string {
	timeout, _ := errors.AsType[net.Error](err)
	smtp, isSMTP := errors.AsType[*textproto.Error](err)
	_, isDNS := errors.AsType[*net.DNSError](err)
	_, isTLS := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted, as the program ends"
	case errors.Is(err, context.DeadlineExceeded), timeout != nil && timeout.Timeout():
		return timedOut
	case isSMTP:
		return "answered " + strconv.Itoa(smtp.Code)
	case isDNS:
		return noAddress
	case isTLS:
		return notTrusted
	case errors.Is(err, syscall.ECONNREFUSED):
		return refused
	}
	return reasonIn(err.Error())
}

const (
	timedOut   = "timed out"
	noAddress  = "its host has no address"
	notTrusted = "its certificate is not trusted"
	refused    = "connection refused"
)

// reasonIn recognizes an error by its text.
func reasonIn(text string) string {
	for _, known := range [][2]string{
		{"connection refused", refused},
		{"no such host", noAddress},
		{"failed to verify certificate", notTrusted},
		{"deadline exceeded", timedOut},
		{"i/o timeout", timedOut},
	} {
		if strings.Contains(text, known[0]) {
			return known[1]
		}
	}
	for _, s := range statusForm.FindAllString(text, -1) {
		code, _ := strconv.Atoi(s[:3])
		if name := http.StatusText(code); name != "" && strings.HasPrefix(s[4:], name) {
			return statusText(code)
		}
	}
	return "no answer that says it was taken"
}

func statusText(code int) string {
	return strings.TrimSpace(fmt.Sprintf("answered %d %s", code, http.StatusText(code)))
}
