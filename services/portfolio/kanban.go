package portfolio

import (
	"context"
	"strings"
	"time"

	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/view"
	"throughline.dev/services/strategy"
)

// Kanban is the portfolio Kanban (domain.md §6.1).
type Kanban struct {
	Portfolio Ref      `json:"portfolio"`
	Columns   []Column `json:"columns"`
	Position  uint64   `json:"position" doc:"The log's position that this shows."`
}

// Ref names something shown elsewhere in full.
type Ref struct {
	ID    string `json:"id"`
	Key   string `json:"key,omitempty"`
	Title string `json:"title"`
}

// Column is one state.
type Column struct {
	State      string  `json:"state"`
	Count      int     `json:"count" doc:"Epics in it, shown here or not."`
	Limit      int     `json:"limit,omitempty" doc:"The WIP limit; 0 is none."`
	Over       bool    `json:"over,omitempty" doc:"It holds more than its limit."`
	AverageAge float64 `json:"averageAge" doc:"Mean days that its epics have been in it."`
	Cards      []Card  `json:"cards"`
}

// Card is one epic.
type Card struct {
	ID           string          `json:"id"`
	Key          string          `json:"key"`
	Version      uint64          `json:"version"`
	Title        string          `json:"title"`
	Kind         string          `json:"kind" doc:"business or enabler"`
	State        string          `json:"state"`
	Owner        string          `json:"owner,omitempty" doc:"Id of the person."`
	Themes       []Ref           `json:"themes"`
	ValueStreams []Ref           `json:"valueStreams"`
	WSJF         *strategy.WSJF  `json:"wsjf,omitempty"`
	Score        *float64        `json:"score,omitempty" doc:"WSJF; absent while an input is missing."`
	MVPCost      *strategy.Money `json:"mvpCost,omitempty"`
	FullCost     *strategy.Money `json:"fullCost,omitempty"`
	Days         float64         `json:"days" doc:"In its present state."`
	Old          bool            `json:"old,omitempty" doc:"Longer than 85 % of the epics before it."`
	Completeness int             `json:"completeness" doc:"Filled share of hypothesis and business case, in percent."`
	Last         *Verdict        `json:"lastDecision,omitempty"`
	Blocked      string          `json:"blocked,omitempty" doc:"Why."`
	Resolution   string          `json:"resolution,omitempty"`
	Progress     ProgressShown   `json:"progress"`
	Requesters   int             `json:"requesters" doc:"Distinct customers who asked for it or for something below it."`
}

// ProgressShown is Progress with what it comes to.
type ProgressShown struct {
	Progress
	Percent     float64 `json:"percent"`
	By          string  `json:"by" doc:"points where all leaves are estimated, else items"`
	Unestimated float64 `json:"unestimatedPercent"`
}

// Shown computes what a progress comes to.
func (p Progress) Shown() ProgressShown {
	s := ProgressShown{Progress: p, Percent: p.Percent(), By: "items"}
	if p.ByPoints() {
		s.By = "points"
	}
	if p.Items > 0 {
		s.Unestimated = tidy(float64(p.Unestimated) / float64(p.Items) * 100)
	}
	return s
}

// KanbanFilter narrows the cards; the counts stay those of the whole column.
type KanbanFilter struct {
	Text    string
	Theme   string
	Owner   string
	Blocked bool
	Limit   int    // cards per column, 0: all
	Show    string // this column is shown whole
}

func (f KanbanFilter) keeps(c Card) bool {
	if f.Text != "" && !strings.Contains(strings.ToLower(c.Title+" "+c.Key), strings.ToLower(f.Text)) {
		return false
	}
	if f.Theme != "" {
		found := false
		for _, t := range c.Themes {
			found = found || t.ID == f.Theme
		}
		if !found {
			return false
		}
	}
	return (f.Owner == "" || f.Owner == c.Owner) && (!f.Blocked || c.Blocked != "")
}

// KanbanOf returns a portfolio's Kanban as the reader sees it at a moment.
func KanbanOf(ctx context.Context, r view.Reader, id string, now time.Time, f KanbanFilter) (Kanban, error) {
	p, ok, err := portfolios.Find(ctx, r, id)
	if err != nil || !ok {
		return Kanban{}, orMissing(err, "portfolio", id)
	}
	k := Kanban{Portfolio: Ref{ID: id, Title: p.Name}, Position: r.Position()}
	names := titles{r: r, seen: map[string]Ref{}}
	for _, s := range strategy.EpicStates {
		col := Column{State: string(s), Limit: p.Kanban.WIP[s], Cards: []Card{}}
		old, hasOld, err := stays.Find(ctx, r, id+"-"+string(s))
		if err != nil {
			return k, err
		}
		limit, judged := old.p85()
		var days float64
		err = each(ctx, epics, r, view.Range{Index: "column", Prefix: column(id, s)}, func(row view.Row[Epic]) error {
			age := now.Sub(row.Doc.Since).Hours() / 24
			days += age
			col.Count++
			if f.Limit > 0 && len(col.Cards) >= f.Limit && f.Show != col.State {
				return nil
			}
			card, err := cardOf(ctx, &names, row.ID, row.Doc, age)
			if err != nil {
				return err
			}
			card.Old = hasOld && judged && age > limit && s != strategy.Done
			if f.keeps(card) {
				col.Cards = append(col.Cards, card)
			}
			return nil
		})
		if err != nil {
			return k, err
		}
		if col.Count > 0 {
			col.AverageAge = tidy(days / float64(col.Count))
		}
		col.Over = col.Limit > 0 && col.Count > col.Limit
		if err := addProgress(ctx, r, col.Cards); err != nil {
			return k, err
		}
		k.Columns = append(k.Columns, col)
	}
	return k, nil
}

func cardOf(ctx context.Context, names *titles, id string, d Epic, age float64) (Card, error) {
	c := Card{ID: id, Key: d.Key, Version: d.Version, Title: d.Title, Kind: string(d.Kind), State: string(d.State), Owner: d.Owner.String(),
		Themes: []Ref{}, ValueStreams: []Ref{}, WSJF: d.WSJF, Days: tidy(age), Completeness: completeness(d.Epic), Last: d.Last,
		Blocked: d.Blocked, Resolution: string(d.Resolution)}
	if d.WSJF != nil {
		if score, ok := d.WSJF.Score(); ok {
			score = tidy(score)
			c.Score = &score
		}
	}
	if d.Case != nil {
		c.MVPCost, c.FullCost = d.Case.MVPCost, d.Case.FullCost
	}
	for _, t := range d.Themes {
		ref, err := names.theme(ctx, t.String())
		if err != nil {
			return c, err
		}
		c.Themes = append(c.Themes, ref)
	}
	for _, v := range d.ValueStreams {
		ref, err := names.stream(ctx, v.String())
		if err != nil {
			return c, err
		}
		c.ValueStreams = append(c.ValueStreams, ref)
	}
	return c, nil
}

func addProgress(ctx context.Context, r view.Reader, cards []Card) error {
	ids := make([]string, len(cards))
	for i, c := range cards {
		ids[i] = c.ID
	}
	rows, err := nodes.Many(ctx, r, ids)
	if err != nil {
		return err
	}
	byID := map[string]Node{}
	for _, row := range rows {
		byID[row.ID] = row.Doc
	}
	for i := range cards {
		n := byID[cards[i].ID]
		cards[i].Progress, cards[i].Requesters = n.Progress().Shown(), n.Requesters()
	}
	return nil
}

// titles looks up what things are called, once each.
type titles struct {
	r    view.Reader
	seen map[string]Ref
}

func (t *titles) theme(ctx context.Context, id string) (Ref, error) {
	return t.look(id, func() (Ref, bool, error) {
		d, ok, err := themes.Find(ctx, t.r, id)
		return Ref{ID: id, Key: d.Key, Title: d.Title}, ok, err
	})
}

func (t *titles) stream(ctx context.Context, id string) (Ref, error) {
	return t.look(id, func() (Ref, bool, error) {
		d, ok, err := streams.Find(ctx, t.r, id)
		return Ref{ID: id, Title: d.Name}, ok, err
	})
}

func (t *titles) look(id string, find func() (Ref, bool, error)) (Ref, error) {
	if ref, ok := t.seen[id]; ok {
		return ref, nil
	}
	ref, ok, err := find()
	if err != nil {
		return ref, err
	}
	if !ok {
		ref = Ref{ID: id, Title: id}
	}
	t.seen[id] = ref
	return ref, nil
}

// each reads a whole range page by page.
func each[D any](ctx context.Context, table *view.Table[D], r view.Reader, q view.Range, visit func(view.Row[D]) error) error {
	q.Limit = 500
	for {
		rows, next, err := table.List(ctx, r, q)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := visit(row); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		q.After = next
	}
}

func orMissing(err error, what, id string) error {
	if err != nil {
		return err
	}
	return fail.NotFound(what, id)
}
