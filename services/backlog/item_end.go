package backlog

import (
	"slices"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// ItemReopened: the item is worked on again. The velocity of an iteration
// that is closed is not rewritten: Leaves is that iteration.
type ItemReopened struct {
	From   State       `json:"from"`
	To     State       `json:"to"`
	Reason string      `json:"reason"`
	Leaves IterationID `json:"leaves,omitempty"`
}

func (e ItemReopened) Evolve(s Item) Item {
	s.State, s.Column, s.Closing, s.Outcome = e.To, "", "", ""
	if e.Leaves != "" {
		s.Iteration = ""
	}
	return s
}

// Step implements Stepped.
func (e ItemReopened) Step() (State, State) { return e.From, e.To }

// ItemCancelled: nobody will do it.
type ItemCancelled struct {
	From       State  `json:"from"`
	Reason     string `json:"reason"`
	Resolution string `json:"resolution"`
}

func (e ItemCancelled) Evolve(s Item) Item {
	s.State, s.Column, s.Closing, s.Blocked = Cancelled, "", e.Resolution, nil
	return s
}

// Step implements Stepped.
func (e ItemCancelled) Step() (State, State) { return e.From, Cancelled }

// ItemSplit: the parts take the item's place; it is cancelled and never
// counts as done. It says all that a policy needs to create the parts (see
// PartsOf).
type ItemSplit struct {
	From   State       `json:"from"`
	Reason string      `json:"reason,omitempty"`
	Parts  []Part      `json:"parts"`
	Each   ItemCreated `json:"each"` // what every part inherits
}

func (e ItemSplit) Evolve(s Item) Item {
	s.State, s.Column, s.Closing, s.Blocked = Cancelled, "", ResolutionSplit, nil
	for _, p := range e.Parts {
		s.SplitInto = es.Added(s.SplitInto, p.ID)
	}
	return s
}

// Step implements Stepped.
func (e ItemSplit) Step() (State, State) { return e.From, Cancelled }

// Part is one of the items that an item is split into.
type Part struct {
	ID       ItemID      `json:"id"`
	Title    string      `json:"title"`
	Points   *float64    `json:"points,omitempty"`
	Criteria []Criterion `json:"criteria,omitempty"`
}

// ItemReleased: the item reached its users. It names the idea that it came
// from, so that whoever had the idea can be told.
type ItemReleased struct {
	Shipment
	Idea IdeaID `json:"originIdea,omitempty"`
}

func (e ItemReleased) Evolve(s Item) Item { s.Released = &e.Shipment; return s }

// BenefitCheckSet: on this day somebody looks whether the benefit came.
type BenefitCheckSet struct {
	On Day `json:"on"`
}

func (e BenefitCheckSet) Evolve(s Item) Item { s.BenefitCheck = e.On; return s }

// OutcomeRecorded: whether the benefit came.
type OutcomeRecorded struct {
	Outcome Outcome `json:"outcome"`
	Note    string  `json:"note,omitempty"`
}

func (e OutcomeRecorded) Evolve(s Item) Item { s.Outcome = e.Outcome; return s }

// ResolutionSplit is how a split item ended; the others are given.
const ResolutionSplit = "split"

var resolutions = []string{"wont-do", "duplicate", "obsolete", "cannot-reproduce"}

// Reopen takes a done item back into work, a cancelled one back to its beginning.
type Reopen struct {
	Reason string `json:"reason" minLength:"1" maxLength:"65536"`

	Around Around `json:"-"`
}

// Right asks for the right to accept an item of the kind.
func (Reopen) Right(s Item) rights.Decision { return accept(s.Kind) }

func (c Reopen) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	e := ItemReopened{From: s.State, To: s.Flow().Work(), Reason: c.Reason}
	switch {
	case s.Closing == ResolutionSplit:
		return nil, ErrSplitCancelled
	case !s.State.Closed():
		return nil, ErrNotClosed
	case s.Kind == Task && c.Around.ParentClosed:
		return nil, ErrParentClosed
	case s.State == Cancelled:
		e.To = s.Flow().First()
		e.Leaves = s.Iteration
	case c.Around.Iteration.over():
		e.Leaves = s.Iteration
	}
	if err := checkReason(c.Reason, "it is reopened"); err != nil {
		return nil, err
	}
	return s.queued(e), nil
}

// Cancel says that nobody will do the item.
type Cancel struct {
	Reason     string `json:"reason" minLength:"1" maxLength:"65536"`
	Resolution string `json:"resolution,omitempty" enum:"wont-do,duplicate,obsolete,cannot-reproduce" doc:"wont-do if left out."`
}

// Right asks for the right to define an item of the kind.
func (Cancel) Right(s Item) rights.Decision { return define(s.Kind, s.Enabler) }

func (c Cancel) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	if c.Resolution == "" {
		c.Resolution = resolutions[0]
	}
	switch {
	case s.State == Cancelled:
		return nil, nil
	case s.State == Done:
		return nil, ErrDone
	case !slices.Contains(resolutions, c.Resolution):
		return nil, fail.Invalid("resolution", "one of %s", words(resolutions))
	}
	if err := checkReason(c.Reason, "it is cancelled"); err != nil {
		return nil, err
	}
	return s.queued(ItemCancelled{s.State, c.Reason, c.Resolution}), nil
}

// Split cancels the item in favour of its parts.
type Split struct {
	Parts  []SplitPart `json:"parts" minItems:"2" maxItems:"20"`
	Reason string      `json:"reason,omitempty" maxLength:"65536"`
}

// SplitPart describes one part.
type SplitPart struct {
	Title    string             `json:"title" minLength:"1" maxLength:"300"`
	Points   float64            `json:"points,omitempty" enum:"1,2,3,5,8,13,20,40,100" doc:"Its size; the sizes need not sum up."`
	Criteria []es.ID[Criterion] `json:"criteria,omitempty" maxItems:"200" doc:"Acceptance criteria of the item that the part takes over."`
}

// Right asks for the right to define an item of the kind.
func (Split) Right(s Item) rights.Decision { return define(s.Kind, s.Enabler) }

func (c Split) Decide(s Item, m es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.Closing == ResolutionSplit:
		return nil, ErrSplitCancelled
	case s.open() != nil:
		return nil, s.open()
	case len(c.Parts) < 2 || len(c.Parts) > 20:
		return nil, fail.Invalid("parts", "2 to 20 parts, not %d", len(c.Parts))
	}
	if err := checkText("reason", c.Reason, 0, maxText); err != nil {
		return nil, err
	}
	e := ItemSplit{From: s.State, Reason: c.Reason, Each: s.part()}
	for i, p := range c.Parts {
		path := at("parts", i)
		if err := checkText(path+".title", p.Title, 1, maxTitle); err != nil {
			return nil, err
		}
		part := Part{ID: es.MetaID[Item](m, i), Title: p.Title}
		if p.Points != 0 {
			if s.Kind == Task {
				return nil, ErrTaskPoints
			}
			if !slices.Contains(Scale, p.Points) {
				return nil, ErrOffScale
			}
			part.Points = &p.Points
		}
		for _, id := range distinct(p.Criteria) {
			j := s.criterion(id)
			if j < 0 {
				return nil, ErrCriterionUnknown
			}
			part.Criteria = append(part.Criteria, s.Criteria[j])
		}
		e.Parts = append(e.Parts, part)
	}
	return fitting(s.queued(e)...)
}

// part is what every part of the item inherits: its place and what it says.
// The parts are as ready as any new item.
func (s Item) part() ItemCreated {
	return ItemCreated{Kind: s.Kind, Definition: s.Definition, Enabler: s.Enabler, Category: s.Category, Spike: s.Spike, TimeBox: s.TimeBox,
		Defect: s.Defect, Parent: s.Parent, Team: s.Team, Product: s.Product, ART: s.ART, Labels: s.Labels, Idea: s.Idea}
}

// CreatePart makes one part of a split item.
type CreatePart struct {
	ID      ItemID      `json:"id"`
	Of      ItemID      `json:"of"`
	Created ItemCreated `json:"created"`
}

// Prefix is how the part's human key starts.
func (c CreatePart) Prefix() string { return c.Created.Kind.Prefix() }

// Scope implements rights.Scoped.
func (c CreatePart) Scope() rights.Scope {
	return CreateItem{Team: c.Created.Team, Product: c.Created.Product, ART: c.Created.ART}.Scope()
}

func (c CreatePart) Decide(s Item, m es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.Exists() && s.SplitFrom == c.Of:
		return nil, nil
	case s.Exists():
		return nil, ErrItemExists
	}
	c.Created.Key, c.Created.SplitFrom = m.Key, c.Of
	return fitting(s.queued(c.Created)...)
}

// PartsOf returns the commands that create the parts of the item with this id.
func (e ItemSplit) PartsOf(id ItemID) []CreatePart {
	var parts []CreatePart
	for _, p := range e.Parts {
		c := CreatePart{ID: p.ID, Of: id, Created: e.Each}
		c.Created.Title, c.Created.Criteria, c.Created.Points = p.Title, p.Criteria, p.Points
		parts = append(parts, c)
	}
	return parts
}

// MarkReleased says that the item reached its users.
type MarkReleased struct{ Shipment }

func (c MarkReleased) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	switch {
	case (c.Release == "") == (c.Toggle == ""):
		return nil, fail.Invalid("release", "name the shipped release, or the toggle that was switched on")
	case s.Released != nil && *s.Released == c.Shipment:
		return nil, nil
	case s.State != Done && s.State != Releasing:
		return nil, ErrNotReleasable
	}
	if err := checkText("toggle", c.Toggle, 0, maxTitle); err != nil {
		return nil, err
	}
	return es.Happened(ItemReleased{c.Shipment, s.Idea})
}

// SetBenefitCheck sets the day on which somebody looks whether the benefit came.
type SetBenefitCheck struct {
	On Day `json:"on" format:"date"`
}

// Right asks for the right to define an item of the kind.
func (SetBenefitCheck) Right(s Item) rights.Decision { return define(s.Kind, s.Enabler) }

func (c SetBenefitCheck) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.State == Cancelled:
		return nil, ErrCancelled
	case s.BenefitCheck == c.On && c.On != "":
		return nil, nil
	}
	if err := c.On.check("on"); err != nil {
		return nil, err
	}
	return es.Happened(BenefitCheckSet(c))
}

// RecordOutcome says whether the benefit came.
type RecordOutcome struct {
	Outcome Outcome `json:"outcome" enum:"confirmed,refuted,unknown"`
	Note    string  `json:"note,omitempty" maxLength:"65536"`
}

// Right asks for the right to accept an item of the kind.
func (RecordOutcome) Right(s Item) rights.Decision { return accept(s.Kind) }

func (c RecordOutcome) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	switch {
	case !slices.Contains(outcomes, c.Outcome):
		return nil, fail.Invalid("outcome", "one of %s", words(outcomes))
	case s.State != Done:
		return nil, ErrNotDone
	case s.Outcome == c.Outcome && c.Note == "":
		return nil, nil
	}
	if err := checkText("note", c.Note, 0, maxText); err != nil {
		return nil, err
	}
	return es.Happened(OutcomeRecorded(c))
}
