package gateway

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"throughline.dev/pkg/api"
	"throughline.dev/pkg/es"
	"throughline.dev/services/gateway/identity"
)

// sessionCookie carries a session's secret. The __Host- prefix needs https, so
// a loopback listener uses the plain name.
const sessionCookie = "throughline_session"

// authenticate puts who asks into the request's context. A request that brings
// a wrong token is refused even where none is needed.
func (g *Gateway) authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		p, err := g.principal(c.Request())
		if err != nil {
			if c.Request().Header.Get("Authorization") != "" {
				c.Response().Header().Set("WWW-Authenticate", `Bearer realm="throughline"`)
				return api.ErrSignIn
			}
			return next(c)
		}
		c.SetRequest(c.Request().WithContext(api.WithPrincipal(c.Request().Context(), p)))
		return next(c)
	}
}

// needed refuses requests of people who did not sign in.
func needed(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if _, err := api.From(c.Request().Context()); err != nil {
			c.Response().Header().Set("WWW-Authenticate", `Bearer realm="throughline"`)
			return api.ErrSignIn
		}
		return next(c)
	}
}

func (g *Gateway) principal(r *http.Request) (api.Principal, error) {
	if auth := r.Header.Get("Authorization"); auth != "" {
		secret, ok := strings.CutPrefix(auth, "Bearer ")
		if !ok {
			return api.Principal{}, identity.ErrNotSignedIn
		}
		tok, err := g.people.Authenticate(strings.TrimSpace(secret), time.Now())
		if err != nil {
			return api.Principal{}, err
		}
		return g.principalOf(tok.Tenant, tok.Person, tok.Scope)
	}
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return api.Principal{}, identity.ErrNotSignedIn
	}
	s, err := g.people.Session(cookie.Value, time.Now())
	if err != nil {
		return api.Principal{}, err
	}
	return g.principalOf(s.Tenant, s.Person, identity.Admin)
}

// principalOf gives a person what both they and their token's scope allow.
func (g *Gateway) principalOf(t es.Tenant, id es.PersonID, scope identity.Scope) (api.Principal, error) {
	p, ok := g.people.Person(t, id)
	if !ok {
		return api.Principal{}, identity.ErrNotSignedIn
	}
	return api.Principal{Tenant: t, Person: id, Name: p.Name, Write: scope != identity.Read,
		Admin: p.Admin && scope == identity.Admin}, nil
}

// signIn starts a session: with a token for everybody, by choosing a person in
// a demo organisation on a loopback listener.
func (g *Gateway) signIn(c echo.Context) error {
	var t es.Tenant
	var person es.PersonID
	if secret := strings.TrimSpace(c.FormValue("token")); secret != "" {
		tok, err := g.people.Authenticate(secret, time.Now())
		if err != nil {
			return g.signInPage(c, "This token is not valid or has expired.")
		}
		t, person = tok.Tenant, tok.Person
	} else {
		id, err := es.ParseID[es.Person](c.FormValue("person"))
		if err != nil {
			return g.signInPage(c, "Choose a person or paste a token.")
		}
		if t, err = g.demoTenant(c.Request(), id); err != nil {
			return g.signInPage(c, "Only the people of a demo organisation may sign in without a token.")
		}
		person = id
	}
	secret, err := g.people.StartSession(c.Request().Context(), t, person)
	if err != nil {
		return err
	}
	c.SetCookie(&http.Cookie{Name: sessionCookie, Value: secret, Path: "/", HttpOnly: true, Secure: !g.loopback,
		SameSite: http.SameSiteLaxMode, MaxAge: int(identity.SessionLife.Seconds())})
	return c.Redirect(http.StatusSeeOther, localPath(c.FormValue("next")))
}

// localPath keeps a redirect on this site.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n") {
		return "/"
	}
	return next
}

var errNoDemo = errors.New("not a person of a demo organisation on a loopback listener")

func (g *Gateway) demoTenant(r *http.Request, id es.PersonID) (es.Tenant, error) {
	if !g.demo || !g.loopback || !isLoopback(r.RemoteAddr) {
		return es.Tenant{}, errNoDemo
	}
	for _, o := range g.people.Organisations() {
		if p, ok := g.people.Person(o.ID, id); ok && o.Demo && !p.Imported {
			return o.ID, nil
		}
	}
	return es.Tenant{}, errNoDemo
}

func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (g *Gateway) signOut(c echo.Context) error {
	if cookie, err := c.Cookie(sessionCookie); err == nil {
		if err := g.people.EndSession(c.Request().Context(), cookie.Value); err != nil {
			return err
		}
	}
	c.SetCookie(&http.Cookie{Name: sessionCookie, Path: "/", HttpOnly: true, Secure: !g.loopback, SameSite: http.SameSiteLaxMode, MaxAge: -1})
	return c.Redirect(http.StatusSeeOther, "/sign-in")
}
