package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// ErrUnavailable says that the command got no answer in time or nobody serves
// it. It may have taken effect: sending it again with the same key is safe.
var ErrUnavailable = errors.New("the service did not answer in time; send it again with the same Idempotency-Key")

// Headers of a command message and of its reply.
const (
	hTenant      = "Tl-Tenant"
	hActor       = "Tl-Actor"
	hActing      = "Tl-Acting-As"
	hID          = "Tl-Id"
	hKey         = "Tl-Key"
	hExpect      = "Tl-Expect"
	hCorrelation = "Tl-Correlation"
	hCausation   = "Tl-Causation"
	hProposal    = "Tl-Proposal"
	hOccurred    = "Tl-Occurred"
	hError       = "Tl-Error"
)

// Server answers the commands of one context.
type Server struct {
	svc  micro.Service
	stop context.CancelFunc
}

// inFlight is how many commands of one context a process works on at a time.
const inFlight = 256

// bookTime is how long the decision rights may take to be read from the log.
const bookTime = 5 * time.Minute

// Serve registers one NATS micro endpoint for each command, so that discovery,
// load balancing over replicas and statistics come with it. It waits until the
// world's book has caught up with the log; somebody else has to feed it.
func Serve(nc *nats.Conn, w *World, name string, specs []Spec, log *slog.Logger) (*Server, error) {
	ctx, stop := context.WithCancel(context.Background())
	starting, cancel := context.WithTimeout(ctx, bookTime)
	defer cancel()
	if err := w.ready(starting); err != nil {
		stop()
		return nil, fmt.Errorf("serve %s: %w", name, err)
	}
	svc, err := micro.AddService(nc, micro.Config{Name: name, Version: "1.0.0", Description: "commands of the " + name + " context"})
	if err != nil {
		stop()
		return nil, fmt.Errorf("serve %s: %w", name, err)
	}
	slots := make(chan struct{}, inFlight)
	for _, spec := range specs {
		r := spec.bind(w)
		handler := micro.HandlerFunc(func(req micro.Request) {
			slots <- struct{}{}
			go func() {
				defer func() { <-slots }()
				answer(ctx, r, spec, req, log)
			}()
		})
		if err := svc.AddEndpoint(endpointName(spec), handler, micro.WithEndpointSubject("cmd."+spec.Name())); err != nil {
			stop()
			return nil, errors.Join(fmt.Errorf("serve %s: %w", spec.Name(), err), svc.Stop())
		}
	}
	return &Server{svc, stop}, nil
}

// Stop takes the endpoints away; commands that are being worked on are cut off
// and get no answer, which their sender repeats.
func (s *Server) Stop() error {
	err := s.svc.Stop()
	s.stop()
	return err
}

func endpointName(s Spec) string { return s.Aggregate + "-" + s.Verb }

func answer(ctx context.Context, r runner, spec Spec, req micro.Request, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	q, err := parse(req)
	var a Answer
	if err == nil {
		a, err = guarded(ctx, r, q)
	}
	if err == nil {
		if err = req.RespondJSON(a); err != nil {
			log.Error("reply to a command", "command", spec.Name(), "error", err)
		}
		return
	}
	data, known := encodeError(err)
	if !known {
		log.Error("command failed", "command", spec.Name(), "tenant", q.Meta.Tenant.String(), "actor", q.Meta.Actor.String(), "error", err)
	}
	if err := req.Respond(data, micro.WithHeaders(micro.Headers{hError: {"1"}})); err != nil {
		log.Error("reply to a command", "command", spec.Name(), "error", err)
	}
}

// guarded turns a panic in a decision into an error of this one command.
func guarded(ctx context.Context, r runner, q Request) (a Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a command: %v\n%s", p, debug.Stack())
		}
	}()
	return r.run(ctx, q)
}

func parse(req micro.Request) (Request, error) {
	h := req.Headers()
	tenant, err := es.ParseTenant(h.Get(hTenant))
	if err != nil {
		return Request{}, err
	}
	q := Request{ID: h.Get(hID), Body: req.Data(), Meta: es.Meta{
		Tenant: tenant, ActingAs: h.Get(hActing), Command: h.Get(hKey),
		Correlation: h.Get(hCorrelation), Causation: h.Get(hCausation), Proposal: h.Get(hProposal),
	}}
	if a := h.Get(hActor); a != "" {
		if q.Meta.Actor, err = es.ParseID[es.Person](a); err != nil {
			return q, err
		}
	}
	if v := h.Get(hExpect); v != "" {
		n, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			return q, fail.Invalid("If-Match", "a version is a number, not %q", v)
		}
		q.Expect = &n
	}
	if v := h.Get(hOccurred); v != "" {
		if q.Meta.Occurred, err = time.Parse(time.RFC3339Nano, v); err != nil {
			return q, fail.Invalid("occurredAt", "a time is RFC 3339, not %q", v)
		}
	}
	return q, nil
}

// errors that cross the wire: the five kinds, an outage, or nothing, which is
// a bug whose cause only the service's log tells.
type wireError struct {
	Errors      []*fail.Error `json:"errors,omitempty"`
	Unavailable bool          `json:"unavailable,omitempty"`
}

func encodeError(err error) ([]byte, bool) {
	w := wireError{Errors: fail.All(err)}
	w.Unavailable = len(w.Errors) == 0 && (errors.Is(err, es.ErrUnavailable) || errors.Is(err, ErrUnavailable) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded))
	data, _ := json.Marshal(w)
	return data, len(w.Errors) > 0
}

// Client sends commands.
type Client struct {
	nc      *nats.Conn
	timeout time.Duration
}

// NewClient waits at most 10 s for an answer.
func NewClient(nc *nats.Conn) *Client { return &Client{nc, 10 * time.Second} }

// Send sends the command with this name and returns what became of it: an
// Answer, one of the five kinds of error, or ErrUnavailable.
func (c *Client) Send(ctx context.Context, name string, q Request) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	msg := nats.NewMsg("cmd." + name)
	msg.Data = q.Body
	set := func(k, v string) {
		if v != "" {
			msg.Header.Set(k, v)
		}
	}
	set(hTenant, q.Meta.Tenant.String())
	set(hActor, q.Meta.Actor.String())
	set(hActing, q.Meta.ActingAs)
	set(hID, q.ID)
	set(hKey, q.Meta.Command)
	set(hCorrelation, q.Meta.Correlation)
	set(hCausation, q.Meta.Causation)
	set(hProposal, q.Meta.Proposal)
	if q.Expect != nil {
		set(hExpect, strconv.FormatUint(*q.Expect, 10))
	}
	if !q.Meta.Occurred.IsZero() {
		set(hOccurred, q.Meta.Occurred.Format(time.RFC3339Nano))
	}
	reply, err := c.nc.RequestMsgWithContext(ctx, msg)
	switch {
	case errors.Is(err, nats.ErrMaxPayload), errors.Is(err, nats.ErrBadSubject), errors.Is(err, context.Canceled):
		return Answer{}, fmt.Errorf("send %s: %w", name, err)
	case err != nil: // no responders, no answer in time, no connection
		return Answer{}, fmt.Errorf("%s: %w: %w", name, ErrUnavailable, err)
	}
	if reply.Header.Get(hError) != "" {
		return Answer{}, decodeError(name, reply.Data)
	}
	var a Answer
	if err := json.Unmarshal(reply.Data, &a); err != nil {
		return Answer{}, fmt.Errorf("answer of %s: %w", name, err)
	}
	return a, nil
}

func decodeError(name string, data []byte) error {
	var w wireError
	err := json.Unmarshal(data, &w)
	if w.Unavailable {
		return fmt.Errorf("%s: %w", name, ErrUnavailable)
	}
	if err != nil || len(w.Errors) == 0 {
		return fmt.Errorf("%s failed; the service's log says why", name)
	}
	errs := make([]error, len(w.Errors))
	for i, e := range w.Errors {
		errs[i] = e
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}
