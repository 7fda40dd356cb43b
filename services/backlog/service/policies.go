// Package service holds what the backlog context does by itself: the policies
// that create the parts of split items, keep the orders of backlogs and let
// items and iterations say the same about each other.
package service

import "throughline.dev/pkg/react"

// Policies are the context's policies. Their names are stored; never change one.
var Policies = []react.Policy{
	react.When("split-item-becomes-parts", "backlog.item.split.v1", parts),

	react.When("formed-team-has-backlog", "backlog.team.formed.v1", teamBacklog),
	react.When("registered-product-has-backlog", "strategy.product.registered.v1", productBacklog),
	react.When("item-has-its-place", "backlog.item.backlog-set.v1", place),

	react.When("changed-scope-plans-items", "backlog.iteration.scope-changed.v1", planScope),
	react.Any("planned-item-is-in-scope",
		react.When("", "backlog.item.planned.v1", recordPlanned),
		react.When("", "backlog.item.unplanned.v1", recordUnplanned),
		react.When("", "backlog.item.reopened.v1", recordReopened)),
	react.When("closed-iteration-hands-over", "backlog.iteration.closed.v1", handOver),
	react.When("cancelled-iteration-lets-go", "backlog.iteration.cancelled.v1", letGo),
}
