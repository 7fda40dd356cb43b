package view

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// history is a view's past, in memory: roots kept every so many commits, what
// was asked for lately, and the folds that are going on. The past never
// changes; when the log turns out to be another log, all of it is forgotten.
type history struct {
	log     es.Log
	catalog *es.Catalog
	view    *View
	every   uint64 // commits from one kept root to the next, at least

	mu      sync.Mutex
	epoch   string
	kept    []*root // by position
	recent  []*root // the last asked for at the end
	flights map[uint64]*flight
	folds   chan struct{} // as many folds at a time as it has room
}

// flight is a fold that one or more readers wait for.
type flight struct {
	waiting int
	cancel  context.CancelFunc
	done    chan struct{}
	root    *root
	err     error
}

const (
	keptEvery  = 5_000 // commits: 50 to 100 ms of folding
	keptMost   = 64    // roots: beyond, every other one goes and they stand twice as far apart
	recentMost = 32
	foldsMost  = 2
)

func newHistory(log es.Log, catalog *es.Catalog, v *View) *history {
	return &history{log: log, catalog: catalog, view: v, every: keptEvery,
		flights: map[uint64]*flight{}, folds: make(chan struct{}, foldsMost)}
}

// keep offers a root that a live fold or a replay has come by.
func (h *history) keep(r *root) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sameLog(r.at.Epoch)
	i, there := slices.BinarySearchFunc(h.kept, r.at.Position, byPosition)
	if there || r.at.Position == 0 ||
		i > 0 && r.at.Position-h.kept[i-1].at.Position < h.every ||
		i == 0 && r.at.Position < h.every ||
		i < len(h.kept) && h.kept[i].at.Position-r.at.Position < h.every {
		return
	}
	h.kept = slices.Insert(h.kept, i, r)
	if len(h.kept) > keptMost {
		var half []*root
		for i := 1; i < len(h.kept); i += 2 {
			half = append(half, h.kept[i])
		}
		h.kept, h.every = half, h.every*2
	}
}

func byPosition(r *root, position uint64) int {
	switch {
	case r.at.Position < position:
		return -1
	case r.at.Position > position:
		return 1
	}
	return 0
}

// sameLog forgets everything when the log is another one. h.mu is held.
func (h *history) sameLog(epoch string) {
	if h.epoch != epoch {
		h.epoch, h.kept, h.recent = epoch, nil, nil
	}
}

func (h *history) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kept, h.recent = nil, nil
}

// at returns the state at a position: what was folded lately, or the nearest
// root before it with the commits from there. Readers who want the same wait
// for one fold, which ends when the last of them has gone.
func (h *history) at(ctx context.Context, position uint64) (*root, error) {
	head, err := h.log.Head(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the log's head: %w", err)
	}
	if position > head.Last {
		return nil, fail.Invalid("asOf", "the log ends at position %d; ask for that or an earlier one, not %d", head.Last, position)
	}
	h.mu.Lock()
	h.sameLog(head.Epoch)
	if i := slices.IndexFunc(h.recent, func(r *root) bool { return r.at.Position == position }); i >= 0 {
		r := h.recent[i]
		h.recent = append(slices.Delete(h.recent, i, i+1), r)
		h.mu.Unlock()
		return r, nil
	}
	f := h.flights[position]
	if f == nil {
		f = &flight{done: make(chan struct{})}
		var own context.Context
		own, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
		h.flights[position] = f
		go h.fly(own, f, head.Epoch, position)
	}
	f.waiting++
	h.mu.Unlock()
	select {
	case <-f.done:
		return f.root, f.err
	case <-ctx.Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		f.cancel()
		if h.flights[position] == f {
			delete(h.flights, position)
		}
	}
	return nil, ctx.Err()
}

func (h *history) fly(ctx context.Context, f *flight, epoch string, position uint64) {
	defer f.cancel()
	select {
	case h.folds <- struct{}{}:
		f.root, f.err = h.replay(ctx, epoch, position)
		if errors.Is(f.err, errOtherLog) {
			h.forget()
			f.root, f.err = h.replay(ctx, epoch, position)
		}
		<-h.folds
	case <-ctx.Done():
		f.err = ctx.Err()
	}
	h.mu.Lock()
	if h.flights[position] == f {
		delete(h.flights, position)
	}
	if f.err == nil && h.epoch == epoch {
		h.recent = append(h.recent, f.root)
		if len(h.recent) > recentMost {
			h.recent = slices.Delete(h.recent, 0, 1)
		}
	}
	h.mu.Unlock()
	close(f.done)
}

// nearest returns the latest root at or before a position.
func (h *history) nearest(epoch string, position uint64) *root {
	h.mu.Lock()
	defer h.mu.Unlock()
	best := emptyRoot()
	best.at.Epoch = epoch
	for _, some := range [][]*root{h.kept, h.recent} {
		for _, r := range some {
			if r.at.Epoch == epoch && r.at.Position <= position && r.at.Position > best.at.Position {
				best = r
			}
		}
	}
	return best
}

var errOtherLog = errors.New("the log no longer has the commit that a kept state ends with")

// replay folds from the nearest root, whose last commit it reads again to see
// that the log is still the one it came from.
func (h *history) replay(ctx context.Context, epoch string, position uint64) (*root, error) {
	r := h.nearest(epoch, position)
	if r.at.Position == position && position == 0 {
		return r, nil
	}
	from, check := r.at.Position, r.at.Position > 0
	if check {
		from--
	}
	err := h.log.Follow(ctx, from, func(commits []es.Commit) error {
		if check {
			if commits[0].Position != r.at.Position || commits[0].Meta.ID != r.at.Commit {
				return errOtherLog
			}
			check, commits = false, commits[1:]
		}
		commits = beyond(r.at.Position, commits)
		if n, _ := slices.BinarySearchFunc(commits, position+1, func(c es.Commit, p uint64) int {
			return int(int64(c.Position) - int64(p))
		}); n < len(commits) {
			commits = commits[:n]
		}
		if len(commits) > 0 {
			next, err := h.fold(ctx, r, commits)
			if err != nil {
				return err
			}
			r = next
			h.keep(r)
		}
		if r.at.Position == position {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return r, nil
	}
	return nil, err
}

func (h *history) fold(ctx context.Context, r *root, commits []es.Commit) (*root, error) {
	batch := decode(h.catalog, commits, []*View{h.view})
	if _, err := contiguous(r.at.Position, batch); err != nil {
		return nil, err
	}
	d := r.draft()
	if n, err := newBatch(ctx, d).fold(h.view, batch); err != nil {
		return nil, stop{batch[n].commit.Position, err}
	}
	last := commits[len(commits)-1]
	return r.with(d, Checkpoint{r.at.Epoch, last.Position, last.Meta.ID}), nil
}

// beyond leaves out the commits that were folded before.
func beyond(position uint64, commits []es.Commit) []es.Commit {
	for len(commits) > 0 && commits[0].Position <= position {
		commits = commits[1:]
	}
	return commits
}
