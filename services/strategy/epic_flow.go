package strategy

import (
	"errors"
	"strings"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/rights"
)

// EpicReviewStarted says that the epic left the funnel.
type EpicReviewStarted struct {
	Override *Override `json:"override,omitempty"`
}

func (EpicReviewStarted) Evolve(s Epic) Epic { s.State = Reviewing; return s }

// EpicAnalysisStarted says that the epic is worth a business case.
type EpicAnalysisStarted struct {
	Override *Override `json:"override,omitempty"`
}

func (EpicAnalysisStarted) Evolve(s Epic) Epic { s.State = Analyzing; return s }

// EpicReadied says that the epic waits for an ART with capacity, on the Go for
// one version of its case.
type EpicReadied struct {
	Case     int       `json:"case"`
	Override *Override `json:"override,omitempty"`
}

func (EpicReadied) Evolve(s Epic) Epic { s.State = Ready; return s }

// MvpStarted says that ARTs implement the epic's MVP.
type MvpStarted struct {
	ARTs     []ARTID   `json:"arts,omitempty"`
	Override *Override `json:"override,omitempty"`
}

func (e MvpStarted) Evolve(s Epic) Epic { s.State, s.ARTs = MVP, e.ARTs; return s }

// EpicReturned says that the epic waits in the funnel again. A Go that it had
// is no longer one.
type EpicReturned struct {
	From   EpicState `json:"from"`
	Reason string    `json:"reason"`
}

func (EpicReturned) Evolve(s Epic) Epic { s.State, s.Go = Funnel, nil; return s }

// EpicRejected ends an epic that was never implemented.
type EpicRejected struct {
	From   EpicState `json:"from"`
	Reason string    `json:"reason"`
}

func (e EpicRejected) Evolve(s Epic) Epic { return s.ended(Rejected, e.Reason) }

func (s Epic) ended(r Resolution, reason string) Epic {
	s.State, s.Resolution, s.Reason, s.Blocked = Done, r, reason, ""
	return s
}

// StartReview takes the epic out of the funnel.
type StartReview struct {
	Override bool      `json:"override,omitempty" doc:"Enter although the column is full; needs a reason."`
	Reason   string    `json:"reason,omitempty" maxLength:"65536"`
	Facts    EpicFacts `json:"-"`
}

func (c StartReview) Decide(s Epic, _ es.Meta) ([]es.Event[Epic], error) {
	if s.State == Reviewing {
		return nil, nil
	}
	if err := s.steps(Reviewing); err != nil {
		return nil, err
	}
	over, err := s.pull(Reviewing, c.Facts, c.Override, c.Reason)
	if err != nil {
		return nil, err
	}
	return es.Happened(EpicReviewStarted{over})
}

// StartAnalysis begins work on the business case of a reviewed epic.
type StartAnalysis struct {
	Override bool      `json:"override,omitempty" doc:"Enter although the column is full; needs a reason."`
	Reason   string    `json:"reason,omitempty" maxLength:"65536"`
	Facts    EpicFacts `json:"-"`
}

func (c StartAnalysis) Decide(s Epic, _ es.Meta) ([]es.Event[Epic], error) {
	if s.State == Analyzing {
		return nil, nil
	}
	if err := s.steps(Analyzing); err != nil {
		return nil, err
	}
	if err := s.reviewed(); err != nil {
		return nil, err
	}
	over, err := s.pull(Analyzing, c.Facts, c.Override, c.Reason)
	if err != nil {
		return nil, err
	}
	return es.Happened(EpicAnalysisStarted{over})
}

// reviewed is the gate out of reviewing (SAFe): an Epic Owner, a complete
// hypothesis statement, its T-shirt cost and a first WSJF. It names everything
// that is missing at once.
func (s Epic) reviewed() error {
	var gaps []error
	if s.Owner == "" {
		gaps = append(gaps, ErrNoEpicOwner)
	}
	var h Hypothesis
	if s.Hypothesis != nil {
		h = *s.Hypothesis
	}
	if m := h.Missing(); len(m) > 0 {
		gaps = append(gaps, ErrHypothesisIncomplete.With("missing %s", strings.Join(m, ", ")))
	}
	var w WSJF
	if s.WSJF != nil {
		w = *s.WSJF
	}
	if _, scored := w.Score(); !scored {
		gaps = append(gaps, ErrEpicUnscored)
	}
	return errors.Join(gaps...)
}

// MakeReady queues an epic that has its Go for implementation.
type MakeReady struct {
	Override bool      `json:"override,omitempty" doc:"Enter although the column is full; needs a reason."`
	Reason   string    `json:"reason,omitempty" maxLength:"65536"`
	Facts    EpicFacts `json:"-"`
}

func (c MakeReady) Decide(s Epic, _ es.Meta) ([]es.Event[Epic], error) {
	if s.State == Ready {
		return nil, nil
	}
	if err := s.steps(Ready); err != nil {
		return nil, err
	}
	if err := s.approved(c.Facts); err != nil {
		return nil, err
	}
	over, err := s.pull(Ready, c.Facts, c.Override, c.Reason)
	if err != nil {
		return nil, err
	}
	return es.Happened(EpicReadied{s.Go.Case, over})
}

// approved is the gate of implementation: a Go on the case as it is now, and a
// theme that is still active.
func (s Epic) approved(f EpicFacts) error {
	var gaps []error
	if !s.GoCurrent() {
		gaps = append(gaps, ErrNoGo)
	}
	if err := s.themed(f); err != nil {
		gaps = append(gaps, err)
	}
	return errors.Join(gaps...)
}

// StartMvp begins implementation in at least one ART.
type StartMvp struct {
	ARTs     []ARTID   `json:"arts,omitempty" doc:"The ARTs that have the capacity."`
	Override bool      `json:"override,omitempty" doc:"Enter although the column is full; needs a reason."`
	Reason   string    `json:"reason,omitempty" maxLength:"65536"`
	Facts    EpicFacts `json:"-"`
}

func (c StartMvp) Decide(s Epic, _ es.Meta) ([]es.Event[Epic], error) {
	if s.State == MVP {
		return nil, nil
	}
	if err := s.steps(MVP); err != nil {
		return nil, err
	}
	if err := s.approved(c.Facts); err != nil {
		return nil, err
	}
	over, err := s.pull(MVP, c.Facts, c.Override, c.Reason)
	if err != nil {
		return nil, err
	}
	return es.Happened(MvpStarted{distinct(c.ARTs), over})
}

// ReturnToFunnel takes an epic back that was not implemented yet.
type ReturnToFunnel struct {
	Reason string `json:"reason" minLength:"1" maxLength:"65536"`
}

// Right is that of the Go decision once there is one: returning takes it back.
func (ReturnToFunnel) Right(s Epic) rights.Decision {
	if s.State == Ready || s.State == Analyzing && s.Go != nil {
		return goRight
	}
	return ""
}

func (c ReturnToFunnel) Decide(s Epic, _ es.Meta) ([]es.Event[Epic], error) {
	if s.State == Funnel {
		return nil, nil
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	if s.State == MVP || s.State == Persevere {
		return nil, ErrNoWayBack.With("from %s to %s", s.State, Funnel)
	}
	if err := because(c.Reason); err != nil {
		return nil, err
	}
	return es.Happened(EpicReturned{s.State, c.Reason})
}

// RejectEpic ends an epic that was never implemented.
type RejectEpic struct {
	Reason string `json:"reason" minLength:"1" maxLength:"65536"`
}

func (c RejectEpic) Decide(s Epic, _ es.Meta) ([]es.Event[Epic], error) {
	if s.Resolution == Rejected {
		return nil, nil
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	if s.State == MVP || s.State == Persevere {
		return nil, ErrOutcomeDue
	}
	if err := because(c.Reason); err != nil {
		return nil, err
	}
	return es.Happened(EpicRejected{s.State, c.Reason})
}

// MoveEpic moves an epic to a column, as the board does: it decides what the
// command of that column would, with its gates, refusals and rights.
type MoveEpic struct {
	To       EpicState `json:"to" enum:"funnel,reviewing,analyzing,ready,mvp,persevere,done"`
	Reason   string    `json:"reason,omitempty" maxLength:"65536" doc:"Needed to go to the funnel or to done, and to override a limit."`
	Override bool      `json:"override,omitempty" doc:"Enter although the column is full; needs a reason."`
	Facts    EpicFacts `json:"-"`
}

// means is the command that a move stands for.
func (c MoveEpic) means(s Epic) es.Command[Epic] {
	switch c.To {
	case Funnel:
		return ReturnToFunnel{c.Reason}
	case Reviewing:
		return StartReview{c.Override, c.Reason, c.Facts}
	case Analyzing:
		return StartAnalysis{c.Override, c.Reason, c.Facts}
	case Ready:
		return MakeReady{c.Override, c.Reason, c.Facts}
	case MVP:
		return StartMvp{nil, c.Override, c.Reason, c.Facts}
	case Persevere:
		return DecideOutcome{Outcome: ToPersevere, Reason: c.Reason, Override: c.Override, Facts: c.Facts}
	}
	switch s.State {
	case MVP:
		return DecideOutcome{Outcome: ToStop, Reason: c.Reason}
	case Persevere:
		return FinishEpic{c.Reason}
	}
	return RejectEpic{c.Reason}
}

// Right is that of the command that the move stands for.
func (c MoveEpic) Right(s Epic) rights.Decision {
	switch meant := c.means(s).(type) {
	case ReturnToFunnel:
		return meant.Right(s)
	case DecideOutcome, FinishEpic:
		return outcomeRight
	case RejectEpic:
		return goRight
	}
	return ""
}

func (c MoveEpic) Decide(s Epic, m es.Meta) ([]es.Event[Epic], error) {
	if err := oneOf("to", c.To, EpicStates...); err != nil {
		return nil, err
	}
	if s.State == c.To {
		return nil, nil
	}
	return c.means(s).Decide(s, m)
}

// The decisions that govern an epic's gates.
const (
	goRight      rights.Decision = "epic.go_nogo"
	outcomeRight rights.Decision = "epic.outcome"
)
