package feedback

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// What lives in other contexts is known here by its id.
type (
	ProductRef struct{}
	TeamRef    struct{}
	ARTRef     struct{}
	EpicRef    struct{}
	ItemRef    struct{}
	ReleaseRef struct{}

	ProductID = es.ID[ProductRef]
	TeamID    = es.ID[TeamRef]
	ARTID     = es.ID[ARTRef]
	EpicID    = es.ID[EpicRef]
	ItemID    = es.ID[ItemRef] // of a work item in the backlog
	ReleaseID = es.ID[ReleaseRef]
)

// Limits of texts in characters, and of lists.
const (
	maxTitle    = 300
	maxName     = 100
	maxText     = 65_536
	maxExternal = 200
	maxList     = 50
)

// Money is an amount in minor units of a currency: 1050 EUR is ten euros fifty.
type Money struct {
	Amount   int64  `json:"amount" minimum:"0" doc:"In minor units of the currency, such as cents."`
	Currency string `json:"currency" minLength:"3" maxLength:"3" example:"EUR" doc:"ISO 4217 code."`
}

// maxAmount keeps sums over all customers within 64 bits.
const maxAmount = 1_000_000_000_000_000

func (m *Money) check(field string) error {
	if m == nil {
		return nil
	}
	if m.Amount < 0 || m.Amount > maxAmount {
		return fail.Invalid(field+".amount", "an amount is 0 to %d minor units, not %d", int64(maxAmount), m.Amount)
	}
	if !currencyCode.MatchString(m.Currency) {
		return fail.Invalid(field+".currency", "a currency is an ISO 4217 code of three capital letters, such as EUR")
	}
	return nil
}

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

// Importance says how much something matters to whoever asks for it.
type Importance int

const (
	NotImportant Importance = iota
	NiceToHave              // also when nobody said
	Important
	Critical
)

// importance reads the field that is 1 when it is left out.
func importance(given *Importance) (Importance, error) {
	if given == nil {
		return NiceToHave, nil
	}
	if *given < NotImportant || *given > Critical {
		return 0, fail.Invalid("importance", "importance is 0 (not important), 1 (nice to have), 2 (important) or 3 (critical), not %d", int(*given))
	}
	return *given, nil
}

// Day is a calendar day, YYYY-MM-DD.
type Day string

func (d Day) check(field string) error {
	if _, err := time.Parse(time.DateOnly, string(d)); d != "" && err != nil {
		return fail.Invalid(field, "a day is written YYYY-MM-DD, such as 2026-11-22, not %.40q", string(d))
	}
	return nil
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// written demands a text of 1 to most characters.
func written(field, text string, most int) error {
	if blank(text) {
		return fail.Invalid(field, "say something here, in at most %d characters", most)
	}
	return within(field, text, most)
}

// within refuses a text that is too long.
func within(field, text string, most int) error {
	if n := utf8.RuneCountInString(text); n > most {
		return fail.Invalid(field, "at most %d characters; this has %d", most, n)
	}
	return nil
}

// because demands a reason.
func because(reason, what string) error {
	if blank(reason) {
		return fail.Invalid("reason", "say why %s", what)
	}
	return within("reason", reason, maxText)
}

var mailAddress = regexp.MustCompile(`[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+`)

// impersonal refuses an e-mail address where a company, a key or a label is
// expected: events are never deleted, so a person's address must not be in one.
func impersonal(field, text string) error {
	if mailAddress.MatchString(text) {
		return fail.Invalid(field, "an e-mail address must not be here; name people by their person id")
	}
	return nil
}

// labels demands a list of different short names.
func labels(field string, names []string) error {
	if len(names) > maxList {
		return fail.Invalid(field, "at most %d names; these are %d", maxList, len(names))
	}
	for i, n := range names {
		if err := first(written(field, n, maxName), impersonal(field, n)); err != nil {
			return err
		}
		if slices.Contains(names[:i], n) {
			return fail.Invalid(field, "%q is there twice", n)
		}
	}
	return nil
}

// first returns the first error that is one.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
