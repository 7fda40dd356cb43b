package view

import (
	"context"
	"sync"
)

// memory is a Store in this process: an edition is its latest root.
type memory struct {
	mu       sync.Mutex
	shelves  map[string]shelf
	editions map[Edition]*root
}

// NewMemory returns a store in memory, for one process. Its states are
// immutable: a Reader keeps the moment at which it was had.
func NewMemory() Store {
	return &memory{shelves: map[string]shelf{}, editions: map[Edition]*root{}}
}

func (m *memory) shared() bool { return false }

func (m *memory) shelf(_ context.Context, view string) (shelf, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.shelves[view], nil
}

func (m *memory) swap(_ context.Context, view string, old, now shelf) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.shelves[view].same(old) {
		return errMoved
	}
	if now.Live != old.Live && now.Live == old.Next {
		next, live := m.editions[now.Live], m.editions[old.Live]
		if next == nil {
			return errGone
		}
		if live != nil && next.at.Position < live.at.Position {
			return errBehind
		}
	}
	for _, e := range old.ends(now) {
		delete(m.editions, e)
	}
	m.shelves[view] = now
	return nil
}

func (m *memory) create(_ context.Context, e Edition, at Checkpoint) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.editions[e] == nil {
		r := emptyRoot()
		r.at = at
		m.editions[e] = r
	}
	return nil
}

func (m *memory) latest(e Edition) (*root, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.editions[e]; r != nil {
		return r, nil
	}
	return nil, errGone
}

func (m *memory) checkpoint(_ context.Context, e Edition) (Checkpoint, error) {
	r, err := m.latest(e)
	if err != nil {
		return Checkpoint{}, err
	}
	return r.at, nil
}

func (m *memory) state(e Edition) (state, error) {
	r, err := m.latest(e)
	if err != nil {
		return nil, err
	}
	return r.state(), nil
}

func (m *memory) drop(_ context.Context, e Edition) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.editions, e)
	return nil
}

// report does nothing: there is no other process to tell.
func (m *memory) report(context.Context, []Status) error { return nil }

func (m *memory) reports(context.Context, []string) (map[string]Status, error) { return nil, nil }

func (m *memory) writer(_ context.Context, e Edition) (writer, error) {
	r, err := m.latest(e)
	if err != nil {
		return nil, err
	}
	return &memoryWriter{m, e, r}, nil
}

type memoryWriter struct {
	store   *memory
	edition Edition
	now     *root
}

func (w *memoryWriter) base() Checkpoint { return w.now.at }
func (w *memoryWriter) draft() *draft    { return w.now.draft() }
func (w *memoryWriter) root() *root      { return w.now }

func (w *memoryWriter) commit(_ context.Context, d *draft, at Checkpoint) error {
	next := w.now.with(d, at)
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	if w.store.editions[w.edition] != w.now {
		return errMoved
	}
	w.store.editions[w.edition] = next
	w.now = next
	return nil
}
