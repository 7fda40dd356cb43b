package kanban

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/services/gateway/web/part"
	"throughline.dev/services/gateway/web/rendertest"
)

func sample() Model {
	cards := []Card{
		{ID: "1", Key: "E-1", Title: `<b>Refunds</b> & more`, URL: "/items/E-1", State: "reviewing", Version: 7, Enabler: true, Blocked: "waits", WSJF: 12.25, Days: 3, Case: 40, Requesters: 2,
			Progress: part.Progress{Done: 2, Total: 3, Unit: "points"}, Owner: part.Person{Name: "Ben Müller"}, Stream: "Payments", Hue: 1},
		{ID: "2", Key: "E-2", Title: "Payouts", URL: "/items/E-2", State: "reviewing", Case: 100},
	}
	return Model{
		Live: part.Live{View: "kanban", Position: 42, URL: "/kanban?theme=t1"}, Path: "/kanban", Query: url.Values{"theme": {"t1"}},
		Move: "/api/v1/epics/{id}/move", Ask: map[string]string{"wip-limit": "override"},
		Columns: []Column{
			{State: "funnel", Title: "Funnel"},
			{State: "reviewing", Title: "Reviewing", Count: 60, Shown: 52, Limit: 5, AverageAge: 12.5, Cards: cards, Next: []string{"funnel"}},
		},
	}
}

func TestAColumnOverItsLimitSaysSo(t *testing.T) {
	d := rendertest.Render(t, Component(sample()))
	if got := d.One(".column-over").Attr("data-state"); got != "reviewing" {
		t.Errorf("%s is over its limit", got)
	}
	if diff := cmp.Diff([]string{"0", "60 / 5 over the limit"}, d.Texts(".count")); diff != "" {
		t.Error(diff)
	}
	if got := d.One("a.more"); got.Text() != "Show all 52" || got.Attr("hx-get") != "/kanban?all=reviewing&theme=t1" {
		t.Errorf("%q opens %s", got.Text(), got.Attr("hx-get"))
	}
}

func TestACardShowsItsFactsAndEscapesThem(t *testing.T) {
	d := rendertest.Render(t, Component(sample()))
	if diff := cmp.Diff([]string{"<b>Refunds</b> & more", "Payouts"}, d.Texts(".card-title")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"WSJF 12.2", "WSJF –"}, d.Texts(".wsjf")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"3 d", "2 ask for it", "40 % of the business case", "0 d"}, d.Texts(".fact")); diff != "" {
		t.Error(diff)
	}
	if got := d.One(".progress-text").Text(); got != "2/3 · 66 %" {
		t.Errorf("progress is %q: two of three are not 67 %% finished", got)
	}
	if got := d.One("abbr.avatar"); got.Text() != "BM" || got.Attr("title") != "Ben Müller" {
		t.Errorf("the owner is %s, %s", got.Text(), got.Attr("title"))
	}
}

func TestThePresentIsLiveAndThePastIsNot(t *testing.T) {
	m := sample()
	root := rendertest.Render(t, Component(m)).One("#kanban")
	for name, want := range map[string]string{"data-view": "kanban", "data-position": "42", "hx-get": "/kanban?theme=t1", "hx-trigger": "live from:body", "hx-swap": "outerMorph"} {
		if got := root.Attr(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	m.Live.Past = true
	d := rendertest.Render(t, Component(m))
	for _, selector := range []string{"[hx-trigger=live from:body]", "[data-menu]", "[data-command]", "#move-menu"} {
		if n := len(d.All(selector)); n > 0 {
			t.Errorf("the past has %d of %s", n, selector)
		}
	}
}

func TestAComparisonNamesWhatChanged(t *testing.T) {
	m := sample()
	moved := m.Columns[1].Cards[0]
	moved.Change, moved.Diffs = Changed, []part.Diff{{Field: "State", Old: "Funnel", New: "Reviewing"}, {Field: "Owner", Old: "Ann", New: ""}}
	m.Columns[1].Cards[0] = moved
	m.Compare = &Compare{From: "1 Oct", To: "now", Moved: []Card{moved}, Left: []Card{{ID: "9", Key: "E-9", Title: "Gone"}}}
	d := rendertest.Render(t, Component(m))
	if diff := cmp.Diff([]string{"Left 1 epic", "Changed 1 epic"}, d.Texts("summary")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"State Funnel → Reviewing Owner Ann → nothing", "State Funnel → Reviewing Owner Ann → nothing"}, d.Texts(".diffs")); diff != "" {
		t.Error(diff)
	}
	if len(d.All(".card-changed")) != 1 {
		t.Error("the changed card does not stand out on the board")
	}
}

func TestTheTableShowsTheSame(t *testing.T) {
	m := sample()
	m.Table = true
	d := rendertest.Render(t, Component(m))
	if rows := d.All("tr"); len(rows) != 3 {
		t.Errorf("%d rows, want a head and two epics", len(rows))
	}
	if len(d.All("#board")) != 0 {
		t.Error("the board is there too")
	}
}
