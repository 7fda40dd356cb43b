package gateway

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/services/gateway/web/page"
	"throughline.dev/services/gateway/web/part"
	"throughline.dev/services/gateway/web/view/tree"
	"throughline.dev/services/portfolio"
)

const (
	branchSize = 100 // children shown before one asks for more
	maxOpen    = 100 // nodes that one address keeps unfolded
)

// coverLists are the lists of what a question of coverage finds wanting.
var coverLists = map[string]string{
	"theme-objective": "childless?type=theme", "objective-epic": "childless?type=objective", "epic-theme": "orphans?type=epic",
	"feature-epic": "orphans?type=feature", "story-feature": "orphans?type=story", "insight-linked": "orphans?type=insight",
}

// adriftTitles say what a type lacks, by list and type.
var adriftTitles = map[string]map[string]string{
	"orphans": {"objective": "Objectives without a theme", "epic": "Epics without a theme or an objective", "capability": "Capabilities without an epic",
		"feature": "Features without an epic", "story": "Stories without a feature", "bug": "Bugs without a feature",
		"idea": "Ideas that became nothing yet", "insight": "Insights that lead nowhere"},
	"childless": {"theme": "Themes without an objective", "objective": "Objectives without an epic", "epic": "Epics without a feature",
		"capability": "Capabilities without a feature"},
}

func (g *Gateway) treePage(v *visit) (templ.Component, error) {
	body, err := g.tree(v.ctx, v.who, &treeIn{Listing: Listing{Moment: v.moment, Limit: branchSize}})
	if err != nil {
		return nil, err
	}
	t := body.Body
	m := tree.Model{Live: v.live(portfolio.PlanName, t.Position), Path: "/strategy", Query: v.shell.Query}
	m.Live.URL = part.Query("/strategy", m.Query, "open", "") // what is unfolded when it is fetched comes with the request
	open := map[string]bool{}
	for i, id := range strings.Split(v.shell.Query.Get("open"), ",") {
		if i < maxOpen {
			open[id] = true
		}
	}
	if v.shell.Query.Get("open") == "" {
		open = nil
	}
	if m.Roots, err = g.branches(v, t, open, 1, "", 0); err != nil {
		return nil, err
	}
	for _, c := range t.Coverage {
		one := tree.Coverage{Label: c.Text, Have: c.Have, Of: c.Of}
		if list, ok := coverLists[c.Name]; ok && c.Have < c.Of {
			one.URL = v.withMoment("/strategy/" + list)
		}
		m.Coverage = append(m.Coverage, one)
	}
	for _, list := range []struct {
		name   string
		counts []portfolio.Counted
	}{{"orphans", t.Orphans}, {"childless", t.Barren}} {
		for _, c := range list.counts {
			o, err := g.adriftOf(v, list.name, c)
			if err != nil {
				return nil, err
			}
			m.Orphans = append(m.Orphans, o)
		}
	}
	return tree.Component(m), nil
}

// adriftOf are the first few of a list of what is not connected.
func (g *Gateway) adriftOf(v *visit, list string, c portfolio.Counted) (tree.Orphans, error) {
	o := tree.Orphans{Title: adriftTitles[list][c.Type], Total: c.Count, URL: v.withMoment("/strategy/" + list + "?type=" + c.Type)}
	first, err := g.adrift(v.ctx, v.who, &adriftIn{Listing: Listing{Moment: v.moment, Limit: 4}, List: list, Type: c.Type})
	if err != nil {
		return o, err
	}
	for _, n := range first.Body.Nodes {
		o.Items = append(o.Items, part.Ref{Key: n.Key, Title: n.Title, Kind: n.Type, URL: v.to(n.Type, n.ID, n.Key)})
	}
	return o, nil
}

// withMoment is an address with a query of its own, at the same moment.
func (v *visit) withMoment(address string) string {
	path, query, _ := strings.Cut(address, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		return address
	}
	return part.Query(path, q, "asOf", v.moment.AsOf, "compareTo", v.moment.CompareTo)
}

// openByDefault are the types whose nodes are unfolded until somebody folds.
var openByDefault = []string{"vision", "theme", "objective"}

// branches turns a part of the tree into nodes and unfolds those that are
// open; with open nil, the strategy is.
func (g *Gateway) branches(v *visit, t *TreeBody, open map[string]bool, level int, above string, unfolded int) ([]tree.Node, error) {
	var out []tree.Node
	changed := changesOf(t.Comparison)
	for _, b := range t.Nodes {
		n := g.node(v, b, level, above)
		if d, ok := changed[b.ID]; ok {
			n.Change, n.Diffs = "Entered", g.diffs(v, d.Changes)
			if d.Changes != nil {
				n.Change = map[bool]string{true: "Changed", false: ""}[len(n.Diffs) > 0]
			}
		}
		n.Open = n.Count > 0 && unfolded < maxOpen && (open[b.ID] || open == nil && slices.Contains(openByDefault, b.Type))
		if n.Open {
			unfolded++
			below, err := g.tree(v.ctx, v.who, &treeIn{Listing: Listing{Moment: v.moment, Limit: branchSize}, Parent: b.ID})
			if err != nil {
				return nil, err
			}
			if n.Children, err = g.branches(v, below.Body, open, level+1, n.At, unfolded); err != nil {
				return nil, err
			}
			n.MoreURL = v.moreBelow(b.ID, level+1, n.At, below.Body.Next)
		}
		out = append(out, n)
	}
	if t.Comparison != nil {
		for _, left := range t.Comparison.Left {
			out = append(out, tree.Node{ID: left.ID, At: above + "-" + left.ID, Kind: "left", Key: left.Key, Title: left.Title, Change: "Left",
				URL: part.Query("/things/"+left.ID, nil, "asOf", v.moment.CompareTo)})
		}
	}
	return out, nil
}

func (g *Gateway) node(v *visit, b portfolio.Branch, level int, above string) tree.Node {
	at := strings.TrimPrefix(above+"-"+b.ID, "-")
	n := tree.Node{ID: b.ID, At: at, Kind: b.Type, Key: b.Key, Title: b.Title, URL: v.to(b.Type, b.ID, b.Key), State: words(b.State), Phase: phase(b.Category),
		Progress: progress(b.Progress), Requesters: b.Requesters, Note: b.Reason, ChildrenURL: v.moreBelow(b.ID, level+1, at, "0")}
	for _, kids := range b.Kids {
		n.Count += kids
	}
	return n
}

// moreBelow is where the children of a node are fetched from a place on; "0"
// is the beginning and "" says that there are no more.
func (v *visit) moreBelow(id string, level int, at, after string) string {
	if after == "" {
		return ""
	}
	if after == "0" {
		after = ""
	}
	return part.Query("/strategy/nodes/"+id, nil, "level", strconv.Itoa(level), "at", at, "after", after, "asOf", v.moment.AsOf, "compareTo", v.moment.CompareTo)
}

// branchPage is what is below one node: a fragment of the tree. Asked for as a
// page it leads to the thing itself.
func (g *Gateway) branchPage(v *visit) (templ.Component, error) {
	if !v.fragment {
		return g.thingPage(v)
	}
	id, err := es.ParseID[any](v.Param("id"))
	if err != nil {
		return nil, fail.NotFound("node", shorten(v.Param("id")))
	}
	level, err := strconv.Atoi(v.QueryParam("level"))
	if err != nil || level < 2 || level > 30 {
		level = 2
	}
	body, err := g.tree(v.ctx, v.who, &treeIn{Listing: Listing{Moment: v.moment, Cursor: v.QueryParam("after"), Limit: branchSize}, Parent: id.String()})
	if err != nil {
		return nil, err
	}
	if v.QueryParam("after") != "" {
		body.Body.Comparison = nil // it is over all pages, and stands on the first
	}
	at := v.QueryParam("at")
	if len(at) > 1000 || strings.Trim(at, "0123456789abcdefghijklmnopqrstuvwxyz-") != "" {
		at = id.String()
	}
	children, err := g.branches(v, body.Body, map[string]bool{}, level, at, 0)
	if err != nil {
		return nil, err
	}
	return tree.Part(children, level, v.moreBelow(id.String(), level, at, body.Body.Next)), nil
}

// adriftPage is a whole list of what is not connected.
func (g *Gateway) adriftPage(v *visit) (templ.Component, error) {
	list, typ := v.Param("list"), v.QueryParam("type")
	titles, ok := adriftTitles[list]
	if !ok || typ != "" && titles[typ] == "" {
		return nil, fail.NotFound("list", shorten(list+" "+typ))
	}
	body, err := g.adrift(v.ctx, v.who, &adriftIn{Listing: Listing{Moment: v.moment, Cursor: v.QueryParam("after"), Limit: 200}, List: list, Type: typ})
	if err != nil {
		return nil, err
	}
	v.shell.Title = titles[typ]
	if typ == "" {
		v.shell.Title = "Not connected"
	}
	v.shell.Crumbs = []page.Crumb{{Title: "Strategy tree", URL: v.link("/strategy")}}
	m := tree.Model{Live: v.live(portfolio.PlanName, body.Body.Position), Path: v.shell.Path, Query: v.shell.Query}
	for _, b := range body.Body.Nodes {
		m.Roots = append(m.Roots, g.node(v, b, 1, ""))
	}
	if body.Body.Next != "" {
		m.NextURL = part.Query(v.shell.Path, v.shell.Query, "after", body.Body.Next)
	}
	return tree.Component(m), nil
}
