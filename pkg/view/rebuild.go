package view

import (
	"context"
	"errors"
	"fmt"

	"throughline.dev/pkg/es"
)

// building is a rebuild in this process; whoever wants the same waits for it.
type building struct {
	done chan struct{}
	err  error
}

// Rebuild fills a new edition of a view beside the live one, puts it in its
// place once it includes all that the live one does, and drops the old one. It
// returns when that is done; Status shows how far it is. Stopped half-way, it
// goes on where it was the next time.
func (m *Models) Rebuild(ctx context.Context, view string) error {
	v, err := m.view(view)
	if err != nil {
		return err
	}
	return m.build(ctx, v)
}

// build is Rebuild, once at a time for each view.
func (m *Models) build(ctx context.Context, v *View) error {
	m.mu.Lock()
	if b := m.building[v.Name]; b != nil {
		m.mu.Unlock()
		select {
		case <-b.done:
			return b.err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	b := &building{done: make(chan struct{})}
	m.building[v.Name] = b
	m.mu.Unlock()

	for {
		b.err = m.fill(ctx, v)
		if moved := errors.Is(b.err, errMoved) || errors.Is(b.err, errGone); !moved || ctx.Err() != nil {
			break
		}
	}
	if b.err != nil {
		b.err = fmt.Errorf("rebuild %s: %w", v.Name, b.err)
	}
	m.mu.Lock()
	delete(m.building, v.Name)
	m.mu.Unlock()
	close(b.done)
	return b.err
}

var errTookOver = errors.New("the new edition has taken over")

// fill folds the log into the next edition until it takes over; errMoved
// or errGone when another process was in between.
func (m *Models) fill(ctx context.Context, v *View) error {
	head, err := m.log.Head(ctx)
	if err != nil {
		return fmt.Errorf("read the log's head: %w", err)
	}
	next, err := m.next(ctx, v, head)
	if err != nil {
		return err
	}
	p, err := m.projector(ctx, v, next, func(*projector, touched) {})
	if err != nil {
		return err
	}
	ready := func() error {
		if p.position.Load() < head.Last {
			return nil
		}
		err := m.takeOver(ctx, v, next)
		if errors.Is(err, errBehind) {
			return nil // a live edition moves on; the next batch may do
		}
		return err
	}
	if err = ready(); err == nil {
		err = m.log.Follow(ctx, p.position.Load(), func(commits []es.Commit) error {
			if err := p.advance(ctx, decode(m.catalog, commits, []*View{v})); err != nil {
				return err
			}
			return ready()
		})
	}
	var halt stop
	switch {
	case errors.Is(err, errTookOver):
		return nil
	case errors.As(err, &halt):
		return errors.Join(err, m.abandon(ctx, v, next))
	}
	return err
}

// next returns the edition to be filled: one that was begun, or a new one.
func (m *Models) next(ctx context.Context, v *View, head es.Head) (Edition, error) {
	sh, err := m.shelf(ctx, v.Name)
	if err != nil {
		return Edition{}, err
	}
	if sh.Next.Version == v.Version {
		at, err := m.store.checkpoint(ctx, sh.Next)
		if err == nil {
			holds, err := m.holds(ctx, at, head)
			if holds || err != nil {
				return sh.Next, err
			}
		} else if !errors.Is(err, errGone) {
			return Edition{}, err
		}
	}
	e := fresh(v)
	now := sh.without(sh.Next)
	now.Next = e
	if err := m.store.create(ctx, e, Checkpoint{Epoch: head.Epoch}); err != nil {
		return Edition{}, err
	}
	if err := m.store.swap(ctx, v.Name, sh, now); err != nil {
		return Edition{}, errors.Join(err, m.store.drop(ctx, e))
	}
	return e, nil
}

// takeOver makes the next edition the live one: errTookOver.
func (m *Models) takeOver(ctx context.Context, v *View, next Edition) error {
	var now shelf
	for err := errMoved; errors.Is(err, errMoved); { // moved: the live edition was written to in that moment
		sh, lookErr := m.shelf(ctx, v.Name)
		switch {
		case lookErr != nil:
			return lookErr
		case sh.Live == next:
			return errTookOver
		case sh.Next != next:
			return errMoved
		}
		now = sh.without(sh.Live)
		now.Live, now.Next = next, Edition{}
		if err = m.store.swap(ctx, v.Name, sh, now); err != nil && !errors.Is(err, errMoved) {
			return err
		}
	}
	m.shift()
	m.retire(v.Name, next)
	m.sweep(ctx, v.Name, now)
	return errTookOver
}

// retire lets the projector of the edition before go at once.
func (m *Models) retire(view string, next Edition) {
	m.mu.Lock()
	p := m.following[view]
	m.mu.Unlock()
	if p != nil && p.edition != next {
		m.dismiss(p)
	}
}

// abandon gives up an edition that cannot be filled.
func (m *Models) abandon(ctx context.Context, v *View, next Edition) error {
	sh, err := m.shelf(ctx, v.Name)
	if err != nil || sh.Next != next {
		return err
	}
	now := sh.without(next)
	if err := m.store.swap(ctx, v.Name, sh, now); err != nil {
		return err
	}
	m.sweep(ctx, v.Name, now)
	return nil
}
