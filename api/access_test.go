package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestRoles asks every route in every role, and compares the statuses with
// testdata/roles.txt: a route that is new fails until somebody has said who may. UPDATE=1
// rewrites the table; read what changed.
func TestRoles(t *testing.T) {
	got := rolesTable(t, false) + rolesTable(t, true)
	checkFile(t, "testdata/roles.txt", got)
}

func rolesTable(t *testing.T, closed bool) string {
	t.Helper()
	c := fleetConfig(t)
	c.Closed = closed
	var s *site
	var table strings.Builder
	fmt.Fprintf(&table, "# public is %v: nobody, wrong, expired, viewer, editor, admin\n", !closed)
	for i, name := range slices.Sorted(maps.Keys(describe(t).operations())) {
		if i%20 == 0 { // before too many wrong secrets were counted
			s = newSite(t, c)
		}
		method, path, _ := strings.Cut(name, " ")
		var statuses []string
		for _, secret := range []string{"", "wrong", expiredSecret, viewerSecret, editorSecret, adminSecret} {
			q := request{method: strings.ToUpper(method), target: pathOf(path)}
			if secret != "" {
				q.headers = append(q.headers, "Authorization: Bearer "+secret)
			}
			if q.method == http.MethodPut || q.method == http.MethodPost {
				q.body = "{}"
			}
			statuses = append(statuses, strconv.Itoa(s.send(q).StatusCode))
		}
		fmt.Fprintf(&table, "%-6s %-45s %s\n", strings.ToUpper(method), path, strings.Join(statuses, " "))
	}
	return table.String()
}
