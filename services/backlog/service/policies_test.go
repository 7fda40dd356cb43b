package service

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/react"
	"throughline.dev/pkg/react/reacttest"
	"throughline.dev/services/backlog"
)

var context = reacttest.Context{Name: "backlog", Schemas: backlog.Schemas, Commands: backlog.Commands, Siblings: backlog.Siblings, Policies: Policies}

type body map[string]any

// plan is a running context with what these tests do often.
type plan struct {
	*reacttest.Plan
	t *testing.T
}

func run(t *testing.T) plan { return plan{reacttest.Run(t, context), t} }

func (p plan) team(code string) string {
	return p.Do("backlog.team.form", "", body{"code": code, "name": code})
}

// ready is a story of a team that can be planned.
func (p plan) ready(team, title string) string {
	id := p.Do("backlog.item.create", "", body{"kind": "story", "title": title, "team": team})
	p.Do("backlog.item.estimate", id, body{"points": 3})
	p.Do("backlog.item.mark-ready", id, body{})
	return id
}

func (p plan) iteration(team string, number int, start, end string) string {
	id := p.Do("backlog.iteration.schedule", "", body{"team": team, "number": number, "start": start, "end": end})
	p.Do("backlog.iteration.set-goal", id, body{"goal": "Cards work"})
	return id
}

func (p plan) item(id string) backlog.Item { return reacttest.State(p.Plan, backlog.Items, id) }

// order is what is in somebody's backlog, from the top.
func (p plan) order(kind, of string) []string {
	p.t.Helper()
	s := reacttest.State(p.Plan, backlog.Orders, backlog.OrderOf(estest.Meta.Tenant, backlog.Owner{Kind: kind, Of: of}).String())
	if !s.Exists() {
		p.t.Errorf("the %s has no backlog", kind)
	}
	ids := []string{}
	for _, r := range s.Items {
		ids = append(ids, r.Item.String())
	}
	return ids
}

func (p plan) scope(iteration string) []string {
	ids := []string{}
	for _, id := range reacttest.State(p.Plan, backlog.Iterations, iteration).Items {
		ids = append(ids, id.String())
	}
	slices.Sort(ids)
	return ids
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s: %s", what, d)
	}
}

func TestASplitItemBecomesItsParts(t *testing.T) {
	p := run(t)
	team := p.team("PAY")
	whole := p.Do("backlog.item.create", "", body{"kind": "story", "title": "Pay", "team": team, "labels": []string{"ui"}, "criteria": []string{"Paid", "Refunded"}})
	first := p.item(whole).Criteria[0].ID
	p.Do("backlog.item.split", whole, body{"parts": []body{{"title": "By card", "points": 5, "criteria": []string{first.String()}}, {"title": "By bill"}}})
	p.Settle()
	into := p.item(whole).SplitInto
	if len(into) != 2 {
		t.Fatalf("it is split into %v", into)
	}
	card, bill := p.item(into[0].String()), p.item(into[1].String())
	if card.Key != "S-2" || bill.Key != "S-3" || card.Title != "By card" || *card.Points != 5 || len(card.Criteria) != 1 || card.Criteria[0].ID != first ||
		card.Team.String() != team || card.SplitFrom.String() != whole || bill.State != backlog.Draft || !slices.Equal(bill.Labels, []string{"ui"}) {
		t.Errorf("the parts are %+v and %+v", card, bill)
	}
	same(t, "the parts are in the backlog, the whole is not", p.order("team", team), []string{into[0].String(), into[1].String()})
	p.Again()
}

func TestAnItemHasItsPlace(t *testing.T) {
	p := run(t)
	red, blue := p.team("RED"), p.team("BLUE")
	p.Settle()
	same(t, "a new team's backlog", p.order("team", red), []string{})
	one := p.Do("backlog.item.create", "", body{"kind": "story", "title": "One", "team": red})
	two := p.Do("backlog.item.create", "", body{"kind": "story", "title": "Two"})
	p.Do("backlog.item.set-team", two, body{"team": red})
	p.Do("backlog.item.create", "", body{"kind": "task", "title": "Test", "team": red, "parent": body{"item": one}})
	imported := p.Do("backlog.item.import", "", body{"kind": "bug", "title": "Three", "state": "draft", "team": red, "source": body{"system": "jira", "key": "P-3"}, "facts": body{}})
	p.Do("backlog.item.import", "", body{"kind": "bug", "title": "Old", "state": "done", "team": red, "source": body{"system": "jira", "key": "P-4"}, "facts": body{}})
	p.Settle()
	same(t, "the team's backlog", p.order("team", red), []string{one, two, imported})

	p.Do("backlog.item.set-team", one, body{"team": blue})
	p.Do("backlog.item.cancel", two, body{"reason": "too dear"})
	p.Settle()
	same(t, "what was cancelled or went to another team is gone", p.order("team", red), []string{imported})
	same(t, "what came from another team is there", p.order("team", blue), []string{one})
	p.Do("backlog.item.reopen", two, body{"reason": "after all"})
	p.Settle()
	same(t, "what is reopened is at the end", p.order("team", red), []string{imported, two})

	product := es.DeriveID[backlog.ProductRef]("app").String()
	feature := p.Do("backlog.item.create", "", body{"kind": "feature", "title": "Cards", "product": product})
	p.Do("backlog.item.create", "", body{"kind": "story", "title": "Pay", "product": product})
	p.Settle()
	same(t, "a product's backlog is opened when it is needed", p.order("product", product), []string{feature})
	p.Do("backlog.item.set-team", feature, body{"team": blue})
	p.Settle()
	same(t, "a feature that a team took", p.order("product", product), []string{})
	same(t, "a feature that the team took", p.order("team", blue), []string{one, feature})
	p.Again()
}

// Whatever the order in which the changes of an item are handled, its last
// place holds.
func TestAnItemThatMovesFastIsInOnePlace(t *testing.T) {
	p := run(t)
	teams := []string{p.team("RED"), p.team("BLUE"), p.team("GREEN")}
	item := p.Do("backlog.item.create", "", body{"kind": "story", "title": "One", "team": teams[0]})
	for n := range 20 {
		p.Do("backlog.item.set-team", item, body{"team": teams[(n+1)%3]})
	}
	p.Settle()
	same(t, "where it was", p.order("team", teams[0]), []string{})
	same(t, "where it was", p.order("team", teams[1]), []string{})
	same(t, "where it is", p.order("team", teams[2]), []string{item})
}

// The policies keep up with an import of a team's whole backlog, of which some
// thousands take about a millisecond each.
func TestAnImportIsPlaced(t *testing.T) {
	const many, side = 300, 16
	p := run(t)
	team := p.team("PAY")
	var importing sync.WaitGroup
	for lane := range side {
		importing.Go(func() {
			for n := lane; n < many; n += side {
				if _, err := p.Send("backlog.item.import", "", body{"kind": "story", "title": "Pay", "state": "draft", "team": team,
					"source": body{"system": "jira", "key": fmt.Sprint("PAY-", n)}, "facts": body{}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	importing.Wait()
	p.Settle()
	if got := len(p.order("team", team)); got != many {
		t.Errorf("the backlog has %d of %d", got, many)
	}
}

func TestARegisteredProductHasABacklog(t *testing.T) {
	const id = "0product000000000000000000"
	wishes := reacttest.Golden(t, Policies, "registered-product-has-backlog", "../../strategy/testdata/events", "strategy.product.registered.v1", id)
	want := []react.Wish{{Command: "backlog.order.open", Body: backlog.OpenBacklog{Owner: backlog.Owner{Kind: "product", Of: id}}}}
	if d := cmp.Diff(want, wishes); d != "" {
		t.Error(d)
	}
}

func TestScopeAndItemsSayTheSame(t *testing.T) {
	p := run(t)
	team := p.team("PAY")
	one, two, three := p.ready(team, "One"), p.ready(team, "Two"), p.ready(team, "Three")
	draft := p.Do("backlog.item.create", "", body{"kind": "story", "title": "Draft", "team": team})
	first := p.iteration(team, 1, "2026-11-23", "2026-12-06")
	p.Do("backlog.item.plan-into", one, body{"iteration": first})
	p.Do("backlog.iteration.change-scope", first, body{"add": []string{two, draft}})
	p.Settle()
	same(t, "what was planned and what was added", p.scope(first), sorted(one, two))
	if s := p.item(two); s.State != backlog.Planned || s.Iteration.String() != first {
		t.Errorf("what was added is %s in %q", s.State, s.Iteration)
	}

	p.Do("backlog.iteration.start", first, body{})
	why := body{"reason": "a fire", "goalImpact": "at-risk"}
	p.Do("backlog.item.plan-into", three, body{"iteration": first, "reason": "a fire", "goalImpact": "at-risk"})
	p.Do("backlog.iteration.change-scope", first, body{"remove": []string{one}, "reason": "a fire", "goalImpact": "at-risk"})
	p.Settle()
	same(t, "the running iteration", p.scope(first), sorted(two, three))
	if s := p.item(one); s.State != backlog.Ready || s.Iteration != "" {
		t.Errorf("what was removed is %s in %q", s.State, s.Iteration)
	}
	p.Do("backlog.item.unplan", two, why)
	p.Settle()
	same(t, "what is left", p.scope(first), []string{three})
	p.Again()
}

func sorted(ids ...string) []string { slices.Sort(ids); return ids }

func TestAnIterationEnds(t *testing.T) {
	p := run(t)
	team := p.team("PAY")
	one, two, three := p.ready(team, "One"), p.ready(team, "Two"), p.ready(team, "Three")
	first, second := p.iteration(team, 1, "2026-11-23", "2026-12-06"), p.iteration(team, 2, "2026-12-07", "2026-12-20")
	for _, id := range []string{one, two, three} {
		p.Do("backlog.item.plan-into", id, body{"iteration": first})
	}
	p.Do("backlog.iteration.start", first, body{})
	p.Do("backlog.item.assign", one, body{"people": []string{reacttest.Actor.String()}})
	p.Do("backlog.item.start", one, body{})
	p.Do("backlog.item.move-to", one, body{"to": "review"})
	p.Do("backlog.item.accept", one, body{})
	p.Do("backlog.iteration.close", first, body{"results": "one", "goalMet": false, "next": second, "leftovers": []body{{"item": two, "to": "next"}, {"item": three, "to": "backlog"}}})
	p.Settle()
	if s := p.item(one); s.State != backlog.Done || s.Iteration.String() != first {
		t.Errorf("what was done is %s in %q", s.State, s.Iteration)
	}
	if s := p.item(two); s.State != backlog.Planned || s.Iteration.String() != second {
		t.Errorf("what was carried over is %s in %q", s.State, s.Iteration)
	}
	if s := p.item(three); s.State != backlog.Ready || s.Iteration != "" {
		t.Errorf("what went back is %s in %q", s.State, s.Iteration)
	}
	same(t, "the next iteration", p.scope(second), []string{two})
	same(t, "the backlog", p.order("team", team), []string{two, three})

	p.Do("backlog.iteration.cancel", second, body{"reason": "obsolete"})
	p.Settle()
	if s := p.item(two); s.State != backlog.Ready || s.Iteration != "" {
		t.Errorf("after the cancellation it is %s in %q", s.State, s.Iteration)
	}
	p.Again()
}

// A next iteration that is over by the time takes nothing: it goes back.
func TestWhatCannotBeHandedOverGoesBack(t *testing.T) {
	e := backlog.IterationClosed{CarriedOver: []backlog.Carried{{Scoped: backlog.Scoped{Item: "0item000000000000000000000"}, Next: "0next000000000000000000000"}}}
	w := handOver(e, react.Happening{})
	if len(w) != 1 || w[0].Command != "backlog.item.plan-into" {
		t.Fatalf("%+v", w)
	}
	if back := w[0].Refused(backlog.ErrIterationClosed); back == nil || back.Command != "backlog.item.unplan" || back.ID != w[0].ID {
		t.Errorf("%+v", back)
	}
}
