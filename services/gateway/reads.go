package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"throughline.dev/pkg/api"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/view"
	"throughline.dev/services/portfolio"
)

// Page is one page of a list.
type Page[D any] struct {
	Items      []D         `json:"items"`
	Next       string      `json:"next,omitempty" doc:"The cursor of the next page; absent on the last one."`
	Count      *int        `json:"count,omitempty" doc:"How many there are in all, with count=true."`
	Position   uint64      `json:"position" doc:"The log's position that this shows."`
	Comparison *Comparison `json:"comparison,omitempty" doc:"With compareTo: what entered, left and changed, over all pages."`
}

// Listing is what every list takes.
type Listing struct {
	Moment
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Size of a page."`
	Cursor string `query:"cursor" maxLength:"2000" doc:"next of the page before."`
	Count  bool   `query:"count" doc:"Count them all, too."`
}

// PageOut is the answer to a list.
type PageOut[D any] struct {
	Status   int
	ETag     string `header:"ETag"`
	Position uint64 `header:"X-Event-Position"`
	Link     string `header:"Link"`
	Body     *Page[D]
}

// OneIn names one thing.
type OneIn struct {
	Moment
	ID string `path:"id" maxLength:"300" doc:"Its id, or its key where it has one."`
}

// OneOut is the answer to a single read. Its ETag is the thing's version.
type OneOut[D any] struct {
	Status   int
	ETag     string `header:"ETag"`
	Position uint64 `header:"X-Event-Position"`
	Body     *Shown[D]
}

// Shown is a document and, with compareTo, how it differs.
type Shown[D any] struct {
	Doc        D
	Comparison *Comparison
}

// MarshalJSON writes the document's own object, with the comparison in it.
func (s Shown[D]) MarshalJSON() ([]byte, error) {
	doc, err := json.Marshal(s.Doc)
	if err != nil || s.Comparison == nil {
		return doc, err
	}
	comparison, err := json.Marshal(s.Comparison)
	if err != nil {
		return nil, err
	}
	doc = append(doc[:len(doc)-1], `,"comparison":`...)
	return append(append(doc, comparison...), '}'), nil
}

// Schema implements huma.SchemaProvider: it is the document's.
func (s Shown[D]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[D](), true, "")
}

// kind adds the list, the single read and the history of one kind of document.
func kind[D any](g *Gateway, k portfolio.Kind[D], head func(D) portfolio.Head) {
	g.kinds[k.Plural] = kindRef{k.Context, k.Name, k.View, func(ctx context.Context, r view.Reader, key string) (string, bool, error) { return k.ID(ctx, r, key) }}
	if k.Plural != "items" {
		api.Get(g.api, Prefix+"/"+k.Plural, "list-"+k.Plural, "reads", "List "+k.Doc+".",
			func(ctx context.Context, p api.Principal, in *Listing) (*PageOut[D], error) {
				s, err := g.look(ctx, p, k.View, in.Moment)
				if err != nil {
					return nil, err
				}
				docs, next, err := k.List(ctx, s.Reader, in.Cursor, in.Limit)
				if err != nil {
					return nil, cursorError(err)
				}
				page := &Page[D]{Items: docs, Next: next, Position: s.Position()}
				if in.Count {
					n, err := k.Count(ctx, s.Reader)
					if err != nil {
						return nil, err
					}
					page.Count = &n
				}
				all := func(ctx context.Context, r view.Reader, visit func(string, any) error) error {
					return k.All(ctx, r, func(id string, d D) error { return visit(id, d) })
				}
				if page.Comparison, err = g.compared(ctx, p, k.View, in.Moment, s, all); err != nil {
					return nil, err
				}
				return pageOut(in.Moment, Prefix+"/"+k.Plural, page), nil
			})
	}
	api.Get(g.api, Prefix+"/"+k.Plural+"/{id}", "read-"+k.Plural, "reads", "Read one of the "+k.Doc+".",
		func(ctx context.Context, p api.Principal, in *OneIn) (*OneOut[D], error) {
			s, err := g.look(ctx, p, k.View, in.Moment)
			if err != nil {
				return nil, err
			}
			id, err := g.identify(ctx, s.Reader, k.Plural, in.ID)
			if err != nil {
				return nil, err
			}
			d, ok, err := k.Find(ctx, s.Reader, id)
			if err != nil {
				return nil, err
			}
			if !ok {
				return nil, fail.NotFound(k.Name, in.ID)
			}
			out := &OneOut[D]{Status: http.StatusOK, ETag: api.ETag(head(d).Version), Position: s.Position(), Body: &Shown[D]{Doc: d}}
			out.Body.Comparison, err = g.compared(ctx, p, k.View, in.Moment, s, func(ctx context.Context, r view.Reader, visit func(string, any) error) error {
				d, ok, err := k.Find(ctx, r, id)
				if err != nil || !ok {
					return err
				}
				return visit(id, d)
			})
			if err != nil {
				return nil, err
			}
			if in.IfNoneMatch == out.ETag && in.CompareTo == "" {
				out.Status = http.StatusNotModified
			}
			return out, nil
		})
	api.Get(g.api, Prefix+"/"+k.Plural+"/{id}/history", "history-of-"+k.Plural, "reads", "Everything that ever happened to one of the "+k.Doc+".",
		func(ctx context.Context, p api.Principal, in *OneIn) (*PageOut[Entry], error) {
			s, err := g.look(ctx, p, k.View, in.Moment)
			if err != nil {
				return nil, err
			}
			id, err := g.identify(ctx, s.Reader, k.Plural, in.ID)
			if err != nil {
				return nil, err
			}
			d, ok, err := k.Find(ctx, s.Reader, id)
			if err != nil {
				return nil, err
			}
			if !ok {
				return nil, fail.NotFound(k.Name, in.ID)
			}
			all, err := g.history(ctx, p, contextOf(k.Context, d), k.Name, id, s.Position())
			return pageOut(in.Moment, "", &Page[Entry]{Items: all, Position: s.Position()}), err
		})
}

// kindRef is how the edge finds a thing of one kind by its key.
type kindRef struct {
	context, name, view string
	byKey               func(context.Context, view.Reader, string) (string, bool, error)
}

func contextOf(fixed string, d any) string {
	if p, ok := d.(portfolio.Proposal); ok {
		return p.Context
	}
	return fixed
}

// history reads an aggregate's own commits from the log, up to a position.
func (g *Gateway) history(ctx context.Context, p api.Principal, context, aggregate, id string, upTo uint64) ([]Entry, error) {
	stream, err := es.NewStream(context, p.Tenant, aggregate, id)
	if err != nil {
		return nil, err
	}
	commits, err := g.log.Load(ctx, stream, 0)
	if err != nil {
		return nil, err
	}
	all := []Entry{}
	for _, c := range commits {
		if c.Position <= upTo {
			all = append(all, entries(c)...)
		}
	}
	return all, nil
}

// identify turns what stands in an address into an id.
func (g *Gateway) identify(ctx context.Context, r view.Reader, plural, idOrKey string) (string, error) {
	if id, err := es.ParseID[any](idOrKey); err == nil {
		return id.String(), nil
	}
	k := g.kinds[plural]
	id, ok, err := k.byKey(ctx, r, idOrKey)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", fail.NotFound(k.name, shorten(idOrKey))
	}
	return id, nil
}

func shorten(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}

// resolve is identify for commands.
func (g *Gateway) resolve(r *http.Request, p api.Principal, aggregate, idOrKey string) (string, error) {
	if id, err := es.ParseID[any](idOrKey); err == nil {
		return id.String(), nil
	}
	for plural, k := range g.kinds {
		if k.name == aggregate {
			s, err := g.look(r.Context(), p, k.view, Moment{})
			if err != nil {
				return "", err
			}
			return g.identify(r.Context(), s.Reader, plural, idOrKey)
		}
	}
	return "", fail.NotFound(aggregate, shorten(idOrKey))
}

// cursorError calls a wrong continuation by the name that it has out here.
func cursorError(err error) error {
	if e, ok := fail.As(err); ok && e.Field == "after" {
		c := *e
		c.Field = "cursor"
		return &c
	}
	return err
}

// compared says what is different from the moment that the query compares with.
func (g *Gateway) compared(ctx context.Context, p api.Principal, name string, m Moment, s sight,
	all func(context.Context, view.Reader, func(string, any) error) error) (*Comparison, error) {
	then, wanted, err := g.lookCompared(ctx, p, name, m)
	if err != nil || !wanted {
		return nil, err
	}
	both := newMoments()
	if err := all(ctx, then.Reader, func(id string, d any) error { return both.add(both.then, id, d) }); err != nil {
		return nil, err
	}
	if err := all(ctx, s.Reader, func(id string, d any) error { return both.add(both.now, id, d) }); err != nil {
		return nil, err
	}
	return both.compare(then.Position(), s.Position()), nil
}

func pageOut[D any](m Moment, path string, page *Page[D]) *PageOut[D] {
	if page.Items == nil {
		page.Items = []D{}
	}
	out := &PageOut[D]{Status: http.StatusOK, ETag: `W/"p` + strconv.FormatUint(page.Position, 10) + `"`, Position: page.Position, Body: page}
	if page.Next != "" && path != "" {
		out.Link = "<" + path + "?cursor=" + page.Next + `>; rel="next"`
	}
	if m.IfNoneMatch == out.ETag {
		out.Status = http.StatusNotModified
	}
	return out
}

// itemsIn narrows the list of items.
type itemsIn struct {
	Listing
	Type         string    `query:"type" enum:"capability,feature,story,bug,task" doc:"Kind of item."`
	Team         string    `query:"team" maxLength:"26" doc:"Id of a team."`
	State        string    `query:"state" maxLength:"30" doc:"State in its workflow, such as in-progress."`
	Key          string    `query:"key" maxLength:"300" doc:"Its key, such as ALOY-12."`
	Text         string    `query:"text" maxLength:"300" doc:"Part of the title."`
	Parent       string    `query:"parent" maxLength:"26" doc:"Id of the item or epic that they are part of."`
	UpdatedSince time.Time `query:"updatedSince" doc:"Changed at or after this time."`
}

func (in itemsIn) filter() portfolio.ItemFilter {
	return portfolio.ItemFilter{Type: in.Type, Team: in.Team, State: in.State, Key: in.Key, Text: in.Text, Parent: in.Parent, UpdatedSince: in.UpdatedSince}
}

func (g *Gateway) listItems(ctx context.Context, p api.Principal, in *itemsIn) (*PageOut[portfolio.Ranked], error) {
	s, err := g.look(ctx, p, portfolio.PlanName, in.Moment)
	if err != nil {
		return nil, err
	}
	docs, next, err := portfolio.ListItems(ctx, s.Reader, in.filter(), in.Cursor, in.Limit)
	if err != nil {
		return nil, cursorError(err)
	}
	rows, err := portfolio.Decorate(ctx, s.Reader, docs)
	if err != nil {
		return nil, err
	}
	page := &Page[portfolio.Ranked]{Items: rows, Next: next, Position: s.Position()}
	if in.Count {
		n, err := portfolio.CountItems(ctx, s.Reader, in.filter())
		if err != nil {
			return nil, err
		}
		page.Count = &n
	}
	all := func(ctx context.Context, r view.Reader, visit func(string, any) error) error {
		return portfolio.EachItem(ctx, r, in.filter(), func(d portfolio.Item) error { return visit(d.ID, d) })
	}
	if page.Comparison, err = g.compared(ctx, p, portfolio.PlanName, in.Moment, s, all); err != nil {
		return nil, err
	}
	return pageOut(in.Moment, Prefix+"/items", page), nil
}
