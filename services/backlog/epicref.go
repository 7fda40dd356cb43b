package backlog

import (
	"slices"

	"throughline.dev/pkg/es"
)

// EpicRef is this context's copy of what it must know about a portfolio epic
// of the strategy context (flow F2). It lags behind a little.
type EpicRef struct {
	Key   string    `json:"key,omitempty"`
	Title string    `json:"title,omitempty"`
	State EpicState `json:"state"`
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
