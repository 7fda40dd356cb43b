package gateway

import (
	"fmt"
	"strings"

	"throughline.dev/services/backlog"
	"throughline.dev/services/gateway/web/part"
	"throughline.dev/services/gateway/web/view/item"
	"throughline.dev/services/portfolio"
	"throughline.dev/services/strategy"
)

func (g *Gateway) showItem(v *visit, s sight, d portfolio.Item, m *item.Model) error {
	m.Kind, m.Key, m.Title, m.Description = string(d.Kind), d.Key, d.Title, d.Description
	m.State, m.Phase = words(string(d.State)), phase(string(d.State.Category()))
	if d.Blocked != nil {
		m.Blocked = d.Blocked.Reason
	}
	for _, c := range d.Criteria {
		m.Criteria = append(m.Criteria, item.Criterion{Text: c.Text, Met: c.Met})
	}
	m.Sections = sections("Benefit hypothesis", d.Hypothesis, "Customer outcome", d.CustomerOutcome, "Business outcome", d.BusinessOutcome,
		"Nonfunctional requirements", bullets(d.NFRs), "What the spike found", d.Finding, "Why it was cancelled", d.Closing)
	if d.Defect != nil {
		m.Sections = append(m.Sections, sections("How to reproduce it", d.Defect.Steps)...)
		m.Fields = append(m.Fields, append(field("Severity", words(d.Defect.Severity)), field("Found in", d.Defect.FoundIn)...)...)
	}
	var people []string
	for _, p := range d.People {
		people = append(people, p.String())
	}
	m.Fields = append(m.Fields, field("Assigned to", g.names(v, people))...)
	for _, f := range []struct{ name, id, address string }{
		{"Team", d.Team.String(), ""}, {"Iteration", d.Iteration.String(), ""}, {"Product", d.Product.String(), "/products/"}} {
		named, err := g.named(v.ctx, s, v, f.name, f.id, f.address)
		if err != nil {
			return err
		}
		m.Fields = append(m.Fields, named...)
	}
	if d.Points != nil {
		m.Fields = append(m.Fields, field("Points", part.Number(*d.Points))...)
	}
	if d.Hours != nil {
		m.Fields = append(m.Fields, field("Remaining hours", part.Number(*d.Hours))...)
	}
	if d.WSJF != nil {
		m.Fields = append(m.Fields, field("WSJF", part.Number(d.WSJF.Score()))...)
	}
	if d.Enabler {
		m.Fields = append(m.Fields, field("Enabler", words(string(d.Category)))...)
	}
	if p := d.Parent; p != nil && p.None != "" {
		m.Fields = append(m.Fields, field("Part of nothing", p.None)...)
	}
	m.Fields = append(m.Fields, field("Labels", strings.Join(d.Labels, ", "))...)
	m.Custom = customFields(d.Custom)
	if i := d.Imported; i != nil {
		m.SourceName, m.SourceKey, m.SourceURL = words(i.System), i.Origin.Key, i.URL
		m.Fields = append(m.Fields, g.sourceFields(v, i.Facts)...)
	}
	m.Commands = itemCommands(d)
	return g.itemLinks(v, s, d, m)
}

// sourceFields are what a source says and nothing here decides on.
func (g *Gateway) sourceFields(v *visit, f backlog.SourceFacts) []item.Field {
	var out []item.Field
	reporter := ""
	if f.Reporter != "" {
		reporter = g.people.Name(v.who.Tenant, f.Reporter.String())
	}
	var sprints []string
	for _, s := range f.Sprints {
		sprints = append(sprints, s.Name)
	}
	for _, p := range []part.Pair{{Name: "Status there", Value: f.Status}, {Name: "Resolution", Value: f.Resolution}, {Name: "Priority", Value: f.Priority},
		{Name: "Reported by", Value: reporter}, {Name: "Components", Value: strings.Join(f.Components, ", ")},
		{Name: "Fix versions", Value: strings.Join(f.FixVersions, ", ")}, {Name: "Affects", Value: strings.Join(f.Affects, ", ")},
		{Name: "Sprints", Value: strings.Join(sprints, ", ")}, {Name: "Resolved", Value: dated(f.Resolved)}, {Name: "Due", Value: string(f.Due)},
		{Name: "Votes", Value: whole(f.Votes)}, {Name: "Watchers", Value: whole(len(f.Watchers))}, {Name: "Attachments", Value: whole(len(f.Attachments))}} {
		out = append(out, field(p.Name, p.Value)...)
	}
	return out
}

// linkWords are how a link reads from the item that keeps it.
var linkWords = map[backlog.LinkKind]string{backlog.Blocks: "blocks", backlog.Depends: "depends on", backlog.Duplicates: "duplicates",
	backlog.Relates: "relates to", backlog.Clones: "clones"}

func (g *Gateway) itemLinks(v *visit, s sight, d portfolio.Item, m *item.Model) error {
	for _, l := range d.Links {
		typ := linkWords[l.Kind]
		if l.Source != "" {
			typ = l.Source
		}
		link := item.Link{Type: typ, Ref: part.Ref{Key: l.External}}
		if l.To != "" {
			n, err := portfolio.NodeOf(v.ctx, s.Reader, l.To.String())
			if err != nil {
				return err
			}
			if n == nil {
				continue
			}
			link.Ref = v.ref(*n)
		} else if strings.HasPrefix(l.External, "https://") || strings.HasPrefix(l.External, "http://") {
			link.Ref = part.Ref{Title: l.External, URL: l.External}
		}
		m.Links = append(m.Links, link)
	}
	return nil
}

// itemCommands are what one does most with an item.
func itemCommands(d portfolio.Item) []part.Command {
	path := func(verb string) string { return Prefix + "/items/" + d.ID + "/" + verb }
	comment := part.Command{ID: "comment-dialog", Title: "Comment…", Submit: "Comment", Path: path("comment"), Done: "Commented on " + d.Key,
		Fields: []part.Field{{Name: "text", Label: "Comment", Kind: "area", Required: true}}}
	if d.State.Closed() {
		return []part.Command{
			{ID: "reopen-dialog", Title: "Reopen…", Submit: "Reopen", Path: path("reopen"), Done: d.Key + " is open again",
				Fields: []part.Field{{Name: "reason", Label: "Why", Kind: "area", Required: true}}}, comment}
	}
	var states []part.Option
	for _, s := range d.Flow().Next(d.State) {
		states = append(states, part.Option{Value: string(s), Label: words(string(s))})
	}
	move := part.Command{ID: "move-dialog", Title: "Move…", Submit: "Move", Path: path("move-to"), Done: d.Key + " moved",
		Fields: []part.Field{{Name: "to", Label: "To", Kind: "select", Required: true, Options: states},
			{Name: "reason", Label: "Reason", Kind: "area", Hint: "Needed to go back."},
			{Name: "override", Label: "Why a full column does not count", Kind: "area"}}}
	if d.Kind == backlog.Feature || d.Kind == backlog.Capability {
		move.Fields = append(move.Fields, part.Field{Name: "fitsPi", Label: "It fits into one planning interval", Kind: "check", Hint: "Needed to be ready."})
	}
	all := []part.Command{move}
	if d.Kind != backlog.Task {
		var scale []part.Option
		for _, n := range backlog.Scale {
			scale = append(scale, part.Option{Value: part.Number(n), Label: part.Number(n)})
		}
		points := ""
		if d.Points != nil {
			points = part.Number(*d.Points)
		}
		all = append(all, part.Command{ID: "estimate-dialog", Title: "Estimate…", Submit: "Estimate", Path: path("estimate"), Done: d.Key + " is estimated",
			Fields: []part.Field{{Name: "points", Label: "Story points", Kind: "select", Number: true, Required: true, Value: points, Options: scale}}})
	}
	above := part.Field{Name: "item", Label: "Part of", Kind: "item", Of: "feature", Required: true}
	switch d.Kind {
	case backlog.Feature, backlog.Capability:
		above.Name, above.Of = "epic", "epic"
	case backlog.Task:
		above.Of = "story,bug"
	}
	all = append(all, part.Command{ID: "parent-dialog", Title: "Move under…", Submit: "Move", Path: path("set-parent"), Done: d.Key + " moved", Fields: []part.Field{above}})
	if d.Blocked == nil {
		all = append(all, part.Command{ID: "block-dialog", Title: "Block…", Submit: "Block", Path: path("block"), Done: d.Key + " is blocked",
			Fields: []part.Field{{Name: "reason", Label: "What is in the way?", Kind: "area", Required: true}}})
	} else {
		all = append(all, part.Command{ID: "unblock-dialog", Title: "Unblock…", Submit: "Unblock", Path: path("unblock"), Done: d.Key + " is unblocked",
			Fields: []part.Field{{Name: "note", Label: "What changed", Kind: "area"}}})
	}
	return append(all, comment)
}

func (g *Gateway) showEpic(v *visit, s sight, d portfolio.Epic, m *item.Model) error {
	m.Key, m.Title, m.Description, m.State, m.Blocked = d.Key, d.Title, d.Description, words(string(d.State)), d.Blocked
	m.Owner = g.person(v, d.Owner.String())
	m.Fields = append(m.Fields, field("Kind", words(string(d.Kind)))...)
	for _, t := range d.ValueStreams {
		named, err := g.named(v.ctx, s, v, "Value stream", t.String(), "")
		if err != nil {
			return err
		}
		m.Fields = append(m.Fields, named...)
	}
	if d.WSJF != nil {
		value := fmt.Sprintf("%d + %d + %d over %d", d.WSJF.UserBusinessValue, d.WSJF.TimeCriticality, d.WSJF.RiskOpportunity, d.WSJF.JobSize)
		if score, ok := d.WSJF.Score(); ok {
			value = part.Number(score) + " (" + value + ")"
		}
		m.Fields = append(m.Fields, field("WSJF", value)...)
	}
	if d.Resolution != "" {
		m.Fields = append(m.Fields, field("Ended as", words(string(d.Resolution)))...)
	}
	if h := d.Hypothesis; h != nil {
		var indicators []string
		for _, i := range h.Indicators {
			line := i.Name
			if i.Target != nil {
				line += ": " + strings.TrimSpace(part.Number(*i.Target)+" "+i.Unit)
			}
			indicators = append(indicators, line)
		}
		m.Sections = append(m.Sections, sections("Epic hypothesis", statement(*h), "Business outcomes", bullets(h.Outcomes), "Leading indicators", bullets(indicators),
			"Nonfunctional requirements", bullets(h.NFRs))...)
	}
	if c := d.Case; c != nil {
		m.Sections = append(m.Sections, sections(fmt.Sprintf("Lean business case, version %d", c.Version), c.Description, "MVP", c.MVP, "MVP features", bullets(c.MVPFeatures),
			"In scope", bullets(c.InScope), "Out of scope", bullets(c.OutOfScope), "Analysis", c.Analysis, "Impact", c.Impact)...)
		for _, cost := range []struct {
			name string
			m    *strategy.Money
		}{{"MVP cost", c.MVPCost}, {"Full cost", c.FullCost}} {
			if cost.m != nil {
				m.Fields = append(m.Fields, field(cost.name, money(cost.m.Amount, cost.m.Currency))...)
			}
		}
	}
	if d.Last != nil {
		m.Fields = append(m.Fields, field("Last decision", words(d.Last.What)+" by "+g.people.Name(v.who.Tenant, d.Last.By)+" on "+part.Date(d.Last.At.UTC()))...)
		m.Sections = append(m.Sections, sections("Why: "+words(d.Last.What), d.Last.Why)...)
	}
	if d.Source != nil {
		m.SourceName, m.SourceKey, m.SourceURL = words(d.Source.System), d.Source.Key, d.Source.URL
	}
	choices, err := portfolio.ChoicesOf(v.ctx, s.Reader, d.Portfolio.String())
	if err != nil {
		return err
	}
	m.Commands = epicCommands(d, choices.Themes)
	return nil
}

// statement is the epic hypothesis statement in the form that SAFe gives it.
func statement(h strategy.Hypothesis) string {
	var lines []string
	for _, l := range []part.Pair{{Name: "For", Value: h.For}, {Name: "who", Value: h.Who}, {Name: "the", Value: h.The}, {Name: "is a", Value: h.IsA}, {Name: "that", Value: h.That},
		{Name: "unlike", Value: h.Unlike}, {Name: "our solution", Value: h.OurSolution}} {
		switch {
		case l.Value == "":
		case strings.HasPrefix(strings.ToLower(l.Value), l.Name+" "): // it says so itself
			lines = append(lines, l.Value)
		default:
			lines = append(lines, l.Name+" "+l.Value)
		}
	}
	return strings.Join(lines, ",\n")
}

func money(minor int64, currency string) string {
	return part.Count(int(minor/100)) + " " + currency
}

func epicCommands(d portfolio.Epic, themes []portfolio.Ref) []part.Command {
	path := func(verb string) string { return Prefix + "/epics/" + d.ID + "/" + verb }
	if d.State == strategy.Done {
		return nil
	}
	var states []part.Option
	for _, s := range nextStates(d.State) {
		states = append(states, part.Option{Value: s, Label: words(s)})
	}
	reason := part.Field{Name: "reason", Label: "Reason", Kind: "area"}
	move := reason
	move.Hint = "Needed to go back, to reject, and to go over a limit."
	all := []part.Command{{ID: "move-dialog", Title: "Move…", Submit: "Move", Path: path("move"), Done: d.Key + " moved",
		Fields: []part.Field{{Name: "to", Label: "To", Kind: "select", Required: true, Options: states}, move,
			{Name: "override", Label: "Go over the limit of the column", Kind: "check", Hint: "It is recorded with your reason."}}}}
	if d.Case != nil && d.State == strategy.Analyzing && !d.GoCurrent() {
		version := part.Field{Name: "case", Kind: "hidden", Number: true, Value: fmt.Sprint(d.Case.Version)}
		why := part.Field{Name: "rationale", Label: "Why", Kind: "area"}
		no := reason
		no.Required = true
		all = append(all,
			part.Command{ID: "go-dialog", Title: "Go…", Submit: "Decide Go", Path: path("decide-go"), Done: "Go for " + d.Key, Fields: []part.Field{version, why}},
			part.Command{ID: "no-go-dialog", Title: "No-go…", Submit: "Decide No-go", Path: path("decide-no-go"), Done: "No-go for " + d.Key, Danger: true, Fields: []part.Field{version, no}})
	}
	var scale []part.Option
	for _, n := range backlog.WSJFScale {
		scale = append(scale, part.Option{Value: fmt.Sprint(n), Label: fmt.Sprint(n)})
	}
	var now strategy.WSJF
	if d.WSJF != nil {
		now = *d.WSJF
	}
	score := part.Command{ID: "wsjf-dialog", Title: "Score WSJF…", Submit: "Score", Path: path("score-wsjf"), Done: d.Key + " is scored"}
	for _, f := range []struct {
		name, label string
		value       int
	}{{"userBusinessValue", "User and business value", now.UserBusinessValue}, {"timeCriticality", "Time criticality", now.TimeCriticality},
		{"riskOpportunity", "Risk reduction and opportunity", now.RiskOpportunity}, {"jobSize", "Job size", now.JobSize}} {
		score.Fields = append(score.Fields, part.Field{Name: f.name, Label: f.label, Kind: "select", Number: true, Value: whole(f.value), Options: scale})
	}
	score.Fields = append(score.Fields, part.Field{Name: "session", Label: "Session", Kind: "text", Required: true, Value: now.Session, Hint: "Scores compare only inside one session."})
	all = append(all, score)
	if len(themes) > 0 {
		var options []part.Option
		for _, t := range themes {
			options = append(options, part.Option{Value: t.ID, Label: t.Title})
		}
		all = append(all, part.Command{ID: "theme-dialog", Title: "Link to a theme…", Submit: "Link", Path: path("link-theme"), Done: d.Key + " is linked",
			Fields: []part.Field{{Name: "theme", Label: "Strategic theme", Kind: "select", Required: true, Options: options}}})
	}
	if d.Blocked == "" {
		block := reason
		block.Label, block.Required = "What is in the way?", true
		return append(all, part.Command{ID: "block-dialog", Title: "Block…", Submit: "Block", Path: path("block"), Done: d.Key + " is blocked", Fields: []part.Field{block}})
	}
	return append(all, part.Command{ID: "unblock-dialog", Title: "Unblock…", Submit: "Unblock", Path: path("unblock"), Done: d.Key + " is unblocked"})
}
