package strategy

import (
	"slices"
	"strings"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// EpicSubmitted says that there is a new epic in the funnel.
type EpicSubmitted struct {
	Key          string          `json:"key"`
	Portfolio    PortfolioID     `json:"portfolio"`
	Title        string          `json:"title"`
	Description  string          `json:"description,omitempty"`
	Kind         EpicKind        `json:"kind"`
	Owner        es.PersonID     `json:"owner,omitempty"`
	Themes       []ThemeID       `json:"themes,omitempty"`
	ValueStreams []ValueStreamID `json:"valueStreams,omitempty"`
	PivotOf      EpicID          `json:"pivotOf,omitempty"`
}

func (e EpicSubmitted) Evolve(s Epic) Epic {
	s.Key, s.State, s.Portfolio, s.Title, s.Description = e.Key, Funnel, e.Portfolio, e.Title, e.Description
	s.Kind, s.Owner, s.Themes, s.ValueStreams, s.PivotOf = e.Kind, e.Owner, e.Themes, e.ValueStreams, e.PivotOf
	return s
}

// EpicImported says how an epic stands in the system that it comes from; a
// later import may say it anew.
type EpicImported struct {
	Key          string          `json:"key"`
	Portfolio    PortfolioID     `json:"portfolio"`
	Title        string          `json:"title"`
	Description  string          `json:"description,omitempty"`
	Kind         EpicKind        `json:"kind"`
	Owner        es.PersonID     `json:"owner,omitempty"`
	Themes       []ThemeID       `json:"themes,omitempty"`
	ValueStreams []ValueStreamID `json:"valueStreams,omitempty"`
	State        EpicState       `json:"state"`       // of the epic here
	SourceState  EpicState       `json:"sourceState"` // of the epic there
	Source       Source          `json:"source"`
}

func (e EpicImported) Evolve(s Epic) Epic {
	s.Key, s.State, s.Portfolio, s.Title, s.Description = e.Key, e.State, e.Portfolio, e.Title, e.Description
	s.Kind, s.Owner, s.Themes, s.ValueStreams = e.Kind, e.Owner, e.Themes, e.ValueStreams
	s.Source, s.ImportedAs = &e.Source, e.SourceState
	if s.State == Done && s.Resolution == "" {
		s.Resolution = Closed
	}
	if s.State != Done {
		s.Resolution = ""
	}
	return s
}

// SubmitEpic puts an epic into the funnel; anyone may.
type SubmitEpic struct {
	Portfolio    PortfolioID     `json:"portfolio"`
	Title        string          `json:"title" minLength:"1" maxLength:"300"`
	Description  string          `json:"description,omitempty" maxLength:"65536"`
	Kind         EpicKind        `json:"kind,omitempty" enum:"business,enabler" doc:"business when left out."`
	Owner        es.PersonID     `json:"owner,omitempty" doc:"The Epic Owner."`
	Themes       []ThemeID       `json:"themes,omitempty"`
	ValueStreams []ValueStreamID `json:"valueStreams,omitempty"`
	PivotOf      EpicID          `json:"pivotOf,omitempty" doc:"The epic that pivoted into this one."`
	Facts        EpicFacts       `json:"-"`
}

// Scope is where the new epic will lie.
func (c SubmitEpic) Scope() rights.Scope { return epicScope(c.Portfolio, c.ValueStreams) }

func (c SubmitEpic) Decide(s Epic, m es.Meta) ([]es.Event[Epic], error) {
	if c.Kind == "" {
		c.Kind = BusinessEpic
	}
	c.Title = strings.TrimSpace(c.Title)
	if s.State != "" {
		if s.Title == c.Title && s.Portfolio == c.Portfolio && s.Kind == c.Kind && s.PivotOf == c.PivotOf {
			return nil, nil
		}
		return nil, ErrEpicExists
	}
	if err := described(c.Title, c.Description, maxText, c.Kind); err != nil {
		return nil, err
	}
	if err := c.Facts.belongs(c.Portfolio, c.Themes, c.ValueStreams); err != nil {
		return nil, err
	}
	if c.PivotOf != "" {
		if c.Facts.Pivot.State == "" {
			return nil, fail.Invalid("pivotOf", "there is no epic %s", c.PivotOf)
		}
		if c.Facts.Pivot.Resolution != Pivoted {
			return nil, ErrNotPivoted
		}
	}
	return es.Happened(EpicSubmitted{m.Key, c.Portfolio, c.Title, c.Description, c.Kind, c.Owner,
		distinct(c.Themes), distinct(c.ValueStreams), c.PivotOf})
}

// ImportEpic takes an epic from another system in the state that it has there.
// It passes no gates: what the epic lacks shows when it moves on here. Sent
// again it brings the epic up to date; the state only if nobody moved the epic
// here since.
type ImportEpic struct {
	Portfolio    PortfolioID     `json:"portfolio"`
	Title        string          `json:"title" minLength:"1" maxLength:"300"`
	Description  string          `json:"description,omitempty" maxLength:"131072"`
	Kind         EpicKind        `json:"kind,omitempty" enum:"business,enabler" doc:"business when left out."`
	Owner        es.PersonID     `json:"owner,omitempty"`
	Themes       []ThemeID       `json:"themes,omitempty" doc:"Of a new epic; later they are linked here."`
	ValueStreams []ValueStreamID `json:"valueStreams,omitempty" doc:"Of a new epic; later they are named here."`
	State        EpicState       `json:"state,omitempty" enum:"funnel,reviewing,analyzing,ready,mvp,persevere,done" doc:"funnel when left out."`
	Source       Source          `json:"source"`
	Facts        EpicFacts       `json:"-"`
}

// Scope is where the epic will lie.
func (c ImportEpic) Scope() rights.Scope { return epicScope(c.Portfolio, c.ValueStreams) }

func (c ImportEpic) Decide(s Epic, m es.Meta) ([]es.Event[Epic], error) {
	if c.Kind == "" {
		c.Kind = BusinessEpic
	}
	if c.State == "" {
		c.State = Funnel
	}
	c.Title = strings.TrimSpace(c.Title)
	if err := described(c.Title, c.Description, maxImported, c.Kind); err != nil {
		return nil, err
	}
	if err := oneOf("state", c.State, EpicStates...); err != nil {
		return nil, err
	}
	if err := titled("source.system", c.Source.System); err != nil {
		return nil, err
	}
	if err := titled("source.key", c.Source.Key); err != nil {
		return nil, err
	}
	if s.State == "" {
		if err := c.Facts.belongs(c.Portfolio, c.Themes, c.ValueStreams); err != nil {
			return nil, err
		}
		return es.Happened(EpicImported{m.Key, c.Portfolio, c.Title, c.Description, c.Kind, c.Owner,
			distinct(c.Themes), distinct(c.ValueStreams), c.State, c.State, c.Source})
	}
	if s.Source == nil || s.Source.System != c.Source.System || s.Source.Key != c.Source.Key {
		return nil, ErrEpicExists
	}
	if c.Portfolio != s.Portfolio {
		return nil, fail.Invalid("portfolio", "the epic belongs to portfolio %s", s.Portfolio)
	}
	again := EpicImported{s.Key, s.Portfolio, c.Title, c.Description, c.Kind, s.Owner, s.Themes, s.ValueStreams, s.State, c.State, c.Source}
	if c.Owner != "" {
		again.Owner = c.Owner
	}
	if s.State == s.ImportedAs {
		again.State = c.State
	}
	if again.Title == s.Title && again.Description == s.Description && again.Kind == s.Kind && again.Owner == s.Owner &&
		again.State == s.State && again.SourceState == s.ImportedAs && again.Source == *s.Source {
		return nil, nil
	}
	return es.Happened(again)
}

func described(title, description string, most int, kind EpicKind) error {
	if err := titled("title", title); err != nil {
		return err
	}
	if err := written("description", description, most); err != nil {
		return err
	}
	return oneOf("kind", kind, BusinessEpic, EnablerEpic)
}

// belongs refuses a new epic in a portfolio that cannot hold it, or with
// themes and value streams that it cannot have.
func (f EpicFacts) belongs(p PortfolioID, themes []ThemeID, streams []ValueStreamID) error {
	if err := f.Portfolio.holds("portfolio"); err != nil {
		return err
	}
	for _, t := range themes {
		if err := f.theme("themes", t, p); err != nil {
			return err
		}
	}
	for _, v := range streams {
		if err := f.stream("valueStreams", v, p); err != nil {
			return err
		}
	}
	return nil
}

// distinct returns each of the ids once, in their order.
func distinct[T comparable](ids []T) []T {
	var out []T
	for _, id := range ids {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}
