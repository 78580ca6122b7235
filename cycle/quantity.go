package cycle

import "strconv"

// Quantity returns a number with the word for what is counted: "1 day", "2 days".
func Quantity(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
