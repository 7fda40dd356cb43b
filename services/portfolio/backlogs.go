package portfolio

import (
	"context"

	"throughline.dev/pkg/view"
	"throughline.dev/services/backlog"
)

// Backlog is whose order it is.
type Backlog struct {
	Head
	backlog.Owner
	Frozen string `json:"frozen,omitempty" doc:"Rank of the last item that stays where it is."`
	Items  int    `json:"items" doc:"How many items are ranked."`
}

// Place is one item at its rank in one backlog.
type Place struct {
	Backlog string `json:"backlog"`
	Item    string `json:"item"`
	Rank    string `json:"rank"`
}

var (
	orders = view.NewTable[Backlog]("order", nil)
	places = view.NewTable("place", func(id string, p Place) []view.Key {
		return []view.Key{{Index: "rank", Sort: p.Backlog + "/" + p.Rank}}
	})
)

func order(tx *view.Tx, f func(*Backlog)) {
	d, _ := orders.Get(tx, tx.ID())
	f(&d)
	d.Head = d.Head.touched(tx, false)
	orders.Put(tx, tx.ID(), d)
}

func place(tx *view.Tx, item, rank string) {
	places.Put(tx, tx.ID()+"-"+item, Place{tx.ID(), item, rank})
}

var onOrder = []view.Handler{
	view.On(func(tx *view.Tx, e backlog.BacklogOpened) { order(tx, func(b *Backlog) { b.Owner = e.Owner }) }),
	view.On(func(tx *view.Tx, e backlog.ItemsPlaced) {
		for _, r := range e.Items {
			place(tx, r.Item.String(), r.Rank)
		}
		order(tx, func(b *Backlog) { b.Items += len(e.Items) })
	}),
	view.On(func(tx *view.Tx, e backlog.ItemRanked) {
		place(tx, e.Item.String(), e.Rank)
		order(tx, func(*Backlog) {})
	}),
	view.On(func(tx *view.Tx, e backlog.ItemDropped) {
		places.Delete(tx, tx.ID()+"-"+e.Item.String())
		order(tx, func(b *Backlog) { b.Items-- })
	}),
	view.On(func(tx *view.Tx, e backlog.TopFrozen) { order(tx, func(b *Backlog) { b.Frozen = e.Through }) }),
	view.On(func(tx *view.Tx, e backlog.TopThawed) { order(tx, func(b *Backlog) { b.Frozen = "" }) }),
}

// Iteration is a team's iteration as it is read.
type Iteration struct {
	Head
	IterationState
}

// IterationState lets Head's fields win over those of the same name in the state.
type IterationState struct{ backlog.Iteration }

var iterations = view.NewTable("iteration", func(id string, d Iteration) []view.Key {
	return []view.Key{{Index: "team", Sort: d.Team.String() + "/" + string(d.Start) + "/" + d.Name}}
})

var onIteration = folded(backlog.Iterations, iterations, func(d *Iteration) (*Head, *backlog.Iteration) {
	return &d.Head, &d.IterationState.Iteration
}, func(s backlog.Iteration) string { return string(s.State) })

// Ranked is one row of a backlog list.
type Ranked struct {
	Rank string `json:"rank,omitempty"`
	Item
	Progress   ProgressShown `json:"progress"`
	Requesters int           `json:"requesters"`
	Up         *Ref          `json:"up,omitempty" doc:"What it is part of."`
}

// RankedItems returns one page of a backlog in its order; after continues
// where the page before ended.
func RankedItems(ctx context.Context, r view.Reader, order, after string, limit int) (page []Ranked, next string, err error) {
	rows, next, err := places.List(ctx, r, view.Range{Index: "rank", Prefix: order + "/", After: after, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	ids := make([]string, len(rows))
	ranks := map[string]string{}
	for i, row := range rows {
		ids[i] = row.Doc.Item
		ranks[row.Doc.Item] = row.Doc.Rank
	}
	found, err := items.Many(ctx, r, ids)
	if err != nil {
		return nil, "", err
	}
	docs := make([]Item, len(found))
	for i, row := range found {
		docs[i] = row.Doc
	}
	page, err = Decorate(ctx, r, docs)
	for i := range page {
		page[i].Rank = ranks[page[i].ID]
	}
	return page, next, err
}

// Decorate adds to items what the line knows about them.
func Decorate(ctx context.Context, r view.Reader, docs []Item) ([]Ranked, error) {
	var ids []string
	for _, d := range docs {
		ids = append(ids, d.ID)
		if p := d.Parent; p != nil && (p.Item != "" || p.Epic != "") {
			ids = append(ids, string(p.Item)+string(p.Epic))
		}
	}
	rows, err := nodes.Many(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	byID := map[string]Node{}
	for _, row := range rows {
		byID[row.ID] = row.Doc
	}
	out := make([]Ranked, len(docs))
	for i, d := range docs {
		n := byID[d.ID]
		out[i] = Ranked{Item: d, Progress: n.Progress().Shown(), Requesters: n.Requesters()}
		if p := d.Parent; p != nil {
			if up, ok := byID[string(p.Item)+string(p.Epic)]; ok {
				out[i].Up = &Ref{ID: up.ID, Key: up.Key, Title: up.Title}
			}
		}
	}
	return out, nil
}

// EachRanked calls visit for every item of a backlog, in its order.
func EachRanked(ctx context.Context, r view.Reader, order string, visit func(Ranked) error) error {
	after := ""
	for {
		page, next, err := RankedItems(ctx, r, order, after, 500)
		if err != nil {
			return err
		}
		for _, row := range page {
			if err := visit(row); err != nil {
				return err
			}
		}
		if after = next; next == "" {
			return nil
		}
	}
}
