package backlog

import (
	"testing"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/fail"
)

// sentence is one row of a table: what happened, what is wished, and what
// happens then or which rule says no.
type sentence[S any] struct {
	name    string
	given   []es.Event[S]
	when    es.Command[S]
	then    []es.Event[S]
	refused error
}

func tell[S any](t *testing.T, schema *es.Schema[S], sentences []sentence[S]) {
	t.Helper()
	for _, s := range sentences {
		t.Run(s.name, func(t *testing.T) {
			t.Helper()
			told := estest.Given(schema, s.given...).When(s.when)
			if s.refused != nil {
				told.Refuses(t, s.refused)
				return
			}
			told.Then(t, s.then...)
		})
	}
}

// invalid matches a complaint about a field.
func invalid(field string) error {
	return &fail.Error{Kind: fail.KindInvalid, Code: "invalid", Field: field}
}

func points(p float64) *float64 { return &p }

func long(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'x'
	}
	return string(b)
}

// after is a list of events of items with more at its end.
func after[S any](past []es.Event[S], more ...es.Event[S]) []es.Event[S] {
	return es.Added(past, more...)
}

func id[S any](n int) es.ID[S] { return es.MetaID[S](estest.Meta, n) }

var (
	teamA  = es.DeriveID[Team]("a")
	teamB  = es.DeriveID[Team]("b")
	sprint = es.DeriveID[Iteration]("1")
	later  = es.DeriveID[Iteration]("2")
	epic   = es.DeriveID[EpicRef]("e")
	itemA  = es.DeriveID[Item]("a")
	itemB  = es.DeriveID[Item]("b")
	itemC  = es.DeriveID[Item]("c")
	ann    = es.DeriveID[es.Person]("ann")
	ben    = es.DeriveID[es.Person]("ben")
	pi     = es.DeriveID[PIRef]("pi")
	now    = estest.Meta.Time
)

func TestEveryStoredNameStillReads(t *testing.T) {
	estest.Golden(t, "testdata/events", Schemas...)
}
