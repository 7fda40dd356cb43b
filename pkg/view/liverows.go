package view

import (
	"context"
	"errors"

	"throughline.dev/pkg/es"
)

// liveRows reads a view in a shared store, whichever edition serves at the
// moment: when that one has just been replaced, the read is done again.
type liveRows struct {
	models *Models
	view   *View
}

func (l liveRows) docs(ctx context.Context, t TableDef, tenant es.Tenant, ids []string) (docs []any, err error) {
	err = l.read(ctx, func(r rows) error { docs, err = r.docs(ctx, t, tenant, ids); return err })
	return docs, err
}

func (l liveRows) list(ctx context.Context, t TableDef, tenant es.Tenant, s span) (found []row, err error) {
	err = l.read(ctx, func(r rows) error { found, err = r.list(ctx, t, tenant, s); return err })
	return found, err
}

func (l liveRows) count(ctx context.Context, t TableDef, tenant es.Tenant, s span) (n int, err error) {
	err = l.read(ctx, func(r rows) error { n, err = r.count(ctx, t, tenant, s); return err })
	return n, err
}

func (l liveRows) read(ctx context.Context, from func(rows) error) error {
	for range editionTries {
		e, err := l.models.edition(ctx, l.view.Name)
		if err != nil {
			return err
		}
		if e == (Edition{}) {
			return from(emptyRoot().state())
		}
		st, err := l.models.store.state(e)
		if err == nil {
			err = from(st)
		}
		if !errors.Is(err, errGone) {
			return err
		}
		l.models.forget(l.view.Name, e)
	}
	return errGone
}

// pinned reads today's position from the shared store while the view stands
// there, and from its history once it has moved on.
type pinned struct {
	live    redisRows
	at      Checkpoint
	history *history
}

func (p pinned) docs(ctx context.Context, t TableDef, tenant es.Tenant, ids []string) ([]any, error) {
	docs, at, err := p.live.docsAt(ctx, t, tenant, ids)
	if p.still(at, err) {
		return docs, err
	}
	past, err := p.history.at(ctx, p.at.Position)
	if err != nil {
		return nil, err
	}
	return past.state().docs(ctx, t, tenant, ids)
}

func (p pinned) list(ctx context.Context, t TableDef, tenant es.Tenant, s span) ([]row, error) {
	found, at, err := p.live.listAt(ctx, t, tenant, s)
	if p.still(at, err) {
		return found, err
	}
	past, err := p.history.at(ctx, p.at.Position)
	if err != nil {
		return nil, err
	}
	return past.state().list(ctx, t, tenant, s)
}

func (p pinned) count(ctx context.Context, t TableDef, tenant es.Tenant, s span) (int, error) {
	n, at, err := p.live.countAt(ctx, t, tenant, s)
	if p.still(at, err) {
		return n, err
	}
	past, err := p.history.at(ctx, p.at.Position)
	if err != nil {
		return 0, err
	}
	return past.state().count(ctx, t, tenant, s)
}

// still tells whether what was read at a checkpoint is what is wanted, or an
// error that the history would not mend.
func (p pinned) still(at Checkpoint, err error) bool {
	if err != nil {
		return !errors.Is(err, errGone)
	}
	return at == p.at
}
