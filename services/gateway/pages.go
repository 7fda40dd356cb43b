package gateway

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"throughline.dev/pkg/api"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/view"
	"throughline.dev/services/gateway/web/page"
	"throughline.dev/services/gateway/web/part"
)

// pages is the table of contents of what people see. A page reads through the
// query that the API reads through, and turns its answer into a view model.
func (g *Gateway) pages(e *echo.Echo) {
	e.GET("/static/*", echo.WrapHandler(g.assets))
	e.GET("/sign-in", g.signInForm)
	e.POST("/sign-in", g.signIn)
	e.POST("/sign-out", g.signOut)
	e.POST("/theme", g.setTheme)
	e.GET("/api/docs", g.docs)
	e.GET("/api/docs/:group", g.docs)

	e.GET("/", func(c echo.Context) error { return c.Redirect(http.StatusSeeOther, "/kanban") })
	e.GET("/kanban", g.page("kanban", "Portfolio Kanban", g.kanbanPage))
	e.GET("/strategy", g.page("tree", "Strategy tree", g.treePage))
	e.GET("/strategy/nodes/:id", g.page("tree", "Strategy tree", g.branchPage))
	e.GET("/strategy/:list", g.page("tree", "Strategy tree", g.adriftPage))
	e.GET("/backlog", g.page("backlog", "Backlog", g.backlogPage))
	e.GET("/feedback", g.page("inbox", "Feedback inbox", g.inboxPage))
	e.GET("/feedback/:id", g.page("inbox", "Feedback inbox", g.inboxPage))
	e.GET("/demand", g.page("inbox", "Demand", g.demandPage))
	e.GET("/search", g.page("", "Search", g.searchPage))
	e.GET("/things/:id", g.page("tree", "", g.thingPage))
	for plural, one := range g.things() {
		e.GET("/"+plural+"/:id", g.page(one.key, "", one.show))
	}
}

// visit is one request for a page: who asks, which moment they look at, and
// the shell, which the page fills in.
type visit struct {
	echo.Context
	ctx      context.Context
	who      api.Principal
	moment   Moment
	shell    page.Page
	fragment bool              // only the content is wanted: htmx asks
	names    map[string]string // of things in the plan, by their ids, as far as they were looked up
}

// page makes a handler of what shows a page. A visitor who has not signed in
// signs in first and comes back.
func (g *Gateway) page(key, title string, show func(*visit) (templ.Component, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		c.Response().Header().Add("Vary", "HX-Request")
		fragment := r.Header.Get("HX-Request") == "true"
		p, err := api.From(r.Context())
		if err != nil {
			if fragment {
				return err
			}
			return c.Redirect(http.StatusSeeOther, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()))
		}
		v := &visit{Context: c, ctx: r.Context(), who: p, fragment: fragment, names: map[string]string{}}
		if v.moment, err = momentOf(r); err != nil {
			return err
		}
		if v.shell, err = g.shell(v, key, title); err != nil {
			return err
		}
		content, err := show(v)
		if there := (*elsewhere)(nil); errors.As(err, &there) {
			return redirected(v, there)
		}
		if err != nil {
			return err
		}
		if !fragment {
			if v.shell.Notices, err = g.notices(v.ctx); err != nil {
				return err
			}
			content = page.Shell(v.shell, content)
		}
		return render(c, http.StatusOK, content)
	}
}

// momentOf is what the API reads from a query and its headers.
func momentOf(r *http.Request) (Moment, error) {
	q := r.URL.Query()
	m := Moment{AsOf: q.Get("asOf"), CompareTo: q.Get("compareTo")}
	if v := r.Header.Get("X-Min-Position"); v != "" {
		n, err := strconv.ParseUint(v, 10, 63)
		if err != nil {
			return m, fail.Invalid("X-Min-Position", "a position is a number, as a command answered it")
		}
		m.MinPosition = n
	}
	for name, value := range map[string]string{"asOf": m.AsOf, "compareTo": m.CompareTo} {
		if len(value) > 40 {
			return m, fail.Invalid(name, "%s", errMoment.Error())
		}
	}
	return m, nil
}

// render writes a component as a whole or not at all.
func render(c echo.Context, status int, content templ.Component) error {
	var b bytes.Buffer
	if err := content.Render(c.Request().Context(), &b); err != nil {
		return err
	}
	return c.HTMLBlob(status, b.Bytes())
}

func (g *Gateway) shell(v *visit, key, title string) (page.Page, error) {
	r := v.Request()
	o, _ := g.people.Organisation(v.who.Tenant)
	p := page.Page{Static: g.assets.Base(), Key: key, Title: title, Path: r.URL.Path, Query: r.URL.Query(), Now: time.Now().UTC(),
		Theme: cookieOf(r, "theme"), Density: cookieOf(r, "density"),
		Viewer: page.Viewer{Person: part.Person{ID: v.who.Person.String(), Name: v.who.Name}, Role: g.roleOf(v), Organisation: o.Name}}
	for _, when := range []struct {
		field, value string
		to           *page.When
	}{{"asOf", v.moment.AsOf, &p.AsOf}, {"compareTo", v.moment.CompareTo, &p.Compare}} {
		if when.value == "" {
			continue
		}
		_, at, err := g.position(v.ctx, when.field, when.value)
		if err != nil {
			return p, err
		}
		*when.to = page.When{Value: when.value, At: at.UTC()}
	}
	return p, nil
}

// roleOf is what the viewer may decide as, in a few words.
func (g *Gateway) roleOf(v *visit) string {
	var names []string
	for _, held := range g.book.Roles(v.who.Tenant, v.who.Person, time.Now()) {
		if name := held.Role.Label(); len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		p, _ := g.people.Person(v.who.Tenant, v.who.Person)
		return p.Title
	}
	return strings.Join(names, ", ")
}

// notices say when what a page shows is not to be trusted yet.
func (g *Gateway) notices(ctx context.Context) ([]page.Notice, error) {
	all, err := g.models.Status(ctx)
	if err != nil {
		return nil, err
	}
	var out []page.Notice
	for _, s := range all {
		switch {
		case s.State == view.StateStopped:
			out = append(out, page.Notice{Tone: "danger", Text: "The view " + s.Name + " has stopped at position " +
				strconv.FormatUint(s.Position, 10) + ": what you see may be old. An administrator finds the reason with throughline views."})
		case s.State == view.StateRebuilding && s.Position == 0, s.State == view.StateCatchingUp && s.Lag > 1000:
			out = append(out, page.Notice{Tone: "warn", Text: "The view " + s.Name + " is being built, " +
				strconv.Itoa(int(s.Progress*100)) + " % so far: not everything is here yet."})
		}
	}
	return out, nil
}

// live is the live element of a page: it follows a view from a position on.
// With keys it heeds only changes of these documents.
func (v *visit) live(name string, position uint64, keys ...string) part.Live {
	return part.Live{View: name, Position: position, Keys: keys, URL: v.Request().URL.RequestURI(), Past: v.moment.AsOf != ""}
}

// link is the address of another page at the same moment.
func (v *visit) link(path string) string {
	return part.Query(path, nil, "asOf", v.moment.AsOf, "compareTo", v.moment.CompareTo)
}

// to is the page of a thing.
func (v *visit) to(typ, id, key string) string {
	at := func(folder, name string) string { return v.link("/" + folder + "/" + url.PathEscape(name)) }
	if key == "" {
		key = id
	}
	switch typ {
	case "vision", "theme", "objective", "epic", "idea", "insight", "product", "customer":
		return at(typ+"s", key)
	case "capability", "feature", "story", "bug", "task":
		return at("items", key)
	case "feedback":
		return at("feedback", id)
	}
	return at("things", id)
}

// person is somebody by their id.
func (g *Gateway) person(v *visit, id string) part.Person {
	if id == "" {
		return part.Person{}
	}
	return part.Person{ID: id, Name: g.people.Name(v.who.Tenant, id)}
}

// errorPage says in a page what the API says in a problem.
func (g *Gateway) errorPage(c echo.Context, err error) {
	p := api.ProblemOf(err)
	if p.Status == http.StatusInternalServerError {
		g.logger.Error("page failed", "request", requestID(c), "path", c.Request().URL.Path, "error", err)
	}
	detail := p.Detail
	if detail == "" && p.Status == http.StatusNotFound {
		detail = "Nothing lies at this address. Search finds things by their key or their words."
	}
	if len(p.Errors) > 0 && p.Errors[0].Field != "" {
		detail = p.Errors[0].Field + ": " + detail
	}
	shown := page.Problem{Status: p.Status, Title: p.Title, Detail: capital(detail), Code: p.Code, RequestID: requestID(c)}
	if err := render(c, p.Status, page.ProblemPage(g.assets.Base(), cookieOf(c.Request(), "theme"), shown)); err != nil {
		g.logger.Debug("client went away", "error", err)
	}
}

// capital begins a sentence.
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

func requestID(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

// cookieOf is a choice of the viewer's, made with the appearance menu.
func cookieOf(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	switch c.Value {
	case "light", "dark", "compact":
		return c.Value
	}
	return ""
}

// setTheme keeps the choice of a browser without scripts.
func (g *Gateway) setTheme(c echo.Context) error {
	for _, name := range []string{"theme", "density"} {
		value := c.FormValue(name)
		if value != "" && value != "light" && value != "dark" && value != "compact" {
			return fail.Invalid(name, "light, dark, compact or nothing")
		}
		age := int((365 * 24 * time.Hour).Seconds())
		if value == "" {
			age = -1
		}
		c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, Secure: !g.loopback, SameSite: http.SameSiteLaxMode})
	}
	return c.Redirect(http.StatusSeeOther, localPath(c.FormValue("next")))
}
