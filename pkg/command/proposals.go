package command

import (
	"context"
	"fmt"
	"strconv"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Proposals are the commands on the proposals of one context, given its other
// commands: to decide one, and to apply an approved one.
func Proposals(name string, specs []Spec) []Spec {
	a := rights.Proposals(name)
	byName := map[string]Spec{}
	for _, s := range specs {
		byName[s.Name()] = s
	}
	apply := Spec{Context: name, Aggregate: a.Name, Plural: a.Plural, Verb: "apply", Internal: true,
		Doc: "Run the command of an approved proposal."}
	apply.bind = func(w *World) runner { return &applier{w, a, byName} }
	return []Spec{
		On[rights.GiveConsult](a, "consult", "", "Say what you think of a proposal, or agree to it.", Facts(
			func(_ context.Context, w *World, m es.Meta, _ es.ID[rights.Proposal], p rights.Proposal, c rights.GiveConsult) (rights.GiveConsult, error) {
				c.Roles = w.book.RolesIn(m.Tenant, m.Actor, p.Where, m.Time)
				return c, nil
			})),
		On[rights.Approve](a, "approve", "", "Approve a proposal; its command is then run under your rights.", Facts(
			func(_ context.Context, w *World, m es.Meta, _ es.ID[rights.Proposal], p rights.Proposal, c rights.Approve) (rights.Approve, error) {
				c.Roles = w.book.RolesIn(m.Tenant, m.Actor, p.Where, m.Time)
				return c, nil
			})),
		On[rights.Reject](a, "reject", "", "Reject a proposal, with the reason."),
		On[rights.Withdraw](a, "withdraw", "", "Take your own proposal back."),
		apply,
	}
}

// Rights are the commands on the decision-rights policy and on the roles that
// people hold; the strategy context serves them.
var Rights = []Spec{
	Create[rights.DraftPolicy](rights.Policies, "draft", "policy.change", "Draft a decision-rights policy, from a preset if you like."),
	On[rights.ApplyPreset](rights.Policies, "apply-preset", "policy.change", "Fill a draft with one of the five presets."),
	On[rights.SetRight](rights.Policies, "set-right", "policy.change", "Say who decides, agrees, is heard and is told for one kind of decision."),
	On[rights.ActivatePolicy](rights.Policies, "activate", "policy.change", "Put a drafted policy in force, as you read it.", Strict[rights.Policy, rights.ActivatePolicy](), Facts(
		func(ctx context.Context, w *World, m es.Meta, _ es.ID[rights.Policy], p rights.Policy, c rights.ActivatePolicy) (_ rights.ActivatePolicy, err error) {
			c.InForce, err = w.inForce(ctx, m.Tenant, p.Where)
			return c, err
		})),
	On[rights.SupersedePolicy](rights.Policies, "supersede", "", "Record that another policy took this one's place.", Internal[rights.Policy, rights.SupersedePolicy]()),
	On[rights.RetirePolicy](rights.Policies, "retire", "policy.change", "Take a policy out of force."),
	Create[rights.AssignRole](rights.Assignments, "assign", "policy.change", "Give a person a role in a scope.", Keyed(rights.AssignmentID)),
	On[rights.EndAssignment](rights.Assignments, "end", "policy.change", "End a person's role.", Facts(
		func(_ context.Context, w *World, m es.Meta, _ es.ID[rights.Assignment], a rights.Assignment, c rights.EndAssignment) (rights.EndAssignment, error) {
			c.LastAdministrator = a.Role == rights.Administrator && w.book.LastAdministrator(m.Tenant, a.Person, m.Time)
			return c, nil
		})),
}

// applier runs the command of an approved proposal for the person who approved
// it, and writes down what became of it.
type applier struct {
	world  *World
	agg    *es.Aggregate[rights.Proposal]
	byName map[string]Spec
}

func (a *applier) run(ctx context.Context, q Request) (Answer, error) {
	id, err := es.ParseID[rights.Proposal](q.ID)
	if err != nil {
		return Answer{}, err
	}
	repo := repository(a.world, a.agg)
	p, version, err := repo.State(ctx, q.Meta.Tenant, id)
	if err != nil || version == 0 {
		return Answer{}, fmt.Errorf("apply proposal %s: %w", id, orNotFound(err, q.ID))
	}
	spec, ok := a.byName[p.Command]
	if !ok {
		return Answer{}, fmt.Errorf("apply proposal %s: no command %q", id, p.Command)
	}
	if p.State != rights.ProposalIsApproved { // asked again after its end, or before its time
		return a.ended(p, q.ID, version)
	}
	original := Request{Meta: q.Meta, ID: p.TargetID, Body: p.Body, decided: true}
	original.Meta.Command = p.Key
	original.Meta.Proposal = q.ID
	if spec.Strict {
		original.Expect = &p.TargetVersion
	}
	done, err := spec.bind(a.world).run(ctx, original)
	var outcome es.Command[rights.Proposal] = rights.RecordApplied{Position: done.Position}
	if e, refused := fail.As(err); refused && (e.Kind != fail.KindStale || spec.Strict) {
		outcome = rights.RecordStale{Code: e.Code, Text: e.Text}
	} else if err != nil {
		return Answer{}, err
	}
	m := q.Meta
	m.ID = es.NewID[Request]().String()
	m.Fingerprint = fingerprint("proposal.apply", q.ID, []byte(strconv.FormatUint(version, 10)))
	recorded, err := repo.Do(ctx, es.Try[rights.Proposal]{ID: id, Meta: m, Command: outcome, Exists: true})
	if err != nil {
		return Answer{}, err
	}
	a.world.wrote(recorded.Position)
	return Answer{ID: q.ID, Position: recorded.Position, Events: recorded.Events}, nil
}

// ended answers for a proposal whose command is not to be run. Without this,
// one that had gone stale could still be run when it is asked for again.
func (a *applier) ended(p rights.Proposal, id string, version uint64) (Answer, error) {
	switch p.State {
	case rights.ProposalIsApplied, rights.ProposalIsStale:
		return Answer{ID: id, Position: version, Again: true}, nil
	}
	return Answer{}, rights.ErrNotApproved
}

func orNotFound(err error, id string) error {
	if err != nil {
		return err
	}
	return fail.NotFound("proposal", id)
}
