package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/nats-io/nats.go"

	"throughline.dev/pkg/api"
	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// gate is the aggregate behind the API under test; gates stand in two
// contexts, as proposals do.
type gate struct {
	Name   string
	Opened int
}

type gateBuilt struct{ Name string }
type gateOpened struct{ Times int }
type gateNamed struct{ Name string }

func (e gateBuilt) Evolve(s gate) gate  { s.Name = e.Name; return s }
func (e gateOpened) Evolve(s gate) gate { s.Opened += e.Times; return s }
func (e gateNamed) Evolve(s gate) gate  { s.Name = e.Name; return s }

func gatesOf(context string) *es.Aggregate[gate] {
	return &es.Aggregate[gate]{Context: context, Name: "gate", Plural: "gates", Schema: es.NewSchema(
		es.On[gateBuilt](context+".gate.built.v1"),
		es.On[gateOpened](context+".gate.opened.v1"),
		es.On[gateNamed](context+".gate.named.v1"))}
}

var gates, otherGates = gatesOf("backlog"), gatesOf("feedback")

type build struct {
	Name string `json:"name" minLength:"1" maxLength:"300000" doc:"what people call it"`
}

func (c build) Decide(s gate, _ es.Meta) ([]es.Event[gate], error) {
	if s.Name != "" {
		return nil, errBuilt
	}
	return es.Happened[gate](gateBuilt(c))
}

type adopt struct {
	Name string `json:"name"`
}

func (c adopt) Decide(s gate, m es.Meta) ([]es.Event[gate], error) { return build(c).Decide(s, m) }

type openGate struct {
	Times int `json:"times,omitempty" maximum:"9"`
}

var (
	errBuilt  = fail.Refused("gate-built", "this gate is there already").By("an architect")
	errBroken = fail.Refused("gate-broken", "five times was too often; repair it")
)

func (c openGate) Decide(s gate, _ es.Meta) ([]es.Event[gate], error) {
	switch c.Times {
	case 0:
		return nil, nil
	case 5:
		return nil, errBroken
	case 7:
		panic("a secret of the house")
	}
	return es.Happened[gate](gateOpened(c))
}

type rename struct {
	Name string `json:"name"`
}

func (c rename) Decide(gate, es.Meta) ([]es.Event[gate], error) {
	return es.Happened[gate](gateNamed(c))
}

const mayRename rights.Decision = "feature.define"

var own = []command.Spec{
	command.Create[build](gates, "build", "", "Build a gate."),
	command.Create[adopt](gates, "adopt", "", "Take over a gate."),
	command.On[openGate](gates, "open", "", "Open a gate."),
	command.On[rename](gates, "rename", mayRename, "Give a gate another name.", command.Strict[gate, rename]()),
	command.On[openGate](gates, "force", "", "Open a gate by force.", command.Internal[gate, openGate]()),
}

var other = []command.Spec{
	command.On[openGate](otherGates, "open", "", "Open a gate."),
}

// edge is an API on a real NATS.
type edge struct {
	t      *testing.T
	echo   *echo.Echo
	api    huma.API
	client *command.Client
	log    es.Log
	who    *api.Principal
	logged *bytes.Buffer
}

func newEdge(t *testing.T) *edge {
	t.Helper()
	nc := boottest.NATS(t)
	e := bareEdge(t, nc)
	e.log = boottest.LogOn(t, nc)
	for name, specs := range map[string][]command.Spec{"backlog": own, "feedback": other} {
		s, err := command.Serve(nc, command.NewWorld(e.log, nil, nil, nil), name, specs, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
	return e
}

// bareEdge has the endpoints and nobody who serves their commands.
func bareEdge(t *testing.T, nc *nats.Conn) *edge {
	t.Helper()
	e := &edge{t: t, echo: echo.New(), client: command.NewClient(nc), logged: &bytes.Buffer{},
		who: &api.Principal{Tenant: es.NewTenant(), Person: es.NewID[es.Person](), Write: true}}
	log := slog.New(slog.NewTextHandler(e.logged, nil))
	e.echo.HTTPErrorHandler = func(err error, c echo.Context) { api.Write(c, log, err) }
	e.echo.Use(middleware.RequestID(), func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if e.who != nil {
				c.SetRequest(c.Request().WithContext(api.WithPrincipal(c.Request().Context(), *e.who)))
			}
			return next(c)
		}
	})
	e.api = api.New(e.echo, log, "Gates", "1")
	resolve := func(_ *http.Request, _ api.Principal, aggregate, idOrKey string) (string, error) {
		if key, ok := strings.CutPrefix(idOrKey, "key-"); ok {
			return key, nil
		}
		id, err := es.ParseID[gate](idOrKey)
		if err != nil {
			return "", fail.NotFound(aggregate, idOrKey)
		}
		return id.String(), nil
	}
	api.Commands(e.api, "/api/v1", e.client, resolve, append(append([]command.Spec{}, own...), other...))
	return e
}

// answer is a response that has been read.
type answer struct {
	*http.Response
	body []byte
}

func (e *edge) send(method, path, body string, header ...string) answer {
	e.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	e.echo.ServeHTTP(w, r)
	a := answer{Response: w.Result()}
	var err error
	if a.body, err = io.ReadAll(a.Body); err != nil {
		e.t.Fatal(err)
	}
	return a
}

func (e *edge) post(path, body string, header ...string) answer {
	e.t.Helper()
	return e.send(http.MethodPost, path, body, header...)
}

func (a answer) done(t *testing.T, status int) command.Answer {
	t.Helper()
	var out command.Answer
	if err := json.Unmarshal(a.body, &out); err != nil || a.StatusCode != status {
		t.Fatalf("%d %s, %v; want %d", a.StatusCode, a.body, err, status)
	}
	return out
}

// problem checks that the answer is one, as RFC 9457 has it.
func (a answer) problem(t *testing.T, status int, code string) api.Problem {
	t.Helper()
	var p api.Problem
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		t.Fatalf("%d %s: %v", a.StatusCode, a.body, err)
	}
	if a.StatusCode != status || p.Status != status || p.Code != code {
		t.Errorf("%d %s; want %d %s", a.StatusCode, a.body, status, code)
	}
	if ct := a.Header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("its content type is %q", ct)
	}
	if p.Title == "" || !strings.HasPrefix(p.Type, "/api/docs#problem-") || p.RequestID == "" || p.RequestID != a.Header.Get("X-Request-Id") {
		t.Errorf("it lacks its title, type or request: %+v", p)
	}
	return p
}
