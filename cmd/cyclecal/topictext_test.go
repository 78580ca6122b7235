package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What each kind of Markdown becomes in a terminal.
func TestTopicText(t *testing.T) {
	bold := func(s string) string { return "<" + s + ">" }
	for _, tt := range []struct{ name, markdown, want string }{
		{"headings", "# One\n\nText.\n\n## Two\n\n### Three\n", "<One>\n\n  Text.\n\n<Two>\n\n<Three>\n"},
		{"words", "A *b* **c** `d e` <https://f.example> [g](https://g.example) [h](h.md#i) [j](#k) [l](/l)\n", "" +
			"  A b c `d e` https://f.example g (https://g.example) h (`cyclecal help h`) j l\n  (/l)\n"},
		{"lines", strings.Repeat("word ", 20) + "\nnext\n", "  " + strings.Repeat("word ", 14) + "word\n  " + strings.Repeat("word ", 5) + "next\n"},
		{"code stays together", strings.Repeat("w", 70) + " `code of words`\n", "  " + strings.Repeat("w", 70) + "\n  `code of words`\n"},
		{"code longer than a line", "`" + strings.Repeat("code ", 20) + "end`\n", "  `" + strings.Repeat("code ", 14) + "code\n  " + strings.Repeat("code ", 5) + "end`\n"},
		{"code", "A:\n\n```\none  two\n\n\tthree\n```\n\nB.\n", "  A:\n\n    one  two\n\n    \tthree\n\n  B.\n"},
		{"lists", "- one\n- two\n  three\n\n  four\n\n9. nine\n10. ten\n    - inner\n", "  - one\n  - two three\n    four\n\n  9. nine\n  10. ten\n      - inner\n"},
		{"a quotation", "> said\n", "    said\n"},
		{"a table", "| A | Bee |\n|--|--|\n| `c d` | e |\n| | [f](g.md) |\n", "" +
			"  A      Bee\n  -----  ---------------------\n  `c d`  e\n         f (`cyclecal help g`)\n"},
		{"a wide table", "| A | B |\n|--|--|\n| " + strings.Repeat("a ", 40) + "| " + strings.Repeat("b ", 20) + "|\n", "" +
			"  A" + strings.Repeat(" ", 39) + "B\n" +
			"  " + strings.Repeat("-", 38) + "  " + strings.Repeat("-", 38) + "\n" +
			"  " + strings.Repeat("a ", 19) + "  " + strings.Repeat("b ", 18) + "b\n" +
			"  " + strings.Repeat("a ", 19) + "  b\n  a a\n"},
		{"what is no Markdown", "a_b 2*3 <b>bold</b> \\* &amp; `\\* &amp;`\n", "  a_b 2*3 bold * & `\\* &amp;`\n"},
	} {
		if diff := cmp.Diff(tt.want, textOf(tt.markdown, bold)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
