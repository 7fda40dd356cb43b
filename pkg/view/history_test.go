package view_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/view"
)

func TestReadersOfOnePositionShareTheWork(t *testing.T) {
	l := newTape()
	for i := range 100 {
		l.add(t, i%9, cardAdded{fmt.Sprint(i), "a"})
	}
	gate := make(chan struct{})
	v := gated(1, gate)
	m := view.NewModels(l, catalog, view.NewMemory(), v)

	// One of them gives up; the others must not notice.
	impatient, giveUp := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() { _, err := m.At(impatient, tenant, "board", 60); gone <- err }()
	var readers sync.WaitGroup
	for range 10 {
		readers.Go(func() {
			r, err := m.At(t.Context(), tenant, "board", 60)
			if err != nil {
				t.Error(err)
				return
			}
			if n, err := cardTable.Count(t.Context(), r, "", ""); n != 9 || err != nil {
				t.Errorf("%d cards (%v)", n, err)
			}
		})
	}
	gate <- struct{}{}
	giveUp()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
	close(gate)
	readers.Wait()
	if _, err := m.At(t.Context(), tenant, "board", 60); err != nil {
		t.Fatal(err)
	}
	if n := l.reads[60]; n > 2 { // twice only if the impatient one was alone at first
		t.Errorf("the log was read %d times for one position", n)
	}
}

func TestThePastIsFoldedFromAKeptState(t *testing.T) {
	forEachStore(t, func(t *testing.T, open opener) {
		l := newTape()
		l.replace("one", long(t, 12_000))
		m := view.NewModels(l, catalog, open("x"), board)
		stop := run(t, m)
		wait(t, m, board, 12_000)
		stop()
		if _, err := m.At(t.Context(), tenant, "board", 11_000); err != nil {
			t.Fatal(err)
		}
		l.mu.Lock()
		clear(l.reads)
		l.mu.Unlock()
		r, err := m.At(t.Context(), tenant, "board", 11_500)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := contents(t, r), contents(t, l.folded(t, board, 11_500).Reader(tenant)); got != want {
			t.Error("another state than the log folds to")
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.reads[4000] != 0 {
			t.Error("it was folded from the beginning")
		}
	})
}

// long is a log of n commits, each to one of 100 cards.
func long(t testing.TB, n int) *estest.Log {
	t.Helper()
	log, last := estest.NewLog(), map[es.Stream]uint64{}
	for i := range n {
		c := commit(t, i%100, cardAdded{fmt.Sprint(i), "a"})
		c.Meta.ID = fmt.Sprint("long-", i)
		at, err := log.Append(t.Context(), c, last[c.Stream])
		if err != nil {
			t.Fatal(err)
		}
		last[c.Stream] = at
	}
	return log
}

func TestAReaderOfTodayAsAPositionStaysThere(t *testing.T) {
	forEachStore(t, func(t *testing.T, open opener) {
		l := newTape()
		m := view.NewModels(l, catalog, open("x"), board)
		run(t, m)
		p := l.add(t, 1, cardAdded{"x", "a"})
		wait(t, m, board, p)
		r, err := m.At(t.Context(), tenant, "board", p)
		if err != nil {
			t.Fatal(err)
		}
		before := contents(t, r)
		wait(t, m, board, l.add(t, 2, cardAdded{"y", "b"}))
		if after := contents(t, r); after != before {
			t.Errorf("it moved on to\n%s", after)
		}
		if err := m.Rebuild(soon(t), "board"); err != nil {
			t.Fatal(err)
		}
		if after := contents(t, r); after != before {
			t.Errorf("after a rebuild:\n%s", after)
		}
	})
}

func TestThereIsNoStateBeyondTheLog(t *testing.T) {
	l := newTape()
	last := l.add(t, 1, cardAdded{"x", "a"})
	m := view.NewModels(l, catalog, view.NewMemory(), board)
	_, err := m.At(t.Context(), tenant, "board", last+1)
	if e, ok := fail.As(err); !ok || e.Kind != fail.KindInvalid || e.Field != "asOf" {
		t.Errorf("got %v", err)
	}
	if _, err := m.At(t.Context(), tenant, "nothing", 1); err == nil {
		t.Error("a view that is not there has a past")
	}
}

func TestAPastOfALogThatIsNoMoreIsForgotten(t *testing.T) {
	l := newTape()
	for i := range 8 {
		l.add(t, i, cardAdded{"old", "a"})
	}
	m := view.NewModels(l, catalog, view.NewMemory(), board)
	if _, err := m.At(t.Context(), tenant, "board", 5); err != nil {
		t.Fatal(err)
	}
	l.replace("one", estest.NewLog()) // the same epoch, but other commits
	for i := range 8 {
		c := commit(t, i, cardAdded{"new", "b"})
		c.Meta.ID = fmt.Sprint("regrown-", i)
		l.addCommit(t, c)
	}
	r, err := m.At(t.Context(), tenant, "board", 7)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := contents(t, r), contents(t, l.folded(t, board, 7).Reader(tenant)); got != want {
		t.Errorf("it was folded on top of the other log:\n%s", got)
	}
}
