package portfolio

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/rights"
	"throughline.dev/pkg/view/viewtest"
	"throughline.dev/services/backlog"
	"throughline.dev/services/feedback"
	"throughline.dev/services/strategy"
)

var testCatalog = es.NewCatalog(slices.Concat(strategy.Schemas, backlog.Schemas, feedback.Schemas, rights.Schemas, command.NumberingSchemas)...)

func testID[S any](kind string, n int) es.ID[S] { return es.DeriveID[S](kind, fmt.Sprint(n)) }

// plan is what the fold has to come to, written down plainly.
type plan struct {
	kind   map[string]backlog.Kind
	state  map[string]backlog.State
	points map[string]*float64
	up     map[string]string
	asks   map[string]map[string]bool // who asks, by target
}

// progress counts the leaves below and at a thing, from scratch.
func (p plan) progress(id string) Progress {
	var kids []string
	for child, up := range p.up {
		if up == id && p.state[child] != backlog.Cancelled && p.kind[child] != backlog.Task {
			kids = append(kids, child)
		}
	}
	if len(kids) > 0 {
		var sum Progress
		for _, k := range kids {
			sum = sum.plus(p.progress(k), 1)
		}
		return sum
	}
	kind, isItem := p.kind[id]
	if !isItem || kind == backlog.Task || p.state[id] == backlog.Cancelled {
		return Progress{}
	}
	leaf := Progress{Items: 1}
	if pts := p.points[id]; pts != nil {
		leaf.Points = *pts
	} else {
		leaf.Unestimated = 1
	}
	if p.state[id] == backlog.Done {
		leaf.Done, leaf.DonePoints = 1, leaf.Points
	}
	return leaf
}

// asking collects who asks at and below a thing, from scratch.
func (p plan) asking(id string) map[string]bool {
	all := map[string]bool{}
	for who := range p.asks[id] {
		all[who] = true
	}
	for child, up := range p.up {
		if up == id {
			for who := range p.asking(child) {
				all[who] = true
			}
		}
	}
	return all
}

// TestRollUpEqualsCountingFromScratch folds random histories and compares each
// node's progress and demand with those counted anew from the final plan.
func TestRollUpEqualsCountingFromScratch(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := plan{map[string]backlog.Kind{}, map[string]backlog.State{}, map[string]*float64{}, map[string]string{}, map[string]map[string]bool{}}
		var commits []es.Commit
		var epicIDs, featureIDs, storyIDs []string
		created := map[string]bool{}
		for n := range 3 {
			id := testID[strategy.Epic]("epic", n)
			epicIDs = append(epicIDs, id.String())
			commits = append(commits, viewtest.Commit(t, strategy.Epics, id, strategy.EpicSubmitted{Key: fmt.Sprintf("E-%d", n), Title: "an epic", Portfolio: "0portfolio0000000000000000"}))
		}
		item := func(kind backlog.Kind, n int) es.ID[backlog.Item] { return testID[backlog.Item](string(kind), n) }
		create := func(kind backlog.Kind, n int) {
			id := item(kind, n)
			if created[id.String()] {
				return
			}
			created[id.String()] = true
			p.kind[id.String()], p.state[id.String()] = kind, backlog.FlowOf(kind, false)[0].State
			commits = append(commits, viewtest.Commit(t, backlog.Items, id, backlog.ItemCreated{Key: fmt.Sprintf("S-%d", n), Kind: kind, Title: "an item"}))
		}
		for n := range 4 {
			featureIDs = append(featureIDs, item(backlog.Feature, n).String())
		}
		for n := range 8 {
			storyIDs = append(storyIDs, item(backlog.Story, n).String())
		}
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			kind := rapid.SampledFrom([]backlog.Kind{backlog.Feature, backlog.Story, backlog.Story, backlog.Task}).Draw(rt, "kind")
			n := rapid.IntRange(0, map[backlog.Kind]int{backlog.Feature: 3, backlog.Story: 7, backlog.Task: 2}[kind]).Draw(rt, "n")
			create(kind, n)
			id := item(kind, n)
			key := id.String()
			switch rapid.SampledFrom([]string{"parent", "points", "done", "cancel", "reopen", "wish"}).Draw(rt, "what") {
			case "parent":
				above := map[backlog.Kind][]string{backlog.Feature: epicIDs, backlog.Story: featureIDs, backlog.Task: storyIDs}[kind]
				up := rapid.SampledFrom(append([]string{""}, above...)).Draw(rt, "up")
				parent := backlog.Parent{Item: backlog.ItemID(up)}
				if kind == backlog.Feature {
					parent = backlog.Parent{Epic: backlog.EpicID(up)}
				}
				if up == "" {
					parent = backlog.Parent{None: "on its own"}
				}
				p.up[key] = up
				commits = append(commits, viewtest.Commit(t, backlog.Items, id, backlog.ParentSet{Parent: parent}))
			case "points":
				pts := rapid.SampledFrom([]float64{1, 2, 3, 5, 8}).Draw(rt, "points")
				p.points[key] = &pts
				commits = append(commits, viewtest.Commit(t, backlog.Items, id, backlog.ItemEstimated{Points: &pts}))
			case "done":
				p.state[key] = backlog.Done
				commits = append(commits, viewtest.Commit(t, backlog.Items, id, backlog.ItemMoved{From: p.state[key], To: backlog.Done}))
			case "cancel":
				commits = append(commits, viewtest.Commit(t, backlog.Items, id, backlog.ItemCancelled{From: p.state[key], Reason: "no"}))
				p.state[key] = backlog.Cancelled
			case "reopen":
				p.state[key] = backlog.FlowOf(kind, false)[0].State
				commits = append(commits, viewtest.Commit(t, backlog.Items, id, backlog.ItemMoved{To: p.state[key]}))
			case "wish":
				who := rapid.SampledFrom([]string{"anna", "bert"}).Draw(rt, "who")
				customer := es.DeriveID[feedback.Customer](who)
				if p.asks[key] == nil {
					p.asks[key] = map[string]bool{}
				}
				p.asks[key][customer.String()] = true
				insight := es.DeriveID[feedback.Insight](key, who)
				target := feedback.Target{Kind: feedback.TargetFeature, ID: es.ID[feedback.TargetRef](key)}
				if !created[insight.String()] {
					created[insight.String()] = true
					commits = append(commits, viewtest.Commit(t, feedback.Insights, insight,
						feedback.InsightCreated{Key: "IN-1", Customer: customer, Excerpt: feedback.Excerpt{Text: "please"}}, feedback.InsightLinked{Target: target}))
				}
			}
		}
		r := viewtest.Fold(t, Plan, testCatalog, commits...).Reader(estest.Meta.Tenant)
		for _, id := range slices.Concat(epicIDs, featureIDs, storyIDs) {
			n, _, err := nodes.Find(t.Context(), r, id)
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(p.progress(id), n.Progress()); diff != "" {
				rt.Fatalf("progress of %s (-from scratch +folded):\n%s", n.Key, diff)
			}
			if want := len(p.asking(id)); want != n.Requesters() {
				rt.Fatalf("%s is asked for by %d, folded %d", n.Key, want, n.Requesters())
			}
		}
	})
}

func TestProgressIsOfPointsOnlyWhereAllIsEstimated(t *testing.T) {
	for _, c := range []struct {
		name    string
		p       Progress
		percent float64
		by      string
	}{
		{"nothing below", Progress{}, 0, "items"},
		{"all estimated", Progress{Items: 2, Done: 1, Points: 8, DonePoints: 3}, 37.5, "points"},
		{"one without an estimate", Progress{Items: 3, Done: 1, Points: 8, DonePoints: 3, Unestimated: 1}, 33.3, "items"},
	} {
		if s := c.p.Shown(); s.Percent != c.percent || s.By != c.by {
			t.Errorf("%s: %v %% of %s, want %v %% of %s", c.name, s.Percent, s.By, c.percent, c.by)
		}
	}
}

func TestKeysSortAsPeopleExpect(t *testing.T) {
	keys := []string{"S-10", "S-9", "E-2", "ALOY-100", "ALOY-99"}
	slices.SortFunc(keys, func(a, b string) int { return cmpText(sortKey(a), sortKey(b)) })
	if diff := cmp.Diff([]string{"ALOY-99", "ALOY-100", "E-2", "S-9", "S-10"}, keys); diff != "" {
		t.Error(diff)
	}
}

func cmpText(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}
