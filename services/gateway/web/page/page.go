// Package page is the shell round every view: navigation, search, the moment
// that is looked at, and the state of the live connection; and the two pages
// that stand alone, sign-in and error.
package page

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"throughline.dev/services/gateway/web/part"
)

// Link is a page in the navigation.
type Link struct {
	Key     string // names the page: Page.Key
	Title   string
	Path    string
	Icon    string
	Go      string   // "g" and then this letter opens it
	Modules []string // scripts that only this page needs
}

// Section is a group of pages in the navigation.
type Section struct {
	Title string
	Links []Link
}

// Nav is the navigation. A new page is a new line.
var Nav = []Section{
	{"Portfolio", []Link{
		{Key: "kanban", Title: "Portfolio Kanban", Path: "/kanban", Icon: "kanban", Go: "k", Modules: []string{"vendor/Sortable.min.js", "board.js"}},
		{Key: "tree", Title: "Strategy tree", Path: "/strategy", Icon: "tree", Go: "t", Modules: []string{"tree.js"}},
	}},
	{"Delivery", []Link{
		{Key: "backlog", Title: "Backlog", Path: "/backlog", Icon: "list", Go: "b", Modules: []string{"vendor/Sortable.min.js", "rank.js"}},
	}},
	{"Customers", []Link{
		{Key: "inbox", Title: "Feedback inbox", Path: "/feedback", Icon: "inbox", Go: "f", Modules: []string{"inbox.js"}},
	}},
}

// Crumb is a page above this one.
type Crumb struct{ Title, URL string }

// When is the moment a page shows; the zero value is now.
type When struct {
	Value string    // as it stands in the address: a time, a position or a duration such as P-7D
	At    time.Time // in the zone it is shown in; zero if only the position is known
}

// Past says whether this is another moment than now.
func (w When) Past() bool { return w.Value != "" }

func (w When) String() string {
	if w.At.IsZero() {
		return "position " + w.Value
	}
	return part.Moment(w.At)
}

// input is the value of a datetime-local field.
func (w When) input() string {
	if w.At.IsZero() {
		return ""
	}
	return w.At.Format("2006-01-02T15:04")
}

// Notice is something the reader must know before trusting the page, such as
// a view that is being rebuilt.
type Notice struct {
	Tone string // "warn" or "danger"
	Text string
}

// Viewer is who is signed in.
type Viewer struct {
	Person       part.Person
	Role         string
	Organisation string
}

// Page is one page without its content.
type Page struct {
	Static   string // web.Assets.Base()
	Key      string // of its Link, or of the page it belongs to
	Title    string
	Subtitle string
	Crumbs   []Crumb
	Path     string     // of this page
	Query    url.Values // of this page
	Now      time.Time  // in the viewer's zone
	AsOf     When
	Compare  When
	Theme    string // "light", "dark" or "" for what the system says
	Density  string // "compact" or ""
	Viewer   Viewer
	Notices  []Notice
}

// with is this page's address with other values: name, value, name, value…
func (p Page) with(set ...string) string { return part.Query(p.Path, p.Query, set...) }

// keep is another page's address at the same moment.
func (p Page) keep(path string) string {
	q := url.Values{}
	for _, name := range []string{"asOf", "compareTo"} {
		if v := p.Query.Get(name); v != "" {
			q.Set(name, v)
		}
	}
	return part.Query(path, q)
}

// hidden are the values that a form of this page must not lose.
func (p Page) hidden(except ...string) []part.Pair {
	m := map[string]string{}
	for name, values := range p.Query {
		if len(values) > 0 {
			m[name] = values[0]
		}
	}
	for _, name := range except {
		delete(m, name)
	}
	return part.Pairs(m)
}

func (p Page) modules() []string {
	for _, s := range Nav {
		for _, l := range s.Links {
			if l.Key == p.Key {
				return l.Modules
			}
		}
	}
	return nil
}

// quick are the moments one click away.
func (p Page) quick() []part.Option {
	at := func(t time.Time) string { return t.UTC().Truncate(time.Minute).Format(time.RFC3339) }
	return []part.Option{
		{Value: at(p.Now.Add(-time.Hour)), Label: "1 hour ago"},
		{Value: at(p.Now.AddDate(0, 0, -1)), Label: "1 day ago"},
		{Value: at(p.Now.AddDate(0, 0, -7)), Label: "1 week ago"},
		{Value: at(p.Now.AddDate(0, -1, 0)), Label: "1 month ago"},
	}
}

// Problem is an RFC 9457 problem as a page.
type Problem struct {
	Status    int
	Title     string
	Detail    string
	Code      string
	RequestID string
}

func (p Problem) status() string { return strconv.Itoa(p.Status) }

// SignIn is the sign-in page.
type SignIn struct {
	Static       string
	Theme        string
	Organisation string
	Action       string  // where the form goes; it sends "person" or "token", and "next"
	Next         string  // the page that was asked for
	Groups       []Group // demo people, on loopback only; none shows the token field alone
	Error        string
}

// Group is people of one role.
type Group struct {
	Role   string
	Can    string // what they decide, in one line
	People []part.Person
}

// Search is the answer to what was typed into the search field.
type Search struct {
	Query   string
	Results []Result
	More    int // how many more there are
}

// Result is one thing found.
type Result struct {
	ID     string
	Ref    part.Ref
	Detail string // a line that tells it from others
}

func themeOf(theme string) string {
	switch strings.ToLower(theme) {
	case "light", "dark":
		return strings.ToLower(theme)
	}
	return ""
}
