package strategy

import (
	"strings"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// KeyResultID names a key result inside its objective.
type KeyResultID = es.ID[KeyResult]

// KeyResultKind says what a key result promises.
type KeyResultKind string

const (
	FromTo    KeyResultKind = "from-to"    // to take the value from the baseline to the target
	KeepAbove KeyResultKind = "keep-above" // to keep it at the target or above
	KeepBelow KeyResultKind = "keep-below" // to keep it at the target or below
)

// Measure is what a key result is measured by.
type Measure struct {
	Title    string        `json:"title" minLength:"1" maxLength:"300"`
	Kind     KeyResultKind `json:"kind,omitempty" enum:"from-to,keep-above,keep-below" doc:"from-to when left out."`
	Unit     string        `json:"unit" minLength:"1" maxLength:"300" example:"% of orders"`
	Baseline float64       `json:"baseline,omitempty" doc:"Where a from-to starts."`
	Target   float64       `json:"target" doc:"Where a from-to shall end, or the value to keep above or below."`
	Weight   float64       `json:"weight,omitempty" minimum:"0" doc:"Against the objective's other key results; 1 when left out."`
	Owner    es.PersonID   `json:"owner,omitempty"`
}

// checked fills in what was left out and refuses what cannot be measured.
func (m Measure) checked(field string) (Measure, error) {
	m.Title, m.Unit = strings.TrimSpace(m.Title), strings.TrimSpace(m.Unit)
	if m.Kind == "" {
		m.Kind = FromTo
	}
	if m.Weight == 0 {
		m.Weight = 1
	}
	if err := titled(field+"title", m.Title); err != nil {
		return m, err
	}
	if err := oneOf(field+"kind", m.Kind, FromTo, KeepAbove, KeepBelow); err != nil {
		return m, err
	}
	if m.Unit == "" {
		return m, ErrNoUnit.With("%s", m.Title)
	}
	if err := titled(field+"unit", m.Unit); err != nil {
		return m, err
	}
	if m.Weight < 0 {
		return m, fail.Invalid(field+"weight", "a weight is more than 0")
	}
	return m, m.movable()
}

// movable refuses a from-to that ends where it starts.
func (m Measure) movable() error {
	if m.Kind == FromTo && m.Baseline == m.Target {
		return ErrNothingToMove.With("%s", m.Title)
	}
	return nil
}

// CheckIn is the value of a key result at a moment.
type CheckIn struct {
	Value      float64     `json:"value"`
	At         time.Time   `json:"at"`
	Confidence int         `json:"confidence,omitempty"` // 1 to 10 that the target will be met
	Note       string      `json:"note,omitempty"`
	By         es.PersonID `json:"by,omitempty"`
}

// KeyResult is one of an objective as it is now.
type KeyResult struct {
	ID KeyResultID `json:"id"`
	Measure
	CheckIns []CheckIn `json:"checkIns,omitempty"` // oldest first
}

// Current is the value of the latest check-in, or the baseline before any.
func (k KeyResult) Current() float64 {
	if len(k.CheckIns) == 0 {
		return k.Baseline
	}
	return k.CheckIns[len(k.CheckIns)-1].Value
}

// Score is between 0 and 1 (domain.md §2.11): clamp((current − baseline) ÷
// (target − baseline)) of a from-to; of a keep-above or keep-below 1 if it was
// held at every check-in, else the share of check-ins at which it was. False
// while there is nothing to tell: a keep without a check-in.
func (k KeyResult) Score() (float64, bool) {
	if k.Kind == FromTo {
		if k.Target == k.Baseline {
			return 0, false
		}
		return min(max((k.Current()-k.Baseline)/(k.Target-k.Baseline), 0), 1), true
	}
	held := 0
	for _, c := range k.CheckIns {
		if k.Kind == KeepAbove && c.Value >= k.Target || k.Kind == KeepBelow && c.Value <= k.Target {
			held++
		}
	}
	if len(k.CheckIns) == 0 {
		return 0, false
	}
	return float64(held) / float64(len(k.CheckIns)), true
}

// ObjectiveScore is the weighted mean of the key results that have a score;
// false when none has.
func ObjectiveScore(results []KeyResult) (float64, bool) {
	sum, weights := 0.0, 0.0
	for _, k := range results {
		if score, ok := k.Score(); ok {
			sum, weights = sum+k.Weight*score, weights+k.Weight
		}
	}
	if weights == 0 {
		return 0, false
	}
	return sum / weights, true
}
