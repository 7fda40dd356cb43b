// Package estest is for tests of event-sourced code: sentences for deciders,
// golden files for stored events, the contract of a log, and a log in memory.
package estest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// maxCommit is the most that a commit's events may take, in bytes; a log on
// disk has the same limit.
const maxCommit = 256 << 10

// Log is an es.Log in memory. Now may be set before use to steer its clock.
type Log struct {
	Now func() time.Time

	mu      sync.Mutex
	commits []es.Commit
	last    map[es.Stream]uint64
	byID    map[place]uint64
	grown   chan struct{} // closed and replaced by each append
}

type place struct {
	stream es.Stream
	id     string
}

// NewLog returns an empty log.
func NewLog() *Log {
	return &Log{Now: time.Now, last: map[es.Stream]uint64{}, byID: map[place]uint64{}, grown: make(chan struct{})}
}

// Append implements es.Log.
func (l *Log) Append(ctx context.Context, c es.Commit, expected uint64) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := check(c); err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if there, ok := l.byID[place{c.Stream, c.Meta.ID}]; ok {
		return there, nil
	}
	if l.last[c.Stream] != expected {
		return 0, es.ErrConflict
	}
	c.Position = uint64(len(l.commits) + 1)
	c.Meta.Time = l.Now().UTC()
	c.Meta.Key = ""
	c.Events = slices.Clone(c.Events)
	for i := range c.Events {
		c.Events[i].Data = bytes.Clone(c.Events[i].Data)
	}
	l.commits = append(l.commits, c)
	l.last[c.Stream] = c.Position
	l.byID[place{c.Stream, c.Meta.ID}] = c.Position
	close(l.grown)
	l.grown = make(chan struct{})
	return c.Position, nil
}

func check(c es.Commit) error {
	switch {
	case c.Meta.ID == "":
		return fmt.Errorf("commit on %s: it has no Meta.ID", c.Stream.Subject())
	case len(c.Events) == 0:
		return fmt.Errorf("commit %s on %s: it has no events", c.Meta.ID, c.Stream.Subject())
	case c.Meta.Tenant != c.Stream.Tenant():
		return fmt.Errorf("commit %s on %s: it is of tenant %s", c.Meta.ID, c.Stream.Subject(), c.Meta.Tenant)
	}
	size := 0
	for _, e := range c.Events {
		size += len(e.Name) + len(e.Data)
	}
	if size > maxCommit {
		return fail.Invalid("body", "what one command changes may take at most %d KiB; this takes %d KiB: split it, or shorten its texts",
			maxCommit>>10, (size+1023)>>10)
	}
	return nil
}

// Load implements es.Log.
func (l *Log) Load(ctx context.Context, s es.Stream, after uint64) ([]es.Commit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []es.Commit
	if l.last[s] <= after {
		return nil, nil
	}
	for _, c := range l.commits[after:] {
		if c.Stream == s {
			found = append(found, c)
		}
	}
	return found, nil
}

// Follow implements es.Log.
func (l *Log) Follow(ctx context.Context, after uint64, apply func([]es.Commit) error) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		l.mu.Lock()
		last := uint64(len(l.commits))
		if after > last {
			l.mu.Unlock()
			return fmt.Errorf("follow the log: it ends at %d, before %d", last, after)
		}
		batch := slices.Clone(l.commits[after:min(last, after+1000)])
		grown := l.grown
		l.mu.Unlock()
		if len(batch) > 0 {
			if err := apply(batch); err != nil {
				return err
			}
			after += uint64(len(batch))
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
func (l *Log) Head(ctx context.Context) (es.Head, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return es.Head{Epoch: "memory", Last: uint64(len(l.commits))}, ctx.Err()
}

// At implements es.Log.
func (l *Log) At(ctx context.Context, t time.Time) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, _ := slices.BinarySearchFunc(l.commits, t, func(c es.Commit, t time.Time) int {
		if c.Meta.Time.After(t) {
			return 1
		}
		return -1
	})
	return uint64(n), ctx.Err()
}
