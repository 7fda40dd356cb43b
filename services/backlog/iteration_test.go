package backlog

import (
	"testing"

	"throughline.dev/pkg/es"
)

type iterationPast = []es.Event[Iteration]

func TestIteration(t *testing.T) {
	scheduled := iterationPast{IterationScheduled{Team: teamA, Number: 7, Name: "Iteration 7", Start: "2026-11-23", End: "2026-12-06"}}
	aimed := after(scheduled, GoalSet{Goal: "Cards work"})
	baseline := []Scoped{{itemA, points(5)}, {itemB, nil}}
	active := after(aimed, IterationStarted{At: now, Goal: "Cards work", Baseline: baseline})
	closed := after(active, IterationClosed{At: now, Results: "x"})
	cancelled := after(scheduled, IterationCancelled{Reason: "x"})
	wish := ScheduleIteration{Team: teamA, Number: 7, Start: "2026-11-23", End: "2026-12-06"}
	with := func(change func(*ScheduleIteration)) ScheduleIteration { c := wish; change(&c); return c }
	item := func(id ItemID, k Kind, s State, p *float64) PlannedItem {
		return PlannedItem{Scoped: Scoped{id, p}, Kind: k, State: s}
	}
	items := []PlannedItem{item(itemA, Story, Done, points(5)), item(itemB, Bug, InProgress, points(2)), item(itemC, Story, Cancelled, points(9))}
	next := Iteration{State: IterationPlanned, Team: teamA}
	tell(t, IterationSchema, []sentence[Iteration]{
		{"an iteration is scheduled", nil, wish, scheduled, nil},
		{"the same again", scheduled, wish, nil, nil},
		{"another one with its number", scheduled, with(func(c *ScheduleIteration) { c.End = "2026-12-05" }), nil, ErrIterationExists},
		{"of no team", nil, with(func(c *ScheduleIteration) { c.Team = "" }), nil, invalid("team")},
		{"of an unknown team", nil, with(func(c *ScheduleIteration) { c.TeamGone = true }), nil, ErrIterationTeamGone},
		{"without a number", nil, with(func(c *ScheduleIteration) { c.Number = 0 }), nil, invalid("number")},
		{"that ends before it begins", nil, with(func(c *ScheduleIteration) { c.End = "2026-11-22" }), nil, invalid("end")},
		{"that begins on no date", nil, with(func(c *ScheduleIteration) { c.Start = "soon" }), nil, invalid("start")},
		{"of 31 days", nil, with(func(c *ScheduleIteration) { c.End = "2026-12-23" }), iterationPast{IterationScheduled{Team: teamA, Number: 7, Name: "Iteration 7", Start: "2026-11-23", End: "2026-12-23"}}, nil},
		{"longer than a month", nil, with(func(c *ScheduleIteration) { c.End = "2026-12-24" }), nil, ErrTooLong},
		{"over another one", nil, with(func(c *ScheduleIteration) { c.Others = []Span{{"2026-12-06", "2026-12-19"}} }), nil, ErrOverlap},
		{"right before another one", nil, with(func(c *ScheduleIteration) { c.Others = []Span{{"2026-12-07", "2026-12-20"}} }), scheduled, nil},
		{"other days", scheduled, Reschedule{Start: "2026-11-30", End: "2026-12-13"}, iterationPast{IterationRescheduled{"Iteration 7", "2026-11-30", "2026-12-13"}}, nil},
		{"the same days", scheduled, Reschedule{Start: "2026-11-23", End: "2026-12-06"}, nil, nil},
		{"other days over another one", scheduled, Reschedule{Start: "2026-11-30", End: "2026-12-13", Others: []Span{{"2026-12-13", "2026-12-20"}}}, nil, ErrOverlap},
		{"other days after the start", active, Reschedule{Start: "2026-11-30", End: "2026-12-13"}, nil, ErrNotPlannable},

		{"a goal", scheduled, SetGoal{Goal: "Cards work"}, iterationPast{GoalSet{Goal: "Cards work"}}, nil},
		{"the same goal", aimed, SetGoal{Goal: "Cards work"}, nil, nil},
		{"no goal", scheduled, SetGoal{}, nil, invalid("goal")},
		{"another goal after the start", active, SetGoal{"Refunds work", "law"}, iterationPast{GoalSet{"Refunds work", "Cards work", "law"}}, nil},
		{"another goal after the start for no reason", active, SetGoal{Goal: "Refunds work"}, nil, ErrGoalReason},
		{"a goal after the end", closed, SetGoal{Goal: "Refunds work"}, nil, ErrIterationOver},

		{"it starts with what is planned", aimed, StartIteration{Items: items}, iterationPast{IterationStarted{now, "Cards work", []Scoped{{itemA, points(5)}, {itemB, points(2)}}}}, nil},
		{"it has started", active, StartIteration{}, nil, nil},
		{"it does not start without a goal", scheduled, StartIteration{}, nil, ErrNoGoal},
		{"it does not start while another is active", aimed, StartIteration{OtherActive: true}, nil, ErrOtherActive},
		{"it does not start again", closed, StartIteration{}, nil, ErrNotPlannable},

		{"its scope changes", active, ChangeScope{Add: []ItemID{itemC}, Remove: []ItemID{itemB}, Reason: "law", Impact: GoalSafe, Items: []PlannedItem{item(itemC, Story, Ready, points(3)), item(itemB, Bug, Planned, points(2))}},
			iterationPast{ScopeChanged{[]Scoped{{itemC, points(3)}}, []Scoped{{itemB, points(2)}}, "law", GoalSafe, true}}, nil},
		{"before the start it needs no reason", scheduled, ChangeScope{Add: []ItemID{itemC}, Items: []PlannedItem{item(itemC, Story, Ready, nil)}}, iterationPast{ScopeChanged{Added: []Scoped{{Item: itemC}}}}, nil},
		{"what is in it is in it", active, ChangeScope{Add: []ItemID{itemA}, Reason: "law", Impact: GoalSafe, Items: []PlannedItem{item(itemA, Story, Planned, nil)}}, nil, nil},
		{"its scope changes for no reason", active, ChangeScope{Add: []ItemID{itemC}, Impact: GoalSafe}, nil, ErrScopeUnexplained},
		{"its scope changes with no word on the goal", active, ChangeScope{Add: []ItemID{itemC}, Reason: "law"}, nil, ErrScopeUnexplained},
		{"no such impact", active, ChangeScope{Add: []ItemID{itemC}, Reason: "law", Impact: "some"}, nil, invalid("goalImpact")},
		{"its scope is fixed after the end", closed, ChangeScope{Add: []ItemID{itemC}, Reason: "law", Impact: GoalSafe}, nil, ErrScopeFixed},
		{"its scope is fixed when it is cancelled", cancelled, ChangeScope{Add: []ItemID{itemC}, Reason: "law", Impact: GoalSafe}, nil, ErrScopeFixed},
		{"nothing changes", active, ChangeScope{Reason: "law", Impact: GoalSafe}, nil, invalid("add")},
		{"an unknown item", scheduled, ChangeScope{Add: []ItemID{itemC}}, nil, ErrScopeItemUnknown},
		{"a feature is in no iteration", scheduled, ChangeScope{Add: []ItemID{itemC}, Items: []PlannedItem{item(itemC, Feature, Ready, nil)}}, nil, ErrScopeItemUnknown},
		{"a closed item", scheduled, ChangeScope{Add: []ItemID{itemC}, Items: []PlannedItem{item(itemC, Story, Done, nil)}}, nil, ErrScopeItemClosed},
		{"what is not in it does not leave", scheduled, ChangeScope{Remove: []ItemID{itemC}}, nil, ErrScopeNotIn},
		{"in and out", scheduled, ChangeScope{Add: []ItemID{itemC}, Remove: []ItemID{itemC}}, nil, invalid("remove")},

		{"it is closed", active, CloseIteration{Results: "Cards work", GoalMet: true, Actions: []string{"pair more"}, Leftovers: []Leftover{{itemB, "next"}}, Next: later, Items: items, Following: next},
			iterationPast{IterationClosed{At: now, Done: []Scoped{{itemA, points(5)}}, CarriedOver: []Carried{{Scoped{itemB, points(2)}, later}}, Velocity: 5, GoalMet: true, Results: "Cards work", Actions: []string{"pair more"}}}, nil},
		{"leftovers go to the backlog", active, CloseIteration{Results: "x", Leftovers: []Leftover{{itemB, "backlog"}}, Items: items},
			iterationPast{IterationClosed{At: now, Done: []Scoped{{itemA, points(5)}}, CarriedOver: []Carried{{Scoped{itemB, points(2)}, ""}}, Velocity: 5, Results: "x"}}, nil},
		{"it is closed already", closed, CloseIteration{Results: "x"}, nil, nil},
		{"it is closed before the start", aimed, CloseIteration{Results: "x"}, nil, ErrIterationNotOn},
		{"it is closed when cancelled", cancelled, CloseIteration{Results: "x"}, nil, ErrIterationOver},
		{"it is closed without results", active, CloseIteration{Items: items}, nil, invalid("results")},
		{"a leftover without a place", active, CloseIteration{Results: "x", Items: items}, nil, ErrLeftovers},
		{"a leftover nowhere", active, CloseIteration{Results: "x", Items: items, Leftovers: []Leftover{{itemB, "bin"}}}, nil, invalid("leftovers[0].to")},
		{"a leftover twice", active, CloseIteration{Results: "x", Items: items, Leftovers: []Leftover{{itemB, "backlog"}, {itemB, "backlog"}}}, nil, invalid("leftovers[1].item")},
		{"what is done is no leftover", active, CloseIteration{Results: "x", Items: items, Leftovers: []Leftover{{itemA, "backlog"}}}, nil, ErrNotLeftover},
		{"no next iteration", active, CloseIteration{Results: "x", Items: items, Leftovers: []Leftover{{itemB, "next"}}}, nil, ErrNextUnknown},
		{"a next iteration that has started", active, CloseIteration{Results: "x", Items: items, Leftovers: []Leftover{{itemB, "next"}}, Next: later, Following: Iteration{State: IterationActive, Team: teamA}}, nil, ErrNextUnknown},
		{"a next iteration of another team", active, CloseIteration{Results: "x", Items: items, Leftovers: []Leftover{{itemB, "next"}}, Next: later, Following: Iteration{State: IterationPlanned, Team: teamB}}, nil, ErrNextUnknown},
		{"an empty action", active, CloseIteration{Results: "x", Actions: []string{""}}, nil, invalid("actions[0]")},

		{"it is cancelled", scheduled, CancelIteration{Reason: "obsolete"}, iterationPast{IterationCancelled{Reason: "obsolete"}}, nil},
		{"it is cancelled while it runs, and what is not closed goes back", active, CancelIteration{Reason: "obsolete", Items: items}, iterationPast{IterationCancelled{"obsolete", []ItemID{itemB}}}, nil},
		{"it is cancelled already", cancelled, CancelIteration{Reason: "obsolete"}, nil, nil},
		{"it is cancelled for no reason", scheduled, CancelIteration{}, nil, invalid("reason")},
		{"it is cancelled after the end", closed, CancelIteration{Reason: "obsolete"}, nil, ErrIterationOver},
	})
}

func TestImportIteration(t *testing.T) {
	begun := now.AddDate(0, 0, -20)
	wish := ImportIteration{Source: Origin{System: "jira", Key: "12"}, Name: "Sprint 12", State: IterationIsClosed, Start: "2026-10-01", End: "2026-12-30", Started: &begun, Goal: "Cards"}
	with := func(change func(*ImportIteration)) ImportIteration { c := wish; change(&c); return c }
	imported := iterationPast{IterationImported{Source: wish.Source, Name: "Sprint 12", State: IterationIsClosed, Start: "2026-10-01", End: "2026-12-30", Started: &begun, Goal: "Cards", Hashes: hashes(wish.fields())}}
	renamed := with(func(c *ImportIteration) { c.Name = "Sprint twelve" })
	reopened := with(func(c *ImportIteration) { c.State = IterationActive; c.Goal = "" })
	tell(t, IterationSchema, []sentence[Iteration]{
		{"a sprint as it is there, however long", nil, wish, imported, nil},
		{"nothing changed there", imported, wish, nil, nil},
		{"what changed here stays", after(imported, GoalSet{Goal: "Refunds"}), wish, nil, nil},
		{"another name there", after(imported, GoalSet{Goal: "Refunds"}), renamed, iterationPast{IterationRescheduled{"Sprint twelve", "2026-10-01", "2026-12-30"},
			IterationSynced{Source: wish.Source, State: IterationIsClosed, Started: &begun, Changed: []string{"name"}, Hashes: map[string]string{"name": hashes(renamed.fields())["name"]}}}, nil},
		{"another state and no goal there", imported, reopened, iterationPast{GoalSet{Was: "Cards"},
			IterationSynced{Source: wish.Source, State: IterationActive, Started: &begun, Changed: []string{"goal", "state"}, Hashes: map[string]string{"state": hashes(reopened.fields())["state"]}}}, nil},
		{"an iteration made here", iterationPast{IterationScheduled{Team: teamA, Number: 1, Name: "x", Start: "2026-10-01", End: "2026-10-14"}}, wish, nil, ErrIterationExists},
		{"without a key", nil, with(func(c *ImportIteration) { c.Source.Key = "" }), nil, invalid("source.key")},
		{"without a name", nil, with(func(c *ImportIteration) { c.Name = "" }), nil, invalid("name")},
		{"in no state", nil, with(func(c *ImportIteration) { c.State = "future" }), nil, invalid("state")},
		{"on no date", nil, with(func(c *ImportIteration) { c.End = "x" }), nil, invalid("end")},
	})
}
