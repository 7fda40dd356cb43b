package feedback

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/view"
	"throughline.dev/pkg/view/viewtest"
)

func TestSiblings(t *testing.T) {
	tenant := estest.Meta.Tenant
	annVote, bobVote := VoteOf(tenant, dark, ann, ""), VoteOf(tenant, dark, bob, "")
	r := viewtest.Fold(t, Siblings, es.NewCatalog(Schemas...),
		viewtest.Commit(t, Customers, acme, CustomerRegistered{"CU-1", "", Profile{Name: "Acme"}}, CustomerChurned{}),
		viewtest.Commit(t, Customers, globex, CustomerRegistered{"CU-2", "", Profile{Name: "Globex"}}, ContactAdded{ann}),
		viewtest.Commit(t, Customers, acme, CustomerMerged{globex}),
		viewtest.Commit(t, Feedbacks, said, captured, FeedbackTriaged{KindFeedback, other, "", "", ""}, FeedbackMerged{sameAs}),
		viewtest.Commit(t, Feedbacks, sameAs, captured, FeedbackDismissed{"x"}, FeedbackClosed{}),
		viewtest.Commit(t, Ideas, dark, proposed, IdeaPromoted{Attempt: 1}, IdeaMerged{night}, PromotionSucceeded{Item: item}),
		viewtest.Commit(t, Ideas, night, proposed, IdeaDeclined{"no"}),
		viewtest.Commit(t, Votes, annVote, VoteCast{dark, app, ann, "", Critical}, VoteImportanceChanged{dark, Important}),
		viewtest.Commit(t, Votes, bobVote, VoteCast{dark, app, bob, "", Critical}, VoteRetracted{dark}),
	).Reader(tenant)

	check(t, r, CustomerRows, acme.String(), CustomerRow{Merged, Churned, globex})
	check(t, r, CustomerRows, globex.String(), CustomerRow{State: Active})
	check(t, r, FeedbackRows, said.String(), FeedbackRow{other, sameAs})
	check(t, r, FeedbackRows, sameAs.String(), FeedbackRow{Product: app})
	check(t, r, IdeaRows, dark.String(), IdeaRow{Merged, app, Planned, night})
	check(t, r, IdeaRows, night.String(), IdeaRow{State: Declined, Product: app})
	check(t, r, VoteRows, annVote.String(), Vote{Cast, dark, app, ann, "", Important})

	for _, c := range []struct {
		what, index, prefix string
		count               func(index, prefix string) (int, error)
		want                int
	}{
		{"customers merged into Globex", indexInto, globex.String(), counter(t, r, CustomerRows), 1},
		{"customers merged into Acme", indexInto, acme.String(), counter(t, r, CustomerRows), 0},
		{"feedback merged", indexInto, sameAs.String(), counter(t, r, FeedbackRows), 1},
		{"ideas merged", indexInto, night.String(), counter(t, r, IdeaRows), 1},
		{"votes for dark mode", "idea", dark.String(), counter(t, r, VoteRows), 1},
	} {
		if got, err := c.count(c.index, c.prefix); err != nil || got != c.want {
			t.Errorf("%s: %d (%v), want %d", c.what, got, err, c.want)
		}
	}
}

func check[D any](t *testing.T, r view.Reader, rows *view.Table[D], id string, want D) {
	t.Helper()
	got, ok, err := rows.Find(t.Context(), r, id)
	if err != nil || !ok {
		t.Fatalf("%s: there: %v, %v", id, ok, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%T: %s", want, diff)
	}
}

func counter[D any](t *testing.T, r view.Reader, rows *view.Table[D]) func(index, prefix string) (int, error) {
	return func(index, prefix string) (int, error) { return rows.Count(t.Context(), r, index, prefix) }
}
