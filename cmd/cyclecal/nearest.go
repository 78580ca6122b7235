package main

import "strings"

// meant says which name was meant or, where that is not clear, which there are.
func meant(name string, names []string) string {
	if near := nearest(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	return "want one of " + strings.Join(names, ", ")
}

// nearest returns the name that was meant, "" where that is not clear, as where two are as near. The beginning of a
// name is as near to it as a slip of the finger.
func nearest(name string, names []string) string {
	const begun = 3
	near, least := "", min(2, len(name)/2)+1 // further away it is another word
	for _, n := range names {
		d := distance(strings.ToLower(name), strings.ToLower(n))
		if len(name) >= begun && strings.HasPrefix(n, strings.ToLower(name)) {
			d = min(d, 1)
		}
		switch {
		case d < least:
			near, least = n, d
		case d == least:
			near = ""
		}
	}
	return near
}

// distance is how many bytes have to be put in, taken out or changed to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = min(diagonal, row[j], row[j+1]) + 1
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
