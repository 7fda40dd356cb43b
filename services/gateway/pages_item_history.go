package gateway

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/rights"
	"throughline.dev/services/backlog"
	"throughline.dev/services/gateway/web/part"
	"throughline.dev/services/gateway/web/view/item"
)

// eventsShown is how much of a history a page shows before all is asked for.
const eventsShown = 100

// addHistory tells what happened to a thing, the newest first.
func (g *Gateway) addHistory(v *visit, all []Entry, m *item.Model) {
	var events []item.Event
	n, last := 0, uint64(0)
	for _, e := range all {
		if n++; e.Position != last {
			n, last = 0, e.Position
		}
		for _, one := range g.told(v, e) {
			one.Position, one.N = e.Position, n
			one.URL = part.Query(v.shell.Path, nil, "asOf", whole(int(e.Position)))
			if n = n + 1; one.At.IsZero() {
				one.At = e.Time.UTC()
			}
			events = append(events, one)
		}
	}
	slices.SortStableFunc(events, func(a, b item.Event) int { return b.At.Compare(a.At) })
	if len(events) > eventsShown && v.QueryParam("history") != "all" {
		events = events[:eventsShown]
		m.HistoryURL = part.Query(v.shell.Path, v.shell.Query, "history", "all") + "#history"
	}
	m.History = events
}

// sentences are events whose stored name does not make a sentence by itself.
var sentences = map[string]string{
	"strategy.epic.go-decided":         "decided Go",
	"strategy.epic.no-go-decided":      "decided No-go",
	"strategy.epic.persevered":         "decided to persevere",
	"strategy.epic.pivoted":            "decided to pivot",
	"strategy.epic.stopped":            "decided to stop",
	"strategy.epic.done":               "finished it",
	"strategy.epic.readied":            "made it ready",
	"strategy.epic.returned":           "returned it to the funnel",
	"strategy.epic.mvp-started":        "started the MVP",
	"backlog.item.wip-limit-exceeded":  "went over the limit of the column",
	"backlog.item.readied":             "marked it ready",
	"backlog.item.commented":           "commented",
	"backlog.item.synced":              "took it over anew from its source",
	"backlog.item.imported":            "imported it",
	"backlog.item.parent-imported":     "imported what it is part of",
	"backlog.item.links-imported":      "imported its links",
	"backlog.item.iterations-imported": "imported its sprints",
	"backlog.item.described":           "wrote its texts",
	"feedback.idea.promoted":           "promoted it to the backlog",
	"feedback.insight.acted-on":        "marked it as acted on",
}

// sentence is what happened in a few words. A stored name ends in what was
// done, so that turned round it reads: review-started is started review.
func sentence(typ string) string {
	name := typ[:strings.LastIndexByte(typ, '.')] // without the version
	if s, ok := sentences[name]; ok {
		return s
	}
	parts := strings.Split(name[strings.LastIndexByte(name, '.')+1:], "-")
	did := parts[len(parts)-1]
	if len(parts) == 1 {
		return did + " it"
	}
	for i, p := range parts {
		if p == "wsjf" || p == "rice" || p == "mvp" || p == "art" || p == "pi" {
			parts[i] = strings.ToUpper(p)
		}
	}
	return did + " " + strings.Join(parts[:len(parts)-1], " ")
}

// told makes what people read of an entry: one event, or, of what an import
// carried over, one for each thing that had happened there.
func (g *Gateway) told(v *visit, e Entry) []item.Event {
	who := g.actor(v, e)
	switch {
	case strings.HasPrefix(e.Type, "backlog.item.history-imported."):
		var h backlog.HistoryImported
		if json.Unmarshal(e.Data, &h) == nil {
			return g.changesTold(v, h.Changes, e.Time)
		}
	case strings.HasPrefix(e.Type, "backlog.item.comments-imported."):
		var h backlog.CommentsImported
		if json.Unmarshal(e.Data, &h) == nil {
			return g.commentsTold(v, h.Comments, e.Time)
		}
	}
	event := item.Event{At: e.Time.UTC(), Who: who, What: sentence(e.Type)}
	if e.OccurredAt != nil {
		event.At, event.Recorded = e.OccurredAt.UTC(), e.Time.UTC()
	}
	if e.Actor != "" && e.ActingAs != "" {
		event.As = rights.Role(e.ActingAs).Label()
	}
	var data map[string]any
	if json.Unmarshal(e.Data, &data) == nil {
		event.Reason, event.Diffs = g.factsTold(v, e.Type, data)
	}
	return []item.Event{event}
}

func (g *Gateway) actor(v *visit, e Entry) part.Person {
	if e.Actor != "" {
		return g.person(v, e.Actor)
	}
	if e.ActingAs != "" {
		return part.Person{ID: e.ActingAs, Name: "Policy " + strings.ReplaceAll(strings.TrimPrefix(e.ActingAs, "policy/"), "-", " ")}
	}
	return part.Person{Name: "Throughline"}
}

func (g *Gateway) changesTold(v *visit, all []backlog.Change, recorded time.Time) []item.Event {
	var out []item.Event
	for _, c := range all {
		out = append(out, item.Event{At: c.At.UTC(), Recorded: recorded.UTC(), Who: g.someone(v, c.Author), What: "changed " + c.Field,
			Diffs: []part.Diff{{Field: c.Field, Old: cut(c.From), New: cut(c.To)}}})
	}
	return out
}

func (g *Gateway) commentsTold(v *visit, all []backlog.ImportedComment, recorded time.Time) []item.Event {
	var out []item.Event
	for _, c := range all {
		out = append(out, item.Event{At: c.At.UTC(), Recorded: recorded.UTC(), Who: g.someone(v, c.Author), What: "commented", Reason: c.Text})
	}
	return out
}

func (g *Gateway) someone(v *visit, id es.PersonID) part.Person {
	if id == "" {
		return part.Person{Name: "Somebody"}
	}
	return g.person(v, id.String())
}

// factsTold are the reason and the facts that an event carries. What made a
// thing carries all of it, which stands above already.
func (g *Gateway) factsTold(v *visit, typ string, data map[string]any) (reason string, diffs []part.Diff) {
	for _, name := range []string{"reason", "rationale", "note", "text"} {
		if s, ok := data[name].(string); ok && reason == "" {
			reason = s
			delete(data, name)
		}
	}
	for _, making := range []string{".submitted.", ".imported.", ".created.", ".captured.", ".registered.", ".proposed.", ".defined.", ".drafted.", ".synced."} {
		if strings.Contains(typ, making) {
			return reason, nil
		}
	}
	if to, ok := data["to"].(string); ok && to != data["from"] {
		diffs = append(diffs, part.Diff{Field: "State", Old: g.said(v, "from", data["from"]), New: g.said(v, "to", to)})
	}
	was, hasWas := data["was"]
	for _, p := range pairsOf(data) {
		switch p.Name {
		case "from", "to", "was", "id", "key", "hashes", "column", "since":
			continue
		}
		d := part.Diff{Field: words(p.Name), New: g.said(v, p.Name, data[p.Name])}
		if hasWas {
			d.Old, hasWas = g.said(v, p.Name, was), false
		}
		if _, err := es.ParseID[any](d.New); err == nil {
			continue // of something that the plan does not know by a name
		}
		if len(diffs) < 12 {
			diffs = append(diffs, d)
		}
	}
	return reason, diffs
}

func cut(s string) string {
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}
