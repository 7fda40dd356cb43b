package feedback

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
)

func TestCustomer(t *testing.T) {
	type e = es.Event[Customer]
	in := func(want State) func(Customer) bool { return at(func(s Customer) State { return s.State }, want) }
	profile := Profile{Name: "Acme Ltd", ARR: &Money{12_000_000, "EUR"}, Tier: "enterprise", Segments: []string{"banks", "eu"}, Owner: bob}
	changed := profile
	changed.ARR = &Money{13_000_000, "EUR"}
	with := func(change func(*Profile)) Profile { p := profile; change(&p); return p }
	registered := CustomerRegistered{"X-1", "crm:1", profile}
	into := CustomerMerged{globex}
	free := MergeFacts{Self: acme.String(), Target: MergeSide{Exists: true}}

	run(t, CustomerSchema, []sentence[Customer]{
		{name: "registered with an external id", wish: RegisterCustomer{"crm:1", profile}, then: []e{registered}, state: in(Active)},
		{name: "registered without anything but a name", wish: RegisterCustomer{Profile: Profile{Name: "Acme"}}, then: []e{CustomerRegistered{"X-1", "", Profile{Name: "Acme"}}}},
		{name: "registered again the same", past: past[Customer](registered), wish: RegisterCustomer{"crm:1", profile}},
		{name: "duplicate external id", past: past[Customer](registered), wish: RegisterCustomer{"crm:1", changed}, not: ErrCustomerExists},
		{name: "external id of an erased customer", past: past[Customer](registered, CustomerErased{}), wish: RegisterCustomer{"crm:1", profile}, not: ErrCustomerErased},
		{name: "external id of a merged customer", past: past[Customer](registered, into), wish: RegisterCustomer{"crm:1", profile}, not: ErrCustomerMerged},
		{name: "no name", wish: RegisterCustomer{Profile: Profile{Name: " "}}, not: invalid("name")},
		{name: "name too long", wish: RegisterCustomer{Profile: Profile{Name: long(301)}}, not: invalid("name")},
		{name: "a person's address as name", wish: RegisterCustomer{Profile: Profile{Name: "Jo <jo@example.org>"}}, not: invalid("name")},
		{name: "a person's address as external id", wish: RegisterCustomer{"jo@example.org", profile}, not: invalid("externalId")},
		{name: "negative revenue", wish: RegisterCustomer{Profile: with(func(p *Profile) { p.ARR = &Money{-1, "EUR"} })}, not: invalid("arr.amount")},
		{name: "revenue that no sum can hold", wish: RegisterCustomer{Profile: with(func(p *Profile) { p.ARR = &Money{maxAmount + 1, "EUR"} })}, not: invalid("arr.amount")},
		{name: "the largest revenue", wish: RegisterCustomer{Profile: Profile{Name: "Acme", ARR: &Money{maxAmount, "EUR"}}},
			then: []e{CustomerRegistered{"X-1", "", Profile{Name: "Acme", ARR: &Money{maxAmount, "EUR"}}}}},
		{name: "no currency", wish: RegisterCustomer{Profile: with(func(p *Profile) { p.ARR = &Money{1, "eur"} })}, not: invalid("arr.currency")},
		{name: "a segment twice", wish: RegisterCustomer{Profile: with(func(p *Profile) { p.Segments = []string{"eu", "eu"} })}, not: invalid("segments")},
		{name: "a blank segment", wish: RegisterCustomer{Profile: with(func(p *Profile) { p.Segments = []string{""} })}, not: invalid("segments")},
		{name: "too many segments", wish: RegisterCustomer{Profile: with(func(p *Profile) { p.Segments = make([]string, 51) })}, not: invalid("segments")},
		{name: "tier too long", wish: RegisterCustomer{Profile: with(func(p *Profile) { p.Tier = long(101) })}, not: invalid("tier")},

		{name: "profile updated", past: past[Customer](registered), wish: UpdateCustomerProfile{changed}, then: []e{CustomerProfileUpdated{changed}},
			state: func(s Customer) bool { return s.ARR.Amount == 13_000_000 && s.ExternalID == "crm:1" }},
		{name: "profile as it is", past: past[Customer](registered), wish: UpdateCustomerProfile{profile}},
		{name: "revenue no longer known", past: past[Customer](registered), wish: UpdateCustomerProfile{with(func(p *Profile) { p.ARR = nil })},
			then: []e{CustomerProfileUpdated{with(func(p *Profile) { p.ARR = nil })}}},
		{name: "profile without a name", past: past[Customer](registered), wish: UpdateCustomerProfile{}, not: invalid("name")},

		{name: "contact added", past: past[Customer](registered), wish: AddContact{ann}, then: []e{ContactAdded{ann}}},
		{name: "contact added twice", past: past[Customer](registered, ContactAdded{ann}), wish: AddContact{ann}},
		{name: "contact without an id", past: past[Customer](registered), wish: AddContact{}, not: invalid("person")},
		{name: "contact removed", past: past[Customer](registered, ContactAdded{ann}, ContactAdded{bob}), wish: RemoveContact{ann}, then: []e{ContactRemoved{ann}},
			state: func(s Customer) bool { return cmp.Equal(s.Contacts, []es.PersonID{bob}) }},
		{name: "contact removed who is none", past: past[Customer](registered), wish: RemoveContact{ann}},

		{name: "churned", past: past[Customer](registered), wish: ChurnCustomer{"too dear"}, then: []e{CustomerChurned{"too dear"}}, state: in(Churned)},
		{name: "churned again", past: past[Customer](registered, CustomerChurned{}), wish: ChurnCustomer{}},
		{name: "churned with too much to say", past: past[Customer](registered), wish: ChurnCustomer{long(maxText + 1)}, not: invalid("reason")},
		{name: "returned", past: past[Customer](registered, CustomerChurned{}), wish: ReturnCustomer{}, then: []e{CustomerReturned{}}, state: in(Active)},
		{name: "returned who never left", past: past[Customer](registered), wish: ReturnCustomer{}},

		{name: "merged", past: past[Customer](registered), wish: MergeCustomer{globex, free}, then: []e{into}, state: in(Merged)},
		{name: "merged into the same again", past: past[Customer](registered, into), wish: MergeCustomer{globex, free}},
		{name: "merged into another as well", past: past[Customer](registered, into), wish: MergeCustomer{acme, free}, not: ErrCustomerMerged},
		{name: "merged into itself", past: past[Customer](registered), wish: MergeCustomer{acme, free}, not: ErrMergeSelf},
		{name: "merged into nothing", past: past[Customer](registered), wish: MergeCustomer{"", free}, not: invalid("into")},
		{name: "merged into one that is not there", past: past[Customer](registered), wish: MergeCustomer{globex, MergeFacts{}}, not: invalid("into")},
		{name: "merged into a merged one", past: past[Customer](registered), wish: MergeCustomer{globex, MergeFacts{Target: MergeSide{Exists: true, Merged: true}}}, not: ErrMergeTarget},
		{name: "merged into an erased one", past: past[Customer](registered), wish: MergeCustomer{globex, MergeFacts{Target: MergeSide{Exists: true, Erased: true}}}, not: ErrMergeTargetErased},
		{name: "merged though others are merged into it", past: past[Customer](registered), wish: MergeCustomer{globex, MergeFacts{Target: MergeSide{Exists: true}, Absorbed: true}}, not: ErrMergeAbsorbed},
		{name: "unmerged", past: past[Customer](registered, CustomerChurned{}, into), wish: UnmergeCustomer{}, then: []e{CustomerUnmerged{globex}}, state: in(Churned)},
		{name: "unmerged without a merge", past: past[Customer](registered), wish: UnmergeCustomer{}},
		{name: "unmerged after erasure", past: past[Customer](registered, into, CustomerErased{}), wish: UnmergeCustomer{}, not: ErrCustomerErased},

		{name: "erased", past: past[Customer](registered, ContactAdded{ann}), wish: EraseCustomer{}, then: []e{CustomerErased{}},
			state: func(s Customer) bool { return cmp.Equal(s, Customer{State: Erased, Key: "X-1"}) }},
		{name: "erased again", past: past[Customer](registered, CustomerErased{}), wish: EraseCustomer{}},
		{name: "erased while merged", past: past[Customer](registered, into), wish: EraseCustomer{}, then: []e{CustomerErased{}}},
	})

	writes := map[string]es.Command[Customer]{
		"profile": UpdateCustomerProfile{changed}, "contact": AddContact{ann}, "contact removed": RemoveContact{ann},
		"churn": ChurnCustomer{}, "return": ReturnCustomer{}, "merge": MergeCustomer{globex, free},
	}
	for name, wish := range writes {
		t.Run("write after erase: "+name, func(t *testing.T) {
			estest.Given(CustomerSchema, registered, CustomerErased{}).When(wish).Refuses(t, ErrCustomerErased)
		})
		if name == "merge" {
			continue
		}
		t.Run("write after merge: "+name, func(t *testing.T) {
			estest.Given(CustomerSchema, registered, into).When(wish).Refuses(t, ErrCustomerMerged)
		})
	}
}

func TestUnmergeGivesACustomerBackAsItWas(t *testing.T) {
	before := estest.Given(CustomerSchema, es.Event[Customer](CustomerRegistered{"CU-1", "x", Profile{Name: "Acme"}}), ContactAdded{ann}, CustomerChurned{})
	after := estest.Given(CustomerSchema, es.Event[Customer](CustomerRegistered{"CU-1", "x", Profile{Name: "Acme"}}), ContactAdded{ann}, CustomerChurned{},
		CustomerMerged{globex}, CustomerUnmerged{globex})
	if diff := cmp.Diff(before.State(t), after.State(t)); diff != "" {
		t.Error(diff)
	}
}
