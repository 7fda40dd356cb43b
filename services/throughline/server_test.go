package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/rights"
	"throughline.dev/services/gateway/identity"
)

// running is the whole product on a port of its own, and one of its people.
type running struct {
	*app
	t     testing.TB
	token string
	org   identity.Organisation
	admin identity.Person
}

// quick is a configuration for tests: a data folder of its own, any port, no
// wait for the disk.
func quick(t testing.TB) config {
	return config{listen: "127.0.0.1:0", data: t.TempDir(), roles: allRoles, replicas: 1, noSync: true,
		logger: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

// run starts the product with an organisation and its administrator.
func runServer(t testing.TB, c config) *running {
	t.Helper()
	a, err := start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.stop(); err != nil {
			t.Error(err)
		}
	})
	return join(t, a, "Acme")
}

// join makes an organisation on a server that runs.
func join(t testing.TB, a *app, name string) *running {
	t.Helper()
	ctx := t.Context()
	o, err := a.people.CreateOrganisation(ctx, name, false)
	if err != nil {
		t.Fatal(err)
	}
	p := identity.Person{ID: es.NewID[es.Person](), Tenant: o.ID, Name: "Ada", Admin: true}
	if err := a.people.SavePerson(ctx, p); err != nil {
		t.Fatal(err)
	}
	s := a.sender(o.ID, p.ID, "test")
	s.do(ctx, "strategy.role-assignment.assign", "", rights.AssignRole{Person: p.ID, Role: rights.Administrator})
	if s.failed != nil {
		t.Fatal(s.failed)
	}
	secret, _, err := a.people.IssueToken(ctx, o.ID, p.ID, "test", identity.Admin, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return &running{app: a, t: t, token: secret, org: o, admin: p}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("%v in %.300s", err, a.body)
	}
}

// text is a field of a JSON object.
func (a answer) text(t testing.TB, field string) string {
	t.Helper()
	var m map[string]any
	a.into(t, &m)
	s, _ := m[field].(string)
	return s
}

// send makes a request; header is name, value, name, value…
func (r *running) send(method, path, body string, header ...string) answer {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, r.url()+path, bytes.NewReader([]byte(body)))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] == "" {
			req.Header.Del(header[i])
		} else {
			req.Header.Set(header[i], header[i+1])
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, b}
}

// get reads, after everything that has been written so far.
func (r *running) get(path string) answer {
	r.t.Helper()
	a := r.send("GET", path, "", "X-Min-Position", r.position())
	if a.status != http.StatusOK {
		r.t.Fatalf("GET %s: %d %s", path, a.status, a.body)
	}
	return a
}

// position is the log's end.
func (r *running) position() string {
	r.t.Helper()
	head, err := r.log.Head(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	b, err := json.Marshal(head.Last)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

// post sends a command that must be done, and returns the aggregate's id.
func (r *running) post(path, body string, header ...string) string {
	r.t.Helper()
	a := r.send("POST", "/api/v1"+path, body, header...)
	if a.status != http.StatusOK && a.status != http.StatusCreated {
		r.t.Fatalf("POST %s %s: %d %s", path, body, a.status, a.body)
	}
	return a.text(r.t, "id")
}

// portfolio defines one.
func (r *running) portfolio() string {
	r.t.Helper()
	return r.post("/portfolios", `{"name":"Retail","configuration":"portfolio","currency":"EUR"}`)
}

// epic submits one to the funnel.
func (r *running) epic(portfolio, title string) string {
	r.t.Helper()
	return r.post("/epics", `{"portfolio":"`+portfolio+`","title":"`+title+`"}`)
}

// isProblem checks that an answer is a problem with a status and a code.
func isProblem(t testing.TB, a answer, status int, code string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %.300s", a.status, status, a.body)
	}
	if ct := a.header.Get("Content-Type"); !strings.HasPrefix(ct, "application/problem+json") {
		t.Errorf("content type %q is no problem", ct)
	}
	if got := a.text(t, "code"); got != code {
		t.Errorf("code %q, want %q: %.300s", got, code, a.body)
	}
	for _, field := range []string{"type", "title", "detail"} {
		if a.text(t, field) == "" {
			t.Errorf("the problem has no %s: %s", field, a.body)
		}
	}
}
