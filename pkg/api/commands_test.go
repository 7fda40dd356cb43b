package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"throughline.dev/pkg/api"
	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
)

func TestEachCommandHasAnEndpoint(t *testing.T) {
	e := newEdge(t)
	var posts []string
	for _, r := range e.echo.Routes() {
		if r.Method == http.MethodPost {
			posts = append(posts, r.Path)
		}
	}
	slices.Sort(posts)
	want := []string{"/api/v1/gates", "/api/v1/gates/:id/open", "/api/v1/gates/:id/rename", "/api/v1/gates/adopt"}
	if !slices.Equal(posts, want) {
		t.Errorf("endpoints %v, want %v: none for what is internal", posts, want)
	}
	e.post("/api/v1/gates/"+es.NewID[gate]().String()+"/force", `{}`).problem(t, 404, "not-found")
}

func TestTwoCommandsWithOneAddressShowAtTheStart(t *testing.T) {
	for name, specs := range map[string][]command.Spec{
		"of one context":    {own[2], own[2]},
		"that create":       {command.Create[build](gates, "build", "", "x"), command.Create[build](gates, "build", "", "x"), command.Create[build](gates, "build", "", "x")},
		"with other bodies": {own[2], command.On[rename](otherGates, "open", "", "x")},
	} {
		t.Run(name, func(t *testing.T) {
			e := bareEdge(t, boottest.NATS(t))
			defer func() {
				if said, ok := recover().(string); !ok || !strings.Contains(said, "/gates") {
					t.Errorf("it said %q", said)
				}
			}()
			api.Commands(e.api, "/api/v2", e.client, nil, specs)
		})
	}
}

func TestACommandOverHTTP(t *testing.T) {
	e := newEdge(t)
	made := e.post("/api/v1/gates", `{"name":"North"}`, "Idempotency-Key", "k1")
	a := made.done(t, 201)
	tag := `"` + strconv.FormatUint(a.Position, 10) + `"`
	if made.Header.Get("ETag") != tag || made.Header.Get("X-Event-Position") != strings.Trim(tag, `"`) ||
		made.Header.Get("Location") != "/api/v1/gates/"+a.ID || made.Header.Get("Idempotency-Key") != "k1" {
		t.Errorf("headers %v", made.Header)
	}
	again := e.post("/api/v1/gates", `{"name":"North"}`, "Idempotency-Key", "k1").done(t, 201)
	if !again.Again || again.ID != a.ID || again.Position != a.Position {
		t.Errorf("the same key again: %+v", again)
	}
	e.post("/api/v1/gates", `{"name":"South"}`, "Idempotency-Key", "k1").problem(t, 422, "idempotency-key-reused")

	path := "/api/v1/gates/" + a.ID + "/open"
	opened := e.post(path, `{"times":2}`)
	b := opened.done(t, 200)
	if b.Position <= a.Position || opened.Header.Get("ETag") != api.ETag(b.Position) || len(opened.Header.Get("Idempotency-Key")) != 26 {
		t.Errorf("%+v, %v: without a key it gets one", b, opened.Header)
	}
	if idle := e.post(path, "").done(t, 200); idle.Events != 0 || idle.Position != b.Position {
		t.Errorf("no body is an empty object: %+v", idle)
	}
	if byKey := e.post("/api/v1/gates/key-"+a.ID+"/open", `{"times":1}`, "Content-Type", "application/json; charset=utf-8"); byKey.StatusCode != 200 {
		t.Errorf("by its key: %d %s", byKey.StatusCode, byKey.body)
	}
	e.post("/api/v1/gates/adopt", `{"name":"West"}`).done(t, 201)
}

// Two contexts have gates at one address; the one that has this gate answers.
func TestTheContextThatHasItAnswers(t *testing.T) {
	e := newEdge(t)
	id := es.NewID[gate]()
	if _, err := es.NewRepository(otherGates, e.log, 1).Do(t.Context(), es.Try[gate]{ID: id, Command: build{"East"},
		Meta: es.Meta{Tenant: e.who.Tenant, ID: "made"}}); err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/gates/" + id.String() + "/open"
	if a := e.post(path, `{"times":1}`).done(t, 200); a.ID != id.String() || a.Events != 1 {
		t.Errorf("%+v", a)
	}
	e.post(path, `{"times":5}`).problem(t, 409, "gate-broken")
	own := e.post("/api/v1/gates", `{"name":"North"}`).done(t, 201)
	e.post("/api/v1/gates/"+own.ID+"/open", `{"times":1}`).done(t, 200)
	e.post("/api/v1/gates/"+es.NewID[gate]().String()+"/open", `{"times":1}`).problem(t, 404, "not-found")
}

func TestIfMatch(t *testing.T) {
	e := newEdge(t)
	a := e.post("/api/v1/gates", `{"name":"North"}`).done(t, 201)
	open, rename := "/api/v1/gates/"+a.ID+"/open", "/api/v1/gates/"+a.ID+"/rename"
	old, body := api.ETag(a.Position), `{"name":"Nord"}`
	now := e.post(open, `{"times":1}`, "If-Match", old).done(t, 200).Position
	if p := e.post(open, `{"times":1}`, "If-Match", old).problem(t, 412, "stale"); p.Version != now {
		t.Errorf("it does not say the present version, %d: %+v", now, p)
	}
	e.post(open, `{"times":1}`, "If-Match", "*").done(t, 200)
	e.post(rename, body).problem(t, 428, "if-match-required")
	e.post(rename, body, "If-Match", "*").problem(t, 428, "if-match-required")
	e.post(rename, body, "If-Match", old).problem(t, 412, "stale")
	e.post(rename, body, "If-Match", "yesterday").problem(t, 422, "invalid")
	tag := e.post(open, "").Header.Get("ETag")
	tag = e.post(rename, body, "If-Match", tag).Header.Get("ETag")
	e.post(rename, body, "If-Match", "W/"+tag).done(t, 200) // proxies that compress weaken tags
}

func TestIdempotencyKeys(t *testing.T) {
	for key, good := range map[string]bool{"a": true, "a b~!": true, strings.Repeat("k", api.MaxKey): true,
		strings.Repeat("k", api.MaxKey+1): false, "schlüssel": false, "a\tb": false, "a\x7f": false} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Idempotency-Key", key)
		got, err := api.IdempotencyKey(r)
		if good && (got != key || err != nil) || !good && err == nil {
			t.Errorf("key %.20q (%d): %q, %v", key, len(key), got, err)
		}
	}
	e := newEdge(t)
	p := e.post("/api/v1/gates", `{"name":"x"}`, "Idempotency-Key", strings.Repeat("k", 256)).problem(t, 422, "invalid")
	if len(p.Errors) != 1 || p.Errors[0].Field != "Idempotency-Key" {
		t.Errorf("%+v", p)
	}
	none := httptest.NewRequest(http.MethodPost, "/", nil)
	a, _ := api.IdempotencyKey(none)
	if b, _ := api.IdempotencyKey(none); a == b {
		t.Error("two requests without a key got the same")
	}
}

func TestBodiesThatAreNone(t *testing.T) {
	e := newEdge(t)
	const path = "/api/v1/gates"
	for _, bad := range []string{`{"name":`, `{"name":"x"}}`, `{"name":"x"} {}`, `name=x`} {
		e.post(path, bad).problem(t, 400, "not-json")
	}
	for _, ct := range []string{"text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/json-patch+json", "multipart/form-data; boundary=x"} {
		e.post(path, `{"name":"x"}`, "Content-Type", ct).problem(t, 415, "unsupported-media-type")
	}
	for body, field := range map[string]string{`[]`: "", `null`: "", `{}`: "", `{"name":""}`: "name", `{"name":7}`: "name", `{"name":"x","nmae":"y"}`: "nmae"} {
		p := e.post(path, body).problem(t, 422, "invalid")
		if len(p.Errors) == 0 || field != "" && p.Errors[0].Field != field || p.Detail == "" {
			t.Errorf("%s: %+v, want the field %q", body, p, field)
		}
	}
	e.post(path, `{"name":"`+strings.Repeat("x", api.MaxBody)+`"}`).problem(t, 413, "too-large")
	fits := `{"name":"` + strings.Repeat("x", api.MaxBody-200) + `"}`
	if a := e.post(path, fits+strings.Repeat(" ", api.MaxBody-len(fits))); a.StatusCode != 201 {
		t.Errorf("256 KiB: %d %.200s", a.StatusCode, a.body)
	}
	e.post(path, `{"name":"`+strings.Repeat("x", api.MaxBody-11)+`"}`).problem(t, 422, "invalid") // fits on its way, not with its envelope
}

func TestWhoMaySend(t *testing.T) {
	e := newEdge(t)
	a := e.post("/api/v1/gates", `{"name":"North"}`).done(t, 201)
	mine := *e.who
	e.who.Write = false
	e.post("/api/v1/gates", `{"name":"South"}`).problem(t, 403, "forbidden")
	e.who.Write, e.who.Tenant = true, es.NewTenant()
	e.post("/api/v1/gates/"+a.ID+"/open", `{"times":1}`).problem(t, 404, "not-found")
	e.who = nil
	e.post("/api/v1/gates", `{"name":"South"}`).problem(t, 401, "unauthorized")
	e.who = &mine
	e.post("/api/v1/gates/"+a.ID+"/open", `{"times":1}`).done(t, 200)
	e.post("/api/v1/gates/*/open", `{"times":1}`).problem(t, 404, "not-found")
}

func TestWhatGoesWrongBehindTheEdge(t *testing.T) {
	e := newEdge(t)
	a := e.post("/api/v1/gates", `{"name":"North"}`).done(t, 201)
	path := "/api/v1/gates/" + a.ID + "/open"
	e.post(path, `{"times":5}`).problem(t, 409, "gate-broken")
	if e.logged.Len() > 0 {
		t.Errorf("a refusal is no news: %s", e.logged)
	}
	failed := e.post(path, `{"times":7}`)
	p := failed.problem(t, 500, "internal")
	if strings.Contains(string(failed.body), "secret") || !strings.Contains(e.logged.String(), p.RequestID) {
		t.Errorf("the answer %s, the log %s", failed.body, e.logged)
	}
	bare := bareEdge(t, boottest.NATS(t))
	away := bare.post("/api/v1/gates", `{"name":"North"}`)
	away.problem(t, 503, "unavailable")
	if away.Header.Get("Retry-After") != "1" {
		t.Errorf("headers %v", away.Header)
	}
}

func TestAClientThatHasGoneIsNoNews(t *testing.T) {
	e := newEdge(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequest(http.MethodPost, "/api/v1/gates", strings.NewReader(`{"name":"x"}`)).WithContext(ctx)
	r.Header.Set("Content-Type", "application/json")
	e.echo.ServeHTTP(httptest.NewRecorder(), r)
	if e.logged.Len() > 0 {
		t.Errorf("logged %s", e.logged)
	}
}

// A proposal is answered by the service; here somebody plays its part.
func TestAProposalIsAccepted(t *testing.T) {
	nc := boottest.NATS(t)
	e := bareEdge(t, nc)
	id, proposal := es.NewID[gate]().String(), es.NewID[gate]().String()
	if _, err := nc.Subscribe("cmd.backlog.gate.rename", natsAnswer(t, command.Answer{ID: id, Position: 9, Events: 1, Proposal: proposal, Deciders: []string{"product-owner"}})); err != nil {
		t.Fatal(err)
	}
	got := e.post("/api/v1/gates/"+id+"/rename", `{"name":"x"}`, "If-Match", `"3"`)
	a := got.done(t, 202)
	if a.Proposal != proposal || got.Header.Get("Location") != "/api/v1/proposals/"+proposal || got.Header.Get("ETag") != "" || got.Header.Get("X-Event-Position") != "9" {
		t.Errorf("%+v, %v", a, got.Header)
	}
}
