// Package service holds what the strategy context does by itself: the policies
// that open the epic into which another pivoted, show the level of which there
// are items, and end the decision-rights policy that another replaced.
package service

import (
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/react"
	"throughline.dev/pkg/rights"
	"throughline.dev/services/strategy"
)

// Policies are the context's policies. Their names are stored; never change one.
var Policies = []react.Policy{
	react.When("pivoted-epic-opens-next", "strategy.epic.pivoted.v1", openNext),
	react.When("activated-policy-supersedes", "strategy.rights-policy.activated.v1", supersede),
	react.Any("capability-uses-level",
		react.When("", "backlog.item.created.v1", useLevel),
		react.When("", "backlog.item.parent-set.v1", useLevel)),
}

// openNext submits the epic that takes over. Themes and value streams may have
// been retired since the old one was given them; then it begins without.
func openNext(e strategy.EpicPivoted, h react.Happening) []react.Wish {
	next := strategy.SubmitEpic{Portfolio: e.Portfolio, Title: e.Title, Kind: e.Kind, Owner: e.Owner, PivotOf: strategy.EpicID(h.ID())}
	plain := react.Wish{Command: "strategy.epic.submit", ID: e.Into.String(), Body: next}
	if len(e.Themes)+len(e.ValueStreams) == 0 {
		return []react.Wish{plain}
	}
	next.Themes, next.ValueStreams = e.Themes, e.ValueStreams
	return []react.Wish{{Command: plain.Command, ID: plain.ID, Body: next, Refused: func(*fail.Error) *react.Wish { return &plain }}}
}

// supersede ends the policy whose place another one took.
func supersede(e rights.PolicyActivated, h react.Happening) []react.Wish {
	if e.Supersedes == "" {
		return nil
	}
	return []react.Wish{{Command: "strategy.rights-policy.supersede", ID: e.Supersedes.String(), Body: rights.SupersedePolicy{By: rights.PolicyID(h.ID())}}}
}

// capability is what the policy reads of an item that is made or put below
// another: only a capability names the portfolio.
type capability struct {
	Portfolio string `json:"portfolio"`
}

// useLevel shows the solution level of a portfolio that has a capability.
func useLevel(e capability, _ react.Happening) []react.Wish {
	if e.Portfolio == "" {
		return nil
	}
	return []react.Wish{{Command: "strategy.portfolio.use-level", ID: e.Portfolio, Body: strategy.UseLevel{Level: strategy.SolutionLevel}}}
}
