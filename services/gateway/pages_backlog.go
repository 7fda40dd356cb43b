package gateway

import (
	"strconv"

	"github.com/a-h/templ"

	"throughline.dev/pkg/fail"
	"throughline.dev/services/backlog"
	"throughline.dev/services/gateway/web/part"
	list "throughline.dev/services/gateway/web/view/backlog"
	"throughline.dev/services/portfolio"
)

// allItems is the value of order= that lists every item by its key.
const allItems = "all"

// itemKinds and itemStates are what the list can be narrowed to.
var (
	itemKinds  = []backlog.Kind{backlog.Capability, backlog.Feature, backlog.Story, backlog.Bug, backlog.Task}
	itemStates = []backlog.State{backlog.Funnel, backlog.Analyzing, backlog.Draft, backlog.ToDo, backlog.Ready, backlog.Planned, backlog.Implementing,
		backlog.InProgress, backlog.Doing, backlog.Validating, backlog.Deploying, backlog.Releasing, backlog.Review, backlog.Done, backlog.Cancelled}
)

func (g *Gateway) backlogPage(v *visit) (templ.Component, error) {
	s, err := g.look(v.ctx, v.who, portfolio.PlanName, v.moment)
	if err != nil {
		return nil, err
	}
	q := v.shell.Query
	m := list.Model{Live: v.live(portfolio.PlanName, s.Position()), Path: "/backlog", Query: q, Page: 1}
	order, err := g.chooseBacklog(v, s, &m)
	if err != nil {
		return nil, err
	}
	f := portfolio.ItemFilter{Type: q.Get("kind"), State: q.Get("state"), Team: q.Get("team"), Text: q.Get("text")}
	if m.Page, err = strconv.Atoi(q.Get("page")); err != nil || m.Page < 1 {
		m.Page = 1
	}
	rows, err := portfolio.BacklogPage(v.ctx, s.Reader, order, f, q.Get("epic"), (m.Page-1)*list.PageSize, list.PageSize)
	if err != nil {
		return nil, err
	}
	m.First, m.Last, m.Pages = rows.First, rows.Last, (rows.Count+list.PageSize-1)/list.PageSize
	m.Sums = list.Sums{Items: rows.Count, Unestimated: rows.Unestimated, Points: rows.Points, Done: rows.DonePoints}
	changed, err := g.backlogChanges(v, order)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, r := range rows.Rows {
		row := g.row(v, r)
		if id := r.Team.String(); id != "" {
			if _, known := names[id]; !known {
				if names[id], err = portfolio.NameOf(v.ctx, s.Reader, id); err != nil {
					return nil, err
				}
			}
			row.Team = names[id]
		}
		if d, ok := changed[r.ID]; ok {
			row.Change, row.Diffs = "Entered", g.diffs(v, d.Changes)
			if d.Changes != nil {
				row.Change = map[bool]string{true: "Changed", false: ""}[len(row.Diffs) > 0]
			}
		}
		m.Rows = append(m.Rows, row)
	}
	return list.Component(m), g.backlogFilter(v, s, &m.Filter)
}

// chooseBacklog finds which list is asked for, and what others there are. With
// no backlog it is all items by key.
func (g *Gateway) chooseBacklog(v *visit, s sight, m *list.Model) (string, error) {
	all, err := portfolio.AllBacklogs(v.ctx, s.Reader)
	if err != nil {
		return "", err
	}
	chosen := v.shell.Query.Get("order")
	if chosen == "" {
		chosen = allItems
		if len(all) > 0 {
			chosen = all[0].ID
		}
	}
	m.Order = chosen
	for _, b := range all {
		name := words(b.Kind) + " " + b.Name
		m.Orders = append(m.Orders, part.Option{Value: b.ID, Label: name + " · " + part.Count(b.Items)})
		if b.ID == chosen {
			v.shell.Subtitle = name
			m.Move = Prefix + "/orders/" + b.ID + "/move-{at}"
		}
	}
	m.Orders = append(m.Orders, part.Option{Value: allItems, Label: "All items by key"})
	switch {
	case chosen == allItems:
		v.shell.Subtitle = "All items by key"
		return "", nil
	case m.Move == "":
		return "", fail.NotFound("backlog", shorten(chosen))
	}
	return chosen, nil
}

// backlogChanges are the differences that the API says of the same list.
func (g *Gateway) backlogChanges(v *visit, order string) (map[string]Changed, error) {
	if v.moment.CompareTo == "" {
		return nil, nil
	}
	one := Listing{Moment: v.moment, Limit: 1}
	if order == "" {
		out, err := g.listItems(v.ctx, v.who, &itemsIn{Listing: one})
		if err != nil {
			return nil, err
		}
		return changesOf(out.Body.Comparison), nil
	}
	out, err := g.backlogItems(v.ctx, v.who, &backlogIn{Listing: one, ID: order})
	if err != nil {
		return nil, err
	}
	return changesOf(out.Body.Comparison), nil
}

func (g *Gateway) row(v *visit, r portfolio.Listed) list.Row {
	row := list.Row{Rank: r.Place, ID: r.ID, Key: r.Key, Title: r.Title, URL: v.to(string(r.Kind), r.ID, r.Key), Kind: string(r.Kind),
		State: words(string(r.State)), Phase: phase(string(r.State.Category())), Requesters: r.Requesters}
	if r.Points != nil {
		row.Points = part.Number(*r.Points)
	}
	if r.Blocked != nil {
		row.Blocked = r.Blocked.Reason
	}
	if r.Epic != nil {
		row.Epic = part.Ref{Key: r.Epic.Key, Title: r.Epic.Title, URL: v.to("epic", r.Epic.ID, r.Epic.Key)}
	}
	if r.Up != nil && (r.Epic == nil || r.Up.ID != r.Epic.ID) {
		row.Parent = part.Ref{Key: r.Up.Key, Title: r.Up.Title, URL: v.to("item", r.Up.ID, r.Up.Key)}
	}
	return row
}

func (g *Gateway) backlogFilter(v *visit, s sight, f *list.Filter) error {
	q := v.shell.Query
	f.Text, f.Kind, f.State, f.Team, f.Epic = q.Get("text"), q.Get("kind"), q.Get("state"), q.Get("team"), q.Get("epic")
	for _, k := range itemKinds {
		f.Kinds = append(f.Kinds, part.Option{Value: string(k), Label: words(string(k))})
	}
	for _, st := range itemStates {
		f.States = append(f.States, part.Option{Value: string(st), Label: words(string(st))})
	}
	err := portfolio.Teams.All(v.ctx, s.Reader, func(id string, t portfolio.Team) error {
		f.Teams = append(f.Teams, part.Option{Value: id, Label: t.Name})
		return nil
	})
	if err != nil {
		return err
	}
	return portfolio.Epics.All(v.ctx, s.Reader, func(id string, e portfolio.Epic) error {
		f.Epics = append(f.Epics, part.Option{Value: id, Label: e.Key + " " + e.Title})
		return nil
	})
}
