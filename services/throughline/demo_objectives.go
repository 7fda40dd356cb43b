package main

import (
	"context"
	"slices"

	"throughline.dev/services/strategy"
)

// demoServing are the epics that move a key result of their theme's objective.
// Two active ones serve their theme in other ways: energy loans, split bills.
var demoServing = []string{"onboarding", "family", "sepa", "merchant", "fraud", "events", "drills", "mortgage", "refinance"}

// serve links an epic to the objective, which is younger than most epics.
func (d *demo) serve(ctx context.Context, e demoEpic, id string) {
	if slices.Contains(demoServing, e.short) {
		d.do(ctx, e.owner, min(e.since, 60), "strategy.epic.link-objective", id,
			strategy.LinkObjective{Objective: strategy.ObjectiveID(d.id("objective", e.theme))})
	}
}
