package backlog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// memberRoles are Scrum's accountabilities, and other.
var memberRoles = []string{"product-owner", "scrum-master", "developer", "other"}

// Share is one membership of a person in a team, as facts tell it.
type Share struct {
	Team TeamID `json:"team"`
	Member
}

// AddMember takes somebody into the team.
type AddMember struct {
	Person     es.PersonID `json:"person"`
	Role       string      `json:"role" enum:"product-owner,scrum-master,developer,other"`
	Allocation int         `json:"allocation,omitempty" minimum:"1" maximum:"100" doc:"Percent of the person's time; 100 if left out."`
	From       Day         `json:"from,omitempty" format:"date" doc:"The first day; today if left out."`
	Until      Day         `json:"until,omitempty" format:"date" doc:"The last day; open end if left out."`

	Elsewhere []Share `json:"-"` // the person's memberships in other teams
}

func (c AddMember) Decide(s Team, m es.Meta) ([]es.Event[Team], error) {
	member := Member{c.Person, c.Role, cmp.Or(c.Allocation, 100), cmp.Or(c.From, dayOf(m.When())), c.Until}
	if err := first(s.active(), member.check()); err != nil {
		return nil, err
	}
	for _, o := range s.Members {
		switch {
		case o == member:
			return nil, nil
		case o.Person == c.Person && overlap(o.From, o.Until, member.From, member.Until):
			return nil, ErrMemberThere
		}
	}
	return es.Happened(MemberAdded{member, overAllocated(member, c.Elsewhere)})
}

// ChangeMember changes the role, the share or the span of a membership; what
// is left out stays.
type ChangeMember struct {
	Person     es.PersonID `json:"person"`
	Role       string      `json:"role,omitempty" enum:"product-owner,scrum-master,developer,other"`
	Allocation int         `json:"allocation,omitempty" minimum:"1" maximum:"100"`
	From       Day         `json:"from,omitempty" format:"date"`
	Until      Day         `json:"until,omitempty" format:"date"`

	Elsewhere []Share `json:"-"`
}

func (c ChangeMember) Decide(s Team, _ es.Meta) ([]es.Event[Team], error) {
	i := s.current(c.Person)
	switch {
	case s.active() != nil:
		return nil, s.active()
	case i < 0:
		return nil, ErrNotAMember
	}
	old := s.Members[i]
	member := Member{c.Person, cmp.Or(c.Role, old.Role), cmp.Or(c.Allocation, old.Allocation), cmp.Or(c.From, old.From), cmp.Or(c.Until, old.Until)}
	if err := member.check(); err != nil {
		return nil, err
	}
	for j, o := range s.Members {
		if j != i && o.Person == c.Person && overlap(o.From, o.Until, member.From, member.Until) {
			return nil, ErrMemberThere
		}
	}
	if member == old {
		return nil, nil
	}
	return es.Happened(MemberChanged{member, overAllocated(member, c.Elsewhere)})
}

// RemoveMember ends a membership.
type RemoveMember struct {
	Person es.PersonID `json:"person"`
	Until  Day         `json:"until,omitempty" format:"date" doc:"The last day; today if left out."`
}

func (c RemoveMember) Decide(s Team, m es.Meta) ([]es.Event[Team], error) {
	i, until := s.current(c.Person), cmp.Or(c.Until, dayOf(m.When()))
	switch {
	case s.active() != nil:
		return nil, s.active()
	case i < 0:
		return nil, ErrNotAMember
	case until.check("until") != nil:
		return nil, until.check("until")
	case s.Members[i].Until == until:
		return nil, nil
	case until < s.Members[i].From:
		return nil, fail.Invalid("until", "the membership begins on %s; the last day is not before that", s.Members[i].From)
	}
	return es.Happened(MemberLeft{c.Person, until})
}

func (m Member) check() error {
	switch {
	case m.Person == "":
		return fail.Invalid("person", "name the person")
	case !slices.Contains(memberRoles, m.Role):
		return fail.Invalid("role", "one of %s", words(memberRoles))
	case m.Allocation < 1 || m.Allocation > 100:
		return fail.Invalid("allocation", "1 to 100 percent, not %d", m.Allocation)
	}
	if err := m.From.check("from"); err != nil {
		return err
	}
	if m.Until == "" {
		return nil
	}
	if err := m.Until.check("until"); err != nil {
		return err
	}
	if m.Until < m.From {
		return fail.Invalid("until", "the last day is not before the first, %s", m.From)
	}
	return nil
}

// overlap tells whether two spans share a day; an empty end is open.
func overlap(from1, to1, from2, to2 Day) bool {
	return (to2 == "" || from1 <= to2) && (to1 == "" || from2 <= to1)
}

// overAllocated returns the highest sum of somebody's shares on any day of
// the membership, or 0 while that is at most 100: it warns, it never refuses.
func overAllocated(member Member, elsewhere []Share) int {
	highest := 0
	for _, start := range elsewhere {
		day := max(start.From, member.From)
		if !member.On(day) {
			continue
		}
		sum := member.Allocation
		for _, o := range elsewhere {
			if o.On(day) {
				sum += o.Allocation
			}
		}
		highest = max(highest, sum)
	}
	if highest <= 100 {
		return 0
	}
	return highest
}

// SetCadence sets the length of the team's iterations.
type SetCadence struct{ Cadence }

func (c SetCadence) Decide(s Team, _ es.Meta) ([]es.Event[Team], error) {
	if err := first(s.active(), c.Start.check("start")); err != nil {
		return nil, err
	}
	if c.Days < 7 || c.Days > 31 {
		return nil, fail.Invalid("days", "an iteration is 7 to 31 days long, not %d", c.Days)
	}
	if !validZone(c.Zone) {
		return nil, fail.Invalid("zone", "a time zone such as Europe/Vienna, not %q", c.Zone)
	}
	if s.Cadence != nil && *s.Cadence == c.Cadence {
		return nil, nil
	}
	return es.Happened(CadenceSet(c))
}

// validZone looks at the form only: which zones there are is a table of the
// machine, and decisions must not depend on that.
func validZone(z string) bool {
	for _, r := range z {
		if (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("/_+-", r) {
			return false
		}
	}
	return len(z) <= 64
}

// SetBoard sets the board's columns, from left to right.
type SetBoard struct {
	Columns []Column `json:"columns" minItems:"2" maxItems:"20"`
}

// boardStates is the order in which columns may follow each other.
var boardStates = []State{Draft, ToDo, Ready, Planned, InProgress, Doing, Review, Done}

func (c SetBoard) Decide(s Team, _ es.Meta) ([]es.Event[Team], error) {
	if err := s.active(); err != nil {
		return nil, err
	}
	if len(c.Columns) < 2 || len(c.Columns) > 20 {
		return nil, fail.Invalid("columns", "a board has 2 to 20 columns, not %d", len(c.Columns))
	}
	starts, ends := false, false
	for i, col := range c.Columns {
		if err := col.check(i, c.Columns[:i]); err != nil {
			return nil, err
		}
		starts = starts || col.State == InProgress
		ends = ends || col.State == Done
	}
	switch {
	case !starts || !ends:
		return nil, ErrBoardUnmapped
	case slices.Equal(s.Board, c.Columns):
		return nil, nil
	}
	return es.Happened(BoardSet(c))
}

func (c Column) check(i int, before []Column) error {
	field := at("columns", i)
	if err := checkText(field+".name", c.Name, 1, maxName); err != nil {
		return err
	}
	switch {
	case slices.ContainsFunc(before, func(o Column) bool { return o.Name == c.Name }):
		return fail.Invalid(field+".name", "%q is there twice", c.Name)
	case !slices.Contains(boardStates, c.State):
		return fail.Invalid(field+".state", "one of %s", words(boardStates))
	case len(before) > 0 && slices.Index(boardStates, before[i-1].State) > slices.Index(boardStates, c.State):
		return fail.Invalid(field+".state", "columns follow the workflow: %s does not come after %s", c.State, before[i-1].State)
	case c.WIP < 0:
		return fail.Invalid(field+".wip", "a limit is at least 1, or 0 for none")
	case c.WIP > 0 && c.State == Done:
		return fail.Invalid(field+".wip", "what is done has no limit")
	case c.Category != "" && !slices.Contains([]Category{CategoryTodo, CategoryActive, CategoryWait, CategoryDone}, c.Category):
		return fail.Invalid(field+".category", "todo, active, wait or done, not %q", string(c.Category))
	case (c.Category == CategoryDone) != (c.State == Done) && c.Category != "":
		return fail.Invalid(field+".category", "done is what the column of state done means, and no other")
	}
	return nil
}

// at is the path of an element of a list.
func at(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }
