package feedback

import (
	"slices"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// Customers: organisations that use, buy or might buy the products.
var Customers = &es.Aggregate[Customer]{Context: "feedback", Name: "customer", Plural: "customers", Schema: CustomerSchema}

// CustomerID names a customer.
type CustomerID = es.ID[Customer]

// CustomerSchema holds the stored names. Never change a stored name; add one.
var CustomerSchema = es.NewSchema(
	es.On[CustomerRegistered]("feedback.customer.registered.v1"),
	es.On[CustomerProfileUpdated]("feedback.customer.profile-updated.v1"),
	es.On[ContactAdded]("feedback.customer.contact-added.v1"),
	es.On[ContactRemoved]("feedback.customer.contact-removed.v1"),
	es.On[CustomerChurned]("feedback.customer.churned.v1"),
	es.On[CustomerReturned]("feedback.customer.returned.v1"),
	es.On[CustomerMerged]("feedback.customer.merged.v1"),
	es.On[CustomerUnmerged]("feedback.customer.unmerged.v1"),
	es.On[CustomerErased]("feedback.customer.erased.v1"),
)

// Profile is what is known about a customer as an organisation.
type Profile struct {
	Name     string      `json:"name" minLength:"1" maxLength:"300" doc:"The company's name; never a person's."`
	ARR      *Money      `json:"arr,omitempty" doc:"Annual recurring revenue; left out when it is not known."`
	Tier     string      `json:"tier,omitempty" maxLength:"100" example:"enterprise"`
	Segments []string    `json:"segments,omitempty" maxItems:"50" doc:"Names of the segments that the customer belongs to."`
	Owner    es.PersonID `json:"owner,omitempty" doc:"The person on our side who looks after the customer."`
}

func (p Profile) check() error {
	return first(written("name", p.Name, maxTitle), impersonal("name", p.Name), p.ARR.check("arr"),
		within("tier", p.Tier, maxName), impersonal("tier", p.Tier), labels("segments", p.Segments))
}

func (p Profile) same(q Profile) bool {
	arr := p.ARR == nil && q.ARR == nil || p.ARR != nil && q.ARR != nil && *p.ARR == *q.ARR
	return arr && p.Name == q.Name && p.Tier == q.Tier && p.Owner == q.Owner && slices.Equal(p.Segments, q.Segments)
}

// CustomerRegistered says that there is a new customer.
type CustomerRegistered struct {
	Key        string `json:"key"`
	ExternalID string `json:"externalId,omitempty"`
	Profile
}

func (e CustomerRegistered) Evolve(s Customer) Customer {
	s.State, s.Key, s.ExternalID, s.Profile = Active, e.Key, e.ExternalID, e.Profile
	return s
}

// CustomerProfileUpdated carries the whole profile as it is from now on.
type CustomerProfileUpdated struct{ Profile }

func (e CustomerProfileUpdated) Evolve(s Customer) Customer { s.Profile = e.Profile; return s }

// ContactAdded says that a person speaks for the customer.
type ContactAdded struct {
	Person es.PersonID `json:"person"`
}

func (e ContactAdded) Evolve(s Customer) Customer {
	s.Contacts = es.Added(s.Contacts, e.Person)
	return s
}

// ContactRemoved says that a person no longer speaks for the customer.
type ContactRemoved struct {
	Person es.PersonID `json:"person"`
}

func (e ContactRemoved) Evolve(s Customer) Customer {
	s.Contacts = slices.DeleteFunc(slices.Clone(s.Contacts), func(p es.PersonID) bool { return p == e.Person })
	return s
}

// CustomerChurned says that the customer left.
type CustomerChurned struct {
	Reason string `json:"reason,omitempty"`
}

func (e CustomerChurned) Evolve(s Customer) Customer { s.State = Churned; return s }

// CustomerReturned says that a customer who had left came back.
type CustomerReturned struct{}

func (CustomerReturned) Evolve(s Customer) Customer { s.State = Active; return s }

// CustomerMerged says that the customer is the same one as another.
type CustomerMerged struct {
	Into CustomerID `json:"into"`
}

func (e CustomerMerged) Evolve(s Customer) Customer {
	s.Before, s.State, s.MergedInto = s.State, Merged, e.Into
	return s
}

// CustomerUnmerged takes a merge back.
type CustomerUnmerged struct {
	From CustomerID `json:"from"`
}

func (e CustomerUnmerged) Evolve(s Customer) Customer {
	s.State, s.Before, s.MergedInto = s.Before, "", ""
	return s
}

// CustomerErased says that the customer is not to be known any more.
type CustomerErased struct{}

func (CustomerErased) Evolve(s Customer) Customer {
	return Customer{State: Erased, Key: s.Key}
}

// Customer is an organisation that asks for something.
type Customer struct {
	State      State  `json:"state"`
	Key        string `json:"key,omitempty"`
	ExternalID string `json:"externalId,omitempty"` // in the system that it came from
	Profile
	Contacts   []es.PersonID `json:"contacts,omitempty"`
	Before     State         `json:"before,omitempty"` // the state that an unmerge gives back
	MergedInto CustomerID    `json:"mergedInto,omitempty"`
}

// Refusals of a customer.
var (
	ErrCustomerExists = fail.Refused("customer-exists", "a customer with this external id is registered already; update its profile instead")
	ErrCustomerErased = fail.Refused("customer-erased", "this customer has been erased and takes nothing more; register a new one")
	ErrCustomerMerged = fail.Refused("customer-merged", "this customer is merged into another one; use that one, or unmerge first")
)

// writable refuses a change of a customer that no longer stands for itself.
func (s Customer) writable() error {
	switch s.State {
	case Erased:
		return ErrCustomerErased
	case Merged:
		return ErrCustomerMerged.With("it is %s now", s.MergedInto)
	}
	return nil
}

// RegisterCustomer makes a customer known. The same external id always means
// the same customer.
type RegisterCustomer struct {
	ExternalID string `json:"externalId,omitempty" maxLength:"200" example:"crm:4711" doc:"The customer's key in the system that it comes from; not an e-mail address."`
	Profile
}

func (c RegisterCustomer) Decide(s Customer, m es.Meta) ([]es.Event[Customer], error) {
	err := first(within("externalId", c.ExternalID, maxExternal), impersonal("externalId", c.ExternalID), c.Profile.check())
	switch {
	case err != nil:
		return nil, err
	case s.State == "":
		return es.Happened(CustomerRegistered{m.Key, c.ExternalID, c.Profile})
	}
	if err := s.writable(); err != nil {
		return nil, err
	}
	if s.Profile.same(c.Profile) {
		return nil, nil
	}
	return nil, ErrCustomerExists
}

// UpdateCustomerProfile replaces the whole profile.
type UpdateCustomerProfile struct{ Profile }

func (c UpdateCustomerProfile) Decide(s Customer, _ es.Meta) ([]es.Event[Customer], error) {
	if err := first(s.writable(), c.Profile.check()); err != nil {
		return nil, err
	}
	if s.Profile.same(c.Profile) {
		return nil, nil
	}
	return es.Happened(CustomerProfileUpdated{c.Profile})
}

// AddContact names a person who speaks for the customer.
type AddContact struct {
	Person es.PersonID `json:"person" doc:"What is known about the person is kept elsewhere, where it can be erased."`
}

func (c AddContact) Decide(s Customer, _ es.Meta) ([]es.Event[Customer], error) {
	switch err := s.writable(); {
	case err != nil:
		return nil, err
	case c.Person == "":
		return nil, fail.Invalid("person", "name the contact by their person id")
	case slices.Contains(s.Contacts, c.Person):
		return nil, nil
	}
	return es.Happened(ContactAdded{c.Person})
}

// RemoveContact says that a person no longer speaks for the customer.
type RemoveContact struct {
	Person es.PersonID `json:"person"`
}

func (c RemoveContact) Decide(s Customer, _ es.Meta) ([]es.Event[Customer], error) {
	if err := s.writable(); err != nil {
		return nil, err
	}
	if !slices.Contains(s.Contacts, c.Person) {
		return nil, nil
	}
	return es.Happened(ContactRemoved{c.Person})
}

// ChurnCustomer records that the customer left.
type ChurnCustomer struct {
	Reason string `json:"reason,omitempty" maxLength:"65536"`
}

func (c ChurnCustomer) Decide(s Customer, _ es.Meta) ([]es.Event[Customer], error) {
	if err := first(s.writable(), within("reason", c.Reason, maxText)); err != nil {
		return nil, err
	}
	if s.State == Churned {
		return nil, nil
	}
	return es.Happened(CustomerChurned{c.Reason})
}

// ReturnCustomer records that a customer who had left came back.
type ReturnCustomer struct{}

func (c ReturnCustomer) Decide(s Customer, _ es.Meta) ([]es.Event[Customer], error) {
	if err := s.writable(); err != nil {
		return nil, err
	}
	if s.State == Active {
		return nil, nil
	}
	return es.Happened(CustomerReturned{})
}

// MergeCustomer says that the customer is the same one as another.
type MergeCustomer struct {
	Into  CustomerID `json:"into" doc:"The customer that stays."`
	Facts MergeFacts `json:"-"`
}

func (c MergeCustomer) Decide(s Customer, _ es.Meta) ([]es.Event[Customer], error) {
	if s.State == Merged && s.MergedInto == c.Into {
		return nil, nil
	}
	if err := first(s.writable(), c.Facts.check(c.Into.String(), "")); err != nil {
		return nil, err
	}
	return es.Happened(CustomerMerged{c.Into})
}

// UnmergeCustomer takes a merge back; nothing is lost.
type UnmergeCustomer struct{}

func (c UnmergeCustomer) Decide(s Customer, _ es.Meta) ([]es.Event[Customer], error) {
	switch s.State {
	case Merged:
		return es.Happened(CustomerUnmerged{s.MergedInto})
	case Erased:
		return nil, ErrCustomerErased
	}
	return nil, nil
}

// EraseCustomer forgets the customer for good.
type EraseCustomer struct{}

func (c EraseCustomer) Decide(s Customer, _ es.Meta) ([]es.Event[Customer], error) {
	if s.State == Erased {
		return nil, nil
	}
	return es.Happened(CustomerErased{})
}
