package feedback

import (
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/view"
)

// Siblings is this context's look at its own aggregates, for decisions that
// rest on many of them: who is merged into whom, and who votes for what.
var Siblings = view.New("feedback-siblings", 1,
	[]view.TableDef{CustomerRows, FeedbackRows, IdeaRows, VoteRows},

	customerRow[CustomerRegistered](), customerRow[CustomerChurned](), customerRow[CustomerReturned](),
	customerRow[CustomerMerged](), customerRow[CustomerUnmerged](), customerRow[CustomerErased](),

	feedbackRow[FeedbackCaptured](), feedbackRow[FeedbackTriaged](), feedbackRow[FeedbackMerged](), feedbackRow[FeedbackUnmerged](),

	ideaRow[IdeaProposed](), ideaRow[IdeaStatusSet](), ideaRow[IdeaDeclined](), ideaRow[IdeaShipped](),
	ideaRow[IdeaReopened](), ideaRow[IdeaMerged](), ideaRow[IdeaUnmerged](), ideaRow[IdeaPromoted](),
	ideaRow[PromotionSucceeded](), ideaRow[PromotionFailed](),

	voteRow[VoteCast](), voteRow[VoteImportanceChanged](),
	view.On(func(tx *view.Tx, _ VoteRetracted) { VoteRows.Delete(tx, tx.ID()) }),
)

// indexInto lists what is merged into something, by that one's id.
const indexInto = "into"

// CustomerRow is a customer as its siblings see it.
type CustomerRow struct {
	State  State      `json:"state"`
	Before State      `json:"before,omitempty"`
	Into   CustomerID `json:"into,omitempty"`
}

// CustomerRows are the customers, by id and by the one they are merged into.
var CustomerRows = view.NewTable("customer", func(_ string, r CustomerRow) []view.Key { return mergedInto(r.Into.String()) })

// customerRow keeps a row by the customer's own Evolve, on as much of the
// customer as the row has; so do the others.
func customerRow[E es.Event[Customer]]() view.Handler {
	return view.On(func(tx *view.Tx, e E) {
		CustomerRows.Update(tx, tx.ID(), func(r CustomerRow) CustomerRow {
			s := e.Evolve(Customer{State: r.State, Before: r.Before, MergedInto: r.Into})
			return CustomerRow{s.State, s.Before, s.MergedInto}
		})
	})
}

// FeedbackRow is a piece of feedback as its siblings see it.
type FeedbackRow struct {
	Product ProductID  `json:"product,omitempty"`
	Into    FeedbackID `json:"into,omitempty"` // empty: it is not merged
}

// FeedbackRows are the pieces of feedback, by id and by the one they are merged into.
var FeedbackRows = view.NewTable("feedback", func(_ string, r FeedbackRow) []view.Key { return mergedInto(r.Into.String()) })

func feedbackRow[E es.Event[Feedback]]() view.Handler {
	return view.On(func(tx *view.Tx, e E) {
		FeedbackRows.Update(tx, tx.ID(), func(r FeedbackRow) FeedbackRow {
			s := e.Evolve(Feedback{Said: Said{Product: r.Product}, MergedInto: r.Into})
			return FeedbackRow{s.Product, s.MergedInto}
		})
	})
}

// IdeaRow is an idea as its siblings see it.
type IdeaRow struct {
	State   State     `json:"state"`
	Product ProductID `json:"product"`
	Before  State     `json:"before,omitempty"`
	Into    IdeaID    `json:"into,omitempty"`
}

// IdeaRows are the ideas, by id and by the one they are merged into.
var IdeaRows = view.NewTable("idea", func(_ string, r IdeaRow) []view.Key { return mergedInto(r.Into.String()) })

func ideaRow[E es.Event[Idea]]() view.Handler {
	return view.On(func(tx *view.Tx, e E) {
		IdeaRows.Update(tx, tx.ID(), func(r IdeaRow) IdeaRow {
			s := e.Evolve(Idea{State: r.State, Product: r.Product, Before: r.Before, MergedInto: r.Into})
			return IdeaRow{s.State, s.Product, s.Before, s.MergedInto}
		})
	})
}

// VoteRows are the votes that stand, by id and, in the index "idea", by the
// idea that they are for.
var VoteRows = view.NewTable("vote", func(_ string, v Vote) []view.Key {
	return []view.Key{{Index: "idea", Sort: v.Idea.String()}}
})

func voteRow[E es.Event[Vote]]() view.Handler {
	return view.On(func(tx *view.Tx, e E) { VoteRows.Update(tx, tx.ID(), func(v Vote) Vote { return e.Evolve(v) }) })
}

func mergedInto(id string) []view.Key {
	if id == "" {
		return nil
	}
	return []view.Key{{Index: indexInto, Sort: id}}
}
