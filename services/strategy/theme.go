package strategy

import (
	"slices"
	"strings"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Themes are strategic themes: differentiating business objectives that link
// a portfolio to the strategy of the enterprise (domain.md §2.4).
var Themes = &es.Aggregate[StrategicTheme]{Context: "strategy", Name: "theme", Plural: "themes", Schema: ThemeSchema}

// ThemeID names a strategic theme.
type ThemeID = es.ID[StrategicTheme]

// ThemeSchema holds the stored names. Never change a stored name; add one.
var ThemeSchema = es.NewSchema(
	es.On[ThemeProposed]("strategy.theme.proposed.v1"),
	es.On[ThemeAdopted]("strategy.theme.adopted.v1"),
	es.On[ThemeRevised]("strategy.theme.revised.v1"),
	es.On[ThemeRetirement]("strategy.theme.retired.v1"),
)

// ThemeProposed says that somebody would have the portfolio pursue this.
type ThemeProposed struct {
	Key       string      `json:"key"`
	Portfolio PortfolioID `json:"portfolio"`
	ThemeText
}

func (e ThemeProposed) Evolve(s StrategicTheme) StrategicTheme {
	s.Key, s.State, s.Portfolio, s.ThemeText = e.Key, ThemeDraft, e.Portfolio, e.ThemeText
	return s
}

// ThemeAdopted says that the portfolio pursues the theme.
type ThemeAdopted struct {
	Unmeasured bool `json:"unmeasured,omitempty"` // a warning: neither an objective nor a measure tells whether it succeeds
}

func (e ThemeAdopted) Evolve(s StrategicTheme) StrategicTheme {
	s.State, s.Unmeasured = ThemeActive, e.Unmeasured
	return s
}

// ThemeRevised carries what the theme says from now on.
type ThemeRevised struct{ ThemeText }

func (e ThemeRevised) Evolve(s StrategicTheme) StrategicTheme {
	s.ThemeText = e.ThemeText
	s.Unmeasured = s.Unmeasured && len(e.Measures) == 0
	return s
}

// ThemeRetirement ends the theme. What is linked to it stays so and shows as
// an orphan; nothing new can link to it.
type ThemeRetirement struct {
	Reason    string  `json:"reason"`
	Successor ThemeID `json:"successor,omitempty"`
}

func (e ThemeRetirement) Evolve(s StrategicTheme) StrategicTheme {
	s.State, s.Successor = ThemeRetired, e.Successor
	return s
}

// ThemeState is draft, active or retired.
type ThemeState string

const (
	ThemeDraft   ThemeState = "draft"
	ThemeActive  ThemeState = "active"
	ThemeRetired ThemeState = "retired"
)

// ThemeText is what a theme says.
type ThemeText struct {
	Title       string      `json:"title" minLength:"1" maxLength:"300"`
	Description string      `json:"description,omitempty" maxLength:"65536"`
	Owner       es.PersonID `json:"owner,omitempty"`
	Weight      int         `json:"weight,omitempty" minimum:"0" maximum:"100" doc:"How much it counts against the other themes."`
	BudgetShare float64     `json:"budgetShare,omitempty" minimum:"0" maximum:"100" doc:"Share of the portfolio's budget, in percent."`
	Measures    []string    `json:"measures,omitempty" doc:"What tells whether it succeeds, where no objective does."`
}

func (t ThemeText) equal(o ThemeText) bool {
	return t.Title == o.Title && t.Description == o.Description && t.Owner == o.Owner && t.Weight == o.Weight &&
		t.BudgetShare == o.BudgetShare && slices.Equal(t.Measures, o.Measures)
}

// checked trims the title and refuses what no theme can say.
func (t ThemeText) checked() (ThemeText, error) {
	t.Title = strings.TrimSpace(t.Title)
	if err := titled("title", t.Title); err != nil {
		return t, err
	}
	if t.Weight < 0 || t.Weight > 100 {
		return t, fail.Invalid("weight", "a weight is 0 to 100, not %d", t.Weight)
	}
	if t.BudgetShare < 0 || t.BudgetShare > 100 {
		return t, fail.Invalid("budgetShare", "a share of the budget is 0 to 100 percent, not %g", t.BudgetShare)
	}
	if err := listed("measures", t.Measures); err != nil {
		return t, err
	}
	return t, written("description", t.Description, maxText)
}

// StrategicTheme is one as it is now.
type StrategicTheme struct {
	Key       string      `json:"key"`
	State     ThemeState  `json:"state"`
	Portfolio PortfolioID `json:"portfolio"`
	ThemeText
	Unmeasured bool    `json:"unmeasured,omitempty"`
	Successor  ThemeID `json:"successor,omitempty"`
}

// Scope is where decisions on the theme apply.
func (s StrategicTheme) Scope() rights.Scope { return rights.Scope{Portfolio: s.Portfolio.String()} }

func (s StrategicTheme) open() error {
	if s.State == ThemeRetired {
		return ErrThemeRetired.With("%s", s.Title)
	}
	return nil
}

var (
	ErrThemeExists   = fail.Refused("theme-exists", "this theme is proposed already; revise it instead")
	ErrThemeRetired  = fail.Refused("theme-retired", "the theme is retired; link one that is not")
	ErrNoThemeOwner  = fail.Refused("theme-without-owner", "a theme is adopted with somebody who answers for it; name its owner first")
	ErrSuccessorGone = fail.Refused("theme-successor-retired", "the theme that is to take over is retired itself; name another one")
)

// ProposeTheme proposes a strategic theme.
type ProposeTheme struct {
	Portfolio PortfolioID `json:"portfolio"`
	ThemeText
	In Portfolio `json:"-"` // the portfolio named
}

// Scope is where the new theme will lie.
func (c ProposeTheme) Scope() rights.Scope { return rights.Scope{Portfolio: c.Portfolio.String()} }

func (c ProposeTheme) Decide(s StrategicTheme, m es.Meta) ([]es.Event[StrategicTheme], error) {
	t, err := c.checked()
	if err != nil {
		return nil, err
	}
	if s.State != "" {
		if s.Portfolio == c.Portfolio && s.equal(t) {
			return nil, nil
		}
		return nil, ErrThemeExists
	}
	if c.In.State == "" {
		return nil, fail.Invalid("portfolio", "there is no such portfolio")
	}
	if err := c.In.open(); err != nil {
		return nil, err
	}
	return es.Happened(ThemeProposed{m.Key, c.Portfolio, t})
}

// AdoptTheme makes the theme one that the portfolio pursues.
type AdoptTheme struct {
	Objectives int `json:"-"` // that are linked to the theme and not closed
}

func (c AdoptTheme) Decide(s StrategicTheme, _ es.Meta) ([]es.Event[StrategicTheme], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if s.State == ThemeActive {
		return nil, nil
	}
	if s.Owner == "" {
		return nil, ErrNoThemeOwner
	}
	return es.Happened(ThemeAdopted{Unmeasured: c.Objectives == 0 && len(s.Measures) == 0})
}

// ReviseTheme writes anew what the theme says.
type ReviseTheme struct{ ThemeText }

func (c ReviseTheme) Decide(s StrategicTheme, _ es.Meta) ([]es.Event[StrategicTheme], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	t, err := c.checked()
	if err != nil {
		return nil, err
	}
	if s.State == ThemeActive && t.Owner == "" {
		return nil, ErrNoThemeOwner
	}
	if s.equal(t) {
		return nil, nil
	}
	return es.Happened(ThemeRevised{t})
}

// RetireTheme ends the theme, for another one or for none.
type RetireTheme struct {
	Reason    string         `json:"reason" minLength:"1" maxLength:"65536"`
	Successor ThemeID        `json:"successor,omitempty" doc:"The theme that takes over."`
	Next      StrategicTheme `json:"-"` // the successor; zero when it is not there or is this theme
}

func (c RetireTheme) Decide(s StrategicTheme, _ es.Meta) ([]es.Event[StrategicTheme], error) {
	if s.State == ThemeRetired {
		return nil, nil
	}
	if err := because(c.Reason); err != nil {
		return nil, err
	}
	if c.Successor != "" {
		switch {
		case c.Next.State == "" || c.Next.Portfolio != s.Portfolio:
			return nil, fail.Invalid("successor", "the portfolio has no other theme %s", c.Successor)
		case c.Next.State == ThemeRetired:
			return nil, ErrSuccessorGone.With("%s", c.Next.Title)
		}
	}
	return es.Happened(ThemeRetirement{c.Reason, c.Successor})
}
