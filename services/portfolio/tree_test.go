package portfolio

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/view"
	"throughline.dev/pkg/view/viewtest"
	"throughline.dev/services/backlog"
	"throughline.dev/services/strategy"
)

// A strategy of one theme, measured by an objective that another one
// contributes to, and that by a third.
const (
	retail     strategy.PortfolioID = "0retail0000000000000000000"
	bank       strategy.VisionID    = "0bank000000000000000000000"
	mobile     strategy.ThemeID     = "0mobile0000000000000000000"
	moreOrders strategy.ObjectiveID = "0orders0000000000000000000"
	beQuick    strategy.ObjectiveID = "0quick00000000000000000000"
	cachePages strategy.ObjectiveID = "0cached0000000000000000000"
)

func direction(t *testing.T, more ...es.Commit) []es.Commit {
	return append([]es.Commit{
		viewtest.Commit(t, strategy.Portfolios, retail, strategy.PortfolioDefined{ID: retail, Name: "Retail"}),
		viewtest.Commit(t, strategy.Visions, bank, strategy.VisionDrafted{Portfolio: retail}),
		viewtest.Commit(t, strategy.Themes, mobile, strategy.ThemeProposed{Key: "TH-1", Portfolio: retail}, strategy.ThemeAdopted{}),
		viewtest.Commit(t, strategy.Objectives, moreOrders, strategy.ObjectiveDefined{Key: "O-1", Portfolio: retail, Theme: mobile}),
		viewtest.Commit(t, strategy.Objectives, beQuick, strategy.ObjectiveDefined{Key: "O-2", Portfolio: retail, Parent: moreOrders}),
		viewtest.Commit(t, strategy.Objectives, cachePages, strategy.ObjectiveDefined{Key: "O-3", Portfolio: retail, Parent: beQuick}),
	}, more...)
}

// epicWithStory is an epic with one story below it, three points and done, and
// what happened to the epic since.
func epicWithStory(t *testing.T, n int, happened ...es.Event[strategy.Epic]) (string, []es.Commit) {
	id, feature, story := testID[strategy.Epic]("epic", n), testID[backlog.Item]("feature", n), testID[backlog.Item]("story", n)
	points := 3.0
	return id.String(), []es.Commit{
		viewtest.Commit(t, strategy.Epics, id, append([]es.Event[strategy.Epic]{strategy.EpicSubmitted{Key: fmt.Sprint("E-", n), Portfolio: retail}}, happened...)...),
		viewtest.Commit(t, backlog.Items, feature, backlog.ItemCreated{Key: "F-1", Kind: backlog.Feature}, backlog.ParentSet{Parent: backlog.Parent{Epic: backlog.EpicID(id.String())}}),
		viewtest.Commit(t, backlog.Items, story, backlog.ItemCreated{Key: "S-1", Kind: backlog.Story}, backlog.ParentSet{Parent: backlog.Parent{Item: feature}},
			backlog.ItemEstimated{Points: &points}, backlog.ItemMoved{To: backlog.Done}),
	}
}

// treeOf folds the direction with these epics, each with its story.
func treeOf(t *testing.T, histories ...[]es.Event[strategy.Epic]) (view.Reader, []string) {
	var ids []string
	var commits []es.Commit
	for n, happened := range histories {
		id, more := epicWithStory(t, n+1, happened...)
		ids, commits = append(ids, id), append(commits, more...)
	}
	return viewtest.Fold(t, Plan, testCatalog, direction(t, commits...)...).Reader(estest.Meta.Tenant), ids
}

func TestTheLineRunsThroughTheObjective(t *testing.T) {
	r, epics := treeOf(t, []es.Event[strategy.Epic]{strategy.EpicObjectiveLinked{Objective: moreOrders}})
	l, err := LineOf(t.Context(), r, epics[0])
	if err != nil {
		t.Fatal(err)
	}
	var ways [][]string
	for _, up := range l.Up {
		var types []string
		for _, b := range up {
			types = append(types, b.Type)
		}
		ways = append(ways, types)
	}
	if diff := cmp.Diff([][]string{{"vision", "theme", "objective"}}, ways); diff != "" {
		t.Errorf("ways up (-want +got):\n%s", diff)
	}
}

func TestAnEpicStandsBelowItsThemeAndItsObjective(t *testing.T) {
	both := []es.Event[strategy.Epic]{strategy.EpicThemeLinked{Theme: mobile}, strategy.EpicObjectiveLinked{Objective: moreOrders}}
	r, epics := treeOf(t, both)
	for _, above := range []string{mobile.String(), moreOrders.String()} {
		below, err := Below(t.Context(), r, above, "", 100)
		if err != nil || !slices.ContainsFunc(below.Nodes, func(b Branch) bool { return b.ID == epics[0] }) {
			t.Errorf("below %s: %+v, %v", above, below.Nodes, err)
		}
	}
	r, _ = treeOf(t, append(both, strategy.EpicObjectiveUnlinked{Objective: moreOrders}))
	below, err := Below(t.Context(), r, moreOrders.String(), "", 100)
	if err != nil || slices.ContainsFunc(below.Nodes, func(b Branch) bool { return b.Type == "epic" }) {
		t.Errorf("below an objective that no epic serves any more: %+v, %v", below.Nodes, err)
	}
}

func TestAnEpicCountsOnceOnEveryLevel(t *testing.T) {
	both := []es.Event[strategy.Epic]{strategy.EpicThemeLinked{Theme: mobile}, strategy.EpicObjectiveLinked{Objective: moreOrders}, strategy.EpicObjectiveLinked{Objective: cachePages}}
	deep := []es.Event[strategy.Epic]{strategy.EpicObjectiveLinked{Objective: cachePages}}
	r, _ := treeOf(t, both, deep)
	for _, id := range []string{bank.String(), mobile.String(), moreOrders.String(), beQuick.String(), cachePages.String()} {
		b, err := NodeOf(t.Context(), r, id)
		if err != nil || b == nil {
			t.Fatal(err)
		}
		if b.Progress.Items != 2 || b.Progress.DonePoints != 6 {
			t.Errorf("the two epics come to %d stories and %v points below the %s %s", b.Progress.Items, b.Progress.DonePoints, b.Type, b.Key)
		}
	}
}

func TestCoverageKnowsObjectivesWithAnEpic(t *testing.T) {
	r, _ := treeOf(t, []es.Event[strategy.Epic]{strategy.EpicObjectiveLinked{Objective: moreOrders}}, nil)
	top, err := Top(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]string{}
	for _, c := range top.Coverage {
		have[c.Name] = fmt.Sprint(c.Have, " of ", c.Of)
	}
	if have["objective-epic"] != "1 of 3" || have["epic-theme"] != "1 of 2" {
		t.Errorf("coverage is %v", have)
	}
	lost, err := Adrift(t.Context(), r, "orphans", "epic", "", 10)
	if err != nil || len(lost.Nodes) != 1 || lost.Nodes[0].Key != "E-2" {
		t.Errorf("orphaned epics: %+v, %v", lost.Nodes, err)
	}
}
