package gateway

import (
	"strings"

	"github.com/a-h/templ"

	"throughline.dev/pkg/fail"
	"throughline.dev/services/feedback"
	"throughline.dev/services/gateway/web/page"
	"throughline.dev/services/gateway/web/part"
	"throughline.dev/services/gateway/web/view/inbox"
	"throughline.dev/services/portfolio"
)

const (
	queueSize  = 50 // rows of the queue before one asks for more
	demandSize = 10 // rows of the ranking beside the queue
)

// queueStates are the parts of the queue in the order of the work.
var queueStates = []struct {
	state feedback.State
	name  string
}{{feedback.Untriaged, "New"}, {feedback.Triaged, "Triaged"}, {feedback.Processed, "Processed"}, {feedback.Closed, "Closed"}}

// channel is where it came in, or, where nobody said so, what it is.
func channel(d portfolio.Feedback) string {
	if d.Channel != "" {
		return words(d.Channel)
	}
	return words(string(d.Kind))
}

func (g *Gateway) inboxPage(v *visit) (templ.Component, error) {
	s, err := g.look(v.ctx, v.who, portfolio.InboxName, v.moment)
	if err != nil {
		return nil, err
	}
	chosen, err := g.chosenFeedback(v, s)
	if err != nil {
		return nil, err
	}
	state := feedback.State(v.QueryParam("state"))
	if state == "" {
		state = feedback.Untriaged
		if chosen != nil && chosen.State != feedback.Merged {
			state = chosen.State
		}
	}
	m := inbox.Model{Live: v.live(portfolio.InboxName, s.Position()), Path: "/feedback", Query: v.shell.Query, DemandURL: v.link("/demand")}
	for _, one := range queueStates {
		n, err := portfolio.CountFeedbackIn(v.ctx, s.Reader, string(one.state))
		if err != nil {
			return nil, err
		}
		m.States = append(m.States, inbox.State{Name: one.name, Count: n, On: one.state == state, URL: v.withMoment("/feedback?state=" + string(one.state))})
		if one.state == state {
			m.Total = n
		}
	}
	after := v.QueryParam("after")
	queue, next, err := portfolio.FeedbackIn(v.ctx, s.Reader, string(state), after, queueSize)
	if err != nil {
		return nil, cursorError(err)
	}
	at := func(id string) string {
		path := "/feedback"
		if id != "" {
			path += "/" + id
		}
		return part.Query(path, nil, "state", string(state), "after", after, "asOf", v.moment.AsOf, "compareTo", v.moment.CompareTo)
	}
	if next != "" {
		m.NextURL = part.Query("/feedback", nil, "state", string(state), "after", next, "asOf", v.moment.AsOf, "compareTo", v.moment.CompareTo)
	}
	if chosen == nil && len(queue) > 0 {
		chosen = &queue[0]
	}
	nextURL := ""
	for i, d := range queue {
		row, err := g.queueRow(v, s, d)
		if err != nil {
			return nil, err
		}
		if row.URL, row.On = at(d.ID), chosen != nil && d.ID == chosen.ID; row.On && i+1 < len(queue) {
			nextURL = at(queue[i+1].ID)
		}
		m.Queue = append(m.Queue, row)
	}
	if chosen != nil {
		if m.Selected, err = g.voice(v, s, *chosen); err != nil {
			return nil, err
		}
		m.Selected.NextURL = nextURL
	}
	if m.Demand, _, err = g.wanted(v, demandSize); err != nil {
		return nil, err
	}
	return inbox.Component(m), nil
}

// chosenFeedback is the piece in the address; nil when there is none in it.
func (g *Gateway) chosenFeedback(v *visit, s sight) (*portfolio.Feedback, error) {
	if v.Param("id") == "" {
		return nil, nil
	}
	id, err := g.identify(v.ctx, s.Reader, portfolio.Feedbacks.Plural, v.Param("id"))
	if err != nil {
		return nil, err
	}
	d, ok, err := portfolio.Feedbacks.Find(v.ctx, s.Reader, id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fail.NotFound("feedback", shorten(v.Param("id")))
	}
	return &d, nil
}

func (g *Gateway) queueRow(v *visit, s sight, d portfolio.Feedback) (inbox.Row, error) {
	who, tier, err := g.speaker(v, s, d)
	return inbox.Row{ID: d.ID, Customer: who, Tier: tier, Channel: channel(d), Text: d.Text, Age: max(0, int(s.now.Sub(d.Created).Hours()/24)),
		State: stateOf(d), Phase: feedbackPhase(d), NeedsAnswer: d.Kind == feedback.KindQuestion && !d.Answered}, err
}

// speaker is who said it: a customer, somebody, or a team of ours.
func (g *Gateway) speaker(v *visit, s sight, d portfolio.Feedback) (name, tier string, err error) {
	if d.Customer == "" && d.Contact == "" && d.Team != "" {
		plan, err := g.look(v.ctx, v.who, portfolio.PlanName, v.moment)
		if err != nil {
			return "", "", err
		}
		name, err := portfolio.NameOf(v.ctx, plan.Reader, d.Team.String())
		return "Team " + name, "", err
	}
	return g.customer(v, s, d.Customer.String(), d.Contact.String())
}

func stateOf(d portfolio.Feedback) string {
	if d.Dismissed != "" {
		return "Dismissed"
	}
	return words(string(d.State))
}

func feedbackPhase(d portfolio.Feedback) string {
	switch d.State {
	case feedback.Untriaged:
		return "todo"
	case feedback.Triaged:
		return "active"
	}
	return "done"
}

// voice is one piece of feedback with what came of it and what can be done.
func (g *Gateway) voice(v *visit, s sight, d portfolio.Feedback) (*inbox.Feedback, error) {
	who, tier, err := g.speaker(v, s, d)
	if err != nil {
		return nil, err
	}
	f := &inbox.Feedback{ID: d.ID, Key: d.Key, Text: d.Text, Version: d.Version, Customer: who, Tier: tier, Channel: channel(d), Received: d.Created.UTC(),
		State: stateOf(d), Phase: feedbackPhase(d), Assignee: g.person(v, d.Assignee.String()), Dismissed: d.Dismissed}
	if d.Customer != "" {
		f.CustomerURL = v.to("customer", d.Customer.String(), "")
	}
	for _, a := range d.Answers {
		f.Answers = append(f.Answers, inbox.Answer{Text: a.Text, By: g.person(v, a.By.String()), At: a.At.UTC()})
	}
	plan, err := g.look(v.ctx, v.who, portfolio.PlanName, v.moment)
	if err != nil {
		return nil, err
	}
	if d.MergedInto != "" {
		name, err := portfolio.NameOf(v.ctx, plan.Reader, d.MergedInto.String())
		if err != nil {
			return nil, err
		}
		f.Similar = append(f.Similar, part.Ref{Title: name, Kind: "feedback", URL: v.to("feedback", d.MergedInto.String(), "")})
	}
	all, err := portfolio.InsightsOf(v.ctx, s.Reader, d.ID)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		link := inbox.Link{Excerpt: one.Excerpt.Text}
		if i := int(one.Importance); i >= 0 && i < len(importances) {
			link.Importance = importances[i]
		}
		if len(one.Links) == 0 {
			link.Ref = part.Ref{Key: one.Key, Title: "Insight that is linked to nothing yet", Kind: "insight", URL: v.to("insight", one.ID, one.Key)}
			f.Linked = append(f.Linked, link)
		}
		for _, target := range one.Links {
			n, err := portfolio.NodeOf(v.ctx, plan.Reader, target.ID.String())
			if err != nil {
				return nil, err
			}
			if n != nil {
				link.Ref = v.ref(*n)
				f.Linked = append(f.Linked, link)
			}
		}
	}
	f.Actions, err = g.feedbackActions(v, plan, d)
	return f, err
}

// feedbackActions are the decisions on a piece of feedback, each with its key.
func (g *Gateway) feedbackActions(v *visit, plan sight, d portfolio.Feedback) ([]inbox.Action, error) {
	path := func(verb string) string { return Prefix + "/feedback/" + d.ID + "/" + verb }
	reason := part.Field{Name: "reason", Label: "Why", Kind: "area", Required: true}
	switch d.State {
	case feedback.Merged:
		return []inbox.Action{{Key: "1", Icon: "merge", Command: part.Command{ID: "unmerge-dialog", Title: "Unmerge…", Submit: "Unmerge", Path: path("unmerge"), Done: "Taken apart again"}}}, nil
	case feedback.Closed:
		reason.Required = false
		return []inbox.Action{{Key: "1", Icon: "history", Command: part.Command{ID: "reopen-dialog", Title: "Reopen…", Submit: "Reopen", Path: path("reopen"), Done: "Reopened", Fields: []part.Field{reason}}}}, nil
	}
	var importance []part.Option
	for i, name := range importances {
		importance = append(importance, part.Option{Value: part.Count(i), Label: words(name)})
	}
	weight := part.Field{Name: "importance", Label: "How important is it to them?", Kind: "select", Number: true, Required: true, Value: "1", Options: importance}
	product := part.Field{Name: "product", Label: "Product", Kind: "select", Value: d.Product.String()}
	err := portfolio.Products.All(v.ctx, plan.Reader, func(id string, p portfolio.Product) error {
		product.Options = append(product.Options, part.Option{Value: id, Label: p.Name})
		return nil
	})
	if err != nil {
		return nil, err
	}
	owned := product
	if owned.Required = true; owned.Value == "" && len(owned.Options) > 0 {
		owned.Value = owned.Options[0].Value
	}
	kinds := []part.Option{{Value: "feedback", Label: "Feedback"}, {Value: "question", Label: "Question"}, {Value: "team-to-pm", Label: "From a team"}}
	text, _, _ := strings.Cut(d.Text, "\n")
	commands := []inbox.Action{
		{Icon: "link", Command: part.Command{ID: "link-dialog", Title: "Link…", Submit: "Link", Path: Prefix + "/insights", Flow: "link", Done: "Linked", Fields: []part.Field{
			{Name: "target", Label: "Feature, epic or idea", Kind: "item", Of: "feature,epic,idea", Typed: true, Required: true}, weight,
			{Name: "quote", Label: "What of it", Kind: "area", Hint: "The words that matter, as they are; all of it if left empty."}}}},
		{Icon: "lightbulb", Command: part.Command{ID: "idea-dialog", Title: "New idea…", Submit: "Propose", Path: Prefix + "/ideas", Flow: "idea", Done: "Proposed and linked", Fields: []part.Field{
			{Name: "title", Label: "Idea", Kind: "text", Required: true, Value: cutAt(text, 120)}, owned, weight,
			{Name: "description", Label: "Description", Kind: "area"},
			{Name: "feedback", Kind: "hidden", Value: d.ID}, {Name: "customer", Kind: "hidden", Value: d.Customer.String()}}}},
		{Icon: "merge", Command: part.Command{ID: "merge-dialog", Title: "Merge…", Submit: "Merge", Path: path("merge-into"), Done: "Merged", Fields: []part.Field{
			{Name: "into", Label: "It is the same as", Kind: "item", Of: "feedback", Required: true}}}},
		{Icon: "x", Command: part.Command{ID: "dismiss-dialog", Title: "Dismiss…", Submit: "Dismiss", Danger: true, Path: path("dismiss"), Done: "Dismissed", Fields: []part.Field{reason}}},
		{Icon: "message", Command: part.Command{ID: "answer-dialog", Title: "Answer…", Submit: "Answer", Path: path("answer"), Done: "Answered", Fields: []part.Field{
			{Name: "text", Label: "Answer", Kind: "area", Required: true}}}},
		{Icon: "inbox", Command: part.Command{ID: "triage-dialog", Title: "Triage…", Submit: "Triage", Path: path("triage"), Done: "Triaged", Fields: []part.Field{
			{Name: "kind", Label: "What it is", Kind: "select", Required: true, Value: string(d.Kind), Options: kinds}, product}}},
	}
	if d.State == feedback.Processed {
		commands = append(commands, inbox.Action{Icon: "check-square", Command: part.Command{ID: "close-dialog", Title: "Close…", Submit: "Close", Path: path("close"), Done: "Closed"}})
	}
	for i := range commands {
		commands[i].Key = part.Count(i + 1)
	}
	return commands, nil
}

func cutAt(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return strings.TrimSpace(string(r[:n]))
	}
	return s
}

// wanted is the ranking of what customers ask for; limit 0 is all.
func (g *Gateway) wanted(v *visit, limit int) ([]inbox.Demand, uint64, error) {
	out, err := g.demand(v.ctx, v.who, &v.moment)
	if err != nil {
		return nil, 0, err
	}
	var all []inbox.Demand
	for _, w := range out.Body.Items {
		if w.Node == nil || limit > 0 && len(all) == limit {
			continue
		}
		var revenue []string
		for _, m := range w.Revenue {
			revenue = append(revenue, money(m.Amount, m.Currency))
		}
		all = append(all, inbox.Demand{ID: w.Target, Ref: v.ref(*w.Node), Requesters: w.Requesters, Importance: w.Importance, Recent: w.Recency,
			Revenue: strings.Join(revenue, " + ")})
	}
	return all, out.Body.Position, nil
}

func (g *Gateway) demandPage(v *visit) (templ.Component, error) {
	all, position, err := g.wanted(v, 0)
	if err != nil {
		return nil, err
	}
	v.shell.Crumbs = []page.Crumb{{Title: "Feedback", URL: v.link("/feedback")}}
	return inbox.Ranking(v.live(portfolio.InboxName, position), all), nil
}
