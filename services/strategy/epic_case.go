package strategy

import (
	"reflect"
	"strings"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// Hypothesis is the epic hypothesis statement (SAFe), with the T-shirt cost
// that is estimated along with it.
type Hypothesis struct {
	For         string      `json:"for,omitempty" maxLength:"65536" doc:"The customers."`
	Who         string      `json:"who,omitempty" maxLength:"65536" doc:"What they do or need."`
	The         string      `json:"the,omitempty" maxLength:"65536" doc:"The solution's name."`
	IsA         string      `json:"isA,omitempty" maxLength:"65536" doc:"What kind of thing it is."`
	That        string      `json:"that,omitempty" maxLength:"65536" doc:"What it does for them."`
	Unlike      string      `json:"unlike,omitempty" maxLength:"65536" doc:"The competitor, or the present way."`
	OurSolution string      `json:"ourSolution,omitempty" maxLength:"65536" doc:"What ours does better."`
	Outcomes    []string    `json:"outcomes,omitempty" doc:"Business outcomes, measurable."`
	Indicators  []Indicator `json:"indicators,omitempty" doc:"Leading indicators that tell early whether the outcomes will come."`
	NFRs        []string    `json:"nfrs,omitempty" doc:"Non-functional requirements."`
	TShirt      string      `json:"tShirt,omitempty" enum:"xs,s,m,l,xl,xxl" doc:"Cost, very roughly."`
}

// Indicator is a leading indicator of an epic.
type Indicator struct {
	Name   string   `json:"name" minLength:"1" maxLength:"300"`
	Unit   string   `json:"unit,omitempty" maxLength:"300"`
	Target *float64 `json:"target,omitempty"`
}

// Missing names the fields that a complete statement still needs. NFRs may be
// none.
func (h Hypothesis) Missing() []string {
	return missing([]field{
		{"for", !blank(h.For)}, {"who", !blank(h.Who)}, {"the", !blank(h.The)}, {"isA", !blank(h.IsA)}, {"that", !blank(h.That)},
		{"unlike", !blank(h.Unlike)}, {"ourSolution", !blank(h.OurSolution)}, {"outcomes", len(h.Outcomes) > 0},
		{"indicators", len(h.Indicators) > 0}, {"tShirt", h.TShirt != ""},
	})
}

type field struct {
	name   string
	filled bool
}

func missing(fields []field) []string {
	var names []string
	for _, f := range fields {
		if !f.filled {
			names = append(names, f.name)
		}
	}
	return names
}

// BusinessCase is a Lean business case (SAFe). Each edit makes a new version.
type BusinessCase struct {
	Version            int      `json:"version,omitempty" readOnly:"true" doc:"Counted by the server."`
	Description        string   `json:"description,omitempty" maxLength:"65536"`
	OutcomeHypothesis  string   `json:"outcomeHypothesis,omitempty" maxLength:"65536"`
	InScope            []string `json:"inScope,omitempty"`
	OutOfScope         []string `json:"outOfScope,omitempty"`
	NFRs               []string `json:"nfrs,omitempty"`
	MVP                string   `json:"mvp,omitempty" maxLength:"65536" doc:"The smallest increment that tests the hypothesis."`
	MVPFeatures        []string `json:"mvpFeatures,omitempty"`
	AdditionalFeatures []string `json:"additionalFeatures,omitempty"`
	Sponsors           []string `json:"sponsors,omitempty"`
	UsersAndMarkets    string   `json:"usersAndMarkets,omitempty" maxLength:"65536"`
	Affected           []string `json:"affected,omitempty" doc:"Products, programs and services."`
	Impact             string   `json:"impact,omitempty" maxLength:"65536" doc:"On sales, distribution and deployment."`
	Analysis           string   `json:"analysis,omitempty" maxLength:"65536"`
	MVPCost            *Money   `json:"mvpCost,omitempty"`
	FullCost           *Money   `json:"fullCost,omitempty" doc:"Forecast of the whole, the MVP included."`
	Return             string   `json:"return,omitempty" maxLength:"65536" doc:"Type of return."`
	Strategy           string   `json:"strategy,omitempty" maxLength:"65536" doc:"Incremental implementation strategy."`
	Sequencing         string   `json:"sequencing,omitempty" maxLength:"65536" doc:"Sequencing and dependencies."`
	Milestones         []string `json:"milestones,omitempty"`
	PIs                int      `json:"pis,omitempty" minimum:"0" doc:"Forecast duration in planning intervals."`
}

// Filled counts the required fields that are filled, and all of them.
func (b BusinessCase) Filled() (filled, of int) {
	f := b.fields()
	return len(f) - len(missing(f)), len(f)
}

func (b BusinessCase) fields() []field {
	return []field{
		{"description", !blank(b.Description)}, {"outcomeHypothesis", !blank(b.OutcomeHypothesis)},
		{"inScope", len(b.InScope) > 0}, {"outOfScope", len(b.OutOfScope) > 0}, {"nfrs", len(b.NFRs) > 0},
		{"mvp", b.definesMVP()}, {"additionalFeatures", len(b.AdditionalFeatures) > 0}, {"sponsors", len(b.Sponsors) > 0},
		{"usersAndMarkets", !blank(b.UsersAndMarkets)}, {"affected", len(b.Affected) > 0}, {"impact", !blank(b.Impact)},
		{"analysis", !blank(b.Analysis)}, {"mvpCost", b.MVPCost != nil}, {"fullCost", b.FullCost != nil},
		{"return", !blank(b.Return)}, {"strategy", !blank(b.Strategy)}, {"sequencing", !blank(b.Sequencing)},
		{"milestones", len(b.Milestones) > 0},
	}
}

func (b BusinessCase) definesMVP() bool { return !blank(b.MVP) || len(b.MVPFeatures) > 0 }

// HypothesisCompleted carries the hypothesis statement as far as it is known.
type HypothesisCompleted struct{ Hypothesis }

func (e HypothesisCompleted) Evolve(s Epic) Epic { s.Hypothesis = &e.Hypothesis; return s }

// EpicScored carries a WSJF score.
type EpicScored struct {
	WSJF
	By es.PersonID `json:"by,omitempty"`
}

func (e EpicScored) Evolve(s Epic) Epic { s.WSJF = &e.WSJF; return s }

// BusinessCaseCompleted carries a new version of the business case. A Go that
// was given on the version before no longer counts.
type BusinessCaseCompleted struct{ BusinessCase }

func (e BusinessCaseCompleted) Evolve(s Epic) Epic { s.Case = &e.BusinessCase; return s }

// GoDecided is a Go on one version of the business case.
type GoDecided struct{ Verdict }

func (e GoDecided) Evolve(s Epic) Epic { s.Go = &e.Verdict; return s }

// NoGoDecided ends the epic.
type NoGoDecided struct {
	Case   int         `json:"case"`
	By     es.PersonID `json:"by,omitempty"`
	Reason string      `json:"reason"`
}

func (e NoGoDecided) Evolve(s Epic) Epic { return s.ended(NoGo, e.Reason) }

// CompleteHypothesis writes the hypothesis statement. It may be saved half
// done; analysis needs all of it.
type CompleteHypothesis struct{ Hypothesis }

func (c CompleteHypothesis) Decide(s Epic, _ es.Meta) ([]es.Event[Epic], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if s.State.Active() {
		return nil, ErrHypothesisFixed
	}
	h := c.Hypothesis
	for _, l := range []struct {
		field string
		lines []string
	}{{"outcomes", h.Outcomes}, {"nfrs", h.NFRs}} {
		if err := listed(l.field, l.lines); err != nil {
			return nil, err
		}
	}
	names := map[string]bool{}
	for _, i := range h.Indicators {
		if err := titled("indicators.name", i.Name); err != nil {
			return nil, err
		}
		if names[i.Name] {
			return nil, fail.Invalid("indicators", "%q is there twice", i.Name)
		}
		names[i.Name] = true
	}
	if h.TShirt != "" {
		if err := oneOf("tShirt", h.TShirt, "xs", "s", "m", "l", "xl", "xxl"); err != nil {
			return nil, err
		}
	}
	if reflect.DeepEqual(h, Hypothesis{}) {
		return nil, fail.Invalid("", "give at least one field of the hypothesis statement")
	}
	if s.Hypothesis != nil && reflect.DeepEqual(*s.Hypothesis, h) {
		return nil, nil
	}
	return es.Happened(HypothesisCompleted{h})
}

// ScoreWsjf scores the epic; an input that is left out makes it unscored.
type ScoreWsjf struct{ WSJF }

func (c ScoreWsjf) Decide(s Epic, m es.Meta) ([]es.Event[Epic], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	c.Session = strings.TrimSpace(c.Session)
	if s.WSJF != nil && *s.WSJF == c.WSJF {
		return nil, nil
	}
	return es.Happened(EpicScored{c.WSJF, m.Actor})
}

// CompleteBusinessCase writes a new version of the whole business case. It may
// be saved half done; a Go needs its MVP and cost. Edited after a Go it needs
// a new one.
type CompleteBusinessCase struct{ BusinessCase }

func (c CompleteBusinessCase) Decide(s Epic, _ es.Meta) ([]es.Event[Epic], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	switch s.State {
	case Funnel, Reviewing:
		return nil, ErrNotInAnalysis
	case MVP, Persevere:
		return nil, ErrCaseFixed
	}
	b := c.BusinessCase
	if err := b.check(); err != nil {
		return nil, err
	}
	b.Version = 1
	if s.Case != nil {
		b.Version = s.Case.Version
		if reflect.DeepEqual(*s.Case, b) {
			return nil, nil
		}
		b.Version++
	}
	return es.Happened(BusinessCaseCompleted{b})
}

func (b BusinessCase) check() error {
	for _, l := range []struct {
		field string
		lines []string
	}{
		{"inScope", b.InScope}, {"outOfScope", b.OutOfScope}, {"nfrs", b.NFRs}, {"mvpFeatures", b.MVPFeatures},
		{"additionalFeatures", b.AdditionalFeatures}, {"sponsors", b.Sponsors}, {"affected", b.Affected}, {"milestones", b.Milestones},
	} {
		if err := listed(l.field, l.lines); err != nil {
			return err
		}
	}
	if b.PIs < 0 {
		return fail.Invalid("pis", "a duration is 0 or more planning intervals")
	}
	if b.MVPCost != nil {
		if err := b.MVPCost.check("mvpCost"); err != nil {
			return err
		}
	}
	if b.FullCost == nil {
		return nil
	}
	if err := b.FullCost.check("fullCost"); err != nil {
		return err
	}
	if b.MVPCost != nil && b.MVPCost.Currency != b.FullCost.Currency {
		return fail.Invalid("fullCost.currency", "the MVP is counted in %s", b.MVPCost.Currency)
	}
	if b.MVPCost != nil && b.FullCost.Amount < b.MVPCost.Amount {
		return fail.Invalid("fullCost.amount", "the full cost includes the MVP's: it is %d or more", b.MVPCost.Amount)
	}
	return nil
}

// decidable refuses a Go or No-go on anything but the case as it is now.
func (s Epic) decidable(version int) error {
	if err := s.open(); err != nil {
		return err
	}
	switch {
	case s.State == MVP || s.State == Persevere:
		return ErrCaseFixed
	case s.State != Analyzing && s.State != Ready:
		return ErrNotInAnalysis
	case s.Case == nil:
		return ErrNoCase
	case version != s.Case.Version:
		return ErrCaseMoved.With("it is %d, not %d", s.Case.Version, version)
	}
	return nil
}

// DecideGo records Go on this version of the business case.
type DecideGo struct {
	Case      int    `json:"case" minimum:"1" doc:"Version of the business case that was read."`
	Rationale string `json:"rationale,omitempty" maxLength:"65536"`
}

func (c DecideGo) Decide(s Epic, m es.Meta) ([]es.Event[Epic], error) {
	if err := s.decidable(c.Case); err != nil {
		return nil, err
	}
	if s.GoCurrent() {
		return nil, nil
	}
	if gaps := missing([]field{{"mvp", s.Case.definesMVP()}, {"mvpCost", s.Case.MVPCost != nil}}); len(gaps) > 0 {
		return nil, ErrCaseIncomplete.With("missing %s", strings.Join(gaps, ", "))
	}
	if err := written("rationale", c.Rationale, maxText); err != nil {
		return nil, err
	}
	return es.Happened(GoDecided{Verdict{c.Case, m.Actor, c.Rationale}})
}

// DecideNoGo records No-go on this version of the business case, which ends the epic.
type DecideNoGo struct {
	Case   int    `json:"case" minimum:"1" doc:"Version of the business case that was read."`
	Reason string `json:"reason" minLength:"1" maxLength:"65536"`
}

func (c DecideNoGo) Decide(s Epic, m es.Meta) ([]es.Event[Epic], error) {
	if s.Resolution == NoGo {
		return nil, nil
	}
	if err := s.decidable(c.Case); err != nil {
		return nil, err
	}
	if s.GoCurrent() {
		return nil, ErrGoGiven
	}
	if err := because(c.Reason); err != nil {
		return nil, err
	}
	return es.Happened(NoGoDecided{c.Case, m.Actor, c.Reason})
}
