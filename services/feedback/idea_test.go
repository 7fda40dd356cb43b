package feedback

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
)

type ideaPast = []es.Event[Idea]

var (
	proposed  = IdeaProposed{Key: "I-1", Title: "Dark mode", Description: "At night.", Product: app, Author: ann}
	intoNight = IdeaMerged{night}
	// reaches is how an idea gets to each of its states.
	reaches = map[State]ideaPast{
		Open:        {proposed},
		UnderReview: {proposed, IdeaStatusSet{Open, UnderReview}},
		Planned:     {proposed, IdeaStatusSet{UnderReview, Planned}},
		InProgress:  {proposed, IdeaStatusSet{Planned, InProgress}},
		Shipped:     {proposed, IdeaShipped{}},
		Declined:    {proposed, IdeaDeclined{"no"}},
		Merged:      {proposed, intoNight},
	}
)

func ideaIn(want State) func(Idea) bool { return at(func(s Idea) State { return s.State }, want) }

func TestIdea(t *testing.T) {
	type f = ideaPast
	propose := ProposeIdea{Title: "Dark mode", Description: "At night.", Product: app, Author: ann}
	with := func(change func(*ProposeIdea)) ProposeIdea { c := propose; change(&c); return c }
	asked := proposed
	asked.Key = "X-1"
	askedWith := func(change func(*IdeaProposed)) IdeaProposed { e := asked; change(&e); return e }
	free := MergeFacts{Self: dark.String(), Target: MergeSide{Exists: true, Product: app}}
	target := func(change func(*MergeFacts)) MergeFacts { m := free; change(&m); return m }

	run(t, IdeaSchema, []sentence[Idea]{
		{name: "proposed", wish: propose, then: f{asked}, state: ideaIn(Open)},
		{name: "proposed by the sender", wish: with(func(c *ProposeIdea) { c.Author = "" }), then: f{askedWith(func(e *IdeaProposed) { e.Author = estest.Meta.Actor })}},
		{name: "proposed for a customer from feedback", wish: with(func(c *ProposeIdea) {
			c.Customer, c.Who, c.Feedback, c.Source = acme, CustomerFact{ID: acme, State: Churned}, said, Feedback{State: Closed}
		}), then: f{askedWith(func(e *IdeaProposed) { e.Customer, e.Feedback = acme, said })}},
		{name: "proposed for a merged customer", wish: with(func(c *ProposeIdea) { c.Customer, c.Who = acme, CustomerFact{acme, Merged, globex, Active} }),
			then: f{askedWith(func(e *IdeaProposed) { e.Customer = globex })}},
		{name: "proposed for an erased customer", wish: with(func(c *ProposeIdea) { c.Customer, c.Who = acme, CustomerFact{ID: acme, State: Erased} }), not: ErrCustomerErased},
		{name: "proposed for an unknown customer", wish: with(func(c *ProposeIdea) { c.Customer = acme }), not: invalid("customer")},
		{name: "proposed from feedback that is not there", wish: with(func(c *ProposeIdea) { c.Feedback = said }), not: invalid("feedback")},
		{name: "proposed for no product", wish: with(func(c *ProposeIdea) { c.Product = "" }), not: invalid("product")},
		{name: "proposed without a title", wish: with(func(c *ProposeIdea) { c.Title = "" }), not: invalid("title")},
		{name: "proposed with too long a title", wish: with(func(c *ProposeIdea) { c.Title = long(301) }), not: invalid("title")},
		{name: "proposed with too long a description", wish: with(func(c *ProposeIdea) { c.Description = long(maxText + 1) }), not: invalid("description")},
		{name: "proposed with an address as external id", wish: with(func(c *ProposeIdea) { c.ExternalID = "jo@example.org" }), not: invalid("externalId")},
		{name: "proposed again the same", past: f{proposed}, wish: propose},
		{name: "proposed another under the same external id", past: f{proposed}, wish: with(func(c *ProposeIdea) { c.Title = "Light" }), not: ErrIdeaExists},

		{name: "revised", past: f{proposed}, wish: ReviseIdea{"Night mode", ""}, then: f{IdeaRevised{"Night mode", ""}}},
		{name: "revised as it is", past: f{proposed}, wish: ReviseIdea{"Dark mode", "At night."}},
		{name: "revised without a title", past: f{proposed}, wish: ReviseIdea{}, not: invalid("title")},

		{name: "declined", past: f{proposed}, wish: DeclineIdea{"Not for us."}, then: f{IdeaDeclined{"Not for us."}},
			state: func(s Idea) bool { return s.State == Declined && s.DeclineReason == "Not for us." }},
		{name: "declined again the same", past: reaches[Declined], wish: DeclineIdea{"no"}},
		{name: "declined with another reason", past: reaches[Declined], wish: DeclineIdea{"never"}, not: ErrIdeaEnded},
		{name: "decline without reason", past: f{proposed}, wish: DeclineIdea{" "}, not: invalid("reason")},
		{name: "declined as a status", past: f{proposed}, wish: SetIdeaStatus{Declined}, not: invalid("status")},
		{name: "merged as a status", past: f{proposed}, wish: SetIdeaStatus{Merged}, not: invalid("status")},

		{name: "shipped from any status", past: f{proposed}, wish: MarkIdeaShipped{item, release}, then: f{IdeaShipped{item, release}},
			state: func(s Idea) bool { return s.State == Shipped && s.Release == release }},
		{name: "shipped again", past: reaches[Shipped], wish: MarkIdeaShipped{Item: item}},
		{name: "shipped what is declined", past: reaches[Declined], wish: MarkIdeaShipped{}, not: ErrIdeaEnded},
		{name: "shipped what is merged", past: reaches[Merged], wish: MarkIdeaShipped{}, not: ErrIdeaMerged},
		{name: "reopened when declined", past: reaches[Declined], wish: ReopenIdea{"new law"}, then: f{IdeaReopened{"new law"}},
			state: func(s Idea) bool { return s.State == UnderReview && s.DeclineReason == "" }},
		{name: "reopened when shipped", past: reaches[Shipped], wish: ReopenIdea{"withdrawn"}, then: f{IdeaReopened{"withdrawn"}}, state: ideaIn(UnderReview)},
		{name: "reopened what is open", past: f{proposed}, wish: ReopenIdea{"why"}},
		{name: "reopened without a reason", past: reaches[Declined], wish: ReopenIdea{}, not: invalid("reason")},
		{name: "reopened what is merged", past: reaches[Merged], wish: ReopenIdea{"why"}, not: ErrIdeaMerged},

		{name: "merged", past: f{proposed}, wish: MergeIdea{night, free}, then: f{intoNight}, state: ideaIn(Merged)},
		{name: "merged into the same again", past: reaches[Merged], wish: MergeIdea{night, free}},
		{name: "merged into another as well", past: reaches[Merged], wish: MergeIdea{dark, free}, not: ErrIdeaMerged},
		{name: "merged into itself", past: f{proposed}, wish: MergeIdea{dark, free}, not: ErrMergeSelf},
		{name: "merged into nothing", past: f{proposed}, wish: MergeIdea{"", free}, not: invalid("into")},
		{name: "merged into one that is not there", past: f{proposed}, wish: MergeIdea{night, target(func(m *MergeFacts) { m.Target.Exists = false })}, not: invalid("into")},
		{name: "merged into a merged one", past: f{proposed}, wish: MergeIdea{night, target(func(m *MergeFacts) { m.Target.Merged = true })}, not: ErrMergeTarget},
		{name: "merged into another product", past: f{proposed}, wish: MergeIdea{night, target(func(m *MergeFacts) { m.Target.Product = other })}, not: ErrMergeProduct},
		{name: "merged though others are merged into it", past: f{proposed}, wish: MergeIdea{night, target(func(m *MergeFacts) { m.Absorbed = true })}, not: ErrMergeAbsorbed},
		{name: "unmerged without a merge", past: f{proposed}, wish: UnmergeIdea{}},
	})

	changes := map[string]es.Command[Idea]{
		"revise": ReviseIdea{"Night mode", ""}, "status": SetIdeaStatus{UnderReview}, "decline": DeclineIdea{"x"}, "promote": PromoteIdea{},
	}
	for name, wish := range changes {
		t.Run("change while Merged: "+name, func(t *testing.T) {
			estest.Given(IdeaSchema, reaches[Merged]...).When(wish).Refuses(t, ErrIdeaMerged)
		})
		for _, end := range []State{Shipped, Declined} {
			t.Run("change when "+string(end)+": "+name, func(t *testing.T) {
				estest.Given(IdeaSchema, reaches[end]...).When(wish).Refuses(t, ErrIdeaEnded)
			})
		}
	}
}

// Every status from every status: one forward or any back, the same is nothing
// new, and what is over is over.
func TestIdeaStatus(t *testing.T) {
	for i, from := range stages {
		for j, to := range stages {
			t.Run(fmt.Sprintf("%s to %s", from, to), func(t *testing.T) {
				s := estest.Given(IdeaSchema, reaches[from]...).When(SetIdeaStatus{to})
				switch {
				case i == j:
					s.Then(t)
				case from == Shipped:
					s.Refuses(t, ErrIdeaEnded)
				case j > i+1:
					s.Refuses(t, ErrIdeaTransition)
				case to == Shipped:
					s.Then(t, IdeaShipped{})
				default:
					s.Then(t, IdeaStatusSet{from, to})
					if got := s.State(t).State; got != to {
						t.Errorf("it is %s afterwards", got)
					}
				}
			})
		}
	}
}

func TestUnmergeGivesAnIdeaBackAsItWas(t *testing.T) {
	for state, past := range reaches {
		if state == Merged {
			continue
		}
		before := estest.Given(IdeaSchema, past...).State(t)
		merged := es.Added[es.Event[Idea]](past, intoNight)
		s := estest.Given(IdeaSchema, merged...).When(UnmergeIdea{})
		s.Then(t, IdeaUnmerged{night})
		if diff := cmp.Diff(before, s.State(t)); diff != "" {
			t.Errorf("%s: %s", state, diff)
		}
	}
}

func TestPromotion(t *testing.T) {
	type f = ideaPast
	promoted := IdeaPromoted{1, "I-1", "Dark mode", "At night.", app, train, epic}
	again := promoted
	again.Attempt = 2
	succeeded, failed := PromotionSucceeded{item, "F-9"}, PromotionFailed{"no such epic"}
	after := func(base f, more ...es.Event[Idea]) f { return slices.Concat(base, more) }

	run(t, IdeaSchema, []sentence[Idea]{
		{name: "promoted", past: reaches[Open], wish: PromoteIdea{train, epic}, then: f{promoted},
			state: func(s Idea) bool { return s.State == UnderReview && s.Promotion.Outcome == PromotionPending }},
		{name: "promoted when planned by hand", past: reaches[Planned], wish: PromoteIdea{train, epic}, then: f{promoted}, state: ideaIn(Planned)},
		{name: "promote twice while the first waits", past: f{proposed, promoted}, wish: PromoteIdea{}, not: ErrIdeaPromoted},
		{name: "promote twice after a success", past: f{proposed, promoted, succeeded}, wish: PromoteIdea{}, not: ErrIdeaPromoted},
		{name: "promoted again after a failure", past: f{proposed, promoted, failed}, wish: PromoteIdea{train, epic}, then: f{again}},

		{name: "promotion succeeded", past: f{proposed, promoted}, wish: RecordPromotionSucceeded{item, "F-9"}, then: f{succeeded},
			state: func(s Idea) bool {
				return s.State == Planned && cmp.Equal(s.Promotion, &Promotion{1, PromotionDone, item, "F-9", ""})
			}},
		{name: "promotion succeeded after a failure", past: f{proposed, promoted, failed, again}, wish: RecordPromotionSucceeded{item, "F-9"}, then: f{succeeded},
			state: func(s Idea) bool { return s.Promotion.Attempt == 2 }},
		{name: "promotion succeeded when in progress already", past: after(reaches[InProgress], promoted), wish: RecordPromotionSucceeded{item, "F-9"}, then: f{succeeded}, state: ideaIn(InProgress)},
		{name: "promotion succeeded when declined meanwhile", past: f{proposed, promoted, IdeaDeclined{"no"}}, wish: RecordPromotionSucceeded{item, "F-9"}, then: f{succeeded}, state: ideaIn(Declined)},
		{name: "promotion succeeded when merged meanwhile", past: f{proposed, promoted, intoNight}, wish: RecordPromotionSucceeded{item, "F-9"}, then: f{succeeded},
			state: func(s Idea) bool { return s.State == Merged && s.Before == Planned }},
		{name: "promotion succeeded again", past: f{proposed, promoted, succeeded}, wish: RecordPromotionSucceeded{item, "F-9"}},
		{name: "promotion succeeded with another item", past: f{proposed, promoted, succeeded}, wish: RecordPromotionSucceeded{otherItem, "F-10"}, not: ErrIdeaPromoted},
		{name: "promotion succeeded without one", past: f{proposed}, wish: RecordPromotionSucceeded{item, "F-9"}, not: ErrNotPromoted},
		{name: "promotion succeeded after it failed", past: f{proposed, promoted, failed}, wish: RecordPromotionSucceeded{item, "F-9"}, not: ErrNotPromoted},
		{name: "promotion succeeded without an item", past: f{proposed, promoted}, wish: RecordPromotionSucceeded{}, not: invalid("item")},

		{name: "promotion failed", past: f{proposed, promoted}, wish: RecordPromotionFailed{"no such epic"}, then: f{failed},
			state: func(s Idea) bool {
				return s.State == UnderReview && cmp.Equal(s.Promotion, &Promotion{1, PromotionRefused, "", "", "no such epic"})
			}},
		{name: "promotion failed when planned by hand", past: after(reaches[Planned], promoted), wish: RecordPromotionFailed{"no such epic"}, then: f{failed}, state: ideaIn(UnderReview)},
		{name: "promotion failed when declined meanwhile", past: f{proposed, promoted, IdeaDeclined{"no"}}, wish: RecordPromotionFailed{"no such epic"}, then: f{failed}, state: ideaIn(Declined)},
		{name: "promotion failed when merged meanwhile", past: f{proposed, promoted, intoNight}, wish: RecordPromotionFailed{"no such epic"}, then: f{failed},
			state: func(s Idea) bool { return s.State == Merged && s.Before == UnderReview }},
		{name: "promotion failed again", past: f{proposed, promoted, failed}, wish: RecordPromotionFailed{"no such epic"}},
		{name: "promotion failed after it succeeded", past: f{proposed, promoted, succeeded}, wish: RecordPromotionFailed{"x"}, not: ErrNotPromoted},
		{name: "promotion failed without one", past: f{proposed}, wish: RecordPromotionFailed{"x"}, not: ErrNotPromoted},
		{name: "promotion failed without a reason", past: f{proposed, promoted}, wish: RecordPromotionFailed{}, not: invalid("reason")},

		{name: "own item shipped beneath a merge", past: f{proposed, promoted, succeeded, intoNight}, wish: MarkIdeaShipped{item, release}, then: f{IdeaShipped{item, release}},
			state: func(s Idea) bool { return s.State == Merged && s.Before == Shipped }},
		{name: "own item shipped beneath a merge again", past: f{proposed, promoted, succeeded, intoNight, IdeaShipped{item, release}}, wish: MarkIdeaShipped{item, release}},
		{name: "another item shipped beneath a merge", past: f{proposed, promoted, succeeded, intoNight}, wish: MarkIdeaShipped{otherItem, release}, not: ErrIdeaMerged},
		{name: "shipped as a status names the item", past: f{proposed, promoted, succeeded, IdeaStatusSet{Planned, InProgress}}, wish: SetIdeaStatus{Shipped}, then: f{IdeaShipped{Item: item}}},
	})
}
