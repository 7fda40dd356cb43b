package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/boot/boottest"
)

func TestBadInputGetsAClearProblemAndLosesNothing(t *testing.T) {
	r := runServer(t, quick(t))
	p := r.portfolio()
	epic := r.epic(p, "Instant payments")
	before := r.position()
	long := strings.Repeat("a", 5000)
	for _, c := range []struct {
		name, method, path, body string
		header                   []string
		status                   int
		code                     string
	}{
		{"an id with wildcards", "GET", "/api/v1/epics/" + url.PathEscape("*.>"), "", nil, 404, "not-found"},
		{"an id of 5,000 characters", "GET", "/api/v1/epics/" + long, "", nil, 422, "invalid"},
		{"a command on an id with wildcards", "POST", "/api/v1/epics/" + url.PathEscape("*") + "/move", `{"to":"reviewing"}`, nil, 404, "not-found"},
		{"a command on an id of 5,000 characters", "POST", "/api/v1/epics/" + long + "/move", `{"to":"reviewing"}`, nil, 404, "not-found"},
		{"an id with NUL", "GET", "/api/v1/items/" + url.PathEscape("a\x00b"), "", nil, 404, "not-found"},
		{"an id in the body that is none", "POST", "/api/v1/epics", `{"portfolio":"*","title":"x"}`, nil, 422, "invalid"},
		{"a body that is not JSON", "POST", "/api/v1/epics", `title=x`, nil, 400, "not-json"},
		{"a body that is no object", "POST", "/api/v1/epics", `[1]`, nil, 422, "invalid"},
		{"a body of another kind", "POST", "/api/v1/epics", `<x/>`, []string{"Content-Type", "text/xml"}, 415, "unsupported-media-type"},
		{"a body beyond 256 KiB", "POST", "/api/v1/epics", `{"title":"` + strings.Repeat("x", 300<<10) + `"}`, nil, 413, "too-large"},
		{"a field that is not there", "POST", "/api/v1/epics", `{"portfolio":"` + p + `","titel":"x"}`, nil, 422, "invalid"},
		{"a required field left out", "POST", "/api/v1/epics", `{"portfolio":"` + p + `"}`, nil, 422, "invalid"},
		{"a stale If-Match", "POST", "/api/v1/epics/" + epic + "/move", `{"to":"reviewing"}`, []string{"If-Match", `"1"`}, 412, "stale"},
		{"an If-Match that is no ETag", "POST", "/api/v1/epics/" + epic + "/move", `{"to":"reviewing"}`, []string{"If-Match", `"x"`}, 422, "invalid"},
		{"an overwrite without If-Match", "POST", "/api/v1/epics/" + epic + "/revise", `{"title":"x"}`, nil, 428, "if-match-required"},
		{"a key that is too long", "POST", "/api/v1/epics/" + epic + "/move", `{"to":"reviewing"}`, []string{"Idempotency-Key", strings.Repeat("k", 300)}, 422, "invalid"},
		{"a moment that is none", "GET", "/api/v1/items?asOf=yesterday", "", nil, 422, "invalid"},
		{"a moment to come", "GET", "/api/v1/items?asOf=2199-01-01T00:00:00Z", "", nil, 422, "invalid"},
		{"a position to come", "GET", "/api/v1/items?asOf=99999999", "", nil, 422, "invalid"},
		{"a parameter that is not there", "GET", "/api/v1/items?tipe=story", "", nil, 422, "invalid"},
		{"a cursor that is none", "GET", "/api/v1/items?cursor=%25%25", "", nil, 422, "invalid"},
		{"a limit beyond the largest", "GET", "/api/v1/items?limit=5000", "", nil, 422, "invalid"},
		{"a feed position that is none", "GET", "/api/v1/events?after=x", "", nil, 422, "invalid"},
		{"nobody", "GET", "/api/v1/items", "", []string{"Authorization", ""}, 401, "unauthorized"},
		{"a wrong token", "GET", "/api/v1/items", "", []string{"Authorization", "Bearer tl_aaaaaaaa_bbbbbbbbbbbb"}, 401, "unauthorized"},
		{"an address that is not there", "GET", "/api/v1/nothing", "", nil, 404, "not-found"},
		{"a command from another site", "POST", "/api/v1/epics/" + epic + "/move", `{"to":"reviewing"}`, []string{"Sec-Fetch-Site", "cross-site"}, 403, "cross-origin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			isProblem(t, r.send(c.method, c.path, c.body, c.header...), c.status, c.code)
		})
	}
	if after := r.position(); after != before {
		t.Errorf("bad input moved the log from %s to %s", before, after)
	}
	if got := r.get("/api/v1/epics/"+epic).text(t, "state"); got != "funnel" {
		t.Errorf("the epic is in %s", got)
	}
}

func TestAKeyMakesACommandSafeToSendTwice(t *testing.T) {
	r := runServer(t, quick(t))
	p := r.portfolio()
	body := `{"portfolio":"` + p + `","title":"Instant payments"}`
	first := r.send("POST", "/api/v1/epics", body, "Idempotency-Key", "k1")
	again := r.send("POST", "/api/v1/epics", body, "Idempotency-Key", "k1")
	if first.status != http.StatusCreated || again.status != http.StatusCreated || first.text(t, "id") != again.text(t, "id") {
		t.Fatalf("%d %s, then %d %s", first.status, first.body, again.status, again.body)
	}
	isProblem(t, r.send("POST", "/api/v1/epics", `{"portfolio":"`+p+`","title":"Other"}`, "Idempotency-Key", "k1"), 422, "idempotency-key-reused")
	var page struct {
		Count int `json:"count"`
	}
	r.get("/api/v1/epics?count=true").into(t, &page)
	if page.Count != 1 {
		t.Errorf("there are %d epics", page.Count)
	}
}

func TestAnyMomentOfThePlan(t *testing.T) {
	r := runServer(t, quick(t))
	p := r.portfolio()
	moved, left := r.epic(p, "Instant payments"), r.epic(p, "Open banking")
	then := r.position()
	r.post("/epics/"+moved+"/move", `{"to":"reviewing"}`)
	r.post("/epics/"+left+"/reject", `{"reason":"no demand"}`)
	entered := r.epic(p, "Card tokens")

	type board struct {
		Columns []struct {
			State string `json:"state"`
			Count int    `json:"count"`
		} `json:"columns"`
		Comparison struct {
			Entered, Left []struct{ ID string }
			Changed       []struct {
				ID      string
				Changes []struct {
					Field    string
					Old, New any
				}
			}
		}
	}
	counts := func(b board) string {
		var s []string
		for _, c := range b.Columns {
			if c.Count > 0 {
				s = append(s, fmt.Sprintf("%s %d", c.State, c.Count))
			}
		}
		return strings.Join(s, ", ")
	}
	var now, past board
	r.get("/api/v1/portfolios/"+p+"/kanban?compareTo="+then).into(t, &now)
	r.get("/api/v1/portfolios/"+p+"/kanban?asOf="+then).into(t, &past)
	if got := counts(past); got != "funnel 2" {
		t.Errorf("then the board was: %s", got)
	}
	if got := counts(now); got != "funnel 1, reviewing 1, done 1" {
		t.Errorf("now the board is: %s", got)
	}
	if c := now.Comparison; len(c.Entered) != 1 || c.Entered[0].ID != entered || len(c.Left) != 0 || len(c.Changed) != 2 {
		t.Errorf("the comparison: %+v", c)
	}
	for _, c := range now.Comparison.Changed {
		if c.ID == moved {
			if diff := cmp.Diff("state: funnel to reviewing", fmt.Sprintf("%s: %v to %v", c.Changes[0].Field, c.Changes[0].Old, c.Changes[0].New)); diff != "" {
				t.Error(diff)
			}
		}
	}
	if got := r.get("/api/v1/epics/"+moved+"?asOf="+then).text(t, "state"); got != "funnel" {
		t.Errorf("then the epic was in %s", got)
	}
	isProblem(t, r.send("GET", "/api/v1/epics/"+entered+"?asOf="+then, ""), 404, "not-found")
}

// TestEveryReadTakesAMoment calls every GET of the API's own description.
func TestEveryReadTakesAMoment(t *testing.T) {
	r := runServer(t, quick(t))
	p := r.portfolio()
	epic := r.epic(p, "Instant payments")
	var doc struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			Parameters []struct {
				Name, In string
				Required bool
			}
			RequestBody json.RawMessage
		}
	}
	r.get("/api/openapi.json").into(t, &doc)
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %s", doc.OpenAPI)
	}
	reads := 0
	for path, ops := range doc.Paths {
		op, ok := ops["get"]
		if !ok {
			continue
		}
		moment := false
		query := url.Values{}
		for _, param := range op.Parameters {
			moment = moment || param.Name == "asOf"
			if param.In == "query" && param.Required {
				query.Set(param.Name, "epic.go_nogo")
			}
		}
		if !moment {
			continue
		}
		reads++
		query.Set("asOf", r.position())
		query.Set("compareTo", "0")
		id := epic
		if strings.Contains(path, "/portfolios/") {
			id = p
		}
		path = strings.NewReplacer("{id}", id, "{list}", "orphans").Replace(path)
		a := r.send("GET", path+"?"+query.Encode(), "")
		if a.status != http.StatusOK && a.status != http.StatusNotFound {
			t.Errorf("GET %s: %d %.300s", path, a.status, a.body)
		}
	}
	if reads < 30 {
		t.Errorf("only %d reads take a moment", reads)
	}
}

func TestTheFeedTellsEverythingOnceAndInOrder(t *testing.T) {
	r := runServer(t, quick(t))
	other := join(t, r.app, "Somebody else")
	p := r.portfolio()
	other.portfolio()
	for n := range 5 {
		r.epic(p, fmt.Sprintf("Epic %d", n))
	}
	type entry struct {
		Position uint64 `json:"position"`
		Type     string `json:"type"`
		Data     struct{ Title, Name string }
	}
	read := func(after uint64) (all []entry) {
		a := r.send("GET", fmt.Sprintf("/api/v1/events?after=%d", after), "")
		for line := range strings.Lines(string(a.body)) {
			var e entry
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
			all = append(all, e)
		}
		return all
	}
	all := read(0)
	submitted := 0
	for i, e := range all {
		if i > 0 && e.Position < all[i-1].Position {
			t.Errorf("%d comes after %d", e.Position, all[i-1].Position)
		}
		if e.Type == "strategy.epic.submitted.v1" {
			submitted++
		}
	}
	if submitted != 5 {
		t.Errorf("the feed has %d epics", submitted)
	}
	middle := all[len(all)/2].Position
	rest := read(middle)
	for _, e := range rest {
		if e.Position <= middle {
			t.Errorf("%d is not after %d", e.Position, middle)
		}
	}
	if rest[len(rest)-1].Position != all[len(all)-1].Position {
		t.Error("resumed, the feed ends elsewhere")
	}
}

func TestAServerSentFeedGoesOn(t *testing.T) {
	r := runServer(t, quick(t))
	p := r.portfolio()
	req, err := http.NewRequestWithContext(t.Context(), "GET", r.url()+"/api/v1/events?after="+r.position(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	req.Header.Set("Accept", "text/event-stream")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	r.epic(p, "Instant payments")
	deadline := time.AfterFunc(10*time.Second, func() { resp.Body.Close() })
	defer deadline.Stop()
	lines := bufio.NewScanner(resp.Body)
	id := ""
	for lines.Scan() {
		if v, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			id = v
		}
		if strings.Contains(lines.Text(), "strategy.epic.submitted.v1") {
			if id == "" {
				t.Error("the event has no id to resume from")
			}
			return
		}
	}
	t.Fatal("the epic never came")
}

func TestOrganisationsDoNotMeet(t *testing.T) {
	a := runServer(t, quick(t))
	b := join(t, a.app, "Somebody else")
	p := a.portfolio()
	epic := a.epic(p, "Secret")
	for _, path := range []string{"/api/v1/epics/" + epic, "/api/v1/epics/E-1", "/api/v1/portfolios/" + p + "/kanban", "/api/v1/line/" + epic, "/api/v1/epics/" + epic + "/history"} {
		isProblem(t, b.send("GET", path, ""), 404, "not-found")
	}
	isProblem(t, b.send("POST", "/api/v1/epics/"+epic+"/move", `{"to":"reviewing"}`), 404, "not-found")
	for _, path := range []string{"/api/v1/epics", "/api/v1/portfolios", "/api/v1/events", "/api/v1/tree", "/api/v1/search?q=secret"} {
		if got := b.send("GET", path, "").body; strings.Contains(string(got), "Secret") || strings.Contains(string(got), epic) {
			t.Errorf("%s shows another organisation's epic: %s", path, got)
		}
	}
}

func TestATokenMayNoMoreThanItsScope(t *testing.T) {
	r := runServer(t, quick(t))
	var made struct{ Token, ID string }
	r.send("POST", "/api/v1/tokens", `{"name":"report","scope":"read","days":1}`).into(t, &made)
	reader := &running{app: r.app, t: t, token: made.Token}
	if a := reader.send("GET", "/api/v1/epics", ""); a.status != http.StatusOK {
		t.Errorf("reading: %d %s", a.status, a.body)
	}
	isProblem(t, reader.send("POST", "/api/v1/portfolios", `{"name":"x","configuration":"full"}`), 403, "forbidden")
	isProblem(t, reader.send("POST", "/api/v1/tokens", `{"name":"more","scope":"admin","days":1}`), 403, "forbidden")
	r.send("POST", "/api/v1/tokens/"+made.ID+"/revoke", "")
	isProblem(t, reader.send("GET", "/api/v1/epics", ""), 401, "unauthorized")
}

func TestDataSurvivesARestartAndIsLocked(t *testing.T) {
	c := quick(t)
	a, err := start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	r := join(t, a, "Acme")
	epic := r.epic(r.portfolio(), "Instant payments")
	if _, err := start(t.Context(), c); err == nil || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("a second process on the same data: %v", err)
	}
	if err := a.stop(); err != nil {
		t.Fatal(err)
	}
	if r.app, err = start(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	}()
	if got := r.get("/api/v1/epics/"+epic).text(t, "title"); got != "Instant payments" {
		t.Errorf("after the restart the epic is %q", got)
	}
}

// TestRedisAndMemoryAnswerTheSame runs one history on both stores.
func TestRedisAndMemoryAnswerTheSame(t *testing.T) {
	c := quick(t)
	history := func(r *running) string {
		p := r.portfolio()
		r.post("/epics/"+r.epic(p, "Instant payments")+"/move", `{"to":"reviewing"}`)
		r.epic(p, "Open banking")
		var page struct {
			Items []map[string]any `json:"items"`
		}
		r.get("/api/v1/epics").into(t, &page)
		var lines []string
		for _, e := range page.Items {
			lines = append(lines, fmt.Sprint(e["key"], e["title"], e["state"]))
		}
		return strings.Join(lines, "\n")
	}
	inMemory := history(runServer(t, c))
	d := quick(t)
	d.redisURL = boottest.Redis(t)
	if diff := cmp.Diff(inMemory, history(runServer(t, d))); diff != "" {
		t.Error(diff)
	}
}

func TestDemoSignsNobodyInFromElsewhere(t *testing.T) {
	c := quick(t)
	c.demo, c.listen = true, "0.0.0.0:0"
	if _, err := start(t.Context(), c); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("a demo on all interfaces: %v", err)
	}
}

func TestOneThingComparedWithItself(t *testing.T) {
	r := runServer(t, quick(t))
	epic := r.epic(r.portfolio(), "Instant payments")
	then := r.position()
	r.post("/epics/"+epic+"/move", `{"to":"reviewing"}`)
	var shown struct {
		Title, State string
		Comparison   struct {
			Changed []struct{ Changes []struct{ Field string } }
		}
	}
	r.get("/api/v1/epics/"+epic+"?compareTo="+then).into(t, &shown)
	if shown.State != "reviewing" || len(shown.Comparison.Changed) != 1 || shown.Comparison.Changed[0].Changes[0].Field != "state" {
		t.Errorf("%+v", shown)
	}
}
