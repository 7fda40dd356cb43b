package feedback

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
)

var captured = FeedbackCaptured{"FB-1", Said{Kind: KindFeedback, Text: "We need dark mode at night.", Channel: "support", Product: app, Customer: acme, Contact: ann}}

func question() FeedbackCaptured { q := captured; q.Kind = KindQuestion; return q }

func TestFeedback(t *testing.T) {
	type e = es.Event[Feedback]
	type f = []es.Event[Feedback]
	in := func(want State) func(Feedback) bool { return at(func(s Feedback) State { return s.State }, want) }
	known := CustomerFact{ID: acme, State: Active}
	triaged := FeedbackTriaged{KindFeedback, app, "", acme, ann}
	asked := FeedbackTriaged{KindQuestion, app, "", acme, ann}
	linked := FeedbackInsightLinked{excerpt}
	answered := FeedbackAnswered{Answer{"Yes.", estest.Meta.Actor, estest.Meta.Time}}
	dismissed := FeedbackDismissed{"spam"}
	into := FeedbackMerged{sameAs}
	own := Insight{State: Active, Excerpt: Excerpt{Feedback: said}}
	free := MergeFacts{Self: said.String(), Target: MergeSide{Exists: true, Product: app}}
	teamToPM := captured
	teamToPM.Kind, teamToPM.Team = KindTeamToPM, red
	capture := func(change func(*CaptureFeedback)) CaptureFeedback {
		c := CaptureFeedback{Text: captured.Text, Channel: "support", Product: app, Customer: acme, Contact: ann, Who: known}
		if change != nil {
			change(&c)
		}
		return c
	}
	withKey := func(c FeedbackCaptured, change func(*FeedbackCaptured)) FeedbackCaptured {
		c.Key = "X-1"
		if change != nil {
			change(&c)
		}
		return c
	}

	run(t, FeedbackSchema, []sentence[Feedback]{
		{name: "captured", wish: capture(nil), then: f{withKey(captured, nil)}, state: in(Untriaged)},
		{name: "captured a question", wish: capture(func(c *CaptureFeedback) { c.Kind = KindQuestion }), then: f{withKey(question(), nil)}},
		{name: "captured from a team", wish: capture(func(c *CaptureFeedback) { c.Kind, c.Team = KindTeamToPM, red }), then: f{withKey(teamToPM, nil)}},
		{name: "captured from no team", wish: capture(func(c *CaptureFeedback) { c.Kind = KindTeamToPM }), not: invalid("team")},
		{name: "captured of no kind", wish: capture(func(c *CaptureFeedback) { c.Kind = "rant" }), not: invalid("kind")},
		{name: "captured without words", wish: capture(func(c *CaptureFeedback) { c.Text = "\n" }), not: invalid("text")},
		{name: "captured the longest text", wish: CaptureFeedback{Text: long(maxText)}, then: f{FeedbackCaptured{"X-1", Said{Kind: KindFeedback, Text: long(maxText)}}}},
		{name: "captured too long a text", wish: CaptureFeedback{Text: long(maxText + 1)}, not: invalid("text")},
		{name: "captured with too long a channel", wish: capture(func(c *CaptureFeedback) { c.Channel = long(101) }), not: invalid("channel")},
		{name: "captured with an address as external id", wish: capture(func(c *CaptureFeedback) { c.ExternalID = "jo@example.org" }), not: invalid("externalId")},
		{name: "captured from an unknown customer", wish: capture(func(c *CaptureFeedback) { c.Who = CustomerFact{ID: acme} }), not: invalid("customer")},
		{name: "captured from an erased customer", wish: capture(func(c *CaptureFeedback) { c.Who.State = Erased }), not: ErrCustomerErased},
		{name: "captured from one merged into an erased customer", wish: capture(func(c *CaptureFeedback) { c.Who = CustomerFact{acme, Merged, globex, Erased} }), not: ErrCustomerErased},
		{name: "captured from a merged customer", wish: capture(func(c *CaptureFeedback) { c.Who = CustomerFact{acme, Merged, globex, Active} }),
			then: f{withKey(captured, func(c *FeedbackCaptured) { c.Customer = globex })}},
		{name: "captured again the same", past: f{captured, triaged}, wish: capture(nil)},
		{name: "captured other words under the same external id", past: f{captured}, wish: capture(func(c *CaptureFeedback) { c.Text = "no" }), not: ErrFeedbackExists},

		{name: "triaged", past: f{captured}, wish: TriageFeedback{}, then: f{triaged}, state: in(Triaged)},
		{name: "triaged with what was missing", past: f{FeedbackCaptured{"FB-1", Said{Kind: KindFeedback, Text: "x"}}},
			wish: TriageFeedback{Kind: KindQuestion, Product: app, Team: red, Customer: acme, Contact: ann, Who: known},
			then: f{FeedbackTriaged{KindQuestion, app, red, acme, ann}}},
		{name: "triaged again the same", past: f{captured, triaged}, wish: TriageFeedback{Product: app}},
		{name: "triaged again to another product", past: f{captured, triaged}, wish: TriageFeedback{Product: other}, then: f{FeedbackTriaged{KindFeedback, other, "", acme, ann}}},
		{name: "triaged to an unknown customer", past: f{captured}, wish: TriageFeedback{Customer: globex, Who: CustomerFact{ID: globex}}, not: invalid("customer")},
		{name: "triaged to no kind", past: f{captured}, wish: TriageFeedback{Kind: "rant"}, not: invalid("kind")},
		{name: "triaged to a team's without the team", past: f{captured}, wish: TriageFeedback{Kind: KindTeamToPM}, not: invalid("team")},
		{name: "triaged an answered question to feedback", past: f{question(), asked, answered}, wish: TriageFeedback{Kind: KindFeedback}, then: f{triaged}, state: in(Triaged)},
		{name: "triaged answered feedback to a question", past: f{captured, triaged, answered}, wish: TriageFeedback{Kind: KindQuestion}, then: f{asked}, state: in(Processed)},

		{name: "assigned", past: f{captured}, wish: AssignFeedback{bob, "2026-12-01"}, then: f{FeedbackAssigned{bob, "2026-12-01"}}, state: in(Untriaged)},
		{name: "assigned again the same", past: f{captured, FeedbackAssigned{Assignee: bob}}, wish: AssignFeedback{Assignee: bob}},
		{name: "assigned to nobody", past: f{captured, FeedbackAssigned{Assignee: bob}}, wish: AssignFeedback{}, then: f{FeedbackAssigned{}}},
		{name: "assigned until no day", past: f{captured}, wish: AssignFeedback{Assignee: bob, Due: "tomorrow"}, not: invalid("due")},

		{name: "insight linked", past: f{captured, triaged}, wish: LinkFeedbackInsight{excerpt, said, own}, then: f{linked}, state: in(Processed)},
		{name: "insight linked before triage", past: f{captured}, wish: LinkFeedbackInsight{excerpt, said, own}, then: f{triaged, linked}, state: in(Processed)},
		{name: "insight linked twice", past: f{captured, triaged, linked}, wish: LinkFeedbackInsight{excerpt, said, own}},
		{name: "insight linked overturns a dismissal", past: f{captured, triaged, dismissed}, wish: LinkFeedbackInsight{excerpt, said, own}, then: f{linked},
			state: func(s Feedback) bool { return s.State == Processed && s.Dismissed == "" }},
		{name: "insight that is none", past: f{captured}, wish: LinkFeedbackInsight{excerpt, said, Insight{}}, not: invalid("insight")},
		{name: "insight of other feedback", past: f{captured}, wish: LinkFeedbackInsight{excerpt, sameAs, own}, not: ErrInsightElsewhere},
		{name: "insight that is archived", past: f{captured}, wish: LinkFeedbackInsight{excerpt, said, Insight{State: Archived, Excerpt: own.Excerpt}}, not: ErrInsightArchived},

		{name: "question answered", past: f{question(), asked}, wish: AnswerFeedback{"Yes."}, then: f{answered}, state: in(Processed)},
		{name: "question answered before triage", past: f{question()}, wish: AnswerFeedback{"Yes."}, then: f{asked, answered}, state: in(Processed)},
		{name: "team answered", past: f{teamToPM}, wish: AnswerFeedback{"Yes."}, then: f{FeedbackTriaged{KindTeamToPM, app, red, acme, ann}, answered}, state: in(Processed)},
		{name: "feedback answered is not processed by it", past: f{captured, triaged}, wish: AnswerFeedback{"Yes."}, then: f{answered}, state: in(Triaged)},
		{name: "answered twice", past: f{question(), asked, answered}, wish: AnswerFeedback{"Yes."}, then: f{answered},
			state: func(s Feedback) bool { return len(s.Answers) == 2 }},
		{name: "answered without words", past: f{question()}, wish: AnswerFeedback{}, not: invalid("text")},

		{name: "dismissed", past: f{captured, triaged}, wish: DismissFeedback{"spam"}, then: f{dismissed}, state: in(Processed)},
		{name: "dismissed before triage", past: f{captured}, wish: DismissFeedback{"spam"}, then: f{triaged, dismissed}, state: in(Processed)},
		{name: "dismissed again the same", past: f{captured, triaged, dismissed}, wish: DismissFeedback{"spam"}},
		{name: "dismissed with another reason", past: f{captured, triaged, dismissed}, wish: DismissFeedback{"other"}, not: ErrAlreadyDismissed},
		{name: "dismissed without a reason", past: f{captured}, wish: DismissFeedback{" "}, not: invalid("reason")},
		{name: "dismissed though it has an insight", past: f{captured, triaged, linked}, wish: DismissFeedback{"spam"}, not: ErrHasInsight},

		{name: "merged", past: f{captured}, wish: MergeFeedback{sameAs, free}, then: f{into}, state: in(Merged)},
		{name: "merged when closed", past: f{captured, triaged, dismissed, FeedbackClosed{}}, wish: MergeFeedback{sameAs, free}, then: f{into}},
		{name: "merged into the same again", past: f{captured, into}, wish: MergeFeedback{sameAs, free}},
		{name: "merged into another as well", past: f{captured, into}, wish: MergeFeedback{said, free}, not: ErrFeedbackMerged},
		{name: "merged into itself", past: f{captured}, wish: MergeFeedback{said, free}, not: ErrMergeSelf},
		{name: "merged into nothing", past: f{captured}, wish: MergeFeedback{}, not: invalid("into")},
		{name: "merged into one that is not there", past: f{captured}, wish: MergeFeedback{Into: sameAs}, not: invalid("into")},
		{name: "merged into a merged one", past: f{captured}, wish: MergeFeedback{sameAs, MergeFacts{Target: MergeSide{Exists: true, Merged: true, Product: app}}}, not: ErrMergeTarget},
		{name: "merged into another product", past: f{captured}, wish: MergeFeedback{sameAs, MergeFacts{Target: MergeSide{Exists: true, Product: other}}}, not: ErrMergeProduct},
		{name: "merged though others are merged into it", past: f{captured}, wish: MergeFeedback{sameAs, MergeFacts{Target: MergeSide{Exists: true, Product: app}, Absorbed: true}}, not: ErrMergeAbsorbed},
		{name: "unmerged", past: f{captured, triaged, linked, into}, wish: UnmergeFeedback{}, then: f{FeedbackUnmerged{sameAs}}, state: in(Processed)},
		{name: "unmerged without a merge", past: f{captured}, wish: UnmergeFeedback{}},

		{name: "closed with an insight", past: f{captured, triaged, linked}, wish: CloseFeedback{}, then: f{FeedbackClosed{}}, state: in(Closed)},
		{name: "closed when dismissed", past: f{captured, triaged, dismissed}, wish: CloseFeedback{}, then: f{FeedbackClosed{}}},
		{name: "closed a question when answered", past: f{question(), asked, answered}, wish: CloseFeedback{}, then: f{FeedbackClosed{}}},
		{name: "closed again", past: f{captured, triaged, dismissed, FeedbackClosed{}}, wish: CloseFeedback{}},
		{name: "process with neither insight nor dismiss reason", past: f{captured, triaged}, wish: CloseFeedback{}, not: ErrUnprocessed},
		{name: "closed before triage", past: f{captured}, wish: CloseFeedback{}, not: ErrUnprocessed},
		{name: "closed with an answer only", past: f{captured, triaged, answered}, wish: CloseFeedback{}, not: ErrUnprocessed},
		{name: "question closed unanswered", past: f{question(), asked, linked}, wish: CloseFeedback{}, not: ErrUnanswered},
		{name: "question closed dismissed but unanswered", past: f{question(), asked, dismissed}, wish: CloseFeedback{}, not: ErrUnanswered},

		{name: "reopened with an insight", past: f{captured, triaged, linked, FeedbackClosed{}}, wish: ReopenFeedback{"again"}, then: f{FeedbackReopened{"again"}}, state: in(Processed)},
		{name: "reopened after a dismissal", past: f{captured, triaged, dismissed, FeedbackClosed{}}, wish: ReopenFeedback{}, then: f{FeedbackReopened{}},
			state: func(s Feedback) bool { return s.State == Triaged && s.Dismissed == "" }},
		{name: "reopened question closed without a new answer", past: f{question(), asked, answered, FeedbackClosed{}, FeedbackReopened{}}, wish: CloseFeedback{}, not: ErrUnanswered},
		{name: "reopened what is open", past: f{captured}, wish: ReopenFeedback{}},
		{name: "reopened what is merged", past: f{captured, into}, wish: ReopenFeedback{}, not: ErrFeedbackMerged},
		{name: "reopened with too much to say", past: f{captured}, wish: ReopenFeedback{long(maxText + 1)}, not: invalid("reason")},
	})

	changes := map[string]es.Command[Feedback]{
		"triage": TriageFeedback{}, "assign": AssignFeedback{Assignee: bob}, "link an insight": LinkFeedbackInsight{elsewhere, said, own},
		"answer": AnswerFeedback{"x"}, "dismiss": DismissFeedback{"x"}, "close": CloseFeedback{},
	}
	for name, wish := range changes {
		t.Run("change while merged: "+name, func(t *testing.T) {
			estest.Given(FeedbackSchema, e(captured), into).When(wish).Refuses(t, ErrFeedbackMerged)
		})
		if name == "close" {
			continue
		}
		t.Run("change when closed: "+name, func(t *testing.T) {
			estest.Given(FeedbackSchema, e(captured), triaged, dismissed, FeedbackClosed{}).When(wish).Refuses(t, ErrFeedbackClosed)
		})
	}
}

func TestUnmergeGivesFeedbackBackAsItWas(t *testing.T) {
	story := []es.Event[Feedback]{captured, FeedbackTriaged{KindFeedback, app, "", acme, ann}, FeedbackAssigned{bob, "2026-12-01"}, FeedbackInsightLinked{excerpt}, FeedbackClosed{}}
	for n := 1; n <= len(story); n++ {
		before := estest.Given(FeedbackSchema, story[:n]...).State(t)
		after := estest.Given(FeedbackSchema, es.Added[es.Event[Feedback]](story[:n], FeedbackMerged{sameAs}, FeedbackUnmerged{sameAs})...).State(t)
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("after %d events: %s", n, diff)
		}
	}
}

func TestAnAnswerCarriesWhenItWasGiven(t *testing.T) {
	m := estest.Meta
	m.Occurred = m.Time.AddDate(-1, 0, 0)
	s := estest.Given(FeedbackSchema, es.Event[Feedback](question())).As(m).When(AnswerFeedback{"Yes."}).State(t)
	if got := s.Answers[0].At; !got.Equal(m.Occurred) {
		t.Errorf("an imported answer is of %v, want %v", got, m.Occurred)
	}
}

func TestScopes(t *testing.T) {
	if got := (Feedback{Said: Said{Product: app, Team: red}}).Scope(); got.Product != app.String() || got.Team != red.String() {
		t.Errorf("feedback: %+v", got)
	}
	if got := (CaptureFeedback{Product: app}).Scope(); got.Product != app.String() {
		t.Errorf("capture: %+v", got)
	}
	if got := (Insight{Product: app}).Scope(); got.Product != app.String() {
		t.Errorf("insight: %+v", got)
	}
	if got := (Idea{Product: app}).Scope(); got.Product != app.String() {
		t.Errorf("idea: %+v", got)
	}
	if got := (ProposeIdea{Product: app}).Scope(); got.Product != app.String() {
		t.Errorf("propose: %+v", got)
	}
	if got := (Vote{Product: app}).Scope(); got.Product != app.String() {
		t.Errorf("vote: %+v", got)
	}
}
