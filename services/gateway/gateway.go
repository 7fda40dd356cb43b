// Package gateway is the edge: the public API, the web pages, sign-in, the
// change feed and the import. It sends commands over NATS and reads the views;
// it holds no state of its own but who is signed in.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/nats-io/nats.go"

	"throughline.dev/pkg/api"
	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/rights"
	"throughline.dev/pkg/view"
	"throughline.dev/services/gateway/identity"
	"throughline.dev/services/gateway/web"
)

// Prefix is where the API lies.
const Prefix = "/api/v1"

// Config is what a gateway needs.
type Config struct {
	NATS     *nats.Conn
	Log      es.Log
	Models   *view.Models
	Book     *rights.Book
	Catalog  *es.Catalog
	People   *identity.Directory
	Commands []command.Spec
	Logger   *slog.Logger
	Loopback bool // the listener is a loopback address
	Demo     bool // demo people may sign in without a secret
}

// Gateway serves HTTP.
type Gateway struct {
	log      es.Log
	models   *view.Models
	book     *rights.Book
	catalog  *es.Catalog
	people   *identity.Directory
	client   *command.Client
	commands []command.Spec
	logger   *slog.Logger
	loopback bool
	demo     bool
	assets   *web.Assets
	hub      *hub
	kinds    map[string]kindRef // by their plural
	api      huma.API
	echo     *echo.Echo
	closing  chan struct{}

	importing sync.Map // organisations whose import runs
}

// New returns a gateway that is ready to serve.
func New(c Config) (*Gateway, error) {
	h, err := newHub(c.NATS)
	if err != nil {
		return nil, err
	}
	assets, err := web.NewAssets()
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	g := &Gateway{log: c.Log, models: c.Models, book: c.Book, catalog: c.Catalog, people: c.People, client: command.NewClient(c.NATS),
		commands: c.Commands, logger: c.Logger, loopback: c.Loopback, demo: c.Demo, assets: assets, hub: h, closing: make(chan struct{})}
	g.routes()
	return g, nil
}

// routes is the table of contents of the edge.
func (g *Gateway) routes() {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = echo.ExtractIPDirect()
	e.HTTPErrorHandler = func(err error, c echo.Context) { g.fail(c, err) }
	e.Use(middleware.RequestID(), g.recoverer, secure, middleware.BodyLimit("8G"), compress(), g.crossOrigin, g.authenticate)

	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.GET("/readyz", g.ready)

	g.api = api.New(e, g.logger, "Throughline", "1")
	describeAPI(g.api)
	api.Commands(g.api, Prefix, g.client, g.resolve, g.commands)
	g.queries()
	v1 := e.Group(Prefix, needed)
	v1.GET("/events", g.events)
	v1.GET("/live", g.live)
	v1.POST("/imports", g.postImport)
	g.pages(e)
	g.echo = e
}

// ServeHTTP implements http.Handler.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.echo.ServeHTTP(w, r) }

// Server returns the HTTP server for l's address, with the time-outs of an
// edge; long streams set their own deadlines.
func (g *Gateway) Server() *http.Server {
	s := &http.Server{
		Handler: g, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(g.logger.Handler(), slog.LevelDebug),
	}
	s.RegisterOnShutdown(func() { close(g.closing) })
	return s
}

// fail answers with a problem, or, on a page, with a page.
func (g *Gateway) fail(c echo.Context, err error) {
	if c.Response().Committed {
		return
	}
	if wantsPage(c.Request()) {
		g.errorPage(c, err)
		return
	}
	api.Write(c, g.logger, err)
}

func wantsPage(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, "/api/") && strings.Contains(r.Header.Get("Accept"), "text/html") && r.Header.Get("HX-Request") == ""
}

func (g *Gateway) recoverer(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				err = fmt.Errorf("panic: %v", p)
			}
		}()
		return next(c)
	}
}

// csp allows what we serve ourselves and nothing else.
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"worker-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"

func secure(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if c.IsTLS() {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		return next(c)
	}
}

// compress leaves streams alone: they are flushed line by line.
func compress() echo.MiddlewareFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{Level: 5, MinLength: 1024, Skipper: func(c echo.Context) bool {
		p := c.Request().URL.Path
		return strings.HasPrefix(p, "/static/") || p == Prefix+"/events" || p == Prefix+"/live" || p == Prefix+"/imports"
	}})
}

// crossOrigin refuses state changes that another site started in a browser.
func (g *Gateway) crossOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	return func(c echo.Context) error {
		if err := protection.Check(c.Request()); err != nil {
			return &api.Problem{Type: "/api/docs#problem-cross-origin", Title: "This came from another site", Status: http.StatusForbidden,
				Code: "cross-origin", Detail: "a browser may send commands only from our own pages"}
		}
		return next(c)
	}
}

// ready says whether commands and reads would work.
func (g *Gateway) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
	defer cancel()
	report := map[string]any{"status": "ready"}
	status := http.StatusOK
	if _, err := g.log.Head(ctx); err != nil {
		report["status"], report["log"], status = "not ready", "the log does not answer", http.StatusServiceUnavailable
	}
	views, err := g.models.Status(ctx)
	if err != nil {
		report["status"], report["views"], status = "not ready", "the read models do not answer", http.StatusServiceUnavailable
		return c.JSON(status, report)
	}
	for _, v := range views {
		if v.State != view.StateLive {
			report["status"], status = "not ready", http.StatusServiceUnavailable
		}
	}
	report["views"] = views
	return c.JSON(status, report)
}

// IsLoopback tells whether a listen address is reachable from this machine only.
func IsLoopback(addr string) (bool, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false, fmt.Errorf("listen address %q: %w", addr, err)
	}
	if host == "localhost" {
		return true, nil
	}
	ip := net.ParseIP(host)
	if ip == nil && host != "" {
		return false, errors.New("listen address: give an IP address, localhost, or :port for all interfaces")
	}
	return ip != nil && ip.IsLoopback(), nil
}
