package backlog

import (
	"strings"
	"time"
	"unicode/utf8"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// What lives in other contexts or other packages is known here by its id.
type (
	ProductRef   struct{}
	PortfolioRef struct{}
	ARTRef       struct{}
	TrainRef     struct{}
	PIRef        struct{}
	ReleaseRef   struct{}
	IdeaRef      struct{}

	ProductID   = es.ID[ProductRef]
	PortfolioID = es.ID[PortfolioRef]
	ARTID       = es.ID[ARTRef]
	TrainID     = es.ID[TrainRef]
	PIID        = es.ID[PIRef]
	ReleaseID   = es.ID[ReleaseRef]
	IdeaID      = es.ID[IdeaRef]
)

// Day is a date without a time, 2026-11-22; two of them compare as texts.
type Day string

const dayForm = "2006-01-02"

// On returns the day of a moment, in UTC.
func dayOf(t time.Time) Day { return Day(t.UTC().Format(dayForm)) }

// Time is the day's first moment, UTC.
func (d Day) Time() time.Time {
	t, _ := time.Parse(dayForm, string(d))
	return t
}

func (d Day) check(field string) error {
	if _, err := time.Parse(dayForm, string(d)); err != nil {
		return fail.Invalid(field, "a date such as 2026-11-22, not %q", string(d))
	}
	return nil
}

// days is how many days a span has, both ends included.
func days(from, to Day) int { return int(to.Time().Sub(from.Time()).Hours()/24) + 1 }

// Limits of texts, in characters.
const (
	maxTitle    = 300
	maxName     = 100
	maxText     = 65_536
	maxImported = 131_072
	maxList     = 200
)

// maxCommit is how large the events of one command may be, in bytes of JSON.
const maxCommit = 256 << 10

// maxBatch is how large one batch of imported comments or changes may be.
const maxBatch = 128 << 10

func checkText(field, text string, least, most int) error {
	if n := utf8.RuneCountInString(text); n > most {
		return fail.Invalid(field, "at most %d characters; this has %d", most, n)
	}
	if least > 0 && strings.TrimSpace(text) == "" {
		return fail.Invalid(field, "say something here: at least %d character, at most %d", least, most)
	}
	return nil
}

// checkReason demands one and says what for.
func checkReason(reason, what string) error {
	if strings.TrimSpace(reason) == "" {
		return fail.Invalid("reason", "say why %s", what)
	}
	return checkText("reason", reason, 1, maxText)
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
