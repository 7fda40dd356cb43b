package backlog

import (
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/view"
)

// Siblings is this context's look at its own aggregates and at the epics of
// the strategy context, for decisions that rest on more than one of them.
var Siblings = view.New("backlog-siblings", 2,
	[]view.TableDef{itemRows, iterationRows, memberRows, waitRows, epicRows},
	row[ItemCreated](), row[ItemImported](), row[ItemRetyped](),
	row[ParentSet](), row[ParentImported](), row[TeamSet](), row[ItemEstimated](),
	row[ItemReadied](), row[ItemPlanned](), row[ItemUnplanned](), row[ItemStarted](), row[ItemMoved](),
	row[ItemAccepted](), row[AcceptanceRejected](), row[ItemReopened](), row[ItemCancelled](), row[ItemSplit](),
	row[IterationsImported](),

	view.On(func(tx *view.Tx, e ItemLinked) { wait(tx, e.Link) }),
	view.On(func(tx *view.Tx, e ItemUnlinked) { unwait(tx, e.Link) }),
	view.On(func(tx *view.Tx, e LinksImported) {
		for _, l := range e.Removed {
			unwait(tx, l)
		}
		for _, l := range e.Added {
			wait(tx, l)
		}
	}),

	span[IterationScheduled](), span[IterationRescheduled](), span[IterationStarted](), span[IterationClosed](),
	span[IterationCancelled](), span[IterationImported](), span[IterationSynced](),

	view.On(func(tx *view.Tx, e MemberAdded) {
		memberRows.Update(tx, memberRow(tx, e.Person), func(r MemberRow) MemberRow {
			return MemberRow{TeamID(tx.ID()), e.Person, es.Added(r.Spans, e.Member)}
		})
	}),
	view.On(func(tx *view.Tx, e MemberChanged) { lastSpan(tx, e.Person, func(Member) Member { return e.Member }) }),
	view.On(func(tx *view.Tx, e MemberLeft) {
		lastSpan(tx, e.Person, func(m Member) Member { m.Until = e.Until; return m })
	}),
	view.On(func(tx *view.Tx, e TeamDisbanded) {
		for id := range memberRows.Scan(tx, view.Range{Index: "team", Prefix: tx.ID()}) {
			memberRows.Delete(tx, id)
		}
	}),

	view.Each(func(tx *view.Tx, r es.Record) {
		if EpicEvents.Type(r.Name) == nil {
			return
		}
		e, err := EpicEvents.Decode(r)
		if err != nil {
			panic(err) // a view never skips: this stops it
		}
		epicRows.Update(tx, tx.ID(), e.Evolve)
	}),
)

// ItemRow is an item as its siblings see it.
type ItemRow struct {
	Kind      Kind        `json:"kind"`
	State     State       `json:"state"`
	Parent    ItemID      `json:"parent,omitempty"`
	Epic      EpicID      `json:"epic,omitempty"`
	Team      TeamID      `json:"team,omitempty"`
	Column    string      `json:"column,omitempty"`
	Iteration IterationID `json:"iteration,omitempty"`
	Points    *float64    `json:"points,omitempty"`
}

var itemRows = view.NewTable("item", func(_ string, r ItemRow) []view.Key {
	var keys []view.Key
	if r.Parent != "" {
		keys = append(keys, view.Key{Index: "parent", Sort: r.Parent.String()})
	}
	if r.Team != "" && r.Column != "" && !r.State.Closed() {
		keys = append(keys, view.Key{Index: "column", Sort: r.Team.String()})
	}
	if r.Iteration != "" {
		keys = append(keys, view.Key{Index: "iteration", Sort: r.Iteration.String()})
	}
	return keys
})

// row keeps an item's row by the item's own Evolve, on as much of the item as
// the row has.
func row[E es.Event[Item]]() view.Handler {
	return view.On(func(tx *view.Tx, e E) {
		itemRows.Update(tx, tx.ID(), func(r ItemRow) ItemRow {
			s := Item{Kind: r.Kind, State: r.State, Team: r.Team, Column: r.Column, Iteration: r.Iteration, Points: r.Points}
			if r.Parent != "" || r.Epic != "" {
				s.Parent = &Parent{Item: r.Parent, Epic: r.Epic}
			}
			s = e.Evolve(s)
			r = ItemRow{Kind: s.Kind, State: s.State, Team: s.Team, Column: s.Column, Iteration: s.Iteration, Points: s.Points}
			if s.Parent != nil {
				r.Parent, r.Epic = s.Parent.Item, s.Parent.Epic
			}
			return r
		})
	})
}

// IterationRow is an iteration as its siblings see it.
type IterationRow struct {
	Team  TeamID         `json:"team,omitempty"`
	State IterationState `json:"state"`
	Start Day            `json:"start,omitempty"`
	End   Day            `json:"end,omitempty"`
}

var iterationRows = view.NewTable("iteration", func(_ string, r IterationRow) []view.Key {
	return []view.Key{{Index: "team", Sort: r.Team.String()}}
})

func span[E es.Event[Iteration]]() view.Handler {
	return view.On(func(tx *view.Tx, e E) {
		iterationRows.Update(tx, tx.ID(), func(r IterationRow) IterationRow {
			s := e.Evolve(Iteration{Team: r.Team, State: r.State, Start: r.Start, End: r.End})
			return IterationRow{s.Team, s.State, s.Start, s.End}
		})
	})
}

// MemberRow is all spans of one person in one team.
type MemberRow struct {
	Team   TeamID      `json:"team"`
	Person es.PersonID `json:"person"`
	Spans  []Member    `json:"spans"`
}

var memberRows = view.NewTable("member", func(_ string, r MemberRow) []view.Key {
	return []view.Key{{Index: "person", Sort: r.Person.String()}, {Index: "team", Sort: r.Team.String()}}
})

func memberRow(tx *view.Tx, p es.PersonID) string { return tx.ID() + "-" + p.String() }

func lastSpan(tx *view.Tx, p es.PersonID, change func(Member) Member) {
	memberRows.Change(tx, memberRow(tx, p), func(r MemberRow) MemberRow {
		last := len(r.Spans) - 1
		r.Spans = es.Added(r.Spans[:last:last], change(r.Spans[last]))
		return r
	})
}

// WaitRow says that one item must be done before another.
type WaitRow struct {
	Before ItemID `json:"before"`
	After  ItemID `json:"after"`
}

var waitRows = view.NewTable("wait", func(_ string, r WaitRow) []view.Key {
	return []view.Key{{Index: "before", Sort: r.Before.String()}}
})

// waitRow is named after the link, not after what it says: both ends may say it.
func waitRow(tx *view.Tx, l Link) string { return tx.ID() + "-" + string(l.Kind) + "-" + l.To.String() }

func wait(tx *view.Tx, l Link) {
	if before, after, ok := l.waits(ItemID(tx.ID())); ok {
		waitRows.Put(tx, waitRow(tx, l), WaitRow{before, after})
	}
}

func unwait(tx *view.Tx, l Link) { waitRows.Delete(tx, waitRow(tx, l)) }

var epicRows = view.NewTable[EpicRef]("epic", nil)
