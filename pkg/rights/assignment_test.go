package rights_test

import (
	"testing"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

const (
	ann es.PersonID = "0ann0000000000000000000000"
	bob es.PersonID = "0bob0000000000000000000000"
	cyd es.PersonID = "0cyd0000000000000000000000"
)

var (
	now       = estest.Meta.Time
	yesterday = now.AddDate(0, 0, -1)
	tomorrow  = now.AddDate(0, 0, 1)
	nextWeek  = now.AddDate(0, 0, 7)
)

type assignmentEvent = es.Event[rights.Assignment]

func TestAssignmentHappens(t *testing.T) {
	wish := rights.AssignRole{Person: ann, Role: rights.ProductOwner, Where: rights.Scope{Team: "t1"}, Title: "PO"}
	held := rights.RoleAssigned(wish)
	until := held
	until.To = nextWeek
	later := held
	later.From, later.To = tomorrow, nextWeek
	admin := rights.RoleAssigned{Person: ann, Role: rights.Administrator}
	for name, c := range map[string]struct {
		given []assignmentEvent
		when  es.Command[rights.Assignment]
		then  []assignmentEvent
	}{
		"a role is assigned":                  {nil, wish, []assignmentEvent{held}},
		"a role is assigned for a while":      {nil, rights.AssignRole(later), []assignmentEvent{later}},
		"the same assignment again is one":    {[]assignmentEvent{held}, wish, nil},
		"zones make no difference":            {[]assignmentEvent{later}, rights.AssignRole{Person: ann, Role: rights.ProductOwner, Where: held.Where, Title: "PO ", From: tomorrow.In(time.FixedZone("x", 3600)), To: nextWeek}, nil},
		"an administrator is assigned":        {nil, rights.AssignRole(admin), []assignmentEvent{admin}},
		"an assignment ends at once":          {[]assignmentEvent{held}, rights.EndAssignment{Reason: " moved on"}, []assignmentEvent{rights.AssignmentEnded{On: now, Reason: "moved on"}}},
		"an assignment ends later":            {[]assignmentEvent{held}, rights.EndAssignment{On: tomorrow}, []assignmentEvent{rights.AssignmentEnded{On: tomorrow}}},
		"an assignment ends sooner":           {[]assignmentEvent{until}, rights.EndAssignment{On: tomorrow}, []assignmentEvent{rights.AssignmentEnded{On: tomorrow}}},
		"its end is its end":                  {[]assignmentEvent{until}, rights.EndAssignment{On: nextWeek}, nil},
		"what has not begun never does":       {[]assignmentEvent{later}, rights.EndAssignment{}, []assignmentEvent{rights.AssignmentEnded{On: tomorrow}}},
		"one who left comes back":             {[]assignmentEvent{held, rights.AssignmentEnded{On: yesterday}}, wish, []assignmentEvent{held}},
		"one who never began may begin":       {[]assignmentEvent{later, rights.AssignmentEnded{On: tomorrow}}, wish, []assignmentEvent{held}},
		"one administrator of several leaves": {[]assignmentEvent{admin}, rights.EndAssignment{}, []assignmentEvent{rights.AssignmentEnded{On: now}}},
		"a last product owner may leave":      {[]assignmentEvent{held}, rights.EndAssignment{LastAdministrator: true}, []assignmentEvent{rights.AssignmentEnded{On: now}}},
	} {
		t.Run(name, func(t *testing.T) {
			estest.Given(rights.AssignmentSchema, c.given...).When(c.when).Then(t, c.then...)
		})
	}
}

func TestAssignmentRefuses(t *testing.T) {
	held := rights.RoleAssigned{Person: ann, Role: rights.ProductOwner}
	admin := rights.RoleAssigned{Person: ann, Role: rights.Administrator}
	until := rights.RoleAssigned{Person: ann, Role: rights.ProductOwner, To: tomorrow}
	later := rights.RoleAssigned{Person: ann, Role: rights.ProductOwner, From: nextWeek}
	for name, c := range map[string]struct {
		given []assignmentEvent
		when  es.Command[rights.Assignment]
		want  error
	}{
		"nobody":                          {nil, rights.AssignRole{Role: rights.Team}, fail.Invalid("person", "")},
		"no role":                         {nil, rights.AssignRole{Person: ann}, fail.Invalid("role", "")},
		"an unknown role":                 {nil, rights.AssignRole{Person: ann, Role: "king"}, fail.Invalid("role", "")},
		"an administrator of a product":   {nil, rights.AssignRole{Person: ann, Role: rights.Administrator, Where: atProduct}, fail.Invalid("scope", "")},
		"an end before the start":         {nil, rights.AssignRole{Person: ann, Role: rights.Team, From: tomorrow, To: tomorrow}, fail.Invalid("to", "")},
		"an end in the past":              {nil, rights.AssignRole{Person: ann, Role: rights.Team, To: yesterday}, fail.Invalid("to", "")},
		"other terms while it is held":    {[]assignmentEvent{held}, rights.AssignRole{Person: ann, Role: rights.ProductOwner, Title: "PO"}, rights.ErrRoleHeld},
		"to end what has ended":           {[]assignmentEvent{held, rights.AssignmentEnded{On: yesterday}}, rights.EndAssignment{}, rights.ErrAssignmentOver},
		"to end what never was":           {nil, rights.EndAssignment{}, rights.ErrAssignmentOver},
		"an end before a start to come":   {[]assignmentEvent{later}, rights.EndAssignment{On: tomorrow}, fail.Invalid("on", "")},
		"an end that prolongs":            {[]assignmentEvent{until}, rights.EndAssignment{On: nextWeek}, fail.Invalid("on", "")},
		"to lose the last administrator":  {[]assignmentEvent{admin}, rights.EndAssignment{LastAdministrator: true}, rights.ErrLastAdministrator},
		"to lose them a little later too": {[]assignmentEvent{admin}, rights.EndAssignment{On: tomorrow, LastAdministrator: true}, rights.ErrLastAdministrator},
	} {
		t.Run(name, func(t *testing.T) {
			estest.Given(rights.AssignmentSchema, c.given...).When(c.when).Refuses(t, c.want)
		})
	}
}

func TestOnePersonRoleAndScopeAreOneAssignment(t *testing.T) {
	wish := rights.AssignRole{Person: ann, Role: rights.Team, Where: rights.Scope{Team: "t1"}}
	titled := wish
	titled.Title = "Developer"
	if rights.AssignmentID(estest.Meta, wish) != rights.AssignmentID(estest.Meta, titled) {
		t.Error("a title makes another assignment")
	}
	seen := map[es.ID[rights.Assignment]]bool{}
	for _, c := range []rights.AssignRole{
		wish,
		{Person: bob, Role: rights.Team, Where: rights.Scope{Team: "t1"}},
		{Person: ann, Role: rights.Owner, Where: rights.Scope{Team: "t1"}},
		{Person: ann, Role: rights.Team, Where: rights.Scope{Team: "t2"}},
		{Person: ann, Role: rights.Team, Where: rights.Scope{Product: "t1"}},
		{Person: ann, Role: rights.Team},
	} {
		seen[rights.AssignmentID(estest.Meta, c)] = true
	}
	other := estest.Meta
	other.Tenant = es.NewTenant()
	seen[rights.AssignmentID(other, wish)] = true
	if len(seen) != 7 {
		t.Errorf("seven assignments have %d ids", len(seen))
	}
}
