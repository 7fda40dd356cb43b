package portfolio

import (
	"context"
	"slices"

	"throughline.dev/pkg/view"
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
