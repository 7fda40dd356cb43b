package rights

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// Proposals returns the definition of a context's proposals, always the same
// one. A proposal lives in the context of the command that it carries. It
// panics for a context that has none, which shows when the program starts.
func Proposals(context string) *es.Aggregate[Proposal] {
	a, ok := proposals[context]
	if !ok {
		panic("rights: no proposals in context " + context)
	}
	return a
}

var proposals = map[string]*es.Aggregate[Proposal]{
	"strategy": proposalsOf("strategy"),
	"backlog":  proposalsOf("backlog"),
	"feedback": proposalsOf("feedback"),
}

// ProposalID names a proposal.
type ProposalID = es.ID[Proposal]

// proposalsOf holds the stored names. Never change a stored name; add one.
func proposalsOf(context string) *es.Aggregate[Proposal] {
	return &es.Aggregate[Proposal]{Context: context, Name: "proposal", Plural: "proposals", Schema: es.NewSchema(
		es.On[ProposalSubmitted](context+".proposal.submitted.v1"),
		es.On[ConsultGiven](context+".proposal.consulted.v1"),
		es.On[ProposalApproved](context+".proposal.approved.v1"),
		es.On[ProposalApplied](context+".proposal.applied.v1"),
		es.On[ProposalRejected](context+".proposal.rejected.v1"),
		es.On[ProposalWithdrawn](context+".proposal.withdrawn.v1"),
		es.On[ProposalExpired](context+".proposal.expired.v1"),
		es.On[ProposalWentStale](context+".proposal.went-stale.v1"),
	)}
}

// ProposalSubmitted says that somebody wished what they may not decide alone.
type ProposalSubmitted struct {
	Wish
	Proposer es.PersonID `json:"proposer"`
}

// ConsultGiven is what one of those to be heard said.
type ConsultGiven struct{ Consult }

// ProposalApproved is a decider's yes; the command runs next.
type ProposalApproved struct {
	By   es.PersonID `json:"by"`
	Note string      `json:"note,omitempty"`
}

// ProposalApplied says at which position the command's own commit lies.
type ProposalApplied struct {
	Position uint64 `json:"position"`
}

// ProposalRejected is a decider's no.
type ProposalRejected struct {
	By     es.PersonID `json:"by"`
	Reason string      `json:"reason"`
}

// ProposalWithdrawn says that the proposer changed their mind.
type ProposalWithdrawn struct{}

// ProposalExpired says that nobody decided in time.
type ProposalExpired struct{}

// ProposalWentStale says why the command, approved, was refused: its target
// had moved on.
type ProposalWentStale struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

func (e ProposalSubmitted) Evolve(s Proposal) Proposal {
	s.State, s.Wish, s.Proposer = ProposalOpen, e.Wish, e.Proposer
	return s
}

func (e ConsultGiven) Evolve(s Proposal) Proposal {
	kept := make([]Consult, 0, len(s.Consults)+1)
	for _, c := range s.Consults {
		if c.By != e.By {
			kept = append(kept, c)
		}
	}
	s.Consults = append(kept, e.Consult)
	return s
}

func (e ProposalApproved) Evolve(s Proposal) Proposal {
	s.State, s.DecidedBy, s.Note = ProposalIsApproved, e.By, e.Note
	return s
}

func (e ProposalApplied) Evolve(s Proposal) Proposal {
	s.State, s.Position = ProposalIsApplied, e.Position
	return s
}

func (e ProposalRejected) Evolve(s Proposal) Proposal {
	s.State, s.DecidedBy, s.Note = ProposalIsRejected, e.By, e.Reason
	return s
}

func (e ProposalWithdrawn) Evolve(s Proposal) Proposal { s.State = ProposalIsWithdrawn; return s }

func (e ProposalExpired) Evolve(s Proposal) Proposal { s.State = ProposalIsExpired; return s }

func (e ProposalWentStale) Evolve(s Proposal) Proposal {
	s.State, s.StaleCode, s.StaleText = ProposalIsStale, e.Code, e.Text
	return s
}

// ProposalState is where a proposal stands: open → approved → applied or
// stale; open → rejected, withdrawn or expired.
type ProposalState string

const (
	ProposalOpen        ProposalState = "open"
	ProposalIsApproved  ProposalState = "approved"
	ProposalIsApplied   ProposalState = "applied"
	ProposalIsRejected  ProposalState = "rejected"
	ProposalIsWithdrawn ProposalState = "withdrawn"
	ProposalIsExpired   ProposalState = "expired"
	ProposalIsStale     ProposalState = "stale"
)

// Wish is the exact command that somebody sent and what has to happen before
// it may run, as the policy in force said when it was sent.
type Wish struct {
	Command       string          `json:"command" doc:"the command's name" example:"strategy.epic.decide-go"`
	TargetID      string          `json:"targetId,omitempty" doc:"the aggregate it is for; absent if it makes one"`
	TargetVersion uint64          `json:"targetVersion,omitempty" doc:"the version that its sender saw"`
	Body          json.RawMessage `json:"body" doc:"the command's JSON as it was sent"`
	Key           string          `json:"key" doc:"the command's idempotency key"`
	Right         Decision        `json:"right" doc:"the kind of decision"`
	Where         Scope           `json:"scope" doc:"where it applies"`
	Deciders      []Role          `json:"deciders" doc:"roles of which one must approve"`
	Agree         []Role          `json:"agree,omitempty" doc:"roles that must agree before"`
	Consult       []Role          `json:"consult,omitempty" doc:"roles that are heard before"`
	Blocking      bool            `json:"blocking,omitempty" doc:"approval waits for those to be heard, until it is due"`
	Due           time.Time       `json:"due,omitzero" required:"false" doc:"when those to be heard are waited for no longer, and from when on it may expire"`
}

// Consult is the last word of one person on a proposal.
type Consult struct {
	By    es.PersonID `json:"by"`
	Roles []Role      `json:"roles"` // of those asked, the ones they spoke for
	Agree *bool       `json:"agree,omitempty"`
	Text  string      `json:"text,omitempty"`
}

// Proposal is a command that waits for those who may decide it.
type Proposal struct {
	State ProposalState `json:"state"`
	Wish
	Proposer  es.PersonID `json:"proposer"`
	Consults  []Consult   `json:"consults,omitempty"` // one per person, the latest last
	DecidedBy es.PersonID `json:"decidedBy,omitempty"`
	Note      string      `json:"note,omitempty"`     // the decider's note, or the reason of a rejection
	Position  uint64      `json:"position,omitempty"` // of the command's commit, once applied
	StaleCode string      `json:"staleCode,omitempty"`
	StaleText string      `json:"staleText,omitempty"`
}

// Exists tells whether the proposal was ever submitted.
func (s Proposal) Exists() bool { return s.State != "" }

// Scope is where the wished decision applies.
func (w Wish) Scope() Scope { return w.Where }

// open says whether anything can still become of the proposal.
func (s Proposal) open() error {
	if s.State != ProposalOpen {
		return ErrProposalEnded.With("it is %s", s.State)
	}
	return nil
}

// Missing returns the roles whose agreement is still awaited, those that have
// vetoed, and those still to be heard. A role has agreed when one person spoke
// for it in favour; it vetoes as long as one who spoke for it is against.
func (s Proposal) Missing() (agree, vetoed, consult []Role) {
	for _, r := range s.Agree {
		yes, no, _ := s.said(r)
		if no {
			vetoed = append(vetoed, r)
		} else if !yes {
			agree = append(agree, r)
		}
	}
	for _, r := range s.Consult {
		if _, _, heard := s.said(r); !heard {
			consult = append(consult, r)
		}
	}
	return agree, vetoed, consult
}

func (s Proposal) said(r Role) (yes, no, heard bool) {
	for _, c := range s.Consults {
		if slices.Contains(c.Roles, r) {
			heard = true
			yes = yes || c.Agree != nil && *c.Agree
			no = no || c.Agree != nil && !*c.Agree
		}
	}
	return yes, no, heard
}

var (
	ErrProposalExists   = fail.Refused("proposal-exists", "this proposal has been submitted already, with another command; send a new wish with a new key")
	ErrProposalEnded    = fail.Refused("proposal-ended", "nothing more can be done with this proposal; send the command again to propose it anew")
	ErrOwnProposal      = fail.Refused("proposal-own", "you proposed it and may not decide it; one of the deciders must")
	ErrAgreementMissing = fail.Refused("proposal-agreement-missing", "it waits for the agreement of others")
	ErrVetoed           = fail.Refused("proposal-vetoed", "somebody who must agree is against it; win them over, or reject it")
	ErrConsultMissing   = fail.Refused("proposal-consult-missing", "others are to be heard first, until the proposal is due")
	ErrNotAsked         = fail.Refused("proposal-not-asked", "you hold none of the roles that are asked about this proposal")
	ErrNotProposer      = fail.Refused("proposal-not-proposer", "only the one who proposed it can withdraw it; a decider can reject it")
	ErrNotDue           = fail.Refused("proposal-not-due", "it has not come due yet")
	ErrNotApproved      = fail.Refused("proposal-not-approved", "only what is approved is run; approve the proposal first")
	ErrNoReason         = fail.Invalid("reason", "say why, so that the proposer knows what to change")
)

// SubmitProposal keeps a command whose actor may not decide it alone. The
// runtime sends it; Deciders, Agree, Consult and Blocking are a Verdict's.
type SubmitProposal struct{ Wish }

// NewProposalID derives the proposal's id from its command, so that a command
// sent twice with one key is one proposal.
func NewProposalID(m es.Meta, c SubmitProposal) ProposalID {
	return es.DeriveID[Proposal](m.Tenant.String(), "proposal", string(m.Actor), c.Command, c.TargetID, c.Key)
}

func (c SubmitProposal) Decide(s Proposal, m es.Meta) ([]es.Event[Proposal], error) {
	var body bytes.Buffer
	if err := json.Compact(&body, c.Body); err != nil || !bytes.HasPrefix(body.Bytes(), []byte("{")) {
		return nil, fail.Invalid("body", "the command's body is a JSON object")
	}
	c.Body, c.Due = body.Bytes(), utc(c.Due)
	if s.Exists() {
		if s.Command == c.Command && s.TargetID == c.TargetID && s.Key == c.Key && s.Proposer == m.Actor && bytes.Equal(s.Body, c.Body) {
			return nil, nil
		}
		return nil, ErrProposalExists
	}
	switch {
	case strings.Count(c.Command, ".") != 2:
		return nil, fail.Invalid("command", "a command's name is <context>.<aggregate>.<verb>, not %q", c.Command)
	case c.Key == "":
		return nil, fail.Invalid("key", "a proposal needs the idempotency key of its command")
	case c.Right == "":
		return nil, fail.Invalid("right", "a proposal needs the kind of decision that its proposer may not take")
	case len(c.Deciders) == 0:
		return nil, fail.Invalid("deciders", "a proposal needs a role that can decide it")
	}
	return es.Happened[Proposal](ProposalSubmitted{Wish: c.Wish, Proposer: m.Actor})
}

// GiveConsult says what one of those asked thinks. Against it from a role that
// must agree is a veto, until the same person says otherwise.
type GiveConsult struct {
	Agree *bool  `json:"agree,omitempty" doc:"in favour or against; absent: neither"`
	Text  string `json:"text,omitempty" maxLength:"65536" doc:"what they have to say"`

	// Roles are the giver's in the proposal's scope; the registration fills
	// them in from Book.RolesIn.
	Roles []Role `json:"-"`
}

func (c GiveConsult) Decide(s Proposal, m es.Meta) ([]es.Event[Proposal], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	given := Consult{By: m.Actor, Agree: c.Agree, Text: strings.TrimSpace(c.Text)}
	for _, asked := range slices.Concat(s.Agree, s.Consult) {
		if holds(c.Roles, asked) && !slices.Contains(given.Roles, asked) {
			given.Roles = append(given.Roles, asked)
		}
	}
	switch {
	case len(given.Roles) == 0:
		return nil, ErrNotAsked.By(labels(slices.Concat(s.Agree, s.Consult)))
	case given.Text == "" && c.Agree == nil:
		return nil, fail.Invalid("text", "say something, or whether you agree")
	case given.Text == "" && !*c.Agree:
		return nil, fail.Invalid("text", "say why you are against it")
	}
	for _, before := range s.Consults {
		if before.By != m.Actor {
			continue
		}
		if given.Agree == nil {
			given.Agree = before.Agree // words alone take no agreement back
		}
		if slices.Equal(before.Roles, given.Roles) && before.Text == given.Text && sameAgree(before.Agree, given.Agree) {
			return nil, nil
		}
	}
	return es.Happened[Proposal](ConsultGiven{given})
}

func sameAgree(a, b *bool) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

// holds tells whether somebody with these roles can speak for r; an
// administrator can for everyone.
func holds(roles []Role, r Role) bool {
	return slices.Contains(roles, r) || slices.Contains(roles, Administrator)
}

func labels(roles []Role) string {
	var all []string
	for _, r := range roles {
		all = append(all, r.Label())
	}
	return strings.Join(all, ", ")
}

// Approve is a decider's yes. That its actor may decide is checked by the
// runtime, see Right; here is checked that all who had to be asked were.
type Approve struct {
	Note string `json:"note,omitempty" maxLength:"65536" doc:"a note to the proposer"`

	// Roles are the approver's in the proposal's scope, whose agreement lies
	// in the approval; the registration fills them in from Book.RolesIn.
	Roles []Role `json:"-"`
}

// Right is the proposed command's.
func (c Approve) Right(s Proposal) Decision { return s.Right }

func (c Approve) Decide(s Proposal, m es.Meta) ([]es.Event[Proposal], error) {
	if s.State == ProposalIsApproved {
		return nil, nil
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	if m.Actor == s.Proposer && !slices.ContainsFunc(s.Deciders, func(d Role) bool { return holds(c.Roles, d) }) {
		return nil, ErrOwnProposal.By(labels(s.Deciders))
	}
	mine := func(r Role) bool { return holds(c.Roles, r) }
	agree, vetoed, consult := s.Missing()
	agree, consult = slices.DeleteFunc(agree, mine), slices.DeleteFunc(consult, mine)
	switch {
	case len(vetoed) > 0 && !slices.Contains(c.Roles, Administrator):
		return nil, ErrVetoed.By(labels(vetoed))
	case len(agree) > 0:
		return nil, ErrAgreementMissing.By(labels(agree))
	// The clock is the log's: what a client says about when it happened does not shorten a deadline.
	case s.Blocking && len(consult) > 0 && (s.Due.IsZero() || m.Time.Before(s.Due)):
		return nil, ErrConsultMissing.By(labels(consult))
	}
	return es.Happened[Proposal](ProposalApproved{By: m.Actor, Note: strings.TrimSpace(c.Note)})
}

// Reject is a decider's no. That its actor may decide is checked by the runtime.
type Reject struct {
	Reason string `json:"reason" minLength:"1" maxLength:"65536" doc:"why not"`
}

// Right is the proposed command's.
func (c Reject) Right(s Proposal) Decision { return s.Right }

func (c Reject) Decide(s Proposal, m es.Meta) ([]es.Event[Proposal], error) {
	reason := strings.TrimSpace(c.Reason)
	if s.State == ProposalIsRejected && s.DecidedBy == m.Actor && s.Note == reason {
		return nil, nil
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	if reason == "" {
		return nil, ErrNoReason
	}
	return es.Happened[Proposal](ProposalRejected{By: m.Actor, Reason: reason})
}

// Withdraw takes one's own proposal back.
type Withdraw struct{}

func (c Withdraw) Decide(s Proposal, m es.Meta) ([]es.Event[Proposal], error) {
	switch {
	case m.Actor != s.Proposer:
		return nil, ErrNotProposer
	case s.State == ProposalIsWithdrawn:
		return nil, nil
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	return es.Happened[Proposal](ProposalWithdrawn{})
}

// Expire ends a proposal that came due undecided. A timer sends it.
type Expire struct{}

func (c Expire) Decide(s Proposal, m es.Meta) ([]es.Event[Proposal], error) {
	if s.State == ProposalIsExpired {
		return nil, nil
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	if s.Due.IsZero() || m.Time.Before(s.Due) {
		return nil, ErrNotDue
	}
	return es.Happened[Proposal](ProposalExpired{})
}

// RecordApplied says that the approved command was done. The runtime sends it.
type RecordApplied struct {
	Position uint64 `json:"position" minimum:"1" doc:"where the command's commit lies"`
}

func (c RecordApplied) Decide(s Proposal, _ es.Meta) ([]es.Event[Proposal], error) {
	switch {
	case c.Position == 0:
		return nil, fail.Invalid("position", "the position of the command's commit is at least 1")
	case s.State == ProposalIsApplied && s.Position == c.Position:
		return nil, nil
	case s.State == ProposalOpen:
		return nil, ErrNotApproved
	case s.State != ProposalIsApproved:
		return nil, s.open()
	}
	return es.Happened[Proposal](ProposalApplied{Position: c.Position})
}

// RecordStale says that the approved command was refused. The runtime sends it.
type RecordStale struct {
	Code string `json:"code" minLength:"1" maxLength:"100" doc:"the refusal's code"`
	Text string `json:"text,omitempty" maxLength:"65536" doc:"the refusal's sentence"`
}

func (c RecordStale) Decide(s Proposal, _ es.Meta) ([]es.Event[Proposal], error) {
	switch {
	case c.Code == "":
		return nil, fail.Invalid("code", "name the refusal by its code")
	case s.State == ProposalIsStale && s.StaleCode == c.Code:
		return nil, nil
	case s.State == ProposalOpen:
		return nil, ErrNotApproved
	case s.State != ProposalIsApproved:
		return nil, s.open()
	}
	return es.Happened[Proposal](ProposalWentStale{Code: c.Code, Text: c.Text})
}

// Schemas lists every schema of this package.
var Schemas = []es.Decoder{
	PolicySchema, AssignmentSchema,
	proposals["strategy"].Schema, proposals["backlog"].Schema, proposals["feedback"].Schema,
}
