package backlog

import (
	"testing"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
)

// able is a feature that lacks nothing to be ready.
func able(more ...es.Event[Item]) itemPast {
	return after(itemPast{
		ItemCreated{Key: "F-1", Kind: Feature, Title: "Cards", Definition: Definition{Hypothesis: "More buy"}, Criteria: []Criterion{{ID: id[Criterion](0), Text: "Paid"}}},
		ItemEstimated{Points: points(20)}, WSJFScored{WSJF{UserBusinessValue: 8, TimeCriticality: 5, RiskOpportunity: 3, JobSize: 2}},
		ItemMoved{From: Funnel, To: Analyzing}}, more...)
}

// featureIn is such a feature, further on.
func featureIn(s State, more ...es.Event[Item]) itemPast {
	return after(able(ItemReadied{From: Analyzing, FitsPI: true}, ItemPlanned{From: Ready, To: Ready, PI: pi}, ItemMoved{From: Ready, To: s}), more...)
}

// storyIn is an estimated, planned and assigned story in a state.
func storyIn(s State, more ...es.Event[Item]) itemPast {
	return after(itemPast{ItemCreated{Key: "S-1", Kind: Story, Title: "Pay by card", Team: teamA}, ItemEstimated{Points: points(3)}, ItemReadied{From: Draft},
		ItemPlanned{From: Ready, To: Planned, Iteration: sprint}, ItemAssigned{People: []es.PersonID{ann}}, ItemMoved{From: Planned, To: s}}, more...)
}

func TestFeatureFlow(t *testing.T) {
	ok := Around{PlanAccepted: true}
	c0 := id[Criterion](0)
	shipped := ItemReleased{Shipment: Shipment{Toggle: "cards"}}
	check := BenefitCheckSet{"2027-03-01"}
	lacking := func(drop es.Event[Item]) itemPast { // able, undone in one respect
		return after(able(), drop)
	}
	tell(t, ItemSchema, []sentence[Item]{
		{"from the funnel to analysis", created(Feature), MoveTo{To: Analyzing}, itemPast{ItemMoved{From: Funnel, To: Analyzing}}, nil},
		{"a state is not skipped", created(Feature), MoveTo{To: Ready}, nil, ErrNoSuchStep},
		{"a feature is never in review", able(), MoveTo{To: Review}, nil, ErrNoSuchStep},
		{"a feature in the funnel is not ready", created(Feature), MarkReady{FitsPI: true}, nil, ErrNoSuchStep},
		{"it is ready", able(), MarkReady{FitsPI: true}, itemPast{ItemReadied{From: Analyzing, FitsPI: true}}, nil},
		{"dragged to ready", able(), MoveTo{To: Ready, FitsPI: true}, itemPast{ItemReadied{From: Analyzing, FitsPI: true}}, nil},
		{"it is ready already", able(ItemReadied{From: Analyzing}), MarkReady{}, nil, nil},
		{"ready without a hypothesis", lacking(ItemDescribed{Title: "Cards"}), MarkReady{FitsPI: true}, nil, ErrNoHypothesis},
		{"ready without a criterion", lacking(CriterionRemoved{c0}), MarkReady{FitsPI: true}, nil, ErrNoCriterion},
		{"ready without a size", lacking(ItemEstimated{}), MarkReady{FitsPI: true}, nil, ErrNoSize},
		{"ready without WSJF", itemPast{able()[0], able()[1], able()[3]}, MarkReady{FitsPI: true}, nil, ErrNoWSJF},
		{"a ready enabler without a category", lacking(EnablerSet{Enabler: true}), MarkReady{FitsPI: true}, nil, ErrNoCategory},
		{"a ready enabler with one", lacking(EnablerSet{true, "compliance"}), MarkReady{FitsPI: true}, itemPast{ItemReadied{From: Analyzing, FitsPI: true}}, nil},
		{"ready without fitting into a planning interval", able(), MarkReady{}, nil, ErrDoesNotFit},
		{"ready below an epic without a Go", able(), MarkReady{true, Around{Epic: EpicAnalyzing}}, nil, ErrEpicUndecided},
		{"ready below an epic with a Go", able(), MarkReady{true, Around{Epic: EpicReady}}, itemPast{ItemReadied{From: Analyzing, FitsPI: true}}, nil},
		{"it is past ready", featureIn(Implementing), MarkReady{}, nil, ErrNoSuchStep},

		{"it starts", featureIn(Ready), Start{Around: ok}, itemPast{ItemStarted{From: Ready, To: Implementing}}, nil},
		{"it does not start outside a planning interval", able(ItemReadied{From: Analyzing}), Start{Around: ok}, nil, ErrNotPlannedPI},
		{"it does not start in a plan that is not accepted", featureIn(Ready), Start{}, nil, ErrNotPlannedPI},
		{"it does not start while blocked", featureIn(Ready, ItemBlocked{"law", now}), Start{Around: ok}, nil, ErrBlocked},
		{"to staging when its stories are done", featureIn(Implementing), MoveTo{To: Validating, Around: ok}, itemPast{ItemMoved{From: Implementing, To: Validating}}, nil},
		{"to staging with open stories", featureIn(Implementing), MoveTo{To: Validating, Around: Around{OpenChildren: 2}}, nil, ErrChildrenOpen},
		{"to production", featureIn(Validating), MoveTo{To: Deploying}, itemPast{ItemMoved{From: Validating, To: Deploying}}, nil},
		{"to release", featureIn(Deploying), MoveTo{To: Releasing}, itemPast{ItemMoved{From: Deploying, To: Releasing}}, nil},
		{"blocked before staging", featureIn(Implementing, ItemBlocked{"law", now}), MoveTo{To: Validating}, nil, ErrBlocked},
		{"done", featureIn(Releasing, CriterionTicked{c0}, shipped, check), Accept{Note: "good"}, itemPast{ItemAccepted{From: Releasing, Note: "good"}}, nil},
		{"dragged to done", featureIn(Releasing, CriterionTicked{c0}, shipped, check), MoveTo{To: Done}, itemPast{ItemAccepted{From: Releasing}}, nil},
		{"done is not skipped to", featureIn(Deploying), MoveTo{To: Done}, nil, ErrNoSuchStep},
		{"accepted too early", featureIn(Validating), Accept{}, nil, ErrNotInReview},
		{"done without its criteria", featureIn(Releasing, shipped, check), Accept{}, nil, ErrCriteriaOpen},
		{"done without a release", featureIn(Releasing, CriterionTicked{c0}, check), Accept{}, nil, ErrNotReleased},
		{"done without a date for its benefit", featureIn(Releasing, CriterionTicked{c0}, shipped), Accept{}, nil, ErrNoBenefitCheck},
		{"done with a late story", featureIn(Releasing, CriterionTicked{c0}, shipped, check), Accept{Around: Around{OpenChildren: 1}}, nil, ErrChildrenOpen},
		{"not accepted", featureIn(Releasing), RejectAcceptance{Reason: "slow"}, itemPast{AcceptanceRejected{From: Releasing, To: Implementing, Reason: "slow"}}, nil},
		{"back with a reason", featureIn(Deploying), MoveTo{To: Implementing, Reason: "leaks"}, itemPast{ItemMoved{From: Deploying, To: Implementing, Reason: "leaks"}}, nil},
		{"back without a reason", featureIn(Deploying), MoveTo{To: Implementing}, nil, ErrBackwardReason},
		{"back before the planning interval while in it", featureIn(Implementing), MoveTo{To: Analyzing, Reason: "unclear"}, nil, ErrStillPlanned},
	})
}

func TestStoryFlow(t *testing.T) {
	sized := after(created(Story), ItemEstimated{Points: points(3)})
	dor := Team{State: TeamActive, DoR: []Check{{id[Check](1), "designed"}}}
	strict := dor
	strict.DoRBlocks = true
	dod := Team{State: TeamActive, Cadence: &Cadence{Days: 14}, DoD: []Check{{id[Check](2), "tested"}}}
	flow := Team{State: TeamActive}
	board := []Column{{"Planned", Planned, "", 0}, {"Doing", InProgress, "", 1}, {"Waiting", InProgress, CategoryWait, 0}, {"Review", Review, "", 0}, {"Done", Done, "", 0}}
	full := Around{Board: board, InColumn: map[string]int{"Doing": 1}}
	room := Around{Board: board}
	c0 := id[Criterion](0)
	tell(t, ItemSchema, []sentence[Item]{
		{"a sized story is ready", sized, MarkReady{}, itemPast{ItemReadied{From: Draft}}, nil},
		{"an unsized one is not", created(Story), MarkReady{}, nil, ErrNoSize},
		{"an enabler story without a category", after(sized, EnablerSet{Enabler: true}), MarkReady{}, nil, ErrNoCategory},
		{"the Definition of Ready warns", sized, MarkReady{Around: Around{Team: dor}}, itemPast{ItemReadied{From: Draft, Missing: []string{"designed"}}}, nil},
		{"the Definition of Ready blocks where the team says so", sized, MarkReady{Around: Around{Team: strict}}, nil, ErrNotReady},
		{"what is ticked is not missing", after(sized, CheckTicked{id[Check](1)}), MarkReady{Around: Around{Team: strict}}, itemPast{ItemReadied{From: Draft}}, nil},
		{"a task is never ready", created(Task), MarkReady{}, nil, ErrNoSuchStep},

		{"it starts", storyIn(Planned), Start{Around: room}, itemPast{ItemStarted{Planned, InProgress, "Doing"}}, nil},
		{"it has started", storyIn(InProgress), Start{Around: room}, nil, nil},
		{"it is past its start", storyIn(Review), Start{Around: room}, nil, ErrNoSuchStep},
		{"a ready story is planned first", after(sized, ItemReadied{From: Draft}), Start{}, nil, ErrNoSuchStep},
		{"without an iteration nothing is planned", after(sized, ItemReadied{From: Draft}), MoveTo{To: Planned}, nil, ErrNotPlanned},
		{"a team without a cadence works without iterations", after(sized, ItemReadied{From: Draft}), MoveTo{To: Planned, Around: Around{Team: flow}}, itemPast{ItemMoved{From: Ready, To: Planned}}, nil},
		{"a team with one does not", after(sized, ItemReadied{From: Draft}), MoveTo{To: Planned, Around: Around{Team: dod}}, nil, ErrNotPlanned},
		{"nobody starts it", storyIn(Planned, ItemAssigned{}), Start{}, nil, ErrNobody},
		{"it does not start while blocked", storyIn(Planned, ItemBlocked{"law", now}), Start{}, nil, ErrBlocked},
		{"the column is full", storyIn(Planned), Start{Around: full}, nil, ErrWIPFull},
		{"the limit is overridden with a reason", storyIn(Planned), Start{Override: "urgent", Around: full}, itemPast{WIPLimitExceeded{"Doing", 1, 2, "urgent"}, ItemStarted{Planned, InProgress, "Doing"}}, nil},
		{"dragged into a full column", storyIn(Planned), MoveTo{To: InProgress, Around: full}, nil, ErrWIPFull},
		{"dragged into another column of the state", storyIn(Planned), MoveTo{To: InProgress, Column: "Waiting", Around: full}, itemPast{ItemStarted{Planned, InProgress, "Waiting"}}, nil},
		{"dragged between columns of one state", storyIn(InProgress, ItemMoved{From: InProgress, To: InProgress, Column: "Doing"}), MoveTo{To: InProgress, Column: "Waiting", Around: full},
			itemPast{ItemMoved{From: InProgress, To: InProgress, Column: "Waiting"}}, nil},
		{"dragged back into a full column of the state", storyIn(InProgress, ItemMoved{From: InProgress, To: InProgress, Column: "Waiting"}), MoveTo{To: InProgress, Column: "Doing", Around: full}, nil, ErrWIPFull},
		{"dragged to where it is", storyIn(InProgress, ItemMoved{From: InProgress, To: InProgress, Column: "Doing"}), MoveTo{To: InProgress, Column: "Doing", Around: full}, nil, nil},
		{"dragged into no column", storyIn(Planned), MoveTo{To: InProgress, Column: "Limbo", Around: room}, nil, ErrNoColumn},
		{"dragged into a column of another state", storyIn(Planned), MoveTo{To: InProgress, Column: "Review", Around: room}, nil, ErrNoColumn},
		{"to review", storyIn(InProgress), MoveTo{To: Review, Around: room}, itemPast{ItemMoved{From: InProgress, To: Review, Column: "Review"}}, nil},
		{"blocked before review", storyIn(InProgress, ItemBlocked{"law", now}), MoveTo{To: Review}, nil, ErrBlocked},
		{"accepted", storyIn(Review), Accept{Around: room}, itemPast{ItemAccepted{From: Review, Column: "Done"}}, nil},
		{"it is accepted", storyIn(Review, ItemAccepted{From: Review}), Accept{}, nil, nil},
		{"accepted before review", storyIn(InProgress), Accept{}, nil, ErrNotInReview},
		{"accepted with an open criterion", storyIn(Review, CriterionAdded{c0, "Paid"}), Accept{}, nil, ErrCriteriaOpen},
		{"accepted with its criterion ticked", storyIn(Review, CriterionAdded{c0, "Paid"}, CriterionTicked{c0}), Accept{}, itemPast{ItemAccepted{From: Review}}, nil},
		{"accepted without the Definition of Done", storyIn(Review), Accept{Around: Around{Team: dod}}, nil, ErrDoDOpen},
		{"accepted with the Definition of Done", storyIn(Review, CheckTicked{id[Check](2)}), Accept{Around: Around{Team: dod}}, itemPast{ItemAccepted{From: Review}}, nil},
		{"accepted with an open task", storyIn(Review), Accept{Around: Around{OpenChildren: 1}}, nil, ErrChildrenOpen},
		{"accepted while blocked", storyIn(Review, ItemBlocked{"law", now}), Accept{}, nil, ErrBlocked},
		{"accepted when cancelled", storyIn(Review, ItemCancelled{From: Review}), Accept{}, nil, ErrCancelled},
		{"not accepted", storyIn(Review), RejectAcceptance{"no receipt", room}, itemPast{AcceptanceRejected{Review, InProgress, "Doing", "no receipt"}}, nil},
		{"not accepted, for no reason", storyIn(Review), RejectAcceptance{}, nil, invalid("reason")},
		{"not accepted before review", storyIn(InProgress), RejectAcceptance{Reason: "x"}, nil, ErrNotInReview},
		{"not accepted after it is done", storyIn(Review, ItemAccepted{From: Review}), RejectAcceptance{Reason: "x"}, nil, ErrDone},
		{"back with a reason", storyIn(Review), MoveTo{To: InProgress, Reason: "leaks", Around: room}, itemPast{ItemMoved{Review, InProgress, "Doing", "leaks", ""}}, nil},
		{"back without a reason", storyIn(Review), MoveTo{To: InProgress}, nil, ErrBackwardReason},
		{"back out of the iteration", storyIn(InProgress), MoveTo{To: Ready, Reason: "x"}, nil, ErrStillPlanned},
		{"done is not moved", storyIn(Review, ItemAccepted{From: Review}), MoveTo{To: InProgress, Reason: "x"}, nil, ErrDone},
		{"nothing is moved to cancelled", storyIn(Review), MoveTo{To: Cancelled, Reason: "x"}, nil, ErrNoSuchStep},
		{"a story is never implementing", storyIn(Review), MoveTo{To: Implementing}, nil, ErrNoSuchStep},
	})
}

func TestBugsSpikesAndTasks(t *testing.T) {
	bug := after(created(Bug), ItemEstimated{Points: points(1)})
	spike := itemPast{ItemCreated{Key: "S-1", Kind: Story, Title: "Which bank?", Spike: true, TimeBox: 8}, ItemEstimated{Points: points(1)}}
	probing := after(spike, ItemReadied{From: Draft}, ItemPlanned{From: Ready, To: Planned, Iteration: sprint}, ItemStarted{From: Planned, To: InProgress})
	defect := DefectDescribed{Defect{Severity: "major", FoundIn: "2.1", Steps: "Pay twice."}}
	doing := after(created(Task), ItemStarted{From: ToDo, To: Doing})
	tell(t, ItemSchema, []sentence[Item]{
		{"a bug is ready with severity, place and steps", after(bug, defect), MarkReady{}, itemPast{ItemReadied{From: Draft}}, nil},
		{"a bug without them is not", bug, MarkReady{}, nil, ErrNoDefect},
		{"a bug without them is not reviewed", after(standing(Bug, InProgress)), MoveTo{To: Review}, nil, ErrNoDefect},
		{"a spike is ready with a time box", spike, MarkReady{}, itemPast{ItemReadied{From: Draft}}, nil},
		{"a spike is done without a review", after(probing, FindingWritten{"The second."}), Accept{}, itemPast{ItemAccepted{From: InProgress}}, nil},
		{"a spike without a finding is not done", probing, Accept{}, nil, ErrNoFinding},
		{"a spike has no review", probing, MoveTo{To: Review}, nil, ErrNoSuchStep},
		{"a spike without a time box is not ready", itemPast{ItemCreated{Kind: Story, Title: "x", Spike: true}, ItemEstimated{Points: points(1)}}, MarkReady{}, nil, ErrNoTimeBox},
		{"a task starts", created(Task), Start{}, itemPast{ItemStarted{From: ToDo, To: Doing}}, nil},
		{"a task of a closed story does not start", created(Task), Start{Around: Around{ParentClosed: true}}, nil, ErrParentClosed},
		{"a blocked task does not start", after(created(Task), ItemBlocked{"x", now}), Start{}, nil, ErrBlocked},
		{"a task is done", doing, Accept{}, itemPast{ItemAccepted{From: Doing}}, nil},
		{"a task is done when no hours remain", after(doing, RemainingSet{Hours: 0}), MoveTo{To: Done}, itemPast{ItemAccepted{From: Doing}}, nil},
		{"a task is not done while hours remain", after(doing, RemainingSet{Hours: 2}), Accept{}, nil, ErrHoursRemain},
		{"a task of a closed story is not done", doing, Accept{Around: Around{ParentClosed: true}}, nil, ErrParentClosed},
		{"a task is not rejected", doing, RejectAcceptance{Reason: "x"}, nil, ErrNotInReview},
	})
}

func TestWorkflowTables(t *testing.T) {
	for _, k := range kinds {
		for _, spike := range []bool{false, true} {
			flow := FlowOf(k, spike)
			if flow[len(flow)-1].State != Done || flow.First().Category() != CategoryTodo || flow.Work().Category() != CategoryActive {
				t.Errorf("%s: %v", k, flow.states())
			}
			for i, g := range flow {
				if g.State.Category() == "" {
					t.Errorf("%s: %s means nothing", k, g.State)
				}
				if want := flow[i+1:]; len(want) > 0 && flow.Next(g.State)[0] != want[0].State {
					t.Errorf("%s: after %s comes %v", k, g.State, flow.Next(g.State))
				}
			}
		}
	}
	if Cancelled.Category() != CategoryCancelled || !Cancelled.Closed() || !Done.Closed() || Review.Closed() {
		t.Error("closed is done or cancelled")
	}
}

func TestEveryStepTellsWhereItWent(t *testing.T) {
	past := storyIn(Review, ItemAccepted{From: Review})
	s := Item{}
	for _, e := range past {
		next := e.Evolve(s)
		step, ok := e.(Stepped)
		if ok {
			if _, to := step.Step(); to != next.State {
				t.Errorf("%T says %s, the item is %s", e, to, next.State)
			}
		} else if s.State != "" && next.State != s.State {
			t.Errorf("%T moves the item and does not say so", e)
		}
		s = next
	}
	if got := estest.Given(ItemSchema, past...).State(t).State; got != Done {
		t.Errorf("the item is %s", got)
	}
}
