package gateway

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"throughline.dev/pkg/fail"
	"throughline.dev/services/gateway/web/page"
	"throughline.dev/services/gateway/web/part"
	"throughline.dev/services/gateway/web/view/item"
	"throughline.dev/services/portfolio"
)

// shownThing is how one kind of thing is shown.
type shownThing struct {
	key  string // of its page in the navigation
	show func(*visit) (templ.Component, error)
}

// things are the kinds with a page for each, by what stands in the address.
func (g *Gateway) things() map[string]shownThing {
	return map[string]shownThing{
		"epics":      {"kanban", thing(g, portfolio.Epics, func(d portfolio.Epic) portfolio.Head { return d.Head }, g.showEpic)},
		"items":      {"backlog", thing(g, portfolio.Items, func(d portfolio.Item) portfolio.Head { return d.Head }, g.showItem)},
		"visions":    {"tree", thing(g, portfolio.Visions, func(d portfolio.Vision) portfolio.Head { return d.Head }, g.showVision)},
		"themes":     {"tree", thing(g, portfolio.Themes, func(d portfolio.Theme) portfolio.Head { return d.Head }, g.showTheme)},
		"objectives": {"tree", thing(g, portfolio.Objectives, func(d portfolio.Objective) portfolio.Head { return d.Head }, g.showObjective)},
		"products":   {"tree", thing(g, portfolio.Products, func(d portfolio.Product) portfolio.Head { return d.Head }, g.showProduct)},
		"insights":   {"inbox", thing(g, portfolio.Insights, func(d portfolio.Insight) portfolio.Head { return d.Head }, g.showInsight)},
		"ideas":      {"inbox", thing(g, portfolio.Ideas, func(d portfolio.Idea) portfolio.Head { return d.Head }, g.showIdea)},
		"customers":  {"inbox", thing(g, portfolio.Customers, func(d portfolio.Customer) portfolio.Head { return d.Head }, g.showCustomer)},
	}
}

// thing makes the page of one kind. fill says what is particular to the kind;
// the line, the history and the comparison are the same for all.
func thing[D any](g *Gateway, k portfolio.Kind[D], head func(D) portfolio.Head, fill func(*visit, sight, D, *item.Model) error) func(*visit) (templ.Component, error) {
	return func(v *visit) (templ.Component, error) {
		s, err := g.look(v.ctx, v.who, k.View, v.moment)
		if err != nil {
			return nil, err
		}
		id, err := g.identify(v.ctx, s.Reader, k.Plural, v.Param("id"))
		if err != nil {
			return nil, err
		}
		d, ok, err := k.Find(v.ctx, s.Reader, id)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, fail.NotFound(k.Name, shorten(v.Param("id")))
		}
		h := head(d)
		m := item.Model{Live: v.live(k.View, s.Position(), k.Name+"/"+id), ID: id, Kind: k.Name, Created: h.Created.UTC(), Updated: h.Updated.UTC()}
		if err := fill(v, s, d, &m); err != nil {
			return nil, err
		}
		if err := g.addLine(v, id, &m); err != nil {
			return nil, err
		}
		if err := g.addFeedback(v, id, &m); err != nil {
			return nil, err
		}
		all, err := g.history(v.ctx, v.who, contextOf(k.Context, d), k.Name, id, s.Position())
		if err != nil {
			return nil, err
		}
		g.addHistory(v, all, &m)
		if m.Diffs, err = thingChanges(g, v, k, id, d); err != nil {
			return nil, err
		}
		v.shell.Title = strings.TrimSpace(m.Key + " " + m.Title)
		v.shell.Crumbs = []page.Crumb{crumbOf(v, m.Kind)}
		return item.Component(m), nil
	}
}

func crumbOf(v *visit, kind string) page.Crumb {
	switch kind {
	case "epic":
		return page.Crumb{Title: "Kanban", URL: v.link("/kanban")}
	case "vision", "theme", "objective", "product":
		return page.Crumb{Title: "Strategy", URL: v.link("/strategy")}
	case "insight", "idea", "customer":
		return page.Crumb{Title: "Feedback", URL: v.link("/feedback")}
	}
	return page.Crumb{Title: "Backlog", URL: v.link("/backlog")}
}

// thingChanges says how a thing differs from the moment compared with.
func thingChanges[D any](g *Gateway, v *visit, k portfolio.Kind[D], id string, now D) ([]part.Diff, error) {
	then, wanted, err := g.lookCompared(v.ctx, v.who, k.View, v.moment)
	if err != nil || !wanted {
		return nil, err
	}
	was, ok, err := k.Find(v.ctx, then.Reader, id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return []part.Diff{{Field: "Entered", New: "it was not there yet"}}, nil
	}
	both := newMoments()
	if err := both.add(both.then, id, was); err != nil {
		return nil, err
	}
	if err := both.add(both.now, id, now); err != nil {
		return nil, err
	}
	c := both.compare(then.Position(), 0)
	if len(c.Changed) == 0 {
		return nil, nil
	}
	return g.diffs(v, c.Changed[0].Changes), nil
}

// maxLiveKeys is how many documents a live element names; one that shows
// more heeds every change of its view.
const maxLiveKeys = 80

// addLine shows the way up to the vision and what is directly below.
func (g *Gateway) addLine(v *visit, id string, m *item.Model) error {
	out, err := g.line(v.ctx, v.who, &OneIn{Moment: v.moment, ID: id})
	if e, ok := fail.As(err); ok && e.Kind == fail.KindNotFound {
		return nil // a product or a customer: the line does not go through it
	}
	if err != nil {
		return err
	}
	l := out.Body
	m.Progress, m.Requesters, m.Phase = progress(l.Node.Progress), l.Node.Requesters, phase(l.Node.Category)
	said := map[string]bool{} // parents: several ways up may begin at the same one
	for i, up := range l.Up {
		above := up[len(up)-1]
		if said[above.ID] {
			continue
		}
		said[above.ID] = true
		if i == 0 {
			for _, b := range up {
				m.Line = append(m.Line, v.ref(b))
			}
			continue
		}
		m.Fields = append(m.Fields, item.Field{Name: "Also part of", Value: strings.TrimSpace(above.Key + " " + above.Title), URL: v.to(above.Type, above.ID, above.Key)})
	}
	keys := append(m.Live.Keys, "node/"+id)
	for _, b := range l.Down {
		keys = append(keys, "node/"+b.ID)
		child := item.Child{Ref: v.ref(b), Phase: phase(b.Category)}
		if len(b.Kids) > 0 || b.Progress.Items != 1 {
			child.Progress = progress(b.Progress)
		} else if b.Progress.Unestimated == 0 {
			child.Points = part.Number(b.Progress.Points)
		}
		m.Children = append(m.Children, child)
	}
	for _, n := range l.Node.Kids {
		m.More += n
	}
	m.More = max(0, m.More-len(m.Children))
	if m.Live.View == portfolio.PlanName {
		if m.Live.Keys = keys; len(keys) > maxLiveKeys {
			m.Live.Keys = nil
		}
	}
	return nil
}

func (v *visit) ref(b portfolio.Branch) part.Ref {
	return part.Ref{Key: b.Key, Title: b.Title, Kind: b.Type, State: words(b.State), URL: v.to(b.Type, b.ID, b.Key)}
}

// maxVoices is how many insights an item's page quotes.
const maxVoices = 20

// importances are what insights weigh (domain.md §4).
var importances = []string{"not important", "nice to have", "important", "critical"}

// addFeedback quotes who asked for it in so many words.
func (g *Gateway) addFeedback(v *visit, id string, m *item.Model) error {
	s, err := g.look(v.ctx, v.who, portfolio.InboxName, v.moment)
	if err != nil {
		return err
	}
	all, err := portfolio.InsightsFor(v.ctx, s.Reader, id, maxVoices)
	if err != nil {
		return err
	}
	for _, d := range all {
		who, _, err := g.customer(v, s, d.Customer.String(), d.Contact.String())
		if err != nil {
			return err
		}
		f := item.Feedback{Text: d.Excerpt.Text, Customer: who, URL: v.to("feedback", d.Excerpt.Feedback.String(), ""), At: d.Created.UTC()}
		if i := int(d.Importance); i >= 0 && i < len(importances) {
			f.Importance = importances[i]
		}
		m.Feedback = append(m.Feedback, f)
	}
	if m.Requesters == 0 && len(m.Feedback) > 0 {
		m.Requesters = len(m.Feedback)
	}
	return nil
}

// customer is who speaks, with their tier.
func (g *Gateway) customer(v *visit, s sight, customer, contact string) (name, tier string, err error) {
	if customer == "" {
		if contact == "" {
			return "Somebody", "", nil
		}
		return g.people.Name(v.who.Tenant, contact), "", nil
	}
	d, ok, err := portfolio.Customers.Find(v.ctx, s.Reader, customer)
	if err != nil || !ok {
		return customer, "", err
	}
	return d.Name, words(d.Tier), nil
}

// thingPage leads from an id or a key to the page of what it names.
func (g *Gateway) thingPage(v *visit) (templ.Component, error) {
	s, err := g.look(v.ctx, v.who, portfolio.PlanName, v.moment)
	if err != nil {
		return nil, err
	}
	id, err := g.anything(v.ctx, s.Reader, v.Param("id"))
	if err != nil {
		return nil, err
	}
	n, err := portfolio.NodeOf(v.ctx, s.Reader, id)
	if err != nil {
		return nil, err
	}
	if n == nil {
		return nil, fail.NotFound("thing", shorten(v.Param("id")))
	}
	return nil, &elsewhere{v.to(n.Type, n.ID, n.Key)}
}

// elsewhere is what a page handler returns when the page lies at another address.
type elsewhere struct{ url string }

func (e *elsewhere) Error() string { return "it is at " + e.url }

func (g *Gateway) searchPage(v *visit) (templ.Component, error) {
	in := &searchIn{Moment: v.moment, Q: strings.TrimSpace(v.QueryParam("q")), Limit: 12}
	if of := v.QueryParam("of"); of != "" {
		in.Type = strings.Split(of, ",")
	}
	if !v.fragment {
		return nil, &elsewhere{v.withMoment("/kanban?text=" + url.QueryEscape(in.Q))}
	}
	found := page.Search{Query: in.Q}
	if in.Q == "" || len(in.Q) > 300 {
		return page.Results(found), nil
	}
	out, err := g.searchAPI(v.ctx, v.who, in)
	if err != nil {
		return nil, err
	}
	for _, b := range out.Body.Items {
		found.Results = append(found.Results, page.Result{ID: b.ID, Ref: v.ref(b)})
	}
	return page.Results(found), nil
}

// customFields are the values of a source that have no place of their own.
func customFields(custom map[string][]string) []part.Pair {
	m := map[string]string{}
	for name, values := range custom {
		m[name] = strings.Join(values, ", ")
	}
	return part.Pairs(m)
}

// named is a link to something in the plan by its id; nothing without one.
func (g *Gateway) named(ctx context.Context, s sight, v *visit, name, id, address string) ([]item.Field, error) {
	if id == "" {
		return nil, nil
	}
	value, err := portfolio.NameOf(ctx, s.Reader, id)
	if value == "" {
		value = id
	}
	f := item.Field{Name: name, Value: value}
	if address != "" {
		f.URL = v.link(address + url.PathEscape(id))
	}
	return []item.Field{f}, err
}

func field(name, value string) []item.Field {
	if value == "" {
		return nil
	}
	return []item.Field{{Name: name, Value: value}}
}

func sections(pairs ...string) []item.Section {
	var out []item.Section
	for i := 0; i+1 < len(pairs); i += 2 {
		if strings.TrimSpace(pairs[i+1]) != "" {
			out = append(out, item.Section{Title: pairs[i], Text: pairs[i+1]})
		}
	}
	return out
}

func bullets(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return "• " + strings.Join(lines, "\n• ")
}

func dated(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return part.Date(t.UTC())
}

// redirected answers elsewhere with its address.
func redirected(c *visit, e *elsewhere) error {
	if c.fragment {
		c.Response().Header().Set("HX-Redirect", e.url)
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, e.url)
}

// names joins what people are called.
func (g *Gateway) names(v *visit, ids []string) string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = g.people.Name(v.who.Tenant, id)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func whole(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
