package strategy

import (
	"context"
	"slices"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/view"
)

// facts asks for what one decision must know of its siblings.
type facts struct {
	ctx context.Context
	w   *command.World
	t   es.Tenant
}

// know fills a command's facts in before each attempt to decide.
func know[S any, C es.Command[S]](fill func(f facts, id es.ID[S], s S, c C) (C, error)) command.Option[S, C] {
	return command.Facts(func(ctx context.Context, w *command.World, m es.Meta, id es.ID[S], s S, c C) (C, error) {
		return fill(facts{ctx, w, m.Tenant}, id, s, c)
	})
}

// state is a sibling of another kind as it is now; the zero state when no id
// is given or there is no such. For one of the same kind see row.
func state[S any](f facts, a *es.Aggregate[S], id es.ID[S]) (s S, err error) {
	if id == "" {
		return s, nil
	}
	s, _, err = command.State(f.ctx, f.w, a, f.t, id)
	return s, err
}

// row is a sibling of the same kind as the siblings view sees it; the zero row
// when no id is given or there is no such.
func row[D any, S any](f facts, table *view.Table[D], id es.ID[S]) (d D, err error) {
	if id == "" {
		return d, nil
	}
	rows, err := command.Rows(f.ctx, f.w, f.t, table, view.Range{Prefix: id.String()})
	if err != nil || len(rows) == 0 {
		return d, err
	}
	return rows[0].Doc, nil
}

func count[D any](f facts, table *view.Table[D], index, sort string) (int, error) {
	rows, err := command.Rows(f.ctx, f.w, f.t, table, view.Range{Index: index, Prefix: sort})
	return len(rows), err
}

func (f facts) use(p PortfolioID) (u PortfolioUse, err error) {
	if u.OpenEpics, err = count(f, epicRows, openIn, p.String()); err != nil {
		return u, err
	}
	u.ValueStreams, err = count(f, streamRows, activeIn, p.String())
	return u, err
}

// epic tells what an epic in a portfolio, with these themes and value streams,
// must know to enter a column.
func (f facts) epic(p PortfolioID, to EpicState, themes []ThemeID, streams []ValueStreamID) (x EpicFacts, err error) {
	if x.Portfolio, err = state(f, Portfolios, p); err != nil {
		return x, err
	}
	// Only a limited column is counted.
	if x.Portfolio.Kanban.WIP[to] > 0 {
		x.InState = map[EpicState]int{}
		if x.InState[to], err = count(f, epicRows, inColumn, columnOf(p, to)); err != nil {
			return x, err
		}
	}
	x.Themes = map[ThemeID]StrategicTheme{}
	for _, id := range themes {
		t, err := state(f, Themes, id)
		if err != nil {
			return x, err
		}
		if t.State != "" {
			x.Themes[id] = t
		}
	}
	x.Streams = map[ValueStreamID]ValueStream{}
	for _, id := range streams {
		v, err := state(f, ValueStreams, id)
		if err != nil {
			return x, err
		}
		if v.State != "" {
			x.Streams[id] = v
		}
	}
	return x, nil
}

// depth is how far up a chain of parents is followed; nobody builds one that
// is this deep but by a cycle.
const depth = 100

// above tells about the product that another one is to be part of.
func (f facts) above(self, parent ProductID) (ProductParent, error) {
	p, err := row(f, productRows, parent)
	above := ProductParent{Exists: p.Stage != "", Sunset: p.Stage == Sunset, Cycle: parent == self}
	for n := 0; err == nil && !above.Cycle && p.Parent != ""; n++ {
		above.Cycle = p.Parent == self || n >= depth
		p, err = row(f, productRows, p.Parent)
	}
	return above, err
}

// objective tells what an objective must know of the portfolio, product, theme
// and parent that it names.
func (f facts) objective(self ObjectiveID, p PortfolioID, product ProductID, theme ThemeID, parent ObjectiveID) (x ObjectiveFacts, err error) {
	if x.Portfolio, err = state(f, Portfolios, p); err != nil {
		return x, err
	}
	of, err := state(f, Products, product)
	if err != nil {
		return x, err
	}
	x.Product = of.Stage != ""
	if x.Theme, err = state(f, Themes, theme); err != nil || parent == "" {
		return x, err
	}
	up, err := row(f, objectiveRows, parent)
	x.Parent, x.Cycle = Objective{State: up.State, ObjectiveText: ObjectiveText{Title: up.Title}}, parent == self
	for n := 0; err == nil && !x.Cycle && up.Parent != ""; n++ {
		x.Cycle = up.Parent == self || n >= depth
		up, err = row(f, objectiveRows, up.Parent)
	}
	return x, err
}

// served is an objective as an epic that is to serve it sees it: one that is a
// product's only belongs to the portfolio of the product.
func (f facts) served(id ObjectiveID) (Objective, error) {
	o, err := state(f, Objectives, id)
	if err != nil || o.Portfolio != "" {
		return o, err
	}
	p, err := state(f, Products, o.Product)
	o.Portfolio = p.Portfolio
	return o, err
}

// EpicOf is the id of the epic that a source stands for: importing it twice
// gives one epic.
func EpicOf(t es.Tenant, s Source) EpicID {
	return es.DeriveID[Epic](t.String(), "epic", s.System, s.Key)
}

// VisionOf is the id of the one vision of a product or a portfolio.
func VisionOf(t es.Tenant, product ProductID, portfolio PortfolioID) VisionID {
	return es.DeriveID[ProductVision](t.String(), "vision", product.String(), portfolio.String())
}

// both joins lists of ids.
func both[T any](a []T, b *[]T) []T {
	if b == nil {
		return a
	}
	return slices.Concat(a, *b)
}
