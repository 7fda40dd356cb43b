package rights

import (
	"cmp"
	"slices"
	"time"

	"throughline.dev/pkg/es"
)

// Held is one role that a person holds somewhere.
type Held struct {
	Role  Role  `json:"role"`
	Scope Scope `json:"scope"`
}

// Roles returns what a person holds at a moment, sorted by role and from the
// widest to the most specific scope.
func (b *Book) Roles(t es.Tenant, person es.PersonID, at time.Time) []Held {
	var all []Held
	b.page.Load().held(t, person, at, func(a Assignment) bool {
		all = append(all, Held{a.Role, a.Where})
		return true
	})
	slices.SortFunc(all, func(a, b Held) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), compareScopes(a.Scope, b.Scope))
	})
	return all
}

func compareScopes(a, b Scope) int {
	x, y := a.parts(), b.parts()
	return cmp.Or(cmp.Compare(a.weight(), b.weight()), slices.Compare(x[:], y[:]))
}

// Part is what a role has to do with a decision.
type Part string

const (
	Decides   Part = "decide"
	Agrees    Part = "agree"
	Consulted Part = "consult"
	Informed  Part = "inform"
)

// parts returns the roles of an entry by their part, deciders first.
func (e Entry) parts() []struct {
	part  Part
	roles []Role
} {
	return []struct {
		part  Part
		roles []Role
	}{{Decides, e.Decide}, {Agrees, e.Agree}, {Consulted, e.Consult}, {Informed, e.Inform}}
}

// Duty is one part that a person has in one kind of decision, in a scope.
type Duty struct {
	Decision Decision `json:"decision"`
	Scope    Scope    `json:"scope"`
	Part     Part     `json:"part"`
	Role     Role     `json:"role"`            // that gives them the part
	Joint    Joint    `json:"joint,omitempty"` // where several roles decide: any or all of them
}

// Remit is what a person has a say in. Anything else they may propose.
type Remit struct {
	Administrator bool   `json:"administrator"` // decides everything besides
	Duties        []Duty `json:"duties"`
}

// Remit lists what a person decides, must agree to, is consulted on and hears
// of, by the policies in force: once for the scope of each of their roles, and
// again for each narrower scope in which another policy gives them a part. A
// more specific policy can also take a part away there; Check tells.
func (b *Book) Remit(t es.Tenant, person es.PersonID, at time.Time) Remit {
	p := b.page.Load()
	r := Remit{Duties: []Duty{}}
	seen := map[Duty]bool{}
	var policies []inForce
	each(p.policies, t.String()+"/", func(_ []byte, f inForce) bool { policies = append(policies, f); return true })
	p.held(t, person, at, func(a Assignment) bool {
		r.Administrator = r.Administrator || a.Role == Administrator
		for _, f := range policies {
			where, possible := a.Where.meet(f.where)
			if !possible {
				continue
			}
			for d := range f.rights {
				e, ruling, _ := p.entry(t, d, where)
				if ruling.position != f.position {
					continue
				}
				for _, list := range e.parts() {
					duty := Duty{Decision: d, Scope: where, Part: list.part, Role: a.Role}
					if list.part == Decides {
						duty.Joint = e.Joint
					}
					if slices.Contains(list.roles, a.Role) && !seen[duty] {
						seen[duty] = true
						r.Duties = append(r.Duties, duty)
					}
				}
			}
		}
		return true
	})
	order := map[Decision]int{}
	for i, d := range Decisions {
		order[d.Name] = i
	}
	slices.SortFunc(r.Duties, func(a, b Duty) int {
		return cmp.Or(cmp.Compare(order[a.Decision], order[b.Decision]), compareScopes(a.Scope, b.Scope),
			cmp.Compare(a.Role, b.Role), cmp.Compare(a.Part, b.Part))
	})
	return r
}

// Seat is one role of an answer and who holds it in the scope asked about.
type Seat struct {
	Role   Role          `json:"role"`
	People []es.PersonID `json:"people"`
}

// Answer says who decides.
type Answer struct {
	Everybody bool          `json:"everybody"` // no policy in force names the decision: whoever may write may decide
	Decide    []Seat        `json:"decide,omitempty"`
	Joint     Joint         `json:"joint,omitempty"`
	Agree     []Seat        `json:"agree,omitempty"`
	Consult   []Seat        `json:"consult,omitempty"`
	Inform    []Seat        `json:"inform,omitempty"`
	Blocking  bool          `json:"blocking,omitempty"`
	People    []es.PersonID `json:"people,omitempty"` // who can decide: the deciders, or the administrators where there are none
	Scope     Scope         `json:"scope"`            // of the policy that says so
	Policy    uint64        `json:"policy,omitempty"` // position of its activation
}

// Who answers "who decides?" for a kind of decision in a scope at a moment.
func (b *Book) Who(t es.Tenant, d Decision, s Scope, at time.Time) Answer {
	p := b.page.Load()
	e, policy, governed := p.entry(t, d, s)
	if !governed {
		return Answer{Everybody: true}
	}
	seats := func(roles []Role) []Seat {
		var all []Seat
		for _, r := range roles {
			all = append(all, Seat{r, p.people(t, []Role{r}, s, at)})
		}
		return all
	}
	return Answer{Decide: seats(e.Decide), Joint: e.Joint, Agree: seats(e.Agree), Consult: seats(e.Consult), Inform: seats(e.Inform),
		Blocking: e.Blocking, People: p.deciders(t, e, s, at), Scope: policy.where, Policy: policy.position}
}

// Vacancy is a decision that a policy governs and nobody holds a deciding
// role for anywhere in its scope: only administrators can take it.
type Vacancy struct {
	Decision Decision `json:"decision"`
	Scope    Scope    `json:"scope"`
	Roles    []Role   `json:"roles"` // to give to somebody
}

// Vacancies lists them, in the order of the scopes and of Decisions. It is
// what to warn of after an assignment has ended or a policy was activated.
func (b *Book) Vacancies(t es.Tenant, at time.Time) []Vacancy {
	p := b.page.Load()
	var all []Vacancy
	each(p.policies, t.String()+"/", func(_ []byte, f inForce) bool {
		for _, d := range Decisions {
			e, named := f.rights[d.Name]
			if named && !slices.ContainsFunc(e.Decide, func(r Role) bool { return p.somewhere(t, r, f.where, at) }) {
				all = append(all, Vacancy{d.Name, f.where, slices.Clone(e.Decide)})
			}
		}
		return true
	})
	slices.SortStableFunc(all, func(a, b Vacancy) int { return compareScopes(a.Scope, b.Scope) })
	return all
}

// somewhere tells whether anybody holds the role in some part of the scope.
func (p *page) somewhere(t es.Tenant, r Role, s Scope, at time.Time) (found bool) {
	each(p.byRole, t.String()+"/"+string(r)+"/", func(_ []byte, a Assignment) bool {
		if _, possible := a.Where.meet(s); possible && a.Holds(at) {
			found = true
		}
		return !found
	})
	return found
}
