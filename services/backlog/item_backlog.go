package backlog

import "throughline.dev/pkg/es"

// BacklogSet: the item is in the backlog of somebody else now; none: of
// nobody. A policy gives it its place in that order and takes it from the one
// that it was in.
type BacklogSet struct {
	Backlog *Owner `json:"backlog,omitempty"`
	Was     *Owner `json:"was,omitempty"`
}

func (e BacklogSet) Evolve(s Item) Item { s.Backlog = e.Backlog; return s }

// home is whose backlog the item belongs into while it is open: its team's,
// or, of a feature or a capability that no team has, its product's. A task is
// where its parent is.
func (s Item) home() *Owner {
	switch {
	case s.State.Closed() || s.Kind == Task:
		return nil
	case s.Team != "":
		return &Owner{"team", s.Team.String()}
	case s.Kind.art() && s.Product != "":
		return &Owner{"product", s.Product.String()}
	}
	return nil
}

// queued adds to what happens to an item that it is in another backlog then.
func (s Item) queued(events ...es.Event[Item]) []es.Event[Item] {
	was := s.Backlog
	for _, e := range events {
		s = e.Evolve(s)
	}
	if now := s.home(); !now.same(was) {
		return append(events, BacklogSet{now, was})
	}
	return events
}

func (o *Owner) same(other *Owner) bool {
	return o == nil && other == nil || o != nil && other != nil && *o == *other
}
