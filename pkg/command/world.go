package command

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/rights"
	"throughline.dev/pkg/view"
)

// World is what the commands of one context run on.
type World struct {
	log      es.Log
	book     *rights.Book
	models   *view.Models // the context's own look at its siblings
	siblings string
	written  atomic.Uint64 // the last position this process wrote

	mu     sync.Mutex
	repos  map[any]any       // *es.Aggregate[S] to *es.Repository[S]
	blocks map[string]*block // tenant/prefix to the numbers set aside
}

// NewWorld makes one. siblings may be nil for a context without facts.
func NewWorld(log es.Log, book *rights.Book, models *view.Models, siblings *view.View) *World {
	w := &World{log: log, book: book, models: models, repos: map[any]any{}, blocks: map[string]*block{}}
	if siblings != nil {
		w.siblings = siblings.Name
	}
	return w
}

// ready waits until the book has seen all that is in the log now: an empty
// book governs nothing, so that everybody could decide everything.
func (w *World) ready(ctx context.Context) error {
	if w.book == nil {
		return nil
	}
	head, err := w.log.Head(ctx)
	if err != nil {
		return fmt.Errorf("read the decision rights: %w", err)
	}
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for w.book.Position() < head.Last {
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("the decision rights were read up to %d of %d: %w", w.book.Position(), head.Last, ctx.Err())
		}
	}
	return nil
}

// kept is how many folded aggregates of one kind stay in memory. One that does
// not is read from the log again, which takes a millisecond or less.
const kept = 500

func repository[S any](w *World, a *es.Aggregate[S]) *es.Repository[S] {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r, ok := w.repos[a]; ok {
		return r.(*es.Repository[S])
	}
	r := es.NewRepository(a, w.log, kept)
	w.repos[a] = r
	return r
}

// State returns a sibling aggregate as it is now; version 0: it is not there.
func State[S any](ctx context.Context, w *World, a *es.Aggregate[S], t es.Tenant, id es.ID[S]) (S, uint64, error) {
	return repository(w, a).State(ctx, t, id)
}

// Rows reads the context's siblings view, which has seen at least everything
// that this process wrote.
func Rows[D any](ctx context.Context, w *World, t es.Tenant, table *view.Table[D], q view.Range) ([]view.Row[D], error) {
	if err := w.models.Wait(ctx, w.siblings, w.written.Load()); err != nil {
		return nil, fmt.Errorf("wait for %s: %w", w.siblings, err)
	}
	r, err := w.models.Live(ctx, t, w.siblings)
	if err != nil {
		return nil, err
	}
	rows, _, err := table.List(ctx, r, q)
	return rows, err
}

// inForce returns the decision-rights policy of a scope once the book has read
// what this process wrote, so that of two that are activated one after the
// other the second knows the first.
func (w *World) inForce(ctx context.Context, t es.Tenant, s rights.Scope) (rights.PolicyID, error) {
	if w.book == nil {
		return "", nil
	}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for written := w.written.Load(); w.book.Position() < written; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return "", fmt.Errorf("wait for the policies in force: %w", ctx.Err())
		}
	}
	return w.book.InForce(t, s), nil
}

func (w *World) wrote(position uint64) {
	for {
		old := w.written.Load()
		if position <= old || w.written.CompareAndSwap(old, position) {
			return
		}
	}
}
