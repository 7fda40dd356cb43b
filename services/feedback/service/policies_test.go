package service

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/react"
	"throughline.dev/pkg/react/reacttest"
	"throughline.dev/services/backlog"
	"throughline.dev/services/feedback"
)

type body map[string]any

const (
	sample = "0sample0000000000000000000" // the id in golden files
	here   = "0here000000000000000000000"
)

var app = es.DeriveID[feedback.ProductRef]("app").String()

// Both contexts run, as in the program, so that one answers the other.
func run(t *testing.T) *reacttest.Plan {
	return reacttest.Run(t,
		reacttest.Context{Name: "backlog", Schemas: backlog.Schemas, Commands: backlog.Commands, Siblings: backlog.Siblings},
		reacttest.Context{Name: "feedback", Schemas: feedback.Schemas, Commands: feedback.Commands, Siblings: feedback.Siblings, Policies: Policies})
}

func asked(w []react.Wish) []react.Wish {
	var out []react.Wish
	for _, one := range w {
		out = append(out, react.Wish{Command: one.Command, ID: one.ID, Body: one.Body})
	}
	return out
}

// The golden files of whoever writes the events are the contract.
func TestPoliciesReadWhatIsWritten(t *testing.T) {
	const ours, theirs = "../testdata/events", "../../backlog/testdata/events"
	for _, c := range []struct {
		policy, dir, event string
		want               react.Wish
	}{
		{"idea-promoted-becomes-feature", ours, "feedback.idea.promoted.v1", react.Wish{Command: "backlog.item.create",
			Body: feature{Kind: "feature", Title: "text", Description: "text", Product: sample, ART: sample, Idea: here, Parent: parent{Epic: sample}}}},
		{"released-item-ships-idea", theirs, "backlog.item.released.v1", react.Wish{Command: "feedback.idea.mark-shipped", ID: sample, Body: shipped{here}}},
		{"insight-processes-feedback", ours, "feedback.insight.created.v1", react.Wish{Command: "feedback.feedback.link-insight", ID: sample, Body: taken{here}}},
	} {
		got := asked(reacttest.Golden(t, Policies, c.policy, c.dir, c.event, here))
		if d := cmp.Diff([]react.Wish{c.want}, got); d != "" {
			t.Errorf("%s: %s", c.policy, d)
		}
	}
}

func TestAnIdeaThatIsPromotedBecomesAFeatureAndShips(t *testing.T) {
	p := run(t)
	idea := p.Do("feedback.idea.propose", "", body{"title": "Dark mode", "description": "My eyes", "product": app})
	p.Do("feedback.idea.promote", idea, body{})
	p.Settle()
	is := reacttest.State(p, feedback.Ideas, idea)
	if is.State != feedback.Planned || is.Promotion.Outcome != feedback.PromotionDone {
		t.Fatalf("the idea is %+v, promoted %+v", is, is.Promotion)
	}
	id := is.Promotion.Item.String()
	f := reacttest.State(p, backlog.Items, id)
	if f.Kind != backlog.Feature || f.Title != "Dark mode" || f.Description != "My eyes" || f.Idea.String() != idea || f.Product.String() != app ||
		f.State != backlog.Funnel || f.Parent.None != "promoted from idea "+is.Key {
		t.Errorf("the feature is %+v", f)
	}

	release(p, id)
	p.Settle()
	if is := reacttest.State(p, feedback.Ideas, idea); is.State != feedback.Shipped {
		t.Errorf("after the release the idea is %s", is.State)
	}
	p.Again()
}

// release takes a feature all the way to its users.
func release(p *reacttest.Plan, id string) {
	step := func(verb string, b body) { p.Do("backlog.item."+verb, id, b) }
	step("move-to", body{"to": "analyzing"})
	step("describe", body{"title": "Dark mode", "hypothesis": "They stay longer"})
	step("add-criterion", body{"text": "It is dark"})
	step("estimate", body{"points": 8})
	step("score-wsjf", body{"userBusinessValue": 8, "timeCriticality": 5, "riskOpportunity": 3, "jobSize": 2, "session": "PI 1"})
	step("mark-ready", body{"fitsPi": true})
	step("plan-into", body{"pi": es.DeriveID[backlog.PIRef]("pi")})
	for _, to := range []string{"implementing", "validating", "deploying", "releasing"} {
		step("move-to", body{"to": to})
	}
	step("release", body{"toggle": "dark"})
}

func TestAPromotionThatIsRefusedComesBack(t *testing.T) {
	p := run(t)
	idea := p.Do("feedback.idea.propose", "", body{"title": "Dark mode", "product": app})
	p.Do("feedback.idea.promote", idea, body{"epic": es.DeriveID[feedback.EpicRef]("nowhere")})
	p.Settle()
	is := reacttest.State(p, feedback.Ideas, idea)
	if is.State != feedback.UnderReview || is.Promotion.Outcome != feedback.PromotionRefused || is.Promotion.Reason != backlog.ErrParentUnknown.Text {
		t.Errorf("the idea is %s, promoted %+v", is.State, is.Promotion)
	}
	p.Again()
	p.Do("feedback.idea.promote", idea, body{})
	p.Settle()
	if is := reacttest.State(p, feedback.Ideas, idea); is.State != feedback.Planned || is.Promotion.Attempt != 2 {
		t.Errorf("the second time the idea is %s, promoted %+v", is.State, is.Promotion)
	}
}

// What nobody had an idea for ships none.
func TestAReleaseWithoutAnIdeaAsksForNothing(t *testing.T) {
	if w := shipIdea(released{}, react.Happening{}); len(w) > 0 {
		t.Errorf("%+v", w)
	}
}

func TestThePromotionHearsWhatTheBacklogAnswers(t *testing.T) {
	w := featureOfIdea(promoted{Key: "I-1"}, react.Happening{})[0]
	if yes := w.Done(command.Answer{ID: here}); yes.Command != "feedback.idea.record-promotion-succeeded" || yes.Body != (succeeded{here}) {
		t.Errorf("%+v", yes)
	}
	no := w.Refused(backlog.ErrEpicState)
	if no.Command != "feedback.idea.record-promotion-failed" || no.Body != (failed{backlog.ErrEpicState.Text}) {
		t.Errorf("%+v", no)
	}
}

func TestAnInsightProcessesItsFeedback(t *testing.T) {
	p := run(t)
	said := p.Do("feedback.feedback.capture", "", body{"text": "My eyes hurt at night", "product": app})
	p.Do("feedback.insight.create", "", body{"excerpt": body{"feedback": said, "start": 0, "end": 12, "text": "My eyes hurt"}})
	p.Settle()
	if is := reacttest.State(p, feedback.Feedbacks, said); len(is.Insights) != 1 {
		t.Errorf("the feedback is %+v", is)
	}
	p.Again()
}
