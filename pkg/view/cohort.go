package view

import (
	"context"
	"errors"
	"slices"
	"sync"

	"throughline.dev/pkg/es"
)

// cohort is the projectors that stand at one place in the log and follow it
// together: each commit is read and decoded once for all of them. A projector
// that is behind goes in a cohort of its own and joins when it has caught up.
type cohort struct {
	members []*projector
	claimed uint64 // position of the last commit handed to the members
	running bool
}

var errDisbanded = errors.New("the cohort has nobody left")

// batchMost is the most commits that es.Log.Follow hands over at once.
const batchMost = 1000

// near finds a cohort whose next batch begins at or before position+1, so that
// somebody at position misses nothing, and not far before. m.mu is held.
func (m *Models) near(position uint64, not *cohort) *cohort {
	for _, c := range m.cohorts {
		if c != not && c.claimed <= position && position-c.claimed <= batchMost {
			return c
		}
	}
	return nil
}

// enlist puts a projector into a cohort.
func (m *Models) enlist(p *projector) *cohort {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.near(p.position.Load(), nil)
	if c == nil {
		c = &cohort{claimed: p.position.Load()}
		m.cohorts = append(m.cohorts, c)
	}
	c.members = append(c.members, p)
	return c
}

// march starts following the log for a cohort, once.
func (m *Models) march(ctx context.Context, c *cohort) {
	m.mu.Lock()
	first := !c.running
	c.running = true
	m.mu.Unlock()
	if !first {
		return
	}
	m.moving.Go(func() {
		err := m.log.Follow(ctx, c.claimed, func(commits []es.Commit) error { return m.step(ctx, c, commits) })
		m.mu.Lock()
		rest := c.members
		m.disband(c)
		m.mu.Unlock()
		for _, p := range rest {
			p.quit(err)
		}
	})
}

// disband takes a cohort away, with m.mu held.
func (m *Models) disband(c *cohort) {
	c.members = nil
	m.cohorts = slices.DeleteFunc(m.cohorts, func(o *cohort) bool { return o == c })
}

// step hands commits to the members, all at the same time, and lets go of
// those that cannot go on.
func (m *Models) step(ctx context.Context, c *cohort, commits []es.Commit) error {
	if len(commits) == 0 {
		return nil
	}
	m.mu.Lock()
	members := slices.Clone(c.members)
	c.claimed = max(c.claimed, commits[len(commits)-1].Position)
	m.mu.Unlock()

	views := make([]*View, len(members))
	for i, p := range members {
		views[i] = p.view
	}
	batch := decode(m.catalog, commits, views)
	failed := inParallel(members, func(p *projector) error { return p.advance(ctx, batch) })

	m.mu.Lock()
	for i, p := range members {
		if failed[i] != nil {
			c.members = slices.DeleteFunc(c.members, func(o *projector) bool { return o == p })
		}
	}
	ahead := m.near(c.claimed, c)
	switch {
	case len(c.members) == 0:
		m.disband(c)
	case ahead != nil:
		ahead.members = append(ahead.members, c.members...)
		m.disband(c)
	}
	end := len(c.members) == 0
	m.mu.Unlock()

	for i, p := range members {
		if failed[i] != nil {
			p.quit(failed[i])
		}
	}
	if end {
		return errDisbanded
	}
	return ctx.Err()
}

// dismiss takes a projector out of its cohort at once.
func (m *Models) dismiss(p *projector) {
	p.leave.Store(true)
	m.mu.Lock()
	for _, c := range m.cohorts {
		c.members = slices.DeleteFunc(c.members, func(o *projector) bool { return o == p })
	}
	if m.following[p.view.Name] == p {
		delete(m.following, p.view.Name)
	}
	m.mu.Unlock()
	p.quit(errMoved)
}

// inParallel runs work for each projector at the same time and returns their
// errors in order.
func inParallel(all []*projector, work func(*projector) error) []error {
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i, p := range all {
		wg.Go(func() { errs[i] = work(p) })
	}
	wg.Wait()
	return errs
}
