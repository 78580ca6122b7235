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
// name is as near to it as a slip of the finger; in a long name there may be two of these.
func nearest(name string, names []string) string {
	const begun, long = 3, 8
	name = strings.ToLower(name)
	near, least := "", 2 // further away it is another word
	switch {
	case len(name) >= long:
		least = 3
	case len(name) < 2:
		return ""
	}
	for _, n := range names {
		d := distance(name, strings.ToLower(n))
		if len(name) >= begun && strings.HasPrefix(n, name) {
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

// distance is how many bytes have to be put in, taken out, changed, or swapped with the next one to make b of a.
func distance(a, b string) int {
	var last []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := row[j]
			if a[i] != b[j] {
				cost = min(row[j], row[j+1], next[j]) + 1
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				cost = min(cost, last[j-1]+1)
			}
			next[j+1] = cost
		}
		last, row = row, next
	}
	return row[len(b)]
}
