package backlog

import (
	"math"
	"slices"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// ItemEstimated: the item's size in story points, and what it was before.
type ItemEstimated struct {
	Points *float64 `json:"points"` // null: the source has taken its estimate away
	Was    *float64 `json:"was,omitempty"`
}

func (e ItemEstimated) Evolve(s Item) Item { s.Points = e.Points; return s }

// RemainingSet: so many hours of a task remain.
type RemainingSet struct {
	Hours float64  `json:"hours"`
	Was   *float64 `json:"was,omitempty"`
}

func (e RemainingSet) Evolve(s Item) Item { s.Hours = &e.Hours; return s }

// WSJFScored: the inputs of weighted shortest job first.
type WSJFScored struct{ WSJF }

func (e WSJFScored) Evolve(s Item) Item { s.WSJF = &e.WSJF; return s }

// RICEScored: the inputs of RICE.
type RICEScored struct{ RICE }

func (e RICEScored) Evolve(s Item) Item { s.RICE = &e.RICE; return s }

// WSJF is one score of weighted shortest job first (SAFe). The inputs are
// relative, so scores compare only inside one backlog and one session.
type WSJF struct {
	UserBusinessValue int         `json:"userBusinessValue" enum:"1,2,3,5,8,13,20"`
	TimeCriticality   int         `json:"timeCriticality" enum:"1,2,3,5,8,13,20"`
	RiskOpportunity   int         `json:"riskOpportunity" enum:"1,2,3,5,8,13,20" doc:"Risk reduction and opportunity enablement."`
	JobSize           int         `json:"jobSize" enum:"1,2,3,5,8,13,20" doc:"Remaining size; it stands in for duration."`
	Session           string      `json:"session" doc:"The scoring session."`
	By                es.PersonID `json:"by,omitempty"`
	At                time.Time   `json:"at"`
}

// CostOfDelay is user-business value + time criticality + risk reduction and
// opportunity enablement.
func (w WSJF) CostOfDelay() int { return w.UserBusinessValue + w.TimeCriticality + w.RiskOpportunity }

// Score is cost of delay divided by job size.
func (w WSJF) Score() float64 { return float64(w.CostOfDelay()) / float64(w.JobSize) }

// RICE is one score of reach, impact, confidence and effort.
type RICE struct {
	Reach      float64 `json:"reach" minimum:"0" doc:"How many people in the period."`
	Period     string  `json:"period" minLength:"1" maxLength:"100" example:"quarter" doc:"The period in which they are reached."`
	Impact     float64 `json:"impact" enum:"0.25,0.5,1,2,3" doc:"Massive 3, high 2, medium 1, low 0.5, minimal 0.25."`
	Confidence int     `json:"confidence" enum:"50,80,100" doc:"Percent."`
	Effort     float64 `json:"effort" minimum:"0.5" doc:"Person-months."`
}

// Score is reach × impact × confidence ÷ effort.
func (r RICE) Score() float64 {
	return r.Reach * r.Impact * float64(r.Confidence) / 100 / r.Effort
}

// Estimate sets the size in story points. After its iteration has started
// that is a change of scope and never counts as burnt.
type Estimate struct {
	Points float64 `json:"points" enum:"1,2,3,5,8,13,20,40,100"`

	Team Team `json:"-"` // the item's team; its people estimate
}

func (c Estimate) Decide(s Item, m es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.open() != nil:
		return nil, s.open()
	case s.Kind == Task:
		return nil, ErrTaskPoints
	case !slices.Contains(Scale, c.Points):
		return nil, ErrOffScale
	case m.Actor != "" && len(c.Team.Members) > 0 && !c.Team.Has(m.Actor, dayOf(m.When())):
		return nil, ErrNotOfTeam
	case s.Points != nil && *s.Points == c.Points:
		return nil, nil
	}
	return es.Happened(ItemEstimated{&c.Points, s.Points})
}

// SetRemaining sets how many hours of a task remain.
type SetRemaining struct {
	Hours float64 `json:"hours" minimum:"0" maximum:"10000"`
}

func (c SetRemaining) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.Kind != Task:
		return nil, ErrHoursOfTask
	case s.open() != nil:
		return nil, s.open()
	case !(c.Hours >= 0 && c.Hours <= 10_000):
		return nil, fail.Invalid("hours", "0 to 10,000 hours")
	case s.Hours != nil && *s.Hours == c.Hours:
		return nil, nil
	}
	return es.Happened(RemainingSet{c.Hours, s.Hours})
}

// ScoreWSJF scores the item relative to the others of a session.
type ScoreWSJF struct {
	UserBusinessValue int    `json:"userBusinessValue" enum:"1,2,3,5,8,13,20"`
	TimeCriticality   int    `json:"timeCriticality" enum:"1,2,3,5,8,13,20"`
	RiskOpportunity   int    `json:"riskOpportunity" enum:"1,2,3,5,8,13,20" doc:"Risk reduction and opportunity enablement."`
	JobSize           int    `json:"jobSize" enum:"1,2,3,5,8,13,20" doc:"What is still to be done, relative to the others."`
	Session           string `json:"session" minLength:"1" maxLength:"100" doc:"Scores compare only inside one session."`
}

// Right asks for the right to prioritise.
func (ScoreWSJF) Right(Item) rights.Decision { return "feature.prioritise" }

func (c ScoreWSJF) Decide(s Item, m es.Meta) ([]es.Event[Item], error) {
	switch {
	case !s.Kind.art():
		return nil, ErrWSJFKind
	case s.open() != nil:
		return nil, s.open()
	}
	for _, in := range []struct {
		field string
		value int
	}{{"userBusinessValue", c.UserBusinessValue}, {"timeCriticality", c.TimeCriticality}, {"riskOpportunity", c.RiskOpportunity}, {"jobSize", c.JobSize}} {
		if !slices.Contains(WSJFScale, in.value) {
			return nil, fail.Invalid(in.field, "one of 1, 2, 3, 5, 8, 13, 20, not %d", in.value)
		}
	}
	if err := checkText("session", c.Session, 1, maxName); err != nil {
		return nil, err
	}
	w := WSJF{c.UserBusinessValue, c.TimeCriticality, c.RiskOpportunity, c.JobSize, c.Session, m.Actor, m.When()}
	if s.WSJF != nil {
		old := *s.WSJF
		if old.At, old.By = w.At, w.By; old == w {
			return nil, nil
		}
	}
	return es.Happened(WSJFScored{w})
}

// ScoreRICE scores reach, impact, confidence and effort.
type ScoreRICE struct{ RICE }

// Right asks for the right to prioritise an item of the kind.
func (ScoreRICE) Right(s Item) rights.Decision {
	if s.Kind.art() {
		return "feature.prioritise"
	}
	return define(s.Kind, s.Enabler)
}

func (c ScoreRICE) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.Kind == Task:
		return nil, ErrRICEKind
	case s.open() != nil:
		return nil, s.open()
	case !(c.Reach >= 0) || math.IsInf(c.Reach, 1):
		return nil, fail.Invalid("reach", "a number of people, 0 or more")
	case !slices.Contains([]float64{3, 2, 1, 0.5, 0.25}, c.Impact):
		return nil, fail.Invalid("impact", "3, 2, 1, 0.5 or 0.25, not %v", c.Impact)
	case !slices.Contains([]int{100, 80, 50}, c.Confidence):
		return nil, fail.Invalid("confidence", "100, 80 or 50 percent, not %d", c.Confidence)
	case !(c.Effort >= 0.5) || math.IsInf(c.Effort, 1):
		return nil, fail.Invalid("effort", "0.5 person-months or more")
	}
	if err := checkText("period", c.Period, 1, maxName); err != nil {
		return nil, err
	}
	if s.RICE != nil && *s.RICE == c.RICE {
		return nil, nil
	}
	return es.Happened(RICEScored{c.RICE})
}
