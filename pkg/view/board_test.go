package view_test

import (
	"fmt"
	"testing"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/view"
	"throughline.dev/pkg/view/viewtest"
)

// A small world: cards on a board, with comments counted and labels indexed.

type card struct{}

type (
	cardAdded   struct{ Title, Column string }
	cardMoved   struct{ Column string }
	cardLabeled struct{ Label string }
	cardDropped struct{}
	boardWiped  struct{ Column string } // drops every card of a column
	cardPoison  struct{ Panic bool }    // wanted by the fragile view only
)

func (cardAdded) Evolve(s card) card   { return s }
func (cardMoved) Evolve(s card) card   { return s }
func (cardLabeled) Evolve(s card) card { return s }
func (cardDropped) Evolve(s card) card { return s }
func (boardWiped) Evolve(s card) card  { return s }
func (cardPoison) Evolve(s card) card  { return s }

var cards = &es.Aggregate[card]{Context: "test", Name: "card", Schema: es.NewSchema(
	es.On[cardAdded]("test.card.added.v1"),
	es.On[cardMoved]("test.card.moved.v1"),
	es.On[cardLabeled]("test.card.labeled.v1"),
	es.On[cardDropped]("test.card.dropped.v1"),
	es.On[boardWiped]("test.board.wiped.v1"),
	es.On[cardPoison]("test.card.poison.v1"),
)}

var catalog = es.NewCatalog(cards.Schema)

type cardDoc struct {
	Title  string          `json:"title"`
	Column string          `json:"column"`
	Labels map[string]bool `json:"labels,omitempty"`
	Trail  []uint64        `json:"trail"`
}

type columnDoc struct {
	Cards int `json:"cards"`
}

var (
	cardTable = view.NewTable("cards", func(id string, d cardDoc) []view.Key {
		keys := []view.Key{{Index: "column", Sort: d.Column + "/" + d.Title}, {Index: "title", Sort: d.Title}}
		for l := range d.Labels {
			keys = append(keys, view.Key{Index: "label", Sort: l})
		}
		return keys
	})
	columnTable = view.NewTable[columnDoc]("columns", nil)
)

func newBoard(version int) *view.View {
	count := func(tx *view.Tx, column string, n int) {
		columnTable.Update(tx, column, func(d columnDoc) columnDoc { d.Cards += n; return d })
		if d, _ := columnTable.Get(tx, column); d.Cards == 0 {
			columnTable.Delete(tx, column)
		}
	}
	return view.New("board", version, []view.TableDef{cardTable, columnTable},
		view.On(func(tx *view.Tx, e cardAdded) {
			if old, ok := cardTable.Get(tx, tx.ID()); ok {
				count(tx, old.Column, -1)
			}
			count(tx, e.Column, 1)
			cardTable.Put(tx, tx.ID(), cardDoc{Title: e.Title, Column: e.Column, Trail: []uint64{tx.Position()}})
		}),
		view.On(func(tx *view.Tx, e cardMoved) {
			cardTable.Change(tx, tx.ID(), func(d cardDoc) cardDoc {
				count(tx, d.Column, -1)
				count(tx, e.Column, 1)
				d.Column, d.Trail = e.Column, es.Added(d.Trail, tx.Position())
				return d
			})
		}),
		view.On(func(tx *view.Tx, e cardLabeled) {
			cardTable.Change(tx, tx.ID(), func(d cardDoc) cardDoc {
				d.Labels = es.Plus(d.Labels, e.Label, true)
				return d
			})
		}),
		view.On(func(tx *view.Tx, _ cardDropped) {
			if d, ok := cardTable.Get(tx, tx.ID()); ok {
				count(tx, d.Column, -1)
				cardTable.Delete(tx, tx.ID())
			}
		}),
		view.On(func(tx *view.Tx, e boardWiped) {
			for id, d := range cardTable.Scan(tx, view.Range{Index: "column", Prefix: e.Column + "/"}) {
				count(tx, d.Column, -1)
				cardTable.Delete(tx, id)
			}
		}),
	)
}

var board = newBoard(1)

func cardID(n int) es.ID[card] { return es.DeriveID[card](fmt.Sprint(n)) }

func commit(t testing.TB, n int, events ...es.Event[card]) es.Commit {
	return viewtest.Commit(t, cards, cardID(n), events...)
}

var tenant = estest.Meta.Tenant
