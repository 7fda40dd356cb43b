package strategy

import (
	"testing"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/fail"
)

// sentence is a given–when–then, named after its rule. With neither then nor
// refuses, the wish already holds.
type sentence[S any] struct {
	name    string
	given   []es.Event[S]
	when    es.Command[S]
	then    []es.Event[S]
	refuses error
}

func tell[S any](t *testing.T, schema *es.Schema[S], sentences []sentence[S]) {
	t.Helper()
	for _, s := range sentences {
		t.Run(s.name, func(t *testing.T) {
			told := estest.Given(schema, s.given...).When(s.when)
			if s.refuses != nil {
				told.Refuses(t, s.refuses)
				return
			}
			told.Then(t, s.then...)
		})
	}
}

// wrong is any error about this field.
func wrong(field string) error { return fail.Invalid(field, "") }

func happened[S any](events ...es.Event[S]) []es.Event[S] { return events }

// after continues a past.
func after[S any](past []es.Event[S], more ...es.Event[S]) []es.Event[S] {
	return es.Added(past, more...)
}

func ptr[T any](v T) *T { return &v }

const (
	anna  es.PersonID = "0anna000000000000000000000"
	bodo  es.PersonID = "0bodo000000000000000000000"
	actor es.PersonID = "0actor00000000000000000000" // of estest.Meta

	retail   PortfolioID   = "0retail0000000000000000000"
	other    PortfolioID   = "0other00000000000000000000"
	mobile   ThemeID       = "0mobile0000000000000000000"
	cloud    ThemeID       = "0cloud00000000000000000000"
	orders   ObjectiveID   = "0orders0000000000000000000"
	checkout ValueStreamID = "0checkout00000000000000000"
	train    ARTID         = "0train00000000000000000000"
)
