package gateway

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"throughline.dev/pkg/api"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
	"throughline.dev/pkg/view"
	"throughline.dev/services/portfolio"
)

// queries is the table of contents of what can be read.
func (g *Gateway) queries() {
	g.kinds = map[string]kindRef{}
	kind(g, portfolio.Portfolios, func(d portfolio.Portfolio) portfolio.Head { return d.Head })
	kind(g, portfolio.ValueStreams, func(d portfolio.ValueStream) portfolio.Head { return d.Head })
	kind(g, portfolio.Products, func(d portfolio.Product) portfolio.Head { return d.Head })
	kind(g, portfolio.Visions, func(d portfolio.Vision) portfolio.Head { return d.Head })
	kind(g, portfolio.Themes, func(d portfolio.Theme) portfolio.Head { return d.Head })
	kind(g, portfolio.Objectives, func(d portfolio.Objective) portfolio.Head { return d.Head })
	kind(g, portfolio.Epics, func(d portfolio.Epic) portfolio.Head { return d.Head })
	kind(g, portfolio.Items, func(d portfolio.Item) portfolio.Head { return d.Head })
	kind(g, portfolio.Teams, func(d portfolio.Team) portfolio.Head { return d.Head })
	kind(g, portfolio.Iterations, func(d portfolio.Iteration) portfolio.Head { return d.Head })
	kind(g, portfolio.Orders, func(d portfolio.Backlog) portfolio.Head { return d.Head })
	kind(g, portfolio.Feedbacks, func(d portfolio.Feedback) portfolio.Head { return d.Head })
	kind(g, portfolio.Insights, func(d portfolio.Insight) portfolio.Head { return d.Head })
	kind(g, portfolio.Ideas, func(d portfolio.Idea) portfolio.Head { return d.Head })
	kind(g, portfolio.Customers, func(d portfolio.Customer) portfolio.Head { return d.Head })
	kind(g, portfolio.Votes, func(d portfolio.Vote) portfolio.Head { return d.Head })
	kind(g, portfolio.Proposals, func(d portfolio.Proposal) portfolio.Head { return d.Head })
	kind(g, portfolio.Policies, func(d portfolio.Policy) portfolio.Head { return d.Head })
	kind(g, portfolio.Assignments, func(d portfolio.Assignment) portfolio.Head { return d.Head })

	api.Get(g.api, Prefix+"/items", "list-items", "reads", "List work items, by key.", g.listItems)
	api.Get(g.api, Prefix+"/portfolios/{id}/kanban", "portfolio-kanban", "views", "The portfolio Kanban with rolled-up progress and demand.", g.kanban)
	api.Get(g.api, Prefix+"/orders/{id}/items", "backlog-items", "views", "A backlog in its order.", g.backlogItems)
	api.Get(g.api, Prefix+"/tree", "strategy-tree", "views", "The top of the strategy tree with coverage, or what is below one node.", g.tree)
	api.Get(g.api, Prefix+"/tree/{list}", "strategy-adrift", "views", "Orphans: work without strategy; childless: strategy without work.", g.adrift)
	api.Get(g.api, Prefix+"/line/{id}", "line", "views", "The line through one thing: up to the vision, and what is below it.", g.line)
	api.Get(g.api, Prefix+"/demand", "demand-ranking", "views", "What customers ask for, the most important first.", g.demand)
	api.Get(g.api, Prefix+"/search", "search", "views", "Things whose key or title has these words in it.", g.searchAPI)
	api.Get(g.api, Prefix+"/who-decides", "who-decides", "rights", "Who decides something, and who has to agree or is heard.", g.whoDecides)
	api.Get(g.api, Prefix+"/me", "me", "rights", "Who I am, and what I decide, agree to and am heard on.", g.me)
	g.administration()
}

// describeAPI says how this API works, for its document.
func describeAPI(h huma.API) {
	o := h.OpenAPI()
	o.Info.Description = "One line from the vision to the feedback that asked for it. Every GET takes `asOf` and `compareTo`. " +
		"Commands take `Idempotency-Key` and `If-Match` and answer with `X-Event-Position`; a GET given that as `X-Min-Position` sees the change. " +
		"`GET /api/v1/events?after=` is the ordered change feed (JSON lines, or server-sent events for `Accept: text/event-stream`); " +
		"`POST /api/v1/imports` takes Jira exports and answers with JSON lines. Errors are problems (RFC 9457)."
	o.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer", Description: "An API token; `throughline token create` makes one."}}
	o.Security = []map[string][]string{{"token": {}}}
}

// ViewOut is the answer of a query that is one document of a view.
type ViewOut[D any] struct {
	Status   int
	ETag     string `header:"ETag"`
	Position uint64 `header:"X-Event-Position"`
	Body     *D
}

func viewOut[D any](m Moment, position uint64, d *D) *ViewOut[D] {
	out := &ViewOut[D]{Status: http.StatusOK, ETag: `W/"p` + strconv.FormatUint(position, 10) + `"`, Position: position, Body: d}
	if m.IfNoneMatch == out.ETag {
		out.Status = http.StatusNotModified
	}
	return out
}

type kanbanIn struct {
	OneIn
	Text    string `query:"text" maxLength:"300" doc:"Part of the title or key."`
	Theme   string `query:"theme" maxLength:"26" doc:"Id of a theme."`
	Owner   string `query:"owner" maxLength:"26" doc:"Id of a person."`
	Blocked bool   `query:"blocked"`
	Cards   int    `query:"cards" minimum:"0" maximum:"10000" doc:"Most cards per column; 0 is all."`
}

// KanbanBody is the Kanban and, with compareTo, how it differs.
type KanbanBody struct {
	portfolio.Kanban
	Comparison *Comparison `json:"comparison,omitempty"`
}

func (in kanbanIn) filter() portfolio.KanbanFilter {
	return portfolio.KanbanFilter{Text: in.Text, Theme: in.Theme, Owner: in.Owner, Blocked: in.Blocked, Limit: in.Cards}
}

func (g *Gateway) kanban(ctx context.Context, p api.Principal, in *kanbanIn) (*ViewOut[KanbanBody], error) {
	s, err := g.look(ctx, p, portfolio.PlanName, in.Moment)
	if err != nil {
		return nil, err
	}
	body, err := g.kanbanAt(ctx, p, s, in.ID, in.Moment, in.filter())
	if err != nil {
		return nil, err
	}
	return viewOut(in.Moment, s.Position(), body), nil
}

// kanbanAt is the board at a moment and its differences, for API and page.
func (g *Gateway) kanbanAt(ctx context.Context, p api.Principal, s sight, id string, m Moment, f portfolio.KanbanFilter) (*KanbanBody, error) {
	k, err := portfolio.KanbanOf(ctx, s.Reader, id, s.now, f)
	if err != nil {
		return nil, err
	}
	body := &KanbanBody{Kanban: k}
	then, wanted, err := g.lookCompared(ctx, p, portfolio.PlanName, m)
	if err != nil || !wanted {
		return body, err
	}
	all := f
	all.Limit = 0
	both := newMoments()
	for _, side := range []struct {
		s  sight
		to map[string]map[string]any
	}{{then, both.then}, {s, both.now}} {
		board, err := portfolio.KanbanOf(ctx, side.s.Reader, id, side.s.now, all)
		if err != nil {
			if e, ok := fail.As(err); ok && e.Kind == fail.KindNotFound {
				continue // the portfolio was not there yet
			}
			return nil, err
		}
		for _, col := range board.Columns {
			for _, card := range col.Cards {
				if err := both.add(side.to, card.ID, card); err != nil {
					return nil, err
				}
			}
		}
	}
	body.Comparison = both.compare(then.Position(), s.Position())
	return body, nil
}

type backlogIn struct {
	Listing
	ID string `path:"id" maxLength:"26" doc:"Id of the order."`
}

func (g *Gateway) backlogItems(ctx context.Context, p api.Principal, in *backlogIn) (*PageOut[portfolio.Ranked], error) {
	s, err := g.look(ctx, p, portfolio.PlanName, in.Moment)
	if err != nil {
		return nil, err
	}
	d, ok, err := portfolio.Orders.Find(ctx, s.Reader, in.ID)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fail.NotFound("order", in.ID)
	}
	rows, next, err := portfolio.RankedItems(ctx, s.Reader, in.ID, in.Cursor, in.Limit)
	if err != nil {
		return nil, cursorError(err)
	}
	page := &Page[portfolio.Ranked]{Items: rows, Next: next, Position: s.Position()}
	if in.Count {
		page.Count = &d.Items
	}
	all := func(ctx context.Context, r view.Reader, visit func(string, any) error) error {
		return portfolio.EachRanked(ctx, r, in.ID, func(d portfolio.Ranked) error { return visit(d.ID, d) })
	}
	if page.Comparison, err = g.compared(ctx, p, portfolio.PlanName, in.Moment, s, all); err != nil {
		return nil, err
	}
	return pageOut(in.Moment, Prefix+"/orders/"+in.ID+"/items", page), nil
}

type treeIn struct {
	Listing
	Parent string `query:"parent" maxLength:"26" doc:"Id of the node to look below; the top when left out."`
}

// TreeBody is a part of the tree and, with compareTo, how it differs.
type TreeBody struct {
	portfolio.Tree
	Comparison *Comparison `json:"comparison,omitempty"`
}

func (g *Gateway) tree(ctx context.Context, p api.Principal, in *treeIn) (*ViewOut[TreeBody], error) {
	s, err := g.look(ctx, p, portfolio.PlanName, in.Moment)
	if err != nil {
		return nil, err
	}
	body := &TreeBody{}
	if in.Parent == "" {
		body.Tree, err = portfolio.Top(ctx, s.Reader)
	} else {
		body.Tree, err = portfolio.Below(ctx, s.Reader, in.Parent, in.Cursor, in.Limit)
	}
	if err != nil {
		return nil, cursorError(err)
	}
	all := func(ctx context.Context, r view.Reader, visit func(string, any) error) error {
		return portfolio.EachNode(ctx, r, in.Parent, func(n portfolio.Branch) error { return visit(n.ID, n) })
	}
	if body.Comparison, err = g.compared(ctx, p, portfolio.PlanName, in.Moment, s, all); err != nil {
		return nil, err
	}
	return viewOut(in.Moment, s.Position(), body), nil
}

type adriftIn struct {
	Listing
	List string `path:"list" enum:"orphans,childless"`
	Type string `query:"type" enum:"vision,theme,objective,epic,capability,feature,story,bug,task,idea,insight,feedback"`
}

func (g *Gateway) adrift(ctx context.Context, p api.Principal, in *adriftIn) (*ViewOut[portfolio.Tree], error) {
	s, err := g.look(ctx, p, portfolio.PlanName, in.Moment)
	if err != nil {
		return nil, err
	}
	t, err := portfolio.Adrift(ctx, s.Reader, in.List, in.Type, in.Cursor, in.Limit)
	return viewOut(in.Moment, s.Position(), &t), cursorError(err)
}

func (g *Gateway) line(ctx context.Context, p api.Principal, in *OneIn) (*ViewOut[portfolio.Line], error) {
	s, err := g.look(ctx, p, portfolio.PlanName, in.Moment)
	if err != nil {
		return nil, err
	}
	id, err := g.anything(ctx, s.Reader, in.ID)
	if err != nil {
		return nil, err
	}
	l, err := portfolio.LineOf(ctx, s.Reader, id)
	return viewOut(in.Moment, s.Position(), &l), err
}

// anything finds a thing of any kind by its id or key.
func (g *Gateway) anything(ctx context.Context, r view.Reader, idOrKey string) (string, error) {
	if id, err := es.ParseID[any](idOrKey); err == nil {
		return id.String(), nil
	}
	id, ok, err := portfolio.ByKey(ctx, r, idOrKey)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", fail.NotFound("thing with the key", shorten(idOrKey))
	}
	return id, nil
}

// Wanted is one row of the demand ranking with what it is called.
type Wanted struct {
	portfolio.Wanted
	Node *portfolio.Branch `json:"node,omitempty"`
}

// Ranking is the demand ranking.
type Ranking struct {
	Items      []Wanted    `json:"items"`
	Position   uint64      `json:"position"`
	Comparison *Comparison `json:"comparison,omitempty"`
}

func (g *Gateway) demand(ctx context.Context, p api.Principal, in *Moment) (*ViewOut[Ranking], error) {
	s, err := g.look(ctx, p, portfolio.InboxName, *in)
	if err != nil {
		return nil, err
	}
	plan, err := g.look(ctx, p, portfolio.PlanName, *in)
	if err != nil {
		return nil, err
	}
	rows, err := portfolio.Ranking(ctx, s.Reader, s.now)
	if err != nil {
		return nil, err
	}
	body := &Ranking{Items: make([]Wanted, len(rows)), Position: s.Position()}
	for i, row := range rows {
		body.Items[i].Wanted = row
		if n, err := portfolio.NodeOf(ctx, plan.Reader, row.Target); err != nil {
			return nil, err
		} else if n != nil {
			body.Items[i].Node = n
		}
	}
	all := func(ctx context.Context, r view.Reader, visit func(string, any) error) error {
		rows, err := portfolio.Ranking(ctx, r, s.now)
		for _, row := range rows {
			if err := visit(row.Target, row); err != nil {
				return err
			}
		}
		return err
	}
	if body.Comparison, err = g.compared(ctx, p, portfolio.InboxName, *in, s, all); err != nil {
		return nil, err
	}
	return viewOut(*in, s.Position(), body), nil
}

type searchIn struct {
	Moment
	Q     string   `query:"q" required:"true" minLength:"1" maxLength:"300"`
	Type  []string `query:"type" doc:"Only things of these types, such as feature,epic."`
	Limit int      `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

// Found is what a search found.
type Found struct {
	Items    []portfolio.Branch `json:"items"`
	Position uint64             `json:"position"`
}

func (g *Gateway) searchAPI(ctx context.Context, p api.Principal, in *searchIn) (*ViewOut[Found], error) {
	s, err := g.look(ctx, p, portfolio.PlanName, in.Moment)
	if err != nil {
		return nil, err
	}
	found, err := portfolio.Search(ctx, s.Reader, in.Q, in.Type, in.Limit)
	return viewOut(in.Moment, s.Position(), &Found{found, s.Position()}), err
}

type whoIn struct {
	Decision    string `query:"decision" required:"true" maxLength:"100" doc:"Kind of decision, such as epic.go_nogo." example:"epic.go_nogo"`
	Team        string `query:"team" maxLength:"26"`
	Product     string `query:"product" maxLength:"26"`
	ART         string `query:"art" maxLength:"26"`
	ValueStream string `query:"valueStream" maxLength:"26"`
	Portfolio   string `query:"portfolio" maxLength:"26"`
}

// AnswerOut is an answer about rights.
type AnswerOut[D any] struct{ Body D }

func (g *Gateway) whoDecides(ctx context.Context, p api.Principal, in *whoIn) (*AnswerOut[rights.Answer], error) {
	d := rights.Decision(in.Decision)
	if !d.Known() {
		return nil, fail.Invalid("decision", "there is no kind of decision %q; epic.go_nogo is one", in.Decision)
	}
	scope := rights.Scope{Team: in.Team, Product: in.Product, ART: in.ART, ValueStream: in.ValueStream, Portfolio: in.Portfolio}
	return &AnswerOut[rights.Answer]{g.book.Who(p.Tenant, d, scope, time.Now())}, nil
}

// Me is who asks.
type Me struct {
	ID           string        `json:"id"`
	Name         string        `json:"name"`
	Organisation string        `json:"organisation"`
	Admin        bool          `json:"admin"`
	Roles        []rights.Held `json:"roles"`
	Remit        rights.Remit  `json:"remit"`
}

func (g *Gateway) me(ctx context.Context, p api.Principal, _ *struct{}) (*AnswerOut[Me], error) {
	o, _ := g.people.Organisation(p.Tenant)
	now := time.Now()
	return &AnswerOut[Me]{Me{ID: p.Person.String(), Name: p.Name, Organisation: o.Name, Admin: p.Admin,
		Roles: g.book.Roles(p.Tenant, p.Person, now), Remit: g.book.Remit(p.Tenant, p.Person, now)}}, nil
}
