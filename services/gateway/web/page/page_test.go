package page

import (
	"net/url"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"throughline.dev/services/gateway/web/rendertest"
)

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.FixedZone("CET", 3600))

func shell(t *testing.T, query url.Values) rendertest.Doc {
	p := Page{Static: "/static/abc/", Key: "kanban", Title: "Portfolio Kanban", Path: "/kanban", Query: query, Now: now}
	if v := query.Get("asOf"); v != "" {
		p.AsOf = When{Value: v, At: time.Date(2026, 10, 3, 14, 0, 0, 0, now.Location())}
	}
	return rendertest.Render(t, Shell(p, templ.NopComponent))
}

func TestEveryPageOffersAnotherMoment(t *testing.T) {
	d := shell(t, url.Values{"theme": {"t1"}})
	var links []string
	for _, a := range d.All("a.chip[data-set=asOf]") {
		links = append(links, a.Text()+" "+a.Attr("href"))
	}
	if diff := cmp.Diff([]string{
		"1 hour ago /kanban?asOf=2026-11-20T10%3A00%3A00Z&theme=t1",
		"1 day ago /kanban?asOf=2026-11-19T11%3A00%3A00Z&theme=t1",
		"1 week ago /kanban?asOf=2026-11-13T11%3A00%3A00Z&theme=t1",
		"1 month ago /kanban?asOf=2026-10-20T11%3A00%3A00Z&theme=t1",
	}, links); diff != "" {
		t.Error(diff)
	}
	if len(d.All("#live-state")) != 1 || len(d.All(".past-bar")) != 0 {
		t.Error("now is not shown as now")
	}
}

func TestAPastMomentIsNamedAndLeft(t *testing.T) {
	d := shell(t, url.Values{"theme": {"t1"}, "asOf": {"P-48D"}})
	if got := d.One(".past-bar").Text(); got != "Viewing 3 Oct 2026, 14:00 CET · nothing can be changed here Back to now" {
		t.Errorf("the bar says %q", got)
	}
	if got := d.One("#back-to-now").Attr("href"); got != "/kanban?theme=t1" {
		t.Errorf("back to now is %s", got)
	}
	if len(d.All("#live-state")) != 0 {
		t.Error("the past says that it is live")
	}
	for _, a := range d.All("a[data-go]") { // other pages are shown at the same moment
		if u, err := url.Parse(a.Attr("href")); err != nil || u.Query().Get("asOf") != "P-48D" || u.Query().Has("theme") {
			t.Errorf("%s opens %s", a.Text(), a.Attr("href"))
		}
	}
}

func TestNavigationKeysAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, s := range Nav {
		for _, l := range s.Links {
			for _, name := range []string{"key " + l.Key, "path " + l.Path, "letter " + l.Go} {
				if other, ok := seen[name]; ok {
					t.Errorf("%s is of %s and of %s", name, other, l.Title)
				}
				seen[name] = l.Title
			}
		}
	}
}

func TestAProblemSaysWhatToQuote(t *testing.T) {
	d := rendertest.Render(t, ProblemPage("/static/abc/", "dark", Problem{Status: 503, Title: "Closed", Detail: "Try again.", RequestID: "r-1"}))
	if got := d.One("main").Text(); got != "Throughline 503 Closed Try again. To the portfolio Try again Request r-1" {
		t.Errorf("it reads %q", got)
	}
	if got := d.One("html").Attr("data-theme"); got != "dark" {
		t.Errorf("the theme is %q", got)
	}
}
