package backlog

import (
	"slices"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// CriterionAdded: there is one more acceptance criterion.
type CriterionAdded struct {
	ID   es.ID[Criterion] `json:"id"`
	Text string           `json:"text"`
}

func (e CriterionAdded) Evolve(s Item) Item {
	s.Criteria = es.Added(s.Criteria, Criterion{ID: e.ID, Text: e.Text})
	return s
}

// CriterionTicked: the item meets the criterion.
type CriterionTicked struct {
	ID es.ID[Criterion] `json:"id"`
}

func (e CriterionTicked) Evolve(s Item) Item { return s.met(e.ID, true) }

// CriterionUnticked: the item does not meet the criterion after all.
type CriterionUnticked struct {
	ID es.ID[Criterion] `json:"id"`
}

func (e CriterionUnticked) Evolve(s Item) Item { return s.met(e.ID, false) }

func (s Item) met(id es.ID[Criterion], met bool) Item {
	s.Criteria = slices.Clone(s.Criteria)
	if i := s.criterion(id); i >= 0 {
		s.Criteria[i].Met = met
	}
	return s
}

// CriterionRemoved: the criterion no longer counts.
type CriterionRemoved struct {
	ID es.ID[Criterion] `json:"id"`
}

func (e CriterionRemoved) Evolve(s Item) Item {
	s.Criteria = slices.DeleteFunc(slices.Clone(s.Criteria), func(c Criterion) bool { return c.ID == e.ID })
	return s
}

// CheckTicked: the item meets a check of its team's Definition of Ready or Done.
type CheckTicked struct {
	Check es.ID[Check] `json:"check"`
}

func (e CheckTicked) Evolve(s Item) Item { s.Checks = es.Added(s.Checks, e.Check); return s }

// CheckUnticked: the item does not meet the check after all.
type CheckUnticked struct {
	Check es.ID[Check] `json:"check"`
}

func (e CheckUnticked) Evolve(s Item) Item {
	s.Checks = slices.DeleteFunc(slices.Clone(s.Checks), func(c es.ID[Check]) bool { return c == e.Check })
	return s
}

// AddCriterion adds an acceptance criterion.
type AddCriterion struct {
	Text string `json:"text" minLength:"1" maxLength:"65536"`
}

// Right asks for the right to define an item of the kind.
func (AddCriterion) Right(s Item) rights.Decision { return define(s.Kind, s.Enabler) }

func (c AddCriterion) Decide(s Item, m es.Meta) ([]es.Event[Item], error) {
	if err := first(s.open(), checkText("text", c.Text, 1, maxText)); err != nil {
		return nil, err
	}
	switch {
	case slices.ContainsFunc(s.Criteria, func(o Criterion) bool { return o.Text == c.Text }):
		return nil, nil
	case len(s.Criteria) >= maxList:
		return nil, fail.Invalid("text", "an item has at most %d acceptance criteria; split it", maxList)
	}
	return fitting[Item](CriterionAdded{es.MetaID[Criterion](m, 0), c.Text})
}

// TickCriterion says that the item meets a criterion.
type TickCriterion struct {
	ID es.ID[Criterion] `json:"id"`
}

func (c TickCriterion) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	i := s.criterion(c.ID)
	switch {
	case i < 0:
		return nil, ErrCriterionUnknown
	case s.Criteria[i].Met:
		return nil, nil
	case s.open() != nil:
		return nil, s.open()
	}
	return es.Happened(CriterionTicked(c))
}

// UntickCriterion says that the item does not meet a criterion after all.
type UntickCriterion struct {
	ID es.ID[Criterion] `json:"id"`
}

func (c UntickCriterion) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	i := s.criterion(c.ID)
	switch {
	case i < 0:
		return nil, ErrCriterionUnknown
	case !s.Criteria[i].Met:
		return nil, nil
	case s.open() != nil:
		return nil, s.open()
	}
	return es.Happened(CriterionUnticked(c))
}

// RemoveCriterion takes an acceptance criterion away.
type RemoveCriterion struct {
	ID es.ID[Criterion] `json:"id"`
}

// Right asks for the right to define an item of the kind.
func (RemoveCriterion) Right(s Item) rights.Decision { return define(s.Kind, s.Enabler) }

func (c RemoveCriterion) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.criterion(c.ID) < 0:
		return nil, nil
	case s.open() != nil:
		return nil, s.open()
	}
	return es.Happened(CriterionRemoved(c))
}

// TickCheck says that the item meets a check of its team's definitions.
type TickCheck struct {
	Check es.ID[Check] `json:"check"`

	Team Team `json:"-"` // the item's team
}

func (c TickCheck) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	is := func(o Check) bool { return o.ID == c.Check }
	switch {
	case slices.Contains(s.Checks, c.Check):
		return nil, nil
	case s.open() != nil:
		return nil, s.open()
	case !slices.ContainsFunc(c.Team.DoR, is) && !slices.ContainsFunc(c.Team.DoD, is):
		return nil, ErrCheckUnknown
	}
	return es.Happened(CheckTicked{c.Check})
}

// UntickCheck says that the item does not meet a check after all.
type UntickCheck struct {
	Check es.ID[Check] `json:"check"`
}

func (c UntickCheck) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	switch {
	case !slices.Contains(s.Checks, c.Check):
		return nil, nil
	case s.open() != nil:
		return nil, s.open()
	}
	return es.Happened(CheckUnticked(c))
}
