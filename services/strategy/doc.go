// Package strategy is the context of those who set direction: portfolios and
// their policies, value streams, products and visions, strategic themes,
// objectives with key results, and portfolio epics with the whole SAFe
// portfolio Kanban. It is pure meaning: every aggregate is a state, its events
// and its commands; what a decision needs to know of other aggregates comes to
// it in the command's facts (siblings.go, commands.go).
package strategy
