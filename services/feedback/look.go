package feedback

import (
	"context"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/view"
)

// The functions below fill in the facts of a command before it is decided.

func lookCustomer(ctx context.Context, w *command.World, t es.Tenant, id CustomerID) (CustomerFact, error) {
	if id == "" {
		return CustomerFact{}, nil
	}
	s, _, err := command.State(ctx, w, Customers, t, id)
	f := CustomerFact{ID: id, State: s.State, Into: s.MergedInto}
	if err != nil || s.State != Merged {
		return f, err
	}
	target, _, err := command.State(ctx, w, Customers, t, s.MergedInto)
	f.Target = target.State
	return f, err
}

func lookFeedback(ctx context.Context, w *command.World, t es.Tenant, id FeedbackID) (Feedback, error) {
	if id == "" {
		return Feedback{}, nil
	}
	s, _, err := command.State(ctx, w, Feedbacks, t, id)
	return s, err
}

func lookIdea(ctx context.Context, w *command.World, t es.Tenant, id IdeaID) (IdeaFact, error) {
	if id == "" {
		return IdeaFact{}, nil
	}
	s, _, err := command.State(ctx, w, Ideas, t, id)
	return IdeaFact{s.State, s.MergedInto, s.Product}, err
}

// lookMerge looks at the target itself and at what is merged into the source.
func lookMerge[S, D any](ctx context.Context, w *command.World, t es.Tenant, a *es.Aggregate[S], rows *view.Table[D], self, into es.ID[S], side func(S) MergeSide) (MergeFacts, error) {
	f := MergeFacts{Self: self.String()}
	if into == "" || into == self {
		return f, nil
	}
	target, version, err := command.State(ctx, w, a, t, into)
	if err != nil || version == 0 {
		return f, err
	}
	f.Target = side(target)
	f.Target.Exists = true
	absorbed, err := command.Rows(ctx, w, t, rows, view.Range{Index: indexInto, Prefix: self.String(), Limit: 1})
	f.Absorbed = len(absorbed) > 0
	return f, err
}

func captureFacts(ctx context.Context, w *command.World, m es.Meta, _ FeedbackID, _ Feedback, c CaptureFeedback) (_ CaptureFeedback, err error) {
	c.Who, err = lookCustomer(ctx, w, m.Tenant, c.Customer)
	return c, err
}

func triageFacts(ctx context.Context, w *command.World, m es.Meta, _ FeedbackID, _ Feedback, c TriageFeedback) (_ TriageFeedback, err error) {
	c.Who, err = lookCustomer(ctx, w, m.Tenant, c.Customer)
	return c, err
}

func linkFeedbackFacts(ctx context.Context, w *command.World, m es.Meta, id FeedbackID, _ Feedback, c LinkFeedbackInsight) (_ LinkFeedbackInsight, err error) {
	c.Self = id
	if c.Insight != "" {
		c.Found, _, err = command.State(ctx, w, Insights, m.Tenant, c.Insight)
	}
	return c, err
}

func mergeFeedbackFacts(ctx context.Context, w *command.World, m es.Meta, id FeedbackID, _ Feedback, c MergeFeedback) (_ MergeFeedback, err error) {
	c.Facts, err = lookMerge(ctx, w, m.Tenant, Feedbacks, FeedbackRows, id, c.Into, func(s Feedback) MergeSide {
		return MergeSide{Merged: s.State == Merged, Product: s.Product}
	})
	return c, err
}

func mergeCustomerFacts(ctx context.Context, w *command.World, m es.Meta, id CustomerID, _ Customer, c MergeCustomer) (_ MergeCustomer, err error) {
	c.Facts, err = lookMerge(ctx, w, m.Tenant, Customers, CustomerRows, id, c.Into, func(s Customer) MergeSide {
		return MergeSide{Merged: s.State == Merged, Erased: s.State == Erased}
	})
	return c, err
}

func mergeIdeaFacts(ctx context.Context, w *command.World, m es.Meta, id IdeaID, _ Idea, c MergeIdea) (_ MergeIdea, err error) {
	c.Facts, err = lookMerge(ctx, w, m.Tenant, Ideas, IdeaRows, id, c.Into, func(s Idea) MergeSide {
		return MergeSide{Merged: s.State == Merged, Product: s.Product}
	})
	return c, err
}

func createInsightFacts(ctx context.Context, w *command.World, m es.Meta, _ InsightID, _ Insight, c CreateInsight) (_ CreateInsight, err error) {
	c.Source, err = lookFeedback(ctx, w, m.Tenant, c.Excerpt.Feedback)
	return c, err
}

func linkInsightFacts(ctx context.Context, w *command.World, m es.Meta, _ InsightID, _ Insight, c LinkInsight) (_ LinkInsight, err error) {
	if c.Target.Kind == TargetIdea {
		c.Idea, err = lookIdea(ctx, w, m.Tenant, IdeaID(c.Target.ID))
	}
	return c, err
}

func proposeFacts(ctx context.Context, w *command.World, m es.Meta, _ IdeaID, _ Idea, c ProposeIdea) (_ ProposeIdea, err error) {
	if c.Who, err = lookCustomer(ctx, w, m.Tenant, c.Customer); err != nil {
		return c, err
	}
	c.Source, err = lookFeedback(ctx, w, m.Tenant, c.Feedback)
	return c, err
}

func castFacts(ctx context.Context, w *command.World, m es.Meta, _ VoteID, _ Vote, c CastVote) (_ CastVote, err error) {
	if c.Found, err = lookIdea(ctx, w, m.Tenant, c.Idea); err != nil {
		return c, err
	}
	c.Who, err = lookCustomer(ctx, w, m.Tenant, c.Customer)
	return c, err
}

func changeVoteFacts(ctx context.Context, w *command.World, m es.Meta, _ VoteID, s Vote, c ChangeVoteImportance) (_ ChangeVoteImportance, err error) {
	c.Found, err = lookIdea(ctx, w, m.Tenant, s.Idea)
	return c, err
}

func retractFacts(ctx context.Context, w *command.World, m es.Meta, _ VoteID, s Vote, c RetractVote) (_ RetractVote, err error) {
	c.Found, err = lookIdea(ctx, w, m.Tenant, s.Idea)
	return c, err
}
