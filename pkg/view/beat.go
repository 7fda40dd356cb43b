package view

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"throughline.dev/pkg/es"
)

// beat looks, time and again, whether the editions that are followed are still
// there and still this log's, and leaves word for other processes. Without it
// a store that was emptied would be noticed at the next commit only.
func (m *Models) beat(ctx context.Context) {
	for ctx.Err() == nil {
		m.mu.Lock()
		var all []*projector
		for _, p := range m.following {
			all = append(all, p)
		}
		m.mu.Unlock()
		for _, p := range all {
			if !m.sound(ctx, p) {
				m.dismiss(p)
			}
		}
		// An outage shows in the notes of the views that it stops; the report
		// then runs out, which other processes take as it is meant.
		if said, err := m.Status(ctx); err == nil {
			_ = m.store.report(ctx, said)
		}
		pause(ctx, m.Beat, nil)
	}
}

// sound tells whether a projector still folds the right log into the right
// edition; it gives it the benefit of an outage.
func (m *Models) sound(ctx context.Context, p *projector) bool {
	position, epoch := p.position.Load(), p.epoch
	head, err := m.log.Head(ctx)
	if err != nil {
		return true
	}
	if head.Epoch != epoch || head.Last < position {
		return false
	}
	sh, err := m.shelf(ctx, p.view.Name)
	if err != nil {
		return true
	}
	if sh.Live != p.edition {
		return false
	}
	at, err := m.store.checkpoint(ctx, p.edition)
	if err != nil {
		return !errors.Is(err, errGone)
	}
	return at.Epoch == epoch && at.Position >= position
}

// standBy waits while another runner keeps the view up: as long as the
// checkpoint moves without us, folding as well would only be in its way.
func (m *Models) standBy(ctx context.Context, v *View, p *projector) {
	if p == nil {
		pause(ctx, 10*time.Millisecond, nil)
		return
	}
	last := p.position.Load()
	for ctx.Err() == nil {
		sh, err := m.shelf(ctx, v.Name)
		if err != nil || sh.Live != p.edition {
			return
		}
		at, err := m.store.checkpoint(ctx, p.edition)
		if err != nil || at.Position == last {
			return
		}
		last = at.Position
		m.mu.Lock()
		shifted := m.shifted
		m.mu.Unlock()
		pause(ctx, 50*time.Millisecond+rand.N(50*time.Millisecond), shifted)
	}
}

// untilOther waits until what a stopped view is made from has changed: its
// edition or the log.
func (m *Models) untilOther(ctx context.Context, v *View) {
	var was shelf
	var then es.Head
	for first := true; ctx.Err() == nil; {
		m.mu.Lock()
		shifted := m.shifted
		m.mu.Unlock()
		sh, err := m.shelf(ctx, v.Name)
		if err == nil {
			var head es.Head
			if head, err = m.log.Head(ctx); err == nil {
				if !first && (sh.Live != was.Live || head.Epoch != then.Epoch || head.Last < then.Last) {
					return
				}
				first, was, then = false, sh, head
			}
		}
		pause(ctx, m.Beat, shifted)
	}
}
