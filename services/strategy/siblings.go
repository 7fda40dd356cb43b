package strategy

import (
	"slices"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/view"
)

// Siblings is this context's look at its own aggregates, for decisions that
// rest on how many of them there are (the epics in a column, the value streams
// of a portfolio, the objectives of a theme) and on others of the same kind
// (parents, successors, pivots), where one may lead to many more.
var Siblings = view.New("strategy-siblings", 1, []view.TableDef{epicRows, streamRows, themeRows, objectiveRows, productRows},
	slices.Concat(
		view.OnAny(EpicSchema, func(tx *view.Tx, e es.Event[Epic]) {
			epicRows.Update(tx, tx.ID(), func(r EpicRow) EpicRow {
				s := e.Evolve(Epic{Portfolio: r.Portfolio, State: r.State, Resolution: r.Resolution, ValueStreams: r.ValueStreams})
				return EpicRow{s.Portfolio, s.State, s.Resolution, s.ValueStreams}
			})
		}),
		view.OnAny(ValueStreamSchema, func(tx *view.Tx, e es.Event[ValueStream]) {
			streamRows.Update(tx, tx.ID(), func(r StreamRow) StreamRow {
				s := e.Evolve(ValueStream{Portfolio: r.Portfolio, State: r.State})
				return StreamRow{s.Portfolio, s.State}
			})
		}),
		view.OnAny(ThemeSchema, func(tx *view.Tx, e es.Event[StrategicTheme]) {
			themeRows.Update(tx, tx.ID(), func(r ThemeRow) ThemeRow {
				s := e.Evolve(StrategicTheme{Portfolio: r.Portfolio, State: r.State, ThemeText: ThemeText{Title: r.Title}})
				return ThemeRow{s.Portfolio, s.State, s.Title}
			})
		}),
		view.OnAny(ObjectiveSchema, func(tx *view.Tx, e es.Event[Objective]) {
			objectiveRows.Update(tx, tx.ID(), func(r ObjectiveRow) ObjectiveRow {
				s := e.Evolve(Objective{Theme: r.Theme, Parent: r.Parent, State: r.State, ObjectiveText: ObjectiveText{Title: r.Title}})
				return ObjectiveRow{s.Theme, s.Parent, s.State, s.Title}
			})
		}),
		view.OnAny(ProductSchema, func(tx *view.Tx, e es.Event[Product]) {
			productRows.Update(tx, tx.ID(), func(r ProductRow) ProductRow {
				s := e.Evolve(Product{Stage: r.Stage, Parent: r.Parent})
				return ProductRow{s.Stage, s.Parent}
			})
		}),
	)...)

// The indexes of the rows.
const (
	inColumn    = "column"    // epics, by columnOf
	openIn      = "open"      // epics that are not done, by portfolio
	openFor     = "stream"    // epics that are not done, by value stream
	activeIn    = "portfolio" // value streams that are not retired, by portfolio
	measuresFor = "theme"     // objectives that are not closed, by theme
)

// EpicRow is an epic as its siblings see it.
type EpicRow struct {
	Portfolio    PortfolioID     `json:"portfolio"`
	State        EpicState       `json:"state"`
	Resolution   Resolution      `json:"resolution,omitempty"`
	ValueStreams []ValueStreamID `json:"valueStreams,omitempty"`
}

// columnOf ends with the state, so that no state is another one's prefix.
func columnOf(p PortfolioID, state EpicState) string { return p.String() + "/" + string(state) + "/" }

var epicRows = view.NewTable("epic", func(_ string, r EpicRow) []view.Key {
	keys := []view.Key{{Index: inColumn, Sort: columnOf(r.Portfolio, r.State)}}
	if r.State == Done {
		return keys
	}
	keys = append(keys, view.Key{Index: openIn, Sort: r.Portfolio.String()})
	for _, v := range r.ValueStreams {
		keys = append(keys, view.Key{Index: openFor, Sort: v.String()})
	}
	return keys
})

// StreamRow is a value stream as its siblings see it.
type StreamRow struct {
	Portfolio PortfolioID      `json:"portfolio"`
	State     ValueStreamState `json:"state"`
}

var streamRows = view.NewTable("value-stream", func(_ string, r StreamRow) []view.Key {
	if r.State == ValueStreamRetired {
		return nil
	}
	return []view.Key{{Index: activeIn, Sort: r.Portfolio.String()}}
})

// ObjectiveRow is an objective as its siblings see it. Its key results are not
// in it: an active one may stand here as a draft.
type ObjectiveRow struct {
	Theme  ThemeID        `json:"theme,omitempty"`
	Parent ObjectiveID    `json:"parent,omitempty"`
	State  ObjectiveState `json:"state"`
	Title  string         `json:"title"`
}

var objectiveRows = view.NewTable("objective", func(_ string, r ObjectiveRow) []view.Key {
	if r.Theme == "" || r.State == ObjectiveIsClosed {
		return nil
	}
	return []view.Key{{Index: measuresFor, Sort: r.Theme.String()}}
})

// ThemeRow is a theme as its siblings see it.
type ThemeRow struct {
	Portfolio PortfolioID `json:"portfolio"`
	State     ThemeState  `json:"state"`
	Title     string      `json:"title"`
}

var themeRows = view.NewTable[ThemeRow]("theme", nil)

// ProductRow is a product as its siblings see it.
type ProductRow struct {
	Stage  Stage     `json:"stage"`
	Parent ProductID `json:"parent,omitempty"`
}

var productRows = view.NewTable[ProductRow]("product", nil)
