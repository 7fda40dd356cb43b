package portfolio

import (
	"context"
	"maps"
	"slices"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/view"
	"throughline.dev/services/feedback"
)

// InboxName is the view of what customers and teams say.
const InboxName = "inbox"

// Feedback is a piece of feedback as it is read.
type Feedback struct {
	Head
	FeedbackState
}

// Insight is an insight as it is read.
type Insight struct {
	Head
	InsightState
}

// Idea is an idea as it is read.
type Idea struct {
	Head
	IdeaState
}

// Customer is a customer as it is read.
type Customer struct {
	Head
	CustomerState
}

// Vote is a vote as it is read.
type Vote struct {
	Head
	VoteState
}

// These let Head's fields win over those of the same name in the state.
type (
	FeedbackState struct{ feedback.Feedback }
	InsightState  struct{ feedback.Insight }
	IdeaState     struct{ feedback.Idea }
	CustomerState struct{ feedback.Customer }
	VoteState     struct{ feedback.Vote }
)

var (
	feedbacks = view.NewTable("feedback", func(id string, d Feedback) []view.Key {
		received := d.Created.UTC().Format(sortTime)
		return []view.Key{{Index: "received", Sort: received}, {Index: "key", Sort: sortKey(d.Key)}, {Index: "state", Sort: string(d.State) + "/" + received}}
	})
	insights = view.NewTable("insight", func(id string, d Insight) []view.Key {
		keys := []view.Key{{Index: "key", Sort: sortKey(d.Key)}, {Index: "feedback", Sort: d.Excerpt.Feedback.String() + "/" + sortKey(d.Key)}}
		for _, l := range d.Links {
			keys = append(keys, view.Key{Index: "target", Sort: l.ID.String() + "/" + sortKey(d.Key)})
		}
		return keys
	})
	ideas = view.NewTable("idea", func(id string, d Idea) []view.Key {
		return []view.Key{{Index: "key", Sort: sortKey(d.Key)}, {Index: "state", Sort: string(d.State) + "/" + sortKey(d.Key)}}
	})
	customers = view.NewTable("customer", func(id string, d Customer) []view.Key {
		return []view.Key{{Index: "key", Sort: sortKey(d.Key)}}
	})
	votes = view.NewTable("vote", func(id string, d Vote) []view.Key {
		return []view.Key{{Index: "idea", Sort: d.Idea.String() + "/" + id}}
	})
	demands = view.NewTable[Demand]("demand", nil)
)

// Demand is who asks for one feature, epic or idea.
type Demand struct {
	feedback.Demand
}

// Inbox holds what was said and who asks for what.
var Inbox = view.New(InboxName, 1, []view.TableDef{feedbacks, insights, ideas, customers, votes, demands}, slices.Concat(
	folded(feedback.Feedbacks, feedbacks, func(d *Feedback) (*Head, *feedback.Feedback) {
		return &d.Head, &d.FeedbackState.Feedback
	}, func(s feedback.Feedback) string { return string(s.State) }),
	folded(feedback.Insights, insights, func(d *Insight) (*Head, *feedback.Insight) {
		return &d.Head, &d.InsightState.Insight
	}, func(s feedback.Insight) string { return string(s.State) }),
	folded(feedback.Ideas, ideas, func(d *Idea) (*Head, *feedback.Idea) {
		return &d.Head, &d.IdeaState.Idea
	}, func(s feedback.Idea) string { return string(s.State) }),
	folded(feedback.Customers, customers, func(d *Customer) (*Head, *feedback.Customer) {
		return &d.Head, &d.CustomerState.Customer
	}, func(s feedback.Customer) string { return string(s.State) }),
	folded(feedback.Votes, votes, func(d *Vote) (*Head, *feedback.Vote) {
		return &d.Head, &d.VoteState.Vote
	}, func(s feedback.Vote) string { return string(s.State) }),
	view.OnAny(feedback.InsightSchema, countInsight),
	view.OnAny(feedback.VoteSchema, countVote),
)...)

// countInsight runs after the insight's document was evolved.
func countInsight(tx *view.Tx, e es.Event[feedback.Insight]) {
	d, _ := insights.Get(tx, tx.ID())
	if u, ok := e.(feedback.InsightUnlinked); ok {
		counts(tx, u.Target.ID.String(), tx.ID(), nil)
	}
	who := asker(d.Customer, d.Contact)
	for _, l := range d.Links {
		if d.State == feedback.Archived || who == "" {
			counts(tx, l.ID.String(), tx.ID(), nil)
			continue
		}
		counts(tx, l.ID.String(), tx.ID(), &feedback.Ask{By: who, Importance: d.Importance, At: tx.When()})
	}
}

func countVote(tx *view.Tx, _ es.Event[feedback.Vote]) {
	d, _ := votes.Get(tx, tx.ID())
	if d.State != feedback.Cast {
		counts(tx, d.Idea.String(), tx.ID(), nil)
		return
	}
	counts(tx, d.Idea.String(), tx.ID(), &feedback.Ask{By: asker(d.Customer, d.Person), Importance: d.Importance, At: tx.When()})
}

func counts(tx *view.Tx, target, source string, a *feedback.Ask) {
	d, _ := demands.Get(tx, target)
	if a != nil {
		d.Demand = d.Demand.Add(source, *a)
	} else {
		d.Demand = d.Demand.Remove(source)
	}
	if len(d.Asks) == 0 {
		demands.Delete(tx, target)
		return
	}
	demands.Put(tx, target, d)
}

// Wanted is one row of the demand ranking.
type Wanted struct {
	Target string `json:"target" doc:"Id of the feature, epic or idea."`
	feedback.Score
}

// halfLife is after how long a wish counts half in the recency score.
const halfLife = 90 * 24 * time.Hour

// Ranking returns what is asked for, the most important first.
func Ranking(ctx context.Context, r view.Reader, now time.Time) ([]Wanted, error) {
	known := map[string]Customer{}
	err := each(ctx, customers, r, view.Range{}, func(row view.Row[Customer]) error {
		known[row.ID] = row.Doc
		return nil
	})
	if err != nil {
		return nil, err
	}
	basis := feedback.Basis{Now: now, HalfLife: halfLife,
		Who: func(by string) feedback.Requester {
			c := known[by]
			return feedback.Requester{ARR: c.ARR, Segments: c.Segments}
		},
		Same: func(by string) string {
			if into := known[by].MergedInto; into != "" {
				return into.String()
			}
			return by
		}}
	// Who asked for an idea that is merged asks for the one it went into; what
	// is shipped or declined is asked for no more.
	asked := map[string]feedback.Demand{}
	err = each(ctx, demands, r, view.Range{}, func(row view.Row[Demand]) error {
		target := row.ID
		idea, isIdea, err := ideas.Find(ctx, r, target)
		if err != nil {
			return err
		}
		if isIdea && idea.MergedInto != "" {
			target = idea.MergedInto.String()
			if idea, _, err = ideas.Find(ctx, r, target); err != nil {
				return err
			}
		}
		if idea.State != feedback.Shipped && idea.State != feedback.Declined {
			asked[target] = asked[target].With(row.Doc.Demand)
		}
		return nil
	})
	wanted := []Wanted{}
	for _, target := range slices.Sorted(maps.Keys(asked)) {
		wanted = append(wanted, Wanted{target, asked[target].Score(basis)})
	}
	slices.SortStableFunc(wanted, func(a, b Wanted) int {
		if a.Importance != b.Importance {
			return b.Importance - a.Importance
		}
		return b.Requesters - a.Requesters
	})
	return wanted, err
}
