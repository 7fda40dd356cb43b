package importer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/natslog"
	"throughline.dev/pkg/rights"
	"throughline.dev/pkg/view"
	"throughline.dev/services/backlog"
	"throughline.dev/services/feedback"
	"throughline.dev/services/gateway/identity"
	"throughline.dev/services/gateway/importer"
	"throughline.dev/services/gateway/jira"
	"throughline.dev/services/portfolio"
	"throughline.dev/services/strategy"
)

// world is the product without its edge: a log, the commands of two contexts,
// the read models. An organisation in it is one empty plan.
type world struct {
	t      *testing.T
	log    *natslog.Log
	models *view.Models
	client *command.Client
	people *identity.Directory
}

func newWorld(t *testing.T) *world {
	t.Helper()
	nc := boottest.NATS(t)
	w := &world{t: t, log: boottest.LogOn(t, nc), client: command.NewClient(nc)}
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if w.people, err = identity.Open(t.Context(), js, 1, quiet); err != nil {
		t.Fatal(err)
	}
	catalog := es.NewCatalog(slices.Concat(strategy.Schemas, backlog.Schemas, feedback.Schemas, rights.Schemas, command.NumberingSchemas)...)
	w.models = view.NewModels(w.log, catalog, view.NewMemory(), append(slices.Clone(portfolio.Views), strategy.Siblings, backlog.Siblings)...)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := w.models.Run(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("views: %v", err)
		}
	}()
	t.Cleanup(func() { stop(); <-done })
	book := rights.NewBook()
	for _, c := range []struct {
		name     string
		commands []command.Spec
		siblings *view.View
	}{{"strategy", strategy.Commands, strategy.Siblings}, {"backlog", backlog.Commands, backlog.Siblings}} {
		server, err := command.Serve(nc, command.NewWorld(w.log, book, w.models, c.siblings), c.name, c.commands, quiet)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Stop() })
	}
	return w
}

// org is one organisation.
type org struct {
	*world
	t      *testing.T
	tenant es.Tenant
	actor  es.PersonID
}

func (w *world) org(t *testing.T) *org {
	t.Helper()
	o, err := w.people.CreateOrganisation(t.Context(), "Acme", false)
	if err != nil {
		t.Fatal(err)
	}
	return &org{w, t, o.ID, es.NewID[es.Person]()}
}

func (o *org) options() importer.Options {
	return importer.Options{Client: o.client, People: o.people, Models: o.models, Log: o.log, Tenant: o.tenant, Actor: o.actor}
}

// run imports one file.
func (o *org) run(export string) importer.Report { o.t.Helper(); return o.runWith(o.options(), export) }

func (o *org) runWith(options importer.Options, export string) importer.Report {
	o.t.Helper()
	report, err := o.try(o.t.Context(), options, open(o.t, export))
	if err != nil {
		o.t.Fatal(err)
	}
	if sum := report.Created + report.Updated + report.Unchanged + len(report.Refused); sum != report.Rows {
		o.t.Errorf("%d rows, but %d are accounted for: %+v", report.Rows, sum, report)
	}
	return report
}

func (o *org) try(ctx context.Context, options importer.Options, source importer.Issues) (importer.Report, error) {
	return importer.Run(ctx, options, source, nil)
}

func open(t *testing.T, export string) *jira.Reader {
	t.Helper()
	r, err := jira.Open("export", strings.NewReader(export))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// settled is a reader of the plan that shows everything there is.
func (o *org) settled() view.Reader {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 20*time.Second)
	defer cancel()
	if err := o.models.Wait(ctx, portfolio.PlanName, o.head()); err != nil {
		o.t.Fatal(err)
	}
	r, err := o.models.Live(ctx, o.tenant, portfolio.PlanName)
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

func (o *org) head() uint64 {
	o.t.Helper()
	head, err := o.log.Head(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	return head.Last
}

// item is the item of a Jira key.
func (o *org) item(key string) portfolio.Item {
	o.t.Helper()
	d, there, err := portfolio.Items.Find(o.t.Context(), o.settled(), o.id(key).String())
	if err != nil || !there {
		o.t.Fatalf("item of %s: there %v, %v", key, there, err)
	}
	d.ItemState.Item = o.stored(o.id(key))
	return d
}

// stored is an item with all that the log knows of it; the view leaves out
// what only an import needs.
func (o *org) stored(id backlog.ItemID) backlog.Item {
	o.t.Helper()
	s, _, err := es.NewRepository(backlog.Items, o.log, 1).State(o.t.Context(), o.tenant, id)
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

func (o *org) id(key string) backlog.ItemID { return backlog.ImportedItem(o.tenant, "jira", key) }

// above is the source key of what an item is part of, or "epic <title>".
func (o *org) above(key string) string {
	o.t.Helper()
	p := o.item(key).Parent
	switch {
	case p == nil:
		return ""
	case p.Epic != "":
		d, there, err := portfolio.Epics.Find(o.t.Context(), o.settled(), p.Epic.String())
		if err != nil || !there {
			o.t.Fatalf("epic above %s: there %v, %v", key, there, err)
		}
		return "epic " + d.Title
	}
	d, there, err := portfolio.Items.Find(o.t.Context(), o.settled(), p.Item.String())
	if err != nil || !there {
		o.t.Fatalf("item above %s: there %v, %v", key, there, err)
	}
	return d.Imported.Key
}

// plan is everything in the organisation that does not depend on when or in
// which order it came: the items by their source keys, without our own keys.
func (o *org) plan() map[string]string {
	o.t.Helper()
	plan := map[string]string{}
	r := o.settled()
	put := func(id string, v any) {
		b, err := json.Marshal(v)
		if err != nil {
			o.t.Fatal(err)
		}
		plan[id] = string(b)
	}
	err := errors.Join(
		portfolio.Items.All(o.t.Context(), r, func(id string, d portfolio.Item) error {
			state := o.stored(backlog.ItemID(id))
			state.Key = ""
			put("item "+d.Imported.Key, state)
			return nil
		}),
		portfolio.Iterations.All(o.t.Context(), r, func(_ string, d portfolio.Iteration) error {
			put("iteration "+d.Imported.Key, d.IterationState.Iteration)
			return nil
		}),
		portfolio.Epics.All(o.t.Context(), r, func(_ string, d portfolio.Epic) error {
			state := d.EpicState.Epic
			state.Key, state.Portfolio = "", ""
			put("epic "+d.Source.Key, state)
			return nil
		}))
	if err != nil {
		o.t.Fatal(err)
	}
	return plan
}

// do sends a command as a person does.
func (o *org) do(name, id string, body any) command.Answer {
	o.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		o.t.Fatal(err)
	}
	a, err := o.client.Send(o.t.Context(), name, command.Request{ID: id, Body: b,
		Meta: es.Meta{Tenant: o.tenant, Actor: o.actor, Command: es.NewID[es.Person]().String()}})
	if err != nil {
		o.t.Fatalf("%s: %v", name, err)
	}
	return a
}

// kanban is the first portfolio's.
func (o *org) kanban() portfolio.Kanban {
	o.t.Helper()
	r := o.settled()
	all, _, err := portfolio.Portfolios.List(o.t.Context(), r, "", 1)
	if err != nil || len(all) != 1 {
		o.t.Fatalf("%d portfolios, %v", len(all), err)
	}
	k, err := portfolio.KanbanOf(o.t.Context(), r, all[0].Head.ID, time.Now(), portfolio.KanbanFilter{})
	if err != nil {
		o.t.Fatal(err)
	}
	return k
}

// cut ends an export early with an error.
type cut struct {
	importer.Issues
	after int
}

var errCut = errors.New("cut off")

func (c *cut) Next() (jira.Issue, error) {
	if c.after--; c.after < 0 {
		return jira.Issue{}, errCut
	}
	return c.Issues.Next()
}

// lines makes JSON lines of REST issues.
func lines(issues ...string) string { return strings.Join(issues, "\n") + "\n" }

// rest is a REST issue; fields is JSON members and begins with a comma.
func rest(number int, kind, status, category, fields string) string {
	sub := kind == "Sub-task"
	return fmt.Sprintf(`{"id":"%d","key":"PAY-%d","fields":{"project":{"key":"PAY","name":"Payments"},"summary":"Issue %d",`+
		`"issuetype":{"name":%q,"subtask":%v},"status":{"name":%q,"statusCategory":{"key":%q}},`+
		`"created":"2025-01-02T03:04:05.000+0000","updated":"2025-02-02T03:04:05.000+0000"%s}}`, 10000+number, number, number, kind, sub, status, category, fields)
}
