package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"

	"github.com/spf13/pflag"

	"github.com/cyclecal/cyclecal/api/auth"
)

type serveFlags struct {
	config, listen, baseURL, logFormat string

	from origins
	storeFlags
	syncFlags
	adminTokenFile  string
	public          bool
	publicDevices   bool
	trustedProxies  string
	tlsCert, tlsKey string
	notify          notifyFlags
}

func (f *serveFlags) add(flags *pflag.FlagSet, getenv func(string) string) {
	flags.StringVar(&f.config, "config", "", "`FILE` of settings, in YAML: each flag by its name")
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8080", "`HOST:PORT` to listen on; port 0 takes a free one")
	flags.StringVar(&f.baseURL, "base-url", "", "`URL` under which clients reach the server, as feeds tell it; default http://HOST:PORT")
	f.storeFlags.add(flags, getenv)
	f.syncFlags.add(flags)
	flags.StringVar(&f.adminTokenFile, "admin-token-file", "", "`FILE` with the first admin token; or set CYCLECAL_ADMIN_TOKEN to the token itself")
	flags.BoolVar(&f.public, "public", true, "let everybody read tracks, schedules and public feeds; --public=false asks for a token")
	flags.BoolVar(&f.publicDevices, "public-devices", false, "let everybody send a list of devices, for its verdicts; otherwise that needs a token with the role viewer")
	flags.StringVar(&f.trustedProxies, "trusted-proxies", "", "`NETWORKS`, joined by commas, whose X-Forwarded-For tells a client's address, such as 10.0.0.0/8")
	flags.StringVar(&f.tlsCert, "tls-cert", "", "`FILE` with the certificate chain, to serve https; read again when it changes")
	flags.StringVar(&f.tlsKey, "tls-key", "", "`FILE` with its key")
	f.notify.add(flags)
	flags.StringVar(&f.logFormat, "log-format", "text", "`FORMAT` of the log on stderr: text or json")
}

// check returns every fault that can be found before anything is opened.
func (f serveFlags) check(p *program) error {
	_, base := checkBaseURL(f.baseURL)
	_, proxies := f.proxies()
	_, receivers := parseReceivers(f.notify.urls, p.now)
	_, _, sources := f.syncFlags.parse()
	_, format := newLog(f.logFormat, newLineBuffer(io.Discard))
	_, token := p.firstToken(f)
	return f.from.locate(checkListen(f.listen), base, format, proxies, f.checkTLS(), f.checkCertificate(), receivers, f.notify.check(), sources, f.storeFlags.check(), token)
}

func (f serveFlags) proxies() (auth.Proxies, error) {
	list, err := auth.ParseProxies(f.trustedProxies)
	if err != nil {
		err = usageError{fmt.Errorf("--trusted-proxies: %w", err)}
	}
	return list, err
}

func (f serveFlags) checkTLS() error {
	if (f.tlsCert == "") != (f.tlsKey == "") {
		return usageError{errors.New("--tls-cert and --tls-key: want both, or none")}
	}
	return nil
}

// checkCertificate reads the files of a certificate, where both are named.
func (f serveFlags) checkCertificate() error {
	if f.tlsCert == "" || f.tlsKey == "" {
		return nil
	}
	if _, err := loadPair(f.tlsCert, f.tlsKey); err != nil {
		return usageError{fmt.Errorf("--tls-cert and --tls-key: %w", err)}
	}
	return nil
}

func checkListen(address string) error {
	_, port, err := net.SplitHostPort(address)
	if number, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || port != strconv.FormatUint(number, 10) {
		return usageError{fmt.Errorf("--listen %q: want HOST:PORT, such as 127.0.0.1:8080 or :8080", address)}
	}
	return nil
}
