package feedback

import (
	"testing"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
)

func TestVote(t *testing.T) {
	type e = es.Event[Vote]
	type f = []es.Event[Vote]
	in := func(want State) func(Vote) bool { return at(func(s Vote) State { return s.State }, want) }
	idea := IdeaFact{State: Open, Product: app}
	known := CustomerFact{ID: acme, State: Active}
	cast := VoteCast{dark, app, estest.Meta.Actor, "", NiceToHave}
	wish := CastVote{Idea: dark, Found: idea}
	with := func(change func(*CastVote)) CastVote { c := wish; change(&c); return c }

	run(t, VoteSchema, []sentence[Vote]{
		{name: "cast", wish: wish, then: f{cast}, state: in(Cast)},
		{name: "cast with importance", wish: with(func(c *CastVote) { c.Importance = just(Critical) }), then: f{VoteCast{dark, app, estest.Meta.Actor, "", Critical}}},
		{name: "cast on behalf of a customer", wish: with(func(c *CastVote) { c.Customer, c.Who = acme, known }), then: f{VoteCast{dark, app, "", acme, NiceToHave}}},
		{name: "cast for a person of a customer", wish: with(func(c *CastVote) { c.Person, c.Customer, c.Who = ann, acme, known }), then: f{VoteCast{dark, app, ann, acme, NiceToHave}}},
		{name: "cast again the same", past: f{cast}, wish: wish},
		{name: "second vote same person", past: f{cast}, wish: with(func(c *CastVote) { c.Importance = just(Critical) }), not: ErrVoted},
		{name: "cast again after retracting", past: f{cast, VoteRetracted{dark}}, wish: wish, then: f{cast}, state: in(Cast)},
		{name: "cast for no idea", wish: CastVote{Found: idea}, not: invalid("idea")},
		{name: "cast for an idea that is not there", wish: CastVote{Idea: dark}, not: invalid("idea")},
		{name: "cast with importance above 3", wish: with(func(c *CastVote) { c.Importance = just(4) }), not: invalid("importance")},
		{name: "cast for an unknown customer", wish: with(func(c *CastVote) { c.Customer = acme }), not: invalid("customer")},
		{name: "cast for an erased customer", wish: with(func(c *CastVote) { c.Customer, c.Who = acme, CustomerFact{ID: acme, State: Erased} }), not: ErrCustomerErased},
		{name: "cast for a merged customer", wish: with(func(c *CastVote) { c.Customer, c.Who = acme, CustomerFact{acme, Merged, globex, Active} }), not: ErrCustomerMerged},

		{name: "importance changed", past: f{cast}, wish: ChangeVoteImportance{Important, idea}, then: f{VoteImportanceChanged{dark, Important}},
			state: func(s Vote) bool { return s.Importance == Important }},
		{name: "importance as it is", past: f{cast}, wish: ChangeVoteImportance{NiceToHave, idea}},
		{name: "importance changed below 0", past: f{cast}, wish: ChangeVoteImportance{-1, idea}, not: invalid("importance")},
		{name: "importance changed when retracted", past: f{cast, VoteRetracted{dark}}, wish: ChangeVoteImportance{Important, idea}, not: ErrVoteRetracted},
		{name: "retracted", past: f{cast}, wish: RetractVote{idea}, then: f{VoteRetracted{dark}}, state: in(Retracted)},
		{name: "retracted again", past: f{cast, VoteRetracted{dark}}, wish: RetractVote{idea}},
	})

	ends := map[string]struct {
		fact IdeaFact
		not  error
	}{
		"Merged": {IdeaFact{State: Merged, Into: night, Product: app}, ErrIdeaMerged}, "shipped": {IdeaFact{State: Shipped, Product: app}, ErrIdeaEnded}, "declined": {IdeaFact{State: Declined, Product: app}, ErrIdeaEnded},
	}
	for name, end := range ends {
		t.Run("idea "+name+": cast", func(t *testing.T) {
			estest.Given(VoteSchema).When(CastVote{Idea: dark, Found: end.fact}).Refuses(t, end.not)
		})
		t.Run("idea "+name+": change importance", func(t *testing.T) {
			estest.Given(VoteSchema, e(cast)).When(ChangeVoteImportance{Critical, end.fact}).Refuses(t, end.not)
		})
		t.Run("idea "+name+": retract", func(t *testing.T) {
			estest.Given(VoteSchema, e(cast)).When(RetractVote{end.fact}).Refuses(t, end.not)
		})
	}

	t.Run("cast by nobody", func(t *testing.T) {
		m := estest.Meta
		m.Actor = ""
		estest.Given(VoteSchema).As(m).When(wish).Refuses(t, invalid("person"))
	})
}
