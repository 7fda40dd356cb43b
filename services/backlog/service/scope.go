package service

import (
	"cmp"

	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/react"
	"throughline.dev/services/backlog"
)

// An item says which iteration it is in, an iteration says what its scope was
// at every moment. Either may be changed first. Two policies let them say the
// same in the end: planScope does to the items what a person did to the scope,
// and the record… functions write down in the iterations whatever happened to
// an item. planScope is deaf to what policies did to a scope. So a change of a
// scope leads to one of the item, which leads at most to one more entry in the
// scope, which leads to nothing; and the scope follows the item in the order of
// the log, so the item's last word stands in both.

// planScope plans what a person took into the scope, and unplans what they
// took out of it. What cannot be planned leaves the scope again.
func planScope(e backlog.ScopeChanged, h react.Happening) []react.Wish {
	if h.Commit.Meta.Actor == "" {
		return nil
	}
	id := backlog.IterationID(h.ID())
	reason, impact := cmp.Or(e.Reason, "the scope of the iteration was changed"), cmp.Or(e.Impact, backlog.GoalSafe)
	var wishes []react.Wish
	for _, r := range e.Removed {
		wishes = append(wishes, unplan(r.Item, id, reason, impact))
	}
	for _, a := range e.Added {
		wishes = append(wishes, react.Wish{Command: "backlog.item.plan-into", ID: a.Item.String(),
			Body: backlog.PlanInto{Iteration: id, Reason: reason, Impact: impact},
			Refused: func(err *fail.Error) *react.Wish {
				w := leaves(a.Item, id, "it could not be planned: "+err.Text, backlog.GoalSafe)
				return &w
			}})
	}
	return wishes
}

func recordPlanned(e backlog.ItemPlanned, h react.Happening) []react.Wish {
	var wishes []react.Wish
	item := backlog.ItemID(h.ID())
	if e.Was != "" && e.Was != e.Iteration {
		wishes = append(wishes, leaves(item, e.Was, e.Reason, e.Impact))
	}
	if e.Iteration != "" {
		wishes = append(wishes, enters(item, e.Iteration, e.Reason, e.Impact))
	}
	return wishes
}

func recordUnplanned(e backlog.ItemUnplanned, h react.Happening) []react.Wish {
	if e.Iteration == "" {
		return nil
	}
	return []react.Wish{leaves(backlog.ItemID(h.ID()), e.Iteration, e.Reason, e.Impact)}
}

func recordReopened(e backlog.ItemReopened, h react.Happening) []react.Wish {
	if e.Leaves == "" {
		return nil
	}
	return []react.Wish{leaves(backlog.ItemID(h.ID()), e.Leaves, e.Reason, "")}
}

// handOver does what the team decided about each item that was not done:
// planned into the next iteration, or back in the backlog.
func handOver(e backlog.IterationClosed, h react.Happening) []react.Wish {
	const reason = "it was not done in the iteration before"
	id := backlog.IterationID(h.ID())
	var wishes []react.Wish
	for _, c := range e.CarriedOver {
		back := unplan(c.Item, id, reason, backlog.GoalSafe)
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
		wishes = append(wishes, unplan(item, backlog.IterationID(h.ID()), "the iteration was cancelled", backlog.GoalSafe))
	}
	return wishes
}

func unplan(item backlog.ItemID, from backlog.IterationID, reason string, impact backlog.GoalImpact) react.Wish {
	return react.Wish{Command: "backlog.item.unplan", ID: item.String(),
		Body: backlog.Unplan{Leaving: from, Reason: reason, Impact: impact}, Refused: never}
}

// enters records an item in a scope. An iteration that was closed or cancelled
// at the same moment did not see the item and has it no longer.
func enters(item backlog.ItemID, it backlog.IterationID, reason string, impact backlog.GoalImpact) react.Wish {
	return react.Wish{Command: "backlog.iteration.change-scope", ID: it.String(),
		Body: backlog.ChangeScope{Add: []backlog.ItemID{item}, Reason: cmp.Or(reason, "it was planned"), Impact: cmp.Or(impact, backlog.GoalSafe)},
		Refused: func(err *fail.Error) *react.Wish {
			if err.Code != backlog.ErrScopeFixed.Code {
				return nil
			}
			w := unplan(item, it, "the iteration is over", backlog.GoalSafe)
			return &w
		}}
}

// leaves records that an item is not in a scope any more.
func leaves(item backlog.ItemID, it backlog.IterationID, reason string, impact backlog.GoalImpact) react.Wish {
	return react.Wish{Command: "backlog.iteration.change-scope", ID: it.String(),
		Body:    backlog.ChangeScope{Remove: []backlog.ItemID{item}, Reason: cmp.Or(reason, "it was unplanned"), Impact: cmp.Or(impact, backlog.GoalSafe)},
		Refused: never}
}
