package backlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/view"
)

// running is the context on a real NATS, its commands sent as the gateway does.
type running struct {
	t      *testing.T
	log    es.Log
	client *command.Client
	world  *command.World
	n      int
}

func run(t *testing.T) *running {
	nc := boottest.NATS(t)
	log := boottest.LogOn(t, nc)
	models := view.NewModels(log, es.NewCatalog(append(Schemas, command.NumberingSchemas...)...), view.NewMemory(), Siblings)
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		if err := models.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("models: %v", err)
		}
	})
	w := command.NewWorld(log, nil, models, Siblings)
	server, err := command.Serve(nc, w, "backlog", Commands, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
		stop()
		done.Wait()
	})
	return &running{t: t, log: log, client: command.NewClient(nc), world: w}
}

// send sends a command twice under one key: the second time nothing happens.
func (r *running) send(name, id string, body any) (command.Answer, error) {
	r.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		r.t.Fatal(err)
	}
	r.n++
	q := command.Request{ID: id, Body: b, Meta: es.Meta{Tenant: estest.Meta.Tenant, Actor: ann, Command: fmt.Sprint("key-", r.n)}}
	a, err := r.client.Send(r.t.Context(), "backlog."+name, q)
	if err != nil {
		return a, err
	}
	if again, err := r.client.Send(r.t.Context(), "backlog."+name, q); err != nil || again.ID != a.ID || a.Events > 0 && !again.Again {
		r.t.Errorf("%s again: %+v %v", name, again, err)
	}
	return a, nil
}

func (r *running) do(name, id string, body any) string {
	r.t.Helper()
	a, err := r.send(name, id, body)
	if err != nil {
		r.t.Fatalf("%s: %v", name, err)
	}
	return a.ID
}

func (r *running) refuses(want error, name, id string, body any) {
	r.t.Helper()
	if a, err := r.send(name, id, body); !errors.Is(err, want) {
		r.t.Errorf("%s: %+v %v, want %v", name, a, err, want)
	}
}

func (r *running) item(id string) Item {
	r.t.Helper()
	s, _, err := command.State(r.t.Context(), r.world, Items, estest.Meta.Tenant, ItemID(id))
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

type body map[string]any

func TestFromAnEpicToAClosedIteration(t *testing.T) {
	r := run(t)
	for i, c := range []es.Commit{said(t, epic, "strategy.epic.submitted.v1", "strategy.epic.analysis-started.v1"), said(t, epic, "strategy.epic.readied.v1")} {
		head, err := r.log.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.log.Append(t.Context(), c, head.Last*uint64(i)); err != nil {
			t.Fatal(err)
		}
	}
	team := r.do("team.form", "", body{"code": "PAY", "name": "Payments"})
	r.refuses(ErrTeamExists, "team.form", "", body{"code": "PAY", "name": "Payroll"})
	r.do("team.add-member", team, body{"person": ann, "role": "developer", "allocation": 80})
	r.do("team.set-cadence", team, body{"days": 14, "start": "2026-11-23"})
	r.do("team.set-board", team, body{"columns": []Column{{"To do", Planned, "", 0}, {"Doing", InProgress, "", 1}, {"Review", Review, "", 0}, {"Done", Done, "", 0}}})

	feature := r.do("item.create", "", body{"kind": "feature", "title": "Cards", "parent": body{"epic": epic}})
	if key := r.item(feature).Key; key != "F-1" {
		t.Errorf("the feature is %s", key)
	}
	r.refuses(ErrParentUnknown, "item.create", "", body{"kind": "feature", "title": "x", "parent": body{"epic": es.NewID[EpicRef]()}})
	one := r.do("item.create", "", body{"kind": "story", "title": "Pay", "team": team, "parent": body{"item": feature}})
	two := r.do("item.create", "", body{"kind": "story", "title": "Refund", "team": team, "parent": body{"item": feature}})
	task := r.do("item.create", "", body{"kind": "task", "title": "Test", "parent": body{"item": one}})
	if a, b, c := r.item(one).Key, r.item(two).Key, r.item(task).Key; a != "S-1" || b != "S-2" || c != "T-1" {
		t.Errorf("keys %s %s %s", a, b, c)
	}
	r.refuses(ErrParentKind, "item.set-parent", task, body{"item": feature})
	r.refuses(ErrTeamUnknown, "item.set-team", one, body{"team": es.NewID[Team]()})
	r.do("item.link", one, body{"kind": "blocks", "to": two})
	r.refuses(ErrLinkCycle, "item.link", two, body{"kind": "blocks", "to": one})
	r.refuses(ErrLinkCycle, "item.link", one, body{"kind": "depends", "to": two})
	r.refuses(ErrSelfLink, "item.link", one, body{"kind": "relates", "to": one})
	r.refuses(ErrLinkUnknown, "item.link", one, body{"kind": "relates", "to": es.NewID[Item]()})

	order := r.do("order.open", "", body{"kind": "team", "of": team})
	r.do("order.place", order, body{"items": []string{one, two}})
	r.refuses(ErrItemUnknown, "order.place", order, body{"items": []ItemID{es.NewID[Item]()}})
	r.do("order.move-before", order, body{"item": two, "before": one})

	for _, id := range []string{one, two} {
		r.do("item.estimate", id, body{"points": 3})
		r.do("item.mark-ready", id, body{})
		r.do("item.assign", id, body{"people": []es.PersonID{ann}})
	}
	first := r.do("iteration.schedule", "", body{"team": team, "number": 1, "start": "2026-11-23", "end": "2026-12-06"})
	r.refuses(ErrOverlap, "iteration.schedule", "", body{"team": team, "number": 2, "start": "2026-12-06", "end": "2026-12-19"})
	second := r.do("iteration.schedule", "", body{"team": team, "number": 2, "start": "2026-12-07", "end": "2026-12-20"})
	r.refuses(ErrIterationUnknown, "item.plan-into", one, body{"iteration": es.NewID[Iteration]()})
	r.do("item.plan-into", one, body{"iteration": first})
	r.do("item.plan-into", two, body{"iteration": first})
	r.refuses(ErrNoGoal, "iteration.start", first, body{})
	r.do("iteration.set-goal", first, body{"goal": "Cards work"})
	r.do("iteration.set-goal", second, body{"goal": "Refunds work"})
	r.do("iteration.start", first, body{})
	r.refuses(ErrOtherActive, "iteration.start", second, body{})
	r.refuses(ErrScopeUnexplained, "item.plan-into", two, body{"iteration": second})

	r.do("item.start", one, body{})
	r.refuses(ErrWIPFull, "item.start", two, body{})
	r.do("item.start", two, body{"override": "pairing"})
	r.do("item.move-to", one, body{"to": "review"})
	r.refuses(ErrChildrenOpen, "item.accept", one, body{})
	r.do("item.start", task, body{})
	r.do("item.accept", task, body{})
	r.do("item.accept", one, body{})
	r.refuses(ErrParentClosed, "item.reopen", task, body{"reason": "x"})
	r.refuses(ErrIterationsOpen, "team.disband", team, body{"reason": "x"})
	r.refuses(ErrLeftovers, "iteration.close", first, body{"results": "half", "goalMet": false})
	r.do("iteration.close", first, body{"results": "half", "goalMet": false, "next": second, "leftovers": []Leftover{{ItemID(two), "next"}}})
	s, _, err := command.State(t.Context(), r.world, Iterations, estest.Meta.Tenant, IterationID(first))
	if err != nil || s.State != IterationIsClosed || *s.Velocity != 3 || len(s.Baseline) != 2 {
		t.Errorf("%+v %v", s, err)
	}
	r.do("item.plan-into", two, body{"iteration": second})
	r.refuses(ErrItemClosed, "order.move-before", order, body{"item": one, "before": two})
}

func TestTwoImportsMakeOneItem(t *testing.T) {
	r := run(t)
	first := r.do("item.import", "", issue)
	if again := r.do("item.import", "", issue); again != first || ImportedItem(estest.Meta.Tenant, "jira", "PAY-1").String() != first {
		t.Errorf("%s and %s", first, again)
	}
	parent := r.do("item.import", "", issueWith(func(c *ImportItem) { c.Source.Key, c.Kind, c.State = "PAY-2", Feature, Done }))
	r.do("item.import-links", first, body{"parent": body{"item": parent}})
	r.refuses(ErrParentCycle, "item.import-links", parent, body{"parent": body{"item": first}})
	s := r.item(first)
	if s.Key != "PAY-1" || s.Parent.Item.String() != parent || s.State != Done {
		t.Errorf("%+v", s)
	}
}

func TestEveryCommandSaysWhatItIsFor(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Commands {
		switch {
		case seen[c.Name()]:
			t.Errorf("%s is there twice", c.Name())
		case c.Context != "backlog":
			t.Errorf("%s is of another context", c.Name())
		case len(c.Doc) < 10 || !strings.HasSuffix(c.Doc, "."):
			t.Errorf("%s: %q is not a sentence", c.Name(), c.Doc)
		}
		seen[c.Name()] = true
	}
}
