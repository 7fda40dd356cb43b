package strategy

import (
	"cmp"
	"slices"
	"time"

	"throughline.dev/pkg/fail"
)

// WSJFScale is what each input of a WSJF score is chosen from. It is relative
// and ends at 20; story points are another scale.
var WSJFScale = []int{1, 2, 3, 5, 8, 13, 20}

// WSJF is what weighted shortest job first is computed from. An input that is
// 0 has not been scored. Scores compare only inside one portfolio and session.
type WSJF struct {
	UserBusinessValue int    `json:"userBusinessValue,omitempty" enum:"1,2,3,5,8,13,20" doc:"Relative value to users and the business; leave out while unscored."`
	TimeCriticality   int    `json:"timeCriticality,omitempty" enum:"1,2,3,5,8,13,20" doc:"How the value decays; leave out while unscored."`
	RiskOpportunity   int    `json:"riskOpportunity,omitempty" enum:"1,2,3,5,8,13,20" doc:"Risk reduced or opportunity enabled; leave out while unscored."`
	JobSize           int    `json:"jobSize,omitempty" enum:"1,2,3,5,8,13,20" doc:"Remaining size, which stands in for duration; leave out while unscored."`
	Session           string `json:"session" minLength:"1" maxLength:"300" example:"2026-Q1 sync" doc:"The scoring session; scores compare only inside one."`
}

// CostOfDelay is user-business value + time criticality + risk reduction and
// opportunity enablement; false while an input is missing.
func (w WSJF) CostOfDelay() (int, bool) {
	scored := w.UserBusinessValue > 0 && w.TimeCriticality > 0 && w.RiskOpportunity > 0
	return w.UserBusinessValue + w.TimeCriticality + w.RiskOpportunity, scored
}

// Score is cost of delay ÷ job size (SAFe, WSJF); false, not 0, while any
// input or the size is missing.
func (w WSJF) Score() (float64, bool) {
	cod, scored := w.CostOfDelay()
	if !scored || w.JobSize <= 0 {
		return 0, false
	}
	return float64(cod) / float64(w.JobSize), true
}

func (w WSJF) check() error {
	for _, in := range []struct {
		field string
		value int
	}{
		{"userBusinessValue", w.UserBusinessValue}, {"timeCriticality", w.TimeCriticality},
		{"riskOpportunity", w.RiskOpportunity}, {"jobSize", w.JobSize},
	} {
		if in.value != 0 && !slices.Contains(WSJFScale, in.value) {
			return fail.Invalid(in.field, "the scale is 1, 2, 3, 5, 8, 13, 20, not %d", in.value)
		}
	}
	return titled("session", w.Session)
}

// Ranked is a score in a ranking; Since says how old its item is.
type Ranked struct {
	WSJF
	Since time.Time
}

// CompareWSJF orders the highest score first and the unscored last; ties go to
// the higher cost of delay, then the smaller size, then the older item.
func CompareWSJF(a, b Ranked) int {
	as, aok := a.Score()
	bs, bok := b.Score()
	if !aok || !bok {
		return cmp.Or(boolFirst(aok, bok), a.Since.Compare(b.Since))
	}
	acod, _ := a.CostOfDelay()
	bcod, _ := b.CostOfDelay()
	return cmp.Or(cmp.Compare(bs, as), cmp.Compare(bcod, acod), cmp.Compare(a.JobSize, b.JobSize), a.Since.Compare(b.Since))
}

func boolFirst(a, b bool) int {
	switch {
	case a && !b:
		return -1
	case b && !a:
		return 1
	}
	return 0
}
