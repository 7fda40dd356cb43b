package command_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

func TestACommandTakesEffectOnceAndTellsWhere(t *testing.T) {
	h := newHouse(t)
	hung := h.do(ann, "door.hang", "", body{"name": "Front"})
	if hung.Events != 1 || hung.Position == 0 {
		t.Errorf("answer %+v", hung)
	}
	opened := h.do(ann, "door.open", hung.ID, body{"times": 2})
	if s, version := h.door(hung.ID); s != (door{Key: "D-1", Name: "Front", Opened: 2}) || version != opened.Position || opened.ID != hung.ID {
		t.Errorf("the door is %+v at %d, the answer %+v", s, version, opened)
	}
	if idle := h.do(ann, "door.open", hung.ID, body{"times": 0}); idle.Events != 0 || idle.Position != opened.Position {
		t.Errorf("a wish that holds already: %+v", idle)
	}
	for i, c := range h.commits(hung.ID) {
		if c.Meta.Actor != ann || c.Meta.Command == "" || c.Meta.Correlation != c.Meta.ID || c.Meta.Fingerprint == "" {
			t.Errorf("commit %d: %+v", i, c.Meta)
		}
	}
}

func TestWhatTravelsWithACommandIsStored(t *testing.T) {
	h := newHouse(t)
	id := h.do(ann, "door.hang", "", body{"name": "Front"}).ID
	q := h.request(ann, id, body{"times": 1})
	q.Meta.Correlation, q.Meta.Causation, q.Meta.ActingAs = "chain", "cause", "policy:x"
	q.Meta.Occurred = time.Date(1999, 12, 31, 23, 59, 59, 999999999, time.UTC)
	_, version := h.door(id)
	q.Expect = &version
	if _, err := h.client.Send(t.Context(), "backlog.door.open", q); err != nil {
		t.Fatal(err)
	}
	m := h.commits(id)[1].Meta
	if m.Correlation != "chain" || m.Causation != "cause" || m.ActingAs != "policy:x" || !m.Occurred.Equal(q.Meta.Occurred) || m.Command != q.Meta.Command {
		t.Errorf("stored %+v", m)
	}
	q = h.request(ann, id, body{"times": 1})
	q.Expect = &version
	_, err := h.client.Send(t.Context(), "backlog.door.open", q)
	if e, known := fail.As(err); !known || e.Kind != fail.KindStale || e.Version <= version {
		t.Errorf("with a version that is over: %v", err)
	}
}

func TestBadBodies(t *testing.T) {
	h := newHouse(t)
	id := h.do(ann, "door.hang", "", body{"name": "Front"}).ID
	for _, c := range []struct{ name, verb, body, field, says string }{
		{"unknown field", "open", `{"times":1,"tmies":2}`, "tmies", "no such field"},
		{"a field that only facts fill in", "lock", `{"NeighbourLocked":true}`, "NeighbourLocked", "no such field"},
		{"wrong type", "open", `{"times":"two"}`, "times", "a number"},
		{"a number that is too large", "open", `{"times":1e400}`, "times", "a number"},
		{"a text is wanted", "paint", `{"colour":7}`, "colour", "a text"},
		{"no JSON", "open", `{"times":`, "", "JSON object"},
		{"a list", "open", `[]`, "", "an object"},
		{"more after it", "open", `{"times":1}{}`, "", "nothing after it"},
		{"a brace after it", "open", `{"times":1}}`, "", "nothing after it"},
		{"an id that is none", "lock", `{"neighbour":"*"}`, "id", "26 characters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := h.request(ann, id, nil)
			q.Body = []byte(c.body)
			_, err := h.client.Send(t.Context(), "backlog.door."+c.verb, q)
			e, known := fail.As(err)
			if !known || e.Kind != fail.KindInvalid || e.Field != c.field || !strings.Contains(e.Text, c.says) {
				t.Errorf("%s: %#v, want invalid %q: …%s…", c.body, err, c.field, c.says)
			}
		})
	}
	q := h.request(ann, id, nil)
	q.Body = nil
	if a, err := h.client.Send(t.Context(), "backlog.door.open", q); err != nil || a.Events != 0 {
		t.Errorf("no body is an empty object: %+v, %v", a, err)
	}
	if len(h.commits(id)) != 1 {
		t.Error("one of them took effect")
	}
	if said := h.logged.String(); said != "" {
		t.Errorf("what a caller did wrong is no news in the log: %s", said)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	h := newHouse(t)
	_, err := h.send(ann, "door.open", es.NewID[door]().String(), body{"times": 1})
	if e, known := fail.As(err); !known || e.Kind != fail.KindNotFound {
		t.Errorf("no door: %v", err)
	}
	id := h.do(ann, "door.hang", "", body{"name": "Front"}).ID
	q := h.request(ann, id, body{"times": 1})
	q.Meta.Tenant = es.NewTenant()
	if _, err := h.client.Send(t.Context(), "backlog.door.open", q); err == nil {
		t.Error("a door of another organisation was opened")
	} else if e, known := fail.As(err); !known || e.Kind != fail.KindNotFound {
		t.Errorf("a door of another organisation: %v", err)
	}
	for _, bad := range []string{"", "*", "ev.>", strings.Repeat("a", 5000)} {
		_, err := h.send(ann, "door.open", bad, body{"times": 1})
		if e, known := fail.As(err); !known || e.Kind != fail.KindInvalid || e.Field != "id" {
			t.Errorf("id %.20q: %v", bad, err)
		}
	}
	q.Meta.Tenant = es.Tenant{}
	if _, err := h.client.Send(t.Context(), "backlog.door.open", q); err == nil {
		t.Error("a command without an organisation was run")
	}
}

func TestAPanicIsTheErrorOfOneCommand(t *testing.T) {
	h := newHouse(t)
	id := h.do(ann, "door.hang", "", body{"name": "Front"}).ID
	_, err := h.client.Send(t.Context(), "backlog.door.open", h.request(ann, id, body{"times": unlucky}))
	if err == nil || strings.Contains(err.Error(), "thirteen") || errors.Is(err, command.ErrUnavailable) {
		t.Errorf("%v, want an error that keeps its cause inside", err)
	}
	if _, known := fail.As(err); known {
		t.Errorf("a bug is no refusal: %v", err)
	}
	if said := h.logged.String(); !strings.Contains(said, "thirteen") || !strings.Contains(said, "door_test.go") {
		t.Errorf("the log does not say what panicked where: %s", said)
	}
	h.do(ann, "door.open", id, body{"times": 1}) // the door and the service live on
}

func TestTheSameKeyWithAnotherWish(t *testing.T) {
	h := newHouse(t)
	id := h.do(ann, "door.hang", "", body{"name": "Front"}).ID
	q := h.request(ann, id, body{"times": 1})
	if _, err := h.client.Send(t.Context(), "backlog.door.open", q); err != nil {
		t.Fatal(err)
	}
	spaced := q
	spaced.Body = []byte("{ \"times\":\n1 }")
	if a, err := h.client.Send(t.Context(), "backlog.door.open", spaced); err != nil || !a.Again {
		t.Errorf("the same JSON with other blanks is the same wish: %+v, %v", a, err)
	}
	other := q
	other.Body = []byte(`{"times":2}`)
	if _, err := h.client.Send(t.Context(), "backlog.door.open", other); !errors.Is(err, es.ErrKeyReused) {
		t.Errorf("another body: %v", err)
	}
	q.Body = nil
	if _, err := h.client.Send(t.Context(), "backlog.door.lock", q); !errors.Is(err, es.ErrKeyReused) {
		t.Errorf("another command: %v", err)
	}
}

func TestOneKeySentByManyAtOnceTakesEffectOnce(t *testing.T) {
	h := newHouse(t)
	h.serve() // two processes answer
	id := h.do(ann, "door.hang", "", body{"name": "Front"}).ID
	open, hang := h.request(ann, id, body{"times": 1}), h.request(ann, "", body{"name": "Back"})
	answers := make([]command.Answer, 20)
	var everybody sync.WaitGroup
	for i := range answers {
		everybody.Go(func() {
			if _, err := h.client.Send(t.Context(), "backlog.door.open", open); err != nil {
				t.Error(err)
			}
			var err error
			if answers[i], err = h.client.Send(t.Context(), "backlog.door.hang", hang); err != nil {
				t.Error(err)
			}
		})
	}
	everybody.Wait()
	if s, _ := h.door(id); s.Opened != 1 {
		t.Errorf("it was opened %d times", s.Opened)
	}
	for _, a := range answers {
		if a.ID != answers[0].ID || a.Position != answers[0].Position {
			t.Errorf("one wish made %+v and %+v", answers[0], a)
		}
	}
}

func TestCreationWithoutAKeyIsAWishOfItsOwn(t *testing.T) {
	h := newHouse(t)
	q := h.request(ann, "", body{"name": "Front"})
	q.Meta.Command = ""
	a, err := h.client.Send(t.Context(), "backlog.door.hang", q)
	b, err2 := h.client.Send(t.Context(), "backlog.door.hang", q)
	if err != nil || err2 != nil || a.ID == b.ID {
		t.Errorf("%+v, %v; %+v, %v: two doors were wished for", a, err, b, err2)
	}
}

func TestOneKeyOfTwoPeopleMakesTwo(t *testing.T) {
	h := newHouse(t)
	q := h.request(ann, "", body{"name": "Front"})
	a, err := h.client.Send(t.Context(), "backlog.door.hang", q)
	q.Meta.Actor = ben
	b, err2 := h.client.Send(t.Context(), "backlog.door.hang", q)
	if err != nil || err2 != nil || a.ID == b.ID {
		t.Errorf("%+v, %v; %+v, %v", a, err, b, err2)
	}
}

func TestAKeyedCreationIsUniqueWithoutAnIndex(t *testing.T) {
	h := newHouse(t)
	first := h.do(ann, "door.hang-named", "", body{"name": "Front", "team": "a"})
	if again := h.do(ben, "door.hang-named", "", body{"name": "Front"}); again.ID != first.ID || again.Events != 0 {
		t.Errorf("%+v, then %+v: one name is one door", first, again)
	}
	if other := h.do(ann, "door.hang-named", "", body{"name": "Back"}); other.ID == first.ID {
		t.Error("two names are one door")
	}
	if s, _ := h.door(first.ID); s.Key != "" {
		t.Errorf("a door that is not numbered has the key %q", s.Key)
	}
}

func TestFactsAreReadForEachDecision(t *testing.T) {
	h := newHouse(t)
	a, b := h.do(ann, "door.hang", "", body{"name": "A"}).ID, h.do(ann, "door.hang", "", body{"name": "B"}).ID
	h.refuses(errNeighbour, ann, "door.lock", a, body{"neighbour": b})
	_, err := h.send(ann, "door.lock", a, body{"neighbour": es.NewID[door]()})
	if e, known := fail.As(err); !known || e.Kind != fail.KindNotFound {
		t.Errorf("a neighbour that is not there: %v", err)
	}
	h.do(ann, "door.lock", b, nil)
	h.do(ann, "door.lock", a, body{"neighbour": b})
	h.refuses(errLocked, ann, "door.open", a, body{"times": 1})
}

// Each command looks at the other's door while both run, many times over.
func TestFactsCrosswiseDoNotWaitForEachOther(t *testing.T) {
	h := newHouse(t)
	a, b := h.do(ann, "door.hang", "", body{"name": "A"}).ID, h.do(ann, "door.hang", "", body{"name": "B"}).ID
	var everybody sync.WaitGroup
	for i := range 40 {
		q, other := h.request(ann, a, body{"neighbour": b}), h.request(ann, b, body{"neighbour": a})
		everybody.Go(func() {
			for _, q := range []command.Request{q, other} {
				if _, err := h.client.Send(t.Context(), "backlog.door.lock", q); !errors.Is(err, errNeighbour) {
					t.Errorf("%d: %v", i, err)
				}
			}
		})
	}
	everybody.Wait()
}

func TestNobodyServes(t *testing.T) {
	c := command.NewClient(boottest.NATS(t))
	_, err := c.Send(t.Context(), "backlog.door.open", command.Request{Meta: es.Meta{Tenant: es.NewTenant()}})
	if !errors.Is(err, command.ErrUnavailable) {
		t.Errorf("%v, want ErrUnavailable", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Send(ctx, "backlog.door.open", command.Request{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the caller has gone: %v", err)
	}
}

func TestNoAnswerInTime(t *testing.T) {
	nc := boottest.NATS(t)
	if _, err := nc.SubscribeSync("cmd.backlog.door.open"); err != nil { // takes it and says nothing
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := command.NewClient(nc).Send(ctx, "backlog.door.open", command.Request{}); !errors.Is(err, command.ErrUnavailable) {
		t.Errorf("%v, want ErrUnavailable", err)
	}
	nc.Close()
	if _, err := command.NewClient(nc).Send(t.Context(), "backlog.door.open", command.Request{}); !errors.Is(err, command.ErrUnavailable) {
		t.Errorf("without a connection: %v", err)
	}
}

// broken is a log that is down.
type broken struct{ es.Log }

func (broken) Load(context.Context, es.Stream, uint64) ([]es.Commit, error) {
	return nil, fmt.Errorf("load: %w", es.ErrUnavailable)
}

func TestALogThatIsDownIsAnOutageAndNoBug(t *testing.T) {
	nc := boottest.NATS(t)
	log := boottest.LogOn(t, nc)
	s, err := command.Serve(nc, command.NewWorld(broken{log}, nil, nil, nil), "backlog", specs, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	_, err = command.NewClient(nc).Send(t.Context(), "backlog.door.open",
		command.Request{ID: es.NewID[door]().String(), Meta: es.Meta{Tenant: es.NewTenant()}})
	if !errors.Is(err, command.ErrUnavailable) {
		t.Errorf("%v, want ErrUnavailable", err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

// An empty book governs nothing; a process that has just started must not
// answer with one.
func TestNoCommandIsAnsweredBeforeTheRightsAreRead(t *testing.T) {
	h := newHouse(t)
	h.govern(map[rights.Decision]rights.Entry{mayPaint: {Decide: []rights.Role{rights.ProductOwner}}})
	nc := h.nc
	late := rights.NewBook()
	started := make(chan *command.Server)
	go func() {
		s, err := command.Serve(nc, command.NewWorld(h.log, late, nil, nil), "strategy", nil, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Error(err)
		}
		started <- s
	}()
	var commits []es.Commit
	enough := errors.New("enough")
	head, err := h.log.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.log.Follow(t.Context(), 0, func(batch []es.Commit) error {
		if commits = append(commits, batch...); uint64(len(commits)) >= head.Last {
			return enough
		}
		return nil
	}); !errors.Is(err, enough) {
		t.Fatal(err)
	}
	for _, c := range commits {
		select {
		case <-started:
			t.Fatalf("it serves with rights up to %d of %d", late.Position(), head.Last)
		default:
		}
		if err := late.Apply(c); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case s := <-started:
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it does not serve though its book is complete")
	}
}
