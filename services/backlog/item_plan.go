package backlog

import (
	"slices"
	"strings"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// ItemPlanned: the item is in an iteration or a planning interval, and in no
// other one. Reason and impact are there when a running iteration changes.
type ItemPlanned struct {
	From      State       `json:"from"`
	To        State       `json:"to"`
	Iteration IterationID `json:"iteration,omitempty"`
	Was       IterationID `json:"was,omitempty"`
	PI        PIID        `json:"pi,omitempty"`
	WasPI     PIID        `json:"wasPi,omitempty"`
	Reason    string      `json:"reason,omitempty"`
	Impact    GoalImpact  `json:"goalImpact,omitempty"`
}

func (e ItemPlanned) Evolve(s Item) Item {
	if s.State != e.To {
		s.State, s.Column = e.To, ""
	}
	s.Iteration, s.PI = e.Iteration, e.PI
	return s
}

// Step implements Stepped.
func (e ItemPlanned) Step() (State, State) { return e.From, e.To }

// ItemUnplanned: the item is back in the backlog, ready.
type ItemUnplanned struct {
	From      State       `json:"from"`
	To        State       `json:"to"`
	Iteration IterationID `json:"iteration,omitempty"` // that it was in
	PI        PIID        `json:"pi,omitempty"`        // that it was in
	Reason    string      `json:"reason,omitempty"`
	Impact    GoalImpact  `json:"goalImpact,omitempty"`
}

func (e ItemUnplanned) Evolve(s Item) Item {
	s.State, s.Column, s.Iteration, s.PI = e.To, "", "", ""
	return s
}

// Step implements Stepped.
func (e ItemUnplanned) Step() (State, State) { return e.From, e.To }

// ItemBlocked: work cannot go on.
type ItemBlocked struct {
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

func (e ItemBlocked) Evolve(s Item) Item { s.Blocked = &Block{e.Reason, e.Since}; return s }

// ItemUnblocked: work can go on.
type ItemUnblocked struct {
	Since time.Time `json:"since"` // when it was blocked
	Note  string    `json:"note,omitempty"`
}

func (e ItemUnblocked) Evolve(s Item) Item { s.Blocked = nil; return s }

// PlanInto puts a story or a bug into an iteration, a feature or a capability
// into a planning interval.
type PlanInto struct {
	Iteration IterationID `json:"iteration,omitempty"`
	PI        PIID        `json:"pi,omitempty"`
	Reason    string      `json:"reason,omitempty" maxLength:"65536" doc:"Needed when an iteration that has started changes."`
	Impact    GoalImpact  `json:"goalImpact,omitempty" enum:"none,at-risk,breaks" doc:"What that does to its goal."`
	Leaving   IterationID `json:"leaving,omitempty" doc:"Nothing happens unless the item is in this iteration."`

	Target  Iteration `json:"-"` // the iteration named; zero: there is none
	Current Iteration `json:"-"` // the iteration that the item is in
}

// Right is the team's, unless an iteration's goal breaks.
func (c PlanInto) Right(Item) rights.Decision {
	switch {
	case c.PI != "":
		return "feature.prioritise"
	case c.Impact == GoalBreaks:
		return "iteration.scope.change"
	}
	return "iteration.items.select"
}

func (c PlanInto) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.Kind == Task:
		return nil, ErrTaskPlan
	case (c.Iteration == "") == (c.PI == ""):
		return nil, fail.Invalid("iteration", "name an iteration or a planning interval")
	case c.Iteration != "" && s.Kind.art():
		return nil, ErrPlansPI
	case c.PI != "" && !s.Kind.art():
		return nil, ErrPlansIteration
	case c.Leaving != "" && s.Iteration != c.Leaving:
		return nil, nil
	case s.open() != nil:
		return nil, s.open()
	case s.Iteration == c.Iteration && s.PI == c.PI:
		return nil, nil
	case s.Flow().index(s.State) < s.Flow().index(Ready):
		return nil, ErrNoSuchStep.With("it is %s; mark it ready first", s.State)
	}
	var events []es.Event[Item]
	e := ItemPlanned{From: s.State, To: s.State, Iteration: c.Iteration, Was: s.Iteration, PI: c.PI, WasPI: s.PI}
	if c.Iteration != "" {
		switch {
		case !c.Target.Exists():
			return nil, ErrIterationUnknown
		case c.Target.over():
			return nil, ErrIterationClosed
		case s.Team != "" && c.Target.Team != "" && s.Team != c.Target.Team:
			return nil, ErrOtherTeam
		}
		if c.Target.State == IterationActive || c.Current.State == IterationActive {
			if err := checkScope(c.Reason, c.Impact); err != nil {
				return nil, err
			}
			e.Reason, e.Impact = c.Reason, c.Impact
		}
		if s.Team == "" && c.Target.Team != "" {
			events = append(events, TeamSet{Team: c.Target.Team})
		}
		if s.State == Ready {
			e.To = Planned
		}
	}
	if events = append(events, e); len(events) > 1 {
		return s.queued(events...), nil // it is in the team's backlog, too
	}
	return events, nil
}

// checkScope holds the rule that a change after the start is recorded with
// its reason and with what it does to the goal.
func checkScope(reason string, impact GoalImpact) error {
	if strings.TrimSpace(reason) == "" || impact == "" {
		return ErrScopeUnexplained
	}
	if !slices.Contains(goalImpacts, impact) {
		return fail.Invalid("goalImpact", "one of %s", words(goalImpacts))
	}
	return checkText("reason", reason, 1, maxText)
}

// Unplan puts the item back into the backlog.
type Unplan struct {
	Reason  string      `json:"reason,omitempty" maxLength:"65536" doc:"Needed once work or the iteration has started."`
	Impact  GoalImpact  `json:"goalImpact,omitempty" enum:"none,at-risk,breaks" doc:"What that does to the goal of an iteration that has started."`
	Leaving IterationID `json:"leaving,omitempty" doc:"Nothing happens unless the item is in this iteration."`

	Current Iteration `json:"-"` // the iteration that the item is in
}

// Right is the team's, unless an iteration's goal breaks.
func (c Unplan) Right(s Item) rights.Decision {
	return PlanInto{PI: s.PI, Impact: c.Impact}.Right(s)
}

func (c Unplan) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.Iteration == "" && s.PI == "", c.Leaving != "" && s.Iteration != c.Leaving:
		return nil, nil
	case s.open() != nil:
		return nil, s.open()
	}
	e := ItemUnplanned{From: s.State, To: s.State, Iteration: s.Iteration, PI: s.PI}
	if s.Flow().index(s.State) > s.Flow().index(Ready) {
		e.To = Ready
	}
	switch {
	case c.Current.State == IterationActive:
		if err := checkScope(c.Reason, c.Impact); err != nil {
			return nil, err
		}
		e.Impact = c.Impact
	case s.Flow().index(s.State) >= s.Flow().index(s.Flow().Work()) && strings.TrimSpace(c.Reason) == "":
		return nil, ErrBackwardReason
	}
	e.Reason = c.Reason
	if err := checkText("reason", c.Reason, 0, maxText); err != nil {
		return nil, err
	}
	return es.Happened(e)
}

// BlockItem says that work cannot go on.
type BlockItem struct {
	Reason string `json:"reason" minLength:"1" maxLength:"65536"`
}

func (c BlockItem) Decide(s Item, m es.Meta) ([]es.Event[Item], error) {
	if err := first(s.open(), checkReason(c.Reason, "it is blocked")); err != nil {
		return nil, err
	}
	since := m.When()
	if s.Blocked != nil {
		if since = s.Blocked.Since; s.Blocked.Reason == c.Reason {
			return nil, nil
		}
	}
	return es.Happened(ItemBlocked{c.Reason, since})
}

// Unblock says that work can go on.
type Unblock struct {
	Note string `json:"note,omitempty" maxLength:"65536"`
}

func (c Unblock) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	if s.Blocked == nil {
		return nil, nil
	}
	if err := checkText("note", c.Note, 0, maxText); err != nil {
		return nil, err
	}
	return es.Happened(ItemUnblocked{s.Blocked.Since, c.Note})
}
