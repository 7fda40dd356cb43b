// Package estest is for tests of event-sourced code: sentences for deciders,
// golden files for stored events, and a log in memory.
package estest

import (
	"context"
	"slices"
	"sync"
	"time"

	"throughline.dev/pkg/es"
)

// Log is an es.Log in memory. Now may be set before use to steer its clock.
type Log struct {
	Now func() time.Time

	mu      sync.Mutex
	commits []es.Commit
	last    map[es.Stream]uint64
	grown   chan struct{} // closed and replaced by each append
}

// NewLog returns an empty log.
func NewLog() *Log {
	return &Log{Now: time.Now, last: map[es.Stream]uint64{}, grown: make(chan struct{})}
}

// Append implements es.Log.
func (l *Log) Append(ctx context.Context, c es.Commit, expected uint64) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if last := l.last[c.Stream]; last != expected {
		for _, there := range l.commits[min(expected, uint64(len(l.commits))):] {
			if there.Stream == c.Stream {
				if c.Meta.ID != "" && there.Meta.ID == c.Meta.ID {
					return there.Position, nil
				}
				break
			}
		}
		return 0, es.ErrConflict
	}
	c.Position = uint64(len(l.commits) + 1)
	c.Meta.Time = l.Now().UTC()
	c.Meta.Key = ""
	l.commits = append(l.commits, c)
	l.last[c.Stream] = c.Position
	close(l.grown)
	l.grown = make(chan struct{})
	return c.Position, nil
}

// Load implements es.Log.
func (l *Log) Load(ctx context.Context, s es.Stream, after uint64) ([]es.Commit, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []es.Commit
	for _, c := range l.commits[min(after, uint64(len(l.commits))):] {
		if c.Stream == s {
			found = append(found, c)
		}
	}
	return found, ctx.Err()
}

// Follow implements es.Log.
func (l *Log) Follow(ctx context.Context, after uint64, apply func([]es.Commit) error) error {
	for {
		l.mu.Lock()
		batch := slices.Clone(l.commits[min(after, uint64(len(l.commits))):])
		grown := l.grown
		l.mu.Unlock()
		if len(batch) > 1000 {
			batch = batch[:1000]
		}
		if len(batch) > 0 {
			if err := apply(batch); err != nil {
				return err
			}
			after = batch[len(batch)-1].Position
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-grown:
		}
	}
}

// Head implements es.Log.
func (l *Log) Head(context.Context) (es.Head, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return es.Head{Epoch: "memory", Last: uint64(len(l.commits))}, nil
}

// At implements es.Log.
func (l *Log) At(_ context.Context, t time.Time) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, _ := slices.BinarySearchFunc(l.commits, t, func(c es.Commit, t time.Time) int {
		if c.Meta.Time.After(t) {
			return 1
		}
		return -1
	})
	return uint64(n), nil
}
