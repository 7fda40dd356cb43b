package view

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
)

// projector folds the log into one edition of a view. Only one goroutine at a
// time advances it.
type projector struct {
	view    *View
	edition Edition
	writer  writer
	epoch   string
	after   func(*projector, touched) // each write
	left    chan error                // why it left its cohort

	position atomic.Uint64 // of the writer's checkpoint
	leave    atomic.Bool   // the edition is no longer the one to fold
}

// quit tells whoever waits why the projector has left its cohort; the first
// reason counts.
func (p *projector) quit(err error) {
	select {
	case p.left <- err:
	default:
	}
}

// errGap is a log from which a commit is missing.
var errGap = errors.New("the log has a gap: it is damaged; restore it before the view can go on")

// stop is an error that repeats until the program, the log or the edition is
// another; At is the commit at which it happened.
type stop struct {
	at  uint64
	err error
}

func (s stop) Error() string { return fmt.Sprintf("at %d: %v", s.at, s.err) }
func (s stop) Unwrap() error { return s.err }

// advance folds the commits beyond the checkpoint, in memory, and writes once.
// Those at or before it are ignored: they were folded. What comes before a
// commit that cannot be folded is written, then it returns a stop; nothing is
// ever skipped.
func (p *projector) advance(ctx context.Context, commits []decoded) error {
	if p.leave.Load() {
		return errMoved
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	at := p.writer.base()
	for len(commits) > 0 && commits[0].commit.Position <= at.Position {
		commits = commits[1:]
	}
	n, broken := contiguous(at.Position, commits)
	commits = commits[:n]
	for len(commits) > 0 {
		d := p.writer.draft()
		b := newBatch(ctx, d)
		n, err := b.fold(p.view, commits)
		var bad poison
		switch {
		case errors.As(err, &bad):
			broken = stop{commits[n].commit.Position, err}
			commits = commits[:n] // fold them again, without the half of this one
			continue
		case err != nil:
			return err
		}
		last := commits[n-1].commit
		now := Checkpoint{at.Epoch, last.Position, last.Meta.ID}
		if err := p.writer.commit(ctx, d, now); errors.As(err, &bad) {
			return stop{last.Position, err}
		} else if err != nil {
			return err
		}
		p.position.Store(now.Position)
		p.after(p, b.changed)
		break
	}
	return broken
}

// fold applies the commits and returns how many it could.
func (b *batch) fold(v *View, commits []decoded) (int, error) {
	for i, c := range commits {
		if err := b.apply(v, c); err != nil {
			return i, err
		}
	}
	return len(commits), nil
}

// contiguous returns how many commits follow on each other after a position,
// and what is wrong with the next.
func contiguous(after uint64, commits []decoded) (int, error) {
	for i, c := range commits {
		if want := after + uint64(i) + 1; c.commit.Position < want {
			return i, stop{c.commit.Position, fmt.Errorf("%w (%d came again after %d)", errGap, c.commit.Position, want-1)}
		} else if c.commit.Position > want {
			return i, stop{want, fmt.Errorf("%w (%d follows %d)", errGap, c.commit.Position, want-1)}
		}
	}
	return len(commits), nil
}

// names returns what a batch changed, in order.
func names(docs map[string]struct{}) []string {
	all := make([]string, 0, len(docs))
	for n := range docs {
		all = append(all, n)
	}
	slices.Sort(all)
	return all
}
