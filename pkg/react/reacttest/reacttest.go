// Package reacttest runs contexts and their policies on a real NATS, as the
// program does, for tests of what policies bring about.
package reacttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/es/natslog"
	"throughline.dev/pkg/react"
	"throughline.dev/pkg/rights"
	"throughline.dev/pkg/view"
)

// Context is one bounded context.
type Context struct {
	Name     string
	Schemas  []es.Decoder
	Commands []command.Spec
	Siblings *view.View
	Policies []react.Policy
}

// Plan is the running contexts, for one organisation, estest.Meta.Tenant.
type Plan struct {
	t        *testing.T
	Log      es.Log
	Client   *command.Client
	js       jetstream.JetStream
	models   *view.Models
	views    []*view.View
	book     *rights.Book
	world    *command.World
	policies []react.Policy
	halt     func()
	keys     atomic.Int64
}

// Actor is who sends the commands.
var Actor = es.DeriveID[es.Person]("ann")

// stuck is how long nothing may happen while there is something to do: less
// than the 30 s after which NATS delivers again, for to need that is a fault.
// restless is how long policies may go on; a circle of them has no end.
const (
	stuck    = 25 * time.Second
	restless = 3 * time.Minute
)

// Run starts the contexts; they stop when the test ends.
func Run(t *testing.T, contexts ...Context) *Plan {
	t.Helper()
	nc := boottest.NATS(t)
	log := boottest.LogOn(t, nc)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	p := &Plan{t: t, Log: log, Client: command.NewClient(nc), js: js}
	schemas := append(append([]es.Decoder{}, command.NumberingSchemas...), rights.Schemas...)
	for _, c := range contexts {
		schemas, p.views = append(schemas, c.Schemas...), append(p.views, c.Siblings)
		p.policies = append(p.policies, c.Policies...)
	}
	p.models = view.NewModels(log, es.NewCatalog(schemas...), view.NewMemory(), p.views...)
	p.book = rights.NewBook()
	p.run("models", p.models.Run)
	p.run("rights", func(ctx context.Context) error {
		return log.Follow(ctx, 0, func(batch []es.Commit) error {
			for _, c := range batch {
				if err := p.book.Apply(c); err != nil {
					return err
				}
			}
			return nil
		})
	})
	for _, c := range contexts {
		p.world = command.NewWorld(log, p.book, p.models, c.Siblings)
		server, err := command.Serve(nc, p.world, c.Name, c.Commands, quiet())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := server.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
	p.start()
	t.Cleanup(func() { p.halt() })
	return p
}

func quiet() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}

// run runs a part until the function that it returns is called.
func (p *Plan) run(name string, part func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		if err := part(ctx); err != nil && !errors.Is(err, context.Canceled) {
			p.t.Errorf("%s: %v", name, err)
		}
	})
	stop = func() { cancel(); done.Wait() }
	p.t.Cleanup(stop)
	return stop
}

func (p *Plan) start() {
	runner := react.NewRunner(p.js, natslog.StreamName, natslog.Read, p.Client, quiet())
	p.halt = p.run("policies", func(ctx context.Context) error { return runner.Run(ctx, p.policies...) })
}

// Send sends a command, "backlog.item.create", under a key of its own.
func (p *Plan) Send(name, id string, body any) (command.Answer, error) {
	p.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.Client.Send(p.t.Context(), name, command.Request{ID: id, Body: b,
		Meta: es.Meta{Tenant: estest.Meta.Tenant, Actor: Actor, Command: fmt.Sprint("key-", p.keys.Add(1))}})
}

// Do sends a command that must be done, and returns the aggregate's id.
func (p *Plan) Do(name, id string, body any) string {
	p.t.Helper()
	a, err := p.Send(name, id, body)
	if err != nil {
		p.t.Fatalf("%s: %v", name, err)
	}
	if a.Proposal != "" {
		p.t.Fatalf("%s: it is only proposed", name)
	}
	return a.ID
}

// Say appends an event of a context that does not run here.
func (p *Plan) Say(stream es.Stream, name string, data []byte) {
	p.t.Helper()
	past, err := p.Log.Load(p.t.Context(), stream, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	version := uint64(0)
	if n := len(past); n > 0 {
		version = past[n-1].Position
	}
	m := es.Meta{Tenant: stream.Tenant(), Actor: Actor, ID: es.NewID[Plan]().String()}
	if _, err := p.Log.Append(p.t.Context(), es.Commit{Stream: stream, Meta: m, Events: []es.Record{{Name: name, Data: data}}}, version); err != nil {
		p.t.Fatal(err)
	}
}

// State is an aggregate as it is now.
func State[S any](p *Plan, a *es.Aggregate[S], id string) S {
	p.t.Helper()
	s, _, err := command.State(p.t.Context(), p.world, a, estest.Meta.Tenant, es.ID[S](id))
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// Settle waits until the policies have nothing left to do and everything that
// follows the log has read it all, and returns the position of its end.
func (p *Plan) Settle() uint64 {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), restless)
	defer cancel()
	last, since := "", time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		before, err := p.Log.Head(ctx)
		if err != nil {
			p.t.Fatalf("settle: %v", err)
		}
		busy := p.busy(ctx)
		after, err := p.Log.Head(ctx)
		if err != nil {
			p.t.Fatalf("settle: %v", err)
		}
		if busy == "" && before == after && p.book.Position() >= after.Last {
			for _, v := range p.views {
				if err := p.models.Wait(ctx, v.Name, after.Last); err != nil {
					p.t.Fatalf("settle: %v", err)
				}
			}
			return after.Last
		}
		if now := fmt.Sprint(after.Last, busy); now != last {
			last, since = now, time.Now()
		} else if time.Since(since) > stuck {
			p.t.Fatalf("the policies are stuck at %d: %s", after.Last, busy)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			p.t.Fatalf("the policies do not settle: at %d, %s", after.Last, busy)
		}
	}
}

// busy names a policy that has something to do.
func (p *Plan) busy(ctx context.Context) string {
	for _, one := range p.policies {
		cons, err := p.js.Consumer(ctx, natslog.StreamName, "policy-"+one.Name)
		if err != nil {
			return one.Name + " has not begun"
		}
		if info := cons.CachedInfo(); info.NumPending > 0 || info.NumAckPending > 0 {
			return fmt.Sprintf("%s has %d before it and %d under way", one.Name, info.NumPending, info.NumAckPending)
		}
	}
	return ""
}

// Again delivers every event to every policy once more, as after a crash
// before all acknowledgements, and fails the test if that changes anything.
func (p *Plan) Again() {
	p.t.Helper()
	before := p.Settle()
	p.halt()
	for _, one := range p.policies {
		if err := p.js.DeleteConsumer(p.t.Context(), natslog.StreamName, "policy-"+one.Name); err != nil {
			p.t.Fatal(err)
		}
	}
	p.start()
	if after := p.Settle(); after != before {
		p.t.Errorf("a second delivery added %d commits", after-before)
	}
}

// Golden returns what a policy asks for when it meets the sample of an event
// in its producer's golden file, at the aggregate with this id.
func Golden(t *testing.T, policies []react.Policy, policy, dir, event, id string) []react.Wish {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, event+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var c es.Commit
	if c.Stream, err = es.NewStream("strategy", estest.Meta.Tenant, "sample", id); err != nil {
		t.Fatal(err)
	}
	c.Meta = estest.Meta
	for _, p := range policies {
		if p.Name != policy {
			continue
		}
		wishes, err := p.Wishes(es.Record{Name: event, Data: data}, react.Happening{Commit: c, EventID: c.EventID(0)})
		if err != nil {
			t.Fatal(err)
		}
		return wishes
	}
	t.Fatalf("there is no policy %q", policy)
	return nil
}
