package strategy

import (
	"testing"

	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/rights"
)

const (
	shop ProductID = "0shop000000000000000000000"
	app  ProductID = "0app0000000000000000000000"
)

func TestProduct(t *testing.T) {
	now := estest.Meta.Time
	first := ProductRegistered{ID: shop, Key: "X-1", Name: "Shop", Portfolio: retail, Accountable: anna, Stage: Inception, At: now}
	registered := happened[Product](first)
	grown := after(registered, StageChanged{Inception, Growth, "bought", now})
	sunset := after(grown, ProductSunset{Growth, "old", "2027-03-31", now})
	active := Portfolio{ID: retail, State: PortfolioActive}
	there := ProductParent{Exists: true}
	tell(t, ProductSchema, []sentence[Product]{
		{name: "it is registered", when: RegisterProduct{Name: " Shop", Portfolio: retail, Accountable: anna, ID: shop, In: active}, then: registered},
		{name: "who registers it is accountable", when: RegisterProduct{Name: "Shop", ID: shop, Stage: Growth, Parent: app, Above: there},
			then: happened[Product](ProductRegistered{ID: shop, Key: "X-1", Name: "Shop", Accountable: actor, Stage: Growth, Parent: app, At: now})},
		{name: "the same wish already holds", given: registered, when: RegisterProduct{Name: "Shop", Portfolio: retail, In: active}},
		{name: "another wish for the same product is refused", given: registered, when: RegisterProduct{Name: "App", Portfolio: retail, In: active}, refuses: ErrProductExists},
		{name: "it has a name", when: RegisterProduct{}, refuses: wrong("name")},
		{name: "its stage is one of the life cycle", when: RegisterProduct{Name: "A", Stage: "beta"}, refuses: wrong("stage")},
		{name: "its portfolio is there", when: RegisterProduct{Name: "A", Portfolio: retail}, refuses: wrong("portfolio")},
		{name: "not in an archived portfolio", when: RegisterProduct{Name: "A", Portfolio: retail, In: Portfolio{State: PortfolioClosed}}, refuses: ErrPortfolioArchived},
		{name: "its parent is there", when: RegisterProduct{Name: "A", Parent: app}, refuses: wrong("parent")},
		{name: "it is revised", given: registered, when: ReviseProduct{"Shop 2", "new"}, then: happened[Product](ProductRevised{"Shop 2", "new"})},
		{name: "it says so already", given: registered, when: ReviseProduct{"Shop", ""}},
		{name: "a blank name is wrong", given: registered, when: ReviseProduct{" ", ""}, refuses: wrong("name")},

		{name: "it is handed over", given: registered, when: AssignAccountable{bodo, anna}, then: happened[Product](AccountableAssigned{bodo, anna})},
		{name: "they are accountable already", given: registered, when: AssignAccountable{Person: anna}},
		{name: "not without an accountable", given: registered, when: AssignAccountable{InsteadOf: anna}, refuses: ErrNoAccountable},
		{name: "not with two accountables", given: registered, when: AssignAccountable{Person: bodo}, refuses: ErrTwoAccountable},
		{name: "not in place of somebody who was not", given: registered, when: AssignAccountable{bodo, actor}, refuses: ErrTwoAccountable},

		{name: "it enters the next stage", given: registered, when: ChangeStage{To: Development}, then: happened[Product](StageChanged{Inception, Development, "", now})},
		{name: "it is in that stage", given: registered, when: ChangeStage{To: Inception}},
		{name: "it skips stages with a reason", given: registered, when: ChangeStage{Growth, "bought"}, then: happened[Product](StageChanged{Inception, Growth, "bought", now})},
		{name: "it skips no stage without a reason", given: registered, when: ChangeStage{To: Launch}, refuses: wrong("reason")},
		{name: "it goes back with a reason", given: grown, when: ChangeStage{Development, "rewritten"}, then: happened[Product](StageChanged{Growth, Development, "rewritten", now})},
		{name: "it does not go back without a reason", given: grown, when: ChangeStage{To: Launch}, refuses: wrong("reason")},
		{name: "it comes back from sunset with a reason", given: sunset, when: ChangeStage{Maturity, "customers stayed"}, then: happened[Product](StageChanged{Sunset, Maturity, "customers stayed", now})},
		{name: "sunset has its own command", given: grown, when: ChangeStage{Sunset, "old"}, refuses: wrong("to")},

		{name: "it becomes part of another", given: registered, when: SetProductParent{app, there}, then: happened[Product](ProductParentSet{app})},
		{name: "it is part of it", given: after(registered, ProductParentSet{app}), when: SetProductParent{app, there}},
		{name: "it is part of none", given: after(registered, ProductParentSet{app}), when: SetProductParent{}, then: happened[Product](ProductParentSet{})},
		{name: "not part of itself", given: registered, when: SetProductParent{app, ProductParent{Exists: true, Cycle: true}}, refuses: ErrProductCycle},
		{name: "not part of one that is not there", given: registered, when: SetProductParent{app, ProductParent{}}, refuses: wrong("parent")},
		{name: "not part of one in sunset", given: registered, when: SetProductParent{app, ProductParent{Exists: true, Sunset: true}}, refuses: ErrProductSunset},

		{name: "it goes into sunset", given: grown, when: SunsetProduct{"old", "2027-03-31"}, then: happened[Product](ProductSunset{Growth, "old", "2027-03-31", now})},
		{name: "it is in sunset", given: sunset, when: SunsetProduct{"old", ""}},
		{name: "a sunset has a reason", given: grown, when: SunsetProduct{}, refuses: wrong("reason")},
		{name: "a last day is a day", given: grown, when: SunsetProduct{"old", "soon"}, refuses: wrong("lastDay")},
	})
	policy := estest.Meta
	policy.Actor = ""
	estest.Given[Product](ProductSchema).As(policy).When(RegisterProduct{Name: "Shop"}).Refuses(t, ErrNoAccountable)

	s := estest.Given(ProductSchema, sunset...).State(t)
	if len(s.History) != 3 || s.History[1].Reason != "bought" || s.Stage != Sunset || s.LastDay != "2027-03-31" {
		t.Errorf("its life was %+v", s.History)
	}
	if s.Scope() != (rights.Scope{Product: shop.String(), Portfolio: retail.String()}) {
		t.Errorf("its scope is %+v", s.Scope())
	}
}
