package estest

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/es"
)

// Meta is the Meta of every sentence that does not bring its own.
var Meta = es.Meta{
	Tenant:  mustTenant("0tenant0000000000000000000"),
	Actor:   "0actor00000000000000000000",
	Command: "command-1",
	ID:      "0commit0000000000000000000",
	Time:    time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC),
	Key:     "X-1",
}

func mustTenant(s string) es.Tenant {
	t, err := es.ParseTenant(s)
	if err != nil {
		panic(err)
	}
	return t
}

// Sentence is a given–when–then over one aggregate.
//
//	estest.Given(EpicSchema, submitted, reviewed).When(DecideGo{Case: 2}).Refuses(t, ErrCaseMoved)
type Sentence[S any] struct {
	schema *es.Schema[S]
	past   []es.Event[S]
	meta   es.Meta
	wish   es.Command[S]
}

// Given starts a sentence with what happened before.
func Given[S any](schema *es.Schema[S], past ...es.Event[S]) Sentence[S] {
	return Sentence[S]{schema: schema, past: past, meta: Meta}
}

// As sets the Meta of the decision.
func (s Sentence[S]) As(m es.Meta) Sentence[S] { s.meta = m; return s }

// When sets the command.
func (s Sentence[S]) When(c es.Command[S]) Sentence[S] { s.wish = c; return s }

// Then asserts what the command makes happen; no events: it already holds.
func (s Sentence[S]) Then(t testing.TB, want ...es.Event[S]) {
	t.Helper()
	got, err := s.decide(t)
	if err != nil {
		t.Fatalf("%T was refused: %v", s.wish, err)
	}
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(want, got, exportAll); diff != "" {
		t.Fatalf("%T happened differently (-want +got):\n%s", s.wish, diff)
	}
}

// Refuses asserts that the command is refused with this error.
func (s Sentence[S]) Refuses(t testing.TB, want error) {
	t.Helper()
	got, err := s.decide(t)
	if err == nil {
		t.Fatalf("%T was not refused but made happen %+v", s.wish, got)
	}
	if !errors.Is(err, want) {
		t.Fatalf("%T was refused with %q, want %q", s.wish, err, want)
	}
}

// State returns the state after the past and, if there is one, the command.
func (s Sentence[S]) State(t testing.TB) S {
	t.Helper()
	state := s.fold(t, s.past)
	if s.wish == nil {
		return state
	}
	events, err := s.decide(t)
	if err != nil {
		t.Fatalf("%T was refused: %v", s.wish, err)
	}
	return s.foldOn(t, state, events)
}

var exportAll = cmp.Exporter(func(reflect.Type) bool { return true })

func (s Sentence[S]) decide(t testing.TB) ([]es.Event[S], error) {
	t.Helper()
	if s.wish == nil {
		t.Fatal("a sentence needs a When")
	}
	state := s.fold(t, s.past)
	events, err := s.wish.Decide(state, s.meta)
	var out []es.Event[S]
	for _, e := range events {
		out = append(out, s.stored(t, e))
	}
	s.foldOn(t, state, events)
	return out, err
}

func (s Sentence[S]) fold(t testing.TB, events []es.Event[S]) S {
	t.Helper()
	var zero S
	return s.foldOn(t, zero, events)
}

// foldOn evolves state, each event as it comes back from the log, and fails
// when an Evolve changes the state that it was given.
func (s Sentence[S]) foldOn(t testing.TB, state S, events []es.Event[S]) S {
	t.Helper()
	for _, e := range events {
		before := dump(state)
		next := s.stored(t, e).Evolve(state)
		if after := dump(state); before != after {
			t.Fatalf("%T.Evolve changed the state it was given:\n%s\n%s", e, before, after)
		}
		state = next
	}
	return state
}

func dump(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// stored passes an event through its schema, as the log would.
func (s Sentence[S]) stored(t testing.TB, e es.Event[S]) es.Event[S] {
	t.Helper()
	r, err := s.schema.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	back, err := s.schema.Decode(r)
	if err != nil {
		t.Fatal(err)
	}
	return back
}
