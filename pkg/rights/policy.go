package rights

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// Policies are the decision-rights policies of an organisation: drafted,
// filled, then active in their scope until another takes their place.
var Policies = &es.Aggregate[Policy]{Context: "strategy", Name: "rights-policy", Plural: "rights-policies", Schema: PolicySchema}

// PolicyID names a policy.
type PolicyID = es.ID[Policy]

// PolicySchema holds the stored names. Never change a stored name; add one.
var PolicySchema = es.NewSchema(
	es.On[PolicyDrafted]("strategy.rights-policy.drafted.v1"),
	es.On[PresetApplied]("strategy.rights-policy.preset-applied.v1"),
	es.On[RightSet]("strategy.rights-policy.right-set.v1"),
	es.On[PolicyActivated]("strategy.rights-policy.activated.v1"),
	es.On[PolicySuperseded]("strategy.rights-policy.superseded.v1"),
	es.On[PolicyRetired]("strategy.rights-policy.retired.v1"),
)

// PolicyDrafted starts a policy for a scope.
type PolicyDrafted struct {
	Name  string `json:"name"`
	Where Scope  `json:"scope"`
}

// PresetApplied replaced every right of the draft. It carries the rights, so
// that a preset that changes in the program changes no policy.
type PresetApplied struct {
	Preset Preset             `json:"preset"`
	Rights map[Decision]Entry `json:"rights"`
}

// RightSet put one entry in the draft.
type RightSet struct {
	Decision Decision `json:"decision"`
	Entry    Entry    `json:"entry"`
}

// PolicyActivated put the policy in force. It carries the whole of it, so
// that the other contexts need no other event to authorise, and the policy of
// the same scope whose place it takes, if there is one.
type PolicyActivated struct {
	Name       string             `json:"name"`
	Where      Scope              `json:"scope"`
	Rights     map[Decision]Entry `json:"rights"`
	Supersedes PolicyID           `json:"supersedes,omitempty"`
}

// PolicySuperseded says that another policy was activated for the scope.
type PolicySuperseded struct {
	By PolicyID `json:"by"`
}

// PolicyRetired took the policy out of force, or gave the draft up.
type PolicyRetired struct {
	Reason string `json:"reason,omitempty"`
}

func (e PolicyDrafted) Evolve(s Policy) Policy {
	s.State, s.Name, s.Where = PolicyDraft, e.Name, e.Where
	return s
}

func (e PresetApplied) Evolve(s Policy) Policy { s.Preset, s.Rights = e.Preset, e.Rights; return s }

func (e RightSet) Evolve(s Policy) Policy {
	s.Rights = es.Plus(s.Rights, e.Decision, e.Entry)
	return s
}

func (e PolicyActivated) Evolve(s Policy) Policy { s.State = PolicyActive; return s }

func (e PolicySuperseded) Evolve(s Policy) Policy {
	s.State, s.SupersededBy = PolicyIsSuperseded, e.By
	return s
}

func (e PolicyRetired) Evolve(s Policy) Policy { s.State = PolicyIsRetired; return s }

// PolicyState is where a policy stands: draft → active → superseded or retired.
type PolicyState string

const (
	PolicyDraft        PolicyState = "draft"
	PolicyActive       PolicyState = "active"
	PolicyIsSuperseded PolicyState = "superseded"
	PolicyIsRetired    PolicyState = "retired"
)

// Policy says who has which part in which decision within one scope. What it
// is silent about is governed by the policy of the next wider scope.
type Policy struct {
	State        PolicyState        `json:"state"`
	Name         string             `json:"name"`
	Where        Scope              `json:"scope"`
	Preset       Preset             `json:"preset,omitempty"` // the last one applied
	Rights       map[Decision]Entry `json:"rights,omitempty"`
	SupersededBy PolicyID           `json:"supersededBy,omitempty"`
}

// Exists tells whether the policy was ever drafted.
func (s Policy) Exists() bool { return s.State != "" }

// Scope is where the policy applies, and so where the right to activate it is asked for.
func (s Policy) Scope() Scope { return s.Where }

// open says whether the draft may still be changed.
func (s Policy) open() error {
	switch s.State {
	case PolicyDraft:
		return nil
	case PolicyActive:
		return ErrPolicyActive
	}
	return ErrPolicyEnded
}

var (
	ErrPolicyExists = fail.Refused("rights-policy-exists", "this policy has been drafted already; change the draft, or draft another")
	ErrPolicyActive = fail.Refused("rights-policy-active", "an active policy does not change; draft a new one and activate that")
	ErrPolicyEnded  = fail.Refused("rights-policy-ended", "this policy is no longer in force; draft a new one")
	ErrPolicyEmpty  = fail.Refused("rights-policy-empty", "the policy says nothing yet; apply a preset or set a right first")
	ErrNotActive    = fail.Refused("rights-policy-not-active", "only an active policy is superseded")
	ErrNoDecider    = fail.Refused("right-without-decider", "somebody must decide; name at least one role in entry.decide")
	ErrJointMissing = fail.Refused("right-joint-missing", "several roles decide; say in entry.joint whether any of them is enough or all must want it")
)

// DraftPolicy starts a policy for a scope, from a preset if one is named.
type DraftPolicy struct {
	Name   string `json:"name" minLength:"1" maxLength:"300" doc:"what people call this policy" example:"Decision rights 2027"`
	Where  Scope  `json:"scope,omitzero" required:"false" doc:"where it applies; empty: the whole organisation"`
	Preset Preset `json:"preset,omitempty" enum:"safe,pm-led,po-led,scrum-only,blended" doc:"the division of rights to start from"`
}

// Scope is where the policy will apply.
func (c DraftPolicy) Scope() Scope { return c.Where }

func (c DraftPolicy) Decide(s Policy, _ es.Meta) ([]es.Event[Policy], error) {
	c.Name = strings.TrimSpace(c.Name)
	if s.Exists() {
		if s.State == PolicyDraft && s.Name == c.Name && s.Where == c.Where && s.Preset == c.Preset {
			return nil, nil
		}
		return nil, ErrPolicyExists
	}
	if c.Name == "" {
		return nil, fail.Invalid("name", "a policy needs a name of 1 to 300 characters")
	}
	events := []es.Event[Policy]{PolicyDrafted{Name: c.Name, Where: c.Where}}
	if c.Preset != "" {
		applied, err := c.Preset.applied()
		if err != nil {
			return nil, err
		}
		events = append(events, applied)
	}
	return events, nil
}

// ApplyPreset replaces every right of a draft by those of a preset.
type ApplyPreset struct {
	Preset Preset `json:"preset" enum:"safe,pm-led,po-led,scrum-only,blended" doc:"the division of rights to take over"`
}

func (c ApplyPreset) Decide(s Policy, _ es.Meta) ([]es.Event[Policy], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	applied, err := c.Preset.applied()
	if err != nil {
		return nil, err
	}
	if s.Preset == c.Preset && reflect.DeepEqual(s.Rights, applied.Rights) {
		return nil, nil
	}
	return es.Happened[Policy](applied)
}

func (p Preset) applied() (PresetApplied, error) {
	rights, ok := Presets[p]
	if !ok {
		var known []string
		for _, t := range PresetTypes {
			known = append(known, string(t.Name))
		}
		return PresetApplied{}, fail.Invalid("preset", "a preset is one of %s", strings.Join(known, ", "))
	}
	return PresetApplied{Preset: p, Rights: maps.Clone(rights)}, nil
}

// SetRight says in a draft who has which part in one kind of decision.
type SetRight struct {
	Decision Decision `json:"decision" minLength:"1" maxLength:"100" doc:"the kind of decision" example:"feature.prioritise"`
	Entry    Entry    `json:"entry" doc:"who has which part in it"`
}

func (c SetRight) Decide(s Policy, _ es.Meta) ([]es.Event[Policy], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if !c.Decision.Known() {
		return nil, fail.Invalid("decision", "there is no decision type %q; GET the list of decision types for those there are", c.Decision)
	}
	entry, err := c.Entry.checked()
	if err != nil {
		return nil, err
	}
	if there, ok := s.Rights[c.Decision]; ok && reflect.DeepEqual(there, entry) {
		return nil, nil
	}
	return es.Happened[Policy](RightSet{Decision: c.Decision, Entry: entry})
}

// checked returns the entry as it is kept, or what is wrong with it.
func (e Entry) checked() (Entry, error) {
	seen := map[Role]string{}
	for _, list := range []struct {
		name  string
		roles *[]Role
	}{{"decide", &e.Decide}, {"agree", &e.Agree}, {"consult", &e.Consult}, {"inform", &e.Inform}} {
		for i, r := range *list.roles {
			field := fmt.Sprintf("entry.%s[%d]", list.name, i)
			if !r.Known() {
				return e, fail.Invalid(field, "there is no role %q; GET the list of roles for those there are", r)
			}
			if other, twice := seen[r]; twice {
				return e, fail.Invalid(field, "a role has one part in a decision; %q is in entry.%s already", r, other)
			}
			seen[r] = list.name
		}
		if len(*list.roles) == 0 {
			*list.roles = nil
		}
		*list.roles = slices.Clone(*list.roles)
	}
	switch {
	case len(e.Decide) == 0:
		return e, ErrNoDecider
	case e.Joint != "" && e.Joint != JointAny && e.Joint != JointAll:
		return e, fail.Invalid("entry.joint", `several roles decide "any" (one is enough) or "all" (all must want it), not %q`, e.Joint)
	case len(e.Decide) > 1 && e.Joint == "":
		return e, ErrJointMissing
	case e.Blocking && len(e.Consult) == 0:
		return e, fail.Invalid("entry.blocking", "a decision can only wait for those who are consulted; name them in entry.consult")
	}
	if len(e.Decide) == 1 {
		e.Joint = ""
	}
	return e, nil
}

// ActivatePolicy puts a draft in force; the policy of the same scope that was
// in force until then is superseded.
type ActivatePolicy struct {
	InForce PolicyID `json:"-"` // the policy of the same scope that is in force
}

func (c ActivatePolicy) Decide(s Policy, _ es.Meta) ([]es.Event[Policy], error) {
	if s.State == PolicyActive {
		return nil, nil
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	if len(s.Rights) == 0 {
		return nil, ErrPolicyEmpty
	}
	return es.Happened[Policy](PolicyActivated{Name: s.Name, Where: s.Where, Rights: s.Rights, Supersedes: c.InForce})
}

// SupersedePolicy records that another policy took this one's place. The
// context's own policies send it when one is activated; the Book needs it not.
type SupersedePolicy struct {
	By PolicyID `json:"by" doc:"the policy that is in force instead"`
}

func (c SupersedePolicy) Decide(s Policy, _ es.Meta) ([]es.Event[Policy], error) {
	switch {
	case c.By == "":
		return nil, fail.Invalid("by", "name the policy that takes this one's place")
	case s.State == PolicyIsSuperseded || s.State == PolicyIsRetired:
		return nil, nil
	case s.State != PolicyActive:
		return nil, ErrNotActive
	}
	return es.Happened[Policy](PolicySuperseded{By: c.By})
}

// RetirePolicy takes a policy out of force, or gives a draft up. What it
// governed is then governed by the policy of the next wider scope, or by nobody.
type RetirePolicy struct {
	Reason string `json:"reason,omitempty" maxLength:"65536" doc:"why"`
}

func (c RetirePolicy) Decide(s Policy, _ es.Meta) ([]es.Event[Policy], error) {
	switch s.State {
	case PolicyIsRetired:
		return nil, nil
	case PolicyDraft, PolicyActive:
		return es.Happened[Policy](PolicyRetired{Reason: strings.TrimSpace(c.Reason)})
	}
	return nil, ErrPolicyEnded
}
