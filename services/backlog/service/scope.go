package service

import (
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/react"
	"throughline.dev/services/backlog"
)

// An item says which iteration it is in, an iteration says what its scope was
// at every moment, and people change either. Two policies let both say the
// same: after a person changed a scope the items settle, and after anything
// happened to an item the scopes settle. The first is deaf to what policies
// did. So a person's change of a scope leads to one of each item in it, that to
// at most one more of a scope, and that to nothing.

// planScope has the items follow a scope that a person changed. One that cannot
// follow leaves the scope, or stays in it.
func planScope(e backlog.ScopeChanged, h react.Happening) []react.Wish {
	if h.Commit.Meta.Actor == "" {
		return nil
	}
	it := backlog.IterationID(h.ID())
	var wishes []react.Wish
	for _, list := range [][]backlog.Scoped{e.Removed, e.Added} {
		for _, s := range list {
			wishes = append(wishes, react.Wish{Command: "backlog.item.settle", ID: s.Item.String(),
				Body: backlog.SettlePlan{Iteration: it, Reason: e.Reason, Impact: e.Impact},
				Refused: func(err *fail.Error) *react.Wish {
					w := record(s.Item, it, "it cannot be planned so: "+err.Text, "")
					return &w
				}})
		}
	}
	return wishes
}

func recordPlanned(e backlog.ItemPlanned, h react.Happening) []react.Wish {
	var wishes []react.Wish
	if e.Was != "" && e.Was != e.Iteration {
		wishes = append(wishes, record(backlog.ItemID(h.ID()), e.Was, e.Reason, e.Impact))
	}
	if e.Iteration != "" {
		wishes = append(wishes, record(backlog.ItemID(h.ID()), e.Iteration, e.Reason, e.Impact))
	}
	return wishes
}

func recordUnplanned(e backlog.ItemUnplanned, h react.Happening) []react.Wish {
	if e.Iteration == "" {
		return nil
	}
	return []react.Wish{record(backlog.ItemID(h.ID()), e.Iteration, e.Reason, e.Impact)}
}

func recordReopened(e backlog.ItemReopened, h react.Happening) []react.Wish {
	if e.Leaves == "" {
		return nil
	}
	return []react.Wish{record(backlog.ItemID(h.ID()), e.Leaves, e.Reason, "")}
}

// record has an iteration settle whether an item is in its scope. An iteration
// that was closed or cancelled at the moment at which the item was planned did
// not see the item: it goes back into the backlog.
func record(item backlog.ItemID, it backlog.IterationID, reason string, impact backlog.GoalImpact) react.Wish {
	return react.Wish{Command: "backlog.iteration.settle", ID: it.String(),
		Body: backlog.SettleScope{Item: item, Reason: reason, Impact: impact},
		Refused: func(*fail.Error) *react.Wish {
			w := unplan(item, it, "the iteration is over")
			return &w
		}}
}

// handOver does what the team decided about each item that was not done: it is
// planned into the next iteration, or is back in the backlog.
func handOver(e backlog.IterationClosed, h react.Happening) []react.Wish {
	const reason = "it was not done in the iteration before"
	id := backlog.IterationID(h.ID())
	var wishes []react.Wish
	for _, c := range e.CarriedOver {
		back := unplan(c.Item, id, reason)
		if c.Next == "" {
			wishes = append(wishes, back)
			continue
		}
		wishes = append(wishes, react.Wish{Command: "backlog.item.plan-into", ID: c.Item.String(),
			Body:    backlog.PlanInto{Iteration: c.Next, Leaving: id, Reason: reason, Impact: backlog.GoalSafe},
			Refused: func(*fail.Error) *react.Wish { return &back }})
	}
	return wishes
}

// letGo puts the items of a cancelled iteration back into the backlog.
func letGo(e backlog.IterationCancelled, h react.Happening) []react.Wish {
	var wishes []react.Wish
	for _, item := range e.Items {
		wishes = append(wishes, unplan(item, backlog.IterationID(h.ID()), "the iteration was cancelled"))
	}
	return wishes
}

func unplan(item backlog.ItemID, from backlog.IterationID, reason string) react.Wish {
	return react.Wish{Command: "backlog.item.unplan", ID: item.String(), Body: backlog.Unplan{Leaving: from, Reason: reason, Impact: backlog.GoalSafe}}
}
