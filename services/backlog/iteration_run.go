package backlog

import (
	"fmt"
	"slices"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// iterationID is the same for the same team and number.
func iterationID(t es.Tenant, team TeamID, number int) IterationID {
	return es.DeriveID[Iteration](t.String(), "iteration", string(team), fmt.Sprint(number))
}

func iterationName(number int) string { return fmt.Sprintf("Iteration %d", number) }

// PlannedItem is an item as an iteration's command sees it.
type PlannedItem struct {
	Scoped
	Kind  Kind
	State State
}

// find returns an item of a list.
func find(list []PlannedItem, id ItemID) (PlannedItem, bool) {
	i := slices.IndexFunc(list, func(p PlannedItem) bool { return p.Item == id })
	if i < 0 {
		return PlannedItem{}, false
	}
	return list[i], true
}

// StartIteration freezes the forecast and starts.
type StartIteration struct {
	OtherActive bool          `json:"-"` // the team has another iteration that is active
	Items       []PlannedItem `json:"-"` // what is planned into it
}

func (c StartIteration) Decide(s Iteration, m es.Meta) ([]es.Event[Iteration], error) {
	switch {
	case s.State == IterationActive:
		return nil, nil
	case s.State != IterationPlanned:
		return nil, ErrNotPlannable
	case s.Goal == "":
		return nil, ErrNoGoal
	case c.OtherActive:
		return nil, ErrOtherActive
	}
	e := IterationStarted{At: m.When(), Goal: s.Goal, Baseline: []Scoped{}}
	for _, p := range c.Items {
		if p.State != Cancelled {
			e.Baseline = append(e.Baseline, p.Scoped)
		}
	}
	return fitting[Iteration](e)
}

// ChangeScope records that items come into the iteration or leave it.
// Policies plan the items accordingly.
type ChangeScope struct {
	Add    []ItemID   `json:"add,omitempty" maxItems:"200"`
	Remove []ItemID   `json:"remove,omitempty" maxItems:"200"`
	Reason string     `json:"reason,omitempty" maxLength:"65536" doc:"Needed after the start."`
	Impact GoalImpact `json:"goalImpact,omitempty" enum:"none,at-risk,breaks" doc:"What it does to the goal; needed after the start."`

	Items []PlannedItem `json:"-"` // those of add and remove that exist
}

// Right is the team's, unless the goal breaks.
func (c ChangeScope) Right(Iteration) rights.Decision {
	if c.Impact == GoalBreaks {
		return "iteration.scope.change"
	}
	return "iteration.items.select"
}

func (c ChangeScope) Decide(s Iteration, _ es.Meta) ([]es.Event[Iteration], error) {
	switch {
	case s.State != IterationPlanned && s.State != IterationActive:
		return nil, ErrScopeFixed
	case len(c.Add)+len(c.Remove) == 0:
		return nil, fail.Invalid("add", "name at least one item to add or to remove")
	case len(c.Add) > maxList || len(c.Remove) > maxList:
		return nil, fail.Invalid("add", "at most %d items at a time", maxList)
	}
	if s.State == IterationActive {
		if err := checkScope(c.Reason, c.Impact); err != nil {
			return nil, err
		}
	} else if err := checkText("reason", c.Reason, 0, maxText); err != nil {
		return nil, err
	}
	e := ScopeChanged{Reason: c.Reason, Impact: c.Impact, Started: s.State == IterationActive}
	for _, id := range distinct(c.Add) {
		p, there := find(c.Items, id)
		switch {
		case slices.Contains(c.Remove, id):
			return nil, fail.Invalid("remove", "item %s is to be added and removed", id)
		case !there || p.Kind.art() || p.Kind == Task:
			return nil, ErrScopeItemUnknown.With("%s", id)
		case slices.Contains(s.Items, id):
			continue
		case p.State.Closed():
			return nil, ErrScopeItemClosed.With("%s", id)
		}
		e.Added = append(e.Added, p.Scoped)
	}
	for _, id := range distinct(c.Remove) {
		if !slices.Contains(s.Items, id) {
			return nil, ErrScopeNotIn.With("%s", id)
		}
		p, _ := find(c.Items, id)
		p.Item = id
		e.Removed = append(e.Removed, p.Scoped)
	}
	if len(e.Added)+len(e.Removed) == 0 {
		return nil, nil
	}
	return es.Happened(e)
}

// CloseIteration ends an iteration: what is done counts, of the rest the
// team says where it goes.
type CloseIteration struct {
	Results    string      `json:"results" minLength:"1" maxLength:"65536" doc:"What came out of it."`
	GoalMet    bool        `json:"goalMet"`
	ReviewedBy []string    `json:"reviewedBy,omitempty" maxItems:"200" doc:"Who took part in the review, by role or party."`
	Actions    []string    `json:"actions,omitempty" maxItems:"200" doc:"What the retrospective decided to do."`
	Leftovers  []Leftover  `json:"leftovers,omitempty" doc:"Of each item that is not done, where it goes."`
	Next       IterationID `json:"next,omitempty" doc:"The next iteration, where something goes there."`

	Items     []PlannedItem `json:"-"` // what is planned into it
	Following Iteration     `json:"-"` // the one named as next
}

// Leftover says where an item goes that is not done.
type Leftover struct {
	Item ItemID `json:"item"`
	To   string `json:"to" enum:"backlog,next"`
}

func (c CloseIteration) Decide(s Iteration, m es.Meta) ([]es.Event[Iteration], error) {
	switch s.State {
	case IterationIsClosed:
		return nil, nil
	case IterationIsCancelled:
		return nil, ErrIterationOver
	case IterationPlanned:
		return nil, ErrIterationNotOn
	}
	if err := first(checkText("results", c.Results, 1, maxText), checkLines("reviewedBy", c.ReviewedBy), checkLines("actions", c.Actions)); err != nil {
		return nil, err
	}
	e := IterationClosed{At: m.When(), GoalMet: c.GoalMet, Results: c.Results, ReviewedBy: c.ReviewedBy, Actions: c.Actions}
	for i, l := range c.Leftovers {
		p, there := find(c.Items, l.Item)
		switch {
		case l.To != "backlog" && l.To != "next":
			return nil, fail.Invalid(at("leftovers", i)+".to", "backlog or next, not %q", l.To)
		case !there || p.State.Closed():
			return nil, ErrNotLeftover.With("%s", l.Item)
		case slices.ContainsFunc(c.Leftovers[:i], func(o Leftover) bool { return o.Item == l.Item }):
			return nil, fail.Invalid(at("leftovers", i)+".item", "this item is there twice")
		case l.To == "next" && (c.Following.State != IterationPlanned || c.Following.Team != s.Team):
			return nil, ErrNextUnknown
		}
	}
	var undecided []ItemID
	for _, p := range c.Items {
		switch {
		case p.State == Done:
			e.Done = append(e.Done, p.Scoped)
			if p.Points != nil {
				e.Velocity += *p.Points
			}
		case p.State == Cancelled:
		default:
			i := slices.IndexFunc(c.Leftovers, func(l Leftover) bool { return l.Item == p.Item })
			if i < 0 {
				undecided = append(undecided, p.Item)
				continue
			}
			carried := Carried{Scoped: p.Scoped}
			if c.Leftovers[i].To == "next" {
				carried.Next = c.Next
			}
			e.CarriedOver = append(e.CarriedOver, carried)
		}
	}
	if len(undecided) > 0 {
		return nil, ErrLeftovers.With("%s", words(undecided))
	}
	return fitting[Iteration](e)
}

func checkLines(field string, texts []string) error {
	if len(texts) > maxList {
		return fail.Invalid(field, "at most %d", maxList)
	}
	for i, t := range texts {
		if err := checkText(at(field, i), t, 1, maxText); err != nil {
			return err
		}
	}
	return nil
}
