package strategy

import (
	"slices"
	"strings"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// ValueStreams are the development value streams of a portfolio: what its
// budgets fund (domain.md §2.5).
var ValueStreams = &es.Aggregate[ValueStream]{Context: "strategy", Name: "value-stream", Plural: "value-streams", Schema: ValueStreamSchema}

// ValueStreamID names a value stream.
type ValueStreamID = es.ID[ValueStream]

// ART is an Agile Release Train; the backlog context knows what it is.
type ART struct{}

// ARTID names an Agile Release Train.
type ARTID = es.ID[ART]

// ValueStreamSchema holds the stored names. Never change a stored name; add one.
var ValueStreamSchema = es.NewSchema(
	es.On[ValueStreamRegistered]("strategy.value-stream.registered.v1"),
	es.On[ValueStreamRevised]("strategy.value-stream.revised.v1"),
	es.On[ArtAttached]("strategy.value-stream.art-attached.v1"),
	es.On[ArtDetached]("strategy.value-stream.art-detached.v1"),
	es.On[CapacityAllocationSet]("strategy.value-stream.capacity-allocation-set.v1"),
	es.On[ValueStreamRetirement]("strategy.value-stream.retired.v1"),
)

// ValueStreamRegistered says that the portfolio has a new value stream.
type ValueStreamRegistered struct {
	ID          ValueStreamID `json:"id"`
	Portfolio   PortfolioID   `json:"portfolio"`
	Name        string        `json:"name"`
	Description string        `json:"description,omitempty"`
}

func (e ValueStreamRegistered) Evolve(s ValueStream) ValueStream {
	s.ID, s.State, s.Portfolio, s.Name, s.Description = e.ID, ValueStreamActive, e.Portfolio, e.Name, e.Description
	return s
}

// ValueStreamRevised says what the value stream is called and is about from now on.
type ValueStreamRevised struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

func (e ValueStreamRevised) Evolve(s ValueStream) ValueStream {
	s.Name, s.Description = e.Name, e.Description
	return s
}

// ArtAttached says that an ART works for the value stream.
type ArtAttached struct {
	ART ARTID `json:"art"`
}

func (e ArtAttached) Evolve(s ValueStream) ValueStream { s.ARTs = es.Added(s.ARTs, e.ART); return s }

// ArtDetached says that an ART no longer works for the value stream.
type ArtDetached struct {
	ART ARTID `json:"art"`
}

func (e ArtDetached) Evolve(s ValueStream) ValueStream { s.ARTs = without(s.ARTs, e.ART); return s }

// CapacityAllocationSet says how each planning interval's capacity is split.
type CapacityAllocationSet struct{ Allocation }

func (e CapacityAllocationSet) Evolve(s ValueStream) ValueStream {
	s.Allocation = &e.Allocation
	return s
}

// ValueStreamRetirement ends the value stream.
type ValueStreamRetirement struct {
	Reason string `json:"reason"`
}

func (ValueStreamRetirement) Evolve(s ValueStream) ValueStream {
	s.State = ValueStreamRetired
	return s
}

// ValueStreamState is active or retired.
type ValueStreamState string

const (
	ValueStreamActive  ValueStreamState = "active"
	ValueStreamRetired ValueStreamState = "retired"
)

// Allocation is the share of capacity per planning interval that each kind of
// work gets, in percent; together 100.
type Allocation struct {
	Features    int `json:"features" minimum:"0" maximum:"100" doc:"New features, in percent."`
	Enablers    int `json:"enablers" minimum:"0" maximum:"100" doc:"Enablers, in percent."`
	Maintenance int `json:"maintenance" minimum:"0" maximum:"100" doc:"Technical debt and maintenance, in percent."`
}

// ValueStream is one as it is now.
type ValueStream struct {
	ID          ValueStreamID    `json:"id"`
	State       ValueStreamState `json:"state"`
	Portfolio   PortfolioID      `json:"portfolio"`
	Name        string           `json:"name"`
	Description string           `json:"description,omitempty"`
	ARTs        []ARTID          `json:"arts,omitempty"`
	Allocation  *Allocation      `json:"allocation,omitempty"`
}

// Scope is where decisions on the value stream apply.
func (s ValueStream) Scope() rights.Scope {
	return rights.Scope{Portfolio: s.Portfolio.String(), ValueStream: s.ID.String()}
}

func (s ValueStream) open() error {
	if s.State == ValueStreamRetired {
		return ErrValueStreamRetired.With("%s", s.Name)
	}
	return nil
}

var (
	ErrValueStreamExists  = fail.Refused("value-stream-exists", "this value stream is registered already; revise it instead")
	ErrValueStreamRetired = fail.Refused("value-stream-retired", "the value stream is retired; use an active one")
	ErrValueStreamFunded  = fail.Refused("value-stream-funded", "the value stream has an active budget; close it first")
	ErrValueStreamInUse   = fail.Refused("value-stream-in-use", "the value stream has open epics; finish them or move them to another first")
)

// RegisterValueStream adds a value stream to a portfolio.
type RegisterValueStream struct {
	Portfolio   PortfolioID   `json:"portfolio"`
	Name        string        `json:"name" minLength:"1" maxLength:"300"`
	Description string        `json:"description,omitempty" maxLength:"65536"`
	ID          ValueStreamID `json:"-"` // its own, from the registration
	In          Portfolio     `json:"-"` // the portfolio named
}

// Scope is where the new value stream will lie.
func (c RegisterValueStream) Scope() rights.Scope {
	return rights.Scope{Portfolio: c.Portfolio.String()}
}

func (c RegisterValueStream) Decide(s ValueStream, _ es.Meta) ([]es.Event[ValueStream], error) {
	name, err := ReviseValueStream{c.Name, c.Description}.named()
	if err != nil {
		return nil, err
	}
	if s.State != "" {
		if s.Name == name && s.Portfolio == c.Portfolio {
			return nil, nil
		}
		return nil, ErrValueStreamExists
	}
	if err := c.In.holds("portfolio"); err != nil {
		return nil, err
	}
	return es.Happened(ValueStreamRegistered{c.ID, c.Portfolio, name, c.Description})
}

// ReviseValueStream says anew what the value stream is called and is about.
type ReviseValueStream struct {
	Name        string `json:"name" minLength:"1" maxLength:"300"`
	Description string `json:"description,omitempty" maxLength:"65536"`
}

func (c ReviseValueStream) Decide(s ValueStream, _ es.Meta) ([]es.Event[ValueStream], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	name, err := c.named()
	if err != nil || name == s.Name && c.Description == s.Description {
		return nil, err
	}
	return es.Happened(ValueStreamRevised{name, c.Description})
}

func (c ReviseValueStream) named() (string, error) {
	if err := titled("name", c.Name); err != nil {
		return "", err
	}
	return strings.TrimSpace(c.Name), written("description", c.Description, maxText)
}

// AttachArt says that an ART works for the value stream.
type AttachArt struct {
	ART ARTID `json:"art"`
}

func (c AttachArt) Decide(s ValueStream, _ es.Meta) ([]es.Event[ValueStream], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if c.ART == "" {
		return nil, fail.Invalid("art", "name the ART by its id")
	}
	if slices.Contains(s.ARTs, c.ART) {
		return nil, nil
	}
	return es.Happened(ArtAttached{c.ART})
}

// DetachArt says that an ART no longer works for the value stream.
type DetachArt struct {
	ART ARTID `json:"art"`
}

func (c DetachArt) Decide(s ValueStream, _ es.Meta) ([]es.Event[ValueStream], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if !slices.Contains(s.ARTs, c.ART) {
		return nil, nil
	}
	return es.Happened(ArtDetached{c.ART})
}

// SetCapacityAllocation splits the capacity of each planning interval.
type SetCapacityAllocation struct{ Allocation }

func (c SetCapacityAllocation) Decide(s ValueStream, _ es.Meta) ([]es.Event[ValueStream], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if c.Features < 0 || c.Enablers < 0 || c.Maintenance < 0 {
		return nil, fail.Invalid("", "a share is 0 to 100 percent")
	}
	if sum := c.Features + c.Enablers + c.Maintenance; sum != 100 {
		return nil, fail.Invalid("", "features, enablers and maintenance together make 100 percent, not %d", sum)
	}
	if s.Allocation != nil && *s.Allocation == c.Allocation {
		return nil, nil
	}
	return es.Happened(CapacityAllocationSet{c.Allocation})
}

// RetireValueStream ends a value stream that nothing flows through any more.
type RetireValueStream struct {
	Reason    string `json:"reason" minLength:"1" maxLength:"65536"`
	Funded    bool   `json:"-"` // it has an active budget
	OpenEpics int    `json:"-"` // that belong to it
}

func (c RetireValueStream) Decide(s ValueStream, _ es.Meta) ([]es.Event[ValueStream], error) {
	if s.State == ValueStreamRetired {
		return nil, nil
	}
	if err := because(c.Reason); err != nil {
		return nil, err
	}
	switch {
	case c.Funded:
		return nil, ErrValueStreamFunded
	case c.OpenEpics > 0:
		return nil, ErrValueStreamInUse.With("%d", c.OpenEpics)
	}
	return es.Happened(ValueStreamRetirement{c.Reason})
}
