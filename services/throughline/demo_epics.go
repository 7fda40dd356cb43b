package main

import (
	"context"
	"strconv"

	"throughline.dev/services/backlog"
	"throughline.dev/services/strategy"
)

// demoMoves is how one epic travelled over the portfolio Kanban.
type demoMoves struct {
	state   strategy.EpicState // where it stands
	since   float64            // days ago that it came there
	from    strategy.EpicState // of what is done: where it ended
	how     strategy.Resolution
	why     string // of the last decision
	blocked string
}

// stays is how many days an epic stood in each column before the present one.
var stays = map[strategy.EpicState]float64{strategy.Funnel: 24, strategy.Reviewing: 17, strategy.Analyzing: 38, strategy.Ready: 21, strategy.MVP: 76, strategy.Persevere: 88}

// epics takes every epic to where it stands, those that are furthest first, so
// that each finds room in the columns that it passes.
func (d *demo) epics(ctx context.Context) {
	d.productVisions(ctx)
	for i, e := range demoEpics {
		d.epic(ctx, i, e)
		if d.stopped() {
			return
		}
	}
}

func (d *demo) epic(ctx context.Context, i int, e demoEpic) {
	// The moments of the moves, counted back from the present state.
	at := map[strategy.EpicState]float64{}
	end := e.state
	if end == strategy.Done {
		end = e.from
		at[strategy.Done] = e.since
	}
	last := 0
	for n, s := range strategy.EpicStates {
		if s == end {
			last = n
		}
	}
	since := e.since
	if e.state == strategy.Done {
		since += stays[end] + float64(i%4)
	}
	for n := last; n >= 0; n-- {
		at[strategy.EpicStates[n]] = since
		if n > 0 {
			since += stays[strategy.EpicStates[n-1]] + float64((i*7)%11) - 5
		}
	}
	id := d.submit(ctx, e, at[strategy.Funnel])
	d.prepare(ctx, e, id, at, last)
	d.move(ctx, e, id, at, last)
	d.serve(ctx, e, id)
	if e.blocked != "" {
		d.do(ctx, e.owner, e.since/3, "strategy.epic.block", id, strategy.BlockEpic{Reason: e.blocked})
	}
}

// submit puts an epic into the funnel. One that a pivot opens is there already,
// but for its description.
func (d *demo) submit(ctx context.Context, e demoEpic, ago float64) string {
	if e.pivotOf != "" {
		id := state(ctx, d, strategy.Epics, d.id("epic", e.pivotOf)).PivotedInto
		until(ctx, d, strategy.Epics, id.String(), func(s strategy.Epic) bool { return s.State != "" })
		return d.made("epic", e.short, d.do(ctx, e.owner, ago, "strategy.epic.revise", id.String(), strategy.ReviseEpic{Description: &e.text}))
	}
	submit := strategy.SubmitEpic{Portfolio: strategy.PortfolioID(d.id("portfolio", "retail")), Title: e.title, Description: e.text, Kind: e.kind}
	if e.theme != "" {
		submit.Themes = []strategy.ThemeID{strategy.ThemeID(d.id("theme", e.theme))}
	}
	for _, s := range e.streams {
		submit.ValueStreams = append(submit.ValueStreams, strategy.ValueStreamID(d.id("stream", s)))
	}
	sender := "grace"
	if e.owner != "" {
		submit.Owner, sender = d.who(e.owner), e.owner
	}
	return d.made("epic", e.short, d.do(ctx, sender, ago, "strategy.epic.submit", "", submit))
}

// prepare does what the gates ask for: hypothesis, WSJF, business case, Go.
func (d *demo) prepare(ctx context.Context, e demoEpic, id string, at map[strategy.EpicState]float64, last int) {
	if last >= 1 {
		d.do(ctx, e.owner, at[strategy.Reviewing], "strategy.epic.start-review", id, strategy.StartReview{})
	}
	if e.hypothesis != nil {
		d.do(ctx, e.owner, at[strategy.Reviewing]-3, "strategy.epic.complete-hypothesis", id, strategy.CompleteHypothesis{Hypothesis: *e.hypothesis})
	}
	if e.wsjf != [4]int{} {
		session := "Portfolio sync " + d.day(70)[:7]
		d.do(ctx, "henrik", max(at[strategy.Reviewing]-6, 0), "strategy.epic.score-wsjf", id, strategy.ScoreWsjf{WSJF: strategy.WSJF{UserBusinessValue: e.wsjf[0],
			TimeCriticality: e.wsjf[1], RiskOpportunity: e.wsjf[2], JobSize: e.wsjf[3], Session: session}})
	}
	if last >= 2 {
		d.do(ctx, e.owner, at[strategy.Analyzing], "strategy.epic.start-analysis", id, strategy.StartAnalysis{})
	}
	if e.cost.mvp > 0 {
		d.do(ctx, e.owner, at[strategy.Analyzing]-min(12, at[strategy.Analyzing]/2), "strategy.epic.complete-business-case", id,
			strategy.CompleteBusinessCase{BusinessCase: e.businessCase(last >= 3 || e.how == strategy.NoGo)})
	}
	if last >= 3 {
		d.do(ctx, "henrik", at[strategy.Ready]+1, "strategy.epic.decide-go", id,
			strategy.DecideGo{Case: 1, Rationale: "Fits “" + e.themeTitle() + "”, and the MVP tests the riskiest assumption first."})
		d.do(ctx, e.owner, at[strategy.Ready], "strategy.epic.make-ready", id, strategy.MakeReady{})
	}
}

// move implements the epic, reads its indicators and decides its outcome.
func (d *demo) move(ctx context.Context, e demoEpic, id string, at map[strategy.EpicState]float64, last int) {
	if last >= 4 {
		d.do(ctx, "oskar", at[strategy.MVP], "strategy.epic.start-mvp", id, strategy.StartMvp{})
		end := 1.0
		switch {
		case last >= 5:
			end = at[strategy.Persevere] + 1
		case e.state == strategy.Done:
			end = at[strategy.Done] + 1
		}
		for n, value := range e.readings {
			step := (at[strategy.MVP] - end) / float64(len(e.readings))
			d.do(ctx, e.owner, at[strategy.MVP]-step*float64(n+1), "strategy.epic.record-indicator", id,
				strategy.RecordIndicator{Indicator: e.hypothesis.Indicators[0].Name, Value: value, At: d.ago(at[strategy.MVP] - step*float64(n+1))})
		}
	}
	if last >= 5 {
		reason := e.why
		if e.state == strategy.Done {
			reason = "The indicator crossed its target and stayed there."
		}
		d.do(ctx, "henrik", at[strategy.Persevere], "strategy.epic.decide-outcome", id, strategy.DecideOutcome{Outcome: strategy.ToPersevere, Reason: reason})
	}
	if e.state != strategy.Done {
		return
	}
	switch e.how {
	case strategy.Delivered:
		d.settle(ctx) // the backlog knows of the epic
		for _, title := range e.scope {
			feature := d.do(ctx, "priya", at[strategy.MVP], "backlog.item.create", "", backlog.CreateItem{Kind: backlog.Feature, Title: title,
				Parent: &backlog.Parent{Epic: backlog.EpicID(id)}, Product: backlog.ProductID(d.id("product", "mobile"))})
			d.ship(ctx, feature, demoShipment{hypothesis: e.hypothesis.Outcomes[0], criterion: e.mvp + " first", toggle: e.short, from: at[strategy.MVP], to: e.since + 5})
		}
		d.do(ctx, "henrik", e.since, "strategy.epic.finish", id, strategy.FinishEpic{Reason: e.why})
	case strategy.Stopped:
		d.do(ctx, "henrik", e.since, "strategy.epic.decide-outcome", id, strategy.DecideOutcome{Outcome: strategy.ToStop, Reason: e.why})
	case strategy.Pivoted:
		d.do(ctx, "henrik", e.since, "strategy.epic.decide-outcome", id, strategy.DecideOutcome{Outcome: strategy.ToPivot, Reason: e.why, Title: e.into})
	case strategy.NoGo:
		d.do(ctx, "henrik", e.since, "strategy.epic.decide-no-go", id, strategy.DecideNoGo{Case: 1, Reason: e.why})
	case strategy.Rejected:
		d.do(ctx, "henrik", e.since, "strategy.epic.reject", id, strategy.RejectEpic{Reason: e.why})
	}
}

func (e demoEpic) themeTitle() string {
	for _, t := range demoThemes {
		if t.short == e.theme {
			return t.title
		}
	}
	return "the portfolio's strategy"
}

// businessCase is the Lean business case; a decided one is filled in whole.
func (e demoEpic) businessCase(whole bool) strategy.BusinessCase {
	b := strategy.BusinessCase{Description: e.text, OutcomeHypothesis: e.hypothesis.Outcomes[0], InScope: e.scope, MVP: e.mvp,
		MVPCost: euro(e.cost.mvp), Sponsors: []string{"Head of Retail Banking"}, PIs: e.cost.pis}
	if e.cost.full > 0 {
		b.FullCost = euro(e.cost.full)
	}
	if !whole {
		return b
	}
	b.OutOfScope = []string{"Business customers with more than ten employees", "Markets outside the five home markets"}
	b.NFRs = []string{"99.95 % available", "Answers in under 300 ms at the 95th percentile", "Every decision explained to the customer"}
	b.MVPFeatures, b.AdditionalFeatures = e.scope, []string{"Roll-out to all five markets"}
	b.UsersAndMarkets = e.hypothesis.For + ", first in the home market"
	b.Affected = []string{"Meridian Mobile", "Service line", "Core ledger"}
	b.Impact = "Service line is trained two weeks before; branches get a one-page guide."
	b.Analysis = "Interviews with 24 customers, figures of the last four quarters, and a spike on the riskiest interface."
	b.Return = "Margin and cost avoided; pays back within " + strconv.Itoa(e.cost.pis+4) + " quarters."
	b.Strategy = "One market first, behind a toggle for 5 % of customers, then week by week."
	b.Sequencing = "After the identity checks are in place; independent of the card platform."
	b.Milestones = []string{"MVP with first customers", "Outcome decided", "All home markets"}
	return b
}
