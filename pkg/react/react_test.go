package react_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/react"
	"throughline.dev/pkg/rights"
)

func TestAPolicySeesEachEventInOrder(t *testing.T) {
	w := newTown(t)
	w.openHall(w.log)
	w.openDoor("a", "b") // before it runs
	w.run(rings("greet"))
	c := w.openDoor("c")
	w.openDoor("d", "e")
	w.hears(theBell, "a", "b", "c", "d", "e")
	m := w.commits(theBell)[2].Meta
	if m.Actor != "" || m.ActingAs != "policy:greet" || m.Correlation != "chain" || m.Causation != c.EventID(0) || m.Command != c.EventID(0)+"/greet/0/0" {
		t.Errorf("stored %+v", m)
	}
}

func TestWhatAPolicyDoesNotWaitForIsPassedBy(t *testing.T) {
	w := newTown(t)
	w.openHall(w.log)
	w.run(rings("greet"))
	other := func(name string) es.Commit {
		return es.Commit{Stream: w.door, Meta: es.Meta{Tenant: w.tenant, ID: es.NewID[es.Person]().String()},
			Events: []es.Record{{Name: name, Data: []byte(`[]`)}}}
	}
	w.append(other("street.door.closed.v1"))
	w.append(other("street.door.opened.v2"))
	w.openDoor("a")
	w.hears(theBell, "a")
}

// stumbling is a log on which every third commit is stored and its answer lost.
type stumbling struct {
	es.Log
	n atomic.Int64
}

func (l *stumbling) Append(ctx context.Context, c es.Commit, expected uint64) (uint64, error) {
	p, err := l.Log.Append(ctx, c, expected)
	if err == nil && l.n.Add(1)%3 == 0 {
		return 0, fmt.Errorf("the answer got lost: %w", es.ErrUnavailable)
	}
	return p, err
}

// The runner is stopped and started again while it is at work, answers get
// lost, two runners run at once: each event takes effect once, in order.
func TestEachEventTakesEffectOnce(t *testing.T) {
	const n = 60
	w := newTown(t)
	w.openHall(&stumbling{Log: w.log})
	var want []string
	for i := range n {
		want = append(want, fmt.Sprint("visitor ", i))
		w.openDoor(want[i])
	}
	for done := 0; done < n; done += 12 {
		stop := w.run(rings("greet"))
		w.until("a few more rings", func() bool { return len(w.rung(theBell)) > done })
		stop()
	}
	w.run(rings("greet"))
	w.run(rings("greet"))
	w.hears(theBell, want...)
}

func TestAServiceThatIsAwayIsAskedAgain(t *testing.T) {
	w := newTown(t)
	w.openDoor("a")
	w.openDoor("b")
	w.run(rings("greet"))
	sub, err := w.nc.SubscribeSync("$JS.EVENT.ADVISORY.CONSUMER.MSG_NAKED.>") // it has tried and given the event back
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sub.NextMsgWithContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.openHall(w.log)
	w.hears(theBell, "a", "b")
}

// crowded is a log where others are always first, for a while.
type crowded struct {
	es.Log
	others atomic.Int64
}

func (l *crowded) Append(ctx context.Context, c es.Commit, expected uint64) (uint64, error) {
	if l.others.Add(-1) >= 0 {
		return 0, es.ErrConflict
	}
	return l.Log.Append(ctx, c, expected)
}

func TestACrowdIsNoRefusal(t *testing.T) {
	w := newTown(t)
	log := &crowded{Log: w.log}
	log.others.Store(6) // more than one command tries, so that its answer is stale
	w.openHall(log)
	w.run(rings("greet"))
	w.openDoor("a")
	w.hears(theBell, "a")
}

func TestARefusalEndsTheMatterOfOneEvent(t *testing.T) {
	w := newTown(t)
	w.openHall(w.log)
	w.run(rings("greet"))
	w.openDoor("a")
	w.openDoor("late b")
	w.openDoor("c")
	w.hears(theBell, "a", "c")
}

func TestARefusalMayBecomeAnotherWish(t *testing.T) {
	w := newTown(t)
	w.openHall(w.log)
	w.run(rings("greet", func(wish *react.Wish) {
		wish.Refused = func(err *fail.Error) *react.Wish {
			return &react.Wish{Command: "hall.bell.ring", ID: theBell.String(), Body: ring{"instead: " + err.Code}}
		}
	}))
	c := w.openDoor("late a", "b")
	w.hears(theBell, "instead: bell-quiet", "b")
	if key := w.commits(theBell)[0].Meta.Command; key != c.EventID(0)+"/greet/0/1" {
		t.Errorf("the key of the second wish is %q", key)
	}
}

// What is done first makes a new bell; what follows needs its id.
func TestDoneMayFollowUp(t *testing.T) {
	w := newTown(t)
	w.openHall(w.log)
	made := make(chan command.Answer, 1)
	w.run(rings("greet", func(wish *react.Wish) {
		wish.ID = ""
		wish.Done = func(a command.Answer) *react.Wish {
			made <- a
			return &react.Wish{Command: "hall.bell.ring", ID: a.ID, Body: ring{"second"}}
		}
	}))
	w.openDoor("first")
	a := <-made
	w.hears(es.ID[bell](a.ID), "first", "second")
}

func TestOnePolicyThatFailsHoldsUpNoOther(t *testing.T) {
	w := newTown(t)
	w.openHall(w.log)
	panics := react.When("panics", opened, func(doorOpened, react.Happening) []react.Wish { panic("boom") })
	cannotRead := react.When("cannot-read", opened, func(int, react.Happening) []react.Wish { return nil })
	nobodyServes := rings("nobody-serves", func(wish *react.Wish) { wish.Command = "hall.gong.beat" })
	w.run(panics, cannotRead, nobodyServes, rings("greet"))
	for _, v := range []string{"a", "b", "c"} {
		w.openDoor(v)
	}
	w.hears(theBell, "a", "b", "c")
	for _, name := range []string{"panics", "cannot-read", "nobody-serves"} { // none has skipped its first event
		cons, err := w.js.Consumer(t.Context(), "PLAN", "policy-"+name)
		if err != nil {
			t.Fatal(err)
		}
		info, err := cons.Info(t.Context())
		if err != nil || info.AckFloor.Consumer != 0 || info.NumPending+uint64(info.NumAckPending) != 3 {
			t.Errorf("%s stands at %+v, %v", name, info.AckFloor, err)
		}
	}
}

func TestAConsumerThatIsTakenAwayIsMadeAgain(t *testing.T) {
	w := newTown(t)
	w.openHall(w.log)
	w.run(rings("greet"))
	w.openDoor("a")
	w.hears(theBell, "a")
	if err := w.js.DeleteConsumer(t.Context(), "PLAN", "policy-greet"); err != nil {
		t.Fatal(err)
	}
	w.openDoor("b")
	w.hears(theBell, "a", "b") // a comes again, to no effect
}

func TestAnyIsOneConsumerForSeveralEvents(t *testing.T) {
	w := newTown(t)
	w.openHall(w.log)
	closed := react.When("closes", "street.door.closed.v1", func(e doorOpened, _ react.Happening) []react.Wish {
		return []react.Wish{{Command: "hall.bell.ring", ID: theBell.String(), Body: ring{e.Visitor + " leaves"}}}
	})
	w.run(react.Any("greet", rings("opens"), closed))
	for _, v := range []string{"a", "b"} {
		w.openDoor(v)
		data, err := json.Marshal(doorOpened{v})
		if err != nil {
			t.Fatal(err)
		}
		w.append(es.Commit{Stream: w.door, Meta: es.Meta{Tenant: w.tenant, ID: es.NewID[es.Person]().String()},
			Events: []es.Record{{Name: "street.door.closed.v1", Data: data}}})
	}
	w.hears(theBell, "a", "a leaves", "b", "b leaves")
	defer func() {
		if said, ok := recover().(string); !ok || !strings.Contains(said, "hall.bell.rung.v1") {
			t.Errorf("events of two kinds in one policy: %q", said)
		}
	}()
	react.Any("mixed", rings("opens"), react.When("rung", "hall.bell.rung.v1", func(bellRung, react.Happening) []react.Wish { return nil }))
}

func TestAnApprovedProposalIsAppliedForItsDecider(t *testing.T) {
	p := react.ApplyApproved("backlog")
	who := es.NewID[es.Person]()
	data, err := json.Marshal(rights.ProposalApproved{By: who})
	if err != nil {
		t.Fatal(err)
	}
	stream, err := es.NewStream("backlog", es.NewTenant(), "proposal", theBell.String())
	if err != nil {
		t.Fatal(err)
	}
	names := rights.Proposals("backlog").Schema.Names()
	if !slices.Contains(names, p.Event) {
		t.Errorf("%s is no event of a proposal: %v", p.Event, names)
	}
	wishes, err := p.Wishes(es.Record{Name: p.Event, Data: data}, react.Happening{Commit: es.Commit{Stream: stream}})
	if err != nil || len(wishes) != 1 || wishes[0].Command != "backlog.proposal.apply" || wishes[0].ID != theBell.String() || wishes[0].As != who {
		t.Errorf("%+v, %v", wishes, err)
	}
}
