package feedback

import (
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// Promotion is an idea's way into the backlog. The backlog decides whether it
// takes the idea; a policy brings its answer back (domain.md §5.6, F6).
type Promotion struct {
	Attempt int            `json:"attempt"` // 1 is the first
	Outcome PromotionState `json:"outcome"`
	Item    ItemID         `json:"item,omitempty"` // of one that succeeded
	ItemKey string         `json:"itemKey,omitempty"`
	Reason  string         `json:"reason,omitempty"` // of one that failed
}

// PromotionState is what has become of a promotion.
type PromotionState string

const (
	PromotionPending PromotionState = "pending"
	PromotionDone    PromotionState = "succeeded"
	PromotionRefused PromotionState = "failed"
)

// IdeaPromoted asks the backlog for a feature. It carries all that the feature
// starts with.
type IdeaPromoted struct {
	Attempt     int       `json:"attempt"`
	Key         string    `json:"key"`
	Title       string    `json:"title"`
	Description string    `json:"description,omitempty"`
	Product     ProductID `json:"product"`
	ART         ARTID     `json:"art,omitempty"`
	Epic        EpicID    `json:"epic,omitempty"`
}

func (e IdeaPromoted) Evolve(s Idea) Idea {
	s.Promotion = &Promotion{Attempt: e.Attempt, Outcome: PromotionPending}
	if s.stands() == Open {
		return s.move(UnderReview)
	}
	return s
}

// PromotionSucceeded says which item the backlog made of the idea. With that
// the idea is planned, unless it stands further on already.
type PromotionSucceeded struct {
	Item    ItemID `json:"item"`
	ItemKey string `json:"itemKey,omitempty"`
}

func (e PromotionSucceeded) Evolve(s Idea) Idea {
	s.Promotion = &Promotion{Attempt: s.attempt(), Outcome: PromotionDone, Item: e.Item, ItemKey: e.ItemKey}
	if at := s.stands(); at == Open || at == UnderReview {
		return s.move(Planned)
	}
	return s
}

// PromotionFailed says why the backlog did not take the idea. With that it is
// under review again, unless it has been shipped or declined meanwhile.
type PromotionFailed struct {
	Reason string `json:"reason"`
}

func (e PromotionFailed) Evolve(s Idea) Idea {
	s.Promotion = &Promotion{Attempt: s.attempt(), Outcome: PromotionRefused, Reason: e.Reason}
	if at := s.stands(); at == Shipped || at == Declined {
		return s
	}
	return s.move(UnderReview)
}

func (s Idea) attempt() int {
	if s.Promotion == nil {
		return 0
	}
	return s.Promotion.Attempt
}

// item is the work item that the idea was promoted to, if any.
func (s Idea) item() ItemID {
	if s.Promotion == nil {
		return ""
	}
	return s.Promotion.Item
}

func (s Idea) promotion() PromotionState {
	if s.Promotion == nil {
		return ""
	}
	return s.Promotion.Outcome
}

// PromoteIdea asks the backlog to make a feature of the idea. After a failure
// it may be asked again.
type PromoteIdea struct {
	ART  ARTID  `json:"art,omitempty" doc:"The train whose backlog is to get the feature."`
	Epic EpicID `json:"epic,omitempty" doc:"The epic that the feature is to belong to."`
}

func (c PromoteIdea) Decide(s Idea, _ es.Meta) ([]es.Event[Idea], error) {
	switch err := s.open(); {
	case err != nil:
		return nil, err
	case s.promotion() == PromotionPending, s.promotion() == PromotionDone:
		return nil, ErrIdeaPromoted
	}
	return es.Happened(IdeaPromoted{s.attempt() + 1, s.Key, s.Title, s.Description, s.Product, c.ART, c.Epic})
}

// RecordPromotionSucceeded brings the backlog's yes. It is a fact, so it is
// taken in every state that the idea may have reached meanwhile.
type RecordPromotionSucceeded struct {
	Item    ItemID `json:"item"`
	ItemKey string `json:"itemKey,omitempty" maxLength:"100"`
}

func (c RecordPromotionSucceeded) Decide(s Idea, _ es.Meta) ([]es.Event[Idea], error) {
	switch {
	case c.Item == "":
		return nil, fail.Invalid("item", "name the work item that was made of the idea")
	case s.promotion() == PromotionDone && s.item() == c.Item:
		return nil, nil
	case s.promotion() == PromotionDone:
		return nil, ErrIdeaPromoted
	case s.promotion() != PromotionPending:
		return nil, ErrNotPromoted
	}
	return es.Happened(PromotionSucceeded(c))
}

// RecordPromotionFailed brings the backlog's no.
type RecordPromotionFailed struct {
	Reason string `json:"reason" minLength:"1" maxLength:"65536"`
}

func (c RecordPromotionFailed) Decide(s Idea, _ es.Meta) ([]es.Event[Idea], error) {
	switch err := because(c.Reason, "the backlog did not take the idea"); {
	case err != nil:
		return nil, err
	case s.promotion() == PromotionRefused && s.Promotion.Reason == c.Reason:
		return nil, nil
	case s.promotion() != PromotionPending:
		return nil, ErrNotPromoted
	}
	return es.Happened(PromotionFailed(c))
}
