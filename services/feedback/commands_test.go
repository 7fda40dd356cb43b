package feedback

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/view"
)

func TestEveryCommandIsRegisteredSoundly(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Commands {
		if seen[s.Name()] {
			t.Errorf("%s is there twice", s.Name())
		}
		seen[s.Name()] = true
		if s.Right != "" && !s.Right.Known() {
			t.Errorf("%s needs %q, which is no decision type", s.Name(), s.Right)
		}
		if s.Context != "feedback" || !strings.HasSuffix(s.Doc, ".") {
			t.Errorf("%s: context %q, doc %q", s.Name(), s.Context, s.Doc)
		}
	}
}

// service runs the context's commands over a log in memory.
type service struct {
	t      *testing.T
	client *command.Client
	world  *command.World
	actor  es.PersonID
}

func serve(t *testing.T) *service {
	t.Helper()
	srv, err := server.NewServer(&server.Options{DontListen: true, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	nc, err := nats.Connect("", nats.InProcessServer(srv))
	if err != nil {
		t.Fatal(err)
	}
	log := estest.NewLog()
	schemas := append([]es.Decoder{}, Schemas...)
	models := view.NewModels(log, es.NewCatalog(append(schemas, command.NumberingSchemas...)...), view.NewMemory(), Siblings)
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- models.Run(ctx) }()
	world := command.NewWorld(log, nil, models, Siblings)
	s, err := command.Serve(nc, world, "feedback", Commands, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		stop()
		if err := <-ran; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		nc.Close()
		srv.Shutdown()
		srv.WaitForShutdown()
	})
	return &service{t: t, client: command.NewClient(nc), world: world, actor: estest.Meta.Actor}
}

// in is the service in a subtest.
func (s service) in(t *testing.T) *service { s.t = t; return &s }

// send sends a command twice under one key, as a nervous client does, and
// returns what became of it.
func (s *service) send(name, id string, body any) (command.Answer, error) {
	s.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	q := command.Request{ID: id, Body: b, Meta: es.Meta{Tenant: estest.Meta.Tenant, Actor: s.actor, Command: es.NewID[command.Request]().String()}}
	first, err := s.client.Send(s.t.Context(), "feedback."+name, q)
	if err != nil {
		return first, err
	}
	again, err := s.client.Send(s.t.Context(), "feedback."+name, q)
	if err != nil || again.ID != first.ID || again.Position != first.Position || first.Events > 0 && !again.Again {
		s.t.Fatalf("%s sent twice: %+v, then %+v (%v)", name, first, again, err)
	}
	return first, nil
}

func (s *service) must(name, id string, body any) string {
	s.t.Helper()
	a, err := s.send(name, id, body)
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	return a.ID
}

func (s *service) refused(why error, name, id string, body any) {
	s.t.Helper()
	if a, err := s.send(name, id, body); !errors.Is(err, why) {
		s.t.Fatalf("%s: %+v, %v; want %v", name, a, err, why)
	}
}

type fields map[string]any

func TestFromFeedbackToIdea(t *testing.T) {
	s := serve(t)
	acme := s.must("customer.register", "", fields{"name": "Acme", "externalId": "crm:1", "arr": fields{"amount": 100, "currency": "EUR"}})
	if want := CustomerOf(estest.Meta.Tenant, "crm:1").String(); acme != want {
		t.Errorf("the customer is %s, want %s", acme, want)
	}
	s.refused(ErrCustomerExists, "customer.register", "", fields{"name": "Acme 2", "externalId": "crm:1"})
	globex := s.must("customer.register", "", fields{"name": "Globex"})
	s.must("customer.merge-into", acme, fields{"into": globex})

	text := "We need dark mode at night."
	said := s.must("feedback.capture", "", fields{"text": text, "product": app, "customer": acme})
	state, _, err := command.State(t.Context(), s.world, Feedbacks, estest.Meta.Tenant, FeedbackID(said))
	if err != nil || state.Customer.String() != globex || state.Key != "FB-1" {
		t.Errorf("captured %+v (%v), want it from the customer that Acme is merged into", state, err)
	}
	s.refused(invalid("customer"), "feedback.capture", "", fields{"text": text, "customer": es.NewID[Customer]()})

	cut := fields{"feedback": said, "start": 8, "end": 17, "text": "dark mode"}
	insight := s.must("insight.create", "", fields{"excerpt": cut})
	s.refused(ErrInsightExists, "insight.create", "", fields{"excerpt": cut, "importance": 3})
	s.refused(invalid("excerpt.feedback"), "insight.create", "", fields{"excerpt": fields{"feedback": es.NewID[Feedback](), "start": 0, "end": 1, "text": "x"}})
	s.must("feedback.link-insight", said, fields{"insight": insight})
	s.refused(invalid("insight"), "feedback.link-insight", said, fields{"insight": es.NewID[Insight]()})

	idea := s.must("idea.propose", "", fields{"title": "Dark mode", "product": app, "feedback": said, "customer": globex})
	s.must("insight.link-to", insight, fields{"target": fields{"kind": "idea", "id": idea}})
	s.refused(invalid("target.id"), "insight.link-to", insight, fields{"target": fields{"kind": "idea", "id": es.NewID[Idea]()}})

	vote := s.must("vote.cast", "", fields{"idea": idea, "importance": 2})
	if want := VoteOf(estest.Meta.Tenant, IdeaID(idea), s.actor, "").String(); vote != want {
		t.Errorf("the vote is %s, want %s", vote, want)
	}
	s.refused(ErrVoted, "vote.cast", "", fields{"idea": idea, "importance": 3})
	s.must("vote.cast", "", fields{"idea": idea, "customer": globex})
	s.refused(ErrCustomerMerged, "vote.cast", "", fields{"idea": idea, "customer": acme})
	s.must("vote.change-importance", vote, fields{"importance": 3})
	s.must("idea.decline", idea, fields{"reason": "Not now."})
	s.refused(ErrIdeaEnded, "vote.retract", vote, fields{})
	s.refused(ErrIdeaEnded, "vote.change-importance", vote, fields{"importance": 1})
}

func TestAnExternalIDIsOneAggregate(t *testing.T) {
	s := serve(t)
	tenant := estest.Meta.Tenant
	said := s.must("feedback.capture", "", fields{"text": "x", "externalId": "zendesk:1"})
	if want := FeedbackOf(tenant, "zendesk:1").String(); said != want {
		t.Errorf("the feedback is %s, want %s", said, want)
	}
	s.must("feedback.capture", "", fields{"text": "x", "externalId": "zendesk:1"})
	s.refused(ErrFeedbackExists, "feedback.capture", "", fields{"text": "y", "externalId": "zendesk:1"})
	idea := s.must("idea.propose", "", fields{"title": "x", "product": app, "externalId": "fider:1"})
	if want := IdeaOf(tenant, "fider:1").String(); idea != want {
		t.Errorf("the idea is %s, want %s", idea, want)
	}
	s.refused(ErrIdeaExists, "idea.propose", "", fields{"title": "y", "product": app, "externalId": "fider:1"})
}

func TestTriageOverTheWire(t *testing.T) {
	s := serve(t)
	said := s.must("feedback.capture", "", fields{"text": "x"})
	s.refused(invalid("customer"), "feedback.triage", said, fields{"customer": es.NewID[Customer]()})
	s.must("feedback.triage", said, fields{"product": app, "customer": s.must("customer.register", "", fields{"name": "Acme"})})
}

// A merge redirects one hop, whichever way round it is asked for.
func TestMergesOverTheWire(t *testing.T) {
	s := serve(t)
	makers := map[string]func(*service) string{
		"customer": func(s *service) string { return s.must("customer.register", "", fields{"name": "Acme"}) },
		"feedback": func(s *service) string { return s.must("feedback.capture", "", fields{"text": "x", "product": app}) },
		"idea":     func(s *service) string { return s.must("idea.propose", "", fields{"title": "x", "product": app}) },
	}
	for kind, one := range makers {
		t.Run(kind, func(t *testing.T) {
			s := s.in(t)
			a, b, c := one(s), one(s), one(s)
			s.refused(ErrMergeSelf, kind+".merge-into", a, fields{"into": a})
			s.refused(invalid("into"), kind+".merge-into", a, fields{"into": es.NewID[Idea]()})
			s.must(kind+".merge-into", a, fields{"into": b})
			s.refused(ErrMergeAbsorbed, kind+".merge-into", b, fields{"into": c})
			s.refused(ErrMergeTarget, kind+".merge-into", c, fields{"into": a})
			s.must(kind+".unmerge", a, fields{})
			s.must(kind+".merge-into", b, fields{"into": c})
		})
	}
	t.Run("another product", func(t *testing.T) {
		s := s.in(t)
		elsewhere := s.must("idea.propose", "", fields{"title": "x", "product": other})
		s.refused(ErrMergeProduct, "idea.merge-into", makers["idea"](s), fields{"into": elsewhere})
	})
	t.Run("an erased customer", func(t *testing.T) {
		s := s.in(t)
		a, b := makers["customer"](s), makers["customer"](s)
		s.must("customer.erase", b, fields{})
		s.refused(ErrMergeTargetErased, "customer.merge-into", a, fields{"into": b})
	})
}

func TestFactsCannotComeFromOutside(t *testing.T) {
	s := serve(t)
	idea := s.must("idea.propose", "", fields{"title": "x", "product": app})
	s.refused(invalid(""), "idea.merge-into", idea, fields{"into": es.NewID[Idea](), "Facts": fields{"Target": fields{"Exists": true}}})
}
