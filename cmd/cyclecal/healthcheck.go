package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// healthTime bounds a health check, which is repeated soon anyway.
const healthTime = 3 * time.Second

func (p *program) healthcheck() *cobra.Command {
	var address, config string
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask the server on this machine whether it is ready",
		Long: `Ask the server on this machine whether it is ready: exit code 0 if it is,
1 if it is not, and 2 where the question itself is wrong, or the settings are.

It asks /readyz where the settings of serve say that it listens, of the environment
and of the file of settings, and waits for 3 seconds at most. It needs no shell and no
curl, so that it works in a container that has neither.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, ready, client, err := p.whereReady(address, config)
			if err != nil {
				return failed(err)
			}
			if err := askReady(cmd.Context(), client, ready); err != nil {
				return failedError{errors.Join(fmt.Errorf("not ready: %w", err), f.from.locate(f.checkCertificate()))} // maybe why
			}
			_, err = fmt.Fprintln(p.stdout, "ready")
			return failed(err)
		},
	}
	cmd.Flags().StringVar(&address, "url", "", "`URL` of the server, such as http://127.0.0.1:8080; default where the settings say that it listens")
	cmd.Flags().StringVar(&config, "config", "", "`FILE` of settings that the server was started with")
	return cmd
}

// whereReady returns the address to ask, and a client for it. The client does not verify the server's
// certificate, which is for the server's name and not for an address of this machine.
func (p *program) whereReady(address, config string) (f serveFlags, ready string, client *http.Client, err error) {
	transport := &http.Transport{} // without a proxy
	client = &http.Client{Timeout: healthTime, Transport: transport, CheckRedirect: dontFollow}
	if address != "" {
		u, ok := httpURL(address)
		if !ok || strings.Trim(u.Path, "/") != "" {
			return f, "", nil, usageError{fmt.Errorf("--url %q: want http:// or https:// and a host, such as http://127.0.0.1:8080", address)}
		}
		return f, u.Scheme + "://" + u.Host + "/readyz", client, nil
	}
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	f.add(flags, p.getenv)
	if config != "" {
		if err := flags.Set("config", config); err != nil {
			return f, "", nil, err
		}
	}
	f.from, err = p.settings(flags)
	host, badListen := loopback(f.listen)
	at := url.URL{Scheme: "http", Host: host, Path: "/readyz"}
	if f.tlsCert != "" {
		at.Scheme = "https"
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}
	}
	return f, at.String(), client, inOrder(err, f.from.locate(badListen, f.checkTLS()))
}

// loopback is where this machine reaches a server that listens there.
func loopback(listen string) (string, error) {
	if err := checkListen(listen); err != nil {
		return "", err
	}
	host, port, err := net.SplitHostPort(listen)
	if port == "0" {
		return "", usageError{fmt.Errorf("--listen %s takes a free port: say with --url which", listen)}
	}
	at, bad := netip.ParseAddr(host)
	switch {
	case host == "", bad == nil && at == netip.IPv4Unspecified():
		host = "127.0.0.1" // not localhost: a container may not know that name
	case bad == nil && at == netip.IPv6Unspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port), err
}

func askReady(ctx context.Context, client *http.Client, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	const most = 2000
	body, err := io.ReadAll(io.LimitReader(answer.Body, most))
	return errors.Join(fmt.Errorf("%s: %s: %s", address, answer.Status, plain(string(body))), err)
}
