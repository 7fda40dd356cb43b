package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"throughline.dev/services/gateway/web/rendertest"
)

// page is a page as a reader of its HTML sees it; a fragment is what htmx gets.
func (s *showcase) page(path string, header ...string) rendertest.Doc {
	s.t.Helper()
	a := s.send("GET", path, "", append([]string{"X-Min-Position", s.position(), "Accept", "text/html"}, header...)...)
	if a.status != http.StatusOK {
		s.t.Fatalf("GET %s: %d %.300s", path, a.status, a.body)
	}
	if vary := a.header.Values("Vary"); !strings.Contains(strings.Join(vary, ","), "HX-Request") {
		s.t.Errorf("%s: Vary is %q: a cache would mix pages and fragments", path, vary)
	}
	return rendertest.Render(s.t, templ.Raw(string(a.body)))
}

// ids are the values of an attribute that begin with prefix, without it.
func ids(d rendertest.Doc, selector, name, prefix string) []string {
	out := []string{}
	for _, e := range d.All(selector) {
		if id, ok := strings.CutPrefix(e.Attr(name), prefix); ok {
			out = append(out, id)
		}
	}
	return out
}

type named struct{ ID string }

func idsOf(all []named) []string {
	out := []string{}
	for _, n := range all {
		out = append(out, n.ID)
	}
	return out
}

// What a page shows and in which order is what the API answers.
func showsWhatTheAPIAnswers(t *testing.T, s *showcase) {
	same := func(what string, fromPage, fromAPI []string) {
		t.Helper()
		if diff := cmp.Diff(fromAPI, fromPage); diff != "" {
			t.Errorf("%s: the API (-) and the page (+) differ:\n%s", what, diff)
		}
	}

	var portfolios struct{ Items []named }
	s.get("/api/v1/portfolios").into(t, &portfolios)
	for _, p := range portfolios.Items {
		for _, query := range []string{"", "&blocked=true", "&text=a", "&asOf=P-1D"} {
			var board struct {
				Columns []struct {
					State string
					Cards []named
				}
			}
			a := s.send("GET", "/api/v1/portfolios/"+p.ID+"/kanban?"+strings.TrimPrefix(query, "&"), "", "X-Min-Position", s.position())
			if a.status == http.StatusNotFound { // it was not there a day ago
				continue
			}
			a.into(t, &board)
			var want []string
			for _, c := range board.Columns {
				want = append(want, idsOf(c.Cards)...)
			}
			doc := s.page("/kanban?portfolio=" + p.ID + query)
			same("kanban "+query, append([]string(nil), ids(doc, "li.card", "id", "card-")...), want)
		}
	}

	var orders struct{ Items []named }
	s.get("/api/v1/orders").into(t, &orders)
	if len(orders.Items) == 0 {
		t.Error("the demo has no backlog")
	}
	for _, o := range orders.Items {
		var list struct{ Items []named }
		s.get("/api/v1/orders/"+o.ID+"/items?limit=200").into(t, &list)
		same("backlog", ids(s.page("/backlog?order="+o.ID), "tr.rank", "data-id", ""), idsOf(list.Items))
	}
	for page, api := range map[string]string{"order=all": "", "order=all&kind=feature": "type=feature&", "order=all&state=done&text=a": "state=done&text=a&"} {
		var list struct{ Items []named }
		s.get("/api/v1/items?"+api+"limit=200").into(t, &list)
		same("items "+api, ids(s.page("/backlog?"+page), "tr.rank", "data-id", ""), idsOf(list.Items))
	}

	var top, below struct{ Nodes []named }
	s.get("/api/v1/tree").into(t, &top)
	same("tree", ids(s.page("/strategy?open=none"), ".node", "data-id", ""), idsOf(top.Nodes))
	for _, n := range top.Nodes {
		s.get("/api/v1/tree?parent="+n.ID+"&limit=100").into(t, &below)
		same("branch", ids(s.page("/strategy/nodes/"+n.ID+"?level=2", "HX-Request", "true"), ".node", "data-id", ""), idsOf(below.Nodes))
	}

	var feedback struct {
		Items []struct{ ID, State string }
	}
	s.get("/api/v1/feedback?limit=200").into(t, &feedback)
	for _, state := range []string{"new", "triaged", "processed", "closed"} {
		want := []string{}
		for _, f := range feedback.Items {
			if f.State == state {
				want = append(want, f.ID)
			}
		}
		same("feedback "+state, ids(s.page("/feedback?state="+state), "li[data-id]", "data-id", ""), want[:min(50, len(want))])
	}

	var demand struct {
		Items []struct{ Target string }
	}
	s.get("/api/v1/demand").into(t, &demand)
	var wanted []string
	for _, d := range demand.Items {
		wanted = append(wanted, d.Target)
	}
	same("demand", ids(s.page("/demand"), "tr[id]", "id", "demand-"), wanted)

	var found struct{ Items []named }
	s.get("/api/v1/search?q=an&limit=12&type=feature,epic").into(t, &found)
	same("search", ids(s.page("/search?q=an&of=feature,epic", "HX-Request", "true"), "a.option", "data-id", ""), idsOf(found.Items))
}

func hasAPageForEverything(t *testing.T, s *showcase) {
	for plural, kind := range map[string]string{"epics": "epic", "items": "", "visions": "vision", "themes": "theme", "objectives": "objective",
		"products": "product", "insights": "insight", "ideas": "idea", "customers": "customer"} {
		var list struct {
			Items []struct{ ID, Key string }
		}
		s.get("/api/v1/"+plural+"?limit=200").into(t, &list)
		if len(list.Items) == 0 {
			t.Errorf("the demo has no %s", plural)
		}
		for i, one := range list.Items {
			if i == 5 {
				break
			}
			doc := s.page("/" + plural + "/" + one.ID)
			if got := doc.One("article.item-main").Attr("data-kind"); kind != "" && got != kind {
				t.Errorf("%s %s is shown as %q", plural, one.ID, got)
			}
			if len(ids(doc, "li[id]", "id", "event-")) == 0 {
				t.Errorf("%s %s has no history", plural, one.ID)
			}
			if one.Key != "" && len(s.page("/"+plural+"/"+strings.ToLower(one.Key)).All("[data-id="+one.ID+"]")) == 0 {
				t.Errorf("%s is not found by its key %s", plural, one.Key)
			}
		}
	}
	for path, want := range map[string]int{"/epics/NOPE-1": 404, "/nowhere": 404, "/kanban?asOf=tomorrow": 422, "/kanban?compareTo=" + strings.Repeat("9", 30): 422,
		"/strategy/lists": 404, "/backlog?order=nope": 404, "/feedback/0000": 404, "/api/docs/nope": 404} {
		a := s.send("GET", path, "", "Accept", "text/html")
		if a.status != want {
			t.Errorf("GET %s: %d, want %d", path, a.status, want)
		}
		if ct := a.header.Get("Content-Type"); !strings.HasPrefix(path, "/api/") && !strings.HasPrefix(ct, "text/html") {
			t.Errorf("%s answers with %s", path, ct)
		}
	}
	plain := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for path, want := range map[string]string{"/": "/kanban", "/backlog?order=all": "/sign-in?next=%2Fbacklog%3Forder%3Dall"} {
		resp, err := plain.Get(s.url() + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != want {
			t.Errorf("%s: %d to %s, want %s", path, resp.StatusCode, resp.Header.Get("Location"), want)
		}
	}
	if a := s.send("GET", "/kanban", "", "Authorization", "", "HX-Request", "true"); a.status != http.StatusUnauthorized {
		t.Errorf("a fragment for nobody: %d", a.status)
	}
}
