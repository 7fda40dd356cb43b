package rights_test

import (
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/rights"
)

// testBook writes what happened straight into a book.
type testBook struct {
	*rights.Book
	t      testing.TB
	tenant es.Tenant
	last   uint64
}

func newBook(t testing.TB) *testBook {
	return &testBook{Book: rights.NewBook(), t: t, tenant: es.NewTenant()}
}

func put[S any](b *testBook, a *es.Aggregate[S], id es.ID[S], events ...es.Event[S]) {
	b.t.Helper()
	stream, err := a.Stream(b.tenant, id)
	if err != nil {
		b.t.Fatal(err)
	}
	b.last++
	c := es.Commit{Stream: stream, Position: b.last}
	for _, e := range events {
		r, err := a.Schema.Encode(e)
		if err != nil {
			b.t.Fatal(err)
		}
		c.Events = append(c.Events, r)
	}
	if err := b.Apply(c); err != nil {
		b.t.Fatal(err)
	}
}

func (b *testBook) policy(s rights.Scope, r map[rights.Decision]rights.Entry) rights.PolicyID {
	b.t.Helper()
	id := es.NewID[rights.Policy]()
	put(b, rights.Policies, id, es.Event[rights.Policy](rights.PolicyActivated{Name: "n", Where: s, Rights: r}))
	return id
}

func (b *testBook) assign(p es.PersonID, r rights.Role, s rights.Scope) es.ID[rights.Assignment] {
	b.t.Helper()
	return b.assigned(rights.RoleAssigned{Person: p, Role: r, Where: s})
}

func (b *testBook) assigned(e rights.RoleAssigned) es.ID[rights.Assignment] {
	b.t.Helper()
	id := es.NewID[rights.Assignment]()
	put(b, rights.Assignments, id, es.Event[rights.Assignment](e))
	return id
}

func (b *testBook) check(p es.PersonID, d rights.Decision, s rights.Scope) rights.Verdict {
	return b.Check(b.tenant, p, d, s, now)
}

func entry(roles ...rights.Role) rights.Entry {
	e := rights.Entry{Decide: roles}
	if len(roles) > 1 {
		e.Joint = rights.JointAny
	}
	return e
}

type policy = map[rights.Decision]rights.Entry

func TestEverybodyMayWhereNothingGoverns(t *testing.T) {
	b := newBook(t)
	for _, d := range []rights.Decision{"", "story.accept"} {
		if v := b.check(ann, d, rights.Scope{}); !v.Allowed || !v.Decides {
			t.Errorf("%q without a policy: %+v", d, v)
		}
	}
	b.policy(rights.Scope{}, policy{"epic.go_nogo": entry(rights.Sponsor)})
	for _, d := range []rights.Decision{"", "story.accept"} {
		if v := b.check(ann, d, rights.Scope{}); !v.Allowed {
			t.Errorf("%q, of which the policy says nothing: %+v", d, v)
		}
	}
	if v := b.check(ann, "epic.go_nogo", rights.Scope{}); v.Allowed {
		t.Error("the policy does not govern")
	}
	other := *b
	other.tenant = es.NewTenant()
	if v := other.check(ann, "epic.go_nogo", rights.Scope{}); !v.Allowed {
		t.Error("another organisation's policy governs")
	}
}

func TestTheMostSpecificPolicyThatNamesTheDecisionRules(t *testing.T) {
	b := newBook(t)
	here := rights.Scope{Team: "t1", Product: "p1", ART: "a1"}
	b.assign(ann, rights.Team, rights.Scope{})
	b.policy(rights.Scope{}, policy{"story.accept": entry(rights.ProductOwner), "epic.go_nogo": entry(rights.Sponsor)})
	if b.check(ann, "story.accept", here).Allowed {
		t.Fatal("the organisation's policy does not rule")
	}
	team := b.policy(rights.Scope{Team: "t1"}, policy{"story.accept": entry(rights.Team)})
	b.policy(rights.Scope{Product: "p1", ART: "a1"}, policy{"story.accept": entry(rights.Owner)})
	v := b.check(ann, "story.accept", here)
	if !v.Allowed || v.Policy != 3 || v.ActingAs != rights.Team {
		t.Errorf("the team's policy does not rule: %+v", v)
	}
	if v := b.check(ann, "epic.go_nogo", here); v.Allowed || v.Policy != 2 {
		t.Errorf("what the team's policy is silent about is not ruled by the organisation's: %+v", v)
	}
	if v := b.check(ann, "story.accept", rights.Scope{Team: "t2"}); v.Allowed || v.Policy != 2 {
		t.Errorf("one team's policy rules another: %+v", v)
	}
	put(b, rights.Policies, team, es.Event[rights.Policy](rights.PolicyRetired{}))
	if v := b.check(ann, "story.accept", here); v.Allowed || v.Policy != 4 {
		t.Errorf("a retired policy rules: %+v", v)
	}
}

func TestTheLaterPolicyOfAScopeTakesItsPlace(t *testing.T) {
	b := newBook(t)
	b.assign(ann, rights.Team, rights.Scope{})
	first := b.policy(atProduct, policy{"story.accept": entry(rights.ProductOwner), "item.estimate": entry(rights.Owner)})
	second := b.policy(atProduct, policy{"story.accept": entry(rights.Team)})
	put(b, rights.Policies, first, es.Event[rights.Policy](rights.PolicySuperseded{By: second}))
	if v := b.check(ann, "story.accept", atProduct); !v.Allowed || v.Policy != 3 {
		t.Errorf("the later policy does not rule: %+v", v)
	}
	if v := b.check(ann, "item.estimate", atProduct); !v.Allowed {
		t.Errorf("the earlier policy still rules: %+v", v)
	}
}

func TestAnAssignmentCountsInItsScopeAndTerm(t *testing.T) {
	b := newBook(t)
	b.policy(rights.Scope{}, policy{"story.accept": entry(rights.ProductOwner)})
	b.assign(ann, rights.ProductOwner, rights.Scope{Team: "t1"})
	id := b.assigned(rights.RoleAssigned{Person: bob, Role: rights.ProductOwner, From: yesterday, To: nextWeek})
	for _, c := range []struct {
		who  es.PersonID
		s    rights.Scope
		at   time.Time
		want bool
	}{
		{ann, rights.Scope{Team: "t1", Product: "p1"}, now, true},
		{ann, rights.Scope{Team: "t2"}, now, false},
		{ann, rights.Scope{Product: "p1"}, now, false},
		{ann, rights.Scope{}, now, false},
		{bob, rights.Scope{Team: "t2"}, now, true},
		{bob, rights.Scope{}, yesterday, true},
		{bob, rights.Scope{}, yesterday.Add(-1), false},
		{bob, rights.Scope{}, nextWeek.Add(-1), true},
		{bob, rights.Scope{}, nextWeek, false},
		{cyd, rights.Scope{}, now, false},
		{"", rights.Scope{Team: "t1"}, now, false},
	} {
		if got := b.Check(b.tenant, c.who, "story.accept", c.s, c.at).Allowed; got != c.want {
			t.Errorf("%s in %+v at %s: allowed %t", c.who, c.s, c.at, got)
		}
	}
	if v := b.check(cyd, "story.accept", rights.Scope{Team: "t1"}); !slices.Equal(v.People, []es.PersonID{ann, bob}) {
		t.Errorf("who can decide in the team: %v", v.People)
	}
	put(b, rights.Assignments, id, es.Event[rights.Assignment](rights.AssignmentEnded{On: now}))
	if b.check(bob, "story.accept", rights.Scope{}).Allowed {
		t.Error("an assignment that ended counts")
	}
	put(b, rights.Assignments, id, es.Event[rights.Assignment](rights.RoleAssigned{Person: bob, Role: rights.ProductOwner}))
	if !b.check(bob, "story.accept", rights.Scope{}).Allowed {
		t.Error("one who came back does not count")
	}
	put(b, rights.Assignments, id, es.Event[rights.Assignment](rights.RoleAssigned{Person: bob, Role: rights.Sponsor}))
	if v := b.check(cyd, "story.accept", rights.Scope{Team: "t1"}); !slices.Equal(v.People, []es.PersonID{ann}) {
		t.Errorf("one whose role became another still counts: %v", v.People)
	}
	b.assigned(rights.RoleAssigned{Person: cyd, Role: rights.ProductOwner, To: now})
	if v := b.check(bob, "story.accept", rights.Scope{Team: "t1"}); !slices.Equal(v.People, []es.PersonID{ann}) {
		t.Errorf("one whose term is over still counts: %v", v.People)
	}
	if got := b.Roles(b.tenant, ann, now); !slices.Equal(got, []rights.Held{{Role: rights.ProductOwner, Scope: rights.Scope{Team: "t1"}}}) {
		t.Errorf("ann holds %v", got)
	}
	if got := b.RolesIn(b.tenant, ann, rights.Scope{Team: "t2"}, now); len(got) != 0 {
		t.Errorf("in another team ann holds %v", got)
	}
}

func TestAgreement(t *testing.T) {
	pm, bo, sa := []rights.Role{rights.ProductManagement}, []rights.Role{rights.BusinessOwner}, []rights.Role{rights.SystemArchitect}
	consulting := rights.Entry{Decide: pm, Consult: bo}
	blocking := consulting
	blocking.Blocking = true
	agreeing := rights.Entry{Decide: pm, Agree: bo}
	joint := rights.Entry{Decide: append(pm[:1:1], sa...), Joint: rights.JointAll, Agree: bo}
	for name, c := range map[string]struct {
		entry   rights.Entry
		held    map[rights.Role]es.PersonID
		allowed bool
		agree   []rights.Role
	}{
		"nobody holds the agreeing role":      {agreeing, map[rights.Role]es.PersonID{rights.ProductManagement: ann}, true, nil},
		"another holds the agreeing role":     {agreeing, map[rights.Role]es.PersonID{rights.ProductManagement: ann, rights.BusinessOwner: bob}, false, bo},
		"the actor holds the agreeing role":   {agreeing, map[rights.Role]es.PersonID{rights.ProductManagement: ann, rights.BusinessOwner: ann}, true, nil},
		"the actor only agrees":               {agreeing, map[rights.Role]es.PersonID{rights.ProductManagement: bob, rights.BusinessOwner: ann}, false, nil},
		"another decides too, jointly":        {joint, map[rights.Role]es.PersonID{rights.ProductManagement: ann, rights.SystemArchitect: bob}, false, sa},
		"all of them are awaited":             {joint, map[rights.Role]es.PersonID{rights.ProductManagement: ann, rights.SystemArchitect: bob, rights.BusinessOwner: cyd}, false, append(sa[:1:1], bo...)},
		"one has all the roles":               {joint, map[rights.Role]es.PersonID{rights.ProductManagement: ann, rights.SystemArchitect: ann, rights.BusinessOwner: ann}, true, nil},
		"the other seat is empty":             {joint, map[rights.Role]es.PersonID{rights.SystemArchitect: ann}, true, nil},
		"consulted ones are not waited for":   {consulting, map[rights.Role]es.PersonID{rights.ProductManagement: ann, rights.BusinessOwner: bob}, true, nil},
		"unless consult blocks":               {blocking, map[rights.Role]es.PersonID{rights.ProductManagement: ann, rights.BusinessOwner: bob}, false, nil},
		"and somebody is there to be heard":   {blocking, map[rights.Role]es.PersonID{rights.ProductManagement: ann}, true, nil},
		"an administrator needs no agreement": {joint, map[rights.Role]es.PersonID{rights.Administrator: ann, rights.ProductManagement: bob, rights.BusinessOwner: cyd}, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook(t)
			b.policy(rights.Scope{}, policy{"release.approve": c.entry})
			for r, p := range c.held {
				b.assign(p, r, rights.Scope{})
			}
			v := b.check(ann, "release.approve", atProduct)
			if v.Allowed != c.allowed || !slices.Equal(v.Agree, c.agree) {
				t.Errorf("got %+v", v)
			}
			decides := c.held[rights.ProductManagement] == ann || c.held[rights.SystemArchitect] == ann || c.held[rights.Administrator] == ann
			if (v.ActingAs != "") != decides || v.Decides != decides {
				t.Errorf("deciding is %t, acting as %q", v.Decides, v.ActingAs)
			}
		})
	}
}

func TestAnAdministratorActsAsOneOnlyWhereNeeded(t *testing.T) {
	b := newBook(t)
	b.policy(rights.Scope{}, policy{"story.accept": entry(rights.ProductOwner), "epic.go_nogo": entry(rights.Sponsor)})
	b.assign(ann, rights.Administrator, rights.Scope{})
	b.assign(ann, rights.ProductOwner, rights.Scope{})
	if v := b.check(ann, "story.accept", atProduct); v.ActingAs != rights.ProductOwner {
		t.Errorf("acts as %q", v.ActingAs)
	}
	if v := b.check(ann, "epic.go_nogo", atProduct); !v.Allowed || v.ActingAs != rights.Administrator {
		t.Errorf("does not fall in: %+v", v)
	}
	if v := b.check(bob, "epic.go_nogo", atProduct); !slices.Equal(v.People, []es.PersonID{ann}) {
		t.Errorf("who can decide where nobody holds the role: %v", v.People)
	}
	if !b.LastAdministrator(b.tenant, ann, now) || b.LastAdministrator(b.tenant, bob, now) {
		t.Error("ann is the last administrator")
	}
	b.assign(bob, rights.Administrator, rights.Scope{})
	if b.LastAdministrator(b.tenant, ann, now) {
		t.Error("ann is not the last administrator")
	}
}

func TestWhoDecides(t *testing.T) {
	b := newBook(t)
	if a := b.Who(b.tenant, "story.accept", atProduct, now); !a.Everybody {
		t.Errorf("without a policy: %+v", a)
	}
	b.policy(atProduct, policy{"release.approve": {Decide: []rights.Role{rights.ProductManagement}, Agree: []rights.Role{rights.SignOffParty},
		Consult: []rights.Role{rights.Team}, Inform: []rights.Role{rights.Stakeholder}, Blocking: true}})
	b.assign(bob, rights.ProductManagement, atProduct)
	b.assign(ann, rights.ProductManagement, rights.Scope{})
	b.assign(cyd, rights.SignOffParty, rights.Scope{Team: "t1"})
	want := rights.Answer{
		Decide: []rights.Seat{{Role: rights.ProductManagement, People: []es.PersonID{ann, bob}}}, Agree: []rights.Seat{{Role: rights.SignOffParty}},
		Consult: []rights.Seat{{Role: rights.Team}}, Inform: []rights.Seat{{Role: rights.Stakeholder}}, Blocking: true,
		People: []es.PersonID{ann, bob}, Scope: atProduct, Policy: 1,
	}
	if diff := cmp.Diff(want, b.Who(b.tenant, "release.approve", atProduct, now)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRemitFollowsTheScopes(t *testing.T) {
	b := newBook(t)
	team := rights.Scope{Team: "t1"}
	b.policy(rights.Scope{}, policy{"story.accept": entry(rights.ProductOwner), "epic.go_nogo": {Decide: []rights.Role{rights.Sponsor}, Consult: []rights.Role{rights.Team}}})
	b.policy(team, policy{"story.accept": entry(rights.Team)})
	b.policy(rights.Scope{Product: "p2"}, policy{"story.accept": entry(rights.ProductOwner)})
	b.assign(ann, rights.Team, rights.Scope{})
	b.assign(bob, rights.ProductOwner, atProduct)
	want := []rights.Duty{
		{Decision: "epic.go_nogo", Part: rights.Consulted, Role: rights.Team},
		{Decision: "story.accept", Scope: team, Part: rights.Decides, Role: rights.Team},
	}
	if diff := cmp.Diff(want, b.Remit(b.tenant, ann, now).Duties); diff != "" {
		t.Errorf("the team member's (-want +got):\n%s", diff)
	}
	want = []rights.Duty{{Decision: "story.accept", Scope: atProduct, Part: rights.Decides, Role: rights.ProductOwner}}
	if diff := cmp.Diff(want, b.Remit(b.tenant, bob, now).Duties); diff != "" {
		t.Errorf("the Product Owner's (-want +got):\n%s", diff)
	}
	if r := b.Remit(b.tenant, cyd, now); r.Duties == nil || len(r.Duties) != 0 {
		t.Errorf("cyd's: %+v", r)
	}
}

func TestVacanciesAreWarnedOf(t *testing.T) {
	b := newBook(t)
	b.policy(rights.Scope{}, policy{"story.accept": entry(rights.ProductOwner, rights.Owner), "epic.go_nogo": entry(rights.Sponsor)})
	b.assign(ann, rights.Owner, rights.Scope{Team: "t1"})
	last := b.assign(bob, rights.Sponsor, rights.Scope{})
	if got := b.Vacancies(b.tenant, now); len(got) != 0 {
		t.Errorf("every decision has a decider, but: %v", got)
	}
	put(b, rights.Assignments, last, es.Event[rights.Assignment](rights.AssignmentEnded{On: now}))
	want := []rights.Vacancy{{Decision: "epic.go_nogo", Roles: []rights.Role{rights.Sponsor}}}
	if diff := cmp.Diff(want, b.Vacancies(b.tenant, now)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheBookReadsOnlyWhatItNeeds(t *testing.T) {
	b := newBook(t)
	id := b.policy(rights.Scope{}, policy{"story.accept": entry(rights.ProductOwner)})
	commit := func(context, aggregate, name, data string, position uint64) error {
		s, err := es.NewStream(context, b.tenant, aggregate, string(id))
		if err != nil {
			t.Fatal(err)
		}
		return b.Apply(es.Commit{Stream: s, Position: position, Events: []es.Record{{Name: name, Data: json.RawMessage(data)}}})
	}
	for _, unreadable := range [][4]string{
		{"strategy", "rights-policy", "strategy.rights-policy.amended.v1", `{}`},
		{"strategy", "rights-policy", "strategy.rights-policy.activated.v1", `[]`},
		{"strategy", "role-assignment", "strategy.role-assignment.lent.v1", `{}`},
	} {
		if commit(unreadable[0], unreadable[1], unreadable[2], unreadable[3], 5) == nil || b.Position() != 1 {
			t.Errorf("%v moved the book to %d", unreadable, b.Position())
		}
	}
	for _, other := range [][2]string{{"strategy", "epic"}, {"backlog", "rights-policy"}} {
		if err := commit(other[0], other[1], "strategy.rights-policy.retired.v1", `{}`, b.Position()+3); err != nil {
			t.Error(err)
		}
	}
	if b.Position() != 7 {
		t.Errorf("the position is %d", b.Position())
	}
	if err := commit("strategy", "rights-policy", "strategy.rights-policy.retired.v1", `{}`, 7); err != nil {
		t.Error(err)
	}
	if b.check(ann, "story.accept", rights.Scope{}).Allowed {
		t.Error("a commit was applied that lies behind")
	}
}

func TestReadersSeeOnePage(t *testing.T) {
	b := newBook(t)
	b.assign(ann, rights.ProductOwner, rights.Scope{})
	b.policy(rights.Scope{}, policy{"story.accept": entry(rights.ProductOwner)})
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if v := b.check(bob, "story.accept", rights.Scope{}); v.Allowed || len(v.People) == 0 {
					t.Errorf("between two policies: %+v", v)
					return
				}
			}
		})
	}
	for range 300 {
		b.policy(rights.Scope{}, policy{"story.accept": entry(rights.ProductOwner)})
		b.assign(es.NewID[es.Person](), rights.ProductOwner, rights.Scope{})
	}
	close(stop)
	readers.Wait()
}

// The ruling policy, found by walking down from the most specific part of the
// scope asked about, and the assignments that count, part by part.
func TestScopeResolution(t *testing.T) {
	scopes := func(ids ...string) *rapid.Generator[rights.Scope] {
		id := rapid.SampledFrom(ids)
		return rapid.Custom(func(r *rapid.T) rights.Scope {
			return rights.Scope{Team: id.Draw(r, "team"), Product: id.Draw(r, "product"), ART: id.Draw(r, "art"),
				ValueStream: id.Draw(r, "value stream"), Portfolio: id.Draw(r, "portfolio")}
		})
	}
	// Most of what is drawn contains most of what is asked about.
	anyScope, anyAsked := scopes("", "", "", "x", "y"), scopes("x", "x", "x", "x", "y", "")
	roles := rapid.SampledFrom([]rights.Role{rights.ProductOwner, rights.ProductManagement, rights.Team})
	rapid.Check(t, func(r *rapid.T) {
		b := newBook(t)
		active := map[rights.Scope]policy{}
		at := map[rights.Scope]uint64{}
		for range rapid.IntRange(0, 12).Draw(r, "policies") {
			s, p := anyScope.Draw(r, "policy"), policy{}
			for _, d := range []rights.Decision{"story.accept", "epic.go_nogo"} {
				if rapid.Bool().Draw(r, "named") {
					p[d] = entry(roles.Draw(r, "decider"))
				}
			}
			b.policy(s, p)
			active[s], at[s] = p, b.last
		}
		var held []rights.Held
		for range rapid.IntRange(0, 6).Draw(r, "assignments") {
			h := rights.Held{Role: roles.Draw(r, "role"), Scope: anyScope.Draw(r, "held in")}
			held = append(held, h)
			b.assign(ann, h.Role, h.Scope)
		}
		asked := anyAsked.Draw(r, "asked")

		parts := func(s *rights.Scope) []*string {
			return []*string{&s.Team, &s.Product, &s.ART, &s.ValueStream, &s.Portfolio}
		}
		wantPolicy, wantAllowed := uint64(0), true
		for mask := 31; mask >= 0; mask-- { // bit 4 is the team: keep it as long as possible
			narrow := asked
			for i, p := range parts(&narrow) {
				if mask&(16>>i) == 0 {
					*p = ""
				}
			}
			e, ok := active[narrow]["story.accept"]
			if !ok {
				continue
			}
			wantPolicy, wantAllowed = at[narrow], false
			for _, h := range held {
				contains := true
				for i, p := range parts(&h.Scope) {
					contains = contains && (*p == "" || *p == *parts(&asked)[i])
				}
				wantAllowed = wantAllowed || contains && h.Role == e.Decide[0]
			}
			break
		}
		v := b.check(ann, "story.accept", asked)
		if v.Policy != wantPolicy || v.Allowed != wantAllowed {
			r.Fatalf("in %+v: policy %d allows %t, want policy %d and %t", asked, v.Policy, v.Allowed, wantPolicy, wantAllowed)
		}
		if w := b.Who(b.tenant, "story.accept", asked, now); w.Policy != v.Policy || w.Everybody != (v.Policy == 0) {
			r.Fatalf("Who and Check disagree: %+v, %+v", w, v)
		}
		if !v.Allowed && (len(v.People) > 0 || len(v.Agree) > 0) {
			r.Fatalf("nobody but ann holds anything, yet %+v", v)
		}
		if w := b.Who(b.tenant, "story.accept", asked, now); v.Policy != 0 && (len(w.People) == 1) != v.Allowed {
			r.Fatalf("ann may %t, but who can decide is %v", v.Allowed, w.People)
		}
		for _, duty := range b.Remit(b.tenant, ann, now).Duties {
			if v := b.check(ann, duty.Decision, duty.Scope); duty.Part == rights.Decides && !v.Decides {
				r.Fatalf("the remit says %+v, the check %+v", duty, v)
			}
		}
	})
}

// What a command pays for the check in an organisation of 200 teams of nine.
func BenchmarkCheck(bench *testing.B) {
	b := newBook(bench)
	b.policy(rights.Scope{}, rights.Presets[rights.SAFe])
	for range 200 {
		team := rights.Scope{Team: string(es.NewID[es.Person]())}
		for range 9 {
			b.assign(es.NewID[es.Person](), rights.Team, team)
		}
	}
	here := rights.Scope{Team: "t1", Product: "p1", ART: "a1"}
	b.assign(ann, rights.ProductOwner, here)
	b.assign(bob, rights.Team, here)
	for bench.Loop() {
		if v := b.check(ann, "story.accept", here); !v.Allowed || len(v.Consult) != 1 {
			bench.Fatalf("%+v", v)
		}
	}
}
