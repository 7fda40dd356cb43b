package view

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"throughline.dev/pkg/es"
)

// Run keeps all views up until ctx ends, and returns ctx's error. A view that
// cannot go on stops alone; an outage of the log or the store is waited for.
func (m *Models) Run(ctx context.Context) error {
	m.mu.Lock()
	if m.runs {
		m.mu.Unlock()
		return errors.New("run: these models run already")
	}
	m.runs = true
	m.mu.Unlock()

	var opened, keeping sync.WaitGroup
	opened.Add(len(m.views)) // those at the same position start in one cohort
	for _, v := range m.views {
		keeping.Go(func() { m.keep(ctx, v, &opened) })
	}
	keeping.Go(func() { m.beat(ctx) })
	keeping.Wait()
	m.moving.Wait()
	m.mu.Lock()
	m.runs = false
	m.mu.Unlock()
	return ctx.Err()
}

// keep keeps one view up.
func (m *Models) keep(ctx context.Context, v *View, opened *sync.WaitGroup) {
	arrived := sync.OnceFunc(opened.Done)
	defer arrived()
	var outage backoff
	for ctx.Err() == nil {
		p, err := m.open(ctx, v, arrived)
		if err == nil {
			c := m.enlist(p)
			m.follow(p)
			arrived()
			opened.Wait()
			m.march(ctx, c)
			began := p.position.Load()
			select {
			case err = <-p.left:
			case <-ctx.Done():
			}
			m.dismiss(p)
			if p.position.Load() > began {
				outage = 0
			}
		}
		arrived()
		var halt stop
		switch {
		case ctx.Err() != nil:
		case errors.As(err, &halt):
			m.note(v, note{state: StateStopped, err: halt.err.Error(), at: halt.at})
			m.untilOther(ctx, v)
		case errors.Is(err, errMoved), errors.Is(err, errGone):
			m.standBy(ctx, v, p)
		default:
			m.trying(v, err)
			outage.wait(ctx)
		}
	}
}

// errNewer is a program that is older than the edition that serves: to fill
// its own would take the newer one away from newer programs.
var errNewer = errors.New("a newer version of this view is live; update this program, or rebuild the view to go back")

// open finds the edition of a view that is to be followed, after it has made
// sure that what it holds is the present log's. Where a new version takes over
// from an old one, or the log is another, the edition is made anew.
func (m *Models) open(ctx context.Context, v *View, waits func()) (*projector, error) {
	for {
		head, err := m.log.Head(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the log's head: %w", err)
		}
		sh, err := m.shelf(ctx, v.Name)
		if err != nil {
			return nil, err
		}
		m.sweep(ctx, v.Name, sh)
		if sh.Live == (Edition{}) {
			if err := m.replace(ctx, v, head, sh); err != nil {
				return nil, err
			}
			m.note(v, note{state: StateCatchingUp, target: head.Last})
			continue
		}
		if sh.Live.Version > v.Version {
			return nil, stop{0, errNewer}
		}
		if sh.Live.Version < v.Version {
			m.note(v, note{state: StateRebuilding})
			waits()
			if err := m.build(ctx, v); err != nil {
				return nil, err
			}
			continue
		}
		at, err := m.store.checkpoint(ctx, sh.Live)
		holds := false
		if err == nil {
			holds, err = m.holds(ctx, at, head)
		}
		switch {
		case err != nil && !errors.Is(err, errGone):
			return nil, err
		case !holds:
			m.past[v.Name].forget()
			if err := m.replace(ctx, v, head, sh); err != nil {
				return nil, err
			}
			m.note(v, note{state: StateRebuilding, target: head.Last})
			continue
		}
		p, err := m.projector(ctx, v, sh.Live, m.wrote)
		if err != nil {
			return nil, err
		}
		m.began(v, p, head)
		return p, nil
	}
}

// replace puts a new empty edition in the place of the live one, which holds
// nothing that may be shown.
func (m *Models) replace(ctx context.Context, v *View, head es.Head, sh shelf) error {
	e := fresh(v)
	now := sh.without(sh.Live).without(sh.Next)
	now.Live = e
	if err := m.store.create(ctx, e, Checkpoint{Epoch: head.Epoch}); err != nil {
		return err
	}
	err := m.store.swap(ctx, v.Name, sh, now)
	switch {
	case errors.Is(err, errMoved): // another runner has done it
		return m.store.drop(ctx, e)
	case err == nil:
		m.shift()
	}
	return err
}

// sweep drops the editions that were taken out of service.
func (m *Models) sweep(ctx context.Context, view string, sh shelf) {
	if len(sh.Old) == 0 {
		return
	}
	for _, e := range sh.Old {
		if m.store.drop(ctx, e) != nil {
			return // the shelf remembers it for the next time
		}
	}
	now := sh
	now.Old = nil
	if m.store.swap(ctx, view, sh, now) != nil {
		return // likewise
	}
}

var errEnough = errors.New("enough was read")

// holds tells whether a checkpoint is one of this log: a restored or truncated
// log has another epoch, ends before it, or has another commit there.
func (m *Models) holds(ctx context.Context, at Checkpoint, head es.Head) (bool, error) {
	if at.Epoch != head.Epoch || at.Position > head.Last {
		return false, nil
	}
	if at.Position == 0 {
		return true, nil
	}
	found := false
	err := m.log.Follow(ctx, at.Position-1, func(commits []es.Commit) error {
		found = commits[0].Position == at.Position && commits[0].Meta.ID == at.Commit
		return errEnough
	})
	if !errors.Is(err, errEnough) {
		return false, fmt.Errorf("read the commit at %d: %w", at.Position, err)
	}
	return found, nil
}

func (m *Models) projector(ctx context.Context, v *View, e Edition, after func(*projector, touched)) (*projector, error) {
	w, err := m.store.writer(ctx, e)
	if err != nil {
		return nil, fmt.Errorf("open %v: %w", e, err)
	}
	p := &projector{view: v, edition: e, writer: w, epoch: w.base().Epoch, after: after, left: make(chan error, 1)}
	p.position.Store(w.base().Position)
	return p, nil
}

// began notes how a view stands when its projector starts.
func (m *Models) began(v *View, p *projector, head es.Head) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.notes[v.Name]
	switch {
	case p.position.Load() >= head.Last:
		n = note{state: StateLive}
	case n.state != StateRebuilding && n.state != StateCatchingUp:
		n = note{state: StateCatchingUp, target: head.Last}
	default:
		n.err, n.at, n.target = "", 0, head.Last
	}
	m.notes[v.Name] = n
}

// wrote is called by the projector of a live edition after each write.
func (m *Models) wrote(p *projector, changed touched) {
	name, position := p.view.Name, p.position.Load()
	if r := p.writer.root(); r != nil {
		m.past[name].keep(r)
	}
	m.mu.Lock()
	if m.serving[name] == p.edition {
		m.seen[name] = max(m.seen[name], position)
	}
	if n := m.notes[name]; position >= n.target {
		m.notes[name] = note{state: StateLive}
	}
	close(m.written)
	m.written = make(chan struct{})
	m.mu.Unlock()
	if m.Notify == nil {
		return
	}
	for tenant, docs := range changed {
		m.Notify(tenant, name, position, names(docs))
	}
}

// shift tells everybody in this process that an edition has taken over.
func (m *Models) shift() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.serving)
	clear(m.seen)
	close(m.shifted)
	m.shifted = make(chan struct{})
	close(m.written)
	m.written = make(chan struct{})
}

func (m *Models) note(v *View, n note) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.notes[v.Name] = n
	close(m.written) // who waits sees that it has stopped
	m.written = make(chan struct{})
}

// trying notes an outage that is waited for.
func (m *Models) trying(v *View, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.notes[v.Name]
	if n.state != StateRebuilding {
		n.state = StateCatchingUp
	}
	n.err = fmt.Sprint("trying again: ", err)
	m.notes[v.Name] = n
}

func (m *Models) follow(p *projector) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.following[p.view.Name] = p
}

// backoff is the pause after an outage: it doubles to a second, and varies so
// that processes do not come back all at once.
type backoff time.Duration

func (b *backoff) wait(ctx context.Context) {
	d := max(time.Duration(*b), 20*time.Millisecond)
	*b = backoff(min(2*d, time.Second))
	pause(ctx, d/2+rand.N(d), nil)
}

// pause waits for a time, ctx or a channel.
func pause(ctx context.Context, d time.Duration, or <-chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-or:
	case <-t.C:
	}
}
