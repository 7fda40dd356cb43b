package backlog

import (
	"slices"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/rights"
)

// ItemReadied: the item may be taken. Missing are the lines of the team's
// Definition of Ready that it does not meet, where that only warns.
type ItemReadied struct {
	From    State    `json:"from"`
	Column  string   `json:"column,omitempty"`
	FitsPI  bool     `json:"fitsPi,omitempty"`
	Missing []string `json:"missing,omitempty"`
}

func (e ItemReadied) Evolve(s Item) Item {
	s.State, s.Column, s.FitsPI = Ready, e.Column, e.FitsPI
	return s
}

// Step implements Stepped.
func (e ItemReadied) Step() (State, State) { return e.From, Ready }

// ItemStarted: work has begun.
type ItemStarted struct {
	From   State  `json:"from"`
	To     State  `json:"to"`
	Column string `json:"column,omitempty"`
}

func (e ItemStarted) Evolve(s Item) Item { s.State, s.Column = e.To, e.Column; return s }

// Step implements Stepped.
func (e ItemStarted) Step() (State, State) { return e.From, e.To }

// ItemMoved: the item is in another state, or in another column of the board
// that stands for the same one. Reason is there when it went backward; Source
// is the status in the source when the source moved it.
type ItemMoved struct {
	From   State  `json:"from"`
	To     State  `json:"to"`
	Column string `json:"column,omitempty"`
	Reason string `json:"reason,omitempty"`
	Source string `json:"source,omitempty"`
}

func (e ItemMoved) Evolve(s Item) Item { s.State, s.Column = e.To, e.Column; return s }

// Step implements Stepped.
func (e ItemMoved) Step() (State, State) { return e.From, e.To }

// WIPLimitExceeded: somebody put one more item into a full column.
type WIPLimitExceeded struct {
	Column string `json:"column"`
	Limit  int    `json:"limit"`
	Count  int    `json:"count"` // with this item
	Reason string `json:"reason"`
}

// Evolve leaves the state alone: it is a fact about the column.
func (e WIPLimitExceeded) Evolve(s Item) Item { return s }

// ItemAccepted: the item is done.
type ItemAccepted struct {
	From   State  `json:"from"`
	Column string `json:"column,omitempty"`
	Note   string `json:"note,omitempty"`
}

func (e ItemAccepted) Evolve(s Item) Item { s.State, s.Column = Done, e.Column; return s }

// Step implements Stepped.
func (e ItemAccepted) Step() (State, State) { return e.From, Done }

// AcceptanceRejected: it is not done; work goes on.
type AcceptanceRejected struct {
	From   State  `json:"from"`
	To     State  `json:"to"`
	Column string `json:"column,omitempty"`
	Reason string `json:"reason"`
}

func (e AcceptanceRejected) Evolve(s Item) Item { s.State, s.Column = e.To, e.Column; return s }

// Step implements Stepped.
func (e AcceptanceRejected) Step() (State, State) { return e.From, e.To }

// Around is what a step must know of the item's siblings.
type Around struct {
	Team         Team           // the item's; zero without one
	Board        []Column       // that shows the item
	InColumn     map[string]int // how many other items are in each column of it
	OpenChildren int
	ParentClosed bool
	Epic         EpicState // of the epic above; empty without one
	PlanAccepted bool      // of the planning interval it is planned into
	Iteration    Iteration // the one it is planned into; zero without one
}

// move is a wish to change an item's state, however it is put.
type move struct {
	to       State
	column   string
	reason   string // for going backward
	override string // why the WIP limit does not count
	fitsPI   bool
	note     string
}

// step decides a move: the workflow, the guards, the board.
func (s Item) step(w move, a Around) ([]es.Event[Item], error) {
	flow := s.Flow()
	i, j := flow.index(s.State), flow.index(w.to)
	switch {
	case s.open() != nil:
		return nil, s.open()
	case w.to == Cancelled:
		return nil, ErrNoSuchStep.With("cancel it, with a reason")
	case j < 0:
		return nil, ErrNoSuchStep.With("the states of this %s are %s", s.Kind, words(flow.states()))
	case j > i+1:
		return nil, ErrNoSuchStep.With("from %s one goes to %s", s.State, words(flow.Next(s.State)))
	case j < i && w.reason == "":
		return nil, ErrBackwardReason
	case j < i && s.Iteration != "" && w.to.beforePlanned(), j < i && s.PI != "" && w.to.beforePlanned():
		return nil, ErrStillPlanned
	}
	if err := first(checkText("reason", w.reason, 0, maxText), checkText("note", w.note, 0, maxText)); err != nil {
		return nil, err
	}
	col, found := column(a.Board, w.to, w.column)
	if w.column != "" && (!found || col.State != w.to) {
		return nil, ErrNoColumn
	}
	if i == j && col.Name == s.Column {
		return nil, nil
	}
	var guards []Guard
	switch {
	case j > i:
		guards = flow[j].Guards
	case i == j:
		guards = []Guard{GuardWIP}
	}
	var events []es.Event[Item]
	for _, g := range guards {
		if err := s.guard(g, w, a); err != nil {
			return nil, err
		}
		if g == GuardWIP && found {
			over, err := wip(col, w, a)
			if err != nil {
				return nil, err
			}
			events = append(events, over...)
		}
	}
	switch {
	case j == i+1 && w.to == Ready:
		events = append(events, ItemReadied{s.State, col.Name, w.fitsPI, missing(s, a.Team.DoR)})
	case j == i+1 && w.to == Done:
		events = append(events, ItemAccepted{s.State, col.Name, w.note})
	case j == i+1 && w.to == flow.Work():
		events = append(events, ItemStarted{s.State, w.to, col.Name})
	default:
		events = append(events, ItemMoved{From: s.State, To: w.to, Column: col.Name, Reason: w.reason})
	}
	if w.to == Done {
		return s.queued(events...), nil
	}
	return events, nil
}

func (w Workflow) states() []State {
	list := make([]State, len(w))
	for i, g := range w {
		list[i] = g.State
	}
	return list
}

// beforePlanned tells whether what is in this state is in no plan.
func (s State) beforePlanned() bool {
	return slices.Contains([]State{Draft, Funnel, Analyzing, Ready}, s)
}

// column finds a column by its name, or the first one of a state.
func column(board []Column, state State, name string) (Column, bool) {
	for _, c := range board {
		if name != "" && c.Name == name || name == "" && c.State == state {
			return c, true
		}
	}
	return Column{}, false
}

// wip holds a column's limit; an override is told to everybody.
func wip(c Column, w move, a Around) ([]es.Event[Item], error) {
	count := a.InColumn[c.Name] + 1
	switch {
	case c.WIP == 0 || count <= c.WIP:
		return nil, nil
	case w.override == "":
		return nil, ErrWIPFull.With("%s has %d of %d", c.Name, count-1, c.WIP)
	}
	if err := checkText("override", w.override, 1, maxText); err != nil {
		return nil, err
	}
	return es.Happened[Item](WIPLimitExceeded{c.Name, c.WIP, count, w.override})
}

// guard checks one condition; that of the column's limit is in wip.
func (s Item) guard(g Guard, w move, a Around) error {
	holds, refusal := true, error(nil)
	switch g {
	case GuardHypothesis:
		holds, refusal = s.Hypothesis != "", ErrNoHypothesis
	case GuardCriterion:
		holds, refusal = len(s.Criteria) > 0, ErrNoCriterion
	case GuardSize:
		holds, refusal = s.Points != nil, ErrNoSize
	case GuardWSJF:
		holds, refusal = s.WSJF != nil, ErrNoWSJF
	case GuardCategory:
		holds, refusal = !s.Enabler || s.Category != "", ErrNoCategory
	case GuardFitsPI:
		holds, refusal = w.fitsPI || s.FitsPI, ErrDoesNotFit
	case GuardEpic:
		holds, refusal = !a.Epic.undecided(), ErrEpicUndecided
	case GuardDoR:
		if lacks := missing(s, a.Team.DoR); a.Team.DoRBlocks && len(lacks) > 0 {
			return ErrNotReady.With("%s", words(lacks))
		}
	case GuardPI:
		holds, refusal = s.PI != "" && a.PlanAccepted, ErrNotPlannedPI
	case GuardIteration:
		// A team without a cadence works in flow, without iterations.
		inFlow := a.Team.Exists() && a.Team.Cadence == nil
		holds, refusal = s.Iteration != "" || inFlow, ErrNotPlanned
	case GuardAssignee:
		holds, refusal = len(s.People) > 0, ErrNobody
	case GuardUnblocked:
		holds, refusal = s.Blocked == nil, ErrBlocked
	case GuardChildren:
		holds, refusal = a.OpenChildren == 0, ErrChildrenOpen.With("%d", a.OpenChildren)
	case GuardCriteria:
		open := 0
		for _, c := range s.Criteria {
			if !c.Met {
				open++
			}
		}
		holds, refusal = open == 0, ErrCriteriaOpen.With("%d of %d", open, len(s.Criteria))
	case GuardDoD:
		if lacks := missing(s, a.Team.DoD); len(lacks) > 0 {
			return ErrDoDOpen.With("%s", words(lacks))
		}
	case GuardReleased:
		holds, refusal = s.Released != nil, ErrNotReleased
	case GuardBenefitCheck:
		holds, refusal = s.BenefitCheck != "", ErrNoBenefitCheck
	case GuardDefect:
		holds, refusal = s.Defect != nil, ErrNoDefect
	case GuardTimeBox:
		holds, refusal = s.TimeBox > 0, ErrNoTimeBox
	case GuardFinding:
		holds, refusal = s.Finding != "", ErrNoFinding
	case GuardParentOpen:
		holds, refusal = !a.ParentClosed, ErrParentClosed
	case GuardNoHours:
		holds, refusal = s.Hours == nil || *s.Hours == 0, ErrHoursRemain
	}
	if holds {
		return nil
	}
	return refusal
}

// missing are the lines of a checklist that the item does not meet.
func missing(s Item, list []Check) []string {
	var lacks []string
	for _, c := range list {
		if !slices.Contains(s.Checks, c.ID) {
			lacks = append(lacks, c.Text)
		}
	}
	return lacks
}

// MarkReady says that the item may be taken.
type MarkReady struct {
	FitsPI bool `json:"fitsPi,omitempty" doc:"Of a feature or capability: it fits into one planning interval."`

	Around Around `json:"-"`
}

// Right asks for the right to define an item of the kind.
func (MarkReady) Right(s Item) rights.Decision { return define(s.Kind, s.Enabler) }

func (c MarkReady) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	if s.State == Ready {
		return nil, nil
	}
	if i := s.Flow().index(s.State); i > s.Flow().index(Ready) {
		return nil, first(s.open(), ErrNoSuchStep.With("it is past ready; move it back, with a reason"))
	}
	return s.step(move{to: Ready, fitsPI: c.FitsPI}, c.Around)
}

// Start begins the work.
type Start struct {
	Override string `json:"override,omitempty" maxLength:"65536" doc:"Why the column's limit does not count this time."`

	Around Around `json:"-"`
}

func (c Start) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	work := s.Flow().Work()
	if s.State == work {
		return nil, nil
	}
	if i := s.Flow().index(s.State); i > s.Flow().index(work) {
		return nil, first(s.open(), ErrNoSuchStep.With("it has been started"))
	}
	return s.step(move{to: work, override: c.Override}, c.Around)
}

// MoveTo is the drag on the board: to a state, and to one of the columns that
// stand for it.
type MoveTo struct {
	To       State  `json:"to" enum:"funnel,analyzing,ready,implementing,validating,deploying,releasing,draft,planned,in-progress,review,todo,doing,done" doc:"The state."`
	Column   string `json:"column,omitempty" maxLength:"100" doc:"The column of the team's board; the first one of the state if left out."`
	Reason   string `json:"reason,omitempty" maxLength:"65536" doc:"Needed to go backward."`
	Override string `json:"override,omitempty" maxLength:"65536" doc:"Why the column's limit does not count this time."`
	FitsPI   bool   `json:"fitsPi,omitempty" doc:"To ready, of a feature or capability: it fits into one planning interval."`

	Around Around `json:"-"`
}

// Right depends on where it goes.
func (c MoveTo) Right(s Item) rights.Decision {
	switch c.To {
	case Done:
		return accept(s.Kind)
	case Ready:
		return define(s.Kind, s.Enabler)
	case Analyzing:
		return "feature.prioritise"
	}
	return ""
}

func (c MoveTo) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	if c.To == s.State && c.Column == "" {
		return nil, nil
	}
	return s.step(move{to: c.To, column: c.Column, reason: c.Reason, override: c.Override, fitsPI: c.FitsPI}, c.Around)
}

// Accept says that the item is done.
type Accept struct {
	Note string `json:"note,omitempty" maxLength:"65536"`

	Around Around `json:"-"`
}

// Right asks for the right to accept an item of the kind.
func (Accept) Right(s Item) rights.Decision { return accept(s.Kind) }

func (c Accept) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	flow := s.Flow()
	switch {
	case s.State == Done:
		return nil, nil
	case s.State == Cancelled:
		return nil, ErrCancelled
	case flow.index(s.State) != len(flow)-2:
		return nil, ErrNotInReview
	}
	return s.step(move{to: Done, note: c.Note}, c.Around)
}

// RejectAcceptance says what is missing; work goes on.
type RejectAcceptance struct {
	Reason string `json:"reason" minLength:"1" maxLength:"65536"`

	Around Around `json:"-"`
}

// Right asks for the right to accept an item of the kind.
func (RejectAcceptance) Right(s Item) rights.Decision { return accept(s.Kind) }

func (c RejectAcceptance) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	if s.State != Review && s.State != Releasing {
		return nil, first(s.open(), ErrNotInReview)
	}
	if err := checkReason(c.Reason, "it is not accepted"); err != nil {
		return nil, err
	}
	work := s.Flow().Work()
	col, _ := column(c.Around.Board, work, "")
	return es.Happened(AcceptanceRejected{s.State, work, col.Name, c.Reason})
}
