package es_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/fail"
)

// soon bounds what must not wait for anything.
const soon = 20 * time.Second

// home is one counter of one organisation, seen by two processes.
type home struct {
	t      *testing.T
	tenant es.Tenant
	id     es.ID[counter]
	here   *es.Repository[counter]
	there  *es.Repository[counter]
}

func newHome(t *testing.T, log es.Log) *home {
	return &home{t: t, tenant: es.NewTenant(), id: es.NewID[counter](),
		here: es.NewRepository(counters, log, 10), there: es.NewRepository(counters, log, 10)}
}

func (h *home) do(r *es.Repository[counter], key string, c es.Command[counter]) es.Done {
	h.t.Helper()
	done, err := r.Do(h.t.Context(), wish(h.tenant, h.id, key, c))
	if err != nil {
		h.t.Fatalf("%s: %v", key, err)
	}
	return done
}

func (h *home) counts(want int) {
	h.t.Helper()
	for name, r := range map[string]*es.Repository[counter]{"here": h.here, "there": h.there} {
		s, _, err := r.State(h.t.Context(), h.tenant, h.id)
		if err != nil || s.N != want {
			h.t.Errorf("%s it counts %d, %v; want %d", name, s.N, err, want)
		}
	}
}

func TestDoAppendsWhatHappened(t *testing.T) {
	onBothLogs(t, func(t *testing.T, log es.Log) {
		h := newHome(t, log)
		if _, version, err := h.here.State(t.Context(), h.tenant, h.id); version != 0 || err != nil {
			t.Fatalf("nothing is there yet: version %d, %v", version, err)
		}
		first := h.do(h.here, "a", add{2})
		if first.Events != 1 || first.Position == 0 || first.Again || first.Stream.ID() != h.id.String() {
			t.Errorf("done %+v", first)
		}
		if idle := h.do(h.here, "b", add{0}); idle.Events != 0 || idle.Position != first.Position {
			t.Errorf("a wish that holds already: %+v, want no event at %d", idle, first.Position)
		}
		h.counts(2)
	})
}

func TestAConflictDecidesAgainOnTheNewState(t *testing.T) {
	onBothLogs(t, func(t *testing.T, log es.Log) {
		h := newHome(t, log)
		h.do(h.here, "first", add{1}) // here now keeps the state
		h.do(h.there, "second", add{10})
		var saw []int
		h.do(h.here, "third", decide(func(s counter, _ es.Meta) ([]es.Event[counter], error) {
			saw = append(saw, s.N)
			return es.Happened[counter](counted{s.N})
		}))
		if fmt.Sprint(saw) != "[1 11]" {
			t.Errorf("it decided on %v, want first on what was kept and then on what is", saw)
		}
		h.counts(22)
	})
}

func TestManyCommandsAtOnceLoseNothing(t *testing.T) {
	onBothLogs(t, func(t *testing.T, log es.Log) {
		h := newHome(t, log)
		var all sync.WaitGroup
		positions := make([]uint64, 50)
		for i := range positions {
			all.Go(func() {
				done, err := h.here.Do(t.Context(), wish(h.tenant, h.id, fmt.Sprint(i), add{1}))
				if err != nil {
					t.Errorf("%d: %v", i, err)
				}
				positions[i] = done.Position
			})
		}
		all.Wait()
		h.counts(50)
		seen := map[uint64]bool{}
		for i, p := range positions {
			if seen[p] {
				t.Errorf("command %d was answered with a position that another has: %d", i, p)
			}
			seen[p] = true
		}
	})
}

// Two processes at once may give up as stale, and then nothing of it is there;
// sent again under its key, each takes effect once.
func TestTwoProcessesAtOnceLoseNothingAndDoNothingTwice(t *testing.T) {
	onBothLogs(t, func(t *testing.T, log es.Log) {
		h := newHome(t, log)
		var all sync.WaitGroup
		for i := range 50 {
			r := h.here
			if i%2 == 0 {
				r = h.there
			}
			all.Go(func() {
				for {
					_, err := r.Do(t.Context(), wish(h.tenant, h.id, fmt.Sprint(i), add{1}))
					if e, known := fail.As(err); known && e.Kind == fail.KindStale {
						continue
					}
					if err != nil {
						t.Errorf("%d: %v", i, err)
					}
					return
				}
			})
		}
		all.Wait()
		h.counts(50)
	})
}

func TestTheSameKeyAgain(t *testing.T) {
	onBothLogs(t, func(t *testing.T, log es.Log) {
		h := newHome(t, log)
		first := h.do(h.here, "key", add{1})
		h.do(h.here, "other", add{1})
		never := decide(func(counter, es.Meta) ([]es.Event[counter], error) {
			t.Error("what had been done was decided again")
			return nil, nil
		})
		for name, r := range map[string]*es.Repository[counter]{"here": h.here, "there": h.there, "after a restart": es.NewRepository(counters, log, 1)} {
			if again := h.do(r, "key", never); !again.Again || again.Position != first.Position || again.Events != 0 {
				t.Errorf("%s: %+v, want again at %d", name, again, first.Position)
			}
			try := wish(h.tenant, h.id, "key", never)
			try.Meta.Fingerprint = "another wish"
			if _, err := r.Do(t.Context(), try); !errors.Is(err, es.ErrKeyReused) {
				t.Errorf("%s, the key with another wish: %v", name, err)
			}
		}
		h.counts(2)
	})
}

// The other process has done it, this one has kept an older state: the key is
// found by way of the conflict, or of the second look before a refusal.
func TestTheSameKeyAgainOnAnotherProcess(t *testing.T) {
	onBothLogs(t, func(t *testing.T, log es.Log) {
		h := newHome(t, log)
		h.do(h.here, "a", add{1})
		p := h.do(h.there, "b", add{1}).Position
		if done := h.do(h.here, "b", add{1}); !done.Again || done.Position != p {
			t.Errorf("by conflict: %+v", done)
		}
		p = h.do(h.there, "c", add{1}).Position
		if done := h.do(h.here, "c", add{0}); !done.Again || done.Position != p {
			t.Errorf("by a second look: %+v", done)
		}
		h.counts(3)
	})
}

func TestAKeyIsOfOneAggregate(t *testing.T) {
	h := newHome(t, estest.NewLog())
	h.do(h.here, "key", add{1})
	other := es.NewID[counter]()
	if done, err := h.here.Do(t.Context(), wish(h.tenant, other, "key", add{1})); err != nil || done.Again {
		t.Errorf("%+v, %v", done, err)
	}
	if done, err := h.here.Do(t.Context(), wish(es.NewTenant(), h.id, "key", add{1})); err != nil || done.Again {
		t.Errorf("of another organisation: %+v, %v", done, err)
	}
}

func TestIfMatch(t *testing.T) {
	onBothLogs(t, func(t *testing.T, log es.Log) {
		h := newHome(t, log)
		at := h.do(h.here, "a", add{1}).Position
		expect := func(r *es.Repository[counter], key string, version uint64) error {
			try := wish(h.tenant, h.id, key, add{1})
			try.Expect = &version
			_, err := r.Do(t.Context(), try)
			return err
		}
		for _, version := range []uint64{0, at - 1, at + 1} {
			e, known := fail.As(expect(h.here, "b", version))
			if !known || e.Kind != fail.KindStale || e.Version != at {
				t.Errorf("at version %d: %v, want stale with %d", version, e, at)
			}
		}
		if err := expect(h.here, "c", at); err != nil {
			t.Errorf("at the present version: %v", err)
		}
		now := h.do(h.there, "d", add{1}).Position
		// What this process keeps is old; the version that was read elsewhere is right.
		if err := expect(h.here, "e", now); err != nil {
			t.Errorf("at a version that only the other process knows: %v", err)
		}
		// It was right when this process looked, and is not when it appends.
		_, before, err := h.here.State(t.Context(), h.tenant, h.id)
		if err != nil {
			t.Fatal(err)
		}
		h.do(h.there, "f", add{1})
		if e, known := fail.As(expect(h.here, "g", before)); !known || e.Kind != fail.KindStale {
			t.Errorf("overtaken: %v", e)
		}
	})
}

func TestARefusalRestsOnThePresent(t *testing.T) {
	onBothLogs(t, func(t *testing.T, log es.Log) {
		h := newHome(t, log)
		h.do(h.here, "fill", add{full})
		h.do(h.there, "clear", clear{})
		h.do(h.here, "on", add{1})
		h.counts(1)
		h.do(h.there, "clear again", clear{})
		h.do(h.there, "fill again", add{full})
		if done := h.do(h.here, "clear here", clear{}); done.Events != 1 {
			t.Errorf("that there was nothing to clear rested on the past: %+v", done)
		}
		h.do(h.here, "last", add{full})
		times := 0
		_, err := h.here.Do(t.Context(), wish(h.tenant, h.id, "no", decide(func(s counter, m es.Meta) ([]es.Event[counter], error) {
			times++
			return add{1}.Decide(s, m)
		})))
		if !errors.Is(err, errFull) || times != 1 {
			t.Errorf("when nothing has moved: %v after %d decisions, want a refusal after one", err, times)
		}
	})
}

func TestExists(t *testing.T) {
	h := newHome(t, estest.NewLog())
	try := wish(h.tenant, h.id, "a", add{1})
	try.Exists = true
	_, err := h.here.Do(t.Context(), try)
	if e, known := fail.As(err); !known || e.Kind != fail.KindNotFound || !strings.Contains(e.Text, h.id.String()) {
		t.Errorf("nothing is there: %v", err)
	}
	h.do(h.there, "b", add{1}) // made by another process, after this one had looked
	if _, err := h.here.Do(t.Context(), try); err != nil {
		t.Error(err)
	}
}

func TestAllowIsAskedBeforeEachDecision(t *testing.T) {
	h := newHome(t, estest.NewLog())
	h.do(h.here, "a", add{1})
	h.do(h.there, "b", add{1})
	var asked []string
	try := wish(h.tenant, h.id, "c", add{1})
	try.Allow = func(s counter, version uint64, m *es.Meta) error {
		asked = append(asked, fmt.Sprint(s.N, "@", version))
		m.Rights = 7
		return nil
	}
	if _, err := h.here.Do(t.Context(), try); err != nil || fmt.Sprint(asked) != "[1@1 2@2]" {
		t.Errorf("asked at %v, %v", asked, err)
	}
	no := errors.New("no")
	try.Meta.Command, try.Allow = "d", func(counter, uint64, *es.Meta) error { return no }
	if _, err := h.here.Do(t.Context(), try); !errors.Is(err, no) {
		t.Error(err)
	}
	h.counts(3)
}

func TestWhatWasEvictedIsReadAgain(t *testing.T) {
	onBothLogs(t, func(t *testing.T, log es.Log) {
		tenant, r := es.NewTenant(), es.NewRepository(counters, log, 1)
		ids := []es.ID[counter]{es.NewID[counter](), es.NewID[counter](), es.NewID[counter]()}
		for round := range 4 {
			for _, id := range ids {
				key := fmt.Sprint(round)
				if done, err := r.Do(t.Context(), wish(tenant, id, key, add{1})); err != nil || done.Events != 1 {
					t.Fatalf("round %d: %+v, %v", round, done, err)
				}
			}
			for _, id := range ids {
				if s, _, err := r.State(t.Context(), tenant, id); err != nil || s.N != round+1 {
					t.Fatalf("round %d: %+v, %v", round, s, err)
				}
				if done, err := r.Do(t.Context(), wish(tenant, id, "0", add{1})); err != nil || !done.Again {
					t.Fatalf("round %d, the first key: %+v, %v", round, done, err)
				}
			}
		}
	})
}

// An aggregate that leaves the cache while a command on it runs has two
// copies in memory for a while; the log tells them apart.
func TestEvictionDuringADecision(t *testing.T) {
	log := estest.NewLog()
	tenant, id, r := es.NewTenant(), es.NewID[counter](), es.NewRepository(counters, log, 1)
	first := true
	_, err := r.Do(t.Context(), wish(tenant, id, "outer", decide(func(s counter, m es.Meta) ([]es.Event[counter], error) {
		if first {
			first = false
			if _, _, err := r.State(t.Context(), tenant, es.NewID[counter]()); err != nil { // pushes id out
				t.Error(err)
			}
			if _, err := r.Do(t.Context(), wish(tenant, id, "inner", add{10})); err != nil {
				t.Error(err)
			}
		}
		return add{1}.Decide(s, m)
	})))
	if err != nil {
		t.Fatal(err)
	}
	if s, version, err := r.State(t.Context(), tenant, id); err != nil || s.N != 11 || version != 2 {
		t.Errorf("%+v at %d, %v", s, version, err)
	}
}

func TestStateNeverWaitsForADecision(t *testing.T) {
	onBothLogs(t, func(t *testing.T, log es.Log) {
		ctx, cancel := context.WithTimeout(t.Context(), soon)
		defer cancel()
		h := newHome(t, log)
		h.do(h.here, "a", add{1})
		deciding, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error)
		var once sync.Once
		go func() {
			_, err := h.here.Do(ctx, wish(h.tenant, h.id, "b", decide(func(counter, es.Meta) ([]es.Event[counter], error) {
				once.Do(func() { close(deciding) })
				select {
				case <-goOn:
				case <-ctx.Done():
				}
				return es.Happened[counter](counted{1})
			})))
			ended <- err
		}()
		<-deciding
		h.do(h.there, "meanwhile", add{10}) // so that there is something new to keep
		looked := make(chan counter)
		go func() {
			s, _, err := h.here.State(ctx, h.tenant, h.id)
			if err != nil {
				t.Error(err)
			}
			looked <- s
		}()
		select {
		case s := <-looked:
			if s.N != 11 {
				t.Errorf("it saw %d, before the decision it is 11", s.N)
			}
		case <-ctx.Done():
			t.Fatal("State waited for a decision")
		}
		close(goOn)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		h.counts(12)
	})
}

// Each of two decisions looks at the other's aggregate while both run.
func TestDecisionsThatLookAtEachOtherBothEnd(t *testing.T) {
	onBothLogs(t, func(t *testing.T, log es.Log) {
		ctx, cancel := context.WithTimeout(t.Context(), soon)
		defer cancel()
		tenant, r := es.NewTenant(), es.NewRepository(counters, log, 10)
		ids := []es.ID[counter]{es.NewID[counter](), es.NewID[counter]()}
		var both sync.WaitGroup // both decisions are running
		both.Add(2)
		var once [2]sync.Once
		ended := make(chan error, 2)
		for i := range ids {
			go func() {
				_, err := r.Do(ctx, wish(tenant, ids[i], "cross", decide(func(s counter, m es.Meta) ([]es.Event[counter], error) {
					once[i].Do(both.Done)
					both.Wait()
					if _, _, err := r.State(ctx, tenant, ids[1-i]); err != nil {
						return nil, err
					}
					return add{1}.Decide(s, m)
				})))
				ended <- err
			}()
		}
		for range ids {
			select {
			case err := <-ended:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(soon):
				t.Fatal("two decisions wait for each other")
			}
		}
	})
}

// lossy is a log whose next answers to Append get lost, after or before the
// commit was stored.
type lossy struct {
	es.Log
	stored bool
	lose   int
}

var errLost = errors.New("no answer")

func (l *lossy) Append(ctx context.Context, c es.Commit, expected uint64) (uint64, error) {
	if l.lose == 0 {
		return l.Log.Append(ctx, c, expected)
	}
	l.lose--
	if l.stored {
		if _, err := l.Log.Append(ctx, c, expected); err != nil {
			return 0, err
		}
	}
	return 0, errLost
}

func TestAnAppendWithoutAnAnswerIsSafeToRepeat(t *testing.T) {
	for _, stored := range []bool{true, false} {
		t.Run(fmt.Sprintf("stored %t", stored), func(t *testing.T) {
			log := &lossy{Log: estest.NewLog(), stored: stored}
			h := newHome(t, log)
			h.do(h.here, "a", add{1})
			log.lose = 1
			if _, err := h.here.Do(t.Context(), wish(h.tenant, h.id, "b", add{1})); !errors.Is(err, errLost) {
				t.Fatalf("%v, want the cause", err)
			}
			if done := h.do(h.here, "b", add{1}); done.Again != stored {
				t.Errorf("the second time: %+v", done)
			}
			h.counts(2)
		})
	}
}

func TestAnEventThatTheSchemaLacksIsNotStored(t *testing.T) {
	h := newHome(t, estest.NewLog())
	_, err := h.here.Do(t.Context(), wish(h.tenant, h.id, "a", decide(func(counter, es.Meta) ([]es.Event[counter], error) {
		return es.Happened[counter](counted{1}, unlisted{})
	})))
	if err == nil || !strings.Contains(err.Error(), "unlisted") {
		t.Errorf("%v, want an error that names the type", err)
	}
	h.counts(0)
}

func TestAnEventThatCannotBeReadIsAnErrorWithItsPlace(t *testing.T) {
	log := estest.NewLog()
	h := newHome(t, log)
	at := h.do(h.here, "a", add{1}).Position
	stream, err := counters.Stream(h.tenant, h.id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.Append(t.Context(), es.Commit{Stream: stream, Meta: es.Meta{Tenant: h.tenant, ID: "x"},
		Events: []es.Record{{Name: "test.counter.exploded.v1", Data: []byte(`{}`)}}}, at); err != nil {
		t.Fatal(err)
	}
	_, _, stateErr := h.here.State(t.Context(), h.tenant, h.id)
	_, doErr := h.here.Do(t.Context(), wish(h.tenant, h.id, "b", add{1}))
	for _, err := range []error{stateErr, doErr} {
		if err == nil || !strings.Contains(err.Error(), "test.counter.exploded.v1") || !strings.Contains(err.Error(), "at 2") {
			t.Errorf("%v, want the event's name and position", err)
		}
	}
}

func TestAPanicInADecisionLocksNothing(t *testing.T) {
	h := newHome(t, estest.NewLog())
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _ = h.here.Do(t.Context(), wish(h.tenant, h.id, "a", decide(func(counter, es.Meta) ([]es.Event[counter], error) { panic("boom") })))
	}()
	h.do(h.here, "b", add{1})
	h.counts(1)
}

func TestABadIDNeverReachesTheLog(t *testing.T) {
	r := es.NewRepository(counters, estest.NewLog(), 1)
	for _, id := range []string{"", "*", ">", strings.Repeat("a", 5000), "0sample00000000000000000.0"} {
		_, _, stateErr := r.State(t.Context(), es.NewTenant(), es.ID[counter](id))
		_, doErr := r.Do(t.Context(), wish(es.NewTenant(), es.ID[counter](id), "k", add{1}))
		for _, err := range []error{stateErr, doErr} {
			if e, known := fail.As(err); !known || e.Kind != fail.KindInvalid {
				t.Errorf("id %.30q: %v", id, err)
			}
		}
	}
	if _, _, err := r.State(t.Context(), es.Tenant{}, es.NewID[counter]()); err == nil {
		t.Error("the zero tenant owns a counter")
	}
}
