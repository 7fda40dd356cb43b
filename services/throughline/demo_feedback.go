package main

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"throughline.dev/pkg/es"
	"throughline.dev/services/feedback"
)

// managers are the product managers by product.
var managers = map[string]string{"mobile": "priya", "home": "lukas"}

// feedback takes in what customers say and what became of it.
func (d *demo) feedback(ctx context.Context) {
	for i, c := range demoCustomers {
		profile := feedback.Profile{Name: c.name, Tier: c.tier, Segments: c.segments, Owner: d.who("grace")}
		if c.arr > 0 {
			profile.ARR = &feedback.Money{Amount: c.arr * 1000 * 100, Currency: "EUR"}
		}
		d.made("customer", c.short, d.do(ctx, "grace", 300-7*float64(i), "feedback.customer.register", "",
			feedback.RegisterCustomer{ExternalID: "crm:" + c.short, Profile: profile}))
	}
	d.do(ctx, "grace", 40, "feedback.customer.churn", d.id("customer", "fenwick"), feedback.ChurnCustomer{Reason: "Went to a competitor whose card reader pays out at once."})
	for _, f := range demoFeedback {
		d.capture(ctx, f)
		d.judge(ctx, f)
	}
}

// inbox is what came in last and nobody has looked at yet.
func (d *demo) inbox(ctx context.Context) {
	for _, f := range demoInbox {
		d.capture(ctx, f)
	}
}

// lastFeedback is the external id of the seed's last step.
var lastFeedback = demoInbox[len(demoInbox)-1].external

func (d *demo) capture(ctx context.Context, f demoSaid) {
	c := feedback.CaptureFeedback{Kind: f.kind, Text: f.text, Channel: f.channel, ExternalID: f.external}
	if f.product != "" {
		c.Product = feedback.ProductID(d.id("product", f.product))
	}
	if f.customer != "" {
		c.Customer = feedback.CustomerID(d.id("customer", f.customer))
	}
	who := "grace"
	if f.team != "" {
		c.Team, who = feedback.TeamID(d.id("team", f.team)), d.team(f.team).owner
	}
	d.made("feedback", f.external, d.do(ctx, who, f.ago, "feedback.feedback.capture", "", c))
}

// judge triages a piece of feedback and does with it what the table says.
func (d *demo) judge(ctx context.Context, f demoSaid) {
	id, pm := d.id("feedback", f.external), managers[f.product]
	ago := func(part float64) float64 { return f.ago * part }
	d.do(ctx, pm, ago(0.9), "feedback.feedback.triage", id, feedback.TriageFeedback{})
	if f.assignee != "" {
		d.do(ctx, pm, ago(0.88), "feedback.feedback.assign", id, feedback.AssignFeedback{Assignee: d.who(f.assignee), Due: feedback.Day(d.day(-4))})
	}
	if f.excerpt != "" {
		d.insight(ctx, f, id, pm)
	}
	if f.answer != "" {
		d.do(ctx, pm, ago(0.6), "feedback.feedback.answer", id, feedback.AnswerFeedback{Text: f.answer})
	}
	switch f.end {
	case "dismiss":
		d.do(ctx, pm, ago(0.5), "feedback.feedback.dismiss", id, feedback.DismissFeedback{Reason: f.why})
	case "merge":
		d.do(ctx, pm, ago(0.5), "feedback.feedback.merge-into", id, feedback.MergeFeedback{Into: feedback.FeedbackID(d.id("feedback", f.why))})
	case "close":
		d.do(ctx, pm, ago(0.4), "feedback.feedback.close", id, feedback.CloseFeedback{})
	}
}

// insight remembers the excerpt and says what it asks for.
func (d *demo) insight(ctx context.Context, f demoSaid, of, pm string) {
	at := strings.Index(f.text, f.excerpt)
	if at < 0 {
		d.fail(fmt.Errorf("feedback %s does not say %q", f.external, f.excerpt))
		return
	}
	start := utf8.RuneCountInString(f.text[:at])
	id := d.do(ctx, pm, f.ago*0.8, "feedback.insight.create", "", feedback.CreateInsight{Importance: &f.importance, Note: f.note,
		Excerpt: feedback.Excerpt{Feedback: feedback.FeedbackID(of), Start: start, End: start + utf8.RuneCountInString(f.excerpt), Text: f.excerpt}})
	d.made("insight", f.external, id)
	d.do(ctx, pm, f.ago*0.79, "feedback.feedback.link-insight", of, feedback.LinkFeedbackInsight{Insight: feedback.InsightID(id)})
	for _, l := range f.links {
		kind, name, _ := strings.Cut(l, " ")
		d.do(ctx, pm, f.ago*0.78, "feedback.insight.link-to", id, feedback.LinkInsight{Target: d.target(feedback.TargetKind(kind), name)})
	}
}

func (d *demo) target(kind feedback.TargetKind, name string) feedback.Target {
	return feedback.Target{Kind: kind, ID: es.ID[feedback.TargetRef](d.id(string(kind), name))}
}

// ideas are voted for; one is on its way through the backlog, and one ships as
// soon as a policy has seen its release.
func (d *demo) ideas(ctx context.Context) {
	for _, i := range demoIdeas {
		d.idea(ctx, i)
	}
	d.settle(ctx)
	for _, l := range demoIdeaLinks {
		d.do(ctx, "priya", 6, "feedback.insight.link-to", d.id("insight", l.insight), feedback.LinkInsight{Target: d.target(feedback.TargetIdea, l.idea)})
	}
	feature := d.promote(ctx, "freeze", "fraud")
	d.promote(ctx, "jar", "family")
	d.ship(ctx, feature, demoShipment{hypothesis: "A freeze within two seconds, without signing in, halves the damage of a stolen card.",
		criterion: "Frozen within two seconds of the tap", toggle: "freeze-on-lock-screen"})
	d.do(ctx, "priya", 0, "feedback.insight.mark-acted-on", d.id("insight", "app-review:1902"), feedback.MarkInsightActedOn{})
}

func (d *demo) idea(ctx context.Context, i demoIdea) {
	pm := managers[i.product]
	propose := feedback.ProposeIdea{Title: i.title, Description: i.text, Product: feedback.ProductID(d.id("product", i.product)), ExternalID: "portal:" + i.short}
	if i.customer != "" {
		propose.Customer = feedback.CustomerID(d.id("customer", i.customer))
	}
	id := d.made("idea", i.short, d.do(ctx, i.author, i.ago, "feedback.idea.propose", "", propose))
	for n, v := range i.votes {
		name, stars, _ := strings.Cut(v, " ")
		importance := feedback.Importance(len(stars))
		vote := feedback.CastVote{Idea: feedback.IdeaID(id), Importance: &importance}
		if c, ok := d.ids["customer "+name]; ok {
			vote.Customer, name = feedback.CustomerID(c), "grace"
		}
		d.do(ctx, name, i.ago-float64(n+1)*i.ago/float64(len(i.votes)+2), "feedback.vote.cast", "", vote)
	}
	for _, s := range i.statuses {
		d.do(ctx, pm, i.ago/10, "feedback.idea.set-status", id, feedback.SetIdeaStatus{Status: s})
	}
	switch i.end {
	case "decline":
		d.do(ctx, pm, i.ago/12, "feedback.idea.decline", id, feedback.DeclineIdea{Reason: i.why})
	case "merge":
		d.do(ctx, pm, i.ago/12, "feedback.idea.merge-into", id, feedback.MergeIdea{Into: feedback.IdeaID(d.id("idea", i.why))})
	}
}

// promote asks the backlog for a feature and waits for it.
func (d *demo) promote(ctx context.Context, idea, epic string) (feature string) {
	id := d.id("idea", idea)
	d.do(ctx, "priya", 0, "feedback.idea.promote", id, feedback.PromoteIdea{Epic: feedback.EpicID(d.id("epic", epic))})
	s := until(ctx, d, feedback.Ideas, id, func(s feedback.Idea) bool {
		return s.Promotion != nil && s.Promotion.Outcome != feedback.PromotionPending
	})
	if s.Promotion == nil || s.Promotion.Outcome != feedback.PromotionDone {
		d.fail(fmt.Errorf("idea %s was not promoted: %+v", idea, s.Promotion))
		return ""
	}
	d.settle(ctx)
	return s.Promotion.Item.String()
}
