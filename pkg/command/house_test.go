package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/natslog"
	"throughline.dev/pkg/react"
	"throughline.dev/pkg/rights"
)

// house is the doors' context on a real NATS: commands, rights and the policy
// that applies approved proposals, as in production.
type house struct {
	t      *testing.T
	nc     *nats.Conn
	log    *natslog.Log
	book   *rights.Book
	world  *command.World
	client *command.Client
	logged *logged
	tenant es.Tenant
	keys   int
}

var all = append(specs, command.Proposals("backlog", specs)...)

func newHouse(t *testing.T) *house {
	t.Helper()
	nc := boottest.NATS(t)
	h := &house{t: t, nc: nc, log: boottest.LogOn(t, nc), book: rights.NewBook(), client: command.NewClient(nc),
		logged: &logged{}, tenant: es.NewTenant()}
	h.world = h.serve()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	runner := react.NewRunner(js, natslog.StreamName, natslog.Read, h.client, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		err := h.log.Follow(ctx, 0, func(batch []es.Commit) error {
			for _, c := range batch {
				if err := h.book.Apply(c); err != nil {
					return err
				}
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the book: %v", err)
		}
	})
	running.Go(func() {
		if err := runner.Run(ctx, react.ApplyApproved("backlog")); err != nil {
			t.Errorf("policies: %v", err)
		}
	})
	t.Cleanup(func() { stop(); running.Wait() })
	return h
}

// serve starts one more process that answers the doors' commands.
func (h *house) serve() *command.World {
	h.t.Helper()
	w := command.NewWorld(h.log, h.book, nil, nil)
	s, err := command.Serve(h.nc, w, "backlog", all, slog.New(slog.NewTextHandler(h.logged, nil)))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			h.t.Error(err)
		}
	})
	return w
}

// logged is what the service logs.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var ann, ben, cyn = es.NewID[es.Person](), es.NewID[es.Person](), es.NewID[es.Person]()

type body map[string]any

// request is a person's, as the gateway makes it, under a fresh key.
func (h *house) request(who es.PersonID, id string, b any) command.Request {
	h.t.Helper()
	data, err := json.Marshal(b)
	if err != nil {
		h.t.Fatal(err)
	}
	h.keys++
	return command.Request{ID: id, Body: data, Meta: es.Meta{Tenant: h.tenant, Actor: who, Command: fmt.Sprint("key-", h.keys)}}
}

// send sends a command twice under one key: what it answers, it answers again,
// and it takes effect once.
func (h *house) send(who es.PersonID, name, id string, b any) (command.Answer, error) {
	h.t.Helper()
	q := h.request(who, id, b)
	a, err := h.client.Send(h.t.Context(), "backlog."+name, q)
	again, err2 := h.client.Send(h.t.Context(), "backlog."+name, q)
	if (err == nil) != (err2 == nil) || again.ID != a.ID || again.Proposal != a.Proposal || a.Events > 0 && (!again.Again || again.Events != 0 || again.Position != a.Position) {
		h.t.Errorf("%s: first %+v, %v; again %+v, %v", name, a, err, again, err2)
	}
	return a, err
}

func (h *house) do(who es.PersonID, name, id string, b any) command.Answer {
	h.t.Helper()
	a, err := h.send(who, name, id, b)
	if err != nil {
		h.t.Fatalf("%s: %v", name, err)
	}
	return a
}

func (h *house) refuses(want error, who es.PersonID, name, id string, b any) {
	h.t.Helper()
	if a, err := h.send(who, name, id, b); !errors.Is(err, want) {
		h.t.Errorf("%s: %+v, %v; want %v", name, a, err, want)
	}
}

func (h *house) door(id string) (door, uint64) {
	h.t.Helper()
	return look(h, doors, es.ID[door](id))
}

func (h *house) proposal(id string) rights.Proposal {
	h.t.Helper()
	p, _ := look(h, rights.Proposals("backlog"), rights.ProposalID(id))
	return p
}

func look[S any](h *house, a *es.Aggregate[S], id es.ID[S]) (S, uint64) {
	h.t.Helper()
	s, version, err := command.State(h.t.Context(), h.world, a, h.tenant, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return s, version
}

// commits returns the history of a door.
func (h *house) commits(id string) []es.Commit {
	h.t.Helper()
	s, err := doors.Stream(h.tenant, es.ID[door](id))
	if err != nil {
		h.t.Fatal(err)
	}
	found, err := h.log.Load(h.t.Context(), s, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	return found
}

// until waits for what somebody else is about to do.
func (h *house) until(what string, holds func() bool) {
	h.t.Helper()
	deadline := time.After(30 * time.Second)
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-deadline:
			h.t.Fatalf("never: %s", what)
		}
	}
}

// govern puts a policy in force that says who has which part in a decision.
func (h *house) govern(entries map[rights.Decision]rights.Entry) uint64 {
	h.t.Helper()
	id := es.NewID[rights.Policy]()
	wishes := []es.Command[rights.Policy]{rights.DraftPolicy{Name: "House rules"}}
	for d, e := range entries {
		wishes = append(wishes, rights.SetRight{Decision: d, Entry: e})
	}
	at := uint64(0)
	for _, w := range append(wishes, rights.ActivatePolicy{}) {
		at = record(h, rights.Policies, id, w)
	}
	return at
}

func (h *house) assign(who es.PersonID, r rights.Role, where rights.Scope) {
	h.t.Helper()
	c := rights.AssignRole{Person: who, Role: r, Where: where}
	record(h, rights.Assignments, rights.AssignmentID(es.Meta{Tenant: h.tenant}, c), c)
}

// record decides in the strategy context's place and waits for the book.
func record[S any](h *house, a *es.Aggregate[S], id es.ID[S], c es.Command[S]) uint64 {
	h.t.Helper()
	done, err := es.NewRepository(a, h.log, 1).Do(h.t.Context(), es.Try[S]{ID: id, Command: c,
		Meta: es.Meta{Tenant: h.tenant, ActingAs: "system", ID: es.NewID[es.Person]().String(), Time: time.Now()}})
	if err != nil {
		h.t.Fatal(err)
	}
	h.until("the book follows the log", func() bool { return h.book.Position() >= done.Position })
	return done.Position
}
