package main

import (
	"context"
	"fmt"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/rights"
	"throughline.dev/services/backlog"
	"throughline.dev/services/strategy"
)

// proposals are what people want who may not decide it: three wait, one is
// approved and one rejected.
func (d *demo) proposals(ctx context.Context) {
	yes := true
	d.propose(ctx, "aisha", 3, "strategy.epic.decide-go", d.id("epic", "refinance"),
		strategy.DecideGo{Case: 1, Rationale: "Lantern has room from the next iteration on, and the first fixed rates end in eleven weeks."})

	links := d.propose(ctx, "ingrid", 2, "strategy.epic.decide-go", d.id("epic", "merchant"),
		strategy.DecideGo{Case: 1, Rationale: "Pays back within seven quarters even at half of the forecast."})
	d.do(ctx, "tomasz", 1.5, "strategy.proposal.consult", links, rights.GiveConsult{Agree: &yes, Text: "Rides on the instant payments that are live; nothing new in the core."})
	d.do(ctx, "clara", 1, "strategy.proposal.consult", links, rights.GiveConsult{Text: "Fine with me, if the bookkeeping export stays out of the MVP."})

	d.propose(ctx, "marek", 1.2, "backlog.item.score-wsjf", d.id("feature", "standing"),
		backlog.ScoreWSJF{UserBusinessValue: 8, TimeCriticality: 13, RiskOpportunity: 5, JobSize: 3, Session: "ART sync"})

	family := d.propose(ctx, "clara", 6, "strategy.epic.decide-outcome", d.id("epic", "family"),
		strategy.DecideOutcome{Outcome: strategy.ToPersevere, Reason: "The waiting list grows by itself."})
	d.do(ctx, "henrik", 5, "strategy.proposal.reject", family, rights.Reject{Reason: "Two readings at a quarter of the target are not evidence yet. Come back with the figures of the first full month of pocket money."})

	t := d.team("LANTERN")
	selfEmployed := d.propose(ctx, t.owner, 2, "backlog.item.create", "", backlog.CreateItem{
		Kind: backlog.Feature, Title: "Early word for self-employed buyers", Definition: backlog.Definition{Hypothesis: "Who hears at step one what we need from them comes back with it."},
		Criteria: []string{"Said before any document is asked for"}, Parent: &backlog.Parent{Epic: backlog.EpicID(d.id("epic", "mortgage"))},
		Product: backlog.ProductID(d.id("product", t.product))})
	d.do(ctx, t.manager, 0, "backlog.proposal.approve", selfEmployed, rights.Approve{Note: "Good catch. Into the funnel; we score it in the next ART sync."})
}

// propose sends a command of somebody who may not decide it and returns the
// proposal that it became.
func (d *demo) propose(ctx context.Context, who string, ago float64, name, id string, body any) string {
	answer, ok := d.send(ctx, who, ago, name, id, body)
	if !ok {
		return ""
	}
	if answer.Proposal == "" && !answer.Again { // again: it has been approved and run
		d.fail(fmt.Errorf("%s by %s: was decided at once", name, who))
	}
	return rights.NewProposalID(es.Meta{Tenant: d.org.ID, Actor: d.who(who)},
		rights.SubmitProposal{Wish: rights.Wish{Command: name, TargetID: answer.ID, Key: key(name, id, body)}}).String()
}
