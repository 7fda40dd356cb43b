package rights

import (
	"strings"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// Assignments are the roles that people hold.
var Assignments = &es.Aggregate[Assignment]{Context: "strategy", Name: "role-assignment", Plural: "role-assignments", Schema: AssignmentSchema}

// AssignmentSchema holds the stored names. Never change a stored name; add one.
var AssignmentSchema = es.NewSchema(
	es.On[RoleAssigned]("strategy.role-assignment.role-assigned.v1"),
	es.On[AssignmentEnded]("strategy.role-assignment.ended.v1"),
)

// RoleAssigned gave a person a role in a scope, from From until To.
type RoleAssigned struct {
	Person  es.PersonID `json:"person"`
	Role    Role        `json:"role"`
	Where   Scope       `json:"scope"`
	From    time.Time   `json:"from,omitzero"` // zero: at once
	To      time.Time   `json:"to,omitzero"`   // zero: until it is ended
	Title   string      `json:"title,omitempty"`
	Charter string      `json:"charter,omitempty"`
	OrgUnit string      `json:"orgUnit,omitempty"`
}

// AssignmentEnded says from when on the person no longer holds the role.
type AssignmentEnded struct {
	On     time.Time `json:"on"`
	Reason string    `json:"reason,omitempty"`
}

func (e RoleAssigned) Evolve(Assignment) Assignment { return Assignment(e) }

func (e AssignmentEnded) Evolve(s Assignment) Assignment { s.To = e.On; return s }

// Assignment is one role that one person holds in one scope. The title on
// their card, the charter and the unit they belong to say nothing about rights.
type Assignment struct {
	Person  es.PersonID `json:"person"`
	Role    Role        `json:"role"`
	Where   Scope       `json:"scope"`
	From    time.Time   `json:"from,omitzero"`
	To      time.Time   `json:"to,omitzero"`
	Title   string      `json:"title,omitempty"`
	Charter string      `json:"charter,omitempty"`
	OrgUnit string      `json:"orgUnit,omitempty"`
}

// Exists tells whether the role was ever assigned.
func (s Assignment) Exists() bool { return s.Person != "" }

// Scope is where the person holds the role.
func (s Assignment) Scope() Scope { return s.Where }

// Holds tells whether the person holds the role at a moment: From ≤ at < To.
func (s Assignment) Holds(at time.Time) bool {
	return s.Exists() && !at.Before(s.From) && !s.over(at)
}

// over tells whether the assignment has come to its end, or ended before it began.
func (s Assignment) over(at time.Time) bool {
	return !s.To.IsZero() && (!at.Before(s.To) || !s.To.After(s.From))
}

var (
	ErrRoleHeld          = fail.Refused("role-assignment-exists", "the person holds this role in this scope already; end that assignment first to change its terms")
	ErrAssignmentOver    = fail.Refused("role-assignment-over", "this assignment has ended already; assign the role again if that was a mistake")
	ErrLastAdministrator = fail.Refused("last-administrator", "this is the last administrator; make somebody else one first, or nobody can fall in where no one may decide")
)

// AssignRole gives a person a role in a scope. Its aggregate's id is
// AssignmentID, so that the same role in the same scope is one assignment.
type AssignRole struct {
	Person  es.PersonID `json:"person" doc:"who gets the role"`
	Role    Role        `json:"role" minLength:"1" maxLength:"100" doc:"the role's key" example:"product-owner"`
	Where   Scope       `json:"scope,omitzero" required:"false" doc:"where they hold it; empty: in the whole organisation"`
	From    time.Time   `json:"from,omitzero" required:"false" doc:"when it starts; absent: at once"`
	To      time.Time   `json:"to,omitzero" required:"false" doc:"when it is over; absent: until it is ended"`
	Title   string      `json:"title,omitempty" maxLength:"300" doc:"the title on their card; it grants nothing" example:"Senior Product Owner"`
	Charter string      `json:"charter,omitempty" maxLength:"65536" doc:"what is expected of them"`
	OrgUnit string      `json:"orgUnit,omitempty" maxLength:"300" doc:"the unit they belong to" example:"Engineering"`
}

// Scope is where the person will hold the role.
func (c AssignRole) Scope() Scope { return c.Where }

// AssignmentID derives the id of person, role and scope.
func AssignmentID(m es.Meta, c AssignRole) es.ID[Assignment] {
	p := c.Where.parts()
	return es.DeriveID[Assignment](append([]string{m.Tenant.String(), "role-assignment", string(c.Person), string(c.Role)}, p[:]...)...)
}

func (c AssignRole) Decide(s Assignment, m es.Meta) ([]es.Event[Assignment], error) {
	c.Title, c.Charter, c.OrgUnit = strings.TrimSpace(c.Title), strings.TrimSpace(c.Charter), strings.TrimSpace(c.OrgUnit)
	c.From, c.To = utc(c.From), utc(c.To)
	switch {
	case c.Person == "":
		return nil, fail.Invalid("person", "name the person who gets the role")
	case !c.Role.Known():
		return nil, fail.Invalid("role", "there is no role %q; GET the list of roles for those there are", c.Role)
	case c.Role == Administrator && c.Where != Scope{}:
		return nil, fail.Invalid("scope", "an administrator is one for the whole organisation; leave the scope out")
	case !c.To.IsZero() && !c.To.After(c.From):
		return nil, fail.Invalid("to", "it must end after it starts")
	case !c.To.IsZero() && !c.To.After(m.Time) && c.From.IsZero():
		return nil, fail.Invalid("to", "it starts at once, so its end must lie ahead")
	case s.Exists() && !s.over(m.Time):
		if s == Assignment(c) {
			return nil, nil
		}
		return nil, ErrRoleHeld
	}
	return es.Happened[Assignment](RoleAssigned(c))
}

// utc makes equal moments equal values.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

// EndAssignment takes the role from the person. When nobody else holds it,
// its decisions fall to the administrators (see Book.Vacancies).
type EndAssignment struct {
	On     time.Time `json:"on,omitzero" required:"false" doc:"from when on; absent: at once"`
	Reason string    `json:"reason,omitempty" maxLength:"65536" doc:"why"`

	// LastAdministrator says that the organisation would be left without one;
	// the registration fills it in from Book.LastAdministrator.
	LastAdministrator bool `json:"-"`
}

func (c EndAssignment) Decide(s Assignment, m es.Meta) ([]es.Event[Assignment], error) {
	on := utc(c.On)
	if on.IsZero() {
		on = utc(m.Time)
	}
	switch {
	case s.To.Equal(on) && !s.To.IsZero():
		return nil, nil
	case !s.Exists() || s.over(m.Time):
		return nil, ErrAssignmentOver
	case on.Before(s.From):
		if c.On.IsZero() { // it has not begun: it never will
			on = s.From
			break
		}
		return nil, fail.Invalid("on", "it cannot end before it starts, at %s", s.From.Format(time.RFC3339))
	case !s.To.IsZero() && on.After(s.To):
		return nil, fail.Invalid("on", "it ends at %s already; to let it last longer end it now and assign the role again", s.To.Format(time.RFC3339))
	case c.LastAdministrator && s.Role == Administrator:
		return nil, ErrLastAdministrator
	}
	return es.Happened[Assignment](AssignmentEnded{On: on, Reason: strings.TrimSpace(c.Reason)})
}
