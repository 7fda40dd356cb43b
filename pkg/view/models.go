package view

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// Models are the read models of a program: its views in a store. Any number of
// processes may share a Redis store; those that Run keep it up, the others
// only read.
type Models struct {
	// Notify, when set before Run, is called after each write for each
	// organisation that it touched, with the documents that changed as
	// "table/id", in order. Calls for different views may overlap. It must not
	// block.
	Notify func(tenant es.Tenant, view string, position uint64, changed []string)
	// Beat is how often a runner looks whether the store and the log are still
	// what it thinks, and tells other processes how it is; 1 s unless set
	// before Run.
	Beat time.Duration

	log     es.Log
	catalog *es.Catalog
	store   Store
	views   []*View
	byName  map[string]*View
	past    map[string]*history
	moving  sync.WaitGroup // the cohorts

	mu        sync.Mutex
	runs      bool
	cohorts   []*cohort
	serving   map[string]Edition    // the live edition as last seen
	seen      map[string]uint64     // its position as last seen
	following map[string]*projector // of the live edition
	notes     map[string]note       // what the runner knows about a view
	building  map[string]*building
	written   chan struct{} // closed and replaced after each write
	shifted   chan struct{} // closed and replaced when an edition takes over
}

// note is what a runner knows about a view beyond its position.
type note struct {
	state  State
	err    string
	at     uint64
	target uint64 // the position to catch up with
}

// NewModels returns the read models of the views. It panics on a view that is
// there twice and on one that wants an event which the catalog does not know.
func NewModels(log es.Log, catalog *es.Catalog, store Store, views ...*View) *Models {
	m := &Models{log: log, catalog: catalog, store: store, views: views, Beat: time.Second,
		byName: map[string]*View{}, past: map[string]*history{},
		serving: map[string]Edition{}, seen: map[string]uint64{}, following: map[string]*projector{},
		notes: map[string]note{}, building: map[string]*building{},
		written: make(chan struct{}), shifted: make(chan struct{})}
	known := map[reflect.Type]bool{}
	for _, name := range catalog.Names() {
		known[catalog.Type(name)] = true
	}
	for _, v := range views {
		if m.byName[v.Name] != nil {
			panic("view " + v.Name + " is there twice")
		}
		for t := range v.on {
			if !known[t] {
				panic(fmt.Sprintf("view %s wants %v, which no schema of the catalog reads", v.Name, t))
			}
		}
		m.byName[v.Name] = v
		m.past[v.Name] = newHistory(log, catalog, v)
	}
	return m
}

func (m *Models) view(name string) (*View, error) {
	if v := m.byName[name]; v != nil {
		return v, nil
	}
	return nil, fail.NotFound("view", name)
}

// Live returns one organisation's documents as they are now. In memory it
// keeps that moment; on a shared store it moves on with the view.
func (m *Models) Live(ctx context.Context, t es.Tenant, view string) (Reader, error) {
	v, err := m.view(view)
	if err != nil {
		return Reader{}, err
	}
	r := Reader{view: v, tenant: t}
	if m.store.shared() {
		r.rows = liveRows{m, v}
		var known bool
		if r.position, known = m.lastSeen(view); known {
			return r, nil
		}
	}
	st, at, err := m.live(ctx, v)
	if err != nil {
		return Reader{}, fmt.Errorf("read %s: %w", view, err)
	}
	if r.position = at.Position; r.rows == nil {
		r.rows = st
	}
	return r, nil
}

// At returns one organisation's documents as they were at a position. A
// position beyond the log's end is fail.Invalid "asOf".
func (m *Models) At(ctx context.Context, t es.Tenant, view string, position uint64) (Reader, error) {
	v, err := m.view(view)
	if err != nil {
		return Reader{}, err
	}
	st, at, err := m.live(ctx, v)
	if err != nil {
		return Reader{}, fmt.Errorf("read %s as of %d: %w", view, position, err)
	}
	r := Reader{view: v, tenant: t, rows: st, position: position}
	h := m.past[view]
	switch {
	case at.Position == position && !m.store.shared():
		return r, nil
	case at.Position == position:
		r.rows = pinned{st.(redisRows), at, h}
		return r, nil
	}
	past, err := h.at(ctx, position)
	if err != nil {
		return Reader{}, fmt.Errorf("read %s as of %d: %w", view, position, err)
	}
	r.rows = past.state()
	return r, nil
}

// live returns the state and the checkpoint of the edition that serves. A view
// that nobody has ever run is empty, at 0.
func (m *Models) live(ctx context.Context, v *View) (state, Checkpoint, error) {
	for range editionTries {
		e, err := m.edition(ctx, v.Name)
		if err != nil {
			return nil, Checkpoint{}, err
		}
		if e == (Edition{}) {
			return emptyRoot().state(), Checkpoint{}, nil
		}
		var at Checkpoint
		st, err := m.store.state(e)
		if err == nil {
			at, err = st.at(ctx)
		}
		if !errors.Is(err, errGone) {
			if err == nil {
				m.sawAt(v.Name, e, at.Position)
			}
			return st, at, err
		}
		m.forget(v.Name, e)
	}
	return nil, Checkpoint{}, errGone
}

// editionTries is how often in a row a read may find that the edition has just
// been replaced.
const editionTries = 5

// edition returns the edition that serves, as last seen; the zero Edition if
// there is none.
func (m *Models) edition(ctx context.Context, view string) (Edition, error) {
	m.mu.Lock()
	e, known := m.serving[view]
	m.mu.Unlock()
	if known {
		return e, nil
	}
	sh, err := m.shelf(ctx, view)
	return sh.Live, err
}

// shelf looks a view's editions up and remembers which one serves.
func (m *Models) shelf(ctx context.Context, view string) (shelf, error) {
	sh, err := m.store.shelf(ctx, view)
	if err != nil {
		return sh, fmt.Errorf("look up the editions of %s: %w", view, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.serving[view] != sh.Live {
		delete(m.seen, view)
		delete(m.serving, view)
		if sh.Live != (Edition{}) {
			m.serving[view] = sh.Live
		}
	}
	return sh, nil
}

func (m *Models) forget(view string, e Edition) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.serving[view] == e {
		delete(m.serving, view)
		delete(m.seen, view)
	}
}

func (m *Models) lastSeen(view string) (uint64, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, known := m.seen[view]
	return at, known
}

func (m *Models) sawAt(view string, e Edition, position uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.serving[view] == e {
		m.seen[view] = max(m.seen[view], position)
	}
}

// Dump returns all documents and index entries of the live view, of every
// organisation, as canonical bytes, and the position at which they stand. Two
// equal states give equal bytes, in whatever store.
func (m *Models) Dump(ctx context.Context, view string) ([]byte, uint64, error) {
	v, err := m.view(view)
	if err != nil {
		return nil, 0, err
	}
	for ctx.Err() == nil {
		b, at, err := m.dump(ctx, v)
		switch {
		case err == nil:
			return b, at, nil
		case !errors.Is(err, errMoved) && !errors.Is(err, errGone):
			return nil, 0, err
		}
	}
	return nil, 0, ctx.Err()
}

// dump is Dump unless the state moved on or went away meanwhile.
func (m *Models) dump(ctx context.Context, v *View) ([]byte, uint64, error) {
	st, at, err := m.live(ctx, v)
	if err != nil {
		return nil, 0, fmt.Errorf("dump %s: %w", v.Name, err)
	}
	tenants, err := st.tenants(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("dump %s: %w", v.Name, err)
	}
	b, err := dump(ctx, v, st, tenants)
	if err != nil {
		return nil, 0, err
	}
	then, err := st.at(ctx)
	if err == nil && then != at {
		err = errMoved
	}
	return b, at.Position, err
}
