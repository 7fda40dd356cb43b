package feedback

import (
	"slices"
	"strings"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Ideas: what could be done about what customers say.
var Ideas = &es.Aggregate[Idea]{Context: "feedback", Name: "idea", Plural: "ideas", Schema: IdeaSchema}

// IdeaID names an idea.
type IdeaID = es.ID[Idea]

// IdeaSchema holds the stored names. Never change a stored name; add one.
var IdeaSchema = es.NewSchema(
	es.On[IdeaProposed]("feedback.idea.proposed.v1"),
	es.On[IdeaRevised]("feedback.idea.revised.v1"),
	es.On[IdeaStatusSet]("feedback.idea.status-set.v1"),
	es.On[IdeaDeclined]("feedback.idea.declined.v1"),
	es.On[IdeaShipped]("feedback.idea.shipped.v1"),
	es.On[IdeaReopened]("feedback.idea.reopened.v1"),
	es.On[IdeaMerged]("feedback.idea.merged.v1"),
	es.On[IdeaUnmerged]("feedback.idea.unmerged.v1"),
	es.On[IdeaPromoted]("feedback.idea.promoted.v1"),
	es.On[PromotionSucceeded]("feedback.idea.promotion-succeeded.v1"),
	es.On[PromotionFailed]("feedback.idea.promotion-failed.v1"),
)

// IdeaProposed says that there is a new idea.
type IdeaProposed struct {
	Key         string      `json:"key"`
	Title       string      `json:"title"`
	Description string      `json:"description,omitempty"`
	Product     ProductID   `json:"product"`
	Author      es.PersonID `json:"author,omitempty"`
	Customer    CustomerID  `json:"customer,omitempty"`
	Feedback    FeedbackID  `json:"feedback,omitempty"`
	ExternalID  string      `json:"externalId,omitempty"`
}

func (e IdeaProposed) Evolve(s Idea) Idea {
	return Idea{State: Open, Key: e.Key, Title: e.Title, Description: e.Description, Product: e.Product,
		Author: e.Author, Customer: e.Customer, Feedback: e.Feedback, ExternalID: e.ExternalID}
}

// IdeaRevised carries what the idea says from now on.
type IdeaRevised struct {
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

func (e IdeaRevised) Evolve(s Idea) Idea { s.Title, s.Description = e.Title, e.Description; return s }

// IdeaStatusSet says where the idea stands on its way to being shipped.
type IdeaStatusSet struct {
	From   State `json:"from"`
	Status State `json:"status"`
}

func (e IdeaStatusSet) Evolve(s Idea) Idea { return s.move(e.Status) }

// IdeaDeclined says why nothing will come of the idea; everybody may read it.
type IdeaDeclined struct {
	Reason string `json:"reason"`
}

func (e IdeaDeclined) Evolve(s Idea) Idea {
	s.DeclineReason = e.Reason
	return s.move(Declined)
}

// IdeaShipped says that users have it.
type IdeaShipped struct {
	Item    ItemID    `json:"item,omitempty"`
	Release ReleaseID `json:"release,omitempty"`
}

func (e IdeaShipped) Evolve(s Idea) Idea {
	s.Release = e.Release
	return s.move(Shipped)
}

// IdeaReopened says that an idea that was declined or shipped is judged anew.
type IdeaReopened struct {
	Reason string `json:"reason"`
}

func (e IdeaReopened) Evolve(s Idea) Idea {
	s.DeclineReason, s.Release = "", ""
	return s.move(UnderReview)
}

// IdeaMerged says that another idea is the same.
type IdeaMerged struct {
	Into IdeaID `json:"into"`
}

func (e IdeaMerged) Evolve(s Idea) Idea {
	s.Before, s.State, s.MergedInto = s.State, Merged, e.Into
	return s
}

// IdeaUnmerged takes a merge back.
type IdeaUnmerged struct {
	From IdeaID `json:"from"`
}

func (e IdeaUnmerged) Evolve(s Idea) Idea {
	s.State, s.Before, s.MergedInto = s.Before, "", ""
	return s
}

// Idea is a proposal for a product.
type Idea struct {
	State         State       `json:"state"`
	Key           string      `json:"key,omitempty"`
	Title         string      `json:"title"`
	Description   string      `json:"description,omitempty"`
	Product       ProductID   `json:"product"`
	Author        es.PersonID `json:"author,omitempty"`
	Customer      CustomerID  `json:"customer,omitempty"` // whose idea it was
	Feedback      FeedbackID  `json:"feedback,omitempty"` // where it came from
	ExternalID    string      `json:"externalId,omitempty"`
	DeclineReason string      `json:"declineReason,omitempty"`
	Release       ReleaseID   `json:"release,omitempty"` // that shipped it
	Promotion     *Promotion  `json:"promotion,omitempty"`
	Before        State       `json:"before,omitempty"` // the state that an unmerge gives back
	MergedInto    IdeaID      `json:"mergedInto,omitempty"`
}

// Scope is the idea's product.
func (s Idea) Scope() rights.Scope { return rights.Scope{Product: s.Product.String()} }

// stages is the way of an idea. It goes forward one stage at a time and back
// to any earlier one; declining and shipping end it.
var stages = []State{Open, UnderReview, Planned, InProgress, Shipped}

// stands is the idea's state, or, of a merged one, the state beneath.
func (s Idea) stands() State {
	if s.State == Merged {
		return s.Before
	}
	return s.State
}

// move sets the state, or, of a merged idea, the state beneath: what becomes
// of a promoted item happens to the idea even while it is merged.
func (s Idea) move(to State) Idea {
	if s.State == Merged {
		s.Before = to
	} else {
		s.State = to
	}
	return s
}

// Refusals of an idea.
var (
	ErrIdeaExists     = fail.Refused("idea-exists", "another idea was proposed under this external id; use another one")
	ErrIdeaMerged     = fail.Refused("idea-merged", "this idea is merged into another one; work on that one, or unmerge first")
	ErrIdeaEnded      = fail.Refused("idea-ended", "this idea is shipped or declined; reopen it first")
	ErrIdeaTransition = fail.Refused("idea-transition", "an idea goes forward one status at a time and back to any earlier one")
	ErrIdeaPromoted   = fail.Refused("idea-promoted", "this idea has been promoted already; work on its item in the backlog")
	ErrNotPromoted    = fail.Refused("idea-not-promoted", "no promotion of this idea waits for an outcome; promote it first")
)

// open refuses a change of an idea that is merged or at its end.
func (s Idea) open() error {
	switch s.State {
	case Merged:
		return ErrIdeaMerged.With("it is %s now", s.MergedInto)
	case Shipped, Declined:
		return ErrIdeaEnded
	}
	return nil
}

// ProposeIdea puts an idea forward. The same external id always means the same
// idea.
type ProposeIdea struct {
	Title       string      `json:"title" minLength:"1" maxLength:"300"`
	Description string      `json:"description,omitempty" maxLength:"65536"`
	Product     ProductID   `json:"product"`
	Author      es.PersonID `json:"author,omitempty" doc:"Whose idea it is; the sender's if left out."`
	Customer    CustomerID  `json:"customer,omitempty" doc:"The customer whose idea it is."`
	Feedback    FeedbackID  `json:"feedback,omitempty" doc:"The feedback that it came from."`
	ExternalID  string      `json:"externalId,omitempty" maxLength:"200" example:"fider:17" doc:"Its key in the system that it comes from."`

	Who    CustomerFact `json:"-"`
	Source Feedback     `json:"-"` // the feedback as it is; zero: there is none
}

// Scope is the product that the idea is for.
func (c ProposeIdea) Scope() rights.Scope { return rights.Scope{Product: c.Product.String()} }

func (c ProposeIdea) Decide(s Idea, m es.Meta) ([]es.Event[Idea], error) {
	if s.State != "" {
		if s.Title == c.Title && s.Description == c.Description && s.Product == c.Product {
			return nil, nil
		}
		return nil, ErrIdeaExists
	}
	err := first(described(c.Title, c.Description), within("externalId", c.ExternalID, maxExternal), impersonal("externalId", c.ExternalID))
	switch {
	case err != nil:
		return nil, err
	case c.Product == "":
		return nil, fail.Invalid("product", "say which product the idea is for")
	case c.Feedback != "" && c.Source.State == "":
		return nil, fail.Invalid("feedback", "there is no feedback with the id %s", c.Feedback)
	}
	e := IdeaProposed{m.Key, c.Title, c.Description, c.Product, c.Author, c.Customer, c.Feedback, c.ExternalID}
	if e.Author == "" {
		e.Author = m.Actor
	}
	if e.Customer != "" {
		if e.Customer, err = c.Who.resolve("customer"); err != nil {
			return nil, err
		}
	}
	return es.Happened(e)
}

func described(title, description string) error {
	return first(written("title", title, maxTitle), within("description", description, maxText))
}

// ReviseIdea replaces what the idea says.
type ReviseIdea struct {
	Title       string `json:"title" minLength:"1" maxLength:"300"`
	Description string `json:"description,omitempty" maxLength:"65536"`
}

func (c ReviseIdea) Decide(s Idea, _ es.Meta) ([]es.Event[Idea], error) {
	if err := first(s.open(), described(c.Title, c.Description)); err != nil {
		return nil, err
	}
	if s.Title == c.Title && s.Description == c.Description {
		return nil, nil
	}
	return es.Happened(IdeaRevised(c))
}

// SetIdeaStatus moves the idea along.
type SetIdeaStatus struct {
	Status State `json:"status" enum:"open,under-review,planned,in-progress,shipped"`
}

func (c SetIdeaStatus) Decide(s Idea, _ es.Meta) ([]es.Event[Idea], error) {
	from, to := slices.Index(stages, s.State), slices.Index(stages, c.Status)
	switch err := s.open(); {
	case c.Status == Declined:
		return nil, fail.Invalid("status", "decline the idea instead: that needs a public reason")
	case to < 0:
		return nil, fail.Invalid("status", "this must be open, under-review, planned, in-progress or shipped, not %.40q", string(c.Status))
	case s.State == c.Status:
		return nil, nil
	case err != nil:
		return nil, err
	case to > from+1:
		return nil, ErrIdeaTransition.With("from %s it goes to %s", s.State, words(stages[:from], stages[from+1]))
	case c.Status == Shipped:
		return es.Happened(IdeaShipped{Item: s.item()})
	}
	return es.Happened(IdeaStatusSet{s.State, c.Status})
}

// words names the states that may come next.
func words(back []State, forward State) string {
	var b strings.Builder
	b.WriteString(string(forward))
	for _, s := range back {
		b.WriteString(" or " + string(s))
	}
	return b.String()
}

// DeclineIdea says in public why nothing will come of the idea.
type DeclineIdea struct {
	Reason string `json:"reason" minLength:"1" maxLength:"65536" doc:"Everybody who asked for it reads this."`
}

func (c DeclineIdea) Decide(s Idea, _ es.Meta) ([]es.Event[Idea], error) {
	if s.State == Declined && s.DeclineReason == c.Reason {
		return nil, nil
	}
	if err := first(s.open(), because(c.Reason, "nothing will come of the idea; everybody who asked for it reads it")); err != nil {
		return nil, err
	}
	return es.Happened(IdeaDeclined(c))
}

// MarkIdeaShipped says that users have it, from whichever status it stands at:
// the release is a fact. Where the item is the one that the idea was promoted
// to, this is recorded beneath a merge too.
type MarkIdeaShipped struct {
	Item    ItemID    `json:"item,omitempty" doc:"The work item that was released."`
	Release ReleaseID `json:"release,omitempty" doc:"The release that it went out with."`
}

func (c MarkIdeaShipped) Decide(s Idea, _ es.Meta) ([]es.Event[Idea], error) {
	own := c.Item != "" && c.Item == s.item()
	switch {
	case s.stands() == Shipped && (own || s.State != Merged):
		return nil, nil
	case s.State == Merged && !own:
		return nil, ErrIdeaMerged.With("it is %s now", s.MergedInto)
	case s.stands() == Declined:
		return nil, ErrIdeaEnded
	}
	return es.Happened(IdeaShipped(c))
}

// ReopenIdea judges a declined or shipped idea anew.
type ReopenIdea struct {
	Reason string `json:"reason" minLength:"1" maxLength:"65536"`
}

func (c ReopenIdea) Decide(s Idea, _ es.Meta) ([]es.Event[Idea], error) {
	if err := because(c.Reason, "the idea is judged anew"); err != nil {
		return nil, err
	}
	switch s.State {
	case Merged:
		return nil, ErrIdeaMerged.With("it is %s now", s.MergedInto)
	case Shipped, Declined:
		return es.Happened(IdeaReopened(c))
	}
	return nil, nil
}

// MergeIdea says that another idea is the same. Its votes count for that one,
// once per person; nothing is moved.
type MergeIdea struct {
	Into  IdeaID     `json:"into" doc:"The idea that stays."`
	Facts MergeFacts `json:"-"`
}

func (c MergeIdea) Decide(s Idea, _ es.Meta) ([]es.Event[Idea], error) {
	switch {
	case s.State == Merged && s.MergedInto == c.Into:
		return nil, nil
	case s.State == Merged:
		return nil, ErrIdeaMerged.With("it is %s now", s.MergedInto)
	}
	if err := c.Facts.check(c.Into.String(), s.Product); err != nil {
		return nil, err
	}
	return es.Happened(IdeaMerged{c.Into})
}

// UnmergeIdea takes a merge back; nothing is lost.
type UnmergeIdea struct{}

func (c UnmergeIdea) Decide(s Idea, _ es.Meta) ([]es.Event[Idea], error) {
	if s.State != Merged {
		return nil, nil
	}
	return es.Happened(IdeaUnmerged{s.MergedInto})
}
