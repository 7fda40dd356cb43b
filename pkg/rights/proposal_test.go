package rights_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

type proposalEvent = es.Event[rights.Proposal]

var (
	schema = rights.Proposals("strategy").Schema
	wish   = rights.Wish{
		Command: "strategy.epic.decide-go", TargetID: "0epic000000000000000000000", TargetVersion: 7,
		Body: json.RawMessage(`{"case":2}`), Key: "k-1", Right: "epic.go_nogo", Where: rights.Scope{Portfolio: "f1"},
		Deciders: []rights.Role{rights.PortfolioLeadership}, Agree: []rights.Role{rights.BusinessOwner},
		Consult: []rights.Role{rights.EpicOwner, rights.EnterpriseArchitect}, Blocking: true, Due: tomorrow,
	}
	submitted = rights.ProposalSubmitted{Wish: wish, Proposer: ann}
	agreed    = consult(bob, new(true), "", rights.BusinessOwner)
	against   = consult(bob, new(false), "too dear", rights.BusinessOwner)
	heardEO   = consult(cyd, nil, "fine", rights.EpicOwner)
	heardEA   = consult(cyd, nil, "fine", rights.EpicOwner, rights.EnterpriseArchitect)
	approved  = rights.ProposalApproved{By: cyd}
	leaders   = []rights.Role{rights.PortfolioLeadership}
)

func consult(by es.PersonID, agree *bool, text string, roles ...rights.Role) rights.ConsultGiven {
	return rights.ConsultGiven{Consult: rights.Consult{By: by, Roles: roles, Agree: agree, Text: text}}
}

func as(p es.PersonID) es.Meta { m := estest.Meta; m.Actor = p; return m }

func at(m es.Meta, t time.Time) es.Meta { m.Time = t; return m }

func TestProposalHappens(t *testing.T) {
	spaced := wish
	spaced.Body = json.RawMessage(` { "case" : 2 } `)
	open := wish
	open.Agree, open.Consult, open.Blocking, open.Due = nil, nil, false, time.Time{}
	unblocked := submitted
	unblocked.Blocking = false
	asked := []proposalEvent{submitted, agreed, heardEA}
	rejected := rights.ProposalRejected{By: cyd, Reason: "no"}
	for name, c := range map[string]struct {
		given []proposalEvent
		as    es.Meta
		when  es.Command[rights.Proposal]
		then  []proposalEvent
	}{
		"a wish is submitted":                    {nil, as(ann), rights.SubmitProposal{Wish: spaced}, []proposalEvent{submitted}},
		"the same wish again is one":             {[]proposalEvent{submitted}, as(ann), rights.SubmitProposal{Wish: spaced}, nil},
		"one who must agree agrees":              {[]proposalEvent{submitted}, as(bob), rights.GiveConsult{Agree: new(true), Roles: []rights.Role{rights.BusinessOwner, rights.Team}}, []proposalEvent{agreed}},
		"one who must agree is against":          {[]proposalEvent{submitted}, as(bob), rights.GiveConsult{Agree: new(false), Text: "too dear ", Roles: []rights.Role{rights.BusinessOwner}}, []proposalEvent{against}},
		"one who is consulted speaks":            {[]proposalEvent{submitted}, as(cyd), rights.GiveConsult{Text: "fine", Roles: []rights.Role{rights.EpicOwner}}, []proposalEvent{heardEO}},
		"to say the same again says nothing":     {[]proposalEvent{submitted, agreed}, as(bob), rights.GiveConsult{Agree: new(true), Roles: []rights.Role{rights.BusinessOwner}}, nil},
		"words alone take no agreement back":     {[]proposalEvent{submitted, agreed}, as(bob), rights.GiveConsult{Text: "hurry", Roles: []rights.Role{rights.BusinessOwner}}, []proposalEvent{consult(bob, new(true), "hurry", rights.BusinessOwner)}},
		"a veto is taken back":                   {[]proposalEvent{submitted, against}, as(bob), rights.GiveConsult{Agree: new(true), Roles: []rights.Role{rights.BusinessOwner}}, []proposalEvent{agreed}},
		"an administrator speaks for all":        {[]proposalEvent{submitted}, as(bob), rights.GiveConsult{Agree: new(true), Roles: []rights.Role{rights.Administrator}}, []proposalEvent{consult(bob, new(true), "", rights.BusinessOwner, rights.EpicOwner, rights.EnterpriseArchitect)}},
		"approved when all were asked":           {asked, as(cyd), rights.Approve{Roles: leaders}, []proposalEvent{approved}},
		"approved with a note":                   {asked, as(cyd), rights.Approve{Note: " go ", Roles: leaders}, []proposalEvent{rights.ProposalApproved{By: cyd, Note: "go"}}},
		"approved is approved":                   {append(asked[:3:3], approved), as(cyd), rights.Approve{Roles: leaders}, nil},
		"approved after a veto was taken back":   {[]proposalEvent{submitted, against, heardEA, agreed}, as(cyd), rights.Approve{Roles: leaders}, []proposalEvent{approved}},
		"a consulted one's no is no veto":        {[]proposalEvent{submitted, agreed, consult(ann, new(false), "hm", rights.EpicOwner, rights.EnterpriseArchitect)}, as(cyd), rights.Approve{Roles: leaders}, []proposalEvent{approved}},
		"the approver's own roles count":         {[]proposalEvent{submitted}, as(cyd), rights.Approve{Roles: []rights.Role{rights.PortfolioLeadership, rights.BusinessOwner, rights.EpicOwner, rights.EnterpriseArchitect}}, []proposalEvent{approved}},
		"the due date ends the wait for consult": {[]proposalEvent{submitted, agreed}, at(as(cyd), tomorrow), rights.Approve{Roles: leaders}, []proposalEvent{approved}},
		"consult that blocks not is not awaited": {[]proposalEvent{unblocked, agreed}, as(cyd), rights.Approve{Roles: leaders}, []proposalEvent{approved}},
		"one's own with D":                       {asked, as(ann), rights.Approve{Roles: leaders}, []proposalEvent{rights.ProposalApproved{By: ann}}},
		"an administrator overrides a veto":      {[]proposalEvent{submitted, against}, as(cyd), rights.Approve{Roles: []rights.Role{rights.Administrator}}, []proposalEvent{approved}},
		"rejected with a reason":                 {[]proposalEvent{submitted}, as(cyd), rights.Reject{Reason: " no"}, []proposalEvent{rejected}},
		"rejected is rejected":                   {[]proposalEvent{submitted, rejected}, as(cyd), rights.Reject{Reason: "no"}, nil},
		"withdrawn by its proposer":              {[]proposalEvent{submitted}, as(ann), rights.Withdraw{}, []proposalEvent{rights.ProposalWithdrawn{}}},
		"withdrawn is withdrawn":                 {[]proposalEvent{submitted, rights.ProposalWithdrawn{}}, as(ann), rights.Withdraw{}, nil},
		"expired when due":                       {[]proposalEvent{submitted}, at(as(""), tomorrow), rights.Expire{}, []proposalEvent{rights.ProposalExpired{}}},
		"expired is expired":                     {[]proposalEvent{submitted, rights.ProposalExpired{}}, at(as(""), tomorrow), rights.Expire{}, nil},
		"applied at a position":                  {append(asked[:3:3], approved), as(cyd), rights.RecordApplied{Position: 9}, []proposalEvent{rights.ProposalApplied{Position: 9}}},
		"applied is applied":                     {append(asked[:3:3], approved, rights.ProposalApplied{Position: 9}), as(cyd), rights.RecordApplied{Position: 9}, nil},
		"went stale":                             {append(asked[:3:3], approved), as(cyd), rights.RecordStale{Code: "epic-case-moved", Text: "moved"}, []proposalEvent{rights.ProposalWentStale{Code: "epic-case-moved", Text: "moved"}}},
		"stale is stale":                         {append(asked[:3:3], approved, rights.ProposalWentStale{Code: "epic-case-moved"}), as(cyd), rights.RecordStale{Code: "epic-case-moved"}, nil},
		"nobody to ask":                          {[]proposalEvent{rights.ProposalSubmitted{Wish: open, Proposer: ann}}, as(cyd), rights.Approve{}, []proposalEvent{approved}},
	} {
		t.Run(name, func(t *testing.T) {
			estest.Given(schema, c.given...).As(c.as).When(c.when).Then(t, c.then...)
		})
	}
}

func TestProposalRefuses(t *testing.T) {
	with := func(change func(*rights.Wish)) rights.SubmitProposal {
		w := wish
		change(&w)
		return rights.SubmitProposal{Wish: w}
	}
	forever := submitted
	forever.Due = time.Time{}
	two := submitted
	two.Agree = []rights.Role{rights.BusinessOwner, rights.Sponsor}
	occurred := as(cyd)
	occurred.Occurred = nextWeek
	for name, c := range map[string]struct {
		given []proposalEvent
		as    es.Meta
		when  es.Command[rights.Proposal]
		want  error
	}{
		"a body that is no object":               {nil, as(ann), with(func(w *rights.Wish) { w.Body = json.RawMessage(`[1]`) }), fail.Invalid("body", "")},
		"a body that is no JSON":                 {nil, as(ann), with(func(w *rights.Wish) { w.Body = json.RawMessage(`{`) }), fail.Invalid("body", "")},
		"no body":                                {nil, as(ann), with(func(w *rights.Wish) { w.Body = nil }), fail.Invalid("body", "")},
		"no command":                             {nil, as(ann), with(func(w *rights.Wish) { w.Command = "go" }), fail.Invalid("command", "")},
		"no key":                                 {nil, as(ann), with(func(w *rights.Wish) { w.Key = "" }), fail.Invalid("key", "")},
		"no right":                               {nil, as(ann), with(func(w *rights.Wish) { w.Right = "" }), fail.Invalid("right", "")},
		"no decider":                             {nil, as(ann), with(func(w *rights.Wish) { w.Deciders = nil }), fail.Invalid("deciders", "")},
		"another body under its key":             {[]proposalEvent{submitted}, as(ann), with(func(w *rights.Wish) { w.Body = json.RawMessage(`{"case":3}`) }), rights.ErrProposalExists},
		"another proposer":                       {[]proposalEvent{submitted}, as(bob), rights.SubmitProposal{Wish: wish}, rights.ErrProposalExists},
		"a word of one who is not asked":         {[]proposalEvent{submitted}, as(bob), rights.GiveConsult{Text: "fine", Roles: []rights.Role{rights.Team}}, rights.ErrNotAsked},
		"a word of one without a role":           {[]proposalEvent{submitted}, as(bob), rights.GiveConsult{Text: "fine"}, rights.ErrNotAsked},
		"nothing said":                           {[]proposalEvent{submitted}, as(bob), rights.GiveConsult{Text: " ", Roles: []rights.Role{rights.EpicOwner}}, fail.Invalid("text", "")},
		"against it without a reason":            {[]proposalEvent{submitted}, as(bob), rights.GiveConsult{Agree: new(false), Roles: []rights.Role{rights.EpicOwner}}, fail.Invalid("text", "")},
		"one's own without D":                    {[]proposalEvent{submitted, agreed, heardEA}, as(ann), rights.Approve{Roles: []rights.Role{rights.EpicOwner}}, rights.ErrOwnProposal},
		"a missing mandatory agreement":          {[]proposalEvent{submitted, heardEA}, as(cyd), rights.Approve{Roles: leaders}, rights.ErrAgreementMissing},
		"one agreement of two":                   {[]proposalEvent{two, heardEA, agreed}, as(cyd), rights.Approve{Roles: leaders}, rights.ErrAgreementMissing},
		"words from one who must agree":          {[]proposalEvent{submitted, heardEA, consult(bob, nil, "well", rights.BusinessOwner)}, as(cyd), rights.Approve{Roles: leaders}, rights.ErrAgreementMissing},
		"agreement is awaited beyond the due":    {[]proposalEvent{submitted, heardEA}, at(as(cyd), nextWeek), rights.Approve{Roles: leaders}, rights.ErrAgreementMissing},
		"a veto":                                 {[]proposalEvent{submitted, heardEA, against}, as(cyd), rights.Approve{Roles: leaders}, rights.ErrVetoed},
		"a veto beside an agreement":             {[]proposalEvent{submitted, heardEA, against, consult(ann, new(true), "", rights.BusinessOwner)}, as(cyd), rights.Approve{Roles: append(leaders[:1:1], rights.BusinessOwner)}, rights.ErrVetoed},
		"blocking consult missing before due":    {[]proposalEvent{submitted, agreed, heardEO}, as(cyd), rights.Approve{Roles: leaders}, rights.ErrConsultMissing},
		"blocking consult missing without a due": {[]proposalEvent{forever, agreed}, at(as(cyd), nextWeek), rights.Approve{Roles: leaders}, rights.ErrConsultMissing},
		"a deadline shortened by the sender":     {[]proposalEvent{submitted, agreed}, occurred, rights.Approve{Roles: leaders}, rights.ErrConsultMissing},
		"rejection without a reason":             {[]proposalEvent{submitted}, as(cyd), rights.Reject{Reason: " "}, rights.ErrNoReason},
		"withdrawal by another":                  {[]proposalEvent{submitted}, as(bob), rights.Withdraw{}, rights.ErrNotProposer},
		"expiry before it is due":                {[]proposalEvent{submitted}, as(""), rights.Expire{}, rights.ErrNotDue},
		"expiry of what never comes due":         {[]proposalEvent{forever}, at(as(""), nextWeek), rights.Expire{}, rights.ErrNotDue},
		"applied unapproved":                     {[]proposalEvent{submitted}, as(cyd), rights.RecordApplied{Position: 9}, rights.ErrNotApproved},
		"applied nowhere":                        {[]proposalEvent{submitted, approved}, as(cyd), rights.RecordApplied{}, fail.Invalid("position", "")},
		"stale unapproved":                       {[]proposalEvent{submitted}, as(cyd), rights.RecordStale{Code: "x"}, rights.ErrNotApproved},
		"stale without a code":                   {[]proposalEvent{submitted, approved}, as(cyd), rights.RecordStale{}, fail.Invalid("code", "")},
		"withdrawal of what is approved":         {[]proposalEvent{submitted, approved}, as(ann), rights.Withdraw{}, rights.ErrProposalEnded},
		"rejection of what is approved":          {[]proposalEvent{submitted, approved}, as(cyd), rights.Reject{Reason: "no"}, rights.ErrProposalEnded},
		"expiry of what is approved":             {[]proposalEvent{submitted, approved}, at(as(""), nextWeek), rights.Expire{}, rights.ErrProposalEnded},
	} {
		t.Run(name, func(t *testing.T) {
			estest.Given(schema, c.given...).As(c.as).When(c.when).Refuses(t, c.want)
		})
	}
}

func TestNothingHappensAfterTheEnd(t *testing.T) {
	ends := map[string][]proposalEvent{
		"applied":   {submitted, approved, rights.ProposalApplied{Position: 9}},
		"stale":     {submitted, approved, rights.ProposalWentStale{Code: "c"}},
		"rejected":  {submitted, rights.ProposalRejected{By: bob, Reason: "no"}},
		"withdrawn": {submitted, rights.ProposalWithdrawn{}},
		"expired":   {submitted, rights.ProposalExpired{}},
	}
	same := map[string]string{"applied": "apply", "stale": "go stale", "withdrawn": "withdraw", "expired": "expire"}
	for end, given := range ends {
		for verb, c := range map[string]es.Command[rights.Proposal]{
			"consult": rights.GiveConsult{Text: "x", Roles: []rights.Role{rights.EpicOwner}}, "approve": rights.Approve{Roles: leaders},
			"reject": rights.Reject{Reason: "other"}, "withdraw": rights.Withdraw{}, "expire": rights.Expire{},
			"apply": rights.RecordApplied{Position: 9}, "go stale": rights.RecordStale{Code: "c"},
		} {
			t.Run(verb+" what is "+end, func(t *testing.T) {
				s := estest.Given(schema, given...).As(at(as(ann), nextWeek)).When(c)
				if same[end] == verb {
					s.Then(t)
				} else {
					s.Refuses(t, rights.ErrProposalEnded)
				}
			})
		}
	}
	estest.Given(schema, ends["applied"]...).As(as(cyd)).When(rights.RecordApplied{Position: 10}).Refuses(t, rights.ErrProposalEnded)
}

func TestRefusalsSayWho(t *testing.T) {
	s := estest.Given(schema, submitted, heardEA).State(t)
	_, err := rights.Approve{Roles: leaders}.Decide(s, as(cyd))
	var f *fail.Error
	if !errors.As(err, &f) || f.Who != "Business Owner" {
		t.Fatalf("got %v by %q, want the Business Owner named", err, f.Who)
	}
}

func TestApprovalNeedsTheRightOfItsCommand(t *testing.T) {
	s := estest.Given(schema, submitted).State(t)
	if got := (rights.Approve{}).Right(s); got != "epic.go_nogo" {
		t.Errorf("approving needs %q", got)
	}
	if got := (rights.Reject{}).Right(s); got != "epic.go_nogo" {
		t.Errorf("rejecting needs %q", got)
	}
	if s.Scope() != wish.Where {
		t.Errorf("in the scope %v", s.Scope())
	}
}

func TestOneDefinitionPerContext(t *testing.T) {
	seen := map[*es.Aggregate[rights.Proposal]]bool{}
	for _, c := range []string{"strategy", "backlog", "feedback", "strategy"} {
		a := rights.Proposals(c)
		seen[a] = true
		if a.Context != c || a.Schema.Names()[0] != c+".proposal.submitted.v1" {
			t.Errorf("%s has the proposals of %s, stored as %s", c, a.Context, a.Schema.Names()[0])
		}
	}
	if len(seen) != 3 {
		t.Errorf("three contexts have %d definitions", len(seen))
	}
}

func TestOneCommandIsOneProposal(t *testing.T) {
	c := rights.SubmitProposal{Wish: wish}
	id := rights.NewProposalID(as(ann), c)
	again := as(ann)
	again.ID, again.Time = "0other00000000000000000000", nextWeek
	if rights.NewProposalID(again, c) != id {
		t.Error("a repetition makes another proposal")
	}
	c.Key = "k-2"
	if rights.NewProposalID(as(ann), c) == id {
		t.Error("another key makes no other proposal")
	}
	if rights.NewProposalID(as(bob), rights.SubmitProposal{Wish: wish}) == id {
		t.Error("another person's key is the same proposal")
	}
}
