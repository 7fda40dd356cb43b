package view_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/view"
	"throughline.dev/pkg/view/viewtest"
)

// roll is a log that is read only: commits as they come from a fast disk.
type roll struct {
	es.Log
	commits []es.Commit
}

func (l roll) Head(context.Context) (es.Head, error) {
	return es.Head{Epoch: "roll", Last: uint64(len(l.commits))}, nil
}

func (l roll) Follow(ctx context.Context, after uint64, apply func([]es.Commit) error) error {
	for ; after < uint64(len(l.commits)); after += 1000 {
		if err := apply(l.commits[after:min(after+1000, uint64(len(l.commits)))]); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

// newRoll has 200,000 events: cards that are added, moved and labeled.
func newRoll(b *testing.B) roll {
	const events = 200_000
	var commits []es.Commit
	for i := range events {
		n := i / 4
		var e es.Event[card]
		switch i % 4 {
		case 0:
			e = cardAdded{fmt.Sprint("card ", n), "todo"}
		case 1:
			e = cardMoved{"doing"}
		case 2:
			e = cardLabeled{"red"}
		default:
			e = cardMoved{"done"}
		}
		commits = append(commits, commit(b, n, e))
	}
	return roll{commits: viewtest.Numbered(commits...)}
}

func BenchmarkFold200k(b *testing.B) {
	l := newRoll(b)
	stores := map[string]func() view.Store{
		"memory": view.NewMemory,
		"redis": func() view.Store {
			c := client(b, boottest.Redis(b))
			return view.NewRedis(c, "")
		},
	}
	for _, name := range []string{"memory", "redis"} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				m := view.NewModels(l, catalog, stores[name](), board)
				ctx, cancel := context.WithCancel(b.Context())
				done := make(chan error, 1)
				go func() { done <- m.Run(ctx) }()
				if err := m.Wait(ctx, "board", uint64(len(l.commits))); err != nil {
					b.Fatal(err)
				}
				cancel()
				if err := <-done; !errors.Is(err, context.Canceled) {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(l.commits)*b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkDecode200k(b *testing.B) {
	l := newRoll(b)
	for range b.N {
		for _, c := range l.commits {
			for _, r := range c.Events {
				if _, err := catalog.Decode(r); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.ReportMetric(float64(len(l.commits)*b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkAsOfCold(b *testing.B) {
	l := newRoll(b)
	m := view.NewModels(l, catalog, view.NewMemory(), board)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	go func() { _ = m.Run(ctx) }()
	if err := m.Wait(ctx, "board", uint64(len(l.commits))); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := range b.N {
		p := uint64((i*7919 + 104_729) % len(l.commits))
		if _, err := m.At(ctx, tenant, "board", p); err != nil {
			b.Fatal(err)
		}
	}
}
