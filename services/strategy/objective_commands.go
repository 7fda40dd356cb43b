package strategy

import (
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// DefineObjective defines an objective of a portfolio or a product, with its
// key results if they are known already.
type DefineObjective struct {
	Portfolio PortfolioID `json:"portfolio,omitempty"`
	Product   ProductID   `json:"product,omitempty"`
	Parent    ObjectiveID `json:"parent,omitempty" doc:"The objective that this one contributes to."`
	Theme     ThemeID     `json:"theme,omitempty" doc:"The theme that this objective measures."`
	ObjectiveText
	KeyResults []Measure      `json:"keyResults,omitempty" maxItems:"5"`
	Facts      ObjectiveFacts `json:"-"`
}

// Scope is where the new objective will lie.
func (c DefineObjective) Scope() rights.Scope {
	return rights.Scope{Product: c.Product.String(), Portfolio: c.Portfolio.String()}
}

func (c DefineObjective) Decide(s Objective, m es.Meta) ([]es.Event[Objective], error) {
	t, err := c.checked()
	if err != nil {
		return nil, err
	}
	if s.State != "" {
		if s.ObjectiveText == t && s.Portfolio == c.Portfolio && s.Product == c.Product {
			return nil, nil
		}
		return nil, ErrObjectiveExists
	}
	if err := c.belongs(); err != nil {
		return nil, err
	}
	if len(c.KeyResults) > maxKeyResults {
		return nil, ErrTooManyKeyResults
	}
	happened := []es.Event[Objective]{ObjectiveDefined{m.Key, c.Portfolio, c.Product, c.Parent, c.Theme, t}}
	for i, k := range c.KeyResults {
		k, err := k.checked("keyResults.")
		if err != nil {
			return nil, err
		}
		happened = append(happened, KeyResultAdded{es.MetaID[KeyResult](m, i), k})
	}
	return happened, nil
}

func (c DefineObjective) belongs() error {
	if c.Portfolio == "" && c.Product == "" {
		return fail.Invalid("portfolio", "an objective is that of a portfolio or of a product; name one")
	}
	if c.Portfolio != "" {
		if c.Facts.Portfolio.State == "" {
			return fail.Invalid("portfolio", "there is no such portfolio")
		}
		if err := c.Facts.Portfolio.open(); err != nil {
			return err
		}
	}
	if c.Product != "" && !c.Facts.Product {
		return fail.Invalid("product", "there is no product %s", c.Product)
	}
	if err := c.Facts.theme(c.Theme, c.Portfolio); err != nil {
		return err
	}
	return c.Facts.parent(c.Parent)
}

// ReviseObjective writes anew what the objective says.
type ReviseObjective struct{ ObjectiveText }

func (c ReviseObjective) Decide(s Objective, _ es.Meta) ([]es.Event[Objective], error) {
	if err := s.settable(); err != nil {
		return nil, err
	}
	t, err := c.checked()
	if err != nil || t == s.ObjectiveText {
		return nil, err
	}
	return es.Happened(ObjectiveRevised{t})
}

// SetObjectiveTheme says which theme the objective measures.
type SetObjectiveTheme struct {
	Theme ThemeID        `json:"theme,omitempty" doc:"Empty: none."`
	Facts ObjectiveFacts `json:"-"`
}

func (c SetObjectiveTheme) Decide(s Objective, _ es.Meta) ([]es.Event[Objective], error) {
	if err := s.settable(); err != nil {
		return nil, err
	}
	if c.Theme == s.Theme {
		return nil, nil
	}
	if err := c.Facts.theme(c.Theme, s.Portfolio); err != nil {
		return nil, err
	}
	return es.Happened(ObjectiveThemeSet{c.Theme})
}

// SetObjectiveParent says which objective this one contributes to.
type SetObjectiveParent struct {
	Parent ObjectiveID    `json:"parent,omitempty" doc:"Empty: none."`
	Facts  ObjectiveFacts `json:"-"`
}

func (c SetObjectiveParent) Decide(s Objective, _ es.Meta) ([]es.Event[Objective], error) {
	if err := s.settable(); err != nil {
		return nil, err
	}
	if c.Parent == s.Parent {
		return nil, nil
	}
	if err := c.Facts.parent(c.Parent); err != nil {
		return nil, err
	}
	return es.Happened(ObjectiveParentSet{c.Parent})
}

// AddKeyResult adds a key result; the first one makes the objective active.
type AddKeyResult struct{ Measure }

func (c AddKeyResult) Decide(s Objective, m es.Meta) ([]es.Event[Objective], error) {
	if err := s.settable(); err != nil {
		return nil, err
	}
	measure, err := c.checked("")
	if err != nil {
		return nil, err
	}
	for _, k := range s.KeyResults {
		if k.Measure == measure {
			return nil, nil
		}
	}
	if len(s.KeyResults) >= maxKeyResults {
		return nil, ErrTooManyKeyResults
	}
	return es.Happened(KeyResultAdded{es.MetaID[KeyResult](m, 0), measure})
}

// RebaseKeyResult moves where a key result starts or ends; its check-ins stay
// and are scored against the new values.
type RebaseKeyResult struct {
	KeyResult KeyResultID `json:"keyResult"`
	Baseline  *float64    `json:"baseline,omitempty" doc:"As it is when left out."`
	Target    *float64    `json:"target,omitempty" doc:"As it is when left out."`
	Reason    string      `json:"reason" minLength:"1" maxLength:"65536"`
}

func (c RebaseKeyResult) Decide(s Objective, _ es.Meta) ([]es.Event[Objective], error) {
	if err := s.settable(); err != nil {
		return nil, err
	}
	k, err := s.find(c.KeyResult)
	if err != nil {
		return nil, err
	}
	if err := because(c.Reason); err != nil {
		return nil, err
	}
	now := k.Measure
	if c.Baseline != nil {
		now.Baseline = *c.Baseline
	}
	if c.Target != nil {
		now.Target = *c.Target
	}
	if now == k.Measure {
		return nil, nil
	}
	if err := now.movable(); err != nil {
		return nil, err
	}
	return es.Happened(KeyResultRebased{c.KeyResult, now.Baseline, now.Target, c.Reason})
}

// DropKeyResult takes a key result from the objective. Without any it is a
// draft again.
type DropKeyResult struct {
	KeyResult KeyResultID `json:"keyResult"`
	Reason    string      `json:"reason" minLength:"1" maxLength:"65536"`
}

func (c DropKeyResult) Decide(s Objective, _ es.Meta) ([]es.Event[Objective], error) {
	if err := s.settable(); err != nil {
		return nil, err
	}
	if _, err := s.find(c.KeyResult); err != nil {
		return nil, err
	}
	if err := because(c.Reason); err != nil {
		return nil, err
	}
	return es.Happened(KeyResultDropped{c.KeyResult, c.Reason})
}

// CheckInKeyResult records the value of a key result. Late values may come
// until the objective is closed.
type CheckInKeyResult struct {
	KeyResult  KeyResultID `json:"keyResult"`
	Value      float64     `json:"value"`
	At         time.Time   `json:"at,omitzero" required:"false" doc:"When it had that value; now when left out."`
	Confidence int         `json:"confidence,omitempty" minimum:"1" maximum:"10" doc:"From 1 to 10, that the target will be met."`
	Note       string      `json:"note,omitempty" maxLength:"65536"`
}

func (c CheckInKeyResult) Decide(s Objective, m es.Meta) ([]es.Event[Objective], error) {
	if s.State == ObjectiveIsClosed {
		return nil, ErrObjectiveClosed
	}
	k, err := s.find(c.KeyResult)
	if err != nil {
		return nil, err
	}
	if c.Confidence < 0 || c.Confidence > 10 {
		return nil, fail.Invalid("confidence", "confidence is 1 to 10, or left out")
	}
	if err := written("note", c.Note, maxText); err != nil {
		return nil, err
	}
	if c.At.IsZero() {
		c.At = m.When()
	}
	if err := notLater("at", c.At, m.Time); err != nil {
		return nil, err
	}
	now := CheckIn{c.Value, c.At.UTC(), c.Confidence, c.Note, m.Actor}
	for _, past := range k.CheckIns {
		if past.At.Equal(now.At) && past.Value == now.Value && past.Confidence == now.Confidence && past.Note == now.Note {
			return nil, nil
		}
	}
	return es.Happened(KeyResultCheckedIn{c.KeyResult, now})
}

// GradeObjective says how well it went. It may be said anew until the
// objective is closed.
type GradeObjective struct {
	Grade float64 `json:"grade" minimum:"0" maximum:"1"`
	Note  string  `json:"note,omitempty" maxLength:"65536" doc:"What was learned."`
}

func (c GradeObjective) Decide(s Objective, m es.Meta) ([]es.Event[Objective], error) {
	switch s.State {
	case ObjectiveDraft:
		return nil, ErrNothingToGrade
	case ObjectiveIsClosed:
		return nil, ErrObjectiveClosed
	}
	if !(c.Grade >= 0 && c.Grade <= 1) {
		return nil, fail.Invalid("grade", "a grade is between 0 and 1, not %g", c.Grade)
	}
	if err := written("note", c.Note, maxText); err != nil {
		return nil, err
	}
	if s.Grade != nil && *s.Grade == c.Grade && c.Note == "" {
		return nil, nil
	}
	graded := ObjectiveGraded{Grade: c.Grade, Note: c.Note, By: m.Actor}
	if score, ok := s.Score(); ok {
		graded.Score = &score
	}
	return es.Happened(graded)
}

// CloseObjective ends a graded objective, or a draft that is not pursued.
type CloseObjective struct {
	Reason string `json:"reason,omitempty" maxLength:"65536" doc:"Needed to close a draft."`
}

func (c CloseObjective) Decide(s Objective, _ es.Meta) ([]es.Event[Objective], error) {
	switch s.State {
	case ObjectiveIsClosed:
		return nil, nil
	case ObjectiveActive:
		return nil, ErrNotGraded
	case ObjectiveDraft:
		if err := because(c.Reason); err != nil {
			return nil, err
		}
	}
	if err := written("reason", c.Reason, maxText); err != nil {
		return nil, err
	}
	return es.Happened(ObjectiveClosed{c.Reason})
}
