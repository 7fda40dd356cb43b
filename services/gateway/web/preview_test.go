package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/a-h/templ"

	"throughline.dev/services/gateway/web"
	"throughline.dev/services/gateway/web/browsertest"
	"throughline.dev/services/gateway/web/page"
	"throughline.dev/services/gateway/web/view/backlog"
	"throughline.dev/services/gateway/web/view/inbox"
	"throughline.dev/services/gateway/web/view/item"
	"throughline.dev/services/gateway/web/view/kanban"
	"throughline.dev/services/gateway/web/view/tree"
)

// preview serves the pages with sample models, and answers commands as a
// server would that keeps one rule: the column Reviewing is full.
type preview struct {
	*httptest.Server
	assets *web.Assets

	mu       sync.Mutex
	position uint64
	epics    []epic
	rows     []backlog.Row
	commands []sent
	watchers map[chan string]bool
}

// sent is a command as it came in.
type sent struct {
	path, key, match string
	body             map[string]any
}

func newPreview(t testing.TB) *preview {
	t.Helper()
	assets, err := web.NewAssets()
	if err != nil {
		t.Fatal(err)
	}
	p := &preview{assets: assets, position: 5000, epics: sampleEpics(60), rows: sampleRows(200), watchers: map[chan string]bool{}}
	mux := http.NewServeMux()
	mux.Handle("/static/", assets)
	mux.HandleFunc("GET /kanban", p.kanban)
	mux.HandleFunc("GET /api/v1/live", p.live)
	mux.HandleFunc("POST /api/v1/epics/{id}/move", p.move)
	mux.HandleFunc("GET /search", p.search)
	mux.HandleFunc("GET /strategy", p.strategy)
	mux.HandleFunc("GET /strategy/nodes/f3", func(w http.ResponseWriter, r *http.Request) {
		write(w, http.StatusOK, tree.Nodes(sampleChildren(), 6))
	})
	mux.HandleFunc("GET /backlog", p.backlog)
	mux.HandleFunc("POST /api/v1/orders/payments/{verb}", p.rank)
	mux.HandleFunc("GET /items/{key}", func(w http.ResponseWriter, r *http.Request) {
		p.show(w, r, "backlog", "PAY-12", item.Component(sampleItem(r.URL.Query())))
	})
	mux.HandleFunc("GET /feedback/{id}", func(w http.ResponseWriter, r *http.Request) {
		p.show(w, r, "inbox", "Feedback inbox", inbox.Component(sampleInbox(r.URL.Query(), r.PathValue("id"))))
	})
	mux.HandleFunc("POST /api/v1/feedback/{id}/link", p.link)
	mux.HandleFunc("GET /sign-in", func(w http.ResponseWriter, r *http.Request) {
		write(w, http.StatusOK, page.SignInPage(page.SignIn{Static: assets.Base(), Organisation: "Northwind Bank", Action: "/sign-in", Next: "/kanban", Groups: []page.Group{
			{Role: "Product management", Can: "Decides on vision, themes, epics and the roadmap", People: people[:2]},
			{Role: "Product ownership", Can: "Decides on the backlog and accepts stories", People: people[2:4]},
			{Role: "Everyone else", Can: "Proposes; those who decide accept", People: people[4:]}}}))
	})
	mux.HandleFunc("GET /problem", func(w http.ResponseWriter, r *http.Request) {
		write(w, http.StatusServiceUnavailable, page.ProblemPage(assets.Base(), "", page.Problem{Status: 503, Title: "The plan cannot be read at the moment",
			Detail: "The log does not answer. Nothing is lost; try again in a moment.", Code: "log-unavailable", RequestID: "01hzrequest"}))
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	t.Cleanup(p.CloseClientConnections)
	return p
}

func write(w http.ResponseWriter, status int, c templ.Component) {
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", web.CSP)
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// show answers with the whole page, or with its content for htmx.
func (p *preview) show(w http.ResponseWriter, r *http.Request, key, title string, c templ.Component) {
	if r.Header.Get("HX-Request") == "" {
		shell := samplePage(p.assets.Base(), key, title, r.URL.Path, r.URL.Query())
		if cookie, err := r.Cookie("theme"); err == nil {
			shell.Theme = cookie.Value
		}
		c = page.Shell(shell, c)
	}
	write(w, http.StatusOK, c)
}

func (p *preview) kanban(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	m := sampleBoard(p.epics, r.URL.Query(), p.position)
	p.mu.Unlock()
	p.show(w, r, "kanban", "Portfolio Kanban", kanban.Component(m))
}

func (p *preview) search(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query().Get("q")
	found := page.Search{Query: q}
	for _, e := range sampleEpics(60) {
		if strings.Contains(strings.ToLower(e.card.Key+" "+e.card.Title), strings.ToLower(q)) && len(found.Results) < 8 {
			found.Results = append(found.Results, page.Result{ID: e.card.ID, Ref: ref("epic", e.card.Key, e.card.Title, e.state)})
		}
	}
	write(w, http.StatusOK, page.Results(found))
}

func (p *preview) move(w http.ResponseWriter, r *http.Request) {
	body, ok := p.receive(w, r)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if body["to"] == "reviewing" && body["override"] != true {
		refuse(w, http.StatusUnprocessableEntity, "wip-limit", "Reviewing holds 9 epics and its limit is 5: finish one first, or override with a reason")
		return
	}
	if body["to"] == "done" {
		refuse(w, http.StatusUnprocessableEntity, "epic-not-proven", "an epic is done only after its outcome was decided")
		return
	}
	p.position++
	for i := range p.epics {
		if p.epics[i].card.ID == r.PathValue("id") {
			p.epics[i].state = body["to"].(string)
			p.epics[i].card.Version = p.position
		}
	}
	p.done(w, r.PathValue("id"))
	for watcher := range p.watchers {
		watcher <- fmt.Sprintf("id: %d\ndata: {\"position\":%d,\"view\":\"kanban\",\"keys\":[\"card/%s\"]}\n\n", p.position, p.position, r.PathValue("id"))
	}
}

func (p *preview) strategy(w http.ResponseWriter, r *http.Request) {
	open := map[string]bool{}
	for _, id := range strings.Split(r.URL.Query().Get("open"), ",") {
		open[id] = true
	}
	p.show(w, r, "tree", "Strategy tree", tree.Component(sampleTree(r.URL.Query(), open)))
}

func (p *preview) backlog(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	m := sampleBacklog(slices.Clone(p.rows), r.URL.Query(), p.position)
	p.mu.Unlock()
	p.show(w, r, "backlog", "Backlog", backlog.Component(m))
}

func (p *preview) rank(w http.ResponseWriter, r *http.Request) {
	body, ok := p.receive(w, r)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	from := slices.IndexFunc(p.rows, func(r backlog.Row) bool { return r.ID == body["item"] })
	row := p.rows[from]
	p.rows = slices.Delete(p.rows, from, from+1)
	to := slices.IndexFunc(p.rows, func(r backlog.Row) bool { return r.ID == body["before"] || r.ID == body["after"] })
	if body["after"] != nil {
		to++
	}
	p.rows = slices.Insert(p.rows, to, row)
	for i := range p.rows {
		p.rows[i].Rank = i + 1
	}
	p.position++
	p.done(w, "payments")
}

// link wants an excerpt that is a part of what was said.
func (p *preview) link(w http.ResponseWriter, r *http.Request) {
	body, ok := p.receive(w, r)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if body["excerpt"] == "not said" {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, `{"title":"Invalid","code":"invalid","detail":"one field is wrong","errors":[{"field":"excerpt","detail":"this is not in the feedback: quote its own words"}]}`)
		return
	}
	p.position++
	p.done(w, r.PathValue("id"))
}

// receive reads and keeps a command.
func (p *preview) receive(w http.ResponseWriter, r *http.Request) (map[string]any, bool) {
	var body map[string]any
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return nil, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.commands = append(p.commands, sent{r.URL.Path, r.Header.Get("Idempotency-Key"), r.Header.Get("If-Match"), body})
	return body, true
}

func (p *preview) done(w http.ResponseWriter, id string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Event-Position", fmt.Sprint(p.position))
	w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprint(p.position)))
	fmt.Fprintf(w, `{"id":%q,"position":%d,"events":[]}`, id, p.position)
}

func refuse(w http.ResponseWriter, status int, code, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": "Refused", "status": status, "code": code, "detail": detail})
}

func (p *preview) live(w http.ResponseWriter, r *http.Request) {
	events := make(chan string, 100)
	p.mu.Lock()
	p.watchers[events] = true
	position := p.position
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.watchers, events)
		p.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprintf(w, "event: hello\ndata: {\"position\":%d,\"views\":{\"kanban\":%d}}\n\n", position, position)
	w.(http.Flusher).Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case e := <-events:
			fmt.Fprint(w, e)
			w.(http.Flusher).Flush()
		}
	}
}

func (p *preview) sent() []sent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]sent(nil), p.commands...)
}

// pictures of every page go to the directory PICTURES, for eyes.
func picture(t *testing.T, tab *browsertest.Tab, name string) {
	t.Helper()
	if dir := os.Getenv("PICTURES"); dir != "" {
		tab.Picture(filepath.Join(dir, name+".png"))
	}
}

func TestEveryPageIsUsableByAll(t *testing.T) {
	p := newPreview(t)
	browser := browsertest.Start(t)
	for _, one := range []struct{ name, path string }{
		{"kanban", "/kanban"},
		{"kanban-past", "/kanban?asOf=2026-10-03T14:00:00Z"},
		{"kanban-compare", "/kanban?compareTo=P-1M"},
		{"kanban-table", "/kanban?as=table"},
		{"strategy", "/strategy"},
		{"backlog", "/backlog"},
		{"item", "/items/PAY-12"},
		{"inbox", "/feedback/1"},
		{"sign-in", "/sign-in"},
		{"problem", "/problem"},
	} {
		for _, scheme := range []string{"light", "dark"} {
			t.Run(one.name+"-"+scheme, func(t *testing.T) {
				tab := browser.Open(t, p.URL+one.path)
				tab.Scheme(scheme)
				picture(t, tab, one.name+"-"+scheme)
				for _, v := range tab.Violations() {
					t.Error(v)
				}
				if problems := tab.Problems(); len(problems) > 0 {
					t.Errorf("the page has errors: %q", problems)
				}
			})
		}
	}
}

// A page is at most 15 KB compressed, so that it is there before it is missed.
// A board takes some 75 B for each card that it shows.
func TestPagesStayInTheirBudget(t *testing.T) {
	p := newPreview(t)
	p.epics = sampleEpics(150)
	for _, path := range []string{"/kanban", "/kanban?as=table", "/strategy", "/backlog", "/items/PAY-12", "/feedback/1"} {
		response, err := http.Get(p.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d, %v", path, response.StatusCode, err)
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(body); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d B, %d B compressed", path, len(body), packed.Len())
		if packed.Len() > 15<<10 {
			t.Errorf("%s takes %d B compressed, the budget is %d", path, packed.Len(), 15<<10)
		}
		for _, banned := range []string{" style=", "<script>", "javascript:", " onclick="} {
			if bytes.Contains(body, []byte(banned)) {
				t.Errorf("%s contains %q, which the content security policy forbids", path, banned)
			}
		}
	}
}

// On a narrow screen nothing is lost to the side: the page itself never
// scrolls across (WCAG 1.4.10).
func TestPagesFitANarrowScreen(t *testing.T) {
	p := newPreview(t)
	tab := browsertest.Start(t).Open(t, p.URL+"/kanban")
	tab.Size(320, 700)
	for _, one := range []struct{ name, path string }{{"kanban", "/kanban"}, {"strategy", "/strategy"}, {"backlog", "/backlog"}, {"item", "/items/PAY-12"}, {"inbox", "/feedback/1"}, {"sign-in", "/sign-in"}} {
		tab.Go(p.URL + one.path)
		picture(t, tab, one.name+"-narrow")
		if beyond := tab.Text(`document.documentElement.scrollWidth - document.documentElement.clientWidth`); beyond != "0" {
			t.Errorf("%s reaches %s px beyond a screen of 320", one.path, beyond)
		}
	}
}
