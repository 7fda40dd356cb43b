package portfolio

import (
	"context"
	"slices"
	"strings"

	"throughline.dev/pkg/view"
	"throughline.dev/services/backlog"
	"throughline.dev/services/strategy"
)

// AllPortfolios returns the portfolios, those that are in use first.
func AllPortfolios(ctx context.Context, r view.Reader) ([]Portfolio, error) {
	var all []Portfolio
	err := Portfolios.All(ctx, r, func(_ string, p Portfolio) error { all = append(all, p); return nil })
	slices.SortStableFunc(all, func(a, b Portfolio) int {
		return count(a.State == strategy.PortfolioClosed) - count(b.State == strategy.PortfolioClosed)
	})
	return all, err
}

// Choices are what the cards of a portfolio's Kanban can be narrowed to.
type Choices struct {
	Themes  []Ref
	Streams []Ref
	Owners  []string // ids of people who own an epic
}

// ChoicesOf returns the choices of one portfolio.
func ChoicesOf(ctx context.Context, r view.Reader, portfolio string) (c Choices, err error) {
	err = each(ctx, themes, r, view.Range{Index: "portfolio", Prefix: portfolio + "/"}, func(row view.Row[Theme]) error {
		c.Themes = append(c.Themes, Ref{row.ID, row.Doc.Key, row.Doc.Title})
		return nil
	})
	if err != nil {
		return c, err
	}
	err = ValueStreams.All(ctx, r, func(id string, d ValueStream) error {
		if d.Portfolio.String() == portfolio {
			c.Streams = append(c.Streams, Ref{ID: id, Title: d.Name})
		}
		return nil
	})
	if err != nil {
		return c, err
	}
	seen := map[string]bool{}
	err = each(ctx, epics, r, view.Range{Index: "column", Prefix: portfolio + "/"}, func(row view.Row[Epic]) error {
		if o := row.Doc.Owner.String(); o != "" && !seen[o] {
			seen[o] = true
			c.Owners = append(c.Owners, o)
		}
		return nil
	})
	return c, err
}

// Owned is a backlog with the name of whose it is.
type Owned struct {
	Backlog
	Name string
}

// AllBacklogs returns the backlogs, the longest first.
func AllBacklogs(ctx context.Context, r view.Reader) ([]Owned, error) {
	var all []Owned
	err := Orders.All(ctx, r, func(_ string, b Backlog) error {
		name, err := NameOf(ctx, r, b.Of)
		all = append(all, Owned{b, name})
		return err
	})
	slices.SortStableFunc(all, func(a, b Owned) int { return b.Items - a.Items })
	return all, err
}

// NameOf returns what something in the plan is called; "" when there is none.
func NameOf(ctx context.Context, r view.Reader, id string) (string, error) {
	if n, ok, err := nodes.Find(ctx, r, id); err != nil || ok && n.Type != "" {
		return strings.TrimSpace(n.Key + " " + n.Title), err
	}
	if d, ok, err := teams.Find(ctx, r, id); err != nil || ok {
		return d.Name, err
	}
	if d, ok, err := iterations.Find(ctx, r, id); err != nil || ok {
		return d.Name, err
	}
	if d, ok, err := products.Find(ctx, r, id); err != nil || ok {
		return d.Name, err
	}
	if d, ok, err := streams.Find(ctx, r, id); err != nil || ok {
		return d.Name, err
	}
	d, _, err := portfolios.Find(ctx, r, id)
	return d.Name, err
}

// Listed is one row of a page of a backlog.
type Listed struct {
	Ranked
	Place int  // in the whole list, from 1
	Epic  *Ref // the epic above it, however far
}

// ListPage is one page of a list and what is true of all of it.
type ListPage struct {
	Rows        []Listed
	Count       int // rows that the filter keeps, as are the sums
	Unestimated int
	Points      float64
	DonePoints  float64
	First, Last string // ids of the first and the last row of the whole list
}

// BacklogPage returns size rows, from the row with the number from (0 is the
// first), of those that the filter keeps of a backlog, or, with no backlog, of
// all items by key. epic keeps what serves that epic, however far below.
func BacklogPage(ctx context.Context, r view.Reader, order string, f ItemFilter, epic string, from, size int) (ListPage, error) {
	p := ListPage{}
	line := lineage{r: r, nodes: map[string]Node{}}
	place := 0
	err := eachListed(ctx, r, order, f, func(batch []Item) error {
		if epic != "" {
			if err := line.read(ctx, idsOf(batch)); err != nil {
				return err
			}
		}
		for _, d := range batch {
			place++
			if place == 1 {
				p.First = d.ID
			}
			p.Last = d.ID
			if !f.keeps(d) || epic != "" && line.epic(d.ID).ID != epic {
				continue
			}
			if p.Count++; p.Count > from && len(p.Rows) < size {
				p.Rows = append(p.Rows, Listed{Ranked: Ranked{Item: d}, Place: place})
			}
			switch {
			case d.Points == nil:
				p.Unestimated++
			default:
				p.Points += *d.Points
				p.DonePoints += *d.Points * float64(count(d.State == backlog.Done))
			}
		}
		return nil
	})
	if err != nil {
		return p, err
	}
	return p, p.decorate(ctx, r, order, &line)
}

// eachListed visits the items of a list in its order, many at a time. A
// backlog comes whole, so that each row knows its place; items by key come by
// the index that the filter narrows most.
func eachListed(ctx context.Context, r view.Reader, order string, f ItemFilter, visit func([]Item) error) error {
	var batch []Item
	flush := func() error {
		err := visit(batch)
		batch = nil
		return err
	}
	add := func(d Item) error {
		if batch = append(batch, d); len(batch) < 500 {
			return nil
		}
		return flush()
	}
	if order == "" {
		if err := EachItem(ctx, r, f, add); err != nil {
			return err
		}
		return flush()
	}
	var ids []string
	look := func() error {
		rows, err := items.Many(ctx, r, ids)
		ids = nil
		for _, row := range rows {
			batch = append(batch, row.Doc)
		}
		if err != nil {
			return err
		}
		return flush()
	}
	err := each(ctx, places, r, view.Range{Index: "rank", Prefix: order + "/"}, func(row view.Row[Place]) error {
		if ids = append(ids, row.Doc.Item); len(ids) < 500 {
			return nil
		}
		return look()
	})
	if err != nil {
		return err
	}
	return look()
}

// decorate adds to the rows what the line knows about them.
func (p *ListPage) decorate(ctx context.Context, r view.Reader, order string, line *lineage) error {
	docs := make([]Item, len(p.Rows))
	ids := make([]string, len(p.Rows))
	for i, row := range p.Rows {
		docs[i], ids[i] = row.Item, order+"-"+row.ID
	}
	ranked, err := Decorate(ctx, r, docs)
	if err != nil {
		return err
	}
	ranks := map[string]string{}
	if order != "" {
		rows, err := places.Many(ctx, r, ids)
		if err != nil {
			return err
		}
		for _, row := range rows {
			ranks[row.Doc.Item] = row.Doc.Rank
		}
	}
	if err := line.read(ctx, idsOf(docs)); err != nil {
		return err
	}
	for i := range p.Rows {
		p.Rows[i].Ranked = ranked[i]
		p.Rows[i].Rank = ranks[ranked[i].ID]
		if e := line.epic(ranked[i].ID); e.ID != "" {
			p.Rows[i].Epic = &e
		}
	}
	p.Points, p.DonePoints = tidy(p.Points), tidy(p.DonePoints)
	return nil
}

func idsOf(docs []Item) []string {
	ids := make([]string, len(docs))
	for i, d := range docs {
		ids[i] = d.ID
	}
	return ids
}

// lineage finds what is above nodes, and remembers what it has read.
type lineage struct {
	r     view.Reader
	nodes map[string]Node
}

// read gets nodes and all that they roll up into, one level at a time.
func (l *lineage) read(ctx context.Context, ids []string) error {
	for hops := 0; len(ids) > 0 && hops < maxDepth; hops++ {
		rows, err := nodes.Many(ctx, l.r, ids)
		if err != nil {
			return err
		}
		ids = nil
		for _, row := range rows {
			l.nodes[row.ID] = row.Doc
		}
		for _, row := range rows {
			up := row.Doc.Branch.Up
			if _, known := l.nodes[up]; up != "" && !known {
				l.nodes[up] = Node{}
				ids = append(ids, up)
			}
		}
	}
	return nil
}

// epic returns the epic at or above a node that was read.
func (l *lineage) epic(id string) Ref {
	for hops := 0; id != "" && hops < maxDepth; hops++ {
		n := l.nodes[id]
		if n.Type == "epic" {
			return Ref{n.ID, n.Key, n.Title}
		}
		id = n.Branch.Up
	}
	return Ref{}
}

// FeedbackIn returns one page of the feedback in a state, the oldest first.
func FeedbackIn(ctx context.Context, r view.Reader, state, after string, limit int) ([]Feedback, string, error) {
	rows, next, err := feedbacks.List(ctx, r, view.Range{Index: "state", Prefix: state + "/", After: after, Limit: limit})
	return docs(rows), next, err
}

// CountFeedbackIn returns how much feedback is in a state.
func CountFeedbackIn(ctx context.Context, r view.Reader, state string) (int, error) {
	return feedbacks.Count(ctx, r, "state", state+"/")
}

// InsightsOf returns the insights that were taken from a piece of feedback.
func InsightsOf(ctx context.Context, r view.Reader, feedback string) ([]Insight, error) {
	rows, _, err := insights.List(ctx, r, view.Range{Index: "feedback", Prefix: feedback + "/"})
	return docs(rows), err
}

// InsightsFor returns up to limit insights that are linked to a feature, an
// epic or an idea.
func InsightsFor(ctx context.Context, r view.Reader, target string, limit int) ([]Insight, error) {
	rows, _, err := insights.List(ctx, r, view.Range{Index: "target", Prefix: target + "/", Limit: limit})
	return docs(rows), err
}
