package backlog

import (
	"math"
	"testing"
)

func TestValueAndSize(t *testing.T) {
	team := Team{State: TeamActive, Members: []Member{{ann, "developer", 100, "2026-01-01", ""}}}
	mine := Team{State: TeamActive, Members: []Member{{"0actor00000000000000000000", "developer", 100, "2026-01-01", ""}}}
	left := Team{State: TeamActive, Members: []Member{{"0actor00000000000000000000", "developer", 100, "2026-01-01", "2026-11-21"}}}
	five := after(created(Story), ItemEstimated{Points: points(5)})
	wsjf := WSJF{8, 5, 3, 2, "PI 7", "0actor00000000000000000000", now}
	rice := RICE{2000, "quarter", 2, 80, 4}
	with := func(change func(*RICE)) ScoreRICE { r := rice; change(&r); return ScoreRICE{r} }
	tell(t, ItemSchema, []sentence[Item]{
		{"a story is estimated", created(Story), Estimate{5, mine}, itemPast{ItemEstimated{Points: points(5)}}, nil},
		{"it is estimated again", five, Estimate{8, Team{}}, itemPast{ItemEstimated{points(8), points(5)}}, nil},
		{"the same size", five, Estimate{5, Team{}}, nil, nil},
		{"a size off the scale", created(Story), Estimate{4, Team{}}, nil, ErrOffScale},
		{"nothing is only imported", created(Story), Estimate{0, Team{}}, nil, ErrOffScale},
		{"a half is only imported", created(Story), Estimate{0.5, Team{}}, nil, ErrOffScale},
		{"somebody who is not of the team", created(Story), Estimate{5, team}, nil, ErrNotOfTeam},
		{"somebody who has left the team", created(Story), Estimate{5, left}, nil, ErrNotOfTeam},
		{"a task has no points", created(Task), Estimate{5, mine}, nil, ErrTaskPoints},
		{"a done item is not estimated", standing(Story, Done), Estimate{5, mine}, nil, ErrDone},
		{"a cancelled item is not estimated", standing(Story, Cancelled), Estimate{5, mine}, nil, ErrCancelled},

		{"hours remain", created(Task), SetRemaining{6}, itemPast{RemainingSet{Hours: 6}}, nil},
		{"fewer hours remain", after(created(Task), RemainingSet{Hours: 6}), SetRemaining{0}, itemPast{RemainingSet{0, points(6)}}, nil},
		{"as many remain", after(created(Task), RemainingSet{Hours: 6}), SetRemaining{6}, nil, nil},
		{"only a task has hours", created(Story), SetRemaining{6}, nil, ErrHoursOfTask},
		{"hours are not negative", created(Task), SetRemaining{-1}, nil, invalid("hours")},
		{"hours are a number", created(Task), SetRemaining{math.NaN()}, nil, invalid("hours")},
		{"of a done task none remain", standing(Task, Done), SetRemaining{1}, nil, ErrDone},

		{"a feature is scored", created(Feature), ScoreWSJF{8, 5, 3, 2, "PI 7"}, itemPast{WSJFScored{wsjf}}, nil},
		{"the same score", after(created(Feature), WSJFScored{wsjf}), ScoreWSJF{8, 5, 3, 2, "PI 7"}, nil, nil},
		{"another session", after(created(Feature), WSJFScored{wsjf}), ScoreWSJF{8, 5, 3, 2, "PI 8"}, itemPast{WSJFScored{WSJF{8, 5, 3, 2, "PI 8", wsjf.By, now}}}, nil},
		{"stories are just ordered", created(Story), ScoreWSJF{8, 5, 3, 2, "PI 7"}, nil, ErrWSJFKind},
		{"an input off its scale", created(Feature), ScoreWSJF{8, 5, 4, 2, "PI 7"}, nil, invalid("riskOpportunity")},
		{"no job size is no score", created(Feature), ScoreWSJF{8, 5, 3, 0, "PI 7"}, nil, invalid("jobSize")},
		{"points end at 100, WSJF at 20", created(Feature), ScoreWSJF{40, 5, 3, 2, "PI 7"}, nil, invalid("userBusinessValue")},
		{"no session", created(Feature), ScoreWSJF{8, 5, 3, 2, ""}, nil, invalid("session")},
		{"a done feature is not scored", standing(Feature, Done), ScoreWSJF{8, 5, 3, 2, "PI 7"}, nil, ErrDone},

		{"reach, impact, confidence, effort", created(Feature), ScoreRICE{rice}, itemPast{RICEScored{rice}}, nil},
		{"the same", after(created(Feature), RICEScored{rice}), ScoreRICE{rice}, nil, nil},
		{"a task has no RICE", created(Task), ScoreRICE{rice}, nil, ErrRICEKind},
		{"reach is not negative", created(Feature), with(func(r *RICE) { r.Reach = -1 }), nil, invalid("reach")},
		{"reach is per period", created(Feature), with(func(r *RICE) { r.Period = "" }), nil, invalid("period")},
		{"impact has five steps", created(Feature), with(func(r *RICE) { r.Impact = 4 }), nil, invalid("impact")},
		{"confidence has three steps", created(Feature), with(func(r *RICE) { r.Confidence = 90 }), nil, invalid("confidence")},
		{"effort is half a month at least", created(Feature), with(func(r *RICE) { r.Effort = 0.25 }), nil, invalid("effort")},
		{"a done feature has its RICE", standing(Feature, Done), ScoreRICE{rice}, nil, ErrDone},
	})
}

func TestScores(t *testing.T) {
	for _, c := range []struct {
		w    WSJF
		want float64
	}{{WSJF{UserBusinessValue: 8, TimeCriticality: 5, RiskOpportunity: 3, JobSize: 2}, 8}, {WSJF{UserBusinessValue: 13, TimeCriticality: 8, RiskOpportunity: 5, JobSize: 13}, 2}, {WSJF{UserBusinessValue: 3, TimeCriticality: 1, RiskOpportunity: 8, JobSize: 3}, 4}} {
		if got := c.w.Score(); got != c.want {
			t.Errorf("WSJF of %+v is %v, want %v", c.w, got, c.want)
		}
	}
	if got := (RICE{2000, "quarter", 2, 80, 4}).Score(); got != 800 {
		t.Errorf("RICE is %v, want 800", got)
	}
}
