package backlog

import (
	"slices"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Teams are the agile teams.
var Teams = &es.Aggregate[Team]{Context: "backlog", Name: "team", Plural: "teams", Schema: TeamSchema}

// TeamID names a team. It is derived from the team's code, so that a code is
// there once in an organisation.
type TeamID = es.ID[Team]

// TeamSchema has the stored names. Never change a stored name; add one.
var TeamSchema = es.NewSchema(
	es.On[TeamFormed]("backlog.team.formed.v1"),
	es.On[TeamRenamed]("backlog.team.renamed.v1"),
	es.On[TeamJoinedART]("backlog.team.joined-art.v1"),
	es.On[TeamLeftART]("backlog.team.left-art.v1"),
	es.On[MemberAdded]("backlog.team.member-added.v1"),
	es.On[MemberChanged]("backlog.team.member-changed.v1"),
	es.On[MemberLeft]("backlog.team.member-left.v1"),
	es.On[CadenceSet]("backlog.team.cadence-set.v1"),
	es.On[ReadyDefined]("backlog.team.ready-defined.v1"),
	es.On[DoneDefined]("backlog.team.done-defined.v1"),
	es.On[BoardSet]("backlog.team.board-set.v1"),
	es.On[TeamDisbanded]("backlog.team.disbanded.v1"),
)

// TeamFormed: there is a new team.
type TeamFormed struct {
	Code    string    `json:"code"`
	Name    string    `json:"name"`
	ART     ARTID     `json:"art,omitempty"`
	Product ProductID `json:"product,omitempty"`
}

func (e TeamFormed) Evolve(s Team) Team {
	s.State, s.Key, s.Name, s.ART, s.Product = TeamActive, e.Code, e.Name, e.ART, e.Product
	s.Board = slices.Clone(defaultBoard)
	return s
}

// TeamRenamed: the team has another name; its code stays.
type TeamRenamed struct {
	Name string `json:"name"`
}

func (e TeamRenamed) Evolve(s Team) Team { s.Name = e.Name; return s }

// TeamJoinedART: the team is part of a train.
type TeamJoinedART struct {
	ART ARTID `json:"art"`
}

func (e TeamJoinedART) Evolve(s Team) Team { s.ART = e.ART; return s }

// TeamLeftART: the team is on its own.
type TeamLeftART struct {
	ART    ARTID  `json:"art"`
	Reason string `json:"reason,omitempty"`
}

func (e TeamLeftART) Evolve(s Team) Team { s.ART = ""; return s }

// MemberAdded: somebody is in the team from a day on. Total is the person's
// allocation over all teams on that day, where it is above 100 percent.
type MemberAdded struct {
	Member
	Total int `json:"total,omitempty"`
}

func (e MemberAdded) Evolve(s Team) Team {
	s.Members = es.Added(s.Members, e.Member)
	return s
}

// MemberChanged: a membership has another role, share or span from now on.
type MemberChanged struct {
	Member
	Total int `json:"total,omitempty"`
}

func (e MemberChanged) Evolve(s Team) Team {
	s.Members = slices.Clone(s.Members)
	if i := s.current(e.Person); i >= 0 {
		s.Members[i] = e.Member
	}
	return s
}

// MemberLeft: Until is the last day in the team.
type MemberLeft struct {
	Person es.PersonID `json:"person"`
	Until  Day         `json:"until"`
}

func (e MemberLeft) Evolve(s Team) Team {
	s.Members = slices.Clone(s.Members)
	if i := s.current(e.Person); i >= 0 {
		s.Members[i].Until = e.Until
	}
	return s
}

// CadenceSet: the team's iterations have this length.
type CadenceSet struct{ Cadence }

func (e CadenceSet) Evolve(s Team) Team { s.Cadence = &e.Cadence; return s }

// ReadyDefined: the team's Definition of Ready.
type ReadyDefined struct {
	Checks []Check `json:"checks"`
	Blocks bool    `json:"blocks"`
}

func (e ReadyDefined) Evolve(s Team) Team { s.DoR, s.DoRBlocks = e.Checks, e.Blocks; return s }

// DoneDefined: the team's Definition of Done.
type DoneDefined struct {
	Checks []Check `json:"checks"`
}

func (e DoneDefined) Evolve(s Team) Team { s.DoD = e.Checks; return s }

// BoardSet: the team's board, from left to right.
type BoardSet struct {
	Columns []Column `json:"columns"`
}

func (e BoardSet) Evolve(s Team) Team { s.Board = e.Columns; return s }

// TeamDisbanded: the team is no more.
type TeamDisbanded struct {
	Reason string `json:"reason"`
}

func (e TeamDisbanded) Evolve(s Team) Team { s.State = TeamGone; return s }

// TeamState is active or disbanded.
type TeamState string

const (
	TeamActive TeamState = "active"
	TeamGone   TeamState = "disbanded"
)

// Team is a group of people that delivers. Its Key is its code.
type Team struct {
	Key       string    `json:"key"`
	State     TeamState `json:"state"`
	Name      string    `json:"name"`
	ART       ARTID     `json:"art,omitempty"`
	Product   ProductID `json:"product,omitempty"`
	Members   []Member  `json:"members,omitempty"`
	Cadence   *Cadence  `json:"cadence,omitempty"`
	DoR       []Check   `json:"definitionOfReady,omitempty"`
	DoRBlocks bool      `json:"definitionOfReadyBlocks,omitempty"` // else it only warns
	DoD       []Check   `json:"definitionOfDone,omitempty"`
	Board     []Column  `json:"board,omitempty"`
}

// Member is one span of somebody's time in a team.
type Member struct {
	Person     es.PersonID `json:"person"`
	Role       string      `json:"role"`
	Allocation int         `json:"allocation"` // percent of the person's time
	From       Day         `json:"from"`
	Until      Day         `json:"until,omitempty"` // the last day; empty: open end
}

// On tells whether the membership holds on a day.
func (m Member) On(d Day) bool { return m.From <= d && (m.Until == "" || d <= m.Until) }

// Cadence is the rhythm of iterations.
type Cadence struct {
	Days  int    `json:"days" minimum:"7" maximum:"31" doc:"Length of an iteration in calendar days."`
	Start Day    `json:"start" format:"date" doc:"First day of some iteration."`
	Zone  string `json:"zone,omitempty" example:"Europe/Vienna" doc:"Time zone of the team's days."`
}

// Check is one line of a checklist.
type Check struct {
	ID   es.ID[Check] `json:"id"`
	Text string       `json:"text"`
}

// Column is one column of a board. Several may stand for one state.
type Column struct {
	Name     string   `json:"name" minLength:"1" maxLength:"100"`
	State    State    `json:"state" doc:"The workflow state that the column stands for."`
	Category Category `json:"category,omitempty" enum:"todo,active,wait,done" doc:"What the column means to flow metrics, if not what its state means."`
	WIP      int      `json:"wip,omitempty" minimum:"0" doc:"How many items may be in it; 0: as many as one likes."`
}

var defaultBoard = []Column{{"Planned", Planned, "", 0}, {"In progress", InProgress, "", 0}, {"Review", Review, "", 0}, {"Done", Done, "", 0}}

// Exists tells whether the team was ever formed.
func (s Team) Exists() bool { return s.State != "" }

// Scope implements rights.Scoped.
func (s Team) Scope() rights.Scope {
	return rights.Scope{ART: string(s.ART), Product: string(s.Product)}
}

// Has tells whether somebody is in the team on a day.
func (s Team) Has(p es.PersonID, on Day) bool {
	return slices.ContainsFunc(s.Members, func(m Member) bool { return m.Person == p && m.On(on) })
}

// current is the index of somebody's last membership, -1 without one.
func (s Team) current(p es.PersonID) int {
	for i := len(s.Members) - 1; i >= 0; i-- {
		if s.Members[i].Person == p {
			return i
		}
	}
	return -1
}

func (s Team) active() error {
	if s.State == TeamGone {
		return ErrDisbanded
	}
	return nil
}

var (
	ErrTeamExists       = fail.Refused("team-exists", "there is a team with this code; choose another code")
	ErrDisbanded        = fail.Refused("team-disbanded", "the team is disbanded; form a new one")
	ErrInAnotherART     = fail.Refused("team-in-another-art", "the team is in another ART, and a team is in one at a time; let it leave that one first")
	ErrMemberThere      = fail.Refused("member-there", "this person is in the team in that span; change the membership instead")
	ErrNotAMember       = fail.Refused("not-a-member", "this person is not in the team; add them first")
	ErrBoardUnmapped    = fail.Refused("board-unmapped", "a board needs a column where work starts (in-progress) and one where it is done; map one to each")
	ErrIterationsOpen   = fail.Refused("team-has-open-iterations", "the team has planned or active iterations; close or cancel them first")
	ErrPlanIntervalOpen = fail.Refused("team-in-open-pi", "the team is in an open planning interval; close it or take the team out of its ART first")
)

// FormTeam makes a team.
type FormTeam struct {
	Code    string    `json:"code" minLength:"2" maxLength:"10" pattern:"^[A-Z]{2,10}$" example:"PAY" doc:"Short name, 2 to 10 capital letters, unique in the organisation."`
	Name    string    `json:"name" minLength:"1" maxLength:"100"`
	ART     ARTID     `json:"art,omitempty" doc:"The ART that the team is part of."`
	Product ProductID `json:"product,omitempty" doc:"The product that the team works on."`
}

// Scope implements rights.Scoped.
func (c FormTeam) Scope() rights.Scope {
	return rights.Scope{ART: string(c.ART), Product: string(c.Product)}
}

func (c FormTeam) Decide(s Team, _ es.Meta) ([]es.Event[Team], error) {
	e := TeamFormed(c)
	switch {
	case s.Exists() && s.State == TeamActive && s.Key == c.Code && s.Name == c.Name && s.ART == c.ART && s.Product == c.Product:
		return nil, nil
	case s.Exists():
		return nil, ErrTeamExists
	case !validCode(c.Code):
		return nil, fail.Invalid("code", "2 to 10 capital letters A-Z, not %q", c.Code)
	}
	if err := checkText("name", c.Name, 1, maxName); err != nil {
		return nil, err
	}
	return es.Happened(e)
}

func validCode(s string) bool {
	for _, r := range s {
		if r < 'A' || r > 'Z' {
			return false
		}
	}
	return len(s) >= 2 && len(s) <= 10
}

// RenameTeam gives the team another name.
type RenameTeam struct {
	Name string `json:"name" minLength:"1" maxLength:"100"`
}

func (c RenameTeam) Decide(s Team, _ es.Meta) ([]es.Event[Team], error) {
	if err := first(s.active(), checkText("name", c.Name, 1, maxName)); err != nil {
		return nil, err
	}
	if s.Name == c.Name {
		return nil, nil
	}
	return es.Happened(TeamRenamed(c))
}

// JoinART makes the team part of a train.
type JoinART struct {
	ART ARTID `json:"art"`
}

func (c JoinART) Decide(s Team, _ es.Meta) ([]es.Event[Team], error) {
	switch {
	case s.active() != nil:
		return nil, s.active()
	case c.ART == "":
		return nil, fail.Invalid("art", "name the ART that the team joins")
	case s.ART == c.ART:
		return nil, nil
	case s.ART != "":
		return nil, ErrInAnotherART
	}
	return es.Happened(TeamJoinedART(c))
}

// LeaveART takes the team out of its train.
type LeaveART struct {
	Reason string `json:"reason,omitempty" maxLength:"65536"`
}

func (c LeaveART) Decide(s Team, _ es.Meta) ([]es.Event[Team], error) {
	if err := first(s.active(), checkText("reason", c.Reason, 0, maxText)); err != nil {
		return nil, err
	}
	if s.ART == "" {
		return nil, nil
	}
	return es.Happened(TeamLeftART{s.ART, c.Reason})
}

// DefineReady sets the Definition of Ready.
type DefineReady struct {
	Checks []string `json:"checks" doc:"What must hold before the team takes an item, one line each."`
	Blocks bool     `json:"blocks,omitempty" doc:"Refuse an item that does not meet it, instead of warning."`
}

func (c DefineReady) Decide(s Team, m es.Meta) ([]es.Event[Team], error) {
	checks, err := checklist(s.DoR, c.Checks, m)
	if err := first(s.active(), err); err != nil {
		return nil, err
	}
	if slices.Equal(checks, s.DoR) && c.Blocks == s.DoRBlocks {
		return nil, nil
	}
	return es.Happened(ReadyDefined{checks, c.Blocks})
}

// DefineDone sets the Definition of Done.
type DefineDone struct {
	Checks []string `json:"checks" doc:"What must hold before an item is done, one line each."`
}

func (c DefineDone) Decide(s Team, m es.Meta) ([]es.Event[Team], error) {
	checks, err := checklist(s.DoD, c.Checks, m)
	if err := first(s.active(), err); err != nil {
		return nil, err
	}
	if slices.Equal(checks, s.DoD) {
		return nil, nil
	}
	return es.Happened(DoneDefined{checks})
}

// checklist keeps the ids of the lines that stay, so that what was ticked
// stays ticked.
func checklist(old []Check, texts []string, m es.Meta) ([]Check, error) {
	if len(texts) > 50 {
		return nil, fail.Invalid("checks", "at most 50 checks; these are %d", len(texts))
	}
	var list []Check
	for i, t := range texts {
		if err := checkText(at("checks", i), t, 1, maxTitle); err != nil {
			return nil, err
		}
		if slices.Contains(texts[:i], t) {
			return nil, fail.Invalid(at("checks", i), "%q is there twice", t)
		}
		c := Check{es.MetaID[Check](m, i), t}
		if j := slices.IndexFunc(old, func(o Check) bool { return o.Text == t }); j >= 0 {
			c = old[j]
		}
		list = append(list, c)
	}
	return list, nil
}

// Disband ends the team.
type Disband struct {
	Reason string `json:"reason" minLength:"1" maxLength:"65536"`

	OpenIterations int  `json:"-"` // planned or active ones of the team
	OpenPI         bool `json:"-"` // its ART is in a planning interval that is not closed
}

func (c Disband) Decide(s Team, _ es.Meta) ([]es.Event[Team], error) {
	switch {
	case s.State == TeamGone:
		return nil, nil
	case c.OpenIterations > 0:
		return nil, ErrIterationsOpen
	case c.OpenPI:
		return nil, ErrPlanIntervalOpen
	}
	if err := checkReason(c.Reason, "the team is disbanded"); err != nil {
		return nil, err
	}
	return es.Happened(TeamDisbanded{c.Reason})
}
