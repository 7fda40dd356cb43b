package feedback

// State is where something stands; each aggregate has some of them.
type State string

const (
	// Customers.
	Active  State = "active" // also of insights
	Churned State = "churned"
	Erased  State = "erased"

	// Feedback.
	Untriaged State = "new"
	Triaged   State = "triaged"
	Processed State = "processed"
	Closed    State = "closed"

	// Insights.
	ActedOn  State = "acted-on"
	Archived State = "archived"

	// Ideas.
	Open        State = "open"
	UnderReview State = "under-review"
	Planned     State = "planned"
	InProgress  State = "in-progress"
	Shipped     State = "shipped"
	Declined    State = "declined"

	// Votes.
	Cast      State = "cast"
	Retracted State = "retracted"

	// Merged is a tombstone: of customers, feedback and ideas.
	Merged State = "merged"
)
