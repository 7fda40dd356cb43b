// Package react runs policies: when that happened, then ask for this. A policy
// sees the events of one kind of aggregate at least once, each in the order of
// the log, and answers with commands whose ids follow from the event, so that
// a second delivery changes nothing. Policies run on a Watermill router.
package react

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/nats-io/nats.go/jetstream"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// Happening is an event and where it stands.
type Happening struct {
	Commit  es.Commit
	EventID string
}

// ID returns the id of the aggregate to which it happened.
func (h Happening) ID() string { return h.Commit.Stream.ID() }

// Wish is a command that a policy asks for.
type Wish struct {
	Command string // "backlog.item.create"
	ID      string // the aggregate; empty to create one
	Body    any    // the command's JSON
	As      es.PersonID
	// Refused may turn a refusal into another wish; without it a refusal is
	// the end of the matter and is logged.
	Refused func(err *fail.Error) *Wish
	// Done may follow up with another wish once this one has its answer.
	Done func(a command.Answer) *Wish
}

// Policy reacts to one event.
type Policy struct {
	Name  string // stored with the consumer and in each command's id: never change it
	Event string // the stored name that it waits for, the first of several
	then  func(json.RawMessage, Happening) ([]Wish, error)
	also  []Policy
}

// When makes a policy for the event with this stored name. E is the policy's
// own idea of it: a context reads another's event with a small struct of its
// own, and the producer's golden file is the contract.
func When[E any](name, event string, then func(E, Happening) []Wish) Policy {
	return Policy{Name: name, Event: event, then: func(data json.RawMessage, h Happening) ([]Wish, error) {
		var e E
		if err := json.Unmarshal(data, &e); err != nil {
			return nil, fmt.Errorf("read %s: %w", event, err)
		}
		return then(e, h), nil
	}}
}

// Any makes one policy of several whose events are of one kind of aggregate: it
// sees all of them in the order of the log, which several policies do not. Only
// its own name is stored. It panics when the events are not of one kind.
func Any(name string, policies ...Policy) Policy {
	one := Policy{Name: name, Event: policies[0].Event, also: policies}
	for _, p := range policies {
		if p.subject() != one.subject() {
			panic("policy " + name + ": " + p.Event + " is of another kind of aggregate than " + one.Event)
		}
	}
	return one
}

// Wishes returns what the policy asks for when this event happens; nothing for
// an event that it does not wait for.
func (p Policy) Wishes(r es.Record, h Happening) ([]Wish, error) {
	for _, one := range p.also {
		if one.Event == r.Name {
			return one.Wishes(r, h)
		}
	}
	if r.Name != p.Event || p.then == nil {
		return nil, nil
	}
	return p.then(r.Data, h)
}

// subject is what the policy's consumer filters on: the events of one kind of
// aggregate, of all organisations.
func (p Policy) subject() string {
	context, rest, _ := strings.Cut(p.Event, ".")
	aggregate, _, _ := strings.Cut(rest, ".")
	return "ev." + context + ".*." + aggregate + ".*"
}

// Reader turns a stored message into its commit.
type Reader func(jetstream.Msg) (es.Commit, error)

// Runner runs policies until its context ends.
type Runner struct {
	js     jetstream.JetStream
	stream string
	read   Reader
	client *command.Client
	log    *slog.Logger
}

// NewRunner reads the messages of a stream.
func NewRunner(js jetstream.JetStream, stream string, read Reader, client *command.Client, log *slog.Logger) *Runner {
	return &Runner{js, stream, read, client, log}
}

// Run returns when ctx ends. Each policy has a durable consumer of its own: a
// policy whose command gets no answer holds up no other.
func (r *Runner) Run(ctx context.Context, policies ...Policy) error {
	logger := watermill.NewSlogLogger(r.log)
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: 5 * time.Second}, logger)
	if err != nil {
		return fmt.Errorf("policies: %w", err)
	}
	router.AddMiddleware(
		middleware.Recoverer,
		middleware.Retry{MaxRetries: 3, InitialInterval: 50 * time.Millisecond, Multiplier: 4, Logger: logger}.Middleware,
	)
	for _, p := range policies {
		sub := &subscriber{js: r.js, stream: r.stream, durable: "policy-" + p.Name}
		router.AddConsumerHandler(p.Name, p.subject(), sub, func(m *message.Message) error {
			return r.handle(m.Context(), p, m)
		})
	}
	if err := router.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("policies: %w", err)
	}
	return nil
}

func (r *Runner) handle(ctx context.Context, p Policy, m *message.Message) error {
	raw, ok := natsMessage(m.Context())
	if !ok {
		return fmt.Errorf("policy %s: a message that is not from the log", p.Name)
	}
	c, err := r.read(raw)
	if err != nil {
		return fmt.Errorf("policy %s: %w", p.Name, err)
	}
	for i, rec := range c.Events {
		h := Happening{Commit: c, EventID: c.EventID(i)}
		wishes, err := p.Wishes(rec, h)
		if err != nil {
			return fmt.Errorf("policy %s at %d: %w", p.Name, c.Position, err)
		}
		for n, w := range wishes {
			if err := r.ask(ctx, p, h, fmt.Sprintf("%s/%s/%d", h.EventID, p.Name, n), &w); err != nil {
				return err
			}
		}
	}
	return nil
}

// ask sends a wish and what follows from its answer. Only an answer ends it: a
// service that is away is asked again.
func (r *Runner) ask(ctx context.Context, p Policy, h Happening, key string, w *Wish) error {
	for step := 0; w != nil; step++ {
		body, err := json.Marshal(w.Body)
		if err != nil {
			return fmt.Errorf("policy %s: %w", p.Name, err)
		}
		a, err := r.client.Send(ctx, w.Command, command.Request{ID: w.ID, Body: body, Meta: es.Meta{
			Tenant: h.Commit.Stream.Tenant(), Actor: w.As, ActingAs: "policy:" + p.Name,
			Command: fmt.Sprintf("%s/%d", key, step), Correlation: h.Commit.Meta.Correlation, Causation: h.EventID,
		}})
		refusal, refused := fail.As(err)
		if refused && refusal.Kind == fail.KindStale {
			refused = false // a policy expects no version: others were faster, four times
		}
		switch {
		case err == nil && w.Done != nil:
			w = w.Done(a)
		case err == nil:
			return nil
		case refused && w.Refused != nil:
			w = w.Refused(refusal)
		case refused:
			r.log.Warn("policy refused", "policy", p.Name, "event", h.EventID, "command", w.Command, "code", refusal.Code, "text", refusal.Text)
			return nil
		default:
			return fmt.Errorf("policy %s asks %s: %w", p.Name, w.Command, err)
		}
	}
	return nil
}
