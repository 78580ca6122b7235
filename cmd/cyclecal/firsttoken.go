package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"regexp"
	"runtime"
	"strings"
)

// adminVariable has the first admin token itself.
const adminVariable = "CYCLECAL_ADMIN_TOKEN"

// sendable is what an Authorization header can carry: RFC 6750, 2.1.
var sendable = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

const sendables = "letters, digits and -._~+/, and = at the end, which a header can carry"

// adminFile returns the file that has the first admin token, "" where the environment has the token itself, or nobody.
// What is in the environment wins over what a file of settings names, and a flag over both.
func (p *program) adminFile(f serveFlags) (string, error) {
	const flag = "admin-token-file"
	switch place := f.from[flag]; {
	case f.adminTokenFile == "" || p.getenv(adminVariable) == "", place == "": // a flag
		return f.adminTokenFile, nil
	case f.from.fromVariable(flag):
		return "", usageError{fmt.Errorf("%s and %s are both set: want one of the two", adminVariable, variable(flag))}
	}
	return "", nil
}

// firstToken returns the token by which the first others are made, "" where there is none.
func (p *program) firstToken(f serveFlags) (string, error) {
	file, err := p.adminFile(f)
	if err != nil {
		return "", err
	}
	token, from := p.getenv(adminVariable), adminVariable
	if file != "" {
		from = "--admin-token-file " + file
		if token, err = readToken("--admin-token-file", file); err != nil {
			return "", usageError{err}
		}
	}
	const most = 256
	switch {
	case token == "" && file == "":
		return "", nil
	case len(token) > most, !sendable.MatchString(token):
		return "", usageError{fmt.Errorf("%s: want at most %d characters, of %s", from, most, sendables)}
	}
	return token, nil
}

// readToken reads the token in a file that a flag names. No fault repeats what is in it.
func readToken(flag, file string) (string, error) {
	body, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", flag, unreadable(err, "want a file with nothing but a token"))
	}
	token := strings.TrimSpace(string(body))
	switch {
	case token == "":
		return "", usageError{fmt.Errorf("%s %s is empty: want a token", flag, file)}
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")), bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("\xfe\xff")), bytes.ContainsRune(body, 0):
		return "", usageError{fmt.Errorf("%s %s has UTF-16 or a byte order mark, as PowerShell writes it: want plain ASCII, by Set-Content -Encoding ascii", flag, file)}
	}
	return token, nil
}

// unreadable says of a file that may not be read who may not, and of any other what would be right.
func unreadable(err error, want string) error {
	if !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: %s", err, want)
	}
	who := fmt.Sprintf("user %d", os.Getuid()) // in a container it may have no name
	if u, unknown := user.Current(); unknown == nil {
		who = u.Username
	}
	return fmt.Errorf("%w: cyclecal runs as %s: let that user read the file%s", err, who, byManager())
}

// byManager says how a service manager hands over what its service may not read.
func byManager() string {
	if runtime.GOOS == "linux" {
		return `, or have systemd hand it over by LoadCredential=, see "cyclecal help deploy"`
	}
	return ""
}
