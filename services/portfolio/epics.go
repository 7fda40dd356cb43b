package portfolio

import (
	"fmt"
	"slices"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/view"
	"throughline.dev/services/strategy"
)

// Epic is a portfolio epic as it is read.
type Epic struct {
	Head
	EpicState
	Last *Verdict `json:"lastDecision,omitempty"`
}

// EpicState lets Head's fields win over those of the same name in the state.
type EpicState struct{ strategy.Epic }

// Verdict is the last decision on an epic.
type Verdict struct {
	What string    `json:"what" doc:"go, no-go, persevere, pivot, stop, done or rejected"`
	Why  string    `json:"why,omitempty"`
	By   string    `json:"by,omitempty"`
	At   time.Time `json:"at"`
}

var epics = view.NewTable("epic", func(id string, d Epic) []view.Key {
	return []view.Key{
		{Index: "key", Sort: sortKey(d.Key)},
		{Index: "column", Sort: column(d.Portfolio.String(), d.State) + wsjfSort(d.WSJF) + "/" + sortKey(d.Key)},
	}
})

func column(portfolio string, s strategy.EpicState) string {
	return portfolio + "/" + string(s) + "/"
}

// wsjfSort puts the highest score first and the unscored last.
func wsjfSort(w *strategy.WSJF) string {
	if w != nil {
		if score, ok := w.Score(); ok {
			return fmt.Sprintf("%08.3f", 1000-score)
		}
	}
	return "~"
}

func onEpic(tx *view.Tx, e es.Event[strategy.Epic]) {
	d, _ := epics.Get(tx, tx.ID())
	before, since := d.State, d.Since
	d.Epic = e.Evolve(d.Epic)
	d.Head = d.Head.touched(tx, d.State != before)
	if v := verdict(e); v != nil {
		v.At, v.By = tx.When(), tx.Commit.Meta.Actor.String()
		d.Last = v
	}
	epics.Put(tx, tx.ID(), d)
	if before != "" && before != d.State {
		stayed(tx, d.Portfolio.String(), before, tx.When().Sub(since))
	}
	change(tx, tx.ID(), func(n Node) Node {
		n.Type, n.Key, n.Title, n.State = "epic", d.Key, d.Title, string(d.State)
		n.Category = epicCategory(d.Epic)
		n.Since = d.Created.UTC().Format(time.RFC3339)
		n.Parents = nil
		for _, t := range d.Themes {
			n.Parents = append(n.Parents, t.String())
		}
		for _, o := range d.Objectives {
			n.Parents = append(n.Parents, o.String())
		}
		return n
	})
}

func verdict(e es.Event[strategy.Epic]) *Verdict {
	switch e := e.(type) {
	case strategy.GoDecided:
		return &Verdict{What: "go", Why: e.Rationale}
	case strategy.NoGoDecided:
		return &Verdict{What: "no-go", Why: e.Reason}
	case strategy.EpicPersevered:
		return &Verdict{What: "persevere", Why: e.Reason}
	case strategy.EpicPivoted:
		return &Verdict{What: "pivot", Why: e.Reason}
	case strategy.EpicStopped:
		return &Verdict{What: "stop", Why: e.Reason}
	case strategy.EpicDone:
		return &Verdict{What: "done", Why: e.Reason}
	case strategy.EpicRejected:
		return &Verdict{What: "rejected", Why: e.Reason}
	}
	return nil
}

func epicCategory(e strategy.Epic) string {
	switch {
	case e.State == strategy.Done && e.Resolution == strategy.Delivered, e.State == strategy.Done && e.Resolution == strategy.Closed:
		return "done"
	case e.State == strategy.Done:
		return "cancelled"
	case e.State == strategy.MVP, e.State == strategy.Persevere:
		return "active"
	case e.State == strategy.Ready:
		return "wait"
	}
	return "todo"
}

// Stay is how long epics of a portfolio have stood in one state before they
// left it, the latest last, in days.
type Stay struct {
	Days []float64 `json:"days"`
}

var stays = view.NewTable[Stay]("stay", nil)

// maxStays is how many stays the 85th percentile is taken over.
const maxStays = 200

func stayed(tx *view.Tx, portfolio string, s strategy.EpicState, d time.Duration) {
	id := portfolio + "-" + string(s)
	stay, _ := stays.Get(tx, id)
	days := es.Added(stay.Days, tidy(d.Hours()/24))
	stays.Put(tx, id, Stay{days[max(0, len(days)-maxStays):]})
}

// p85 is the 85th percentile of past stays by the nearest-rank method; false
// with fewer than five.
func (s Stay) p85() (float64, bool) {
	if len(s.Days) < 5 {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(s.Days))
	return sorted[(len(sorted)*85+99)/100-1], true
}

// completeness is the share of the hypothesis statement and the Lean business
// case that is filled in, in percent (domain.md §2.3).
func completeness(e strategy.Epic) int {
	var h strategy.Hypothesis
	if e.Hypothesis != nil {
		h = *e.Hypothesis
	}
	var c strategy.BusinessCase
	if e.Case != nil {
		c = *e.Case
	}
	filled := []bool{
		h.For != "", h.Who != "", h.The != "", h.IsA != "", h.That != "", h.Unlike != "", h.OurSolution != "", len(h.Outcomes) > 0, len(h.Indicators) > 0,
		c.Description != "", c.OutcomeHypothesis != "", len(c.InScope) > 0, len(c.OutOfScope) > 0, c.MVP != "", len(c.MVPFeatures) > 0, len(c.Sponsors) > 0,
		c.UsersAndMarkets != "", c.Impact != "", c.Analysis != "", c.MVPCost != nil, c.FullCost != nil, c.Strategy != "", c.Sequencing != "",
	}
	n := 0
	for _, f := range filled {
		n += count(f)
	}
	return 100 * n / len(filled)
}
