package command

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Request is a command on its way: who wants it, on what, with which body.
type Request struct {
	Meta   es.Meta // Tenant, Actor, ActingAs, Command, Correlation, Causation, Proposal, Occurred
	ID     string  // the aggregate; empty for one that is to be created
	Body   []byte
	Expect *uint64 // If-Match

	decided bool // an approved proposal: the check of rights is behind it
}

// Answer is what became of it.
type Answer struct {
	ID       string   `json:"id" doc:"The aggregate that the command was for."`
	Position uint64   `json:"position" doc:"Position in the log; reads given it see this change. Also the aggregate's new version and ETag."`
	Events   int      `json:"events" doc:"How many events it made; 0 means that it already held."`
	Again    bool     `json:"again,omitempty" doc:"The command had been done before under this Idempotency-Key."`
	Proposal string   `json:"proposal,omitempty" doc:"The actor may not decide this: it waits as this proposal."`
	Deciders []string `json:"deciders,omitempty" doc:"The roles that can decide the proposal."`
}

type runner interface {
	run(ctx context.Context, q Request) (Answer, error)
}

type run[S any, C es.Command[S]] struct {
	spec  Spec
	reg   registration[S, C]
	world *World
	repo  *es.Repository[S]
}

// notDecider is the answer of the rights check that turns a command into a proposal.
type notDecider struct {
	verdict rights.Verdict
	right   rights.Decision
	scope   rights.Scope
	version uint64
}

func (*notDecider) Error() string { return "the actor does not decide this" }

// decideFunc lets the runtime put facts and keys around a command's decision.
type decideFunc[S any] func(S, es.Meta) ([]es.Event[S], error)

func (f decideFunc[S]) Decide(s S, m es.Meta) ([]es.Event[S], error) { return f(s, m) }

func (r *run[S, C]) run(ctx context.Context, q Request) (Answer, error) {
	c, err := decode[C](q.Body)
	if err != nil {
		return Answer{}, err
	}
	commit := es.NewID[Request]().String()
	if q.Meta.Command == "" { // each without a key is a wish of its own
		q.Meta.Command = commit
	}
	id, err := r.target(q, c)
	if err != nil {
		return Answer{}, err
	}
	m := q.Meta
	m.ID = commit
	m.Time = time.Now().UTC()
	m.Fingerprint = fingerprint(r.spec.Name(), id.String(), q.Body)
	if m.Correlation == "" {
		m.Correlation = m.ID
	}
	var version uint64
	try := es.Try[S]{ID: id, Meta: m, Expect: q.Expect, Exists: !r.spec.Creates, Command: r.decider(ctx, id, c, &version),
		Allow: func(s S, v uint64, m *es.Meta) error {
			version = v
			if q.decided {
				return nil
			}
			return r.allow(m, s, v, c)
		}}
	done, err := r.repo.Do(ctx, try)
	if nd := (*notDecider)(nil); errors.As(err, &nd) {
		return r.propose(ctx, q, m, id, c, nd)
	}
	if err != nil {
		return Answer{}, err
	}
	r.world.wrote(done.Position)
	return Answer{ID: id.String(), Position: done.Position, Events: done.Events, Again: done.Again}, nil
}

// target is the id in the address, the key in the body, or, for something new,
// an id that the same request always gives.
func (r *run[S, C]) target(q Request, c C) (es.ID[S], error) {
	switch {
	case r.reg.id != nil && q.ID == "":
		return r.reg.id(q.Meta, c), nil
	case r.spec.Creates && q.ID == "":
		return es.DeriveID[S](q.Meta.Tenant.String(), r.spec.Name(), q.Meta.Actor.String(), q.Meta.Command), nil
	default:
		return es.ParseID[S](q.ID)
	}
}

// decider is the command with its facts filled in and, once it is sure that
// something new will come of it where nothing was (version 0), its human key.
func (r *run[S, C]) decider(ctx context.Context, id es.ID[S], c C, version *uint64) es.Command[S] {
	return decideFunc[S](func(s S, m es.Meta) ([]es.Event[S], error) {
		filled := c
		if r.reg.facts != nil {
			var err error
			if filled, err = r.reg.facts(ctx, r.world, m, id, s, c); err != nil {
				return nil, err
			}
		}
		prefix := r.prefix(c)
		if prefix == "" || m.Key != "" || *version > 0 {
			return filled.Decide(s, m)
		}
		m.Key = prefix + "-0"
		events, err := filled.Decide(s, m)
		if err != nil || len(events) == 0 {
			return nil, err
		}
		if m.Key, err = r.world.nextKey(ctx, r.spec.Context, m.Tenant, prefix); err != nil {
			return nil, err
		}
		return filled.Decide(s, m)
	})
}

func (r *run[S, C]) prefix(c C) string {
	if p, ok := any(c).(interface{ Prefix() string }); ok && r.spec.Creates {
		return p.Prefix()
	}
	return r.spec.Prefix
}

// allow is the one place where decision rights are checked. It writes down
// under which policy and in which role the actor decides.
func (r *run[S, C]) allow(m *es.Meta, s S, version uint64, c C) error {
	right := r.spec.Right
	if own, ok := any(c).(interface{ Right(S) rights.Decision }); ok {
		right = own.Right(s)
	}
	if right == "" || r.world.book == nil || isPolicy(*m) {
		return nil
	}
	var scope rights.Scope
	if scoped, ok := any(s).(rights.Scoped); ok && version > 0 {
		scope = scoped.Scope()
	} else if scoped, ok := any(c).(rights.Scoped); ok {
		scope = scoped.Scope()
	}
	verdict := r.world.book.Check(m.Tenant, m.Actor, right, scope, m.Time)
	aboutProposal := r.spec.Aggregate == "proposal"
	if verdict.Allowed || aboutProposal && verdict.Decides {
		m.Rights, m.ActingAs = verdict.Policy, string(verdict.ActingAs)
		return nil
	}
	if aboutProposal || r.spec.Internal {
		e := fail.Forbidden("you do not decide this")
		e.Right, e.Who = string(right), roleNames(verdict.Deciders)
		return e
	}
	return &notDecider{verdict, right, scope, version}
}

func isPolicy(m es.Meta) bool { return m.Actor == "" && m.ActingAs != "" }

// consultTime is how long a blocking decision waits for those to be heard.
const consultTime = 3 * 24 * time.Hour

// propose keeps the command for somebody who may decide it, unless it would
// be refused anyway.
func (r *run[S, C]) propose(ctx context.Context, q Request, m es.Meta, id es.ID[S], c C, nd *notDecider) (Answer, error) {
	s, version, err := r.repo.State(ctx, m.Tenant, id)
	if err != nil {
		return Answer{}, err
	}
	dry := m
	dry.Key = "X-0"
	events, err := r.decider(ctx, id, c, &version).Decide(s, dry)
	if err != nil || len(events) == 0 {
		return Answer{ID: id.String(), Position: nd.version}, err
	}
	var due time.Time
	if nd.verdict.Blocking {
		due = m.Time.Add(consultTime)
	}
	submit := rights.SubmitProposal{Wish: rights.Wish{
		Command: r.spec.Name(), TargetID: id.String(), TargetVersion: nd.version, Body: compact(q.Body),
		Key: m.Command, Right: nd.right, Where: nd.scope,
		Deciders: nd.verdict.Deciders, Agree: nd.verdict.Agree, Consult: nd.verdict.Consult, Blocking: nd.verdict.Blocking, Due: due,
	}}
	pid := rights.NewProposalID(m, submit)
	done, err := repository(r.world, rights.Proposals(r.spec.Context)).Do(ctx, es.Try[rights.Proposal]{ID: pid, Meta: m, Command: submit})
	if err != nil {
		return Answer{}, err
	}
	r.world.wrote(done.Position)
	a := Answer{ID: id.String(), Position: done.Position, Events: done.Events, Again: done.Again, Proposal: pid.String()}
	for _, role := range nd.verdict.Deciders {
		a.Deciders = append(a.Deciders, string(role))
	}
	return a, nil
}

func roleNames(roles []rights.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = r.Label()
	}
	return strings.Join(names, ", ")
}

// fingerprint tells whether a key came again with the same wish.
func fingerprint(name, id string, body []byte) string {
	h := sha256.New()
	h.Write([]byte(name + "\n" + id + "\n"))
	h.Write(compact(body))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

func compact(body []byte) []byte {
	var b bytes.Buffer
	if len(body) == 0 || json.Compact(&b, body) != nil {
		return []byte("{}")
	}
	return b.Bytes()
}
