package strategy

import (
	"context"
	"testing"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/view"
	"throughline.dev/pkg/view/viewtest"
)

func TestSiblings(t *testing.T) {
	const e1, e2, e3 EpicID = "0epic000000000000000000001", "0epic000000000000000000002", "0epic000000000000000000003"
	const o1, o2 ObjectiveID = "0objective0000000000000001", "0objective0000000000000002"
	streamed := submitted
	streamed.ValueStreams = []ValueStreamID{checkout}
	r := viewtest.Fold(t, Siblings, es.NewCatalog(Schemas...),
		viewtest.Commit(t, ValueStreams, checkout, ValueStreamRegistered{ID: checkout, Portfolio: retail, Name: "Checkout"}),
		viewtest.Commit(t, ValueStreams, "0gone000000000000000000000", ValueStreamRegistered{Portfolio: retail}, ValueStreamRetirement{"merged"}),
		viewtest.Commit(t, Epics, e1, streamed, EpicReviewStarted{}),
		viewtest.Commit(t, Epics, e2, submitted, EpicReviewStarted{}, EpicRejected{Reviewing, "no"}),
		viewtest.Commit(t, Epics, e3, EpicImported{Portfolio: retail, State: Reviewing, ValueStreams: []ValueStreamID{checkout}}, EpicValueStreamsNamed{}),
		viewtest.Commit(t, Objectives, o1, ObjectiveDefined{Theme: mobile}),
		viewtest.Commit(t, Objectives, o2, ObjectiveDefined{Theme: mobile}, ObjectiveClosed{"no"}),
	).Reader(estest.Meta.Tenant)
	for name, c := range map[string]struct {
		rows func() (int, error)
		want int
	}{
		"epics in review":         {counted(t.Context(), epicRows, r, inColumn, columnOf(retail, Reviewing)), 2},
		"epics done":              {counted(t.Context(), epicRows, r, inColumn, columnOf(retail, Done)), 1},
		"epics in the funnel":     {counted(t.Context(), epicRows, r, inColumn, columnOf(retail, Funnel)), 0},
		"open epics":              {counted(t.Context(), epicRows, r, openIn, retail.String()), 2},
		"open epics of a stream":  {counted(t.Context(), epicRows, r, openFor, checkout.String()), 1},
		"value streams":           {counted(t.Context(), streamRows, r, activeIn, retail.String()), 1},
		"objectives of the theme": {counted(t.Context(), objectiveRows, r, measuresFor, mobile.String()), 1},
	} {
		if got, err := c.rows(); err != nil || got != c.want {
			t.Errorf("%s: %d, want %d (%v)", name, got, c.want, err)
		}
	}
}

func counted[D any](ctx context.Context, table *view.Table[D], r view.Reader, index, sort string) func() (int, error) {
	return func() (int, error) {
		rows, _, err := table.List(ctx, r, view.Range{Index: index, Prefix: sort})
		return len(rows), err
	}
}

// Every command has its own name, a right that policies know, and a sentence
// for people.
func TestCommands(t *testing.T) {
	names := map[string]command.Spec{}
	for _, c := range Commands {
		if _, twice := names[c.Name()]; twice {
			t.Errorf("%s is registered twice", c.Name())
		}
		names[c.Name()] = c
		if c.Right != "" && !c.Right.Known() {
			t.Errorf("%s needs the right %q, which no policy knows", c.Name(), c.Right)
		}
		if c.Doc == "" || c.Doc[len(c.Doc)-1] != '.' {
			t.Errorf("%s has no sentence", c.Name())
		}
	}
	for name, prefix := range map[string]string{"strategy.epic.submit": "E", "strategy.epic.import": "E", "strategy.theme.propose": "TH",
		"strategy.objective.define": "O", "strategy.product.register": "P"} {
		if names[name].Prefix != prefix {
			t.Errorf("%s is numbered %q, want %q", name, names[name].Prefix, prefix)
		}
	}
	for _, gate := range []string{"decide-go", "decide-no-go", "reject"} {
		if names["strategy.epic."+gate].Right != "epic.go_nogo" {
			t.Errorf("%s is not governed by epic.go_nogo", gate)
		}
	}
}
