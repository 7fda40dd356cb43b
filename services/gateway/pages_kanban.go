package gateway

import (
	"cmp"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"throughline.dev/services/gateway/web/part"
	"throughline.dev/services/gateway/web/view/kanban"
	"throughline.dev/services/portfolio"
	"throughline.dev/services/strategy"
)

// cardsShown is how many cards a column shows before it is asked for all.
const cardsShown = 50

// epicAsk says which field of a move answers which refusal.
var epicAsk = map[string]string{
	strategy.ErrWIPFull.Code: "override",
	"invalid":                "reason", // a move to the funnel or to done has to say why
}

func (g *Gateway) kanbanPage(v *visit) (templ.Component, error) {
	s, err := g.look(v.ctx, v.who, portfolio.PlanName, v.moment)
	if err != nil {
		return nil, err
	}
	all, err := portfolio.AllPortfolios(v.ctx, s.Reader)
	if err != nil {
		return nil, err
	}
	q := v.shell.Query
	m := kanban.Model{Live: v.live(portfolio.PlanName, s.Position()), Path: "/kanban", Query: q, Table: q.Get("as") == "table",
		Move: Prefix + "/epics/{id}/move", Ask: epicAsk}
	m.Live.URL = part.Query("/kanban", q)
	if len(all) == 0 {
		return kanban.Component(m), nil
	}
	chosen := all[0]
	for _, p := range all {
		if p.ID == q.Get("portfolio") {
			chosen = p
		}
		m.Filter.Portfolios = append(m.Filter.Portfolios, part.Option{Value: p.ID, Label: p.Name})
	}
	v.shell.Subtitle = chosen.Name
	f := portfolio.KanbanFilter{Text: q.Get("text"), Theme: q.Get("theme"), Owner: q.Get("owner"), Blocked: q.Get("blocked") == "true"}
	body, err := g.kanbanAt(v.ctx, v.who, s, chosen.ID, v.moment, f)
	if err != nil {
		return nil, err
	}
	m.Filter.Portfolio, m.Filter.Text, m.Filter.Theme, m.Filter.Owner, m.Filter.Blocked = chosen.ID, f.Text, f.Theme, f.Owner, f.Blocked
	choices, err := portfolio.ChoicesOf(v.ctx, s.Reader, chosen.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range choices.Themes {
		m.Filter.Themes = append(m.Filter.Themes, part.Option{Value: t.ID, Label: t.Title})
	}
	for _, id := range choices.Owners {
		m.Filter.Owners = append(m.Filter.Owners, part.Option{Value: id, Label: g.people.Name(v.who.Tenant, id)})
	}
	slices.SortFunc(m.Filter.Owners, func(a, b part.Option) int { return cmp.Compare(a.Label, b.Label) })
	hues := map[string]int{}
	for i, stream := range choices.Streams {
		hues[stream.ID] = i%5 + 1
	}
	changed := changesOf(body.Comparison)
	for _, c := range body.Columns {
		m.Columns = append(m.Columns, g.column(v, chosen, c, hues, changed, q.Get("all") == c.State))
	}
	if body.Comparison != nil {
		m.Compare = g.boardCompared(v, body.Comparison)
	}
	return kanban.Component(m), nil
}

func (g *Gateway) column(v *visit, p portfolio.Portfolio, c portfolio.Column, hues map[string]int, changed map[string]Changed, whole bool) kanban.Column {
	policy := p.Kanban.Column(strategy.EpicState(c.State))
	col := kanban.Column{State: c.State, Title: columnTitle(c.State, policy.Label), Policy: policy.Label + ": " + policy.Leave, Count: c.Count, Shown: len(c.Cards), Limit: c.Limit,
		AverageAge: c.AverageAge, Next: nextStates(strategy.EpicState(c.State))}
	cards := c.Cards
	if !whole && len(cards) > cardsShown {
		cards = cards[:cardsShown]
	}
	for _, card := range cards {
		shown := kanban.Card{ID: card.ID, Key: card.Key, Title: card.Title, URL: v.to("epic", card.ID, card.Key), State: card.State, Version: card.Version,
			Enabler: card.Kind == string(strategy.EnablerEpic), Owner: g.person(v, card.Owner), Progress: progress(card.Progress),
			Requesters: card.Requesters, Blocked: card.Blocked, Days: int(card.Days), Aged: card.Old, Case: card.Completeness}
		for _, t := range card.Themes {
			shown.Themes = append(shown.Themes, t.Title)
		}
		if len(card.ValueStreams) > 0 {
			shown.Stream, shown.Hue = card.ValueStreams[0].Title, hues[card.ValueStreams[0].ID]
		}
		if card.Score != nil {
			shown.WSJF = *card.Score
		}
		if c.State == string(strategy.Done) {
			shown.Case = 100 // nobody completes it any more
		}
		if d, ok := changed[card.ID]; ok {
			shown.Diffs = g.diffs(v, d.Changes)
			switch {
			case d.Changes == nil:
				shown.Change = kanban.Entered
			case len(shown.Diffs) > 0:
				shown.Change = kanban.Changed
			}
		}
		col.Cards = append(col.Cards, shown)
	}
	return col
}

// columnTitle is a column's label; SAFe's own names for the two columns of
// implementation are too long to stand over one.
func columnTitle(state, label string) string {
	if label == strategy.DefaultColumns[strategy.EpicState(state)].Label {
		return words(state)
	}
	return label
}

// nextStates are the columns that an epic may go to from a state: the next
// one, and with a reason back to the funnel, or to done.
func nextStates(s strategy.EpicState) []string {
	i := slices.Index(strategy.EpicStates, s)
	if s == strategy.Done || i < 0 {
		return []string{"none"}
	}
	next := []string{string(strategy.EpicStates[i+1])}
	if s != strategy.Funnel && s != strategy.MVP && s != strategy.Persevere {
		next = append(next, string(strategy.Funnel))
	}
	if next[0] != string(strategy.Done) {
		next = append(next, string(strategy.Done))
	}
	return next
}

// changesOf are a comparison's things by id; what entered has no changes.
func changesOf(c *Comparison) map[string]Changed {
	if c == nil {
		return nil
	}
	by := map[string]Changed{}
	for _, n := range c.Entered {
		by[n.ID] = Changed{Named: n}
	}
	for _, d := range c.Changed {
		by[d.ID] = d
	}
	return by
}

func (g *Gateway) boardCompared(v *visit, c *Comparison) *kanban.Compare {
	out := &kanban.Compare{From: v.shell.Compare.String(), To: "now"}
	if v.shell.AsOf.Past() {
		out.To = v.shell.AsOf.String()
	}
	card := func(n Named) kanban.Card {
		return kanban.Card{ID: n.ID, Key: n.Key, Title: n.Title, URL: v.to("epic", n.ID, n.Key)}
	}
	for _, n := range c.Entered {
		out.Entered = append(out.Entered, card(n))
	}
	for _, n := range c.Left {
		left := card(n)
		left.URL = part.Query("/epics/"+url.PathEscape(n.ID), nil, "asOf", v.moment.CompareTo)
		out.Left = append(out.Left, left)
	}
	for _, d := range c.Changed {
		moved := card(d.Named)
		if moved.Diffs = g.diffs(v, d.Changes); len(moved.Diffs) > 0 {
			out.Moved = append(out.Moved, moved)
		}
	}
	return out
}
