package main

import (
	"slices"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/react"
	"throughline.dev/pkg/rights"
	"throughline.dev/pkg/view"
	"throughline.dev/services/backlog"
	backlogservice "throughline.dev/services/backlog/service"
	"throughline.dev/services/feedback"
	feedbackservice "throughline.dev/services/feedback/service"
	"throughline.dev/services/portfolio"
	"throughline.dev/services/strategy"
	strategyservice "throughline.dev/services/strategy/service"
)

// contextDef is one bounded context: a role of the program.
type contextDef struct {
	name     string
	commands []command.Spec
	siblings *view.View
	policies []react.Policy
}

// contexts are the three, each with the commands of its proposals.
func contexts() []contextDef {
	all := []contextDef{
		{"strategy", slices.Concat(strategy.Commands, command.Rights), strategy.Siblings, strategyservice.Policies},
		{"backlog", backlog.Commands, backlog.Siblings, backlogservice.Policies},
		{"feedback", feedback.Commands, feedback.Siblings, feedbackservice.Policies},
	}
	for i := range all {
		c := &all[i]
		c.commands = slices.Concat(c.commands, command.Proposals(c.name, c.commands))
		c.policies = append(slices.Clone(c.policies), react.ApplyApproved(c.name))
	}
	return all
}

// catalog reads every event there is.
func catalog() *es.Catalog {
	return es.NewCatalog(slices.Concat(strategy.Schemas, backlog.Schemas, feedback.Schemas, rights.Schemas, command.NumberingSchemas)...)
}

// allViews are the read models, those that the contexts keep of their own
// aggregates included.
func allViews(defs []contextDef) []*view.View {
	views := slices.Clone(portfolio.Views)
	for _, c := range defs {
		views = append(views, c.siblings)
	}
	return views
}
