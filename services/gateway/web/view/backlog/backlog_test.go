package backlog

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/services/gateway/web/part"
	"throughline.dev/services/gateway/web/rendertest"
)

func sample() Model {
	return Model{
		Live: part.Live{View: "backlog", Position: 9, URL: "/backlog"}, Path: "/backlog", Query: url.Values{"order": {"o1"}}, Move: "/api/v1/orders/o1/move-{at}", First: "a", Last: "z", Page: 2, Pages: 3,
		Sums: Sums{Items: 1499, Points: 12.5, Unestimated: 3},
		Rows: []Row{{Rank: 201, ID: "a", Key: "A-1", Title: "One", URL: "/items/A-1", Kind: "story", State: "Ready", Phase: "todo", Points: "5"}, {Rank: 202, ID: "b", Key: "A-2", Title: "Two", URL: "/items/A-2", Kind: "bug", Blocked: "waits"}},
	}
}

func TestRowsAreInRankWithTheSumsOfAll(t *testing.T) {
	d := rendertest.Render(t, Component(sample()))
	if diff := cmp.Diff([]string{"201", "202"}, d.Texts(".rank-no")); diff != "" {
		t.Error(diff)
	}
	if got := d.One(".sums").Text(); got != "Items 1 499 Points 12.5 Done 0 Not estimated 3" {
		t.Errorf("the sums read %q", got)
	}
	if prev, next := d.One("[rel=prev]").Attr("href"), d.One("[rel=next]").Attr("href"); prev != "/backlog?order=o1" || next != "/backlog?order=o1&page=3" {
		t.Errorf("the pages beside are %s and %s", prev, next)
	}
	table := d.One("#ranks")
	for name, want := range map[string]string{"data-move": "/api/v1/orders/o1/move-{at}", "data-first": "a", "data-last": "z"} {
		if got := table.Attr(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestAPastOrderCannotBeRanked(t *testing.T) {
	m := sample()
	m.Live.Past = true
	d := rendertest.Render(t, Component(m))
	if n := len(d.All("[data-menu]")) + len(d.All("#rank-menu")); n != 0 {
		t.Errorf("the past offers %d ways to rank", n)
	}
}

func TestAnEmptyListSaysWhatToDo(t *testing.T) {
	m := sample()
	m.Rows = nil
	if got := rendertest.Render(t, Component(m)).One(".empty-title").Text(); got != "The backlog is empty" {
		t.Errorf("it says %q", got)
	}
	m.Filter.Text = "x"
	if got := rendertest.Render(t, Component(m)).One(".empty-title").Text(); got != "Nothing passes the filter" {
		t.Errorf("it says %q", got)
	}
}
