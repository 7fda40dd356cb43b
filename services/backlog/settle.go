package backlog

import (
	"cmp"
	"slices"

	"throughline.dev/pkg/es"
)

// Items, orders and iterations know of each other, and no command changes two
// aggregates. After each change of one, a policy has the other settle: it looks
// at how the first one is by then, not at what happened to it, so that neither
// the moment nor a repetition matters.

// SettlePlace lets somebody's backlog have an item, at its end, if the item
// says that it belongs there, and not have it if not. It opens the backlog.
type SettlePlace struct {
	Owner
	Item ItemID `json:"item"`

	Belongs bool `json:"-"` // as the item says
}

func (c SettlePlace) Decide(s Order, m es.Meta) ([]es.Event[Order], error) {
	in := s.index(c.Item) >= 0
	switch {
	case in && !c.Belongs:
		return es.Happened(ItemDropped{c.Item})
	case in || !c.Belongs:
		return nil, nil
	}
	events, err := OpenBacklog{c.Owner}.Decide(s, m)
	if err != nil {
		return nil, err
	}
	return append(events, ItemsPlaced{spread([]ItemID{c.Item}, s.rank(len(s.Items)-1), "")}), nil
}

// SettleScope records in an iteration that an item is in it, or is not, as the
// item says. What is recorded of an iteration that is over stays.
type SettleScope struct {
	Item   ItemID     `json:"item"`
	Reason string     `json:"reason,omitempty"`
	Impact GoalImpact `json:"goalImpact,omitempty"`

	Here   bool     `json:"-"` // the item says that it is in this iteration
	Closed bool     `json:"-"` // the item is done or cancelled
	Points *float64 `json:"-"` // of the item
}

func (c SettleScope) Decide(s Iteration, _ es.Meta) ([]es.Event[Iteration], error) {
	switch {
	case slices.Contains(s.Items, c.Item) == c.Here:
		return nil, nil
	case s.over() && c.Here && !c.Closed:
		return nil, ErrScopeFixed // it came when the iteration did not look any more
	case s.over():
		return nil, nil
	}
	e := ScopeChanged{Reason: c.Reason, Impact: c.Impact, Started: s.State == IterationActive}
	if e.Started {
		e.Reason, e.Impact = cmp.Or(e.Reason, "the item was planned so"), cmp.Or(e.Impact, GoalSafe)
	}
	if c.Here {
		e.Added = []Scoped{{c.Item, c.Points}}
	} else {
		e.Removed = []Scoped{{c.Item, c.Points}}
	}
	return es.Happened(e)
}

// SettlePlan plans an item into an iteration that has it in its scope, and out
// of one that has not.
type SettlePlan struct {
	Iteration IterationID `json:"iteration"`
	Reason    string      `json:"reason,omitempty"`
	Impact    GoalImpact  `json:"goalImpact,omitempty"`

	Target  Iteration `json:"-"` // the iteration named
	Current Iteration `json:"-"` // the iteration that the item is in
	InScope bool      `json:"-"` // of the iteration named
}

func (c SettlePlan) Decide(s Item, m es.Meta) ([]es.Event[Item], error) {
	reason, impact := cmp.Or(c.Reason, "the scope of the iteration was set so"), cmp.Or(c.Impact, GoalSafe)
	switch {
	case c.Target.over() || c.InScope == (s.Iteration == c.Iteration):
		return nil, nil
	case c.InScope:
		return PlanInto{Iteration: c.Iteration, Reason: reason, Impact: impact, Target: c.Target, Current: c.Current}.Decide(s, m)
	}
	return Unplan{Reason: reason, Impact: impact, Current: c.Current}.Decide(s, m)
}
