package strategy

import (
	"strings"
	"time"
	"unicode/utf8"

	"throughline.dev/pkg/fail"
)

// Limits of what people write, in characters. An imported text may be twice as
// long as one that is written here.
const (
	maxTitle    = 300
	maxText     = 65_536
	maxImported = 131_072
)

// titled refuses a title that is blank or too long.
func titled(field, s string) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(s)); n < 1 || n > maxTitle {
		return fail.Invalid(field, "this must have 1 to %d characters, not %d", maxTitle, n)
	}
	return nil
}

// written refuses a text that is too long.
func written(field, s string, most int) error {
	if n := utf8.RuneCountInString(s); n > most {
		return fail.Invalid(field, "this can have %d characters, not %d", most, n)
	}
	return nil
}

// listed refuses a list with blank or too long lines.
func listed(field string, lines []string) error {
	for _, l := range lines {
		if blank(l) {
			return fail.Invalid(field, "every line must say something; leave empty ones out")
		}
		if err := written(field, l, maxText); err != nil {
			return err
		}
	}
	return nil
}

// because refuses a decision that must have a reason and has none.
func because(reason string) error {
	if blank(reason) {
		return fail.Invalid("reason", "say why; it is kept with the decision")
	}
	return written("reason", reason, maxText)
}

// oneOf refuses a word that is not among those a field takes.
func oneOf[T ~string](field string, v T, words ...T) error {
	var all []string
	for _, w := range words {
		if w == v {
			return nil
		}
		all = append(all, string(w))
	}
	return fail.Invalid(field, "this must be one of %s", strings.Join(all, ", "))
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// Day is a calendar day, YYYY-MM-DD.
type Day string

func (d Day) check(field string) error {
	if _, err := time.Parse(time.DateOnly, string(d)); err != nil {
		return fail.Invalid(field, "a day is written YYYY-MM-DD, such as 2026-03-31")
	}
	return nil
}

// notLater refuses a moment that the recording clock has not reached.
func notLater(field string, at, now time.Time) error {
	if at.After(now) {
		return fail.Invalid(field, "this must not lie in the future")
	}
	return nil
}
