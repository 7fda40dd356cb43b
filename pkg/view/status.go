package view

import (
	"context"
	"errors"
	"fmt"
)

// State says what a view is about.
type State string

const (
	StateLive       State = "live"        // follows the log
	StateCatchingUp State = "catching-up" // serves, but is behind the log's end that it saw when it began
	StateRebuilding State = "rebuilding"  // a new edition is being filled; the old one, if any, serves meanwhile
	StateStopped    State = "stopped"     // an event that it cannot fold, or no runner: it serves what it has
)

// Status is how a view is.
type Status struct {
	Name     string  `json:"name"`
	Version  int     `json:"version"`            // of the edition that serves
	Position uint64  `json:"position"`           // that the serving edition includes
	Lag      uint64  `json:"lag"`                // commits from there to the log's end
	State    State   `json:"state"`              //
	Error    string  `json:"error,omitempty"`    // why it is stopped, or what it is trying again
	At       uint64  `json:"at,omitempty"`       // position of the commit that stopped it
	Progress float64 `json:"progress,omitempty"` // of the rebuild or of catching up, 0 to 1
}

// Status tells how each view is. Where this Models does not run them, it is
// what the runner last left in the store.
func (m *Models) Status(ctx context.Context) ([]Status, error) {
	head, err := m.log.Head(ctx)
	if err != nil {
		return nil, fmt.Errorf("status: %w", err)
	}
	m.mu.Lock()
	runs := m.runs
	m.mu.Unlock()
	var said map[string]Status
	if !runs {
		names := make([]string, len(m.views))
		for i, v := range m.views {
			names[i] = v.Name
		}
		if said, err = m.store.reports(ctx, names); err != nil {
			return nil, fmt.Errorf("status: %w", err)
		}
	}
	all := make([]Status, len(m.views))
	for i, v := range m.views {
		if all[i], err = m.status(ctx, v, head.Last); err != nil {
			return nil, fmt.Errorf("status: %w", err)
		}
		if runs {
			continue
		}
		word, there := said[v.Name]
		switch {
		case all[i].State == StateRebuilding && word.State != StateStopped:
			// The store itself tells how far that is.
		case there:
			all[i].State, all[i].Error, all[i].At, all[i].Progress = word.State, word.Error, word.At, word.Progress
		default:
			all[i].State, all[i].Error = StateStopped, "no process keeps this view up; start one with the role views"
		}
	}
	return all, nil
}

// status puts together what the store and the notes say about a view.
func (m *Models) status(ctx context.Context, v *View, end uint64) (Status, error) {
	s := Status{Name: v.Name, Version: v.Version, State: StateCatchingUp}
	sh, err := m.shelf(ctx, v.Name)
	if err != nil {
		return s, err
	}
	if sh.Live != (Edition{}) {
		at, err := m.store.checkpoint(ctx, sh.Live)
		if err != nil && !errors.Is(err, errGone) {
			return s, err
		}
		s.Version, s.Position = sh.Live.Version, at.Position
	}
	s.Lag = max(end, s.Position) - s.Position
	m.mu.Lock()
	n := m.notes[v.Name]
	m.mu.Unlock()
	if n.state != "" {
		s.State, s.Error, s.At = n.state, n.err, n.at
	}
	done, target := s.Position, n.target
	if sh.Next != (Edition{}) && s.State != StateStopped {
		at, err := m.store.checkpoint(ctx, sh.Next)
		if err != nil && !errors.Is(err, errGone) {
			return s, err
		}
		s.State, done, target = StateRebuilding, at.Position, end
	}
	if s.State == StateRebuilding || s.State == StateCatchingUp {
		if sh.Next == (Edition{}) && sh.Live.Version != v.Version {
			done = 0 // the new version is about to be begun
		}
		if target == 0 {
			target = end
		}
		s.Progress = 1
		if target > 0 {
			s.Progress = min(1, float64(done)/float64(target))
		}
	}
	return s, nil
}
