package strategy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/view"
)

// org sends commands the way the gateway does, over a real NATS.
type org struct {
	t      *testing.T
	client *command.Client
	world  *command.World
	n      int
}

func newOrg(t *testing.T) *org {
	t.Helper()
	srv, err := server.NewServer(&server.Options{DontListen: true, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("the embedded NATS did not start")
	}
	nc, err := nats.Connect("", nats.InProcessServer(srv))
	if err != nil {
		t.Fatal(err)
	}
	log := estest.NewLog()
	models := view.NewModels(log, es.NewCatalog(Schemas...), view.NewMemory(), Siblings)
	ctx, stop := context.WithCancel(context.Background())
	running := make(chan error, 1)
	go func() { running <- models.Run(ctx) }()
	world := command.NewWorld(log, nil, models, Siblings)
	served, err := command.Serve(nc, world, "strategy", Commands, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := served.Stop(); err != nil {
			t.Error(err)
		}
		stop()
		if err := <-running; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		nc.Close()
		srv.Shutdown()
		srv.WaitForShutdown()
	})
	return &org{t: t, client: command.NewClient(nc), world: world}
}

func (o *org) send(name, id string, body any) (command.Answer, error) {
	o.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		o.t.Fatal(err)
	}
	o.n++
	return o.client.Send(o.t.Context(), "strategy."+name, command.Request{ID: id, Body: data,
		Meta: es.Meta{Tenant: estest.Meta.Tenant, Actor: actor, Command: fmt.Sprint("key-", o.n)}})
}

// does sends a command that must be done, and returns the aggregate's id.
func (o *org) does(name, id string, body any) string {
	o.t.Helper()
	a, err := o.send(name, id, body)
	if err != nil {
		o.t.Fatalf("%s: %v", name, err)
	}
	return a.ID
}

func (o *org) refuses(want error, name, id string, body any) {
	o.t.Helper()
	if a, err := o.send(name, id, body); !errors.Is(err, want) {
		o.t.Fatalf("%s: %+v, %v; want %v", name, a, err, want)
	}
}

func stateOf[S any](o *org, a *es.Aggregate[S], id string) S {
	o.t.Helper()
	s, _, err := command.State(o.t.Context(), o.world, a, estest.Meta.Tenant, es.ID[S](id))
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

type body map[string]any

func TestEpicOverTheWire(t *testing.T) {
	o := newOrg(t)
	portfolio := o.does("portfolio.define", "", body{"name": "Retail", "currency": "EUR"})
	if got := stateOf(o, Portfolios, portfolio); got.ID.String() != portfolio || got.Configuration != WithPortfolio {
		t.Fatalf("defined %+v", got)
	}
	o.does("portfolio.set-kanban-policy", portfolio, body{"wip": body{"reviewing": 1, "mvp": 1}})
	stream := o.does("value-stream.register", "", body{"portfolio": portfolio, "name": "Checkout"})
	theme := o.does("theme.propose", "", body{"portfolio": portfolio, "title": "Mobile first", "owner": anna})
	epic := o.does("epic.submit", "", body{"portfolio": portfolio, "title": "Pocket Shop", "themes": []string{theme}, "valueStreams": []string{stream}})
	if got := stateOf(o, Epics, epic).Key; got != "E-1" {
		t.Errorf("the first epic is %s", got)
	}
	second := o.does("epic.submit", "", body{"portfolio": portfolio, "title": "Desk Shop"})

	o.refuses(fail.NotFound("", ""), "epic.start-review", checkout.String(), body{})
	o.does("epic.move", epic, body{"to": "reviewing"})
	o.refuses(ErrWIPFull, "epic.move", second, body{"to": "reviewing"})
	o.refuses(ErrWIPFull, "epic.start-review", second, body{})
	o.does("epic.start-review", second, body{"override": true, "reason": "the board asked for it"})

	for _, gap := range []error{ErrNoEpicOwner, ErrHypothesisIncomplete, ErrEpicUnscored} {
		o.refuses(gap, "epic.move", epic, body{"to": "analyzing"})
	}
	o.does("epic.revise", epic, body{"owner": anna})
	o.does("epic.complete-hypothesis", epic, statement)
	o.does("epic.score-wsjf", epic, score)
	o.does("epic.move", epic, body{"to": "analyzing"})
	o.does("epic.complete-business-case", epic, leanCase)
	o.refuses(ErrNoGo, "epic.move", epic, body{"to": "ready"})
	o.does("epic.decide-go", epic, body{"case": 1})
	o.refuses(ErrNoActiveTheme, "epic.move", epic, body{"to": "ready"})
	o.does("theme.adopt", theme, body{})
	o.does("epic.move", epic, body{"to": "ready"})
	o.refuses(ErrNoActiveTheme, "epic.unlink-theme", epic, body{"theme": theme})
	o.does("epic.start-mvp", epic, body{})
	o.refuses(ErrNoReading, "epic.move", epic, body{"to": "persevere"})
	o.does("epic.record-indicator", epic, body{"indicator": "orders per visit", "value": 1.2})

	o.refuses(ErrValueStreamInUse, "value-stream.retire", stream, body{"reason": "merged"})
	o.refuses(ErrLevelInUse, "portfolio.select-configuration", portfolio, body{"configuration": "essential"})
	o.refuses(ErrPortfolioInUse, "portfolio.archive", portfolio, body{"reason": "merged"})

	o.does("epic.decide-outcome", epic, body{"outcome": "pivot", "reason": "wrong users", "title": "Till Shop"})
	old := stateOf(o, Epics, epic)
	o.refuses(ErrNotPivoted, "epic.submit", "", body{"portfolio": portfolio, "title": "X", "pivotOf": second})
	next := o.does("epic.submit", old.PivotedInto.String(), body{"portfolio": portfolio, "title": "Till Shop", "pivotOf": epic})
	if got := stateOf(o, Epics, next); got.PivotOf.String() != epic || next != old.PivotedInto.String() || got.Key != "E-3" {
		t.Errorf("the pivot opened %+v", got)
	}

	o.does("epic.reject", second, body{"reason": "no"})
	o.does("epic.reject", next, body{"reason": "no"})
	o.does("value-stream.retire", stream, body{"reason": "merged"})
	o.refuses(ErrValueStreamRetired, "epic.submit", "", body{"portfolio": portfolio, "title": "X", "valueStreams": []string{stream}})
	o.does("portfolio.select-configuration", portfolio, body{"configuration": "essential"})
	o.refuses(ErrNoPortfolioLevel, "epic.submit", "", body{"portfolio": portfolio, "title": "X"})
	o.does("portfolio.archive", portfolio, body{"reason": "merged"})
	o.refuses(ErrPortfolioArchived, "theme.propose", "", body{"portfolio": portfolio, "title": "X"})
}

func TestImportOverTheWire(t *testing.T) {
	o := newOrg(t)
	portfolio := o.does("portfolio.define", "", body{"name": "Retail"})
	source := Source{System: "jira", Key: "PAY"}
	wish := body{"portfolio": portfolio, "title": "Payments", "state": "mvp", "source": source}
	first := o.does("epic.import", "", wish)
	if first != EpicOf(estest.Meta.Tenant, source).String() {
		t.Errorf("it is %s", first)
	}
	if a, err := o.send("epic.import", "", wish); err != nil || a.ID != first || a.Events != 0 {
		t.Errorf("a second import: %+v, %v", a, err)
	}
	wish["title"] = "Payments 2"
	o.does("epic.import", "", wish)
	if got := stateOf(o, Epics, first); got.Title != "Payments 2" || got.Key != "E-1" || got.State != MVP {
		t.Errorf("after a later import it is %+v", got)
	}
}

func TestObjectivesAndProductsOverTheWire(t *testing.T) {
	o := newOrg(t)
	portfolio := o.does("portfolio.define", "", body{"name": "Retail"})
	theme := o.does("theme.propose", "", body{"portfolio": portfolio, "title": "Mobile first", "owner": anna})
	top := o.does("objective.define", "", body{"portfolio": portfolio, "title": "Win", "theme": theme,
		"keyResults": []body{{"title": "Orders", "unit": "per day", "target": 200}}})
	below := o.does("objective.define", "", body{"portfolio": portfolio, "title": "Be fast", "parent": top})
	lowest := o.does("objective.define", "", body{"portfolio": portfolio, "title": "Cache", "parent": below})
	o.refuses(ErrObjectiveCycle, "objective.set-parent", top, body{"parent": lowest})
	o.refuses(ErrObjectiveCycle, "objective.set-parent", top, body{"parent": top})
	o.refuses(wrong("parent"), "objective.set-parent", top, body{"parent": above})
	result := stateOf(o, Objectives, top).KeyResults[0].ID
	o.does("objective.check-in", top, body{"keyResult": result, "value": 50})
	if score, ok := stateOf(o, Objectives, top).Score(); !ok || score != 0.25 {
		t.Errorf("it scores %v", score)
	}
	o.does("theme.adopt", theme, body{})
	if stateOf(o, Themes, theme).Unmeasured {
		t.Error("a theme with an objective is adopted as unmeasured")
	}
	o.refuses(wrong("successor"), "theme.retire", theme, body{"reason": "done", "successor": theme})
	o.does("theme.retire", theme, body{"reason": "done"})
	o.refuses(ErrThemeRetired, "objective.set-theme", below, body{"theme": theme})

	suite := o.does("product.register", "", body{"name": "Suite", "portfolio": portfolio})
	part := o.does("product.register", "", body{"name": "Shop", "portfolio": portfolio, "parent": suite})
	if got := stateOf(o, Products, part); got.ID.String() != part || got.Key != "P-2" || got.Accountable != actor {
		t.Errorf("registered %+v", got)
	}
	o.refuses(ErrProductCycle, "product.set-parent", suite, body{"parent": part})
	o.refuses(ErrProductCycle, "product.set-parent", suite, body{"parent": suite})

	vision := o.does("vision.draft", "", body{"product": part, "target": "shoppers"})
	if got := stateOf(o, Visions, vision); got.Within.String() != portfolio {
		t.Errorf("drafted %+v", got)
	}
	o.refuses(ErrVisionExists, "vision.draft", "", body{"product": part, "target": "everybody"})
	o.refuses(wrong("portfolio"), "vision.draft", "", body{"portfolio": other})
	o.refuses(ErrVisionIncomplete, "vision.publish", vision, body{})
}

func TestEpicsServeObjectivesOverTheWire(t *testing.T) {
	o := newOrg(t)
	portfolio := o.does("portfolio.define", "", body{"name": "Retail"})
	elsewhere := o.does("portfolio.define", "", body{"name": "Wholesale"})
	ours := o.does("product.register", "", body{"name": "App", "portfolio": portfolio})
	theirs := o.does("product.register", "", body{"name": "Till", "portfolio": elsewhere})
	objective := func(of, id string) string {
		return o.does("objective.define", "", body{of: id, "title": "Be quick"})
	}
	epic := o.does("epic.submit", "", body{"portfolio": portfolio, "title": "Pocket Shop"})
	direct, through := objective("portfolio", portfolio), objective("product", ours)
	for _, id := range []string{direct, through} {
		o.does("epic.link-objective", epic, body{"objective": id})
	}
	for _, id := range []string{orders.String(), objective("portfolio", elsewhere), objective("product", theirs)} {
		o.refuses(wrong("objective"), "epic.link-objective", epic, body{"objective": id})
	}
	closed := objective("portfolio", portfolio)
	o.does("objective.close", closed, body{"reason": "no"})
	o.refuses(ErrObjectiveClosed, "epic.link-objective", epic, body{"objective": closed})
	o.does("epic.unlink-objective", epic, body{"objective": through})
	if got := stateOf(o, Epics, epic).Objectives; !slices.Equal(got, []ObjectiveID{ObjectiveID(direct)}) {
		t.Errorf("it serves %v", got)
	}
}

// Commands that look at each other's aggregates at the same moment do not wait
// for each other for ever.
func TestCrosswiseCommandsEnd(t *testing.T) {
	o := newOrg(t)
	portfolio := o.does("portfolio.define", "", body{"name": "Retail"})
	var ids []string
	for i := range 4 {
		ids = append(ids, o.does("objective.define", "", body{"portfolio": portfolio, "title": fmt.Sprint("Objective ", i)}))
	}
	done := make(chan error)
	for i, child := range ids {
		for j, parent := range ids {
			go func() {
				data, _ := json.Marshal(body{"parent": parent})
				_, err := o.client.Send(t.Context(), "strategy.objective.set-parent", command.Request{ID: child, Body: data,
					Meta: es.Meta{Tenant: estest.Meta.Tenant, Actor: actor, Command: fmt.Sprint("cross-", i, "-", j)}})
				done <- err
			}()
		}
	}
	for range len(ids) * len(ids) {
		if err := <-done; err != nil && !errors.Is(err, ErrObjectiveCycle) {
			t.Error(err)
		}
	}
}
