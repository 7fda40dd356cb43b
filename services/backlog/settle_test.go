package backlog

import (
	"testing"

	"throughline.dev/pkg/es"
)

func TestOrdersSettle(t *testing.T) {
	type past = []es.Event[Order]
	owner := Owner{"team", teamA.String()}
	one := past{BacklogOpened{owner}, ItemsPlaced{[]Ranked{{itemA, "a0"}}}}
	tell(t, OrderSchema, []sentence[Order]{
		{"the first item opens the backlog", nil, SettlePlace{owner, itemA, true}, one, nil},
		{"another one is at the end", one, SettlePlace{owner, itemB, true}, past{ItemsPlaced{[]Ranked{{itemB, "a1"}}}}, nil},
		{"it is there", one, SettlePlace{owner, itemA, true}, nil, nil},
		{"it belongs elsewhere", one, SettlePlace{owner, itemA, false}, past{ItemDropped{itemA}}, nil},
		{"it is not there", one, SettlePlace{owner, itemB, false}, nil, nil},
		{"nothing opens a backlog for what belongs elsewhere", nil, SettlePlace{owner, itemB, false}, nil, nil},
		{"a backlog of nobody", nil, SettlePlace{Owner{"crowd", teamA.String()}, itemB, true}, nil, invalid("kind")},
	})
}

func TestScopesSettle(t *testing.T) {
	planned := iterationPast{IterationScheduled{Team: teamA, Number: 7, Name: "Iteration 7", Start: "2026-11-23", End: "2026-12-06"}}
	active := after(planned, GoalSet{Goal: "Cards work"}, IterationStarted{At: now, Goal: "Cards work", Baseline: []Scoped{{itemA, points(5)}}})
	closed := after(active, IterationClosed{At: now, Done: []Scoped{{Item: itemA}}, CarriedOver: []Carried{{Scoped: Scoped{Item: itemB}}}})
	cancelled := after(active, IterationCancelled{"x", []ItemID{itemA}})
	tell(t, IterationSchema, []sentence[Iteration]{
		{"an item came", planned, SettleScope{Item: itemB, Here: true, Points: points(3)}, iterationPast{ScopeChanged{Added: []Scoped{{itemB, points(3)}}}}, nil},
		{"an item came while it runs", active, SettleScope{Item: itemB, Here: true, Reason: "fire", Impact: GoalAtRisk},
			iterationPast{ScopeChanged{Added: []Scoped{{Item: itemB}}, Reason: "fire", Impact: GoalAtRisk, Started: true}}, nil},
		{"an item left", active, SettleScope{Item: itemA},
			iterationPast{ScopeChanged{Removed: []Scoped{{Item: itemA}}, Reason: "the item was planned so", Impact: GoalSafe, Started: true}}, nil},
		{"it is recorded so", active, SettleScope{Item: itemA, Here: true}, nil, nil},
		{"what was done in it is recorded", closed, SettleScope{Item: itemA, Here: true, Closed: true}, nil, nil},
		{"what it handed over is recorded", closed, SettleScope{Item: itemB, Here: true}, nil, nil},
		{"what was handed over stays recorded", closed, SettleScope{Item: itemB}, nil, nil},
		{"what it did not see before it was closed has no place", closed, SettleScope{Item: itemC, Here: true}, nil, ErrScopeFixed},
		{"what it let go is recorded", cancelled, SettleScope{Item: itemA, Here: true}, nil, nil},
		{"what was done after the end changes nothing", cancelled, SettleScope{Item: itemC, Here: true, Closed: true}, nil, nil},
	})
}

func TestPlansSettle(t *testing.T) {
	ready := after(created(Story), ItemReadied{From: Draft})
	in := func(s IterationState) Iteration { return Iteration{State: s} }
	tell(t, ItemSchema, []sentence[Item]{
		{"into the scope", ready, SettlePlan{Iteration: sprint, Target: in(IterationPlanned), InScope: true}, itemPast{ItemPlanned{From: Ready, To: Planned, Iteration: sprint}}, nil},
		{"into a running scope, with the reason", ready, SettlePlan{Iteration: sprint, Target: in(IterationActive), InScope: true, Reason: "fire", Impact: GoalAtRisk},
			itemPast{ItemPlanned{From: Ready, To: Planned, Iteration: sprint, Reason: "fire", Impact: GoalAtRisk}}, nil},
		{"into a scope that began to run meanwhile", ready, SettlePlan{Iteration: sprint, Target: in(IterationActive), InScope: true},
			itemPast{ItemPlanned{From: Ready, To: Planned, Iteration: sprint, Reason: "the scope of the iteration was set so", Impact: GoalSafe}}, nil},
		{"out of the scope", storyIn(InProgress), SettlePlan{Iteration: sprint, Target: in(IterationActive), Current: in(IterationActive), Reason: "fire", Impact: GoalAtRisk},
			itemPast{ItemUnplanned{InProgress, Ready, sprint, "", "fire", GoalAtRisk}}, nil},
		{"it is in the scope", storyIn(InProgress), SettlePlan{Iteration: sprint, Target: in(IterationActive), InScope: true}, nil, nil},
		{"it is in the scope of another one", storyIn(InProgress), SettlePlan{Iteration: later, Target: in(IterationActive)}, nil, nil},
		{"a scope that is over is not followed", ready, SettlePlan{Iteration: sprint, Target: in(IterationIsClosed), InScope: true}, nil, nil},
		{"a draft cannot follow", created(Story), SettlePlan{Iteration: sprint, Target: in(IterationPlanned), InScope: true}, nil, ErrNoSuchStep},
		{"what is done cannot leave", storyIn(Review, ItemAccepted{From: Review}), SettlePlan{Iteration: sprint, Target: in(IterationActive)}, nil, ErrDone},
	})
}
