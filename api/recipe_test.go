package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/page"
)

// Each file has the address of the service where that is known and plain, and is else as it lies in the repository.
func TestDashboardAddress(t *testing.T) {
	for _, base := range []string{"", "https://cal.example.com", "http://[::1]:8080", `https://x"y`} {
		h := newHandler(t, api.Config{BaseURL: base})
		for _, file := range []string{"grafana.json", "powerquery.pq", "cyclecal.ps1", "cyclecal.py"} {
			w := serve(t, h, "/dashboards/"+file)
			want := base
			if base == "" || strings.Contains(base, `"`) {
				want = assumed
			}
			body := w.Body.String()
			if w.Code != http.StatusOK || !strings.Contains(body, want) || want != assumed && strings.Contains(body, assumed) {
				t.Errorf("GET /dashboards/%s with base URL %q = %d without %s, or with another", file, base, w.Code, want)
			}
			if strings.HasSuffix(file, ".json") && !json.Valid([]byte(body)) {
				t.Errorf("GET /dashboards/%s with base URL %q is no JSON", file, base)
			}
		}
	}
}

// The commands of help go to the service that shows them where its address is known and plain. Those of a copy
// don't go to where its files are: nothing there answers a query.
func TestHelpAddress(t *testing.T) {
	topics := []page.Topic{{Name: "query", Title: "Query", Text: "# Query\n\n```\ncurl http://127.0.0.1:8080/api/v1/next\n```\n"}}
	for base, want := range map[string]string{"": assumed, "https://cal.example.com": "https://cal.example.com", "https://a$(id)": assumed} {
		config := api.Config{BaseURL: base, Topics: topics}
		if body := serve(t, newHandler(t, config), "/docs/query").Body.String(); !strings.Contains(body, "curl "+want+"/api/v1/next") {
			t.Errorf("with the base URL %q help shows %s, want %s", base, body, want)
		}
	}
	config := copyConfig(t)
	config.Topics = topics
	body, err := newCopy(t, config).File(t.Context(), "docs/query/index.html")
	if err != nil || !strings.Contains(string(body), "curl "+assumed+"/api/v1/next") {
		t.Errorf("a copy shows %s, %v, want %s", body, err, assumed)
	}
}

// recipe returns the service and a file of it.
func recipe(t testing.TB, file string) (http.Handler, string) {
	t.Helper()
	h := newHandler(t, api.Config{})
	return h, serve(t, h, "/dashboards/"+file).Body.String()
}

// one returns the only match of a pattern's group.
func one(t testing.TB, text, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1)
	if len(found) != 1 {
		t.Fatalf("%d matches of %s, want one", len(found), pattern)
	}
	return found[0][1]
}

// The Power Query recipe: its address is a literal, the rest is in RelativePath and Query, as the
// Power BI service demands; what it asks for is there, and each column can be made its type.
func TestPowerQuery(t *testing.T) {
	h, text := recipe(t, "powerquery.pq")
	code := regexp.MustCompile(`(?m)//[^"\n]*$`).ReplaceAllString(text, "")
	base := one(t, code, `Web\.Contents\(\s*"([^"]*)",\s*\[`)
	path := one(t, code, `RelativePath = "([^"]*)"`)
	query := url.Values{}
	for _, field := range regexp.MustCompile(`(\w+) = (?:"([^"]*)"|\{([^}]*)\})`).FindAllStringSubmatch(one(t, code, `Query = \[([^\]]*)\]`), -1) {
		query[field[1]] = strings.Split(strings.ReplaceAll(field[2]+field[3], `"`, ""), ", ")
	}
	if base != assumed || strings.HasPrefix(path, "/") || len(query) < 3 {
		t.Fatalf("%s, %s, %v, want the address, a path without its slash, and parameters", base, path, query)
	}
	w := serve(t, h, "/"+path+"?"+query.Encode())
	var list []map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list) != 24 {
		t.Fatalf("GET /%s?%s = %d %.200s, want 12 rows of 2 tracks: %v", path, query.Encode(), w.Code, w.Body, err)
	}
	query.Set("ring", "pilot") // a stored one, with a window and a freeze
	var pilot []map[string]any
	w = serve(t, newHandler(t, fleetConfig(t)), "/"+path+"?"+query.Encode(), "Authorization: Bearer "+viewerSecret)
	if err := json.Unmarshal(w.Body.Bytes(), &pilot); err != nil {
		t.Fatalf("%v: %.200s", err, w.Body)
	}
	columns := regexp.MustCompile(`"(\w+)"`).FindAllStringSubmatch(one(t, code, `Columns = \{([^}]*)\}`), -1)
	types := regexp.MustCompile(`\{"(\w+)", (type \w+|Int64\.Type)\}`).FindAllStringSubmatch(code, -1)
	if len(columns) != len(types) || len(types) < 15 {
		t.Fatalf("%d columns and %d types, want a type for each", len(columns), len(types))
	}
	kinds := map[string]string{"type text": "string", "type logical": "boolean", "Int64.Type": "number", "type datetimezone": "timestamp", "type date": "date"}
	for i, column := range types {
		if columns[i][1] != column[1] || kinds[column[2]] == "" {
			t.Errorf("column %s has the type of %s: %s", columns[i][1], column[1], column[2])
		}
		rows := list
		if strings.HasPrefix(column[1], "window_") || strings.HasPrefix(column[1], "freeze") {
			rows = pilot
		}
		checkColumn(t, "powerquery.pq", rows, column[1], kinds[column[2]])
	}
}

// The PowerShell recipe: what it asks for is there, and every field that it reads. It can't be run here.
func TestPowerShell(t *testing.T) {
	h, text := recipe(t, "cyclecal.ps1")
	code := regexp.MustCompile(`(?s)<#.*?#>`).ReplaceAllString(text, "")
	code = regexp.MustCompile(`(?m)^\s*#.*$`).ReplaceAllString(code, "")
	if server := one(t, code, `\$Server = '([^']*)'`); server != assumed {
		t.Errorf("it asks %s, want %s", server, assumed)
	}
	// RFC 8259, 11: the media type has no charset, without which Windows PowerShell 5.1 reads Latin-1.
	if strings.Contains(code, "Invoke-RestMethod") || !strings.Contains(code, "[Text.Encoding]::UTF8.GetString($answer.RawContentStream.ToArray())") {
		t.Error("it leaves the decoding to PowerShell, want UTF-8")
	}
	path := one(t, code, `-Uri "\$Server([^"]*)"`)
	query := one(t, code, `\$query = '([^']*)' \+ \[Uri\]::EscapeDataString\(\$Ring\)`) + url.QueryEscape(one(t, code, `\$Ring = '([^']*)'`)) +
		one(t, code, `\$query \+= '([^']*)' \+ \[Uri\]::EscapeDataString\(\$id\)`) + "windows-11-24h2"
	address := strings.Replace(path, "$query", query, 1)
	w := serve(t, h, address)
	var list []map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list) != 1 {
		t.Fatalf("GET %s = %d %.200s, want one row: %v", address, w.Code, w.Body, err)
	}
	fields := regexp.MustCompile(`\$row\.(\w+)`).FindAllStringSubmatch(code, -1)
	for _, field := range fields {
		if _, there := list[0][field[1]]; !there {
			t.Errorf("no field %s in %v", field[1], list[0])
		}
	}
	for _, want := range []string{"offered_on", "restart_by", "window_start", "window_end", "freeze", "freeze_conflict"} {
		if !strings.Contains(code, "$row."+want) {
			t.Errorf("%s is not read", want)
		}
	}
	for _, pair := range []string{"{}", "()", "[]"} {
		if strings.Count(code, pair[:1]) != strings.Count(code, pair[1:]) {
			t.Errorf("its %s do not match", pair)
		}
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r > 127 }) {
		t.Error("it has letters that Windows PowerShell 5.1 would read in the system's code page, want ASCII")
	}
}
