package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// adminVariable has the first admin token itself.
const adminVariable = "CYCLECAL_ADMIN_TOKEN"

// sendable is what an Authorization header can carry: RFC 6750, 2.1.
var sendable = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

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
		body, err := os.ReadFile(file)
		if err != nil {
			return "", usageError{fmt.Errorf("--admin-token-file: %w: want a file with nothing but a token", err)}
		}
		if token, from = strings.TrimSpace(string(body)), "--admin-token-file "+file; token == "" {
			return "", usageError{fmt.Errorf("%s is empty: want a token, such as 32 random bytes in base64", from)}
		}
	}
	const most = 256
	if token != "" && (len(token) > most || !sendable.MatchString(token)) {
		return "", usageError{fmt.Errorf("%s: want at most %d letters, digits and -._~+/, which a header can carry", from, most)}
	}
	return token, nil
}
