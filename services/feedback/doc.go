// Package feedback is the voice of the customer: who the customers are, what
// they said, which part of it matters (insights), what could be done about it
// (ideas) and who wants that (votes), and the formulas that turn all of this
// into demand. It decides and nothing else: time, identity and whoever acts
// come with es.Meta, and what a decision must know of sibling aggregates comes
// in the command's fields that are not part of its JSON (facts.go fills them).
//
// A merge is a link and nothing more: the source becomes a tombstone that
// points one hop to its target and keeps all it had, so that an unmerge loses
// nothing. What counts for the target (votes, insights) is united by readers.
//
// People are known by their id only. No event of this package has a field for
// a person's name or address; what a customer wrote is kept as it was captured.
package feedback
