package portfolio

import (
	"context"
	"strings"
	"time"

	"throughline.dev/pkg/view"
)

// ItemFilter narrows a list of items. Empty fields let everything through.
type ItemFilter struct {
	Type, State, Team, Key string
	Text                   string
	Parent                 string // id of what they are part of
	UpdatedSince           time.Time
}

// span picks the index that narrows most, and says whether what it yields
// still has to be looked through.
func (f ItemFilter) span() (q view.Range, exact bool) {
	set := count(f.Type != "") + count(f.State != "") + count(f.Team != "") + count(f.Key != "") + count(!f.UpdatedSince.IsZero()) +
		count(f.Text != "") + count(f.Parent != "")
	switch {
	case f.Key != "":
		return view.Range{Index: "key", Prefix: sortKey(f.Key)}, false
	case f.Parent != "":
		return view.Range{Index: "parent", Prefix: f.Parent + "/"}, set == 1
	case f.Team != "":
		return view.Range{Index: "team", Prefix: f.Team + "/"}, set == 1
	case f.State != "":
		return view.Range{Index: "state", Prefix: f.State + "/"}, set == 1
	case f.Type != "":
		return view.Range{Index: "type", Prefix: f.Type + "/"}, set == 1
	default:
		return view.Range{Index: "key"}, set == 0
	}
}

func (f ItemFilter) keeps(d Item) bool {
	parent := ""
	if d.Parent != nil {
		parent = string(d.Parent.Item) + string(d.Parent.Epic)
	}
	return (f.Type == "" || f.Type == string(d.Kind)) && (f.State == "" || f.State == string(d.State)) &&
		(f.Team == "" || f.Team == d.Team.String()) && (f.Key == "" || strings.EqualFold(f.Key, d.Key)) &&
		(f.Parent == "" || f.Parent == parent) && !d.Updated.Before(f.UpdatedSince) &&
		(f.Text == "" || strings.Contains(strings.ToLower(d.Title), strings.ToLower(f.Text)))
}

// ListItems returns one page of the items that the filter keeps, by key.
func ListItems(ctx context.Context, r view.Reader, f ItemFilter, after string, limit int) (page []Item, next string, err error) {
	q, exact := f.span()
	q.After, q.Limit = after, limit
	page = []Item{}
	for {
		rows, more, err := items.List(ctx, r, q)
		if err != nil {
			return nil, "", err
		}
		for i, row := range rows {
			if !exact && !f.keeps(row.Doc) {
				continue
			}
			page = append(page, row.Doc)
			if len(page) == limit && (i < len(rows)-1 || more != "") {
				return page, items.After(q, row.ID, row.Doc), nil
			}
		}
		if more == "" {
			return page, "", nil
		}
		q.After = more
	}
}

// CountItems returns how many items the filter keeps.
func CountItems(ctx context.Context, r view.Reader, f ItemFilter) (int, error) {
	q, exact := f.span()
	if exact {
		return items.Count(ctx, r, q.Index, q.Prefix)
	}
	n := 0
	err := each(ctx, items, r, q, func(row view.Row[Item]) error {
		n += count(f.keeps(row.Doc))
		return nil
	})
	return n, err
}

// EachItem calls visit for every item that the filter keeps.
func EachItem(ctx context.Context, r view.Reader, f ItemFilter, visit func(Item) error) error {
	q, _ := f.span()
	return each(ctx, items, r, q, func(row view.Row[Item]) error {
		if !f.keeps(row.Doc) {
			return nil
		}
		return visit(row.Doc)
	})
}
