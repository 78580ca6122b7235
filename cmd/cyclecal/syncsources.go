package main

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/cyclecal/cyclecal/cycle/importer"
)

// source is a page that is fetched. Its id names it wherever its state is told.
type source struct{ id, name, address string }

// defaultSources are the pages that together tell the type, KB, build and day of every month.
func defaultSources() []source {
	return []source{
		{string(importer.Windows11Calendar), "Windows 11 release information", "https://learn.microsoft.com/en-us/windows/release-health/windows11-release-information"},
		{string(importer.ServerCalendar), "Windows Server release information", "https://learn.microsoft.com/en-us/windows/release-health/windows-server-release-info"},
		// Each page of the notes has the navigation of all of them; this one is the list of 25H2.
		{string(importer.ReleaseNotes), "hotpatch release notes", "https://support.microsoft.com/en-us/help/5068391"},
		{string(importer.UpdateHistory), "Windows 11 update history", "https://support.microsoft.com/en-us/servicing/os/windows-11/toc.json"},
	}
}

// syncFlags say what is fetched, and how.
type syncFlags struct{ sources, proxy string }

// usualSources is what --sync means by itself.
const usualSources = "default"

func (f *syncFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.sources, "sync", "", "fetch Microsoft's pages on a schedule and store what is new; or those at `URLS`, joined by commas")
	flags.Lookup("sync").NoOptDefVal = usualSources
	flags.StringVar(&f.proxy, "sync-proxy", "", "`URL` of the proxy through which they are fetched, such as http://proxy:3128")
}

// parse returns what is to be fetched, nothing where --sync is off, and the proxy, if any.
func (f syncFlags) parse() ([]source, *url.URL, error) {
	sources, err := parseSources(f.sources)
	if err != nil {
		return nil, nil, usageError{fmt.Errorf("--sync: %w", err)}
	}
	if f.proxy == "" {
		return sources, nil, nil
	}
	if len(sources) == 0 {
		return nil, nil, usageError{errors.New("--sync-proxy without --sync: want both, as nothing is fetched without --sync")}
	}
	u, ok := httpURL(f.proxy)
	if !ok || strings.Trim(u.Path, "/") != "" {
		// It may have a password, so it is not repeated.
		return nil, nil, usageError{errors.New("--sync-proxy: want http:// or https:// and a host, such as http://proxy:3128")}
	}
	return sources, u, nil
}

// parseSources reads addresses, joined by commas.
func parseSources(s string) ([]source, error) {
	var list []source
	switch strings.ToLower(s) {
	case "", "0", "false":
		return nil, nil
	case "1", "true":
		s = usualSources
	}
	for address := range strings.SplitSeq(s, ",") {
		if address = strings.TrimSpace(address); address == usualSources {
			list = append(list, defaultSources()...)
			continue
		}
		one, err := newSource(address)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	seen := map[string]string{}
	for _, one := range list {
		if other, twice := seen[one.id]; twice {
			return nil, fmt.Errorf("%q and %q: want each source once", other, one.address)
		}
		seen[one.id] = one.address
	}
	return list, nil
}

// newSource names an address.
func newSource(address string) (source, error) {
	const longest = 200
	if err := importer.CheckAddress(address); err != nil {
		return source{}, fmt.Errorf("%w; or %s", err, usualSources)
	}
	if u, err := url.Parse(address); err == nil {
		u.Host = strings.ToLower(u.Host) // RFC 3986, 6.2.2.1: case means nothing there, nor in the scheme
		address = u.String()
	}
	if len(address) > longest {
		return source{}, fmt.Errorf("address of %d bytes: want at most %d", len(address), longest)
	}
	if i := slices.IndexFunc(defaultSources(), func(d source) bool { return d.address == address }); i >= 0 {
		return defaultSources()[i], nil
	}
	name := strings.TrimPrefix(address, "https://")
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return source{id: strings.Join(words, "-"), name: name, address: address}, nil
}
