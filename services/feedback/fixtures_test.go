package feedback

import (
	"testing"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/fail"
)

var (
	ann = es.DeriveID[es.Person]("ann")
	bob = es.DeriveID[es.Person]("bob")

	acme   = es.DeriveID[Customer]("acme")
	globex = es.DeriveID[Customer]("globex")

	app   = es.DeriveID[ProductRef]("app")
	other = es.DeriveID[ProductRef]("other")
	red   = es.DeriveID[TeamRef]("red")

	said      = es.DeriveID[Feedback]("said")
	sameAs    = es.DeriveID[Feedback]("same as")
	excerpt   = es.DeriveID[Insight]("excerpt")
	elsewhere = es.DeriveID[Insight]("elsewhere")
	dark      = es.DeriveID[Idea]("dark mode")
	night     = es.DeriveID[Idea]("night mode")
	item      = es.DeriveID[ItemRef]("item")
	otherItem = es.DeriveID[ItemRef]("other item")
	train     = es.DeriveID[ARTRef]("train")
	epic      = es.DeriveID[EpicRef]("epic")
	release   = es.DeriveID[ReleaseRef]("release")
)

// sentence is one named given–when–then.
type sentence[S any] struct {
	name  string
	past  []es.Event[S]
	wish  es.Command[S]
	then  []es.Event[S] // none and no refusal: it already holds
	not   error
	state func(S) bool // afterwards, where the events do not say it all
}

func run[S any](t *testing.T, schema *es.Schema[S], sentences []sentence[S]) {
	t.Helper()
	seen := map[string]bool{}
	for _, c := range sentences {
		if seen[c.name] {
			t.Errorf("two sentences are called %q", c.name)
		}
		seen[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			s := estest.Given(schema, c.past...).When(c.wish)
			if c.not != nil {
				s.Refuses(t, c.not)
				return
			}
			s.Then(t, c.then...)
			if got := s.State(t); c.state != nil && !c.state(got) {
				t.Errorf("afterwards it is not as it should be: %+v", got)
			}
		})
	}
}

func past[S any](events ...es.Event[S]) []es.Event[S] { return events }

func invalid(field string) error { return fail.Invalid(field, "") }

func at[S any](is func(S) State, want State) func(S) bool {
	return func(s S) bool { return is(s) == want }
}

func just(i Importance) *Importance { return &i }

func long(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'x'
	}
	return string(b)
}

func TestEveryStoredEventStillReads(t *testing.T) {
	estest.Golden(t, "testdata/events", Schemas...)
}
