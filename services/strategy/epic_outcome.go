package strategy

import (
	"slices"
	"strings"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// Reading is what a leading indicator showed at a moment.
type Reading struct {
	Indicator string      `json:"indicator"`
	Value     float64     `json:"value"`
	At        time.Time   `json:"at"`
	Note      string      `json:"note,omitempty"`
	By        es.PersonID `json:"by,omitempty"`
}

// IndicatorRecorded carries a reading of a leading indicator.
type IndicatorRecorded struct{ Reading }

func (e IndicatorRecorded) Evolve(s Epic) Epic {
	s.Readings = es.Added(s.Readings, e.Reading)
	return s
}

// EpicPersevered says that the hypothesis is proven and the work goes on.
type EpicPersevered struct {
	Reason   string      `json:"reason,omitempty"`
	By       es.PersonID `json:"by,omitempty"`
	Readings int         `json:"readings"` // that it was decided on
	Override *Override   `json:"override,omitempty"`
}

func (EpicPersevered) Evolve(s Epic) Epic { s.State = Persevere; return s }

// EpicPivoted ends the epic; another one takes over, with Into as its id and
// this one as its pivotOf. It says all that a policy needs to submit that one.
type EpicPivoted struct {
	Reason       string          `json:"reason"`
	By           es.PersonID     `json:"by,omitempty"`
	Readings     int             `json:"readings"`
	Into         EpicID          `json:"into"`
	Title        string          `json:"title"` // of the epic to come, as all that follows
	Portfolio    PortfolioID     `json:"portfolio"`
	Kind         EpicKind        `json:"kind"`
	Owner        es.PersonID     `json:"owner,omitempty"`
	Themes       []ThemeID       `json:"themes,omitempty"`
	ValueStreams []ValueStreamID `json:"valueStreams,omitempty"`
}

func (e EpicPivoted) Evolve(s Epic) Epic {
	s.PivotedInto = e.Into
	return s.ended(Pivoted, e.Reason)
}

// EpicStopped ends an epic whose hypothesis is disproven.
type EpicStopped struct {
	Reason   string      `json:"reason"`
	By       es.PersonID `json:"by,omitempty"`
	Readings int         `json:"readings"`
}

func (e EpicStopped) Evolve(s Epic) Epic { return s.ended(Stopped, e.Reason) }

// EpicDone says that the epic has delivered enough value.
type EpicDone struct {
	Reason string      `json:"reason"`
	By     es.PersonID `json:"by,omitempty"`
}

func (e EpicDone) Evolve(s Epic) Epic { return s.ended(Delivered, e.Reason) }

// RecordIndicator records what a leading indicator showed.
type RecordIndicator struct {
	Indicator string    `json:"indicator" minLength:"1" maxLength:"300" doc:"The name of a leading indicator of the hypothesis."`
	Value     float64   `json:"value"`
	At        time.Time `json:"at,omitzero" required:"false" doc:"When it showed that; now when left out."`
	Note      string    `json:"note,omitempty" maxLength:"65536"`
}

func (c RecordIndicator) Decide(s Epic, m es.Meta) ([]es.Event[Epic], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if s.State != MVP && s.State != Persevere {
		return nil, ErrNotImplementing
	}
	if err := titled("indicator", c.Indicator); err != nil {
		return nil, err
	}
	c.Indicator = strings.TrimSpace(c.Indicator)
	if err := s.indicated(c.Indicator); err != nil {
		return nil, err
	}
	if err := written("note", c.Note, maxText); err != nil {
		return nil, err
	}
	if c.At.IsZero() {
		c.At = m.When()
	}
	if err := notLater("at", c.At, m.Time); err != nil {
		return nil, err
	}
	r := Reading{c.Indicator, c.Value, c.At.UTC(), c.Note, m.Actor}
	same := func(o Reading) bool {
		return o.Indicator == r.Indicator && o.At.Equal(r.At) && o.Value == r.Value && o.Note == r.Note
	}
	if slices.ContainsFunc(s.Readings, same) {
		return nil, nil
	}
	return es.Happened(IndicatorRecorded{r})
}

// indicated refuses an indicator that the hypothesis does not name; an epic
// that was imported without any takes all.
func (s Epic) indicated(name string) error {
	if s.Hypothesis == nil || len(s.Hypothesis.Indicators) == 0 {
		return nil
	}
	var names []string
	for _, i := range s.Hypothesis.Indicators {
		if strings.TrimSpace(i.Name) == name {
			return nil
		}
		names = append(names, i.Name)
	}
	return fail.Invalid("indicator", "the hypothesis names these leading indicators: %s", strings.Join(names, ", "))
}

// Outcome is what becomes of an epic whose hypothesis was tested.
type Outcome string

const (
	ToPersevere Outcome = "persevere"
	ToPivot     Outcome = "pivot"
	ToStop      Outcome = "stop"
)

// DecideOutcome decides on the evidence whether to persevere, pivot or stop. A
// pivot closes this epic and names the one that takes over. An epic that
// perseveres may still be pivoted or stopped.
type DecideOutcome struct {
	Outcome  Outcome   `json:"outcome" enum:"persevere,pivot,stop"`
	Reason   string    `json:"reason,omitempty" maxLength:"65536" doc:"Needed to pivot, to stop, and to override a limit."`
	Title    string    `json:"title,omitempty" maxLength:"300" doc:"Of the epic that a pivot opens; this one's when left out."`
	Override bool      `json:"override,omitempty" doc:"Persevere although the column is full; needs a reason."`
	Facts    EpicFacts `json:"-"`
}

func (c DecideOutcome) Decide(s Epic, m es.Meta) ([]es.Event[Epic], error) {
	if err := oneOf("outcome", c.Outcome, ToPersevere, ToPivot, ToStop); err != nil {
		return nil, err
	}
	if s.Resolution == Stopped && c.Outcome == ToStop || s.State == Persevere && c.Outcome == ToPersevere {
		return nil, nil
	}
	if err := s.implementing(); err != nil {
		return nil, err
	}
	if len(s.Readings) == 0 {
		return nil, ErrNoReading
	}
	if c.Outcome == ToPersevere {
		return c.persevere(s, m)
	}
	if err := because(c.Reason); err != nil {
		return nil, err
	}
	if c.Outcome == ToStop {
		return es.Happened(EpicStopped{c.Reason, m.Actor, len(s.Readings)})
	}
	title := s.Title
	if !blank(c.Title) {
		if title = strings.TrimSpace(c.Title); titled("title", title) != nil {
			return nil, titled("title", title)
		}
	}
	return es.Happened(EpicPivoted{c.Reason, m.Actor, len(s.Readings), es.MetaID[Epic](m, 0), title,
		s.Portfolio, s.Kind, s.Owner, s.Themes, s.ValueStreams})
}

// implementing refuses an outcome of what was not implemented.
func (s Epic) implementing() error {
	if err := s.open(); err != nil {
		return err
	}
	if s.State != MVP && s.State != Persevere {
		return ErrStateSkipped.With("%s comes before an outcome", s.State)
	}
	return nil
}

func (c DecideOutcome) persevere(s Epic, m es.Meta) ([]es.Event[Epic], error) {
	if err := s.steps(Persevere); err != nil {
		return nil, err
	}
	if err := s.themed(c.Facts); err != nil {
		return nil, err
	}
	over, err := s.pull(Persevere, c.Facts, c.Override, c.Reason)
	if err != nil {
		return nil, err
	}
	if err := written("reason", c.Reason, maxText); err != nil {
		return nil, err
	}
	return es.Happened(EpicPersevered{c.Reason, m.Actor, len(s.Readings), over})
}

// FinishEpic says that the epic has delivered enough value.
type FinishEpic struct {
	Reason string `json:"reason" minLength:"1" maxLength:"65536"`
}

func (c FinishEpic) Decide(s Epic, m es.Meta) ([]es.Event[Epic], error) {
	if s.Resolution == Delivered {
		return nil, nil
	}
	if err := s.steps(Done); err != nil {
		return nil, err
	}
	if err := because(c.Reason); err != nil {
		return nil, err
	}
	return es.Happened(EpicDone{c.Reason, m.Actor})
}
