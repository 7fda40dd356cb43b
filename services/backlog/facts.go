package backlog

import (
	"context"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/view"
)

// facts asks for what one decision must know of its siblings.
type facts struct {
	ctx context.Context
	w   *command.World
	t   es.Tenant
}

func (f facts) team(id TeamID) (s Team, err error) {
	if id == "" {
		return s, nil
	}
	s, _, err = command.State(f.ctx, f.w, Teams, f.t, id)
	return s, err
}

// gone tells whether a team is unknown or disbanded.
func (f facts) gone(id TeamID) (bool, error) {
	s, err := f.team(id)
	return s.State != TeamActive, err
}

func (f facts) item(id ItemID) (s Item, err error) {
	if id == "" {
		return s, nil
	}
	s, _, err = command.State(f.ctx, f.w, Items, f.t, id)
	return s, err
}

func (f facts) iteration(id IterationID) (s Iteration, err error) {
	if id == "" {
		return s, nil
	}
	s, _, err = command.State(f.ctx, f.w, Iterations, f.t, id)
	return s, err
}

func (f facts) epic(id EpicID) (EpicRef, error) {
	rows, err := command.Rows(f.ctx, f.w, f.t, epicRows, view.Range{Prefix: id.String()})
	if err != nil || len(rows) == 0 {
		return EpicRef{}, err
	}
	return rows[0].Doc, nil
}

func (f facts) items(index string, sort string) ([]view.Row[ItemRow], error) {
	return command.Rows(f.ctx, f.w, f.t, itemRows, view.Range{Index: index, Prefix: sort})
}

// depth is how far up a chain of parents is followed; there are five kinds.
const depth = 20

// above tells about the parent that an item is to have.
func (f facts) above(self ItemID, p *Parent) (ParentFact, error) {
	switch {
	case p == nil:
		return ParentFact{}, nil
	case p.Epic != "":
		e, err := f.epic(p.Epic)
		return ParentFact{Found: e.State != "", Epic: e.State, Portfolio: e.Portfolio}, err
	case p.Item == "":
		return ParentFact{}, nil
	}
	parent, err := f.item(p.Item)
	fact := ParentFact{Found: parent.Exists(), Kind: parent.Kind, State: parent.State, Cycle: p.Item == self}
	for up, n := parent, 0; err == nil && !fact.Cycle && up.Parent != nil && up.Parent.Item != "" && n < depth; n++ {
		fact.Cycle = up.Parent.Item == self
		up, err = f.item(up.Parent.Item)
	}
	return fact, err
}

// around tells what a step of an item must know.
func (f facts) around(self ItemID, s Item) (a Around, err error) {
	if a.Team, err = f.team(s.Team); err != nil {
		return a, err
	}
	a.Board = a.Team.Board
	if a.InColumn, err = f.columns(self, s.Team, a.Board); err != nil {
		return a, err
	}
	below, err := f.items("parent", self.String())
	if err != nil {
		return a, err
	}
	for _, r := range below {
		if !r.Doc.State.Closed() {
			a.OpenChildren++
		}
	}
	if p := s.Parent; p != nil && p.Item != "" {
		up, err := f.item(p.Item)
		if err != nil {
			return a, err
		}
		a.ParentClosed = up.State.Closed()
	} else if p != nil && p.Epic != "" {
		e, err := f.epic(p.Epic)
		if err != nil {
			return a, err
		}
		a.Epic = e.State
	}
	// Planning intervals are not decided on in this package: being planned
	// into one is what is known here of its plan being accepted.
	a.PlanAccepted = s.PI != ""
	a.Iteration, err = f.iteration(s.Iteration)
	return a, err
}

// columns counts the other items in each column of a board that has limits.
func (f facts) columns(self ItemID, team TeamID, board []Column) (map[string]int, error) {
	limited := false
	for _, c := range board {
		limited = limited || c.WIP > 0
	}
	if !limited {
		return nil, nil
	}
	rows, err := f.items("column", team.String())
	if err != nil {
		return nil, err
	}
	count := map[string]int{}
	for _, r := range rows {
		if r.ID != self.String() {
			count[r.Doc.Column]++
		}
	}
	return count, nil
}

// cycle tells whether after already waits, through others, so that it must be
// done before before.
func (f facts) cycle(before, after ItemID) (bool, error) {
	seen, next := map[ItemID]bool{}, []ItemID{after}
	for len(next) > 0 {
		id := next[0]
		next = next[1:]
		if id == before {
			return true, nil
		}
		if seen[id] {
			continue
		}
		seen[id] = true
		rows, err := command.Rows(f.ctx, f.w, f.t, waitRows, view.Range{Index: "before", Prefix: id.String()})
		if err != nil {
			return false, err
		}
		for _, r := range rows {
			next = append(next, r.Doc.After)
		}
	}
	return false, nil
}

// planned returns what is planned into an iteration.
func (f facts) planned(id IterationID) ([]PlannedItem, error) {
	rows, err := f.items("iteration", id.String())
	if err != nil {
		return nil, err
	}
	var list []PlannedItem
	for _, r := range rows {
		list = append(list, PlannedItem{Scoped{ItemID(r.ID), r.Doc.Points}, r.Doc.Kind, r.Doc.State})
	}
	return list, nil
}

// named returns those of the items that exist.
func (f facts) named(ids ...ItemID) ([]PlannedItem, error) {
	var list []PlannedItem
	for _, id := range ids {
		s, err := f.item(id)
		if err != nil {
			return nil, err
		}
		if s.Exists() {
			list = append(list, PlannedItem{Scoped{id, s.Points}, s.Kind, s.State})
		}
	}
	return list, nil
}

// known tells which items exist and which are closed.
func (f facts) known(ids ...ItemID) (map[ItemID]ItemFact, error) {
	known := map[ItemID]ItemFact{}
	for _, id := range ids {
		s, err := f.item(id)
		if err != nil {
			return nil, err
		}
		known[id] = ItemFact{s.Exists(), s.State.Closed()}
	}
	return known, nil
}

// others returns a team's iterations besides one.
func (f facts) others(team TeamID, but IterationID) ([]IterationRow, error) {
	rows, err := command.Rows(f.ctx, f.w, f.t, iterationRows, view.Range{Index: "team", Prefix: team.String()})
	if err != nil {
		return nil, err
	}
	var list []IterationRow
	for _, r := range rows {
		if r.ID != but.String() {
			list = append(list, r.Doc)
		}
	}
	return list, nil
}

// spans are the days of a team's other iterations that were not cancelled.
func (f facts) spans(team TeamID, but IterationID) ([]Span, error) {
	rows, err := f.others(team, but)
	var list []Span
	for _, r := range rows {
		if r.State != IterationIsCancelled && r.Start != "" && r.End != "" {
			list = append(list, Span{r.Start, r.End})
		}
	}
	return list, err
}

// elsewhere are somebody's memberships in other teams.
func (f facts) elsewhere(p es.PersonID, but TeamID) ([]Share, error) {
	if p == "" {
		return nil, nil
	}
	rows, err := command.Rows(f.ctx, f.w, f.t, memberRows, view.Range{Index: "person", Prefix: p.String()})
	var list []Share
	for _, r := range rows {
		for _, m := range r.Doc.Spans {
			if r.Doc.Team != but {
				list = append(list, Share{r.Doc.Team, m})
			}
		}
	}
	return list, err
}
