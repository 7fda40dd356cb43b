package gateway

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"throughline.dev/pkg/api"
	"throughline.dev/pkg/rights"
	"throughline.dev/services/gateway/identity"
	"throughline.dev/services/gateway/web/page"
	"throughline.dev/services/gateway/web/part"
)

func (g *Gateway) signInForm(c echo.Context) error {
	if _, err := api.From(c.Request().Context()); err == nil {
		return c.Redirect(http.StatusSeeOther, localPath(c.QueryParam("next")))
	}
	return g.signInPage(c, "")
}

// signInPage shows how to sign in, and why it did not work.
func (g *Gateway) signInPage(c echo.Context, message string) error {
	s := page.SignIn{Static: g.assets.Base(), Theme: cookieOf(c.Request(), "theme"), Action: "/sign-in", Next: localPath(c.FormValue("next")),
		Organisation: "your organisation", Error: message}
	all := g.people.Organisations()
	if len(all) == 1 {
		s.Organisation = all[0].Name
	}
	if g.demo && g.loopback && isLoopback(c.Request().RemoteAddr) {
		for _, o := range all {
			if o.Demo {
				s.Organisation, s.Groups = o.Name, g.demoGroups(o)
			}
		}
	}
	status := http.StatusOK
	if message != "" {
		status = http.StatusUnauthorized
	}
	return render(c, status, page.SignInPage(s))
}

// demoGroups are the people of a demo organisation by the first role they
// hold, in the order in which roles are listed.
func (g *Gateway) demoGroups(o identity.Organisation) []page.Group {
	now := time.Now()
	by := map[rights.Role][]part.Person{}
	for _, p := range g.people.People(o.ID) {
		if p.Imported {
			continue
		}
		var role rights.Role
		held := g.book.Roles(o.ID, p.ID, now)
		for _, r := range rights.Roles {
			if slices.ContainsFunc(held, func(h rights.Held) bool { return h.Role == r.Name }) {
				role = r.Name
				break
			}
		}
		by[role] = append(by[role], part.Person{ID: p.ID.String(), Name: p.Name})
	}
	var groups []page.Group
	for _, r := range rights.Roles {
		if people := by[r.Name]; len(people) > 0 {
			groups = append(groups, page.Group{Role: r.Label, Can: strings.TrimSuffix(r.Doc, "."), People: people})
		}
	}
	if people := by[""]; len(people) > 0 {
		groups = append(groups, page.Group{Role: "Everyone else", Can: "Proposes; those who decide accept", People: people})
	}
	return groups
}
