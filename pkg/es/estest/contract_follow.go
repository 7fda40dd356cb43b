package estest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"throughline.dev/pkg/es"
)

// errEnough ends a follow that has seen what it waited for.
var errEnough = errors.New("enough")

// collect follows until it has n commits.
func (c *contract) collect(t failer, after uint64, n int) []es.Commit {
	var got []es.Commit
	err := c.log.Follow(c.ctx, after, func(batch []es.Commit) error {
		if got = append(got, batch...); len(got) >= n {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatalf("follow after %d ended with %v after %d of %d commits", after, err, len(got), n)
	}
	return got
}

func follow(t *testing.T, c *contract) {
	a, b := c.stream(t), c.stream(t)
	all := append(c.fill(t, a, 5), c.fill(t, b, 5)...)
	for after := range 10 {
		same(t, all[after:], c.collect(t, uint64(after), 10-after))
	}
	// Live: three followers from three places see what is appended later.
	type result struct {
		after int
		got   []es.Commit
		err   error
	}
	results := make(chan result)
	reached := make(chan struct{}, 3)
	for _, after := range []int{0, 4, 10} {
		go func() {
			r := result{after: after}
			reached <- struct{}{}
			r.err = c.log.Follow(c.ctx, uint64(after), func(batch []es.Commit) error {
				if r.got = append(r.got, batch...); len(r.got) >= 40-after {
					return errEnough
				}
				return nil
			})
			results <- r
		}()
	}
	for range 3 {
		<-reached
	}
	all = append(all, c.fill(t, c.stream(t), 30)...)
	for range 3 {
		r := <-results
		if !errors.Is(r.err, errEnough) {
			t.Fatalf("follow after %d: %v, has %d commits", r.after, r.err, len(r.got))
		}
		same(t, all[r.after:], r.got)
	}
}

func followBatches(t *testing.T, c *contract) {
	const n = 2600
	all := c.fill(t, c.stream(t), n)
	var got, kept []es.Commit
	err := c.log.Follow(c.ctx, 0, func(batch []es.Commit) error {
		if len(batch) == 0 || len(batch) > 1000 {
			t.Errorf("a batch of %d", len(batch))
		}
		if kept == nil {
			kept = batch
		}
		if got = append(got, batch...); len(got) >= n {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	same(t, all, got)
	same(t, all[:len(kept)], kept) // a batch may be kept
}

func followApplyError(t *testing.T, c *contract) {
	c.fill(t, c.stream(t), 3)
	ended := false
	boom := errors.New("boom")
	err := c.log.Follow(c.ctx, 1, func([]es.Commit) error {
		if ended {
			t.Error("apply was called after its error")
		}
		ended = true
		return fmt.Errorf("apply: %w", boom)
	})
	if !errors.Is(err, boom) {
		t.Errorf("follow ended with %v", err)
	}
}

func followCancelled(t *testing.T, c *contract) {
	all := c.fill(t, c.stream(t), 4)
	for _, when := range []int{1, 4} { // amid the commits, and waiting at their end
		ctx, cancel := context.WithCancel(c.ctx)
		ended := make(chan error, 1)
		seen := make(chan uint64, 100)
		go func() {
			ended <- c.log.Follow(ctx, 0, func(batch []es.Commit) error {
				for _, commit := range batch {
					seen <- commit.Position
				}
				return nil
			})
		}()
		for range when {
			<-seen
		}
		cancel()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("follow ended with %v", err)
			}
		case <-c.ctx.Done():
			t.Fatal("follow goes on after its context has ended")
		}
	}
	same(t, all, c.collect(t, 0, len(all)))
}

func followBeyond(t *testing.T, c *contract) {
	c.fill(t, c.stream(t), 3)
	err := c.log.Follow(c.ctx, 4, func(batch []es.Commit) error {
		return fmt.Errorf("got %d commits", len(batch))
	})
	if err == nil || c.ctx.Err() != nil {
		t.Errorf("follow after 4 of 3 ended with %v; it must say at once that the log is shorter", err)
	}
}

func at(t *testing.T, c *contract) {
	s := c.stream(t)
	c.fill(t, s, 12)
	commits := c.load(t, s, 0)
	ask := []time.Time{commits[0].Meta.Time.Add(-time.Hour), commits[11].Meta.Time.Add(time.Hour)}
	for _, commit := range commits {
		ask = append(ask, commit.Meta.Time, commit.Meta.Time.Add(-time.Nanosecond), commit.Meta.Time.Add(time.Nanosecond).In(time.FixedZone("", -3600)))
	}
	for _, when := range ask {
		var want uint64
		for _, commit := range commits {
			if !commit.Meta.Time.After(when) {
				want = commit.Position
			}
		}
		got, err := c.log.At(c.ctx, when)
		if err != nil || got != want {
			t.Errorf("at %v is %d, %v; want %d", when, got, err, want)
		}
	}
}

func cancelled(t *testing.T, c *contract) {
	s := c.stream(t)
	commits := c.fill(t, s, 1)
	ctx, cancel := context.WithCancel(c.ctx)
	cancel()
	if _, err := c.log.Append(ctx, newCommit(s, "too late"), commits[0].Position); !errors.Is(err, context.Canceled) {
		t.Errorf("append: %v", err)
	}
	if _, err := c.log.Load(ctx, s, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("load: %v", err)
	}
	if _, err := c.log.Head(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("head: %v", err)
	}
	if _, err := c.log.At(ctx, time.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("at: %v", err)
	}
	if err := c.log.Follow(ctx, 0, func([]es.Commit) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("follow: %v", err)
	}
	same(t, commits, c.load(t, s, 0))
}
