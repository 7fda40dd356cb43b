package portfolio

import (
	"context"

	"throughline.dev/pkg/view"
)

// Kind is one sort of document that is listed and read by its id or key.
type Kind[D any] struct {
	Plural  string // in addresses
	Context string // of its aggregate
	Name    string // of its aggregate
	View    string
	Doc     string // what they are, for the API's documentation
	table   *view.Table[D]
	index   string // in which they are listed; empty: by id
	key     string // index of human keys; empty: they have none
}

// The kinds. Adding a document adds its line here.
var (
	Portfolios   = Kind[Portfolio]{Plural: "portfolios", Context: "strategy", Name: "portfolio", View: PlanName, Doc: "portfolios", table: portfolios}
	ValueStreams = Kind[ValueStream]{Plural: "value-streams", Context: "strategy", Name: "value-stream", View: PlanName, Doc: "development value streams", table: streams}
	Products     = Kind[Product]{Plural: "products", Context: "strategy", Name: "product", View: PlanName, Doc: "products", table: products, index: "key", key: "key"}
	Visions      = Kind[Vision]{Plural: "visions", Context: "strategy", Name: "vision", View: PlanName, Doc: "visions of products and portfolios", table: visions}
	Themes       = Kind[Theme]{Plural: "themes", Context: "strategy", Name: "theme", View: PlanName, Doc: "strategic themes", table: themes, index: "key", key: "key"}
	Objectives   = Kind[Objective]{Plural: "objectives", Context: "strategy", Name: "objective", View: PlanName, Doc: "objectives with their key results", table: objectives, index: "key", key: "key"}
	Epics        = Kind[Epic]{Plural: "epics", Context: "strategy", Name: "epic", View: PlanName, Doc: "portfolio epics", table: epics, index: "key", key: "key"}
	Items        = Kind[Item]{Plural: "items", Context: "backlog", Name: "item", View: PlanName, Doc: "work items", table: items, index: "key", key: "key"}
	Teams        = Kind[Team]{Plural: "teams", Context: "backlog", Name: "team", View: PlanName, Doc: "teams", table: teams}
	Iterations   = Kind[Iteration]{Plural: "iterations", Context: "backlog", Name: "iteration", View: PlanName, Doc: "iterations of teams", table: iterations, index: "team"}
	Orders       = Kind[Backlog]{Plural: "orders", Context: "backlog", Name: "order", View: PlanName, Doc: "backlogs: whose order there is", table: orders}
	Feedbacks    = Kind[Feedback]{Plural: "feedback", Context: "feedback", Name: "feedback", View: InboxName, Doc: "feedback", table: feedbacks, index: "received", key: "key"}
	Insights     = Kind[Insight]{Plural: "insights", Context: "feedback", Name: "insight", View: InboxName, Doc: "insights", table: insights, index: "key", key: "key"}
	Ideas        = Kind[Idea]{Plural: "ideas", Context: "feedback", Name: "idea", View: InboxName, Doc: "ideas", table: ideas, index: "key", key: "key"}
	Customers    = Kind[Customer]{Plural: "customers", Context: "feedback", Name: "customer", View: InboxName, Doc: "customers", table: customers, index: "key", key: "key"}
	Votes        = Kind[Vote]{Plural: "votes", Context: "feedback", Name: "vote", View: InboxName, Doc: "votes for ideas", table: votes, index: "idea"}
	Proposals    = Kind[Proposal]{Plural: "proposals", Context: "", Name: "proposal", View: DecisionsName, Doc: "proposals: commands that wait for somebody who may decide", table: proposals, index: "state"}
	Policies     = Kind[Policy]{Plural: "rights-policies", Context: "strategy", Name: "rights-policy", View: DecisionsName, Doc: "decision-rights policies", table: policies}
	Assignments  = Kind[Assignment]{Plural: "role-assignments", Context: "strategy", Name: "role-assignment", View: DecisionsName, Doc: "who holds which role where", table: assignments, index: "person"}
)

// Keyed tells whether documents of the kind have human keys.
func (k Kind[D]) Keyed() bool { return k.key != "" }

// Find returns the document with this id.
func (k Kind[D]) Find(ctx context.Context, r view.Reader, id string) (D, bool, error) {
	return k.table.Find(ctx, r, id)
}

// ID returns the id of the document with this human key, whatever its case.
func (k Kind[D]) ID(ctx context.Context, r view.Reader, key string) (string, bool, error) {
	if k.key == "" {
		return "", false, nil
	}
	sort := sortKey(key)
	rows, _, err := k.table.List(ctx, r, view.Range{Index: k.key, Prefix: sort, Limit: 20})
	if err != nil {
		return "", false, err
	}
	for _, row := range rows {
		for _, entry := range k.table.Keys(row.ID, row.Doc) {
			if entry.Index == k.key && entry.Sort == sort {
				return row.ID, true, nil
			}
		}
	}
	return "", false, nil
}

// List returns one page in the kind's own order; after continues where the
// page before ended.
func (k Kind[D]) List(ctx context.Context, r view.Reader, after string, limit int) ([]D, string, error) {
	rows, next, err := k.table.List(ctx, r, view.Range{Index: k.index, After: after, Limit: limit})
	return docs(rows), next, err
}

// Count returns how many there are.
func (k Kind[D]) Count(ctx context.Context, r view.Reader) (int, error) {
	return k.table.Count(ctx, r, k.index, "")
}

// All calls visit for each, in the kind's own order.
func (k Kind[D]) All(ctx context.Context, r view.Reader, visit func(id string, d D) error) error {
	return each(ctx, k.table, r, view.Range{Index: k.index}, func(row view.Row[D]) error { return visit(row.ID, row.Doc) })
}

func docs[D any](rows []view.Row[D]) []D {
	all := make([]D, len(rows))
	for i, row := range rows {
		all[i] = row.Doc
	}
	return all
}
