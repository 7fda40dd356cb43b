package backlog

import (
	"testing"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
)

type teamPast = []es.Event[Team]

func TestTeam(t *testing.T) {
	art, other := es.DeriveID[ARTRef]("art"), es.DeriveID[ARTRef]("other")
	formed := teamPast{TeamFormed{Code: "PAY", Name: "Payments"}}
	gone := after(formed, TeamDisbanded{"merged"})
	inART := after(formed, TeamJoinedART{art})
	member := Member{ann, "developer", 100, "2026-11-22", ""}
	staffed := after(formed, MemberAdded{Member: member})
	check := Check{id[Check](0), "estimated"}
	tell(t, TeamSchema, []sentence[Team]{
		{"a team is formed", nil, FormTeam{Code: "PAY", Name: "Payments"}, formed, nil},
		{"forming the same team again changes nothing", formed, FormTeam{Code: "PAY", Name: "Payments"}, nil, nil},
		{"a code is there once", formed, FormTeam{Code: "PAY", Name: "Payroll"}, nil, ErrTeamExists},
		{"a code has two letters at least", nil, FormTeam{Code: "P", Name: "Payments"}, nil, invalid("code")},
		{"a code is capital letters", nil, FormTeam{Code: "Pay", Name: "Payments"}, nil, invalid("code")},
		{"a team has a name", nil, FormTeam{Code: "PAY", Name: " "}, nil, invalid("name")},
		{"a team is renamed", formed, RenameTeam{"Money"}, teamPast{TeamRenamed{"Money"}}, nil},
		{"the same name changes nothing", formed, RenameTeam{"Payments"}, nil, nil},
		{"a disbanded team is not renamed", gone, RenameTeam{"Money"}, nil, ErrDisbanded},

		{"a team joins an ART", formed, JoinART{art}, teamPast{TeamJoinedART{art}}, nil},
		{"it is in that ART already", inART, JoinART{art}, nil, nil},
		{"a team is not in two ARTs", inART, JoinART{other}, nil, ErrInAnotherART},
		{"an ART is named", formed, JoinART{}, nil, invalid("art")},
		{"a disbanded team joins nothing", gone, JoinART{art}, nil, ErrDisbanded},
		{"a team leaves its ART", inART, LeaveART{"split"}, teamPast{TeamLeftART{art, "split"}}, nil},
		{"a team without an ART leaves none", formed, LeaveART{}, nil, nil},

		{"a member comes today and for good", formed, AddMember{Person: ann, Role: "developer"}, teamPast{MemberAdded{Member: member}}, nil},
		{"the same membership changes nothing", staffed, AddMember{Person: ann, Role: "developer"}, nil, nil},
		{"a membership does not overlap another", staffed, AddMember{Person: ann, Role: "other", From: "2027-01-01"}, nil, ErrMemberThere},
		{"a person may come back", after(staffed, MemberLeft{ann, "2026-12-01"}), AddMember{Person: ann, Role: "developer", From: "2026-12-02"},
			teamPast{MemberAdded{Member: Member{ann, "developer", 100, "2026-12-02", ""}}}, nil},
		{"more than all of a person's time warns and is not refused", formed,
			AddMember{Person: ann, Role: "developer", Allocation: 60, Elsewhere: []Share{{teamB, Member{ann, "developer", 50, "2026-12-01", ""}}}},
			teamPast{MemberAdded{Member{ann, "developer", 60, "2026-11-22", ""}, 110}}, nil},
		{"all of a person's time is fine", formed,
			AddMember{Person: ann, Role: "developer", Allocation: 50, Elsewhere: []Share{{teamB, Member{ann, "developer", 50, "2026-01-01", ""}}}},
			teamPast{MemberAdded{Member: Member{ann, "developer", 50, "2026-11-22", ""}}}, nil},
		{"a membership names a person", formed, AddMember{Role: "developer"}, nil, invalid("person")},
		{"a role is one of the roles", formed, AddMember{Person: ann, Role: "boss"}, nil, invalid("role")},
		{"a share is at most all", formed, AddMember{Person: ann, Role: "developer", Allocation: 101}, nil, invalid("allocation")},
		{"a first day is a date", formed, AddMember{Person: ann, Role: "developer", From: "tomorrow"}, nil, invalid("from")},
		{"a last day is not before the first", formed, AddMember{Person: ann, Role: "developer", From: "2026-12-02", Until: "2026-12-01"}, nil, invalid("until")},
		{"a member's share changes", staffed, ChangeMember{Person: ann, Allocation: 50}, teamPast{MemberChanged{Member: Member{ann, "developer", 50, "2026-11-22", ""}}}, nil},
		{"a change to the same changes nothing", staffed, ChangeMember{Person: ann, Allocation: 100}, nil, nil},
		{"who is no member does not change", formed, ChangeMember{Person: ann, Allocation: 50}, nil, ErrNotAMember},
		{"a changed share is at most all", staffed, ChangeMember{Person: ann, Allocation: 200}, nil, invalid("allocation")},
		{"a member leaves", staffed, RemoveMember{ann, "2026-12-31"}, teamPast{MemberLeft{ann, "2026-12-31"}}, nil},
		{"a member who left has left", after(staffed, MemberLeft{ann, "2026-12-31"}), RemoveMember{ann, "2026-12-31"}, nil, nil},
		{"who is no member does not leave", formed, RemoveMember{ann, "2026-12-31"}, nil, ErrNotAMember},
		{"nobody leaves before coming", staffed, RemoveMember{ann, "2026-11-01"}, nil, invalid("until")},

		{"a cadence", formed, SetCadence{Cadence{14, "2026-11-23", "Europe/Vienna"}}, teamPast{CadenceSet{Cadence{14, "2026-11-23", "Europe/Vienna"}}}, nil},
		{"an iteration is at least a week", formed, SetCadence{Cadence{6, "2026-11-23", ""}}, nil, invalid("days")},
		{"an iteration is at most a month", formed, SetCadence{Cadence{32, "2026-11-23", ""}}, nil, invalid("days")},
		{"a cadence begins on a date", formed, SetCadence{Cadence{14, "Monday", ""}}, nil, invalid("start")},
		{"a zone looks like one", formed, SetCadence{Cadence{14, "2026-11-23", "../etc"}}, nil, invalid("zone")},

		{"a Definition of Ready", formed, DefineReady{[]string{"estimated"}, true}, teamPast{ReadyDefined{[]Check{check}, true}}, nil},
		{"a check that stays keeps its id", after(formed, DoneDefined{[]Check{{id[Check](7), "tested"}}}), DefineDone{[]string{"reviewed", "tested"}},
			teamPast{DoneDefined{[]Check{{id[Check](0), "reviewed"}, {id[Check](7), "tested"}}}}, nil},
		{"the same Definition of Done changes nothing", after(formed, DoneDefined{[]Check{check}}), DefineDone{[]string{"estimated"}}, nil, nil},
		{"a check is there once", formed, DefineDone{[]string{"tested", "tested"}}, nil, invalid("checks[1]")},
		{"a check says something", formed, DefineReady{Checks: []string{""}}, nil, invalid("checks[0]")},

		{"a board", formed, SetBoard{[]Column{{"Doing", InProgress, "", 3}, {"Waiting", InProgress, CategoryWait, 0}, {"Done", Done, "", 0}}},
			teamPast{BoardSet{[]Column{{"Doing", InProgress, "", 3}, {"Waiting", InProgress, CategoryWait, 0}, {"Done", Done, "", 0}}}}, nil},
		{"a board without a start", formed, SetBoard{[]Column{{"Ready", Ready, "", 0}, {"Done", Done, "", 0}}}, nil, ErrBoardUnmapped},
		{"a board without an end", formed, SetBoard{[]Column{{"Ready", Ready, "", 0}, {"Doing", InProgress, "", 0}}}, nil, ErrBoardUnmapped},
		{"a board has two columns at least", formed, SetBoard{[]Column{{"Done", Done, "", 0}}}, nil, invalid("columns")},
		{"a limit is not negative", formed, SetBoard{[]Column{{"Doing", InProgress, "", -1}, {"Done", Done, "", 0}}}, nil, invalid("columns[0].wip")},
		{"done has no limit", formed, SetBoard{[]Column{{"Doing", InProgress, "", 1}, {"Done", Done, "", 9}}}, nil, invalid("columns[1].wip")},
		{"columns follow the workflow", formed, SetBoard{[]Column{{"Review", Review, "", 0}, {"Doing", InProgress, "", 0}, {"Done", Done, "", 0}}}, nil, invalid("columns[1].state")},
		{"a column stands for a state of the team's", formed, SetBoard{[]Column{{"Funnel", Funnel, "", 0}, {"Done", Done, "", 0}}}, nil, invalid("columns[0].state")},
		{"a column's name is there once", formed, SetBoard{[]Column{{"Do", InProgress, "", 0}, {"Do", Done, "", 0}}}, nil, invalid("columns[1].name")},
		{"only done means done", formed, SetBoard{[]Column{{"Do", InProgress, CategoryDone, 0}, {"Done", Done, "", 0}}}, nil, invalid("columns[0].category")},

		{"a team is disbanded", formed, Disband{Reason: "merged"}, teamPast{TeamDisbanded{"merged"}}, nil},
		{"a disbanded team is disbanded", gone, Disband{Reason: "merged"}, nil, nil},
		{"a team with an open iteration is not disbanded", formed, Disband{Reason: "merged", OpenIterations: 1}, nil, ErrIterationsOpen},
		{"a team in an open planning interval is not disbanded", formed, Disband{Reason: "merged", OpenPI: true}, nil, ErrPlanIntervalOpen},
		{"a team is not disbanded without a reason", formed, Disband{}, nil, invalid("reason")},
	})
}

func TestATeamKnowsItsPeopleByDay(t *testing.T) {
	s := estest.Given(TeamSchema, TeamFormed{Code: "PAY", Name: "Payments"},
		MemberAdded{Member: Member{ann, "developer", 100, "2026-01-01", ""}}, MemberLeft{ann, "2026-06-30"}).State(t)
	for day, want := range map[Day]bool{"2025-12-31": false, "2026-01-01": true, "2026-06-30": true, "2026-07-01": false} {
		if s.Has(ann, day) != want {
			t.Errorf("on %s: %v", day, !want)
		}
	}
}
