package backlog

import (
	"testing"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
)

func TestPlan(t *testing.T) {
	ready := after(created(Story), ItemReadied{From: Draft})
	in := func(s IterationState) Iteration { return Iteration{State: s, Team: teamA, Name: "Sprint 1"} }
	tell(t, ItemSchema, []sentence[Item]{
		{"a ready story into an iteration, whose team it becomes", ready, PlanInto{Iteration: sprint, Target: in(IterationPlanned)},
			itemPast{TeamSet{Team: teamA}, ItemPlanned{From: Ready, To: Planned, Iteration: sprint}, BacklogSet{Backlog: ofTeamA}}, nil},
		{"out of the iteration that it was to leave", storyIn(Planned), PlanInto{Iteration: later, Target: in(IterationPlanned), Current: in(IterationPlanned), Leaving: sprint},
			itemPast{ItemPlanned{From: Planned, To: Planned, Iteration: later, Was: sprint}}, nil},
		{"it is not in that one any more", storyIn(Planned), PlanInto{Iteration: id[Iteration](3), Target: in(IterationPlanned), Leaving: later}, nil, nil},
		{"it is in it", storyIn(Planned), PlanInto{Iteration: sprint, Target: in(IterationPlanned)}, nil, nil},
		{"into another iteration", storyIn(InProgress), PlanInto{Iteration: later, Target: in(IterationPlanned), Current: in(IterationPlanned)},
			itemPast{ItemPlanned{From: InProgress, To: InProgress, Iteration: later, Was: sprint}}, nil},
		{"into a running iteration with what it does to the goal", after(ready, TeamSet{Team: teamA}), PlanInto{Iteration: sprint, Reason: "fire", Impact: GoalAtRisk, Target: in(IterationActive)},
			itemPast{ItemPlanned{From: Ready, To: Planned, Iteration: sprint, Reason: "fire", Impact: GoalAtRisk}}, nil},
		{"into a running iteration without a reason", ready, PlanInto{Iteration: sprint, Impact: GoalSafe, Target: in(IterationActive)}, nil, ErrScopeUnexplained},
		{"into a running iteration without saying what that does", ready, PlanInto{Iteration: sprint, Reason: "fire", Target: in(IterationActive)}, nil, ErrScopeUnexplained},
		{"out of a running iteration without a reason", storyIn(Planned), PlanInto{Iteration: later, Target: in(IterationPlanned), Current: in(IterationActive)}, nil, ErrScopeUnexplained},
		{"no such impact", ready, PlanInto{Iteration: sprint, Reason: "fire", Impact: "huge", Target: in(IterationActive)}, nil, invalid("goalImpact")},
		{"an unknown iteration", ready, PlanInto{Iteration: sprint}, nil, ErrIterationUnknown},
		{"a closed iteration", ready, PlanInto{Iteration: sprint, Target: in(IterationIsClosed)}, nil, ErrIterationClosed},
		{"a cancelled iteration", ready, PlanInto{Iteration: sprint, Target: in(IterationIsCancelled)}, nil, ErrIterationClosed},
		{"an iteration of another team", after(ready, TeamSet{Team: teamB}), PlanInto{Iteration: sprint, Target: in(IterationPlanned)}, nil, ErrOtherTeam},
		{"a draft", created(Story), PlanInto{Iteration: sprint, Target: in(IterationPlanned)}, nil, ErrNoSuchStep},
		{"a done story", standing(Story, Done), PlanInto{Iteration: sprint, Target: in(IterationPlanned)}, nil, ErrDone},
		{"a task", created(Task), PlanInto{Iteration: sprint, Target: in(IterationPlanned)}, nil, ErrTaskPlan},
		{"a feature into an iteration", standing(Feature, Ready), PlanInto{Iteration: sprint, Target: in(IterationPlanned)}, nil, ErrPlansPI},
		{"a feature into a planning interval", standing(Feature, Ready), PlanInto{PI: pi}, itemPast{ItemPlanned{From: Ready, To: Ready, PI: pi}}, nil},
		{"a story into a planning interval", ready, PlanInto{PI: pi}, nil, ErrPlansIteration},
		{"into nothing", ready, PlanInto{}, nil, invalid("iteration")},
		{"into both", ready, PlanInto{Iteration: sprint, PI: pi}, nil, invalid("iteration")},

		{"back to the backlog", storyIn(Planned), Unplan{}, itemPast{ItemUnplanned{From: Planned, To: Ready, Iteration: sprint}}, nil},
		{"back to the backlog after the work began", storyIn(InProgress), Unplan{Reason: "no time"}, itemPast{ItemUnplanned{From: InProgress, To: Ready, Iteration: sprint, Reason: "no time"}}, nil},
		{"that needs a reason", storyIn(InProgress), Unplan{}, nil, ErrBackwardReason},
		{"out of a running iteration", storyIn(Planned), Unplan{Reason: "no time", Impact: GoalSafe, Current: in(IterationActive)}, itemPast{ItemUnplanned{Planned, Ready, sprint, "", "no time", GoalSafe}}, nil},
		{"that says what it does to the goal", storyIn(Planned), Unplan{Reason: "no time", Current: in(IterationActive)}, nil, ErrScopeUnexplained},
		{"it is in the backlog", ready, Unplan{}, nil, nil},
		{"out of the iteration that it was to leave, to the backlog", storyIn(Planned), Unplan{Leaving: sprint}, itemPast{ItemUnplanned{From: Planned, To: Ready, Iteration: sprint}}, nil},
		{"it is in another iteration by now", storyIn(Planned), Unplan{Leaving: later}, nil, nil},
		{"a done story stays in its iteration", storyIn(Review, ItemAccepted{From: Review}), Unplan{}, nil, ErrDone},
		{"a feature out of its planning interval", after(standing(Feature, Ready), ItemPlanned{From: Ready, To: Ready, PI: pi}), Unplan{}, itemPast{ItemUnplanned{From: Ready, To: Ready, PI: pi}}, nil},

		{"it is blocked", storyIn(InProgress), BlockItem{"law"}, itemPast{ItemBlocked{"law", now}}, nil},
		{"it is blocked so", storyIn(InProgress, ItemBlocked{"law", now}), BlockItem{"law"}, nil, nil},
		{"for another reason, since then", storyIn(InProgress, ItemBlocked{"law", now.AddDate(0, 0, -1)}), BlockItem{"money"}, itemPast{ItemBlocked{"money", now.AddDate(0, 0, -1)}}, nil},
		{"blocked for no reason", storyIn(InProgress), BlockItem{}, nil, invalid("reason")},
		{"done is not blocked", standing(Story, Done), BlockItem{"law"}, nil, ErrDone},
		{"it is unblocked", storyIn(InProgress, ItemBlocked{"law", now}), Unblock{"passed"}, itemPast{ItemUnblocked{now, "passed"}}, nil},
		{"it is not blocked", storyIn(InProgress), Unblock{}, nil, nil},
	})
}

func TestEnds(t *testing.T) {
	done := storyIn(Review, ItemAccepted{From: Review})
	cancelled := after(created(Story), ItemCancelled{From: Draft, Reason: "x", Resolution: "wont-do"})
	part := []Part{{ID: id[Item](0), Title: "One"}, {ID: id[Item](1), Title: "Two"}}
	split := after(created(Story), ItemSplit{From: Draft, Parts: part})
	c0 := id[Criterion](0)
	release := Shipment{Release: es.DeriveID[ReleaseRef]("r")}
	tell(t, ItemSchema, []sentence[Item]{
		{"done is reopened", done, Reopen{Reason: "broken"}, itemPast{ItemReopened{From: Done, To: InProgress, Reason: "broken"}, BacklogSet{Backlog: ofTeamA}}, nil},
		{"done in a closed iteration leaves it", done, Reopen{Reason: "broken", Around: Around{Iteration: Iteration{State: IterationIsClosed}}}, itemPast{ItemReopened{Done, InProgress, "broken", sprint}, BacklogSet{Backlog: ofTeamA}}, nil},
		{"a done feature is implemented again", standing(Feature, Done), Reopen{Reason: "broken"}, itemPast{ItemReopened{From: Done, To: Implementing, Reason: "broken"}}, nil},
		{"a done task is done again", standing(Task, Done), Reopen{Reason: "broken"}, itemPast{ItemReopened{From: Done, To: Doing, Reason: "broken"}}, nil},
		{"a task of a closed story stays done", standing(Task, Done), Reopen{Reason: "broken", Around: Around{ParentClosed: true}}, nil, ErrParentClosed},
		{"a cancelled item begins again", cancelled, Reopen{Reason: "after all"}, itemPast{ItemReopened{From: Cancelled, To: Draft, Reason: "after all"}}, nil},
		{"reopened for no reason", done, Reopen{}, nil, invalid("reason")},
		{"open is not reopened", created(Story), Reopen{Reason: "x"}, nil, ErrNotClosed},
		{"a split item is not reopened", split, Reopen{Reason: "x"}, nil, ErrSplitCancelled},

		{"it is cancelled", created(Story), Cancel{Reason: "too dear"}, itemPast{ItemCancelled{Draft, "too dear", "wont-do"}}, nil},
		{"cancelled as a duplicate", storyIn(InProgress), Cancel{"see S-2", "duplicate"}, itemPast{ItemCancelled{InProgress, "see S-2", "duplicate"}}, nil},
		{"it is cancelled already", cancelled, Cancel{Reason: "y"}, nil, nil},
		{"cancelled for no reason", created(Story), Cancel{}, nil, invalid("reason")},
		{"done is not cancelled", done, Cancel{Reason: "x"}, nil, ErrDone},
		{"no such resolution", created(Story), Cancel{"x", "boredom"}, nil, invalid("resolution")},

		{"it is split", after(created(Story), CriterionAdded{c0, "Paid"}), Split{[]SplitPart{{"One", 3, []es.ID[Criterion]{c0}}, {Title: "Two"}}, "too big"},
			itemPast{ItemSplit{Draft, "too big", []Part{{id[Item](0), "One", points(3), []Criterion{{ID: c0, Text: "Paid"}}}, {ID: id[Item](1), Title: "Two"}}, ItemCreated{Kind: Story}}}, nil},
		{"into one part", created(Story), Split{Parts: []SplitPart{{Title: "One"}}}, nil, invalid("parts")},
		{"a part has a title", created(Story), Split{Parts: []SplitPart{{Title: "One"}, {}}}, nil, invalid("parts[1].title")},
		{"a part's size is on the scale", created(Story), Split{Parts: []SplitPart{{Title: "One"}, {Title: "Two", Points: 4}}}, nil, ErrOffScale},
		{"a part takes over what there is", created(Story), Split{Parts: []SplitPart{{Title: "One"}, {"Two", 0, []es.ID[Criterion]{c0}}}}, nil, ErrCriterionUnknown},
		{"a task's parts have no points", created(Task), Split{Parts: []SplitPart{{Title: "One"}, {Title: "Two", Points: 3}}}, nil, ErrTaskPoints},
		{"it was split", split, Split{Parts: []SplitPart{{Title: "One"}, {Title: "Two"}}}, nil, ErrSplitCancelled},
		{"done is not split", done, Split{Parts: []SplitPart{{Title: "One"}, {Title: "Two"}}}, nil, ErrDone},

		{"it is released", standing(Feature, Releasing), MarkReleased{release}, itemPast{ItemReleased{Shipment: release}}, nil},
		{"it is released by a toggle", standing(Story, Done), MarkReleased{Shipment{Toggle: "cards"}}, itemPast{ItemReleased{Shipment: Shipment{Toggle: "cards"}}}, nil},
		{"it is released already", after(standing(Feature, Done), ItemReleased{Shipment: release}), MarkReleased{release}, nil, nil},
		{"not before it is releasing", standing(Feature, Deploying), MarkReleased{release}, nil, ErrNotReleasable},
		{"by nothing", standing(Feature, Releasing), MarkReleased{}, nil, invalid("release")},
		{"a date for the benefit", created(Feature), SetBenefitCheck{"2027-03-01"}, itemPast{BenefitCheckSet{"2027-03-01"}}, nil},
		{"no date", created(Feature), SetBenefitCheck{"soon"}, nil, invalid("on")},
		{"the benefit came", standing(Feature, Done), RecordOutcome{Outcome: "confirmed"}, itemPast{OutcomeRecorded{Outcome: "confirmed"}}, nil},
		{"the benefit is known only after", standing(Feature, Releasing), RecordOutcome{Outcome: "confirmed"}, nil, ErrNotDone},
		{"no such outcome", standing(Feature, Done), RecordOutcome{Outcome: "great"}, nil, invalid("outcome")},
	})
}

func TestThePartsOfASplitItemInheritItsPlace(t *testing.T) {
	past := itemPast{ItemCreated{Key: "S-1", Kind: Story, Title: "Pay", Team: teamA, Parent: byItem, Labels: []string{"ui"}}}
	split := estest.Given(ItemSchema, past...).When(Split{Parts: []SplitPart{{Title: "One", Points: 3}, {Title: "Two"}}})
	e := ItemSplit{From: Draft, Parts: []Part{{ID: id[Item](0), Title: "One", Points: points(3)}, {ID: id[Item](1), Title: "Two"}},
		Each: ItemCreated{Kind: Story, Team: teamA, Parent: byItem, Labels: []string{"ui"}}}
	split.Then(t, e)
	if s := split.State(t); s.State != Cancelled || len(s.SplitInto) != 2 {
		t.Fatalf("the item is %s, split into %v", s.State, s.SplitInto)
	}
	parts := e.PartsOf(itemA)
	want := ItemCreated{Key: "X-1", Kind: Story, Title: "One", Team: teamA, Parent: byItem, Labels: []string{"ui"}, Points: points(3), SplitFrom: itemA}
	told := estest.Given(ItemSchema).When(parts[0])
	told.Then(t, want, BacklogSet{Backlog: ofTeamA})
	estest.Given[Item](ItemSchema, want).When(parts[0]).Then(t)
	estest.Given(ItemSchema, created(Story)...).When(parts[0]).Refuses(t, ErrItemExists)
	if parts[0].ID != id[Item](0) || parts[0].Prefix() != "S" || parts[0].Scope().Team != teamA.String() {
		t.Errorf("part %+v", parts[0])
	}
}
