package view_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/view"
)

func TestARebuildWhileWritingNeverShowsLess(t *testing.T) {
	forEachStore(t, func(t *testing.T, open opener) {
		l := newTape()
		for i := range 300 {
			l.add(t, i%10, cardAdded{fmt.Sprint(i), "a"}, cardMoved{"b"})
		}
		m := view.NewModels(l, catalog, open("x"), board)
		run(t, m)
		wait(t, m, board, 300)

		var over atomic.Bool
		var writing, rebuilding sync.WaitGroup
		writing.Go(func() {
			for i := 0; !over.Load(); i++ {
				last := l.add(t, 10+i%10, cardAdded{fmt.Sprint(i), "a"})
				if err := m.Wait(soon(t), "board", last); err != nil {
					t.Error(err)
					return
				}
				d, _, err := cardTable.Find(t.Context(), live(t, m, board), cardID(10+i%10).String())
				if err != nil || len(d.Trail) == 0 || d.Trail[0] != last {
					t.Errorf("wrote at %d, waited, and read %+v (%v)", last, d, err)
					return
				}
			}
		})
		for range 5 {
			rebuilding.Go(func() {
				if err := m.Rebuild(soon(t), "board"); err != nil {
					t.Error(err)
				}
			})
			rebuilding.Wait()
		}
		over.Store(true)
		writing.Wait()
		head, err := l.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		wait(t, m, board, head.Last)
		same(t, m, l, board)
		eventually(t, "live again", func() bool { return status(t, m, board).State == view.StateLive })
	})
}

func TestARebuildLeavesNothingBehindInRedis(t *testing.T) {
	url := boottest.Redis(t)
	l := newTape()
	for i := range 50 {
		l.add(t, i, cardAdded{fmt.Sprint(i), "a"}, cardLabeled{"red"})
	}
	m := view.NewModels(l, catalog, view.NewRedis(client(t, url), "tl:"), board)
	run(t, m)
	wait(t, m, board, 50)
	keys := func() int {
		n, err := client(t, url).DBSize(t.Context()).Result()
		if err != nil {
			t.Fatal(err)
		}
		return int(n)
	}
	eventually(t, "the runner's first report", func() bool {
		n, err := client(t, url).Exists(t.Context(), "tl:view:board:status").Result()
		return err == nil && n == 1
	})
	before := keys()
	for range 3 {
		if err := m.Rebuild(soon(t), "board"); err != nil {
			t.Fatal(err)
		}
	}
	if after := keys(); after != before {
		t.Errorf("%d keys before, %d after", before, after)
	}
}

// gated is the board in another version, whose fold waits at each card until
// it is let through.
func gated(version int, gate <-chan struct{}) *view.View {
	return view.New("board", version, []view.TableDef{cardTable},
		view.On(func(tx *view.Tx, e cardAdded) {
			<-gate
			cardTable.Put(tx, tx.ID(), cardDoc{Title: strings.ToUpper(e.Title), Column: e.Column})
		}))
}

func TestANewVersionIsFilledBesideTheOldOne(t *testing.T) {
	forEachStore(t, func(t *testing.T, open opener) {
		l := newTape()
		for i := range 3 {
			l.add(t, i, cardAdded{fmt.Sprint("card", i), "a"})
		}
		old := view.NewModels(l, catalog, open("x"), board)
		stop := run(t, old)
		wait(t, old, board, 3)
		stop()

		gate := make(chan struct{})
		v2 := gated(2, gate)
		m := view.NewModels(l, catalog, open("x"), v2)
		stop = run(t, m)
		eventually(t, "rebuilding", func() bool { return status(t, m, v2).State == view.StateRebuilding })
		if s := status(t, m, v2); s.Version != 1 || s.Position != 3 || s.Progress != 0 {
			t.Errorf("while the new version is filled: %+v", s)
		}
		if got := titles(t, live(t, m, v2), view.Range{Index: "title"}); got != "card0 card1 card2" {
			t.Errorf("meanwhile: %q", got)
		}
		close(gate)
		eventually(t, "the new version", func() bool { s := status(t, m, v2); return s.Version == 2 && s.State == view.StateLive })
		if got := titles(t, live(t, m, v2), view.Range{Index: "title"}); got != "CARD0 CARD1 CARD2" {
			t.Errorf("afterwards: %q", got)
		}
		wait(t, m, v2, l.add(t, 3, cardAdded{"card3", "a"}))
		same(t, m, l, v2)

		// A program of yesterday must not take the new version away.
		late := view.NewModels(l, catalog, open("x"), board)
		run(t, late)
		eventually(t, "the old program to stop", func() bool {
			s := status(t, late, board)
			return s.State == view.StateStopped && s.Version == 2 && strings.Contains(s.Error, "newer version")
		})
		// Unless the new one has gone and somebody asks for just that.
		stop()
		if err := late.Rebuild(soon(t), "board"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the old version again", func() bool { s := status(t, late, board); return s.Version == 1 && s.State == view.StateLive })
		same(t, late, l, board)
	})
}

func TestAnInterruptedRebuildGoesOn(t *testing.T) {
	forEachStore(t, func(t *testing.T, open opener) {
		l := newTape()
		l.chop = func(int) int { return 1 }
		var last uint64
		for i := range 10 {
			last = l.add(t, i, cardAdded{fmt.Sprint(i), "a"})
		}
		gate := make(chan struct{}, 100)
		for range 10 {
			gate <- struct{}{}
		}
		v := gated(1, gate)
		m := view.NewModels(l, catalog, open("x"), v)
		stop := run(t, m)
		wait(t, m, v, last)
		stop()
		for range 4 {
			gate <- struct{}{}
		}
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() { gone <- m.Rebuild(ctx, "board") }()
		eventually(t, "four of ten", func() bool {
			s := status(t, m, v)
			return len(gate) == 0 && s.Progress == 0.4
		})
		cancel()
		gate <- struct{}{}
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		l.mu.Lock()
		clear(l.reads)
		l.mu.Unlock()
		close(gate)
		if err := m.Rebuild(soon(t), "board"); err != nil {
			t.Fatal(err)
		}
		same(t, m, l, v)
		if l.reads[2] != 0 {
			t.Error("it began again from the start")
		}
	})
}
