package web_test

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"time"

	"throughline.dev/services/gateway/web/page"
	"throughline.dev/services/gateway/web/part"
	"throughline.dev/services/gateway/web/view/kanban"
)

var (
	noon   = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	people = []part.Person{{ID: "p1", Name: "Amara Keita"}, {ID: "p2", Name: "Ben Müller"}, {ID: "p3", Name: "Chiara Sala"}, {ID: "p4", Name: "Dmitri Orlov"}, {ID: "p5", Name: "Femi Rasaq"}}
	themes = []string{"Instant everything", "Trust by design", "Open banking"}
	flows  = []string{"Payments", "Lending", "Onboarding", "Insights", "Platform"}
)

func samplePage(assets, key, title, path string, q url.Values) page.Page {
	p := page.Page{
		Static: assets, Key: key, Title: title, Subtitle: "Retail Banking", Path: path, Query: q, Now: noon,
		Viewer: page.Viewer{Person: people[0], Role: "Portfolio manager", Organisation: "Northwind Bank"},
	}
	if v := q.Get("asOf"); v != "" {
		p.AsOf = page.When{Value: v, At: time.Date(2026, 10, 3, 14, 0, 0, 0, time.UTC)}
	}
	if v := q.Get("compareTo"); v != "" {
		p.Compare = page.When{Value: v, At: noon.AddDate(0, -1, 0)}
	}
	return p
}

// epics are the cards of the sample board, by state.
type epic struct {
	state string
	card  kanban.Card
}

func sampleEpics(n int) []epic {
	verbs := []string{"Automate", "Open", "Migrate", "Simplify", "Instrument", "Retire", "Launch", "Unify", "Harden", "Localise"}
	things := []string{"the data lake", "partner API", "merchant onboarding", "fraud scoring", "instant credit decisions", "customer statements", "consent ledger", "mobile sign-in", "settlement engine", "identity service", "card payments", "self-service refunds"}
	ends := []string{"", " for partners", " with zero downtime", " ahead of PSD3", " for SMEs", " in the Nordics", " to event streams"}
	var all []epic
	for i := range n {
		state := states[(i*5+i/3)%len(states)].State
		c := kanban.Card{
			ID: sampleID(i), Key: fmt.Sprintf("E-%d", 101+i), URL: fmt.Sprintf("/items/E-%d", 101+i), State: state, Version: uint64(1000 + i),
			Title: verbs[i*7%10] + " " + things[i*5%12] + ends[i*3%7], Enabler: i%4 == 1, Owner: people[i%5], Stream: flows[i*3%5], Hue: i*3%5 + 1,
			WSJF: float64(12+i*37%180) / 10, Days: 2 + i*13%70, Aged: i*13%70 > 60, Case: 100, Requesters: i * 11 % 23,
		}
		if i%3 == 0 {
			c.Themes = themes[i%3 : i%3+1]
		}
		if i%5 == 0 {
			c.Themes = []string{themes[0], themes[2]}
		}
		if i%9 == 4 {
			c.Blocked = "waits for the legal opinion on consent"
		}
		switch state {
		case "reviewing", "analyzing":
			c.Case = 20 + i*17%70
		case "mvp", "persevere":
			c.Progress = part.Progress{Done: float64(i * 7 % 90), Total: float64(90 + i%40), Unit: "points"}
		case "done":
			c.Progress = part.Progress{Done: 80, Total: 80, Unit: "points"}
		}
		all = append(all, epic{state, c})
	}
	return all
}

var states = []kanban.Column{
	{State: "funnel", Title: "Funnel", AverageAge: 41.2, Policy: "Anyone may submit; leaves when it meets the decision criteria"},
	{State: "reviewing", Title: "Reviewing", Limit: 5, AverageAge: 12.5, Policy: "Leaves with hypothesis, first WSJF and owner"},
	{State: "analyzing", Title: "Analyzing", Limit: 12, AverageAge: 33.9, Aged: true, Policy: "Leaves with Go on the business case"},
	{State: "ready", Title: "Ready", Limit: 8, AverageAge: 9},
	{State: "mvp", Title: "MVP", Limit: 8, AverageAge: 48.4},
	{State: "persevere", Title: "Persevere", Limit: 10, AverageAge: 60.1},
	{State: "done", Title: "Done"},
}

func sampleBoard(epics []epic, q url.Values, position uint64) kanban.Model {
	m := kanban.Model{
		Live: part.Live{View: "kanban", Position: position, URL: part.Query("/kanban", q), Past: q.Get("asOf") != ""},
		Path: "/kanban", Query: q, Table: q.Get("as") == "table", Move: "/api/v1/epics/{id}/move",
		Ask: map[string]string{"reason-required": "reason", "wip-limit": "override"},
		Filter: kanban.Filter{Text: q.Get("text"), Theme: q.Get("theme"), Owner: q.Get("owner"), Blocked: q.Get("blocked") == "true",
			Themes: []part.Option{{Value: "t1", Label: themes[0]}, {Value: "t2", Label: themes[1]}}, Owners: []part.Option{{Value: "p1", Label: people[0].Name}, {Value: "p2", Label: people[1].Name}}},
	}
	compare := q.Get("compareTo") != ""
	for _, column := range states {
		c := column
		for i, e := range epics {
			if e.state != c.State {
				continue
			}
			c.Count++
			if q.Get("blocked") == "true" && e.card.Blocked == "" {
				continue
			}
			c.Shown++
			card := e.card
			if compare {
				switch i % 11 {
				case 2:
					card.Change = kanban.Entered
				case 5:
					card.Change, card.Diffs = kanban.Changed, []part.Diff{{Field: "State", Old: "Analyzing", New: c.Title}, {Field: "WSJF", Old: "8.4", New: "12.2"}}
				}
			}
			if len(c.Cards) < 50 || q.Get("all") == c.State {
				c.Cards = append(c.Cards, card)
			}
		}
		m.Columns = append(m.Columns, c)
	}
	if compare {
		cmp := &kanban.Compare{From: "20 Oct 2026, 12:00", To: "now"}
		for _, c := range m.Columns {
			for _, card := range c.Cards {
				switch card.Change {
				case kanban.Entered:
					cmp.Entered = append(cmp.Entered, card)
				case kanban.Changed:
					cmp.Moved = append(cmp.Moved, card)
				}
			}
		}
		cmp.Left = []kanban.Card{{ID: "gone", Key: "E-98", Title: "Rewrite the mainframe", URL: "/items/E-98"}}
		m.Compare = cmp
	}
	return m
}

// sampleID is as long and as hard to compress as a real identifier.
func sampleID(i int) string {
	sum := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
	return "01hz3q8vb0" + strings.ToLower(base32.HexEncoding.EncodeToString(sum[:10]))
}

func ref(kind, key, title, state string) part.Ref {
	return part.Ref{Key: key, Title: title, Kind: kind, State: state, URL: "/items/" + key}
}
