package view

import (
	"context"
	"fmt"
	"time"

	"throughline.dev/pkg/fail"
)

// ErrStopped is a view that cannot go on, so waiting for it is no use.
var ErrStopped = fail.Refused("view-stopped",
	"this view has stopped and shows an older state until an operator has mended it")

// Wait returns once the live view includes a position: what a command answered
// with can then be read. It ends with ctx, and with ErrStopped when the view
// will not get there.
func (m *Models) Wait(ctx context.Context, view string, position uint64) error {
	v, err := m.view(view)
	if err != nil || position == 0 {
		return err
	}
	for pause := time.Millisecond; ; pause = min(2*pause, 20*time.Millisecond) {
		m.mu.Lock()
		written := m.written
		m.mu.Unlock()
		_, at, err := m.live(ctx, v)
		if err == nil && at.Position < position {
			// It may be an edition that is no longer the one that serves.
			if _, err = m.shelf(ctx, view); err == nil {
				_, at, err = m.live(ctx, v)
			}
		}
		if err != nil {
			return fmt.Errorf("wait for %s to reach %d: %w", view, position, err)
		}
		if at.Position >= position {
			return nil
		}
		if err := m.stopped(ctx, view); err != nil {
			return err
		}
		var again <-chan time.Time // only another process's write goes unnoticed here
		if m.store.shared() {
			again = time.After(pause)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s to reach %d, it is at %d: %w", view, position, at.Position, ctx.Err())
		case <-written:
		case <-again:
		}
	}
}

// stopped returns ErrStopped if the view is.
func (m *Models) stopped(ctx context.Context, view string) error {
	m.mu.Lock()
	n, runs := m.notes[view], m.runs
	m.mu.Unlock()
	if !runs {
		said, err := m.store.reports(ctx, []string{view})
		if err != nil {
			return fmt.Errorf("wait for %s: %w", view, err)
		}
		n = note{state: said[view].State, err: said[view].Error}
	}
	if n.state == StateStopped {
		return ErrStopped.With("%s", n.err)
	}
	return nil
}
