package feedback

import (
	"slices"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Feedbacks: what somebody said, asked or sent up from a team, and what became of it.
var Feedbacks = &es.Aggregate[Feedback]{Context: "feedback", Name: "feedback", Plural: "feedback", Schema: FeedbackSchema}

// FeedbackID names a piece of feedback.
type FeedbackID = es.ID[Feedback]

// FeedbackSchema holds the stored names. Never change a stored name; add one.
var FeedbackSchema = es.NewSchema(
	es.On[FeedbackCaptured]("feedback.feedback.captured.v1"),
	es.On[FeedbackTriaged]("feedback.feedback.triaged.v1"),
	es.On[FeedbackAssigned]("feedback.feedback.assigned.v1"),
	es.On[FeedbackInsightLinked]("feedback.feedback.insight-linked.v1"),
	es.On[FeedbackAnswered]("feedback.feedback.answered.v1"),
	es.On[FeedbackDismissed]("feedback.feedback.dismissed.v1"),
	es.On[FeedbackMerged]("feedback.feedback.merged.v1"),
	es.On[FeedbackUnmerged]("feedback.feedback.unmerged.v1"),
	es.On[FeedbackClosed]("feedback.feedback.closed.v1"),
	es.On[FeedbackReopened]("feedback.feedback.reopened.v1"),
)

// FeedbackKind says what is expected of whoever reads it.
type FeedbackKind string

const (
	KindFeedback FeedbackKind = "feedback"   // a need, a praise, a complaint
	KindQuestion FeedbackKind = "question"   // wants an answer
	KindTeamToPM FeedbackKind = "team-to-pm" // a team tells its product manager
)

var feedbackKinds = []FeedbackKind{KindFeedback, KindQuestion, KindTeamToPM}

// Said is what somebody said and where.
type Said struct {
	Kind       FeedbackKind `json:"kind"`
	Text       string       `json:"text"`
	Channel    string       `json:"channel,omitempty"`
	ExternalID string       `json:"externalId,omitempty"`
	Product    ProductID    `json:"product,omitempty"`
	Team       TeamID       `json:"team,omitempty"`
	Customer   CustomerID   `json:"customer,omitempty"`
	Contact    es.PersonID  `json:"contact,omitempty"`
}

// FeedbackCaptured says that something came in.
type FeedbackCaptured struct {
	Key string `json:"key"`
	Said
}

func (e FeedbackCaptured) Evolve(s Feedback) Feedback {
	s.State, s.Key, s.Said = Untriaged, e.Key, e.Said
	return s
}

// FeedbackTriaged says what it is about, as it is known from now on.
type FeedbackTriaged struct {
	Kind     FeedbackKind `json:"kind"`
	Product  ProductID    `json:"product,omitempty"`
	Team     TeamID       `json:"team,omitempty"`
	Customer CustomerID   `json:"customer,omitempty"`
	Contact  es.PersonID  `json:"contact,omitempty"`
}

func (e FeedbackTriaged) Evolve(s Feedback) Feedback {
	s.Kind, s.Product, s.Team, s.Customer, s.Contact = e.Kind, e.Product, e.Team, e.Customer, e.Contact
	return s.settled()
}

// FeedbackAssigned says who takes care of it, and by when it needs an answer.
type FeedbackAssigned struct {
	Assignee es.PersonID `json:"assignee,omitempty"` // empty: nobody any more
	Due      Day         `json:"due,omitempty"`
}

func (e FeedbackAssigned) Evolve(s Feedback) Feedback {
	s.Assignee, s.Due = e.Assignee, e.Due
	return s
}

// FeedbackInsightLinked says that a part of it has become an insight; that
// overturns a dismissal.
type FeedbackInsightLinked struct {
	Insight InsightID `json:"insight"`
}

func (e FeedbackInsightLinked) Evolve(s Feedback) Feedback {
	s.Insights, s.Dismissed = es.Added(s.Insights, e.Insight), ""
	return s.settled()
}

// FeedbackAnswered carries the reply. It processes a question and what a team
// sent up; other feedback needs an insight or a dismissal as well.
type FeedbackAnswered struct {
	Answer
}

func (e FeedbackAnswered) Evolve(s Feedback) Feedback {
	s.Answers, s.Answered = es.Added(s.Answers, e.Answer), true
	return s.settled()
}

// FeedbackDismissed says why nothing will come of it.
type FeedbackDismissed struct {
	Reason string `json:"reason"`
}

func (e FeedbackDismissed) Evolve(s Feedback) Feedback {
	s.Dismissed = e.Reason
	return s.settled()
}

// FeedbackMerged says that another piece of feedback is the same.
type FeedbackMerged struct {
	Into FeedbackID `json:"into"`
}

func (e FeedbackMerged) Evolve(s Feedback) Feedback {
	s.Before, s.State, s.MergedInto = s.State, Merged, e.Into
	return s
}

// FeedbackUnmerged takes a merge back.
type FeedbackUnmerged struct {
	From FeedbackID `json:"from"`
}

func (e FeedbackUnmerged) Evolve(s Feedback) Feedback {
	s.State, s.Before, s.MergedInto = s.Before, "", ""
	return s
}

// FeedbackClosed says that nothing more is to be done.
type FeedbackClosed struct{}

func (FeedbackClosed) Evolve(s Feedback) Feedback { s.State = Closed; return s }

// FeedbackReopened says that it has to be looked at again: its dismissal and
// its answer no longer settle it, its insights do.
type FeedbackReopened struct {
	Reason string `json:"reason,omitempty"`
}

func (e FeedbackReopened) Evolve(s Feedback) Feedback {
	s.Dismissed, s.Answered = "", false
	return s.settled()
}

// settled moves what has been looked at to where it belongs: processed when
// something came of it, an insight, a dismissal or the answer that was asked for.
func (s Feedback) settled() Feedback {
	s.State = Triaged
	if len(s.Insights) > 0 || s.Dismissed != "" || s.Answered && s.Kind != KindFeedback {
		s.State = Processed
	}
	return s
}

// Answer is one reply.
type Answer struct {
	Text string      `json:"text"`
	By   es.PersonID `json:"by,omitempty"`
	At   time.Time   `json:"at"`
}

// Feedback is what somebody said and what became of it.
type Feedback struct {
	State State  `json:"state"`
	Key   string `json:"key,omitempty"`
	Said
	Assignee   es.PersonID `json:"assignee,omitempty"`
	Due        Day         `json:"due,omitempty"` // an answer is needed by then
	Insights   []InsightID `json:"insights,omitempty"`
	Answers    []Answer    `json:"answers,omitempty"`
	Answered   bool        `json:"answered,omitempty"`  // since it was last opened
	Dismissed  string      `json:"dismissed,omitempty"` // why
	Before     State       `json:"before,omitempty"`    // the state that an unmerge gives back
	MergedInto FeedbackID  `json:"mergedInto,omitempty"`
}

// Scope is the product that it is about, and the team that sent it.
func (s Feedback) Scope() rights.Scope {
	return rights.Scope{Product: s.Product.String(), Team: s.Team.String()}
}

// Refusals of feedback.
var (
	ErrFeedbackExists   = fail.Refused("feedback-exists", "something else was captured under this external id; use another one")
	ErrFeedbackMerged   = fail.Refused("feedback-merged", "this is merged into another piece of feedback; work on that one, or unmerge first")
	ErrFeedbackClosed   = fail.Refused("feedback-closed", "this is closed; reopen it first")
	ErrUnprocessed      = fail.Refused("feedback-unprocessed", "nothing has come of this yet; link an insight or dismiss it with a reason first")
	ErrUnanswered       = fail.Refused("question-unanswered", "a question is closed only when it has an answer; answer it first")
	ErrAlreadyDismissed = fail.Refused("feedback-dismissed", "this is dismissed with another reason already; close and reopen it to judge it anew")
	ErrInsightElsewhere = fail.Refused("insight-of-other-feedback", "this insight is an excerpt of another piece of feedback; link it there")
	ErrHasInsight       = fail.Refused("feedback-has-insight", "an insight has come of this, so it cannot be dismissed; close it instead")
)

// open refuses a change of what is merged or closed.
func (s Feedback) open() error {
	switch s.State {
	case Merged:
		return ErrFeedbackMerged.With("it is %s now", s.MergedInto)
	case Closed:
		return ErrFeedbackClosed
	}
	return nil
}

// triaged is the triage that a decision implies when nobody made one: whoever
// links, answers or dismisses has said that it is rightly placed.
func (s Feedback) triaged() []es.Event[Feedback] {
	if s.State != Untriaged {
		return nil
	}
	return []es.Event[Feedback]{FeedbackTriaged{s.Kind, s.Product, s.Team, s.Customer, s.Contact}}
}

// CaptureFeedback takes in what somebody said. The same external id always
// means the same piece of feedback.
type CaptureFeedback struct {
	Kind       FeedbackKind `json:"kind,omitempty" enum:"feedback,question,team-to-pm" doc:"What is expected of the reader; feedback if left out."`
	Text       string       `json:"text" minLength:"1" maxLength:"65536" doc:"What was said, as it was said."`
	Channel    string       `json:"channel,omitempty" maxLength:"100" example:"support" doc:"Where it came in."`
	ExternalID string       `json:"externalId,omitempty" maxLength:"200" example:"zendesk:1234" doc:"Its key in the system that it comes from."`
	Product    ProductID    `json:"product,omitempty" doc:"May be left to the triage."`
	Team       TeamID       `json:"team,omitempty" doc:"The team that speaks; needed for team-to-pm."`
	Customer   CustomerID   `json:"customer,omitempty" doc:"The customer who said it; the target if that one is merged."`
	Contact    es.PersonID  `json:"contact,omitempty" doc:"The person who said it."`

	Who CustomerFact `json:"-"`
}

// Scope is the product and the team that it is about.
func (c CaptureFeedback) Scope() rights.Scope {
	return rights.Scope{Product: c.Product.String(), Team: c.Team.String()}
}

func (c CaptureFeedback) Decide(s Feedback, m es.Meta) ([]es.Event[Feedback], error) {
	if s.State != "" {
		if s.Text == c.Text && s.Channel == c.Channel {
			return nil, nil
		}
		return nil, ErrFeedbackExists
	}
	said := Said{c.Kind, c.Text, c.Channel, c.ExternalID, c.Product, c.Team, c.Customer, c.Contact}
	if said.Kind == "" {
		said.Kind = KindFeedback
	}
	err := first(written("text", c.Text, maxText), within("channel", c.Channel, maxName), impersonal("channel", c.Channel),
		within("externalId", c.ExternalID, maxExternal), impersonal("externalId", c.ExternalID), said.placed())
	if err != nil {
		return nil, err
	}
	if said.Customer != "" {
		if said.Customer, err = c.Who.resolve("customer"); err != nil {
			return nil, err
		}
	}
	return es.Happened(FeedbackCaptured{m.Key, said})
}

// placed refuses a kind that is none, or that lacks what it needs.
func (d Said) placed() error {
	if !slices.Contains(feedbackKinds, d.Kind) {
		return fail.Invalid("kind", "this must be feedback, question or team-to-pm, not %.40q", string(d.Kind))
	}
	if d.Kind == KindTeamToPM && d.Team == "" {
		return fail.Invalid("team", "say which team tells this to its product manager")
	}
	return nil
}

// TriageFeedback says what it is about. What is left out stays as it is.
type TriageFeedback struct {
	Kind     FeedbackKind `json:"kind,omitempty" enum:"feedback,question,team-to-pm"`
	Product  ProductID    `json:"product,omitempty"`
	Team     TeamID       `json:"team,omitempty"`
	Customer CustomerID   `json:"customer,omitempty"`
	Contact  es.PersonID  `json:"contact,omitempty"`

	Who CustomerFact `json:"-"`
}

func (c TriageFeedback) Decide(s Feedback, _ es.Meta) ([]es.Event[Feedback], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	to := s.Said
	if c.Kind != "" {
		to.Kind = c.Kind
	}
	if c.Product != "" {
		to.Product = c.Product
	}
	if c.Team != "" {
		to.Team = c.Team
	}
	if c.Contact != "" {
		to.Contact = c.Contact
	}
	if c.Customer != "" {
		who, err := c.Who.resolve("customer")
		if err != nil {
			return nil, err
		}
		to.Customer = who
	}
	if err := to.placed(); err != nil {
		return nil, err
	}
	if s.State != Untriaged && to == s.Said {
		return nil, nil
	}
	return es.Happened(FeedbackTriaged{to.Kind, to.Product, to.Team, to.Customer, to.Contact})
}

// AssignFeedback says who takes care of it.
type AssignFeedback struct {
	Assignee es.PersonID `json:"assignee,omitempty" doc:"Left out: nobody any more."`
	Due      Day         `json:"due,omitempty" format:"date" doc:"The day by which an answer is needed."`
}

func (c AssignFeedback) Decide(s Feedback, _ es.Meta) ([]es.Event[Feedback], error) {
	if err := first(s.open(), c.Due.check("due")); err != nil {
		return nil, err
	}
	if s.Assignee == c.Assignee && s.Due == c.Due {
		return nil, nil
	}
	return es.Happened(FeedbackAssigned(c))
}

// LinkFeedbackInsight says that a part of it has become an insight. That
// triages and processes it.
type LinkFeedbackInsight struct {
	Insight InsightID `json:"insight"`

	Self  FeedbackID `json:"-"`
	Found Insight    `json:"-"` // the insight as it is; zero: there is none
}

func (c LinkFeedbackInsight) Decide(s Feedback, _ es.Meta) ([]es.Event[Feedback], error) {
	if slices.Contains(s.Insights, c.Insight) {
		return nil, nil
	}
	switch err := s.open(); {
	case err != nil:
		return nil, err
	case c.Found.State == "":
		return nil, fail.Invalid("insight", "there is no insight with the id %s; create it from an excerpt first", c.Insight)
	case c.Found.Excerpt.Feedback != c.Self:
		return nil, ErrInsightElsewhere
	case c.Found.State == Archived:
		return nil, ErrInsightArchived
	}
	return append(s.triaged(), FeedbackInsightLinked{c.Insight}), nil
}

// AnswerFeedback replies. A question and what a team sent up are processed by it.
type AnswerFeedback struct {
	Text string `json:"text" minLength:"1" maxLength:"65536"`
}

func (c AnswerFeedback) Decide(s Feedback, m es.Meta) ([]es.Event[Feedback], error) {
	if err := first(s.open(), written("text", c.Text, maxText)); err != nil {
		return nil, err
	}
	return append(s.triaged(), FeedbackAnswered{Answer{c.Text, m.Actor, m.When().UTC()}}), nil
}

// DismissFeedback says why nothing will come of it.
type DismissFeedback struct {
	Reason string `json:"reason" minLength:"1" maxLength:"65536"`
}

func (c DismissFeedback) Decide(s Feedback, _ es.Meta) ([]es.Event[Feedback], error) {
	switch err := first(s.open(), because(c.Reason, "nothing will come of it")); {
	case err != nil:
		return nil, err
	case len(s.Insights) > 0:
		return nil, ErrHasInsight
	case s.Dismissed == c.Reason:
		return nil, nil
	case s.Dismissed != "":
		return nil, ErrAlreadyDismissed
	}
	return append(s.triaged(), FeedbackDismissed{c.Reason}), nil
}

// MergeFeedback says that another piece of feedback is the same.
type MergeFeedback struct {
	Into  FeedbackID `json:"into" doc:"The piece of feedback that stays."`
	Facts MergeFacts `json:"-"`
}

func (c MergeFeedback) Decide(s Feedback, _ es.Meta) ([]es.Event[Feedback], error) {
	switch {
	case s.State == Merged && s.MergedInto == c.Into:
		return nil, nil
	case s.State == Merged:
		return nil, ErrFeedbackMerged.With("it is %s now", s.MergedInto)
	}
	if err := c.Facts.check(c.Into.String(), s.Product); err != nil {
		return nil, err
	}
	return es.Happened(FeedbackMerged{c.Into})
}

// UnmergeFeedback takes a merge back; nothing is lost.
type UnmergeFeedback struct{}

func (c UnmergeFeedback) Decide(s Feedback, _ es.Meta) ([]es.Event[Feedback], error) {
	if s.State != Merged {
		return nil, nil
	}
	return es.Happened(FeedbackUnmerged{s.MergedInto})
}

// CloseFeedback says that nothing more is to be done.
type CloseFeedback struct{}

func (c CloseFeedback) Decide(s Feedback, _ es.Meta) ([]es.Event[Feedback], error) {
	if s.State == Closed {
		return nil, nil
	}
	switch err := s.open(); {
	case err != nil:
		return nil, err
	case s.Kind == KindQuestion && !s.Answered:
		return nil, ErrUnanswered
	case s.State != Processed:
		return nil, ErrUnprocessed
	}
	return es.Happened(FeedbackClosed{})
}

// ReopenFeedback takes a closed one up again.
type ReopenFeedback struct {
	Reason string `json:"reason,omitempty" maxLength:"65536"`
}

func (c ReopenFeedback) Decide(s Feedback, _ es.Meta) ([]es.Event[Feedback], error) {
	if err := within("reason", c.Reason, maxText); err != nil {
		return nil, err
	}
	switch s.State {
	case Closed:
		return es.Happened(FeedbackReopened(c))
	case Merged:
		return nil, ErrFeedbackMerged.With("it is %s now", s.MergedInto)
	}
	return nil, nil
}
