package strategy

import (
	"maps"
	"slices"
	"strings"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Portfolios: a set of development value streams under one strategy.
var Portfolios = &es.Aggregate[Portfolio]{Context: "strategy", Name: "portfolio", Plural: "portfolios", Schema: PortfolioSchema}

// PortfolioID names a portfolio.
type PortfolioID = es.ID[Portfolio]

// PortfolioSchema holds the stored names. Never change a stored name; add one.
var PortfolioSchema = es.NewSchema(
	es.On[PortfolioDefined]("strategy.portfolio.defined.v1"),
	es.On[PortfolioRevised]("strategy.portfolio.revised.v1"),
	es.On[ConfigurationSelected]("strategy.portfolio.configuration-selected.v1"),
	es.On[KanbanPolicySet]("strategy.portfolio.kanban-policy-set.v1"),
	es.On[EpicThresholdSet]("strategy.portfolio.epic-threshold-set.v1"),
	es.On[HorizonTargetsSet]("strategy.portfolio.horizon-targets-set.v1"),
	es.On[PortfolioVisionUpdated]("strategy.portfolio.vision-updated.v1"),
	es.On[CanvasUpdated]("strategy.portfolio.canvas-updated.v1"),
	es.On[LevelUsed]("strategy.portfolio.level-used.v1"),
	es.On[PortfolioArchived]("strategy.portfolio.archived.v1"),
)

// PortfolioDefined says that there is a new portfolio.
type PortfolioDefined struct {
	ID            PortfolioID   `json:"id"`
	Name          string        `json:"name"`
	Description   string        `json:"description,omitempty"`
	Owner         es.PersonID   `json:"owner,omitempty"`
	Currency      string        `json:"currency,omitempty"`
	Configuration Configuration `json:"configuration"`
}

func (e PortfolioDefined) Evolve(s Portfolio) Portfolio {
	s.ID, s.State, s.Name, s.Description = e.ID, PortfolioActive, e.Name, e.Description
	s.Owner, s.Currency, s.Configuration = e.Owner, e.Currency, e.Configuration
	return s
}

// PortfolioRevised says how the portfolio is called and who owns it from now on.
type PortfolioRevised struct {
	Name        string      `json:"name"`
	Description string      `json:"description,omitempty"`
	Owner       es.PersonID `json:"owner,omitempty"`
	Currency    string      `json:"currency,omitempty"`
}

func (e PortfolioRevised) Evolve(s Portfolio) Portfolio {
	s.Name, s.Description, s.Owner, s.Currency = e.Name, e.Description, e.Owner, e.Currency
	return s
}

// ConfigurationSelected says which SAFe levels the portfolio works with.
type ConfigurationSelected struct {
	Configuration Configuration `json:"configuration"`
}

func (e ConfigurationSelected) Evolve(s Portfolio) Portfolio {
	s.Configuration = e.Configuration
	return s
}

// KanbanPolicySet carries the whole policy of the portfolio Kanban.
type KanbanPolicySet struct{ Kanban }

func (e KanbanPolicySet) Evolve(s Portfolio) Portfolio { s.Kanban = e.Kanban; return s }

// EpicThresholdSet says from where on an initiative is a portfolio epic.
type EpicThresholdSet struct{ Threshold }

func (e EpicThresholdSet) Evolve(s Portfolio) Portfolio { s.Threshold = &e.Threshold; return s }

// HorizonTargetsSet carries the target share of each investment horizon.
type HorizonTargetsSet struct {
	Targets []HorizonTarget `json:"targets"`
}

func (e HorizonTargetsSet) Evolve(s Portfolio) Portfolio { s.Horizons = e.Targets; return s }

// PortfolioVisionUpdated carries the portfolio's postcard from the future.
type PortfolioVisionUpdated struct {
	Vision string `json:"vision"`
}

func (e PortfolioVisionUpdated) Evolve(s Portfolio) Portfolio { s.Vision = e.Vision; return s }

// CanvasUpdated carries the whole portfolio canvas, as it is or as it shall be.
type CanvasUpdated struct {
	Which string `json:"which"`
	Cells Canvas `json:"cells"`
}

func (e CanvasUpdated) Evolve(s Portfolio) Portfolio {
	if e.Which == canvasFuture {
		s.Future = e.Cells
	} else {
		s.Current = e.Cells
	}
	return s
}

// LevelUsed says that another context has items of this level under the portfolio.
type LevelUsed struct {
	Level Level `json:"level"`
}

func (e LevelUsed) Evolve(s Portfolio) Portfolio {
	if !slices.Contains(s.Levels, e.Level) {
		s.Levels = es.Added(s.Levels, e.Level)
	}
	return s
}

// PortfolioArchived ends the portfolio.
type PortfolioArchived struct {
	Reason string `json:"reason"`
}

func (PortfolioArchived) Evolve(s Portfolio) Portfolio { s.State = PortfolioClosed; return s }

// PortfolioState is active or archived.
type PortfolioState string

const (
	PortfolioActive PortfolioState = "active"
	PortfolioClosed PortfolioState = "archived"
)

// Configuration is one of SAFe's four.
type Configuration string

const (
	Essential     Configuration = "essential"      // teams and ARTs
	LargeSolution Configuration = "large-solution" // Essential and solution trains
	WithPortfolio Configuration = "portfolio"      // Essential and Lean portfolio management
	Full          Configuration = "full"           // all of it
)

// Level is what a configuration may hide: the portfolio's epics and value
// streams, the solution's trains and capabilities.
type Level string

const (
	PortfolioLevel Level = "portfolio"
	SolutionLevel  Level = "solution"
)

// Has tells whether the configuration shows a level.
func (c Configuration) Has(l Level) bool {
	switch l {
	case PortfolioLevel:
		return c == WithPortfolio || c == Full
	case SolutionLevel:
		return c == LargeSolution || c == Full
	}
	return true
}

// Kanban is the policy of the portfolio Kanban. A state without a limit is
// not limited; a column without texts has those of DefaultColumns.
type Kanban struct {
	WIP     map[EpicState]int    `json:"wip,omitempty" doc:"Most epics per state; the funnel and done have no limit."`
	Columns map[EpicState]Column `json:"columns,omitempty" doc:"Labels and policies of columns; what is left out has SAFe's."`
}

// Column is how a state of the Kanban is labelled and when epics enter and leave it.
type Column struct {
	Label string `json:"label,omitempty" maxLength:"300"`
	Enter string `json:"enter,omitempty" maxLength:"65536"`
	Leave string `json:"leave,omitempty" maxLength:"65536"`
	Who   string `json:"who,omitempty" maxLength:"300"`
}

// DefaultColumns are the policies of SAFe's portfolio Kanban (domain.md §2.2).
var DefaultColumns = map[EpicState]Column{
	Funnel:    {"Funnel", "Anyone submits.", "Meets the decision criteria, or is rejected.", "Anyone; the VMO screens"},
	Reviewing: {"Reviewing", "A slot is free.", "Hypothesis statement, T-shirt cost, first WSJF and an Epic Owner.", "Epic Owner"},
	Analyzing: {"Analyzing", "A slot is free; highest WSJF first.", "Lean business case, MVP, cost estimates; Go or No-go.", "Epic Owner prepares, Portfolio Leadership decides"},
	Ready:     {"Ready", "Go is recorded.", "WSJF-ranked; pulled when an ART has capacity.", "Portfolio Leadership ranks"},
	MVP:       {"MVP", "At least one ART has capacity.", "The hypothesis is evaluated: persevere, pivot or stop.", "ARTs; the Epic Owner reports"},
	Persevere: {"Persevere", "The hypothesis is proven.", "Enough value, or no longer a concern of the portfolio.", "ARTs"},
	Done:      {"Done", "Disproven, rejected, stopped, or enough value delivered.", "Never.", "Portfolio Leadership"},
}

// Column returns a state's texts, the default where the policy has none.
func (k Kanban) Column(state EpicState) Column {
	c, d := k.Columns[state], DefaultColumns[state]
	or := func(s, d string) string {
		if blank(s) {
			return d
		}
		return s
	}
	return Column{or(c.Label, d.Label), or(c.Enter, d.Enter), or(c.Leave, d.Leave), or(c.Who, d.Who)}
}

// Threshold is from where on an initiative is a portfolio epic; below it the
// ART decides. Any one part that is exceeded suffices.
type Threshold struct {
	Cost      *Money `json:"cost,omitempty" doc:"Forecast cost above which it is a portfolio epic."`
	PIs       int    `json:"pis,omitempty" minimum:"0" doc:"Planning intervals above which it is a portfolio epic; 0: does not count."`
	Strategic string `json:"strategic,omitempty" maxLength:"65536" doc:"What makes an initiative strategic whatever it costs."`
}

// Exceeded tells whether an initiative of this cost and length is a portfolio epic.
func (t Threshold) Exceeded(cost Money, pis int, strategic bool) bool {
	return t.Cost != nil && cost.Currency == t.Cost.Currency && cost.Amount > t.Cost.Amount ||
		t.PIs > 0 && pis > t.PIs ||
		strategic && !blank(t.Strategic)
}

// HorizonTarget is the share of spending that a horizon shall get, in percent:
// h3 evaluating, h2 emerging, h1 current, h0 retiring.
type HorizonTarget struct {
	Horizon string `json:"horizon" enum:"h3,h2,h1,h0"`
	Min     int    `json:"min" minimum:"0" maximum:"100"`
	Max     int    `json:"max" minimum:"0" maximum:"100"`
}

// Canvas is a portfolio canvas: what is noted in each cell.
type Canvas map[string][]string

// CanvasCells are the cells of SAFe's portfolio canvas; others may be added.
var CanvasCells = []string{"value-streams", "solutions", "customer-segments", "channels", "customer-relationships",
	"budget", "kpis-revenue", "key-partners", "key-activities", "key-resources", "cost-structure", "revenue-streams"}

const (
	canvasCurrent = "current"
	canvasFuture  = "future"
)

// Portfolio is one as it is now.
type Portfolio struct {
	ID            PortfolioID     `json:"id"`
	State         PortfolioState  `json:"state"`
	Name          string          `json:"name"`
	Description   string          `json:"description,omitempty"`
	Owner         es.PersonID     `json:"owner,omitempty"`
	Currency      string          `json:"currency,omitempty"`
	Configuration Configuration   `json:"configuration"`
	Kanban        Kanban          `json:"kanban"`
	Threshold     *Threshold      `json:"threshold,omitempty"`
	Horizons      []HorizonTarget `json:"horizons,omitempty"`
	Vision        string          `json:"vision,omitempty"`
	Current       Canvas          `json:"currentCanvas,omitempty"`
	Future        Canvas          `json:"futureCanvas,omitempty"`
	Levels        []Level         `json:"levels,omitempty"` // used by other contexts
}

// Scope is where decisions on the portfolio apply.
func (s Portfolio) Scope() rights.Scope { return rights.Scope{Portfolio: s.ID.String()} }

func (s Portfolio) open() error {
	if s.State == PortfolioClosed {
		return ErrPortfolioArchived
	}
	return nil
}

// holds refuses what lives at the portfolio level where there is none, and in
// a portfolio that is not there or archived.
func (s Portfolio) holds(field string) error {
	switch {
	case s.State == "":
		return fail.Invalid(field, "there is no such portfolio")
	case s.State == PortfolioClosed:
		return ErrPortfolioArchived
	case !s.Configuration.Has(PortfolioLevel):
		return ErrNoPortfolioLevel
	}
	return nil
}

var (
	ErrPortfolioExists   = fail.Refused("portfolio-exists", "this portfolio is defined already; revise it instead")
	ErrPortfolioArchived = fail.Refused("portfolio-archived", "the portfolio is archived; use an active one")
	ErrPortfolioInUse    = fail.Refused("portfolio-in-use", "the portfolio still has open epics or value streams; finish and retire them first")
	ErrLevelInUse        = fail.Refused("level-in-use", "this configuration would hide a level that is in use; finish or move what is there first")
	ErrNoPortfolioLevel  = fail.Refused("no-portfolio-level", "this portfolio's configuration has no portfolio level; select portfolio or full first")
)

// PortfolioUse is what a portfolio's value streams and epics amount to.
type PortfolioUse struct {
	OpenEpics    int
	ValueStreams int // that are not retired
}

// DefinePortfolio makes a portfolio.
type DefinePortfolio struct {
	Name          string        `json:"name" minLength:"1" maxLength:"300"`
	Description   string        `json:"description,omitempty" maxLength:"65536"`
	Owner         es.PersonID   `json:"owner,omitempty"`
	Currency      string        `json:"currency,omitempty" maxLength:"3" example:"EUR" doc:"ISO 4217 code of its budgets."`
	Configuration Configuration `json:"configuration,omitempty" enum:"essential,large-solution,portfolio,full" doc:"SAFe configuration; portfolio when left out."`
	ID            PortfolioID   `json:"-"` // its own, from the registration
}

func (c DefinePortfolio) Decide(s Portfolio, _ es.Meta) ([]es.Event[Portfolio], error) {
	if c.Configuration == "" {
		c.Configuration = WithPortfolio
	}
	if err := configured(c.Configuration); err != nil {
		return nil, err
	}
	name, err := c.named()
	if err != nil {
		return nil, err
	}
	if s.State != "" {
		if s.Name == name && s.Configuration == c.Configuration {
			return nil, nil
		}
		return nil, ErrPortfolioExists
	}
	return es.Happened(PortfolioDefined{c.ID, name, c.Description, c.Owner, c.Currency, c.Configuration})
}

func (c DefinePortfolio) named() (string, error) {
	return RevisePortfolio{c.Name, c.Description, c.Owner, c.Currency}.named()
}

func configured(c Configuration) error {
	return oneOf("configuration", c, Essential, LargeSolution, WithPortfolio, Full)
}

// RevisePortfolio says anew what the portfolio is called, is about and who owns it.
type RevisePortfolio struct {
	Name        string      `json:"name" minLength:"1" maxLength:"300"`
	Description string      `json:"description,omitempty" maxLength:"65536"`
	Owner       es.PersonID `json:"owner,omitempty"`
	Currency    string      `json:"currency,omitempty" maxLength:"3" example:"EUR"`
}

func (c RevisePortfolio) Decide(s Portfolio, _ es.Meta) ([]es.Event[Portfolio], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	name, err := c.named()
	if err != nil {
		return nil, err
	}
	if name == s.Name && c.Description == s.Description && c.Owner == s.Owner && c.Currency == s.Currency {
		return nil, nil
	}
	return es.Happened(PortfolioRevised{name, c.Description, c.Owner, c.Currency})
}

func (c RevisePortfolio) named() (string, error) {
	if err := titled("name", c.Name); err != nil {
		return "", err
	}
	if c.Currency != "" {
		if err := currency("currency", c.Currency); err != nil {
			return "", err
		}
	}
	return strings.TrimSpace(c.Name), written("description", c.Description, maxText)
}

// SelectConfiguration chooses the SAFe levels to work with.
type SelectConfiguration struct {
	Configuration Configuration `json:"configuration" enum:"essential,large-solution,portfolio,full"`
	Use           PortfolioUse  `json:"-"`
}

func (c SelectConfiguration) Decide(s Portfolio, _ es.Meta) ([]es.Event[Portfolio], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if err := configured(c.Configuration); err != nil {
		return nil, err
	}
	if c.Configuration == s.Configuration {
		return nil, nil
	}
	if !c.Configuration.Has(PortfolioLevel) && (c.Use.OpenEpics > 0 || c.Use.ValueStreams > 0) {
		return nil, ErrLevelInUse.With("%d open epics and %d value streams", c.Use.OpenEpics, c.Use.ValueStreams)
	}
	if !c.Configuration.Has(SolutionLevel) && slices.Contains(s.Levels, SolutionLevel) {
		return nil, ErrLevelInUse.With("capabilities or solution trains")
	}
	return es.Happened(ConfigurationSelected{c.Configuration})
}

// SetKanbanPolicy sets the whole policy of the portfolio Kanban.
type SetKanbanPolicy struct{ Kanban }

func (c SetKanbanPolicy) Decide(s Portfolio, _ es.Meta) ([]es.Event[Portfolio], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	for _, state := range slices.Sorted(maps.Keys(c.WIP)) {
		field := "wip." + string(state)
		switch limit := c.WIP[state]; {
		case !slices.Contains(EpicStates, state):
			return nil, fail.Invalid(field, "the states of the portfolio Kanban are %v", EpicStates)
		case state == Funnel || state == Done:
			return nil, fail.Invalid(field, "the funnel and done are never limited")
		case limit < 1:
			return nil, fail.Invalid(field, "a limit is 1 or more; leave the state out to lift it")
		}
	}
	for _, state := range slices.Sorted(maps.Keys(c.Columns)) {
		if !slices.Contains(EpicStates, state) {
			return nil, fail.Invalid("columns."+string(state), "the states of the portfolio Kanban are %v", EpicStates)
		}
	}
	if maps.Equal(c.WIP, s.Kanban.WIP) && maps.Equal(c.Columns, s.Kanban.Columns) {
		return nil, nil
	}
	return es.Happened(KanbanPolicySet{c.Kanban})
}
