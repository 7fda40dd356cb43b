package service

import (
	stdcontext "context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/react"
	"throughline.dev/services/backlog"
)

// desk is two iterations, three stories and the policies between them, each
// as far behind the log as chance wants.
type desk struct {
	t          *rapid.T
	log        *estest.Log
	items      *es.Repository[backlog.Item]
	iterations *es.Repository[backlog.Iteration]
	policies   []react.Policy
	seen       []int // by policy, how many commits
	commits    []es.Commit
	people     int // commits by people
	n          int
}

var (
	tenant = estest.Meta.Tenant
	sprint = []backlog.IterationID{es.DeriveID[backlog.Iteration]("1"), es.DeriveID[backlog.Iteration]("2")}
	story  = []backlog.ItemID{es.DeriveID[backlog.Item]("a"), es.DeriveID[backlog.Item]("b"), es.DeriveID[backlog.Item]("c")}
)

func newDesk(t *rapid.T) *desk {
	log := estest.NewLog()
	d := &desk{t: t, log: log, items: es.NewRepository(backlog.Items, log, 100), iterations: es.NewRepository(backlog.Iterations, log, 100)}
	for _, p := range Policies {
		switch p.Name {
		case "changed-scope-plans-items", "planned-item-is-in-scope", "closed-iteration-hands-over", "cancelled-iteration-lets-go":
			d.policies = append(d.policies, p)
		}
	}
	d.seen = make([]int, len(d.policies))
	for i, id := range sprint {
		days := []backlog.Day{"2026-11-23", "2026-11-29", "2026-11-30", "2026-12-06"}[2*i:]
		d.person(id.String(), backlog.ScheduleIteration{Team: es.DeriveID[backlog.Team]("t"), Number: i + 1, Start: days[0], End: days[1]})
		d.person(id.String(), backlog.SetGoal{Goal: "Cards work"})
	}
	for _, id := range story {
		d.person(id.String(), backlog.CreateItem{Kind: backlog.Story, Title: "Pay"})
		d.person(id.String(), backlog.Estimate{Points: 3})
		d.person(id.String(), backlog.MarkReady{})
	}
	return d
}

func (d *desk) item(id backlog.ItemID) backlog.Item {
	s, _, err := d.items.State(stdcontext.Background(), tenant, id)
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

func (d *desk) iteration(id backlog.IterationID) backlog.Iteration {
	if id == "" {
		return backlog.Iteration{}
	}
	s, _, err := d.iterations.State(stdcontext.Background(), tenant, id)
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

// planned is what says that it is in an iteration.
func (d *desk) planned(it backlog.IterationID) []backlog.PlannedItem {
	var list []backlog.PlannedItem
	for _, id := range story {
		if s := d.item(id); s.Iteration == it {
			list = append(list, backlog.PlannedItem{Scoped: backlog.Scoped{Item: id, Points: s.Points}, Kind: s.Kind, State: s.State})
		}
	}
	return list
}

func (d *desk) person(id string, c any) {
	actor := estest.Meta.Actor
	before := len(d.commits)
	d.n++
	_ = d.do(id, c, es.Meta{Tenant: tenant, Actor: actor, Command: fmt.Sprint("key-", d.n)}) // a person may be refused
	d.people += len(d.commits) - before
}

// do runs a command with the facts that its registration fills in.
func (d *desk) do(id string, c any, m es.Meta) error {
	d.n++
	m.ID, m.Time, m.Key = fmt.Sprint("commit-", d.n), estest.Meta.Time, "S-1"
	it, it2 := backlog.IterationID(id), backlog.ItemID(id)
	switch c := c.(type) {
	case backlog.PlanInto:
		c.Target, c.Current = d.iteration(c.Iteration), d.iteration(d.item(it2).Iteration)
		return d.onItem(it2, c, m)
	case backlog.Unplan:
		c.Current = d.iteration(d.item(it2).Iteration)
		return d.onItem(it2, c, m)
	case backlog.SettlePlan:
		c.Target, c.Current = d.iteration(c.Iteration), d.iteration(d.item(it2).Iteration)
		c.InScope = slices.Contains(c.Target.Items, it2)
		return d.onItem(it2, c, m)
	case backlog.Reopen:
		c.Around.Iteration = d.iteration(d.item(it2).Iteration)
		return d.onItem(it2, c, m)
	case es.Command[backlog.Item]:
		return d.onItem(it2, c, m)
	case backlog.ChangeScope:
		for _, id := range append(slices.Clone(c.Add), c.Remove...) {
			s := d.item(id)
			c.Items = append(c.Items, backlog.PlannedItem{Scoped: backlog.Scoped{Item: id, Points: s.Points}, Kind: s.Kind, State: s.State})
		}
		return d.onIteration(it, c, m)
	case backlog.SettleScope:
		s := d.item(c.Item)
		c.Here, c.Closed, c.Points = s.Iteration == it, s.State.Closed(), s.Points
		return d.onIteration(it, c, m)
	case backlog.StartIteration:
		c.Items = d.planned(it)
		return d.onIteration(it, c, m)
	case backlog.CloseIteration:
		if c.Items == nil {
			c.Items = d.planned(it)
		}
		c.Following = d.iteration(c.Next)
		for i, p := range c.Items {
			if !p.State.Closed() {
				c.Leftovers = append(c.Leftovers, backlog.Leftover{Item: p.Item, To: []string{"next", "backlog"}[i%2]})
			}
		}
		return d.onIteration(it, c, m)
	case backlog.CancelIteration:
		if c.Items == nil {
			c.Items = d.planned(it)
		}
		return d.onIteration(it, c, m)
	case es.Command[backlog.Iteration]:
		return d.onIteration(it, c, m)
	}
	d.t.Fatalf("%T is no command here", c)
	return nil
}

func (d *desk) onItem(id backlog.ItemID, c es.Command[backlog.Item], m es.Meta) error {
	_, err := d.items.Do(stdcontext.Background(), es.Try[backlog.Item]{ID: id, Command: c, Meta: m})
	return d.read(err)
}

func (d *desk) onIteration(id backlog.IterationID, c es.Command[backlog.Iteration], m es.Meta) error {
	_, err := d.iterations.Do(stdcontext.Background(), es.Try[backlog.Iteration]{ID: id, Command: c, Meta: m})
	return d.read(err)
}

// read keeps the log's commits at hand.
func (d *desk) read(err error) error {
	ctx, enough := stdcontext.WithCancel(stdcontext.Background())
	defer enough()
	head, herr := d.log.Head(ctx)
	if herr != nil {
		d.t.Fatal(herr)
	}
	if head.Last > uint64(len(d.commits)) {
		_ = d.log.Follow(ctx, uint64(len(d.commits)), func(batch []es.Commit) error { // it ends with ctx
			d.commits = append(d.commits, batch...)
			enough()
			return ctx.Err()
		})
	}
	return err
}

// react lets one policy handle its next commit, maybe twice; false: there is none.
func (d *desk) react(n int, twice bool) bool {
	if d.seen[n] == len(d.commits) {
		return false
	}
	c := d.commits[d.seen[n]]
	d.seen[n]++
	for range 1 + map[bool]int{true: 1}[twice] {
		for i, r := range c.Events {
			h := react.Happening{Commit: c, EventID: c.EventID(i)}
			wishes, err := d.policies[n].Wishes(r, h)
			if err != nil {
				d.t.Fatal(err)
			}
			for k, w := range wishes {
				d.ask(fmt.Sprintf("%s/%s/%d", h.EventID, d.policies[n].Name, k), d.policies[n].Name, &w)
			}
		}
	}
	return true
}

// ask is what the runner does with a wish.
func (d *desk) ask(key, policy string, w *react.Wish) {
	for step := 0; w != nil; step++ {
		if _, err := json.Marshal(w.Body); err != nil {
			d.t.Fatal(err)
		}
		err := d.do(w.ID, w.Body, es.Meta{Tenant: tenant, ActingAs: "policy:" + policy, Command: fmt.Sprintf("%s/%d", key, step)})
		refusal, refused := fail.As(err)
		switch {
		case err == nil:
			w = nil
		case !refused:
			d.t.Fatal(err)
		case w.Refused == nil:
			w = nil
		default:
			w = w.Refused(refusal)
		}
	}
}

// What a policy recorded is no news to the items: they said it, or somebody
// said otherwise since.
func TestItemsFollowOnlyPeople(t *testing.T) {
	e := backlog.ScopeChanged{Added: []backlog.Scoped{{Item: story[0]}}, Removed: []backlog.Scoped{{Item: story[1]}}}
	h := react.Happening{Commit: es.Commit{Meta: es.Meta{Tenant: tenant, ActingAs: "policy:planned-item-is-in-scope"}}}
	if w := planScope(e, h); len(w) > 0 {
		t.Errorf("after a policy it wants %+v", w)
	}
	h.Commit.Meta.Actor = estest.Meta.Actor
	if w := planScope(e, h); len(w) != 2 || w[0].ID != story[1].String() || w[1].ID != story[0].String() {
		t.Errorf("after a person it wants %+v", w)
	}
}

// Whatever people do, in whatever order the policies hear of it and how often,
// the policies come to rest, items and iterations then say the same, and
// nothing open is left in an iteration that is over.
func TestScopesAndItemsComeToRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk(t)
		whom := func() string { return rapid.SampledFrom(story).Draw(t, "story").String() }
		where := func() backlog.IterationID { return rapid.SampledFrom(sprint).Draw(t, "iteration") }
		t.Repeat(map[string]func(*rapid.T){
			"plan": func(*rapid.T) {
				d.person(whom(), backlog.PlanInto{Iteration: where(), Reason: "fire", Impact: backlog.GoalSafe})
			},
			"unplan": func(*rapid.T) { d.person(whom(), backlog.Unplan{Reason: "fire", Impact: backlog.GoalAtRisk}) },
			"add": func(*rapid.T) {
				d.person(where().String(), backlog.ChangeScope{Add: []backlog.ItemID{backlog.ItemID(whom())}, Reason: "fire", Impact: backlog.GoalSafe})
			},
			"remove": func(*rapid.T) {
				d.person(where().String(), backlog.ChangeScope{Remove: []backlog.ItemID{backlog.ItemID(whom())}, Reason: "fire", Impact: backlog.GoalSafe})
			},
			"start":  func(*rapid.T) { d.person(where().String(), backlog.StartIteration{}) },
			"close":  func(*rapid.T) { d.person(sprint[0].String(), backlog.CloseIteration{Results: "x", Next: sprint[1]}) },
			"cancel": func(*rapid.T) { d.person(where().String(), backlog.CancelIteration{Reason: "obsolete"}) },
			"end at the moment of a plan": func(*rapid.T) { // the end does not see the plan
				saw := append([]backlog.PlannedItem{}, d.planned(sprint[0])...)
				d.person(whom(), backlog.PlanInto{Iteration: sprint[0], Reason: "fire", Impact: backlog.GoalSafe})
				if rapid.Bool().Draw(t, "close") {
					d.person(sprint[0].String(), backlog.CloseIteration{Results: "x", Next: sprint[1], Items: saw})
				} else {
					d.person(sprint[0].String(), backlog.CancelIteration{Reason: "obsolete", Items: saw})
				}
			},
			"drop":   func(*rapid.T) { d.person(whom(), backlog.Cancel{Reason: "too dear"}) },
			"revive": func(*rapid.T) { d.person(whom(), backlog.Reopen{Reason: "after all"}) },
			"policy": func(t *rapid.T) {
				d.react(rapid.IntRange(0, len(d.policies)-1).Draw(t, "which"), rapid.Bool().Draw(t, "twice"))
			},
		})
		most := d.people * 3 * len(story)
		for busy := true; busy; {
			busy = false
			for n := range d.policies {
				busy = d.react(n, rapid.Bool().Draw(t, "twice")) || busy
			}
			if byPolicies := len(d.commits) - d.people; byPolicies > most {
				t.Fatalf("the policies do not come to rest: %d commits after %d by people", byPolicies, d.people)
			}
		}
		d.agree()
		before := len(d.commits)
		for n := range d.policies {
			for d.seen[n] = 0; d.react(n, false); {
			}
		}
		if len(d.commits) > before {
			t.Errorf("to hear it all again added %d commits", len(d.commits)-before)
		}
	})
}

func (d *desk) agree() {
	for _, id := range story {
		s := d.item(id)
		if s.State.Closed() {
			continue
		}
		for _, it := range sprint {
			scope := d.iteration(it)
			over := scope.State == backlog.IterationIsClosed || scope.State == backlog.IterationIsCancelled
			switch recorded := slices.Contains(scope.Items, id); {
			case over && s.Iteration == it:
				d.t.Errorf("a story is left in an iteration that is %s", scope.State)
			case !over && recorded != (s.Iteration == it):
				d.t.Errorf("the story is in %q, the %s iteration %s records: %v", s.Iteration, scope.State, it, recorded)
			}
		}
	}
}
