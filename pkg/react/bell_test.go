package react_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/natslog"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/react"
)

// A bell of one context rings when a door of another is opened. It keeps who
// rang it, in order: each visitor should be there once.
type bell struct{ Rung []string }

type bellRung struct{ Visitor string }

func (e bellRung) Evolve(s bell) bell { s.Rung = es.Added(s.Rung, e.Visitor); return s }

var bells = &es.Aggregate[bell]{Context: "hall", Name: "bell", Plural: "bells",
	Schema: es.NewSchema(es.On[bellRung]("hall.bell.rung.v1"))}

type ring struct{ Visitor string }

var errQuiet = fail.Refused("bell-quiet", "the house sleeps; come back tomorrow")

func (c ring) Decide(_ bell, _ es.Meta) ([]es.Event[bell], error) {
	if strings.HasPrefix(c.Visitor, "late") {
		return nil, errQuiet
	}
	return es.Happened[bell](bellRung(c))
}

var hall = []command.Spec{command.Create[ring](bells, "ring", "", "Ring a bell.")}

// theBell is the one that everybody rings.
var theBell = es.DeriveID[bell]("the bell")

// doorOpened is the policies' own idea of the other context's event.
type doorOpened struct{ Visitor string }

const opened = "street.door.opened.v1"

// rings is the policy under test.
func rings(name string, change ...func(*react.Wish)) react.Policy {
	return react.When(name, opened, func(e doorOpened, _ react.Happening) []react.Wish {
		w := react.Wish{Command: "hall.bell.ring", ID: theBell.String(), Body: ring(e)}
		for _, c := range change {
			c(&w)
		}
		return []react.Wish{w}
	})
}

// town is a log with doors that open and a hall that may be open for commands.
type town struct {
	t      *testing.T
	nc     *nats.Conn
	js     jetstream.JetStream
	log    *natslog.Log
	tenant es.Tenant
	door   es.Stream
	last   uint64
}

func newTown(t *testing.T) *town {
	t.Helper()
	nc := boottest.NATS(t)
	w := &town{t: t, nc: nc, log: boottest.LogOn(t, nc), tenant: es.NewTenant()}
	var err error
	if w.js, err = jetstream.New(nc); err != nil {
		t.Fatal(err)
	}
	if w.door, err = es.NewStream("street", w.tenant, "door", es.NewID[es.Person]().String()); err != nil {
		t.Fatal(err)
	}
	return w
}

// openDoor appends one commit with an event for each visitor.
func (w *town) openDoor(visitors ...string) es.Commit {
	w.t.Helper()
	c := es.Commit{Stream: w.door, Meta: es.Meta{Tenant: w.tenant, ID: es.NewID[es.Person]().String(), Correlation: "chain"}}
	for _, v := range visitors {
		data, err := json.Marshal(doorOpened{v})
		if err != nil {
			w.t.Fatal(err)
		}
		c.Events = append(c.Events, es.Record{Name: opened, Data: data})
	}
	return w.append(c)
}

func (w *town) append(c es.Commit) es.Commit {
	w.t.Helper()
	var err error
	if c.Position, err = w.log.Append(w.t.Context(), c, w.last); err != nil {
		w.t.Fatal(err)
	}
	w.last = c.Position
	return c
}

// openHall serves the hall's commands on a log; close it or let the test end.
func (w *town) openHall(log es.Log) {
	w.t.Helper()
	s, err := command.Serve(w.nc, command.NewWorld(log, nil, nil, nil), "hall", hall, slog.New(slog.DiscardHandler))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			w.t.Error(err)
		}
	})
}

// run runs policies until the returned stop, at the latest to the test's end.
func (w *town) run(policies ...react.Policy) (stop func()) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	r := react.NewRunner(w.js, natslog.StreamName, natslog.Read, command.NewClient(w.nc), slog.New(slog.DiscardHandler))
	running.Go(func() {
		if err := r.Run(ctx, policies...); err != nil {
			w.t.Errorf("policies: %v", err)
		}
	})
	stop = func() { cancel(); running.Wait() }
	w.t.Cleanup(stop)
	return stop
}

// rung returns who rang a bell.
func (w *town) rung(id es.ID[bell]) []string {
	w.t.Helper()
	s, _, err := es.NewRepository(bells, w.log, 1).State(w.t.Context(), w.tenant, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return s.Rung
}

func (w *town) commits(id es.ID[bell]) []es.Commit {
	w.t.Helper()
	s, err := bells.Stream(w.tenant, id)
	if err != nil {
		w.t.Fatal(err)
	}
	found, err := w.log.Load(w.t.Context(), s, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// hears waits until the bell was rung by these, in this order, and nobody else.
func (w *town) hears(id es.ID[bell], want ...string) {
	w.t.Helper()
	w.until(fmt.Sprintf("%d rings", len(want)), func() bool { return len(w.rung(id)) >= len(want) })
	if got := w.rung(id); !slices.Equal(got, want) {
		w.t.Errorf("it was rung by %v, want %v", got, want)
	}
}

func (w *town) until(what string, holds func() bool) {
	w.t.Helper()
	deadline := time.After(60 * time.Second)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-deadline:
			w.t.Fatalf("never: %s", what)
		}
	}
}
