package backlog

import (
	"cmp"
	"slices"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Iterations are the sprints of teams.
var Iterations = &es.Aggregate[Iteration]{Context: "backlog", Name: "iteration", Plural: "iterations", Schema: IterationSchema}

// IterationID names an iteration. It is derived from the team and the number.
type IterationID = es.ID[Iteration]

// IterationSchema has the stored names. Never change a stored name; add one.
var IterationSchema = es.NewSchema(
	es.On[IterationScheduled]("backlog.iteration.scheduled.v1"),
	es.On[IterationRescheduled]("backlog.iteration.rescheduled.v1"),
	es.On[GoalSet]("backlog.iteration.goal-set.v1"),
	es.On[IterationStarted]("backlog.iteration.started.v1"),
	es.On[ScopeChanged]("backlog.iteration.scope-changed.v1"),
	es.On[IterationClosed]("backlog.iteration.closed.v1"),
	es.On[IterationCancelled]("backlog.iteration.cancelled.v1"),
	es.On[IterationImported]("backlog.iteration.imported.v1"),
	es.On[IterationSynced]("backlog.iteration.synced.v1"),
)

// IterationScheduled: the team will have an iteration.
type IterationScheduled struct {
	Team   TeamID `json:"team"`
	Number int    `json:"number"`
	Name   string `json:"name"`
	Start  Day    `json:"start"`
	End    Day    `json:"end"` // the last day
	PI     PIID   `json:"pi,omitempty"`
	IP     bool   `json:"ip,omitempty"` // innovation and planning
}

func (e IterationScheduled) Evolve(s Iteration) Iteration {
	return Iteration{State: IterationPlanned, Team: e.Team, Number: e.Number, Name: e.Name, Start: e.Start, End: e.End, PI: e.PI, IP: e.IP}
}

// IterationRescheduled: the planned iteration has other days or another name.
type IterationRescheduled struct {
	Name  string `json:"name"`
	Start Day    `json:"start"`
	End   Day    `json:"end"`
}

func (e IterationRescheduled) Evolve(s Iteration) Iteration {
	s.Name, s.Start, s.End = e.Name, e.Start, e.End
	return s
}

// GoalSet: what the iteration is for. Reason is there after the start.
type GoalSet struct {
	Goal   string `json:"goal"`
	Was    string `json:"was,omitempty"`
	Reason string `json:"reason,omitempty"`
}

func (e GoalSet) Evolve(s Iteration) Iteration { s.Goal = e.Goal; return s }

// IterationStarted: the team committed to the goal; Baseline is the forecast
// of that moment, frozen.
type IterationStarted struct {
	At       time.Time `json:"at"`
	Goal     string    `json:"goal"`
	Baseline []Scoped  `json:"baseline"`
}

func (e IterationStarted) Evolve(s Iteration) Iteration {
	s.State, s.Started, s.Baseline = IterationActive, &e.At, e.Baseline
	s.Items = nil
	for _, b := range e.Baseline {
		s.Items = append(s.Items, b.Item)
	}
	return s
}

// ScopeChanged: items came into the iteration and left it.
type ScopeChanged struct {
	Added   []Scoped   `json:"added,omitempty"`
	Removed []Scoped   `json:"removed,omitempty"`
	Reason  string     `json:"reason,omitempty"`
	Impact  GoalImpact `json:"goalImpact,omitempty"`
	Started bool       `json:"started,omitempty"` // the iteration was running
}

func (e ScopeChanged) Evolve(s Iteration) Iteration {
	items := slices.Clone(s.Items)
	for _, r := range e.Removed {
		items = slices.DeleteFunc(items, func(id ItemID) bool { return id == r.Item })
	}
	for _, a := range e.Added {
		items = append(items, a.Item)
	}
	s.Items = items
	return s
}

// IterationClosed: Done counts for the velocity, CarriedOver does not.
type IterationClosed struct {
	At          time.Time `json:"at"`
	Done        []Scoped  `json:"done,omitempty"`
	CarriedOver []Carried `json:"carriedOver,omitempty"`
	Velocity    float64   `json:"velocity"` // points of what is done
	GoalMet     bool      `json:"goalMet"`
	Results     string    `json:"results"`
	ReviewedBy  []string  `json:"reviewedBy,omitempty"`
	Actions     []string  `json:"actions,omitempty"` // of the retrospective
}

func (e IterationClosed) Evolve(s Iteration) Iteration {
	s.State, s.Ended, s.Velocity, s.GoalMet = IterationIsClosed, &e.At, &e.Velocity, e.GoalMet
	s.Items = nil
	for _, d := range e.Done {
		s.Items = append(s.Items, d.Item)
	}
	for _, c := range e.CarriedOver {
		s.Items = append(s.Items, c.Item)
	}
	return s
}

// IterationCancelled: its goal became obsolete. Items are those that are not
// closed: policies put them back into the backlog.
type IterationCancelled struct {
	Reason string   `json:"reason"`
	Items  []ItemID `json:"items,omitempty"`
}

func (e IterationCancelled) Evolve(s Iteration) Iteration {
	s.State, s.Items = IterationIsCancelled, e.Items
	return s
}

// IterationState is where an iteration stands.
type IterationState string

const (
	IterationPlanned     IterationState = "planned"
	IterationActive      IterationState = "active"
	IterationIsClosed    IterationState = "closed"
	IterationIsCancelled IterationState = "cancelled"
)

// GoalImpact says what a change of scope does to the goal.
type GoalImpact string

const (
	GoalSafe   GoalImpact = "none"
	GoalAtRisk GoalImpact = "at-risk"
	GoalBreaks GoalImpact = "breaks"
)

var goalImpacts = []GoalImpact{GoalSafe, GoalAtRisk, GoalBreaks}

// Iteration is a sprint of one team.
type Iteration struct {
	State    IterationState `json:"state"`
	Team     TeamID         `json:"team,omitempty"` // an imported one may have none
	Number   int            `json:"number,omitempty"`
	Name     string         `json:"name"`
	Start    Day            `json:"start,omitempty"`
	End      Day            `json:"end,omitempty"`
	PI       PIID           `json:"pi,omitempty"`
	IP       bool           `json:"ip,omitempty"`
	Goal     string         `json:"goal,omitempty"`
	Started  *time.Time     `json:"started,omitempty"`
	Ended    *time.Time     `json:"ended,omitempty"`
	Baseline []Scoped       `json:"baseline,omitempty"`
	Items    []ItemID       `json:"items,omitempty"` // as recorded, at its end what it saw then; each item says itself where it is
	Velocity *float64       `json:"velocity,omitempty"`
	GoalMet  bool           `json:"goalMet,omitempty"`
	Imported *ImportedFrom  `json:"imported,omitempty"`
}

// Scoped is an item in an iteration, with its size at that moment.
type Scoped struct {
	Item   ItemID   `json:"item"`
	Points *float64 `json:"points,omitempty"`
}

// Carried is an item that was not done, and where it goes: the backlog, or
// the iteration Next.
type Carried struct {
	Scoped
	Next IterationID `json:"next,omitempty"`
}

// Exists tells whether the iteration was ever scheduled.
func (s Iteration) Exists() bool { return s.State != "" }

// Scope implements rights.Scoped.
func (s Iteration) Scope() rights.Scope { return rights.Scope{Team: string(s.Team)} }

func (s Iteration) over() bool {
	return s.State == IterationIsClosed || s.State == IterationIsCancelled
}

var (
	ErrIterationExists   = fail.Refused("iteration-exists", "the team has an iteration with this number; take the next one")
	ErrTooLong           = fail.Refused("iteration-too-long", "an iteration is at most one month long; schedule two")
	ErrOverlap           = fail.Refused("iteration-overlap", "the team has another iteration in that time; choose other days")
	ErrNoGoal            = fail.Refused("iteration-without-goal", "set the goal first: the team commits to a goal, not to a list")
	ErrOtherActive       = fail.Refused("iteration-other-active", "the team has an active iteration; close it first")
	ErrNotPlannable      = fail.Refused("iteration-not-planned", "only a planned iteration starts or changes its days")
	ErrScopeFixed        = fail.Refused("iteration-scope-fixed", "the scope changes only while the iteration is planned or active")
	ErrGoalReason        = fail.Refused("iteration-goal-without-reason", "the iteration has started: say why its goal changes")
	ErrIterationNotOn    = fail.Refused("iteration-not-active", "only an active iteration is closed; start it, or cancel it")
	ErrIterationOver     = fail.Refused("iteration-is-over", "the iteration is closed or cancelled; schedule another one")
	ErrLeftovers         = fail.Refused("iteration-leftovers", "some items are not done: say of each whether it goes back to the backlog or into the next iteration")
	ErrNotLeftover       = fail.Refused("iteration-not-a-leftover", "this item is done or not in the iteration; leave it out")
	ErrNextUnknown       = fail.Refused("iteration-next-unknown", "the next iteration must be a planned one of the same team")
	ErrScopeItemUnknown  = fail.Refused("iteration-item-unknown", "there is no such item, or it is not one that is planned into iterations")
	ErrScopeItemClosed   = fail.Refused("iteration-item-closed", "the item is done or cancelled; reopen it first")
	ErrScopeNotIn        = fail.Refused("iteration-item-not-in-scope", "the item is not in the iteration")
	ErrIterationTeamGone = fail.Refused("iteration-team-unknown", "there is no such team, or it is disbanded")
)

// ScheduleIteration makes an iteration of a team.
type ScheduleIteration struct {
	Team   TeamID `json:"team"`
	Number int    `json:"number" minimum:"1" doc:"Unique in the team."`
	Name   string `json:"name,omitempty" maxLength:"100" doc:"\"Iteration <number>\" if left out."`
	Start  Day    `json:"start" format:"date"`
	End    Day    `json:"end" format:"date" doc:"The last day."`
	PI     PIID   `json:"pi,omitempty"`
	IP     bool   `json:"ip,omitempty" doc:"An innovation and planning iteration, a buffer: as a rule nothing is planned into it."`

	TeamGone bool   `json:"-"` // the team is unknown or disbanded
	Others   []Span `json:"-"` // the team's other iterations that were not cancelled
}

// Span is the days of another iteration.
type Span struct{ Start, End Day }

// Scope implements rights.Scoped.
func (c ScheduleIteration) Scope() rights.Scope { return rights.Scope{Team: string(c.Team)} }

func (c ScheduleIteration) id(m es.Meta) IterationID {
	return iterationID(m.Tenant, c.Team, c.Number)
}

func (c ScheduleIteration) Decide(s Iteration, _ es.Meta) ([]es.Event[Iteration], error) {
	e := IterationScheduled{c.Team, c.Number, cmp.Or(c.Name, iterationName(c.Number)), c.Start, c.End, c.PI, c.IP}
	switch {
	case s.State == IterationPlanned && s.Name == e.Name && s.Start == e.Start && s.End == e.End:
		return nil, nil
	case s.Exists():
		return nil, ErrIterationExists
	case c.Team == "":
		return nil, fail.Invalid("team", "name the team whose iteration it is")
	case c.Number < 1:
		return nil, fail.Invalid("number", "1 or more, not %d", c.Number)
	case c.TeamGone:
		return nil, ErrIterationTeamGone
	}
	if err := first(checkText("name", c.Name, 0, maxName), checkSpan(c.Start, c.End, c.Others)); err != nil {
		return nil, err
	}
	return es.Happened(e)
}

// checkSpan holds what is true of the days of every iteration.
func checkSpan(start, end Day, others []Span) error {
	if err := first(start.check("start"), end.check("end")); err != nil {
		return err
	}
	switch {
	case end < start:
		return fail.Invalid("end", "the last day is not before the first, %s", start)
	case days(start, end) > 31:
		return ErrTooLong.With("these are %d days", days(start, end))
	}
	for _, o := range others {
		if o.Start <= end && start <= o.End {
			return ErrOverlap.With("%s to %s", o.Start, o.End)
		}
	}
	return nil
}

// Reschedule changes the days or the name of a planned iteration.
type Reschedule struct {
	Name  string `json:"name,omitempty" maxLength:"100" doc:"Stays if left out."`
	Start Day    `json:"start" format:"date"`
	End   Day    `json:"end" format:"date"`

	Others []Span `json:"-"`
}

func (c Reschedule) Decide(s Iteration, _ es.Meta) ([]es.Event[Iteration], error) {
	e := IterationRescheduled{cmp.Or(c.Name, s.Name), c.Start, c.End}
	switch {
	case s.State != IterationPlanned:
		return nil, ErrNotPlannable
	case s.Name == e.Name && s.Start == e.Start && s.End == e.End:
		return nil, nil
	}
	if err := first(checkText("name", c.Name, 0, maxName), checkSpan(c.Start, c.End, c.Others)); err != nil {
		return nil, err
	}
	return es.Happened(e)
}

// SetGoal says what the iteration is for.
type SetGoal struct {
	Goal   string `json:"goal" minLength:"1" maxLength:"65536"`
	Reason string `json:"reason,omitempty" maxLength:"65536" doc:"Needed after the start."`
}

func (c SetGoal) Decide(s Iteration, _ es.Meta) ([]es.Event[Iteration], error) {
	switch {
	case s.over():
		return nil, ErrIterationOver
	case s.Goal == c.Goal && c.Goal != "":
		return nil, nil
	case s.State == IterationActive && c.Reason == "":
		return nil, ErrGoalReason
	}
	if err := first(checkText("goal", c.Goal, 1, maxText), checkText("reason", c.Reason, 0, maxText)); err != nil {
		return nil, err
	}
	return es.Happened(GoalSet{c.Goal, s.Goal, c.Reason})
}

// CancelIteration ends an iteration whose goal became obsolete.
type CancelIteration struct {
	Reason string `json:"reason" minLength:"1" maxLength:"65536"`

	Items []PlannedItem `json:"-"` // what is planned into it
}

func (c CancelIteration) Decide(s Iteration, _ es.Meta) ([]es.Event[Iteration], error) {
	switch {
	case s.State == IterationIsCancelled:
		return nil, nil
	case s.State == IterationIsClosed:
		return nil, ErrIterationOver
	}
	if err := checkReason(c.Reason, "the iteration is cancelled"); err != nil {
		return nil, err
	}
	e := IterationCancelled{Reason: c.Reason}
	for _, p := range c.Items {
		if !p.State.Closed() {
			e.Items = append(e.Items, p.Item)
		}
	}
	return fitting[Iteration](e)
}
