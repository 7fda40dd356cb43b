package rights

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	iradix "github.com/hashicorp/go-immutable-radix/v2"

	"throughline.dev/pkg/es"
)

// Book holds the policies in force and the roles held, of all organisations,
// folded from the log. Every process that runs commands keeps one. Readers
// never wait: each sees one whole page, and an Apply turns to the next.
type Book struct {
	mu   sync.Mutex // one writer at a time
	page atomic.Pointer[page]
}

// page is one state of the book. Its trees are never changed, only replaced;
// keys are joined by "/", which no id and no role has in it. By role, the
// scope is part of the key, so that to ask for a team's developers does not
// read those of all teams.
type page struct {
	position uint64
	policies *iradix.Tree[inForce]    // <tenant>/<policy>
	byID     *iradix.Tree[Assignment] // <tenant>/<assignment>
	byPerson *iradix.Tree[Assignment] // <tenant>/<person>/<assignment>
	byRole   *iradix.Tree[Assignment] // <tenant>/<role>/<scope's five parts>/<assignment>
}

// inForce is an active policy.
type inForce struct {
	where    Scope
	rights   map[Decision]Entry
	position uint64 // of its activation
}

// NewBook returns an empty book.
func NewBook() *Book {
	b := &Book{}
	b.page.Store(&page{
		policies: iradix.New[inForce](),
		byID:     iradix.New[Assignment](),
		byPerson: iradix.New[Assignment](),
		byRole:   iradix.New[Assignment](),
	})
	return b
}

// Position returns the position of the last commit applied.
func (b *Book) Position() uint64 { return b.page.Load().position }

// Apply folds one commit. Commits come in the log's order; one that was
// applied before changes nothing. What is not about rights only moves the
// position. An event about rights that cannot be read is an error, and the
// book stays where it was: to go on would be to grant by guesswork.
func (b *Book) Apply(c es.Commit) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := *b.page.Load()
	if c.Position <= p.position {
		return nil
	}
	if c.Stream.Context() == Policies.Context {
		var err error
		switch c.Stream.Aggregate() {
		case Policies.Name:
			err = p.applyPolicy(c)
		case Assignments.Name:
			err = p.applyAssignment(c)
		}
		if err != nil {
			return fmt.Errorf("decision rights at %d: %w", c.Position, err)
		}
	}
	p.position = c.Position
	b.page.Store(&p)
	return nil
}

func (p *page) applyPolicy(c es.Commit) error {
	prefix := c.Stream.Tenant().String() + "/"
	id := []byte(prefix + c.Stream.ID())
	for _, r := range c.Events {
		e, err := PolicySchema.Decode(r)
		if err != nil {
			return err
		}
		switch e := e.(type) {
		case PolicyActivated:
			t := p.policies.Txn()
			// One policy per scope: the record that the other one was
			// superseded comes later, its effect comes now.
			each(p.policies, prefix, func(k []byte, other inForce) bool {
				if other.where == e.Where {
					t.Delete(k)
				}
				return true
			})
			t.Insert(id, inForce{where: e.Where, rights: e.Rights, position: c.Position})
			p.policies = t.Commit()
		case PolicySuperseded, PolicyRetired:
			p.policies, _, _ = p.policies.Delete(id)
		}
	}
	return nil
}

func (p *page) applyAssignment(c es.Commit) error {
	tenant, id := c.Stream.Tenant().String()+"/", "/"+c.Stream.ID()
	key := []byte(tenant + c.Stream.ID())
	for _, r := range c.Events {
		e, err := AssignmentSchema.Decode(r)
		if err != nil {
			return err
		}
		before, _ := p.byID.Get(key)
		a := e.Evolve(before)
		p.byPerson, _, _ = p.byPerson.Delete([]byte(tenant + string(before.Person) + id))
		p.byRole, _, _ = p.byRole.Delete([]byte(tenant + roleKey(before.Role, before.Where) + id))
		p.byID, _, _ = p.byID.Insert(key, a)
		p.byPerson, _, _ = p.byPerson.Insert([]byte(tenant+string(a.Person)+id), a)
		p.byRole, _, _ = p.byRole.Insert([]byte(tenant+roleKey(a.Role, a.Where)+id), a)
	}
	return nil
}

func roleKey(r Role, s Scope) string {
	parts := s.parts()
	return string(r) + "/" + strings.Join(parts[:], "/")
}

// each visits what lies under a prefix, in the order of the keys, until visit returns false.
func each[T any](t *iradix.Tree[T], prefix string, visit func(key []byte, v T) bool) {
	it := t.Root().Iterator()
	it.SeekPrefix([]byte(prefix))
	for k, v, ok := it.Next(); ok; k, v, ok = it.Next() {
		if !visit(k, v) {
			return
		}
	}
}

// entry returns what governs a decision in a scope: the entry of the policy
// with the most specific scope of those that contain the scope and name the
// decision. A policy that is silent about a decision leaves it to the wider ones.
func (p *page) entry(t es.Tenant, d Decision, s Scope) (Entry, inForce, bool) {
	var (
		best  inForce
		found bool
	)
	if d == "" {
		return Entry{}, best, false
	}
	each(p.policies, t.String()+"/", func(_ []byte, f inForce) bool {
		if _, named := f.rights[d]; named && f.where.Contains(s) && (!found || f.where.weight() > best.where.weight()) {
			best, found = f, true
		}
		return true
	})
	return best.rights[d], best, found
}

// held visits the assignments that a person holds at a moment.
func (p *page) held(t es.Tenant, person es.PersonID, at time.Time, visit func(Assignment) bool) {
	each(p.byPerson, t.String()+"/"+string(person)+"/", func(_ []byte, a Assignment) bool {
		return !a.Holds(at) || visit(a)
	})
}

// holders visits the assignments to a role that count in a scope at a moment:
// those in each of the scopes that contain it.
func (p *page) holders(t es.Tenant, r Role, s Scope, at time.Time, visit func(Assignment) bool) {
	more := true
	for wider := range s.containing {
		each(p.byRole, t.String()+"/"+roleKey(r, wider)+"/", func(_ []byte, a Assignment) bool {
			if a.Where == wider && a.Holds(at) {
				more = visit(a)
			}
			return more
		})
		if !more {
			return
		}
	}
}

func (p *page) rolesIn(t es.Tenant, person es.PersonID, s Scope, at time.Time) []Role {
	var roles []Role
	p.held(t, person, at, func(a Assignment) bool {
		if a.Where.Contains(s) {
			roles = append(roles, a.Role)
		}
		return true
	})
	slices.Sort(roles)
	return slices.Compact(roles)
}

func (p *page) anybody(t es.Tenant, r Role, s Scope, at time.Time) (found bool) {
	p.holders(t, r, s, at, func(Assignment) bool { found = true; return false })
	return found
}

func (p *page) people(t es.Tenant, roles []Role, s Scope, at time.Time) []es.PersonID {
	var people []es.PersonID
	for _, r := range roles {
		p.holders(t, r, s, at, func(a Assignment) bool { people = append(people, a.Person); return true })
	}
	slices.Sort(people)
	return slices.Compact(people)
}

// deciders returns who holds a deciding role, or else the administrators,
// who fall in when nobody does.
func (p *page) deciders(t es.Tenant, e Entry, s Scope, at time.Time) []es.PersonID {
	if people := p.people(t, e.Decide, s, at); len(people) > 0 {
		return people
	}
	return p.people(t, []Role{Administrator}, s, at)
}

// Verdict says whether an actor may decide at once, and if not, who has to be asked.
type Verdict struct {
	Allowed  bool          `json:"allowed"`
	Decides  bool          `json:"decides"`            // the actor has the D, though others may have to be asked first
	ActingAs Role          `json:"actingAs,omitempty"` // the role that gives the actor the D; empty where nothing governs
	Deciders []Role        `json:"deciders,omitempty"` // the deciding roles; empty where nothing governs
	People   []es.PersonID `json:"people,omitempty"`   // who can decide; only when not allowed
	Agree    []Role        `json:"agree,omitempty"`    // roles whose agreement is missing, other deciders of a joint decision included
	Consult  []Role        `json:"consult,omitempty"`  // roles to be heard that the actor does not hold
	Blocking bool          `json:"blocking,omitempty"` // the decision waits for Consult
	Policy   uint64        `json:"policy,omitempty"`   // position of the policy's activation; 0 where nothing governs
}

// Check says whether an actor may take a decision in a scope at a moment.
//
// Where no policy in force names the decision, everybody may. Otherwise the
// most specific policy that names it rules, and an assignment counts where its
// scope contains the scope asked about. The actor may decide at once with a
// deciding role when nobody else's agreement is missing and, if the entry is
// blocking, nobody is still to be heard; a deciding actor who lacks only that
// is not Allowed but Decides. Roles that nobody holds in the scope are not waited for.
//
// An administrator decides everything at once, acting as "administrator"
// unless another of their roles would have been enough: they fall in where
// nobody can decide. (Deciding in an emergency with a stated reason is not this.)
func (b *Book) Check(t es.Tenant, actor es.PersonID, d Decision, s Scope, at time.Time) Verdict {
	p := b.page.Load()
	e, policy, governed := p.entry(t, d, s)
	if !governed {
		return Verdict{Allowed: true, Decides: true}
	}
	mine := p.rolesIn(t, actor, s, at)
	awaited := func(roles []Role) []Role {
		var missing []Role
		for _, r := range roles {
			if !slices.Contains(mine, r) && p.anybody(t, r, s, at) {
				missing = append(missing, r)
			}
		}
		return missing
	}
	v := Verdict{Deciders: slices.Clone(e.Decide), Policy: policy.position, Blocking: e.Blocking,
		Agree: awaited(e.Agree), Consult: awaited(e.Consult)}
	if e.Joint == JointAll {
		v.Agree = append(awaited(e.Decide), v.Agree...)
	}
	if i := slices.IndexFunc(e.Decide, func(r Role) bool { return slices.Contains(mine, r) }); i >= 0 {
		v.ActingAs, v.Decides = e.Decide[i], true
	}
	v.Allowed = v.Decides && len(v.Agree) == 0 && !(v.Blocking && len(v.Consult) > 0)
	switch {
	case v.Allowed:
	case slices.Contains(mine, Administrator):
		v.Allowed, v.Decides, v.ActingAs, v.Agree = true, true, Administrator, nil
	default:
		v.People = p.deciders(t, e, s, at)
	}
	return v
}

// RolesIn returns the roles that count for a person in a scope, sorted.
func (b *Book) RolesIn(t es.Tenant, person es.PersonID, s Scope, at time.Time) []Role {
	return b.page.Load().rolesIn(t, person, s, at)
}

// InForce returns the policy that is in force for exactly this scope, or none.
func (b *Book) InForce(t es.Tenant, s Scope) (id PolicyID) {
	prefix := t.String() + "/"
	each(b.page.Load().policies, prefix, func(k []byte, f inForce) bool {
		if f.where == s {
			id = PolicyID(k[len(prefix):])
		}
		return id == ""
	})
	return id
}

// LastAdministrator tells whether a person is the only administrator.
func (b *Book) LastAdministrator(t es.Tenant, person es.PersonID, at time.Time) bool {
	all := b.page.Load().people(t, []Role{Administrator}, Scope{}, at)
	return len(all) == 1 && all[0] == person
}
