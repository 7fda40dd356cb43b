package rights

// DecisionType describes one kind of decision for people.
type DecisionType struct {
	Name  Decision `json:"name"`
	Label string   `json:"label"`
	Doc   string   `json:"doc"`
}

// PolicyChange is the decision that the rights themselves are governed by:
// activating and retiring policies, assigning roles.
const PolicyChange Decision = "policy.change"

// Decisions lists every kind of decision that a policy may govern, in the
// order of domain.md §5.2. Names are stored: never change one; add one.
var Decisions = []DecisionType{
	{"portfolio.strategy.set", "Set portfolio strategy", "Say where the portfolio goes."},
	{"portfolio.theme.set", "Set strategic themes", "Adopt, revise or retire a strategic theme."},
	{"portfolio.okr.set", "Set portfolio OKRs", "Set objectives and key results of the portfolio."},
	{"product.vision.publish", "Publish product vision", "Make a version of the product vision the valid one."},
	{"product.strategy.publish", "Publish product strategy", "Make a version of the product strategy the valid one."},
	{"roadmap.item.commit", "Commit roadmap item", "Promise a roadmap item for a window of time, or move or drop what was promised."},
	{"roadmap.publish", "Publish roadmap", "Publish an edition of the roadmap to an audience."},
	{"market.publish", "Publish market study", "Publish a market study."},
	{"persona.publish", "Publish persona", "Declare a persona validated."},
	{"competitor.publish", "Publish competitor", "Publish what is known about a competitor."},
	{"epic.go_nogo", "Go or No-go on epic", "Decide Go or No-go on an epic's business case."},
	{"epic.outcome", "Decide epic outcome", "Persevere, pivot or stop an epic."},
	{"budget.allocate", "Allocate budget", "Allocate a budget to value streams."},
	{"budget.adjust", "Adjust budget", "Change an allocation during its period."},
	{"guardrail.set", "Set guardrails", "Set a Lean budget guardrail."},
	{"project.budget.change", "Change project budget", "Change the budget of a project."},
	{"project.scope.change", "Change project scope", "Change the scope of a project."},
	{"project.timeline.change", "Change project timeline", "Change the timeline of a project."},
	{"capacityAllocation.set", "Set capacity allocation", "Say which share of capacity goes to features, enablers and maintenance."},
	{"feature.define", "Define feature", "Say what a feature is and which benefit it promises."},
	{"feature.prioritise", "Prioritise features", "Order the ART backlog."},
	{"feature.accept", "Accept feature", "Accept a feature as done."},
	{"enabler.define", "Define enabler", "Say what an enabler is."},
	{"NFR.set", "Set non-functional requirement", "Set a quality that everything has to have."},
	{"story.define", "Define story", "Say what a story is."},
	{"story.accept", "Accept story", "Accept a story as done."},
	{"backlog.order", "Order team backlog", "Order the team backlog."},
	{"iteration.goal", "Set iteration goal", "Set the goal of an iteration."},
	{"item.estimate", "Estimate", "Size a backlog item."},
	{"iteration.items.select", "Select iteration items", "Select the items of an iteration."},
	{"iteration.scope.change", "Change iteration scope", "Change an iteration's scope so that its goal breaks."},
	{"iteration.cancel", "Cancel iteration", "Cancel an iteration whose goal is obsolete."},
	{"pi.plan.accept", "Accept PI plan", "Accept the plan of a planning interval."},
	{"objective.value.set", "Set objective value", "Set planned and actual business value of a PI objective."},
	{"risk.roam", "ROAM risk", "Resolve, own, accept or mitigate a risk."},
	{"release.approve", "Approve release", "Let a release go to its users."},
	{"feedback.triage", "Triage feedback", "Say what feedback is about and what becomes of it."},
	{"insight.link", "Link insight", "Link an insight to a feature or an opportunity."},
	{"idea.status", "Set idea status", "Say what becomes of an idea."},
	{"survey.send", "Send survey", "Send a survey to customers."},
	{"stakeholder.update", "Update stakeholders", "Send stakeholders an update."},
	{PolicyChange, "Change decision rights", "Activate or retire a decision-rights policy and assign roles."},
}

// Known tells whether the decision is one of Decisions.
func (d Decision) Known() bool {
	for _, t := range Decisions {
		if t.Name == d {
			return true
		}
	}
	return false
}
