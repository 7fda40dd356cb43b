package gateway

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"throughline.dev/pkg/es"
	"throughline.dev/services/gateway/web/part"
	"throughline.dev/services/portfolio"
)

// words makes a name that programs use one that people read: in-progress is In
// progress, userBusinessValue is User business value.
func words(name string) string {
	switch strings.ToLower(name) {
	case "":
		return ""
	case "mvp", "wsjf", "rice", "art", "pi", "okr", "url", "nfrs", "arr":
		return strings.ToUpper(name)
	case "todo":
		return "To do"
	case "mvpcost":
		return "MVP cost"
	}
	var b strings.Builder
	for i, r := range name {
		switch {
		case r == '-' || r == '_' || r == '.':
			b.WriteByte(' ')
		case unicode.IsUpper(r) && i > 0:
			b.WriteByte(' ')
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteRune(r)
		}
	}
	return capital(b.String())
}

// phase is how far along something is, for the dot beside its state.
func phase(category string) string {
	if category == "cancelled" {
		return "done"
	}
	return category
}

// progress is a roll-up as a bar shows it.
func progress(p portfolio.ProgressShown) part.Progress {
	if p.By == "points" {
		return part.Progress{Done: p.DonePoints, Total: p.Points, Unit: "points"}
	}
	return part.Progress{Done: float64(p.Done), Total: float64(p.Items), Unit: "items"}
}

// fieldNames are fields whose name does not say it to people.
var fieldNames = map[string]string{
	"kids": "Children", "requesters": "Asked for by", "lastDecision": "Last decision", "completeness": "Business case", "over": "Over its limit",
	"up": "Part of", "remainingHours": "Remaining hours", "score": "WSJF", "originIdea": "Idea",
}

// diffs are the changes of a comparison as people read them. Fields that only
// repeat another one are left out.
func (g *Gateway) diffs(v *visit, changes []Change) []part.Diff {
	var out []part.Diff
	for _, c := range changes {
		switch c.Field {
		case "category", "column", "imported", "checks", "createdBy", "createdAt":
			continue
		}
		name, ok := fieldNames[c.Field]
		if !ok {
			name = words(c.Field)
		}
		was, is := g.said(v, c.Field, c.Old), g.said(v, c.Field, c.New)
		if was != is {
			out = append(out, part.Diff{Field: name, Old: was, New: is})
		}
	}
	return out
}

// said is one value of a comparison or an event as people read it.
func (g *Gateway) said(v *visit, field string, value any) string {
	switch x := value.(type) {
	case nil:
		return ""
	case bool:
		return map[bool]string{true: "yes", false: "no"}[x]
	case float64:
		if field == "completeness" {
			return part.Number(x) + " %"
		}
		return part.Number(x)
	case string:
		return g.text(v, field, x)
	case []any:
		var all []string
		for i, one := range x {
			if i == 6 {
				all = append(all, fmt.Sprintf("and %d more", len(x)-i))
				break
			}
			all = append(all, g.said(v, field, one))
		}
		return strings.Join(all, ", ")
	case map[string]any:
		return g.object(v, field, x)
	}
	return fmt.Sprint(value)
}

func (g *Gateway) text(v *visit, field, s string) string {
	if p, ok := g.people.Person(v.who.Tenant, es.PersonID(s)); ok {
		return p.Name
	}
	if id, err := es.ParseID[any](s); err == nil {
		return g.nameOf(v, id.String())
	}
	switch field {
	case "state", "from", "to", "kind", "type", "what", "outcome", "resolution":
		return words(s)
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return part.Moment(t.UTC())
	}
	if utf8.RuneCountInString(s) > 160 {
		return string([]rune(s)[:160]) + "…"
	}
	return s
}

// nameOf is what something in the plan is called, or its id where that is
// unknown: a name is worth no failed page.
func (g *Gateway) nameOf(v *visit, id string) string {
	if name, known := v.names[id]; known {
		return name
	}
	name := ""
	if s, err := g.look(v.ctx, v.who, portfolio.PlanName, v.moment); err == nil {
		name, _ = portfolio.NameOf(v.ctx, s.Reader, id)
	}
	if name == "" {
		name = id
	}
	v.names[id] = name
	return name
}

func (g *Gateway) object(v *visit, field string, o map[string]any) string {
	if percent, ok := o["percent"].(float64); ok {
		return part.Number(percent) + " %"
	}
	if amount, ok := o["amount"].(float64); ok {
		currency, _ := o["currency"].(string)
		return money(int64(amount), currency)
	}
	for _, name := range []string{"title", "name", "text", "reason", "what", "none", "item", "epic"} {
		if s, ok := o[name].(string); ok && s != "" {
			return g.text(v, name, s)
		}
	}
	if field == "wsjf" {
		var all []string
		for _, name := range []string{"userBusinessValue", "timeCriticality", "riskOpportunity", "jobSize"} {
			n, _ := o[name].(float64)
			all = append(all, strconv.Itoa(int(n)))
		}
		return strings.Join(all[:3], " + ") + " over " + all[3]
	}
	var all []string
	for _, p := range pairsOf(o) {
		all = append(all, words(p.Name)+" "+g.said(v, p.Name, o[p.Name]))
	}
	if s := strings.Join(all, ", "); len(s) <= 160 {
		return s
	}
	b, err := json.Marshal(o)
	if err != nil {
		return ""
	}
	return shorten(string(b))
}

func pairsOf(o map[string]any) []part.Pair {
	m := map[string]string{}
	for name := range o {
		m[name] = ""
	}
	return part.Pairs(m)
}
