package view_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/view"
)

type opener = func(name string) view.Store

func TestALiveViewIsTheFoldOfTheLogHoweverItIsDelivered(t *testing.T) {
	forEachStore(t, func(t *testing.T, open opener) {
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			n++
			l := newTape()
			l.again = rapid.Bool().Draw(r, "redelivered")
			sizes := rapid.SliceOfN(rapid.IntRange(1, 9), 1, 5).Draw(r, "sizes")
			turn := 0
			l.chop = func(most int) int { turn++; return min(most, sizes[turn%len(sizes)]) }
			history := rapid.SliceOfN(anything(t), 0, 40).Draw(r, "history")
			begin := rapid.IntRange(0, len(history)).Draw(r, "begin")
			var last uint64
			for _, c := range history[:begin] {
				last = l.addCommit(t, c)
			}
			m := view.NewModels(l, catalog, open(fmt.Sprint(n)), board)
			stop := run(t, m)
			defer stop()
			for _, c := range history[begin:] {
				last = l.addCommit(t, c)
			}
			wait(t, m, board, last)
			same(t, m, l, board)

			if err := m.Rebuild(t.Context(), "board"); err != nil {
				r.Fatal(err)
			}
			wait(t, m, board, last)
			same(t, m, l, board)
			for _, tenant := range others {
				now, err := m.Live(t.Context(), tenant, "board")
				if err != nil {
					r.Fatal(err)
				}
				if got, want := contents(t, now), contents(t, l.folded(t, board, last).Reader(tenant)); got != want {
					r.Fatalf("queries see\n%s\nwant\n%s", got, want)
				}
			}
			for range 3 {
				p := rapid.Uint64Range(0, last).Draw(r, "as of")
				for _, tenant := range others {
					past, err := m.At(t.Context(), tenant, "board", p)
					if err != nil {
						r.Fatal(err)
					}
					if past.Position() != p {
						r.Fatalf("asked for %d, got %d", p, past.Position())
					}
					if got, want := contents(t, past), contents(t, l.folded(t, board, p).Reader(tenant)); got != want {
						r.Fatalf("as of %d queries see\n%s\nwant\n%s", p, got, want)
					}
				}
			}
		})
	})
}

func TestARestartGoesOnWhereItWas(t *testing.T) {
	forEachStore(t, func(t *testing.T, open opener) {
		l := newTape()
		last := uint64(0)
		for i := range 30 {
			last = l.add(t, i, cardAdded{fmt.Sprint(i), "a"})
		}
		m := view.NewModels(l, catalog, open("x"), board)
		stop := run(t, m)
		wait(t, m, board, last)
		stop()
		l.mu.Lock()
		clear(l.reads)
		l.mu.Unlock()
		for i := range 30 {
			last = l.add(t, i, cardMoved{"b"})
		}
		m = view.NewModels(l, catalog, open("x"), board)
		run(t, m)
		wait(t, m, board, last)
		same(t, m, l, board)
		if l.reads[1] != 0 || l.reads[29] != 0 {
			t.Error("it read again what it had folded before")
		}
	})
}

func TestViewsAtOnePlaceFollowTheLogTogether(t *testing.T) {
	l := newTape()
	var last uint64
	for i := range 2500 {
		last = l.add(t, i%50, cardAdded{fmt.Sprint(i), "a"})
	}
	var views []*view.View
	for i := range 5 {
		views = append(views, view.New(fmt.Sprint("board", i), 1, []view.TableDef{cardTable},
			view.On(func(tx *view.Tx, e cardAdded) { cardTable.Put(tx, tx.ID(), cardDoc{Title: e.Title, Column: e.Column}) })))
	}
	m := view.NewModels(l, catalog, view.NewMemory(), views...)
	run(t, m)
	for _, v := range views {
		wait(t, m, v, last)
		same(t, m, l, v)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for at, n := range l.reads {
		if n != 1 {
			t.Fatalf("commit %d was read %d times for %d views that started together", at, n, len(views))
		}
	}
}

func fragile() *view.View {
	return view.New("fragile", 1, []view.TableDef{columnTable},
		view.On(func(tx *view.Tx, e cardAdded) {
			columnTable.Update(tx, e.Column, func(d columnDoc) columnDoc { d.Cards++; return d })
		}),
		view.On(func(tx *view.Tx, e cardPoison) {
			columnTable.Put(tx, "half", columnDoc{99})
			if e.Panic {
				panic("poison")
			}
		}))
}

func TestAPoisonEventStopsThatViewAlone(t *testing.T) {
	for name, poison := range map[string]func(c *es.Commit){
		"panic":       func(*es.Commit) {},
		"undecodable": func(c *es.Commit) { c.Events[1].Data = []byte(`{"Panic":"yes"}`) },
	} {
		t.Run(name, func(t *testing.T) {
			forEachStore(t, func(t *testing.T, open opener) {
				l, sick := newTape(), fragile()
				good := l.add(t, 1, cardAdded{"x", "a"})
				c := commit(t, 2, cardAdded{"y", "a"}, cardPoison{true})
				poison(&c)
				bad := l.addCommit(t, c)
				last := l.add(t, 3, cardAdded{"z", "a"})
				m := view.NewModels(l, catalog, open(name), board, sick)
				run(t, m)
				wait(t, m, board, last)
				same(t, m, l, board)
				if err := m.Wait(soon(t), sick.Name, last); !errors.Is(err, view.ErrStopped) {
					t.Fatalf("waiting for a stopped view: %v", err)
				}
				s := status(t, m, sick)
				if s.State != view.StateStopped || s.At != bad || s.Position != good || s.Error == "" || s.Lag != last-good {
					t.Errorf("status %+v", s)
				}
				if b := status(t, m, board); b.State != view.StateLive || b.Position != last {
					t.Errorf("the other view: %+v", b)
				}
				same(t, m, l, sick) // what came before the poison, and no half of it
				if _, err := m.At(t.Context(), tenant, sick.Name, last); err == nil {
					t.Error("a past beyond the poison was shown")
				}
				if err := m.Rebuild(soon(t), sick.Name); err == nil {
					t.Error("a rebuild went past the poison")
				}
				same(t, m, l, sick)
			})
		})
	}
}

func TestUnknownEventsAreIgnored(t *testing.T) {
	forEachStore(t, func(t *testing.T, open opener) {
		l := newTape()
		l.add(t, 1, cardAdded{"x", "a"})
		c := commit(t, 2, cardAdded{"y", "a"})
		c.Events[0] = es.Record{Name: "test.card.from-the-future.v9", Data: []byte(`{}`)}
		last := l.addCommit(t, c)
		m := view.NewModels(l, catalog, open("x"), board)
		run(t, m)
		wait(t, m, board, last)
		same(t, m, l, board)
	})
}

func TestAViewMayLookAtEveryEvent(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	all := view.New("all", 1, []view.TableDef{columnTable}, view.Each(func(tx *view.Tx, r es.Record) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r.Name+" "+tx.EventID)
	}))
	l := newTape()
	c := commit(t, 2, cardAdded{"y", "a"}, cardMoved{"b"})
	c.Events[0].Name = "test.unknown.v1"
	last := l.addCommit(t, c)
	m := view.NewModels(l, catalog, view.NewMemory(), all)
	run(t, m)
	wait(t, m, all, last)
	mu.Lock()
	defer mu.Unlock()
	if want := []string{"test.unknown.v1 commit-one-1-0", "test.card.moved.v1 commit-one-1-1"}; !slices.Equal(seen, want) {
		t.Errorf("saw %q", seen)
	}
}

func TestAGapStopsTheViews(t *testing.T) {
	forEachStore(t, func(t *testing.T, open opener) {
		l := newTape()
		l.skip = 2
		for i := range 3 {
			l.add(t, i, cardAdded{"x", "a"})
		}
		m := view.NewModels(l, catalog, open("x"), board)
		run(t, m)
		if err := m.Wait(soon(t), "board", 3); !errors.Is(err, view.ErrStopped) {
			t.Fatal(err)
		}
		if s := status(t, m, board); s.Position != 1 || s.At != 2 || !strings.Contains(s.Error, "gap") {
			t.Errorf("status %+v", s)
		}
	})
}

func TestARestoredLogIsNoticed(t *testing.T) {
	for name, restore := range map[string]func(t *testing.T, l *tape, old []es.Commit){
		"another epoch": func(t *testing.T, l *tape, old []es.Commit) {
			l.replace("two", copyOf(t, old))
		},
		"a tail is lost": func(t *testing.T, l *tape, old []es.Commit) {
			l.replace("one", copyOf(t, old[:4]))
		},
		"a tail is lost and grown again": func(t *testing.T, l *tape, old []es.Commit) {
			log := copyOf(t, old[:4])
			l.replace("one", log)
			for i := 10; i < 18; i++ {
				c := commit(t, i, cardAdded{"new", "c"})
				c.Meta.ID = fmt.Sprint("grown-", i)
				l.addCommit(t, c)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			forEachStore(t, func(t *testing.T, open opener) {
				l := newTape()
				var last uint64
				for i := range 8 {
					last = l.add(t, i, cardAdded{fmt.Sprint(i), "a"})
				}
				m := view.NewModels(l, catalog, open(name), board)
				stop := run(t, m)
				wait(t, m, board, last)
				if _, err := m.At(t.Context(), tenant, "board", 6); err != nil {
					t.Fatal(err)
				}
				stop()
				restore(t, l, l.all(t, last))
				l.mu.Lock()
				clear(l.reads)
				l.mu.Unlock()

				m = view.NewModels(l, catalog, open(name), board)
				run(t, m)
				head, _ := l.Head(t.Context())
				eventually(t, "the view of the restored log", func() bool {
					s := status(t, m, board)
					return s.State == view.StateLive && s.Position == head.Last
				})
				same(t, m, l, board)
				l.mu.Lock()
				defer l.mu.Unlock()
				if l.reads[1] == 0 {
					t.Error("it went on with what it had folded from the other log")
				}
			})
		})
	}
}

func TestALogRestoredUnderneathIsNoticed(t *testing.T) {
	forEachStore(t, func(t *testing.T, open opener) {
		l := newTape()
		for i := range 8 {
			l.add(t, i, cardAdded{fmt.Sprint(i), "a"})
		}
		m := view.NewModels(l, catalog, open("x"), board)
		run(t, m)
		wait(t, m, board, 8)
		before, err := m.At(t.Context(), tenant, "board", 5)
		if err != nil {
			t.Fatal(err)
		}
		l.replace("two", estest.NewLog())
		for i := range 6 {
			l.add(t, i, cardAdded{"other", "b"})
		}
		eventually(t, "the view of the other log", func() bool {
			s := status(t, m, board)
			return s.State == view.StateLive && s.Position == 6
		})
		same(t, m, l, board)
		after, err := m.At(t.Context(), tenant, "board", 5)
		if err != nil {
			t.Fatal(err)
		}
		if contents(t, before) == contents(t, after) {
			t.Error("the past of the old log is still shown")
		}
	})
}

func copyOf(t *testing.T, commits []es.Commit) *estest.Log {
	t.Helper()
	l := &tape{log: estest.NewLog()}
	for _, c := range commits {
		l.addCommit(t, c)
	}
	return l.log
}

func TestTwoRunnersGiveTheEffectOnce(t *testing.T) {
	url := boottest.Redis(t)
	l := newTape()
	var mu sync.Mutex
	told := map[uint64]int{}
	var all []*view.Models
	for range 2 {
		m := view.NewModels(l, catalog, view.NewRedis(client(t, url), ""), board)
		m.Notify = func(_ es.Tenant, _ string, position uint64, _ []string) {
			mu.Lock()
			defer mu.Unlock()
			told[position]++
		}
		run(t, m)
		all = append(all, m)
	}
	var last uint64
	for i := range 400 {
		last = l.add(t, i%20, cardAdded{fmt.Sprint(i), "a"}, cardMoved{"b"}, cardLabeled{fmt.Sprint(i % 3)})
		if i%50 == 0 {
			for _, m := range all {
				wait(t, m, board, last)
			}
		}
	}
	for _, m := range all {
		wait(t, m, board, last)
		same(t, m, l, board)
	}
	mu.Lock()
	defer mu.Unlock()
	for position, n := range told {
		if n != 1 {
			t.Errorf("position %d was written %d times", position, n)
		}
	}
}

func TestAnotherProcessReadsWhatTheRunnerKeeps(t *testing.T) {
	url := boottest.Redis(t)
	l, sick := newTape(), fragile()
	runner := view.NewModels(l, catalog, view.NewRedis(client(t, url), ""), board, sick)
	reader := view.NewModels(l, catalog, view.NewRedis(client(t, url), ""), board, sick)
	if s := status(t, reader, board); s.State != view.StateStopped || s.Error == "" {
		t.Errorf("nobody runs it, yet %+v", s)
	}
	if got := titles(t, live(t, reader, board), view.Range{}); got != "" {
		t.Errorf("before anything ran: %q", got)
	}
	run(t, runner)
	var last uint64
	for i := range 50 {
		last = l.add(t, 1, cardAdded{fmt.Sprint(i), "a"})
		wait(t, reader, board, last)
		if got := titles(t, live(t, reader, board), view.Range{}); got != fmt.Sprint(i) {
			t.Fatalf("after waiting for %d the reader sees %q", last, got)
		}
	}
	last = l.add(t, 1, cardPoison{true})
	eventually(t, "the reader's word of the stopped view", func() bool {
		return status(t, reader, sick).State == view.StateStopped
	})
	if err := reader.Wait(soon(t), sick.Name, last); !errors.Is(err, view.ErrStopped) {
		t.Errorf("the reader waits: %v", err)
	}
	if s := status(t, reader, sick); s.At != last || s.Position != last-1 {
		t.Errorf("status %+v", s)
	}
	eventually(t, "live", func() bool { return status(t, reader, board).State == view.StateLive })
	if err := runner.Rebuild(soon(t), "board"); err != nil {
		t.Fatal(err)
	}
	if got := titles(t, live(t, reader, board), view.Range{}); got != "49" {
		t.Errorf("after a rebuild elsewhere the reader sees %q", got)
	}
}

func TestAnEmptiedRedisIsFilledAgain(t *testing.T) {
	url := boottest.Redis(t)
	l := newTape()
	m := view.NewModels(l, catalog, view.NewRedis(client(t, url), ""), board)
	run(t, m)
	var last uint64
	for i := range 100 {
		last = l.add(t, i%7, cardAdded{fmt.Sprint(i), "a"}, cardMoved{"b"})
	}
	wait(t, m, board, last)
	for _, and := range []func(){func() {}, func() { last = l.add(t, 1, cardMoved{"c"}) }} {
		if err := client(t, url).FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		and()
		eventually(t, "the view again", func() bool { return status(t, m, board).Position == last })
		same(t, m, l, board)
	}
}

func TestRunnersTellWhatChanged(t *testing.T) {
	forEachStore(t, func(t *testing.T, open opener) {
		l := newTape()
		var mu sync.Mutex
		var told []string
		m := view.NewModels(l, catalog, open("x"), board)
		m.Notify = func(tenant es.Tenant, name string, position uint64, changed []string) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, fmt.Sprint(tenant, name, position, changed))
		}
		run(t, m)
		last := l.add(t, 1, cardAdded{"x", "a"})
		wait(t, m, board, last)
		want := fmt.Sprint(tenant, "board", last, []string{"cards/" + cardID(1).String(), "columns/a"})
		eventually(t, "word of it", func() bool {
			mu.Lock()
			defer mu.Unlock()
			return slices.Equal(told, []string{want})
		})
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	forEachStore(t, func(t *testing.T, open opener) {
		m := view.NewModels(newTape(), catalog, open("x"), board)
		run(t, m)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if err := m.Wait(ctx, "board", 7); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if err := m.Wait(t.Context(), "nothing", 7); err == nil {
			t.Error("waited for a view that is not there")
		}
	})
}
