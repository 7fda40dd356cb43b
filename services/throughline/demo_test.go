package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/natslog"
	"throughline.dev/pkg/view"
	"throughline.dev/services/backlog"
	"throughline.dev/services/gateway/identity"
	"throughline.dev/services/portfolio"
	"throughline.dev/services/strategy"
)

// startDemo starts the product with the demo organisation.
func startDemo(t *testing.T, c config) *app {
	t.Helper()
	c.demo = true
	a, err := start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func stop(t *testing.T, a *app) {
	t.Helper()
	if err := a.stop(); err != nil {
		t.Fatal(err)
	}
}

// quiet waits until no policy has anything left to do, and returns the log's end.
func quiet(t *testing.T, a *app) uint64 {
	t.Helper()
	look := time.NewTicker(20 * time.Millisecond) // leaves the policies room to work
	defer look.Stop()
	for ; ; <-look.C {
		before := head(t, a)
		idle := true
		stream, err := a.js.Stream(t.Context(), natslog.StreamName)
		if err != nil {
			t.Fatal(err)
		}
		consumers := stream.ListConsumers(t.Context())
		for c := range consumers.Info() {
			idle = idle && (c.Config.Durable == "" || c.NumPending == 0 && c.NumAckPending == 0)
		}
		if err := consumers.Err(); err != nil {
			t.Fatal(err)
		}
		if idle && head(t, a) == before {
			return before
		}
	}
}

func head(t *testing.T, a *app) uint64 {
	t.Helper()
	h, err := a.log.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h.Last
}

// sees reads a view as of everything that was written.
func sees(t *testing.T, a *app, name string) view.Reader {
	t.Helper()
	if err := a.models.Wait(t.Context(), name, quiet(t, a)); err != nil {
		t.Fatal(err)
	}
	r, err := a.models.Live(t.Context(), demoOf(t, a).ID, name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func demoOf(t *testing.T, a *app) identity.Organisation {
	t.Helper()
	for _, o := range a.people.Organisations() {
		if o.Demo {
			return o
		}
	}
	t.Fatal("there is no demo organisation")
	return identity.Organisation{}
}

// all returns the documents of a kind.
func all[D any](t *testing.T, a *app, k portfolio.Kind[D]) []D {
	t.Helper()
	var docs []D
	if err := k.All(t.Context(), sees(t, a, k.View), func(_ string, d D) error { docs = append(docs, d); return nil }); err != nil {
		t.Fatal(err)
	}
	return docs
}

// tally counts documents by what they are.
func tally[D any](docs []D, what func(D) string) map[string]int {
	n := map[string]int{}
	for _, d := range docs {
		n[what(d)]++
	}
	return n
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// standsAsWritten compares the plan with the demo's tables.
func standsAsWritten(t *testing.T, a *app) {
	t.Helper()
	epics := map[string]strategy.EpicState{}
	for _, e := range demoEpics {
		epics[e.title] = e.state
	}
	got := map[string]strategy.EpicState{}
	for _, e := range all(t, a, portfolio.Epics) {
		got[e.Title] = e.EpicState.State
	}
	equal(t, "epics", got, epics)

	numbers := map[backlog.IterationID]int{}
	for _, i := range all(t, a, portfolio.Iterations) {
		numbers[backlog.IterationID(i.ID)] = i.Number
	}
	want, stories := map[string]string{}, map[string]string{}
	for _, s := range demoStories {
		want[s.title] = map[demoPlan]string{draft: "draft", ready: "ready", inNext: "planned in 16", planned: "planned in 15", doing: "in-progress in 15",
			carried: "in-progress in 15", review: "review in 15", doneNow: "done in 15", doneLast: "done in 14", doneBefore: "done in 13"}[s.plan]
		if s.blocked != "" {
			want[s.title] += ", blocked"
		}
	}
	features := map[string]int{}
	for _, i := range all(t, a, portfolio.Items) {
		at := string(i.ItemState.State)
		switch i.Kind {
		case backlog.Feature:
			features[at]++
			continue
		case backlog.Task:
			continue
		}
		if n := numbers[i.Iteration]; n > 0 {
			at += fmt.Sprint(" in ", n)
		}
		if i.Blocked != nil {
			at += ", blocked"
		}
		stories[i.Title] = at
	}
	equal(t, "stories", stories, want)
	// Two that an epic had delivered, two of ideas, one of a proposal.
	wanted := map[string]int{"done": 3, "funnel": 2}
	for _, f := range demoFeatures {
		wanted[string(f.state)]++
	}
	equal(t, "features", features, wanted)

	equal(t, "proposals", tally(all(t, a, portfolio.Proposals), func(p portfolio.Proposal) string { return string(p.ProposalState.State) }),
		map[string]int{"open": 3, "applied": 1, "rejected": 1})
	equal(t, "feedback", tally(all(t, a, portfolio.Feedbacks), func(f portfolio.Feedback) string { return string(f.FeedbackState.State) }),
		map[string]int{"new": 5, "triaged": 2, "processed": 18, "merged": 1, "closed": 1})
	equal(t, "ideas", tally(all(t, a, portfolio.Ideas), func(i portfolio.Idea) string { return string(i.IdeaState.State) }),
		map[string]int{"shipped": 1, "planned": 2, "under-review": 1, "in-progress": 1, "open": 1, "merged": 1, "declined": 1})
}

func TestTheDemoFillsEveryColumnAndIsThenLeftAlone(t *testing.T) {
	c := quick(t)
	a := startDemo(t, c)
	standsAsWritten(t, a)
	fillsEveryColumn(t, a)
	last := quiet(t, a)
	stop(t, a)

	a = startDemo(t, c)
	defer stop(t, a)
	if got := quiet(t, a); got != last {
		t.Errorf("starting again moved the log from %d to %d", last, got)
	}
}

func fillsEveryColumn(t *testing.T, a *app) {
	t.Helper()
	r := sees(t, a, portfolio.PlanName)
	for _, p := range all(t, a, portfolio.Portfolios) {
		k, err := portfolio.KanbanOf(t.Context(), r, p.ID, demoOf(t, a).Created, portfolio.KanbanFilter{})
		if err != nil {
			t.Fatal(err)
		}
		full := 0
		for _, c := range k.Columns {
			if c.Count == 0 || c.Over {
				t.Errorf("%s holds %d of %d", c.State, c.Count, c.Limit)
			}
			if c.Count == c.Limit {
				full++
			}
		}
		if full != 1 {
			t.Errorf("%d columns are just full", full)
		}
	}
	tree, err := portfolio.Top(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range tree.Coverage {
		if c.Name == "objective-epic" && (c.Have != c.Of || c.Of == 0) {
			t.Errorf("%d of %d objectives have an epic", c.Have, c.Of)
		}
	}
	for _, i := range all(t, a, portfolio.Iterations) {
		if i.Iteration.State == backlog.IterationIsClosed && (i.Velocity == nil || *i.Velocity == 0) {
			t.Errorf("%s of %s has no velocity", i.Name, i.Team)
		}
	}
	for _, o := range all(t, a, portfolio.Orders) {
		if o.Items == 0 {
			t.Errorf("the backlog of %s %s is empty", o.Kind, o.Of)
		}
	}
}

func TestADemoThatWasCutOffTwiceIsCompleted(t *testing.T) {
	c := quick(t)
	for _, at := range []uint64{400, 1100} {
		a, err := start(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cut := context.WithCancel(t.Context())
		following := make(chan error, 1)
		go func() {
			following <- a.log.Follow(ctx, 0, func(batch []es.Commit) error {
				if batch[len(batch)-1].Position >= at {
					cut()
				}
				return nil
			})
		}()
		if err := a.demoOrganisation(ctx); err == nil {
			t.Errorf("it was not cut off at %d", at)
		}
		cut()
		if err := <-following; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		stop(t, a)
	}
	a := startDemo(t, c)
	defer stop(t, a)
	standsAsWritten(t, a)
}

func TestADemoNeverComesBesideAnotherOrganisation(t *testing.T) {
	c := quick(t)
	stop(t, runServer(t, c).app)
	c.demo = true
	if a, err := start(t.Context(), c); !errors.Is(err, errNotEmpty) {
		if err == nil {
			stop(t, a)
		}
		t.Errorf("it started with %v", err)
	}
}

// TestDemoTablesNameWhatIsThere holds what the seed would notice only late.
func TestDemoTablesNameWhatIsThere(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range demoStories {
		if seen[s.title] {
			t.Errorf("two stories are called %q", s.title)
		}
		seen[s.title] = true
	}
	external := map[string]bool{}
	for _, f := range append(demoFeedback[:len(demoFeedback):len(demoFeedback)], demoInbox...) {
		if f.external == "" || external[f.external] {
			t.Errorf("feedback %q is there twice or has no external id", f.external)
		}
		external[f.external] = true
	}
}
