package strategy

import (
	"slices"
	"strings"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Products have exactly one accountable person each and a stage in their life.
var Products = &es.Aggregate[Product]{Context: "strategy", Name: "product", Plural: "products", Schema: ProductSchema}

// ProductID names a product.
type ProductID = es.ID[Product]

// ProductSchema holds the stored names. Never change a stored name; add one.
var ProductSchema = es.NewSchema(
	es.On[ProductRegistered]("strategy.product.registered.v1"),
	es.On[ProductRevised]("strategy.product.revised.v1"),
	es.On[AccountableAssigned]("strategy.product.accountable-assigned.v1"),
	es.On[StageChanged]("strategy.product.stage-changed.v1"),
	es.On[ProductParentSet]("strategy.product.parent-set.v1"),
	es.On[ProductSunset]("strategy.product.sunset.v1"),
)

// ProductRegistered says that there is a new product and who answers for it.
type ProductRegistered struct {
	ID          ProductID   `json:"id"`
	Key         string      `json:"key"`
	Name        string      `json:"name"`
	Description string      `json:"description,omitempty"`
	Portfolio   PortfolioID `json:"portfolio,omitempty"`
	Accountable es.PersonID `json:"accountable"`
	Stage       Stage       `json:"stage"`
	Parent      ProductID   `json:"parent,omitempty"`
	At          time.Time   `json:"at"`
}

func (e ProductRegistered) Evolve(s Product) Product {
	s.ID, s.Key, s.Name, s.Description, s.Portfolio = e.ID, e.Key, e.Name, e.Description, e.Portfolio
	s.Accountable, s.Stage, s.Parent = e.Accountable, e.Stage, e.Parent
	s.History = []StageSince{{e.Stage, e.At, ""}}
	return s
}

// ProductRevised says what the product is called and is about from now on.
type ProductRevised struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

func (e ProductRevised) Evolve(s Product) Product {
	s.Name, s.Description = e.Name, e.Description
	return s
}

// AccountableAssigned hands the product over to another person.
type AccountableAssigned struct {
	Person    es.PersonID `json:"person"`
	InsteadOf es.PersonID `json:"insteadOf"`
}

func (e AccountableAssigned) Evolve(s Product) Product { s.Accountable = e.Person; return s }

// StageChanged says that the product entered another stage of its life.
type StageChanged struct {
	From   Stage     `json:"from"`
	To     Stage     `json:"to"`
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
}

func (e StageChanged) Evolve(s Product) Product {
	s.Stage, s.History = e.To, es.Added(s.History, StageSince{e.To, e.At, e.Reason})
	return s
}

// ProductParentSet says which product this one is part of; empty: none.
type ProductParentSet struct {
	Parent ProductID `json:"parent,omitempty"`
}

func (e ProductParentSet) Evolve(s Product) Product { s.Parent = e.Parent; return s }

// ProductSunset says that the product is being taken from its users.
type ProductSunset struct {
	From    Stage     `json:"from"`
	Reason  string    `json:"reason"`
	LastDay Day       `json:"lastDay,omitempty"`
	At      time.Time `json:"at"`
}

func (e ProductSunset) Evolve(s Product) Product {
	s.Stage, s.LastDay = Sunset, e.LastDay
	s.History = es.Added(s.History, StageSince{Sunset, e.At, e.Reason})
	return s
}

// Stage is one of a product's life cycle.
type Stage string

const (
	Inception   Stage = "inception"
	Development Stage = "development"
	Launch      Stage = "launch"
	Growth      Stage = "growth"
	Maturity    Stage = "maturity"
	Sunset      Stage = "sunset"
)

// Stages are a product's life cycle, in order.
var Stages = []Stage{Inception, Development, Launch, Growth, Maturity, Sunset}

// StageSince says when and why a product entered a stage.
type StageSince struct {
	Stage  Stage     `json:"stage"`
	Since  time.Time `json:"since"`
	Reason string    `json:"reason,omitempty"`
}

// Product is one as it is now.
type Product struct {
	ID          ProductID    `json:"id"`
	Key         string       `json:"key"`
	Name        string       `json:"name"`
	Description string       `json:"description,omitempty"`
	Portfolio   PortfolioID  `json:"portfolio,omitempty"`
	Accountable es.PersonID  `json:"accountable"`
	Stage       Stage        `json:"stage"`
	History     []StageSince `json:"history"`
	Parent      ProductID    `json:"parent,omitempty"`
	LastDay     Day          `json:"lastDay,omitempty"`
}

// Scope is where decisions on the product apply.
func (s Product) Scope() rights.Scope {
	return rights.Scope{Product: s.ID.String(), Portfolio: s.Portfolio.String()}
}

var (
	ErrProductExists  = fail.Refused("product-exists", "this product is registered already; revise it instead")
	ErrNoAccountable  = fail.Refused("product-without-accountable", "exactly one person is accountable for a product; name them")
	ErrTwoAccountable = fail.Refused("product-two-accountables", "somebody is accountable already; name them in insteadOf to hand the product over")
	ErrProductCycle   = fail.Refused("product-cycle", "a product cannot be part of itself; choose a parent outside of what belongs to it")
	ErrProductSunset  = fail.Refused("product-sunset", "the product is in sunset; change its stage first, with a reason")
)

// ProductParent is what a product needs to know of the one it becomes part of.
type ProductParent struct {
	Exists bool
	Sunset bool
	Cycle  bool // the parent is part of this product, or is it
}

func (f ProductParent) check(id ProductID) error {
	switch {
	case !f.Exists:
		return fail.Invalid("parent", "there is no product %s", id)
	case f.Cycle:
		return ErrProductCycle
	case f.Sunset:
		return ErrProductSunset
	}
	return nil
}

// RegisterProduct adds a product. Who registers it is accountable for it
// unless somebody else is named.
type RegisterProduct struct {
	Name        string        `json:"name" minLength:"1" maxLength:"300"`
	Description string        `json:"description,omitempty" maxLength:"65536"`
	Portfolio   PortfolioID   `json:"portfolio,omitempty"`
	Accountable es.PersonID   `json:"accountable,omitempty" doc:"The one person who answers for it; who registers it when left out."`
	Stage       Stage         `json:"stage,omitempty" enum:"inception,development,launch,growth,maturity,sunset" doc:"inception when left out."`
	Parent      ProductID     `json:"parent,omitempty" doc:"The product that this one is part of."`
	ID          ProductID     `json:"-"` // its own, from the registration
	In          Portfolio     `json:"-"` // the portfolio named
	Above       ProductParent `json:"-"`
}

// Scope is where the new product will lie.
func (c RegisterProduct) Scope() rights.Scope {
	return rights.Scope{Product: c.Parent.String(), Portfolio: c.Portfolio.String()}
}

func (c RegisterProduct) Decide(s Product, m es.Meta) ([]es.Event[Product], error) {
	name, err := ReviseProduct{c.Name, c.Description}.named()
	if err != nil {
		return nil, err
	}
	if s.Stage != "" {
		if s.Name == name && s.Portfolio == c.Portfolio {
			return nil, nil
		}
		return nil, ErrProductExists
	}
	if c.Accountable == "" {
		c.Accountable = m.Actor
	}
	if c.Accountable == "" {
		return nil, ErrNoAccountable
	}
	if c.Stage == "" {
		c.Stage = Inception
	}
	if err := oneOf("stage", c.Stage, Stages...); err != nil {
		return nil, err
	}
	if c.Portfolio != "" {
		if c.In.State == "" {
			return nil, fail.Invalid("portfolio", "there is no such portfolio")
		}
		if err := c.In.open(); err != nil {
			return nil, err
		}
	}
	if c.Parent != "" {
		if err := c.Above.check(c.Parent); err != nil {
			return nil, err
		}
	}
	return es.Happened(ProductRegistered{c.ID, m.Key, name, c.Description, c.Portfolio, c.Accountable, c.Stage, c.Parent, m.When().UTC()})
}

// ReviseProduct says anew what the product is called and is about.
type ReviseProduct struct {
	Name        string `json:"name" minLength:"1" maxLength:"300"`
	Description string `json:"description,omitempty" maxLength:"65536"`
}

func (c ReviseProduct) Decide(s Product, _ es.Meta) ([]es.Event[Product], error) {
	name, err := c.named()
	if err != nil || name == s.Name && c.Description == s.Description {
		return nil, err
	}
	return es.Happened(ProductRevised{name, c.Description})
}

func (c ReviseProduct) named() (string, error) {
	if err := titled("name", c.Name); err != nil {
		return "", err
	}
	return strings.TrimSpace(c.Name), written("description", c.Description, maxText)
}

// AssignAccountable hands the product over to another person.
type AssignAccountable struct {
	Person    es.PersonID `json:"person"`
	InsteadOf es.PersonID `json:"insteadOf,omitempty" doc:"Who is accountable now; they are not any more."`
}

func (c AssignAccountable) Decide(s Product, _ es.Meta) ([]es.Event[Product], error) {
	switch {
	case c.Person == "":
		return nil, ErrNoAccountable
	case c.Person == s.Accountable:
		return nil, nil
	case c.InsteadOf != s.Accountable:
		return nil, ErrTwoAccountable.With("%s", s.Accountable)
	}
	return es.Happened(AccountableAssigned{c.Person, c.InsteadOf})
}

// ChangeStage takes the product to another stage of its life: the next one, or
// any other with a reason.
type ChangeStage struct {
	To     Stage  `json:"to" enum:"inception,development,launch,growth,maturity" doc:"sunset has its own command."`
	Reason string `json:"reason,omitempty" maxLength:"65536" doc:"Needed unless it is the next stage."`
}

func (c ChangeStage) Decide(s Product, m es.Meta) ([]es.Event[Product], error) {
	if c.To == s.Stage {
		return nil, nil
	}
	if err := oneOf("to", c.To, Stages[:len(Stages)-1]...); err != nil {
		return nil, err
	}
	if slices.Index(Stages, c.To) != slices.Index(Stages, s.Stage)+1 {
		if err := because(c.Reason); err != nil {
			return nil, err
		}
	}
	if err := written("reason", c.Reason, maxText); err != nil {
		return nil, err
	}
	return es.Happened(StageChanged{s.Stage, c.To, c.Reason, m.When().UTC()})
}

// SetProductParent makes the product part of another one, or of none.
type SetProductParent struct {
	Parent ProductID     `json:"parent,omitempty" doc:"Empty: part of none."`
	Above  ProductParent `json:"-"`
}

func (c SetProductParent) Decide(s Product, _ es.Meta) ([]es.Event[Product], error) {
	if c.Parent == s.Parent {
		return nil, nil
	}
	if c.Parent != "" {
		if err := c.Above.check(c.Parent); err != nil {
			return nil, err
		}
	}
	return es.Happened(ProductParentSet{c.Parent})
}

// SunsetProduct begins to take the product from its users.
type SunsetProduct struct {
	Reason  string `json:"reason" minLength:"1" maxLength:"65536"`
	LastDay Day    `json:"lastDay,omitempty" format:"date" doc:"The last day that it can be used."`
}

func (c SunsetProduct) Decide(s Product, m es.Meta) ([]es.Event[Product], error) {
	if s.Stage == Sunset {
		return nil, nil
	}
	if err := because(c.Reason); err != nil {
		return nil, err
	}
	if c.LastDay != "" {
		if err := c.LastDay.check("lastDay"); err != nil {
			return nil, err
		}
	}
	return es.Happened(ProductSunset{s.Stage, c.Reason, c.LastDay, m.When().UTC()})
}
