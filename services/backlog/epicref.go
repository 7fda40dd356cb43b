package backlog

import (
	"slices"

	"throughline.dev/pkg/es"
)

// EpicEvents reads what the strategy context says about its epics: its stored
// names, our own small structs. It is not among Schemas: these names are the
// other context's to write.
var EpicEvents = es.NewSchema(
	es.On[epicSubmitted]("strategy.epic.submitted.v1"),
	es.On[epicImported]("strategy.epic.imported.v1"),
	es.On[epicRevised]("strategy.epic.revised.v1"),
	es.On[epicReviewed]("strategy.epic.review-started.v1"),
	es.On[epicAnalyzed]("strategy.epic.analysis-started.v1"),
	es.On[epicReadied]("strategy.epic.readied.v1"),
	es.On[epicBuilt]("strategy.epic.mvp-started.v1"),
	es.On[epicPersevered]("strategy.epic.persevered.v1"),
	es.On[epicReturned]("strategy.epic.returned-to-funnel.v1"),
	es.On[epicPivoted]("strategy.epic.pivoted.v1"),
	es.On[epicStopped]("strategy.epic.stopped.v1"),
	es.On[epicRejected]("strategy.epic.rejected.v1"),
	es.On[epicNoGo]("strategy.epic.no-go-decided.v1"),
	es.On[epicFinished]("strategy.epic.done.v1"),
)

type (
	epicSubmitted struct {
		Key       string      `json:"key"`
		Title     string      `json:"title"`
		Portfolio PortfolioID `json:"portfolio"`
	}
	epicImported EpicRef
	epicRevised  struct {
		Title string `json:"title"`
	}
	epicReviewed   struct{}
	epicAnalyzed   struct{}
	epicReadied    struct{}
	epicBuilt      struct{}
	epicPersevered struct{}
	epicReturned   struct{}
	epicPivoted    struct{}
	epicStopped    struct{}
	epicRejected   struct{}
	epicNoGo       struct{}
	epicFinished   struct{}
)

func (e epicSubmitted) Evolve(EpicRef) EpicRef {
	return EpicRef{e.Key, e.Title, EpicFunnel, e.Portfolio}
}
func (e epicImported) Evolve(EpicRef) EpicRef   { return EpicRef(e) }
func (e epicRevised) Evolve(s EpicRef) EpicRef  { s.Title = e.Title; return s }
func (epicReviewed) Evolve(s EpicRef) EpicRef   { return s.in(EpicReviewing) }
func (epicAnalyzed) Evolve(s EpicRef) EpicRef   { return s.in(EpicAnalyzing) }
func (epicReadied) Evolve(s EpicRef) EpicRef    { return s.in(EpicReady) }
func (epicBuilt) Evolve(s EpicRef) EpicRef      { return s.in(EpicMVP) }
func (epicPersevered) Evolve(s EpicRef) EpicRef { return s.in(EpicPersevere) }
func (epicReturned) Evolve(s EpicRef) EpicRef   { return s.in(EpicFunnel) }
func (epicPivoted) Evolve(s EpicRef) EpicRef    { return s.in(EpicDone) }
func (epicStopped) Evolve(s EpicRef) EpicRef    { return s.in(EpicDone) }
func (epicRejected) Evolve(s EpicRef) EpicRef   { return s.in(EpicDone) }
func (epicNoGo) Evolve(s EpicRef) EpicRef       { return s.in(EpicDone) }
func (epicFinished) Evolve(s EpicRef) EpicRef   { return s.in(EpicDone) }

func (s EpicRef) in(state EpicState) EpicRef { s.State = state; return s }

// EpicRef is this context's copy of what it must know about a portfolio epic
// of the strategy context (flow F2). It lags behind a little.
type EpicRef struct {
	Key       string      `json:"key,omitempty"`
	Title     string      `json:"title,omitempty"`
	State     EpicState   `json:"state"`
	Portfolio PortfolioID `json:"portfolio,omitempty"`
}

// EpicID names a portfolio epic.
type EpicID = es.ID[EpicRef]

// EpicState is where an epic stands in the portfolio Kanban.
type EpicState string

const (
	EpicFunnel    EpicState = "funnel"
	EpicReviewing EpicState = "reviewing"
	EpicAnalyzing EpicState = "analyzing"
	EpicReady     EpicState = "ready"
	EpicMVP       EpicState = "mvp"
	EpicPersevere EpicState = "persevere"
	EpicDone      EpicState = "done"
)

// open tells whether features may belong to an epic in this state.
func (e EpicState) open() bool {
	return slices.Contains([]EpicState{EpicReady, EpicMVP, EpicPersevere}, e)
}

// undecided tells whether the epic has no Go yet.
func (e EpicState) undecided() bool {
	return slices.Contains([]EpicState{EpicFunnel, EpicReviewing, EpicAnalyzing}, e)
}
