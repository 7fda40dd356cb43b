// Package rights says who may decide what: decision types, scopes, roles, the
// policy that joins them, and the proposal that a command becomes when its
// actor may not decide.
package rights

// Decision names a kind of decision, such as "epic.go_nogo" (domain.md §5.2).
// Empty means that everybody who may write may do it.
type Decision string

// Scope says where a decision applies. Each part is an id or empty; the empty
// scope is the organisation. The most specific policy that names a decision
// rules it: team > product > ART > value stream > portfolio > organisation. A
// role assignment counts in every scope that its own contains.
type Scope struct {
	Team        string `json:"team,omitempty"`
	Product     string `json:"product,omitempty"`
	ART         string `json:"art,omitempty"`
	ValueStream string `json:"valueStream,omitempty"`
	Portfolio   string `json:"portfolio,omitempty"`
}

// Scoped is a state, or a command that creates one, that knows its scope.
type Scoped interface{ Scope() Scope }
