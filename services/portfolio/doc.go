// Package portfolio holds the read models that span the three contexts: the
// portfolio Kanban, the strategy tree with its roll-ups, the backlog, the
// inbox with demand. It is the only meaning package that reads the events of
// all three. Everything in it is a pure fold of the log and queries on what
// the fold wrote, so each answer exists as of any past moment too.
package portfolio
