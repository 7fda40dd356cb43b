package portfolio

import (
	"slices"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/rights"
	"throughline.dev/pkg/view"
)

// DecisionsName is the view of proposals, policies and roles.
const DecisionsName = "decisions"

// Proposal is a proposal of any context as it is read.
type Proposal struct {
	Head
	Context string `json:"context"`
	ProposalState
}

// Policy is a decision-rights policy as it is read.
type Policy struct {
	Head
	PolicyState
}

// Assignment is a role that somebody holds as it is read.
type Assignment struct {
	Head
	AssignmentState
}

// These let Head's fields win over those of the same name in the state.
type (
	ProposalState   struct{ rights.Proposal }
	PolicyState     struct{ rights.Policy }
	AssignmentState struct{ rights.Assignment }
)

var (
	proposals = view.NewTable("proposal", func(id string, d Proposal) []view.Key {
		return []view.Key{{Index: "state", Sort: string(d.State) + "/" + d.Created.UTC().Format(sortTime)}}
	})
	policies    = view.NewTable[Policy]("policy", nil)
	assignments = view.NewTable("assignment", func(id string, d Assignment) []view.Key {
		return []view.Key{{Index: "person", Sort: d.Person.String() + "/" + string(d.Role)}}
	})
)

// Decisions holds who may decide what, and what waits to be decided. The three
// contexts' proposals are one type of event each, so one schema names them all.
var Decisions = view.New(DecisionsName, 1, []view.TableDef{proposals, policies, assignments}, slices.Concat(
	view.OnAny(rights.Proposals("strategy").Schema, func(tx *view.Tx, e es.Event[rights.Proposal]) {
		d, _ := proposals.Get(tx, tx.ID())
		before := d.State
		d.Proposal, d.Context = e.Evolve(d.Proposal), tx.Commit.Stream.Context()
		d.Head = d.Head.touched(tx, d.State != before)
		proposals.Put(tx, tx.ID(), d)
	}),
	folded(rights.Policies, policies, func(d *Policy) (*Head, *rights.Policy) {
		return &d.Head, &d.PolicyState.Policy
	}, func(s rights.Policy) string { return string(s.State) }),
	folded(rights.Assignments, assignments, func(d *Assignment) (*Head, *rights.Assignment) {
		return &d.Head, &d.AssignmentState.Assignment
	}, func(s rights.Assignment) string { return s.To.String() }),
)...)
