package feedback

import (
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Votes: who wants an idea, and how much. A person has one vote per idea.
var Votes = &es.Aggregate[Vote]{Context: "feedback", Name: "vote", Plural: "votes", Schema: VoteSchema}

// VoteID names a vote. It follows from the idea and the voter (see VoteOf), so
// that there is never a second one.
type VoteID = es.ID[Vote]

// VoteSchema holds the stored names. Never change a stored name; add one.
var VoteSchema = es.NewSchema(
	es.On[VoteCast]("feedback.vote.cast.v1"),
	es.On[VoteImportanceChanged]("feedback.vote.importance-changed.v1"),
	es.On[VoteRetracted]("feedback.vote.retracted.v1"),
)

// VoteCast says that somebody wants an idea. Who cast it on whose behalf is
// told by the commit's actor beside Person and Customer.
type VoteCast struct {
	Idea       IdeaID      `json:"idea"`
	Product    ProductID   `json:"product"`
	Person     es.PersonID `json:"person,omitempty"`   // empty: the customer's own vote, cast by one of us
	Customer   CustomerID  `json:"customer,omitempty"` // for whom the person speaks
	Importance Importance  `json:"importance"`
}

func (e VoteCast) Evolve(s Vote) Vote {
	return Vote{State: Cast, Idea: e.Idea, Product: e.Product, Person: e.Person, Customer: e.Customer, Importance: e.Importance}
}

// VoteImportanceChanged says how much the voter wants it from now on.
type VoteImportanceChanged struct {
	Idea       IdeaID     `json:"idea"`
	Importance Importance `json:"importance"`
}

func (e VoteImportanceChanged) Evolve(s Vote) Vote { s.Importance = e.Importance; return s }

// VoteRetracted says that the voter no longer asks for it.
type VoteRetracted struct {
	Idea IdeaID `json:"idea"`
}

func (VoteRetracted) Evolve(s Vote) Vote { s.State = Retracted; return s }

// Vote is one voter's wish for one idea.
type Vote struct {
	State      State       `json:"state"`
	Idea       IdeaID      `json:"idea"`
	Product    ProductID   `json:"product"`
	Person     es.PersonID `json:"person,omitempty"`
	Customer   CustomerID  `json:"customer,omitempty"`
	Importance Importance  `json:"importance"`
}

// Scope is the idea's product.
func (s Vote) Scope() rights.Scope { return rights.Scope{Product: s.Product.String()} }

// Refusals of a vote.
var (
	ErrVoted         = fail.Refused("already-voted", "there is a vote of this voter for this idea already; change its importance instead")
	ErrVoteRetracted = fail.Refused("vote-retracted", "this vote is retracted; cast it again")
)

// CastVote asks for an idea: as the sender, as a person for whom the sender
// speaks, or as a customer.
type CastVote struct {
	Idea       IdeaID      `json:"idea"`
	Importance *Importance `json:"importance,omitempty" minimum:"0" maximum:"3" doc:"0 not important, 1 nice to have, 2 important, 3 critical; 1 if left out."`
	Person     es.PersonID `json:"person,omitempty" doc:"Whose vote it is. Left out: the customer's if there is one, else the sender's."`
	Customer   CustomerID  `json:"customer,omitempty" doc:"On whose behalf it is cast."`

	Found IdeaFact     `json:"-"`
	Who   CustomerFact `json:"-"`
}

// voter is who has the vote: a person, or a customer for whom no person is named.
func (c CastVote) voter(m es.Meta) (es.PersonID, CustomerID) {
	if c.Person == "" && c.Customer == "" {
		return m.Actor, ""
	}
	return c.Person, c.Customer
}

func (c CastVote) Decide(s Vote, m es.Meta) ([]es.Event[Vote], error) {
	i, err := importance(c.Importance)
	person, customer := c.voter(m)
	switch {
	case c.Idea == "":
		return nil, fail.Invalid("idea", "name the idea that the vote is for")
	case err != nil:
		return nil, err
	case person == "" && customer == "":
		return nil, fail.Invalid("person", "say whose vote it is: a person's or a customer's")
	case s.State == Cast && s.Importance == i && s.Customer == customer:
		return nil, nil
	}
	if err := c.Found.open("idea"); err != nil {
		return nil, err
	}
	if s.State == Cast {
		return nil, ErrVoted
	}
	if customer != "" {
		// A customer that is merged must not get a second vote by its old id.
		if err := c.Who.standing("customer"); err != nil {
			return nil, err
		}
	}
	return es.Happened(VoteCast{c.Idea, c.Found.Product, person, customer, i})
}

// ChangeVoteImportance says how much the voter wants it from now on.
type ChangeVoteImportance struct {
	Importance Importance `json:"importance" minimum:"0" maximum:"3" doc:"0 not important, 1 nice to have, 2 important, 3 critical."`

	Found IdeaFact `json:"-"`
}

func (c ChangeVoteImportance) Decide(s Vote, _ es.Meta) ([]es.Event[Vote], error) {
	_, err := importance(&c.Importance)
	switch {
	case err != nil:
		return nil, err
	case s.State == Retracted:
		return nil, ErrVoteRetracted
	case s.Importance == c.Importance:
		return nil, nil
	}
	if err := c.Found.open("idea"); err != nil {
		return nil, err
	}
	return es.Happened(VoteImportanceChanged{s.Idea, c.Importance})
}

// RetractVote takes the vote back.
type RetractVote struct {
	Found IdeaFact `json:"-"`
}

func (c RetractVote) Decide(s Vote, _ es.Meta) ([]es.Event[Vote], error) {
	if s.State == Retracted {
		return nil, nil
	}
	if err := c.Found.open("idea"); err != nil {
		return nil, err
	}
	return es.Happened(VoteRetracted{s.Idea})
}
