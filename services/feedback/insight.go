package feedback

import (
	"slices"
	"unicode/utf8"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Insights: excerpts of feedback that say something worth acting on.
var Insights = &es.Aggregate[Insight]{Context: "feedback", Name: "insight", Plural: "insights", Schema: InsightSchema}

// InsightID names an insight. It follows from the excerpt, so that the same
// stretch of the same feedback is one insight (see InsightOf).
type InsightID = es.ID[Insight]

// InsightSchema holds the stored names. Never change a stored name; add one.
var InsightSchema = es.NewSchema(
	es.On[InsightCreated]("feedback.insight.created.v1"),
	es.On[InsightLinked]("feedback.insight.linked.v1"),
	es.On[InsightUnlinked]("feedback.insight.unlinked.v1"),
	es.On[InsightImportanceSet]("feedback.insight.importance-set.v1"),
	es.On[InsightActedOn]("feedback.insight.acted-on.v1"),
	es.On[InsightArchived]("feedback.insight.archived.v1"),
	es.On[InsightRestored]("feedback.insight.restored.v1"),
)

// Excerpt is a stretch of what somebody said.
type Excerpt struct {
	Feedback FeedbackID `json:"feedback" doc:"The feedback that it is taken from."`
	Start    int        `json:"start" minimum:"0" doc:"Its first character; characters are Unicode code points, the first one is 0."`
	End      int        `json:"end" minimum:"1" doc:"The character after its last one."`
	Text     string     `json:"text" minLength:"1" maxLength:"65536" doc:"The characters from start to end, as they are in the feedback."`
}

// TargetKind says what an insight, a demand or a link is about.
type TargetKind string

const (
	TargetFeature TargetKind = "feature"
	TargetEpic    TargetKind = "epic"
	TargetIdea    TargetKind = "idea"
)

// TargetRef stands for any aggregate that an insight may be linked to.
type TargetRef struct{}

// Target is a feature, an epic or an idea.
type Target struct {
	Kind TargetKind       `json:"kind" enum:"feature,epic,idea"`
	ID   es.ID[TargetRef] `json:"id"`
}

func (t Target) check(field string) error {
	if t.Kind != TargetFeature && t.Kind != TargetEpic && t.Kind != TargetIdea {
		return fail.Invalid(field+".kind", "this must be feature, epic or idea, not %.40q", string(t.Kind))
	}
	if t.ID == "" {
		return fail.Invalid(field+".id", "name the %s by its id", t.Kind)
	}
	return nil
}

// InsightCreated says that an excerpt is worth remembering.
type InsightCreated struct {
	Key        string      `json:"key"`
	Excerpt    Excerpt     `json:"excerpt"`
	Importance Importance  `json:"importance"`
	Note       string      `json:"note,omitempty"`
	Product    ProductID   `json:"product,omitempty"`
	Customer   CustomerID  `json:"customer,omitempty"`
	Contact    es.PersonID `json:"contact,omitempty"`
}

func (e InsightCreated) Evolve(s Insight) Insight {
	return Insight{State: Active, Key: e.Key, Excerpt: e.Excerpt, Importance: e.Importance, Note: e.Note,
		Product: e.Product, Customer: e.Customer, Contact: e.Contact}
}

// InsightLinked says what the insight asks for, and how much who wants it.
type InsightLinked struct {
	Target     Target      `json:"target"`
	Importance Importance  `json:"importance"`
	Customer   CustomerID  `json:"customer,omitempty"`
	Contact    es.PersonID `json:"contact,omitempty"`
}

func (e InsightLinked) Evolve(s Insight) Insight { s.Links = es.Added(s.Links, e.Target); return s }

// InsightUnlinked says that the insight does not ask for that after all.
type InsightUnlinked struct {
	Target Target `json:"target"`
}

func (e InsightUnlinked) Evolve(s Insight) Insight {
	s.Links = slices.DeleteFunc(slices.Clone(s.Links), func(t Target) bool { return t == e.Target })
	return s
}

// InsightImportanceSet says how much it matters from now on.
type InsightImportanceSet struct {
	Importance Importance `json:"importance"`
}

func (e InsightImportanceSet) Evolve(s Insight) Insight { s.Importance = e.Importance; return s }

// InsightActedOn says that what the insight asked for has been done.
type InsightActedOn struct {
	By *Target `json:"by,omitempty"` // what did it
}

func (e InsightActedOn) Evolve(s Insight) Insight {
	s.State, s.ActedOnBy = ActedOn, e.By
	return s
}

// InsightArchived says that the insight no longer counts.
type InsightArchived struct {
	Reason string `json:"reason,omitempty"`
}

func (e InsightArchived) Evolve(s Insight) Insight {
	s.Before, s.State = s.State, Archived
	return s
}

// InsightRestored says that an archived insight counts again.
type InsightRestored struct{}

func (InsightRestored) Evolve(s Insight) Insight { s.State, s.Before = s.Before, ""; return s }

// Insight is an excerpt with what it asks for.
type Insight struct {
	State      State       `json:"state"`
	Key        string      `json:"key,omitempty"`
	Excerpt    Excerpt     `json:"excerpt"`
	Importance Importance  `json:"importance"`
	Note       string      `json:"note,omitempty"`
	Product    ProductID   `json:"product,omitempty"`  // of the feedback when the insight was made
	Customer   CustomerID  `json:"customer,omitempty"` // likewise
	Contact    es.PersonID `json:"contact,omitempty"`  // likewise
	Links      []Target    `json:"links,omitempty"`
	ActedOnBy  *Target     `json:"actedOnBy,omitempty"`
	Before     State       `json:"before,omitempty"` // the state that restoring gives back
}

// Scope is the product of the feedback.
func (s Insight) Scope() rights.Scope { return rights.Scope{Product: s.Product.String()} }

// Refusals of an insight.
var (
	ErrInsightExists    = fail.Refused("insight-exists", "this excerpt is an insight already; link that one, or set its importance")
	ErrInsightArchived  = fail.Refused("insight-archived", "this insight is archived; restore it first")
	ErrInsightNotLinked = fail.Refused("insight-not-linked", "the insight is not linked to that; link it first")
)

func (s Insight) kept() error {
	if s.State == Archived {
		return ErrInsightArchived
	}
	return nil
}

// CreateInsight remembers an excerpt of a piece of feedback.
type CreateInsight struct {
	Excerpt    Excerpt     `json:"excerpt"`
	Importance *Importance `json:"importance,omitempty" minimum:"0" maximum:"3" doc:"0 not important, 1 nice to have, 2 important, 3 critical; 1 if left out."`
	Note       string      `json:"note,omitempty" maxLength:"65536" doc:"What it means, in the words of whoever noticed it."`

	Source Feedback `json:"-"` // the feedback as it is; zero: there is none
}

func (c CreateInsight) Decide(s Insight, m es.Meta) ([]es.Event[Insight], error) {
	i, err := importance(c.Importance)
	if err := first(err, within("note", c.Note, maxText), c.Excerpt.of(c.Source)); err != nil {
		return nil, err
	}
	switch {
	case s.State == Archived:
		return nil, ErrInsightArchived
	case s.State != "" && s.Importance == i && s.Note == c.Note:
		return nil, nil
	case s.State != "":
		return nil, ErrInsightExists
	}
	return es.Happened(InsightCreated{m.Key, c.Excerpt, i, c.Note, c.Source.Product, c.Source.Customer, c.Source.Contact})
}

// of refuses an excerpt that is not in the feedback.
func (x Excerpt) of(source Feedback) error {
	switch {
	case x.Feedback == "":
		return fail.Invalid("excerpt.feedback", "an insight needs a source: name the feedback that it is taken from")
	case source.State == "":
		return fail.Invalid("excerpt.feedback", "there is no feedback with the id %s", x.Feedback)
	case x.Start < 0:
		return fail.Invalid("excerpt.start", "the first character is 0, not %d", x.Start)
	}
	if n := utf8.RuneCountInString(source.Text); x.Start >= n || x.End > n {
		return fail.Invalid("excerpt.end", "the feedback has %d characters, so there is nothing from %d to %d", n, x.Start, x.End)
	}
	if x.End <= x.Start {
		return fail.Invalid("excerpt.end", "an excerpt ends after its start (%d), not at %d", x.Start, x.End)
	}
	if there := string([]rune(source.Text)[x.Start:x.End]); there != x.Text {
		return fail.Invalid("excerpt.text", "the feedback says %.80q from %d to %d", there, x.Start, x.End)
	}
	return nil
}

// LinkInsight says what the insight asks for.
type LinkInsight struct {
	Target Target `json:"target"`

	Idea IdeaFact `json:"-"` // only where the target is one
}

func (c LinkInsight) Decide(s Insight, _ es.Meta) ([]es.Event[Insight], error) {
	if err := first(s.kept(), c.Target.check("target")); err != nil {
		return nil, err
	}
	if slices.Contains(s.Links, c.Target) {
		return nil, nil
	}
	if len(s.Links) >= maxList {
		return nil, fail.Invalid("target", "an insight is linked to at most %d targets", maxList)
	}
	if c.Target.Kind == TargetIdea {
		if err := c.Idea.standing("target.id"); err != nil {
			return nil, err
		}
	}
	return es.Happened(InsightLinked{c.Target, s.Importance, s.Customer, s.Contact})
}

// UnlinkInsight takes a link away.
type UnlinkInsight struct {
	Target Target `json:"target"`
}

func (c UnlinkInsight) Decide(s Insight, _ es.Meta) ([]es.Event[Insight], error) {
	if err := first(s.kept(), c.Target.check("target")); err != nil {
		return nil, err
	}
	if !slices.Contains(s.Links, c.Target) {
		return nil, nil
	}
	return es.Happened(InsightUnlinked{c.Target})
}

// SetInsightImportance says how much it matters to whoever said it.
type SetInsightImportance struct {
	Importance Importance `json:"importance" minimum:"0" maximum:"3" doc:"0 not important, 1 nice to have, 2 important, 3 critical."`
}

func (c SetInsightImportance) Decide(s Insight, _ es.Meta) ([]es.Event[Insight], error) {
	_, err := importance(&c.Importance)
	if err := first(s.kept(), err); err != nil {
		return nil, err
	}
	if s.Importance == c.Importance {
		return nil, nil
	}
	return es.Happened(InsightImportanceSet(c))
}

// MarkInsightActedOn says that what the insight asked for has been done.
type MarkInsightActedOn struct {
	By *Target `json:"by,omitempty" doc:"Which of its targets did it."`
}

func (c MarkInsightActedOn) Decide(s Insight, _ es.Meta) ([]es.Event[Insight], error) {
	if err := s.kept(); err != nil {
		return nil, err
	}
	if c.By != nil {
		if err := c.By.check("by"); err != nil {
			return nil, err
		}
		if !slices.Contains(s.Links, *c.By) {
			return nil, ErrInsightNotLinked
		}
	}
	if s.State == ActedOn {
		return nil, nil
	}
	return es.Happened(InsightActedOn(c))
}

// ArchiveInsight says that the insight no longer counts.
type ArchiveInsight struct {
	Reason string `json:"reason,omitempty" maxLength:"65536"`
}

func (c ArchiveInsight) Decide(s Insight, _ es.Meta) ([]es.Event[Insight], error) {
	if err := within("reason", c.Reason, maxText); err != nil {
		return nil, err
	}
	if s.State == Archived {
		return nil, nil
	}
	return es.Happened(InsightArchived(c))
}

// RestoreInsight lets an archived insight count again.
type RestoreInsight struct{}

func (c RestoreInsight) Decide(s Insight, _ es.Meta) ([]es.Event[Insight], error) {
	if s.State != Archived {
		return nil, nil
	}
	return es.Happened(InsightRestored{})
}
