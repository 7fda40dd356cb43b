package command_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// governed is a house where Product Owners decide the colour: ben is one for
// team a, cyn for team b, ann for none.
func governed(t *testing.T, entry rights.Entry) (h *house, front string) {
	h = newHouse(t)
	front = h.do(ann, "door.hang", "", body{"name": "Front", "team": "a"}).ID
	h.govern(map[rights.Decision]rights.Entry{mayPaint: entry, mayRename: entry, mayHang: entry})
	h.assign(ben, rights.ProductOwner, rights.Scope{Team: "a"})
	h.assign(cyn, rights.ProductOwner, rights.Scope{Team: "b"})
	return h, front
}

var byOwner = rights.Entry{Decide: []rights.Role{rights.ProductOwner}}

// propose wishes for red and expects a proposal.
func (h *house) propose(who es.PersonID, name, id string, b any) (proposal string, key string) {
	h.t.Helper()
	a, err := h.send(who, name, id, b)
	if err != nil || a.Proposal == "" {
		h.t.Fatalf("%s: %+v, %v; want a proposal", name, a, err)
	}
	if !slices.Equal(a.Deciders, []string{string(rights.ProductOwner)}) {
		h.t.Errorf("the deciders are %v", a.Deciders)
	}
	p := h.proposal(a.Proposal)
	if p.State != rights.ProposalOpen || p.Command != "backlog."+name || p.Proposer != who || p.TargetID != a.ID {
		h.t.Errorf("the proposal is %+v", p)
	}
	return a.Proposal, p.Key
}

func (h *house) ends(proposal string, in rights.ProposalState) rights.Proposal {
	h.t.Helper()
	h.until("the proposal is "+string(in), func() bool { return h.proposal(proposal).State == in })
	return h.proposal(proposal)
}

func TestWhoDecidesDoesItAtOnceUnderTheirRole(t *testing.T) {
	h := newHouse(t)
	front := h.do(ann, "door.hang", "", body{"name": "Front", "team": "a"}).ID
	if a := h.do(ann, "door.paint", front, body{"colour": "red"}); a.Proposal != "" {
		t.Errorf("nothing governs it: %+v", a)
	}
	policy := h.govern(map[rights.Decision]rights.Entry{mayPaint: byOwner})
	h.assign(ben, rights.ProductOwner, rights.Scope{Team: "a"})
	if a := h.do(ben, "door.paint", front, body{"colour": "green"}); a.Proposal != "" || a.Events != 1 {
		t.Errorf("the decider: %+v", a)
	}
	commits := h.commits(front)
	if m := commits[len(commits)-1].Meta; m.Rights != policy || m.ActingAs != string(rights.ProductOwner) || m.Actor != ben {
		t.Errorf("stored %+v, want the policy at %d", m, policy)
	}
}

func TestAnAdministratorFallsIn(t *testing.T) {
	h, front := governed(t, rights.Entry{Decide: []rights.Role{rights.BusinessOwner}, Agree: []rights.Role{rights.ProductOwner}})
	h.assign(ann, rights.Administrator, rights.Scope{})
	if a := h.do(ann, "door.paint", front, body{"colour": "red"}); a.Proposal != "" || a.Events != 1 {
		t.Errorf("%+v", a)
	}
	commits := h.commits(front)
	if m := commits[len(commits)-1].Meta; m.ActingAs != string(rights.Administrator) {
		t.Errorf("stored %+v", m)
	}
}

func TestAProposalIsAppliedForWhoApprovedIt(t *testing.T) {
	h, front := governed(t, byOwner)
	id, key := h.propose(ann, "door.paint", front, body{"colour": "red"})
	if s, _ := h.door(front); s.Colour != "" {
		t.Fatal("it was painted before anybody decided")
	}
	h.do(ben, "proposal.approve", id, body{"note": "nice"})
	p := h.ends(id, rights.ProposalIsApplied)
	s, version := h.door(front)
	if s.Colour != "red" || p.Position != version || p.DecidedBy != ben {
		t.Errorf("the door is %+v at %d, the proposal %+v", s, version, p)
	}
	commits := h.commits(front)
	if m := commits[len(commits)-1].Meta; m.Actor != ben || m.Proposal != id || m.Command != key {
		t.Errorf("stored %+v, want it by %s for %s", m, ben, id)
	}
	// The proposer, who never heard back, sends it again: it was done.
	q := h.request(ann, front, body{"colour": "red"})
	q.Meta.Command = key
	if a, err := h.client.Send(t.Context(), "backlog.door.paint", q); err != nil || !a.Again || a.Position != version {
		t.Errorf("sent again after the approval: %+v, %v", a, err)
	}
}

func TestACreationThatWasProposedGetsItsNumberWhenItIsApproved(t *testing.T) {
	h, _ := governed(t, byOwner)
	id, _ := h.propose(ann, "door.hang", "", body{"name": "Back", "team": "a"})
	h.do(ben, "proposal.approve", id, nil)
	p := h.ends(id, rights.ProposalIsApplied)
	if s, _ := h.door(p.TargetID); s.Key != "D-2" || s.Name != "Back" {
		t.Errorf("the door is %+v; a proposal takes no number before it is approved", s)
	}
}

func TestOnlyADeciderOfTheScopeDecides(t *testing.T) {
	h, front := governed(t, byOwner)
	id, _ := h.propose(ann, "door.paint", front, body{"colour": "red"})
	for name, who := range map[string]es.PersonID{"the proposer": ann, "another team's owner": cyn, "somebody": es.NewID[es.Person]()} {
		for verb, b := range map[string]body{"approve": {}, "reject": {"reason": "no"}} {
			_, err := h.send(who, "proposal."+verb, id, b)
			e, known := fail.As(err)
			if !known || e.Kind != fail.KindForbidden || e.Right != string(mayPaint) || e.Who != rights.ProductOwner.Label() {
				t.Errorf("%s wants to %s it: %#v", name, verb, err)
			}
		}
	}
	if p := h.proposal(id); p.State != rights.ProposalOpen {
		t.Errorf("it is %s", p.State)
	}
}

func TestRejectAndWithdraw(t *testing.T) {
	h, front := governed(t, byOwner)
	id, _ := h.propose(ann, "door.paint", front, body{"colour": "red"})
	h.refuses(rights.ErrNoReason, ben, "proposal.reject", id, body{"reason": " "})
	h.do(ben, "proposal.reject", id, body{"reason": "too loud"})
	if p := h.proposal(id); p.State != rights.ProposalIsRejected || p.Note != "too loud" {
		t.Errorf("%+v", p)
	}
	h.refuses(rights.ErrProposalEnded, ben, "proposal.approve", id, nil)

	id, _ = h.propose(ann, "door.paint", front, body{"colour": "blue"})
	h.refuses(rights.ErrNotProposer, ben, "proposal.withdraw", id, nil)
	h.do(ann, "proposal.withdraw", id, nil)
	h.refuses(rights.ErrProposalEnded, ben, "proposal.approve", id, nil)
	if s, _ := h.door(front); s.Colour != "" {
		t.Errorf("it was painted %s", s.Colour)
	}
}

func TestWhatWouldBeRefusedAnywayIsNotProposed(t *testing.T) {
	h, front := governed(t, byOwner)
	h.do(ann, "door.lock", front, nil)
	h.refuses(errLocked, ann, "door.paint", front, body{"colour": "red"})
	_, err := h.send(ann, "door.hang", "", body{"name": "", "team": "a"})
	if e, known := fail.As(err); !known || e.Kind != fail.KindInvalid || e.Field != "name" {
		t.Errorf("an invalid wish: %v", err)
	}
	_, err = h.send(ann, "door.paint", es.NewID[door]().String(), body{"colour": "red"})
	if e, known := fail.As(err); !known || e.Kind != fail.KindNotFound {
		t.Errorf("a wish for what is not there: %v", err)
	}
	other := h.do(ben, "door.hang", "", body{"name": "Side", "team": "a"}).ID
	h.do(ben, "door.paint", other, body{"colour": "red"})
	if a := h.do(ann, "door.paint", other, body{"colour": "red"}); a.Proposal != "" || a.Events != 0 {
		t.Errorf("a wish that holds already: %+v", a)
	}
}

func TestAKeyIsOfOneProposal(t *testing.T) {
	h, front := governed(t, byOwner)
	q := h.request(ann, front, body{"colour": "red"})
	if a, err := h.client.Send(t.Context(), "backlog.door.paint", q); err != nil || a.Proposal == "" {
		t.Fatalf("%+v, %v", a, err)
	}
	q.Body = []byte(`{"colour":"blue"}`)
	if a, err := h.client.Send(t.Context(), "backlog.door.paint", q); !errors.Is(err, es.ErrKeyReused) {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestAnApprovedCommandThatIsRefusedGoesStale(t *testing.T) {
	h, front := governed(t, byOwner)
	id, _ := h.propose(ann, "door.paint", front, body{"colour": "red"})
	h.do(ann, "door.lock", front, nil) // the target moves on
	h.do(ben, "proposal.approve", id, nil)
	if p := h.ends(id, rights.ProposalIsStale); p.StaleCode != errLocked.Code || p.StaleText != errLocked.Text {
		t.Errorf("%+v", p)
	}
}

// A strict command overwrites what its proposer saw, and nothing newer.
func TestAnApprovedStrictCommandIsForTheVersionThatWasSeen(t *testing.T) {
	h, front := governed(t, byOwner)
	moved, _ := h.propose(ann, "door.rename", front, body{"name": "Main"})
	h.do(ann, "door.open", front, body{"times": 1})
	h.do(ben, "proposal.approve", moved, nil)
	if p := h.ends(moved, rights.ProposalIsStale); p.StaleCode != "stale" {
		t.Errorf("%+v", p)
	}
	unmoved, _ := h.propose(ann, "door.rename", front, body{"name": "Main"})
	h.do(ben, "proposal.approve", unmoved, nil)
	h.ends(unmoved, rights.ProposalIsApplied)
	if s, _ := h.door(front); s.Name != "Main" {
		t.Errorf("%+v", s)
	}
}

func TestAgreementIsWaitedFor(t *testing.T) {
	h, front := governed(t, rights.Entry{Decide: []rights.Role{rights.ProductOwner}, Agree: []rights.Role{rights.SystemArchitect}})
	dee := es.NewID[es.Person]()
	h.assign(dee, rights.SystemArchitect, rights.Scope{})
	// The decider too needs the architect: what they send waits for the architect alone.
	id, _ := h.propose(ben, "door.paint", front, body{"colour": "red"})
	h.refuses(rights.ErrAgreementMissing, ben, "proposal.approve", id, nil)
	h.refuses(rights.ErrNotAsked, cyn, "proposal.consult", id, body{"agree": true})
	h.do(dee, "proposal.consult", id, body{"agree": false, "text": "too loud"})
	h.refuses(rights.ErrVetoed, ben, "proposal.approve", id, nil)
	h.do(dee, "proposal.consult", id, body{"agree": true, "text": "well then"})
	h.do(ben, "proposal.approve", id, nil)
	h.ends(id, rights.ProposalIsApplied)
}

// apply is Internal, but whoever reaches it gets no way around the decision.
func TestOnlyAnApprovedProposalIsApplied(t *testing.T) {
	h, front := governed(t, byOwner)
	apply := func(id string) (command.Answer, error) {
		return h.client.Send(t.Context(), "backlog.proposal.apply", h.request(ann, id, body{}))
	}
	id, _ := h.propose(ann, "door.paint", front, body{"colour": "red"})
	if _, err := apply(id); !errors.Is(err, rights.ErrNotApproved) {
		t.Errorf("an open one: %v", err)
	}
	h.do(ann, "proposal.withdraw", id, nil)
	if _, err := apply(id); !errors.Is(err, rights.ErrNotApproved) {
		t.Errorf("a withdrawn one: %v", err)
	}
	if s, _ := h.door(front); s.Colour != "" {
		t.Errorf("it was painted %s", s.Colour)
	}
	_, err := apply(es.NewID[rights.Proposal]().String())
	if e, known := fail.As(err); !known || e.Kind != fail.KindNotFound {
		t.Errorf("one that is not there: %v", err)
	}
	// Delivered a second time, it is applied no second time: not even if what
	// made it stale is over.
	id, _ = h.propose(ann, "door.rename", front, body{"name": "Main"})
	h.do(ann, "door.open", front, body{"times": 1})
	h.do(ben, "proposal.approve", id, nil)
	h.ends(id, rights.ProposalIsStale)
	if a, err := apply(id); err != nil || !a.Again {
		t.Errorf("again after it went stale: %+v, %v", a, err)
	}
	if s, _ := h.door(front); s.Name != "Front" {
		t.Errorf("a stale proposal was applied: %+v", s)
	}
}

func TestAPolicyIsNotAskedForItsRights(t *testing.T) {
	h, front := governed(t, byOwner)
	q := h.request("", front, body{"colour": "red"})
	q.Meta.ActingAs = "policy:decorate"
	if a, err := h.client.Send(t.Context(), "backlog.door.paint", q); err != nil || a.Proposal != "" || a.Events != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	q = h.request("", front, body{"colour": "blue"}) // neither a person nor a policy
	if a, err := h.client.Send(t.Context(), "backlog.door.paint", q); err != nil || a.Proposal == "" {
		t.Errorf("nobody decided: %+v, %v", a, err)
	}
}

func TestTheCommandsOnProposals(t *testing.T) {
	var public []string
	for _, s := range command.Proposals("backlog", specs) {
		if s.Doc == "" || !strings.HasPrefix(s.Name(), "backlog.proposal.") {
			t.Errorf("%+v", s)
		}
		if !s.Internal {
			public = append(public, s.Verb)
		}
	}
	if !slices.Equal(public, []string{"consult", "approve", "reject", "withdraw"}) {
		t.Errorf("people may send %v", public)
	}
}
