package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/labstack/echo/v4"
	"github.com/nats-io/nats.go"

	"throughline.dev/pkg/api"
	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

func natsAnswer(t *testing.T, a command.Answer) nats.MsgHandler {
	t.Helper()
	data, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return func(m *nats.Msg) {
		if err := m.Respond(data); err != nil {
			t.Error(err)
		}
	}
}

func TestEachKindOfErrorIsOneProblem(t *testing.T) {
	lacks := fail.Forbidden("you do not decide this").By("Product Owner")
	lacks.Right = "feature.define"
	for _, c := range []struct {
		err  error
		want api.Problem
	}{
		{fail.Invalid("name", "too long"), api.Problem{Status: 422, Code: "invalid", Detail: "too long", Errors: []api.Detail{{"name", "too long"}}}},
		{fmt.Errorf("read: %w", fail.NotFound("gate", "x")), api.Problem{Status: 404, Code: "not-found", Detail: `there is no gate "x"`}},
		{errBuilt, api.Problem{Status: 409, Code: "gate-built", Detail: "this gate is there already", Who: "an architect"}},
		{fail.Stale(7), api.Problem{Status: 412, Code: "stale", Detail: fail.Stale(7).Text, Version: 7}},
		{lacks, api.Problem{Status: 403, Code: "forbidden", Detail: "you do not decide this", Who: "Product Owner", DecisionRight: "feature.define"}},
		{es.ErrKeyReused, api.Problem{Status: 422, Code: "idempotency-key-reused", Detail: es.ErrKeyReused.Text}},
		{errors.Join(fail.Invalid("a", "one"), fail.Invalid("b", "two")), api.Problem{Status: 422, Code: "invalid", Detail: "one", Errors: []api.Detail{{"a", "one"}, {"b", "two"}}}},
		{fmt.Errorf("x: %w", command.ErrUnavailable), api.Problem{Status: 503, Code: "unavailable", Detail: command.ErrUnavailable.Error()}},
		{fmt.Errorf("x: %w", es.ErrUnavailable), api.Problem{Status: 503, Code: "unavailable", Detail: command.ErrUnavailable.Error()}},
		{api.ErrSignIn, *api.ErrSignIn},
		{&http.MaxBytesError{Limit: 9}, api.Problem{Status: 413, Code: "too-large", Detail: "the body is larger than the 9 bytes that this address takes"}},
		{echo.ErrMethodNotAllowed, api.Problem{Status: 405, Code: "method-not-allowed", Detail: "this address does not take this method; /api/openapi.json lists what it takes"}},
		{errors.New("password=hunter2"), api.Problem{Status: 500, Code: "internal", Detail: "the request id finds it in the server's log; trying again may help"}},
	} {
		got := api.ProblemOf(c.err)
		if diff := cmp.Diff(&c.want, got, cmpopts.IgnoreUnexported(api.Problem{}), cmpopts.IgnoreFields(api.Problem{}, "Type", "Title")); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.err, diff)
		}
		if got.Title == "" || got.Type != "/api/docs#problem-"+got.Code {
			t.Errorf("%v: title %q, type %q", c.err, got.Title, got.Type)
		}
		if body, err := json.Marshal(got); err != nil || strings.Contains(string(body), "hunter2") {
			t.Errorf("%s, %v", body, err)
		}
	}
}

func TestCursors(t *testing.T) {
	for _, place := range []string{"", "a", "S-1\x00ü/+?", strings.Repeat("x", 1000)} {
		c := api.Cursor(place)
		if back, err := api.Place(c); back != place || err != nil || strings.ContainsAny(c, "+/=?&") {
			t.Errorf("%q became %q and %q, %v", place, c, back, err)
		}
	}
	_, err := api.Place("not a cursor!")
	if e, known := fail.As(err); !known || e.Kind != fail.KindInvalid || e.Field != "cursor" {
		t.Errorf("%v", err)
	}
}

type lookAt struct {
	ID    string `path:"id"`
	Limit int    `query:"limit" minimum:"1" maximum:"200"`
}

type seen struct {
	Body struct {
		Name string `json:"name"`
	}
}

func TestQueriesAnswerInProblems(t *testing.T) {
	e := bareEdge(t, boottest.NATS(t))
	look := func(_ context.Context, p api.Principal, in *lookAt) (*seen, error) {
		switch in.ID {
		case "gone":
			return nil, fail.NotFound("gate", in.ID)
		case "broken":
			return nil, errors.New("password=hunter2")
		}
		var s seen
		s.Body.Name = in.ID + " of " + p.Tenant.String()
		return &s, nil
	}
	api.Get(e.api, "/api/v1/gates/{id}", "gate", "backlog", "One gate.", look)
	api.Post(e.api, "/api/v1/tokens/{id}", "token", "people", "Make a token.", look)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		path := map[string]string{http.MethodGet: "/api/v1/gates/", http.MethodPost: "/api/v1/tokens/"}[method]
		if a := e.send(method, path+"north?limit=5", ""); a.StatusCode != 200 || strings.TrimSpace(string(a.body)) != `{"name":"north of `+e.who.Tenant.String()+`"}` {
			t.Errorf("%s: %d %s", method, a.StatusCode, a.body)
		}
		e.send(method, path+"gone?limit=5", "").problem(t, 404, "not-found")
		e.logged.Reset()
		p := e.send(method, path+"broken?limit=5", "").problem(t, 500, "internal")
		if said := e.logged.String(); !strings.Contains(said, "hunter2") || strings.Count(said, p.RequestID) != 1 {
			t.Errorf("logged %s", said)
		}
		for query, field := range map[string]string{"limit=0": "limit", "limit=x": "limit", "limit=5&lmiit=1": "lmiit"} {
			p := e.send(method, path+"north?"+query, "").problem(t, 422, "invalid")
			if len(p.Errors) != 1 || p.Errors[0].Field != field {
				t.Errorf("%s %s: %+v", method, query, p)
			}
		}
	}
	mine := *e.who
	e.who.Write = false
	e.send(http.MethodPost, "/api/v1/tokens/x?limit=1", "").problem(t, 403, "forbidden")
	e.who = nil
	e.send(http.MethodGet, "/api/v1/gates/x?limit=1", "").problem(t, 401, "unauthorized")
	e.who = &mine
	e.send(http.MethodGet, "/api/v1/nothing", "").problem(t, 404, "not-found")
	e.send(http.MethodDelete, "/api/v1/gates/x", "").problem(t, 405, "method-not-allowed")
}

func TestTheDescription(t *testing.T) {
	e := newEdge(t)
	a := e.send(http.MethodGet, "/api/openapi.json", "")
	type object = map[string]any
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Summary     string
			Tags        []string
			Parameters  []struct {
				Name     string
				Required bool
			}
			RequestBody struct {
				Content map[string]struct {
					Schema struct {
						Ref string `json:"$ref"`
					}
				}
			}
			Responses map[string]struct{ Content object }
		}
		Components struct {
			Schemas map[string]struct {
				Properties object
				Required   []string
			}
		}
	}
	if err := json.Unmarshal(a.body, &doc); err != nil || a.StatusCode != 200 || !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Fatalf("%d, version %q, %v", a.StatusCode, doc.OpenAPI, err)
	}
	ids, n := map[string]bool{}, 0
	for path, operations := range doc.Paths {
		op, ok := operations["post"]
		if !ok {
			continue
		}
		n++
		if op.Summary == "" || op.OperationID == "" || ids[op.OperationID] || len(op.Tags) == 0 {
			t.Errorf("%s: %+v", path, op)
		}
		ids[op.OperationID] = true
		ref := op.RequestBody.Content["application/json"].Schema.Ref
		schema, known := doc.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")]
		if !known || len(schema.Properties) == 0 {
			t.Errorf("%s: its body %q has no schema", path, ref)
		}
		for _, status := range []string{"401", "409", "412", "422", "503"} {
			if _, ok := op.Responses[status].Content["application/problem+json"]; !ok {
				t.Errorf("%s: %s is no problem", path, status)
			}
		}
		_, proposes := op.Responses["202"]
		strict := false
		for _, p := range op.Parameters {
			strict = strict || p.Name == "If-Match" && p.Required
		}
		if renames := strings.HasSuffix(path, "/rename"); proposes != renames || strict != renames {
			t.Errorf("%s: proposes %t, strict %t", path, proposes, strict)
		}
	}
	if n != 4 {
		t.Errorf("%d commands are described, want 4", n)
	}
	if !ids["gate-open"] || !ids["backlog-gate-build"] {
		t.Errorf("operations %v", ids)
	}
}
