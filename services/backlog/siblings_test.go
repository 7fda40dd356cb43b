package backlog

import (
	"os"
	"path/filepath"
	"testing"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/view"
	"throughline.dev/pkg/view/viewtest"
)

// said is a commit of the strategy context, with the bodies of its golden files.
func said(t testing.TB, id EpicID, names ...string) es.Commit {
	t.Helper()
	stream, err := es.NewStream("strategy", estest.Meta.Tenant, "epic", id.String())
	if err != nil {
		t.Fatal(err)
	}
	c := es.Commit{Stream: stream, Meta: estest.Meta}
	c.Meta.ID, c.Meta.Command = string(es.NewID[es.Commit]()), ""
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join("..", "strategy", "testdata", "events", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		c.Events = append(c.Events, es.Record{Name: name, Data: data})
	}
	return c
}

func TestWhatTheStrategySaysOfItsEpics(t *testing.T) {
	for name, want := range map[string]EpicState{
		"strategy.epic.submitted.v1":          EpicFunnel,
		"strategy.epic.imported.v1":           "text", // whatever the source's state was; the golden file says text
		"strategy.epic.revised.v1":            EpicReady,
		"strategy.epic.review-started.v1":     EpicReviewing,
		"strategy.epic.analysis-started.v1":   EpicAnalyzing,
		"strategy.epic.readied.v1":            EpicReady,
		"strategy.epic.mvp-started.v1":        EpicMVP,
		"strategy.epic.persevered.v1":         EpicPersevere,
		"strategy.epic.returned-to-funnel.v1": EpicFunnel,
		"strategy.epic.pivoted.v1":            EpicDone,
		"strategy.epic.stopped.v1":            EpicDone,
		"strategy.epic.rejected.v1":           EpicDone,
		"strategy.epic.no-go-decided.v1":      EpicDone,
		"strategy.epic.done.v1":               EpicDone,
	} {
		e, err := EpicEvents.Decode(said(t, epic, name).Events[0])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := e.Evolve(EpicRef{State: EpicReady}); got.State != want {
			t.Errorf("after %s the epic is %s, want %s", name, got.State, want)
		}
	}
	submitted, err := EpicEvents.Decode(said(t, epic, "strategy.epic.submitted.v1").Events[0])
	if err != nil || submitted.Evolve(EpicRef{}) != (EpicRef{"text", "text", EpicFunnel, "0sample0000000000000000000"}) {
		t.Errorf("%+v %v", submitted, err)
	}
}

func TestSiblings(t *testing.T) {
	catalog := es.NewCatalog(Schemas...)
	blocks := Link{Kind: Blocks, To: itemB}
	depends := Link{Kind: Depends, To: itemA}
	r := viewtest.Fold(t, Siblings, catalog,
		said(t, epic, "strategy.epic.submitted.v1", "strategy.epic.analysis-started.v1"),
		viewtest.Commit(t, Teams, teamA, TeamFormed{Code: "PAY", Name: "Payments"}, MemberAdded{Member: Member{ann, "developer", 60, "2026-01-01", ""}}, MemberAdded{Member: Member{ben, "other", 60, "2026-01-01", ""}}),
		viewtest.Commit(t, Teams, teamA, MemberChanged{Member: Member{ann, "developer", 80, "2026-01-01", ""}}, MemberLeft{ann, "2026-12-31"}),
		viewtest.Commit(t, Teams, teamB, TeamFormed{Code: "OPS", Name: "Operations"}, MemberAdded{Member: Member{ann, "developer", 40, "2026-01-01", ""}}, TeamDisbanded{"x"}),
		viewtest.Commit(t, Items, itemC, ItemCreated{Key: "F-1", Kind: Feature, Title: "Cards", Parent: byEpic}),
		viewtest.Commit(t, Items, itemA, ItemCreated{Key: "S-1", Kind: Story, Title: "Pay", Team: teamA, Parent: &Parent{Item: itemC}}, ItemEstimated{Points: points(5)}, ItemReadied{From: Draft},
			ItemPlanned{From: Ready, To: Planned, Iteration: sprint}, ItemStarted{Planned, InProgress, "In progress"}, ItemLinked{blocks}),
		viewtest.Commit(t, Items, itemB, ItemImported{Kind: Bug, State: Done, Title: "Paid twice"}, ParentImported{Parent: &Parent{Item: itemC}},
			IterationsImported{Iterations: []IterationID{sprint}, Current: sprint}, LinksImported{Added: []Link{depends}, All: []Link{depends}}),
		viewtest.Commit(t, Items, itemA, ItemUnlinked{blocks}),
		viewtest.Commit(t, Iterations, sprint, IterationScheduled{Team: teamA, Number: 1, Name: "1", Start: "2026-11-23", End: "2026-12-06"}, IterationStarted{At: now, Goal: "x"}),
	).Reader(estest.Meta.Tenant)

	list := func(index, prefix string) int {
		t.Helper()
		n, err := itemRows.Count(t.Context(), r, index, prefix)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if got := list("parent", itemC.String()); got != 2 {
		t.Errorf("the feature has %d children", got)
	}
	if got := list("column", teamA.String()); got != 1 {
		t.Errorf("%d items are on the team's board", got)
	}
	if got := list("iteration", sprint.String()); got != 2 {
		t.Errorf("%d items are in the sprint", got)
	}
	item, _, err := itemRows.Find(t.Context(), r, itemA.String())
	if err != nil || item.State != InProgress || item.Column != "In progress" || *item.Points != 5 {
		t.Errorf("%+v %v", item, err)
	}
	feature, _, _ := itemRows.Find(t.Context(), r, itemC.String())
	if feature.Epic != epic || feature.State != Funnel {
		t.Errorf("%+v", feature)
	}
	waits, _, err := waitRows.List(t.Context(), r, view.Range{Index: "before", Prefix: itemA.String()})
	if err != nil || len(waits) != 1 || waits[0].Doc != (WaitRow{itemA, itemB}) {
		t.Errorf("%+v %v: the bug says itself that it waits", waits, err)
	}
	shares, _, err := memberRows.List(t.Context(), r, view.Range{Index: "person", Prefix: ann.String()})
	if err != nil || len(shares) != 1 || len(shares[0].Doc.Spans) != 1 || shares[0].Doc.Spans[0] != (Member{ann, "developer", 80, "2026-01-01", "2026-12-31"}) {
		t.Errorf("%+v %v", shares, err)
	}
	it, _, err := iterationRows.Find(t.Context(), r, sprint.String())
	if err != nil || it != (IterationRow{teamA, IterationActive, "2026-11-23", "2026-12-06"}) {
		t.Errorf("%+v %v", it, err)
	}
	e, _, err := epicRows.Find(t.Context(), r, epic.String())
	if err != nil || e.State != EpicAnalyzing {
		t.Errorf("%+v %v", e, err)
	}
}
