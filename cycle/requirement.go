package cycle

import (
	"slices"
	"strings"
)

// Requirement is something that a device needs to have the hotpatches of some tracks, as one
// source states it. What is required is data: see package catalog.
type Requirement struct {
	// ID names it on its tracks: 1 to 64 of a-z, 0-9 and "-".
	ID string
	// Tracks are the ids of the tracks that have the requirement.
	Tracks []string
	// Trait is the name of the trait that decides.
	Trait string
	// Values are the values that meet the requirement. For [TraitBuild] it is one value: the lowest build
	// that does, of the same branch. For [TraitBaseline] it is the word [Newest].
	Values []string
	// Unclear are values of which the sources don't say whether they meet the requirement. Builds are the
	// lowest of their branch of which that is so.
	Unclear []string
	// When says which devices the requirement is for; the zero Condition means all.
	When Condition
	// From and Until are the first and the last day on which the requirement holds; zero where no such
	// day is known.
	From, Until Date
	// Text says what is required, and How says how to meet it.
	Text, How string
	// Source is where the requirement was read.
	Source Reference
	// Differs is another source, which says otherwise; its Text is "" where there is none.
	Differs Reference
}

// Condition is met by devices that have one of some values of a trait.
type Condition struct {
	Trait  string
	Values []string
}

// String returns the condition as "architecture=arm64", and "" for all devices.
func (c Condition) String() string {
	if c.Trait == "" {
		return ""
	}
	return c.Trait + "=" + strings.Join(c.Values, " ")
}

// Reference is where something was read.
type Reference struct {
	Text string // what it says; only for a source that differs
	Name string // what the source is called
	URL  string // "" where no page can be linked to
	Date Date   // the date of the text; zero where it has none
}

// Check returns an [*InvalidError] for a requirement that can't be: one of an unknown trait, with a value
// that the trait can't have, without a text, or that ends before it begins.
func (r Requirement) Check() error {
	switch {
	case !ValidID(r.ID):
		return invalid("id", r.ID, "1 to 64 of a-z, 0-9 and -")
	case len(r.Values) == 0:
		return invalid("values", "", "at least one value that meets it")
	case r.Trait == TraitBuild && len(r.Values) > 1:
		return invalid("values", strings.Join(r.Values, " "), "one build, the least")
	case !r.Until.IsZero() && r.Until.Before(r.From):
		return invalid("until", r.Until.String(), "a day from "+r.From.String()+" on, or nothing")
	case r.Text == "":
		return invalid("text", "", "what is required, in words")
	case r.How == "":
		return invalid("how", "", "how to meet it, in words")
	case r.Trait == TraitBaseline && !slices.Equal(r.Values, []string{Newest}):
		return invalid("values", strings.Join(r.Values, " "), Newest)
	case r.Trait == TraitBaseline && len(r.Unclear) > 0:
		return invalid("unclear", strings.Join(r.Unclear, " "), "nothing for a baseline")
	case r.Trait != TraitBaseline:
		if err := checkValues(r.Trait, slices.Concat(r.Values, r.Unclear)); err != nil {
			return err
		}
	}
	if r.When.Trait == "" {
		return nil
	}
	return checkValues(r.When.Trait, r.When.Values)
}

// checkValues refuses values that a trait can't have, or has in another spelling.
func checkValues(name string, values []string) error {
	t, ok := TraitOf(name)
	if !ok {
		var names []string
		for _, t := range Traits() {
			names = append(names, t.Name)
		}
		return invalid("trait", name, "one of "+strings.Join(names, ", "))
	}
	for _, value := range values {
		listed, err := t.Parse(value)
		if err != nil {
			return err
		}
		if listed != value {
			return invalid(name, value, listed)
		}
	}
	return nil
}
